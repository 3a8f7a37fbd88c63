"""The published speech model is the file that its description describes."""

import hashlib
import json
import zipfile

import pytest

from infra.training.speech.score import edits, score
from salon.platform.shared_data import shared_path

FOLDER = shared_path("models") / "speech_ru_demo" / "1"


@pytest.fixture(scope="module")
def described() -> dict:
    return json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))


def test_the_weights_are_those_described_and_small(described):
    weights = (FOLDER / "model.pt").read_bytes()

    assert described["files"]["model.pt"] == {"sha256": hashlib.sha256(weights).hexdigest(), "bytes": len(weights)}
    assert len(weights) < 25_000_000


def test_the_file_is_whispers_format_with_the_whole_vocabulary_and_thirty_seconds(described):
    with zipfile.ZipFile(FOLDER / "model.pt") as archive:
        pickled = archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl")))

    assert b"dims" in pickled
    assert b"model_state_dict" in pickled
    assert (described["dims"]["n_vocab"], described["dims"]["n_audio_ctx"]) == (51_865, 1_500)


def test_it_is_published_as_a_demonstration_with_figures_for_what_it_never_heard(described):
    held_out = described["metrics"]["held_out"]

    assert "demonstration" in described["description"]
    assert held_out["utterances"] >= 500
    assert held_out["word_error_rate"] <= 0.1
    assert held_out["slot_accuracy"] >= 0.9  # the aim was 0.8
    assert not set(described["training"]["voices"]) & set(described["training"]["voices_held_out"])


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [("а б в", "а б в", 0), ("а б в", "а в", 1), ("а б", "а г б", 1), ("а б", "в г", 2), ("", "а", 1), ("а", "", 1)],
)
def test_edits_are_counted_in_words(said, heard, count):
    assert edits(said.split(), heard.split()) == count


def test_a_wrong_word_costs_only_the_slot_it_changes():
    import datetime as dt

    from salon.understanding.domain import Context
    from salon.understanding.repository import load_demo_catalogue
    from salon.understanding.schemas import catalogue_of

    context = Context(
        dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC),
        "Europe/Moscow",
        (dt.time(9), dt.time(21)),
        catalogue_of(load_demo_catalogue()),
    )
    said = "запишите меня на маникюр завтра в шесть вечера"

    figures = score([{"said": said, "heard": said.replace("шесть", "семь")}], context)

    assert figures["by_slot"]["time"] == {"accuracy": 0.0, "said": 1}
    assert figures["by_slot"]["service"] == {"accuracy": 1.0, "said": 1}
    assert figures["slot_accuracy"] == 0.75
    assert figures["all_slots_right"] == 0.0
