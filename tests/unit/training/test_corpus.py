"""The corpus of utterances and the model that was made of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict

import pytest

from infra.training.corpus import build
from salon.platform.inference.registry import Registry
from salon.platform.shared_data import shared_path
from salon.understanding.domain import Intent
from salon.understanding.intent_features import SCHEMA
from salon.understanding.intent_model import MODEL


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in build.UTTERANCES.read_text(encoding="utf-8").splitlines()]


def test_the_file_is_what_the_templates_make(rows):
    assert build.utterances() == rows


def test_there_is_enough_of_every_intent(rows):
    assert len(rows) >= 4_000
    assert len({row["text"] for row in rows}) >= 4_000
    counted = Counter(row["intent"] for row in rows)
    assert set(counted) == {intent.value for intent in Intent}
    assert min(counted.values()) >= 50
    assert {row.get("or") for row in rows} <= {None, *counted}


def test_no_template_and_no_sentence_serves_for_two_parts(rows):
    parts_of_template, parts_of_sentence = defaultdict(set), defaultdict(set)
    for row in rows:
        parts_of_template[row["template"]].add(row["part"])
        parts_of_sentence[build.skeleton(row["text"])].add(row["part"])
    assert {part for parts in parts_of_template.values() for part in parts} == {"train", "dev", "test"}
    assert [name for name, parts in parts_of_template.items() if len(parts) > 1] == []
    assert [text for text, parts in parts_of_sentence.items() if len(parts) > 1] == []


def test_every_choice_is_taken_and_every_slot_is_filled(rows):
    with_slots = {one.id for one in build.templates() if "{" in one.text}
    texts = [row["text"] for row in rows if row["template"] in with_slots]
    assert texts
    assert not any("{" in text or "|" in text for text in texts)


def test_the_newest_model_is_of_this_corpus_and_of_these_features():
    registry = Registry()
    known = {one.name: one for one in registry.models()}[MODEL]
    newest = registry.describe(MODEL, known.versions[-1])
    assert newest.training["data_sha256"] == hashlib.sha256(build.UTTERANCES.read_bytes()).hexdigest()
    assert newest.schema == SCHEMA
    assert newest.labels == tuple(intent.value for intent in Intent)
    assert {"dev", "test", "train"} <= set(newest.metrics)
    size = sum(path.stat().st_size for path in (shared_path("models") / MODEL / newest.version).iterdir())
    assert size < 20_000_000
