"""The corpus of stock lines and the model that was made of it."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict

import pytest

from infra.training.stock_item import corpus
from salon.intake.inference.domain import SCHEMA, Category
from salon.intake.inference.use_cases import MODEL
from salon.platform.inference.registry import Registry
from salon.platform.shared_data import shared_path


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in corpus.LINES.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def newest():
    registry = Registry()
    known = {one.name: one for one in registry.models()}[MODEL]
    return registry.describe(MODEL, known.versions[-1])


def test_the_file_is_what_the_templates_make(rows):
    assert corpus.lines() == rows


def test_there_is_enough_of_every_category(rows):
    assert len(rows) >= 1_500
    for part in ("train", "dev", "test"):
        counted = Counter(row["category"] for row in rows if row["part"] == part)
        assert set(counted) == {category.value for category in Category}
        assert min(counted.values()) >= {"train": 60, "dev": 5, "test": 5}[part]


def test_no_template_no_brand_and_no_line_serves_for_two_parts(rows):
    for key in ("template", "brand", "name"):
        parts = defaultdict(set)
        for row in rows:
            if row.get(key) and not (key == "brand" and row["brand"] in corpus.RUSSIAN_BRANDS):
                parts[row[key].lower()].add(row["part"])
        assert [value for value, found in parts.items() if len(found) > 1] == []


def test_every_slot_is_filled(rows):
    assert not any("{" in row["name"] or "|" in row["name"] for row in rows)


def test_noise_is_the_same_every_time_and_leaves_numbers_readable():
    name = "Крем-краска для волос Velmora 8/1 60 мл"
    spoiled = [corpus.noised(name, random.Random(seed), 0.2) for seed in (1, 1, 2)]
    assert spoiled[0] == spoiled[1] != spoiled[2]
    assert name not in spoiled
    assert corpus.noised(name, random.Random(1), 0) == name


def test_the_newest_model_is_of_this_corpus_and_of_these_features(newest):
    assert newest.training["data_sha256"] == hashlib.sha256(corpus.LINES.read_bytes()).hexdigest()
    assert newest.schema == SCHEMA
    assert newest.labels == tuple(category.value for category in Category)
    size = sum(path.stat().st_size for path in (shared_path("models") / MODEL / newest.version).iterdir())
    assert size < 3_000_000


def test_it_is_published_with_figures_for_what_it_never_saw(newest):
    for part in ("test", "test_noised"):
        figures = newest.metrics[part]
        assert figures["category_accuracy_answered"] >= figures["category_accuracy"] > 0.7
        assert figures["wrong_at_0.9_and_surer"] < 0.05
        assert figures["pack_exact"] > 0.9
