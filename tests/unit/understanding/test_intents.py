"""What the writer wants: the model with the rules, which version answers, and what happens when it cannot."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, time

import pytest

from salon.platform.inference.domain import Candidate, Prediction
from salon.platform.inference.errors import ModelFailed, ModelVersionNotFound
from salon.platform.inference.in_process import InProcessInference
from salon.platform.inference.registry import Registry
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_DOUBT, MODEL_FAILED, MODEL_LATENCY_MS, MemoryMetrics
from salon.platform.settings import InferenceSettings
from salon.platform.shared_data import shared_path
from salon.understanding.domain import Context, Intent
from salon.understanding.intent_model import Judge
from salon.understanding.repository import load_demo_catalogue
from salon.understanding.schemas import catalogue_of
from salon.understanding.use_cases import understand
from support.small_model import write_model

NOW = datetime.fromisoformat("2026-03-11T10:30:00+03:00")


def read(text: str, judge: Judge | None = None, *, expecting: str | None = None):
    catalogue = catalogue_of(load_demo_catalogue())
    return understand(text, Context(NOW, "Europe/Moscow", (time(9), time(21)), catalogue, expecting), judge=judge)


class Says:
    """An inference port that says what it is told to."""

    def __init__(self, label: str, confidence: float, *others: tuple[str, float]) -> None:
        self.prediction = Prediction(label, confidence, "intent", "7", tuple(Candidate(*one) for one in others))

    def predict(self, _model, inputs, **_more):
        return tuple(self.prediction for _ in inputs)

    def models(self):
        return ()


class Broken(Says):
    def predict(self, _model, _inputs, **_more):
        raise ModelFailed("no weights", version="7")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("спасибо, запишите ещё на маникюр", "book"), ("не надо отменять, перенесите на среду", "reschedule"),
        ("а можно отменить?", "cancel"), ("опаздываю", "late"), ("хочу пожаловаться", "complaint"), ("жалко", "other"),
        ("сколько стоит маникюр и можно ли записаться на завтра?", "book"), ("стоп", "stop"),
        ("стоп, не туда", "reject"), ("до скольки можно отменить?", "other"), ("какой у вас вайфай", "other"),
        ("до скольки вы работаете?", "address"), ("есть скидка?", "prices"), ("ближайшее", "book"),
        ("не звоните мне", "stop"), ("позвоните мне", "person"),
        ("маникюр", "book"), ("завтра в пять", "book"), ("к Ане", "book"), ("отмените напоминания", "stop"),
        ("поставьте в лист ожидания на субботу", "wait"), ("уберите меня из листа ожидания", "unwait"),
        ("ytn? yt yflj", "reject"), ("otmenite zapis", "cancel"),
    ],
)  # fmt: skip
def test_what_is_easily_confused_is_told_apart(text, intent):
    assert read(text).intent == intent


def test_the_evidence_is_the_words_that_decided():
    text = "девочки, здравствуйте, хочу отменить свой визит"
    found = read(text)
    assert found.intent is Intent.CANCEL
    assert "отменить" in text[slice(*found.intent_span)]
    assert found.versions["intent"].isdecimal()


def test_two_likely_readings_are_asked_about():
    doubtful = Says("cancel", 0.48, ("reschedule", 0.45), ("book", 0.02))
    assert read("не смогу завтра", Judge(doubtful)).intent_alternatives == (Intent.CANCEL, Intent.RESCHEDULE)
    for sure in (
        Says("cancel", 0.9, ("reschedule", 0.08)),
        Says("cancel", 0.5, ("reschedule", 0.05), ("book", 0.05)),
        Says("book", 0.7, ("reschedule", 0.29)),
        Says("other", 0.5, ("book", 0.45)),
    ):
        assert read("не смогу завтра", Judge(sure)).intent_alternatives == ()


def test_cancelling_or_moving_is_asked_where_the_words_do_not_say():
    found = read("не смогу завтра")
    assert found.intent in {Intent.CANCEL, Intent.RESCHEDULE}
    assert set(found.intent_alternatives) == {Intent.CANCEL, Intent.RESCHEDULE}


def test_words_that_mean_one_thing_only_are_above_the_model():
    assert read("отмените рассылку", Judge(Says("cancel", 0.99))).intent is Intent.STOP


@pytest.mark.parametrize("port", [Broken("book", 1.0), Says("of the future", 1.0)])
def test_when_the_model_fails_the_rules_answer(port):
    metrics = MemoryMetrics()
    found = read("хочу записаться на маникюр", Judge(port, metrics))
    assert (found.intent, found.versions["intent"]) == (Intent.BOOK, "rules")
    assert metrics.total(MODEL_FAILED, model="intent", version="7") == 1


class Missing(Says):
    def predict(self, model, _inputs, **_more):
        raise ModelVersionNotFound(model, "9" * 20)


def test_a_broken_model_is_counted_each_time_and_logged_once(capsys):
    metrics, told = MemoryMetrics(), set()
    for port in (Broken("book", 1.0), Broken("book", 1.0), Missing("book", 1.0), Missing("book", 1.0)):
        read("хочу записаться на маникюр", Judge(port, metrics, told))
    assert metrics.total(MODEL_FAILED, reason="MODEL_FAILED", version="7") == 2
    assert metrics.total(MODEL_FAILED, reason="MODEL_VERSION_NOT_FOUND", version="none") == 2  # no label of such length
    assert [json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()] == [
        "MODEL_FAILED", "MODEL_VERSION_NOT_FOUND",
    ]  # fmt: skip


def test_what_overrules_the_model_is_no_confidence_of_it():
    metrics = MemoryMetrics()
    assert read("отмените рассылку", Judge(Says("cancel", 0.7), metrics)).intent_confidence == 0.9
    assert [one.name for one in metrics.recorded] == [MODEL_LATENCY_MS]


def test_each_version_is_measured():
    metrics = MemoryMetrics()
    read("не смогу завтра", Judge(Says("cancel", 0.48, ("reschedule", 0.45)), metrics))
    assert metrics.total(MODEL_CONFIDENCE, model="intent", version="7") == 0.48
    assert metrics.total(MODEL_DOUBT, model="intent", version="7") == 1
    assert [one.labels["version"] for one in metrics.recorded if one.name == MODEL_LATENCY_MS] == ["7"]


def test_a_setting_goes_back_to_the_previous_version(tmp_path):
    shutil.copytree(shared_path("models") / "intent" / "1", tmp_path / "intent" / "1")
    labels = [intent.value for intent in Intent]
    zeros = [0.0] * len(labels)
    parameters = {"rows": 64, "temperature": 1.0, "scale": zeros, "named": {}}
    parameters["bias"] = [9.0 if name == "complaint" else 0.0 for name in labels]
    write_model(tmp_path, "intent", "2", labels=labels, parameters=parameters, weights=bytes(64 * len(labels)),
                feature_schema={"name": "russian_message", "version": 1})  # fmt: skip

    def read_with(setting: str):
        pinned = InferenceSettings.load({"MODEL_VERSIONS": setting}).pinned
        found = read("запишите на маникюр завтра", Judge(InProcessInference(Registry(tmp_path, pinned=pinned))))
        return found.intent, found.versions["intent"]

    assert read_with("") == (Intent.COMPLAINT, "2")
    assert read_with("intent:1") == (Intent.BOOK, "1")


def test_a_model_of_other_features_is_not_asked(tmp_path):
    write_model(tmp_path, "intent")
    assert read("привет", Judge(InProcessInference(Registry(tmp_path)))).versions["intent"] == "rules"
