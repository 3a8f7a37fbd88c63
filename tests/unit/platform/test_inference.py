"""Models on disk: found, checked, chosen by a setting, and weighed."""

from __future__ import annotations

import json
import math

import pytest

from salon.platform.inference.domain import FeatureSchema, ModelInfo
from salon.platform.inference.errors import (
    FeatureSchemaMismatch,
    InputInvalid,
    ModelFailed,
    ModelNotFound,
    ModelVersionNotFound,
)
from salon.platform.inference.in_process import InProcessInference
from salon.platform.inference.linear import MAX_VALUE
from salon.platform.inference.registry import Registry
from salon.platform.settings import InferenceSettings, SettingsInvalid
from support.small_model import write_model

SCHEMA = FeatureSchema("words", 1)


def ask(folder, inputs, **more):
    return InProcessInference(Registry(folder)).predict("answer", [inputs], **more)[0]


def test_features_are_weighed(tmp_path):
    write_model(tmp_path)
    found = ask(tmp_path, {"w good": 1.0}, schema=SCHEMA)
    likely = 1 / (1 + math.exp(-1.27))
    assert (found.label, found.model, found.version) == ("yes", "answer", "1")
    assert found.confidence == pytest.approx(likely, abs=1e-4)
    assert [(one.label, one.confidence) for one in found.alternatives] == [("no", pytest.approx(1 - likely, abs=1e-4))]
    assert found.diagnostics["contributions"] == [("w good", 1.27)]

    loud = ask(tmp_path, {"w good": 1, "loud": 1, "w of no meaning": 5})
    assert (loud.label, loud.diagnostics["contributions"][0]) == ("no", ("loud", 2.0))
    assert ask(tmp_path, {}).confidence == 0.5


@pytest.mark.parametrize("value", ["1", None, [1], math.nan, math.inf, {"a": 1}, 1e308, -1_000_001, 10**400])
def test_a_feature_is_a_number(tmp_path, value):
    write_model(tmp_path)
    with pytest.raises(InputInvalid):
        ask(tmp_path, {"w good": value})


def test_what_is_answered_is_always_a_number(tmp_path):
    """The largest features there may be, and weights that reach beyond all numbers."""
    write_model(tmp_path)
    found = ask(tmp_path, {"w good": MAX_VALUE, "loud": -MAX_VALUE})
    assert (found.label, found.confidence) == ("yes", 1.0)
    parameters = {"rows": 64, "temperature": 1.0, "scale": [0.01, 0.01], "bias": [0, 0], "named": {"big": [1e308, 0.0]}}
    write_model(tmp_path, version="2", parameters=parameters)
    with pytest.raises(ModelFailed, match="beyond all numbers"):
        ask(tmp_path, {"big": 1e6})


def test_the_newest_answers_unless_a_setting_names_another(tmp_path):
    write_model(tmp_path, version="2", favours="no")
    write_model(tmp_path, version="10")
    write_model(tmp_path, version="9", favours="no")
    good = [{"w good": 1.0}]
    assert InProcessInference(Registry(tmp_path)).predict("answer", good)[0].version == "10"

    back = InProcessInference(Registry(tmp_path, pinned=InferenceSettings(model_versions="answer:9").pinned))
    assert [(one.label, one.version) for one in back.predict("answer", good)] == [("no", "9")]
    assert back.predict("answer", good, version="10")[0].label == "yes"
    assert back.models() == (ModelInfo("answer", ("2", "9", "10"), "9"),)


def test_a_setting_that_cannot_be_read_stops_the_start():
    assert InferenceSettings.load({"MODEL_VERSIONS": "intent:1, speech_ru_demo:2"}).pinned == {
        "intent": "1", "speech_ru_demo": "2",
    }  # fmt: skip
    assert InferenceSettings.load({}).pinned == {}
    for senseless in ("intent", "intent:", "intent=1", "intent:1;speech:2", "Intent:1", "../x:1"):
        with pytest.raises(SettingsInvalid, match="MODEL_VERSIONS"):
            InferenceSettings.load({"MODEL_VERSIONS": senseless})


@pytest.mark.parametrize("name", ["answers", "../answer", "Answer", "", "a" * 80])
def test_an_unknown_model_is_named_so(tmp_path, name):
    write_model(tmp_path)
    with pytest.raises(ModelNotFound):
        Registry(tmp_path).load(name)


@pytest.mark.parametrize("version", ["2", "01", "latest", "../../answer/1", "1/../1"])
def test_an_unknown_version_is_named_so(tmp_path, version):
    write_model(tmp_path)
    with pytest.raises(ModelVersionNotFound):
        Registry(tmp_path).load("answer", version)


def test_features_of_another_schema_are_refused(tmp_path):
    write_model(tmp_path)
    with pytest.raises(FeatureSchemaMismatch, match=r"reads features words/1; these are words/2"):
        ask(tmp_path, {}, schema=FeatureSchema("words", 2))


def test_changed_weights_are_noticed(tmp_path):
    place = write_model(tmp_path)
    (place / "weights.bin").write_bytes(b"\x01" * 128)
    with pytest.raises(ModelFailed, match="not what it was made as"):
        ask(tmp_path, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"said": {"name": "another"}}, {"said": {"version": "7"}}, {"kind": "of the future"},
        {"labels": ["yes", "no", "perhaps"]},
        {"parameters": {}}, {"feature_schema": None}, {"files": {"gone.bin": "00"}},
    ],
)  # fmt: skip
def test_a_description_that_does_not_fit_is_a_failure_of_the_model(tmp_path, changes):
    write_model(tmp_path, **changes)
    with pytest.raises(ModelFailed):
        ask(tmp_path, {})


def test_what_another_runtime_serves_is_not_listed(tmp_path):
    write_model(tmp_path)
    write_model(tmp_path, "speech", kind="whisper")
    (tmp_path / "broken" / "1").mkdir(parents=True)
    (tmp_path / "broken" / "1" / "model.json").write_text("{")
    (tmp_path / "empty").mkdir()
    assert [one.name for one in Registry(tmp_path).models()] == ["answer"]


def test_a_model_is_read_once(tmp_path):
    place = write_model(tmp_path)
    registry = Registry(tmp_path)
    loaded = registry.load("answer")
    (place / "weights.bin").unlink()
    assert registry.load("answer", "1") is loaded
    assert json.loads((place / "model.json").read_text())["name"] == "answer"
