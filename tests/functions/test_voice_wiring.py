"""Which engine and which model storage_voice listens with, by its settings; nothing of an engine is loaded."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.messaging.use_cases.erasure import IN_THE_BUCKET
from salon.platform.settings import RetentionSettings, SettingsInvalid, VoiceSettings
from salon.platform.settings_speech import SpeechSettings
from salon.understanding.speech.use_cases import FETCH_AND_DECODE
from support.functions import ROOT
from support.salon_world import make_salon

TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
FILE = ROOT / "functions" / "storage_voice" / "bootstrap.py"


@pytest.fixture(scope="module")
def bootstrap():
    spec = importlib.util.spec_from_file_location("storage_voice_bootstrap", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def models(tmp_path):
    """Two releases of whisper's, as the image has them."""
    for name, version in (("small", "9ecf7799"), ("turbo", "aff26ae4")):
        folder = tmp_path / name / version
        folder.mkdir(parents=True)
        (folder / "model.pt").write_bytes(b"weights")
        (folder / "model.json").write_text(json.dumps({"files": {"model.pt": "0"}}))
    return str(tmp_path)


@pytest.mark.parametrize(
    ("settings", "version"),
    [
        ({"STAGE": "prod"}, "small:9ecf7799"),
        ({"STAGE": "prod", "SPEECH_MODEL": "turbo"}, "turbo:aff26ae4"),
        ({"SPEECH_MODEL": "turbo", "SPEECH_MODEL_PREVIOUS": "small"}, "turbo:aff26ae4"),
        ({"SPEECH_MODEL": "turbo", "SPEECH_MODEL_PREVIOUS": "small", "SPEECH_ROLLBACK": "true"}, "small:9ecf7799"),
        ({"SPEECH_MODEL": "large"}, "unavailable"),
    ],
    ids=["default", "chosen", "with a previous one", "rolled back", "not in the image"],
)
def test_a_model_is_chosen_and_gone_back_from_by_settings(bootstrap, models, settings, version):
    speech = SpeechSettings.load({"SPEECH_MODELS_FOLDER": models, **settings})
    found = bootstrap.recogniser(speech)
    assert (found.name, found.version) == ("whisper", version)


def test_a_laptop_listens_with_the_demonstration_model():
    assert SpeechSettings.load({}).model == "speech_ru_demo"


def test_there_is_nothing_to_go_back_to():
    with pytest.raises(SettingsInvalid, match="SPEECH_ROLLBACK needs SPEECH_MODEL_PREVIOUS"):
        SpeechSettings.load({"SPEECH_MODEL": "turbo", "SPEECH_ROLLBACK": "true"})


@pytest.mark.parametrize(("provider", "version"), [("speechkit", "v1-general"), ("gigaam", "unavailable")])
def test_another_provider(bootstrap, provider, version):
    found = bootstrap.recogniser(SpeechSettings.load({"SPEECH_PROVIDER": provider, "SPEECH_FALLBACK": "whisper"}))
    assert (found.name, found.version) == (provider, version)


def test_no_engine_is_imported_to_say_so(bootstrap, models):
    bootstrap.recogniser(SpeechSettings.load({"SPEECH_MODELS_FOLDER": models, "STAGE": "prod"})).version  # noqa: B018 - asking is the point
    assert not {"torch", "whisper", "av", "onnxruntime"} & set(sys.modules)


def default_of(name):
    """A parameter's default in the template."""
    found = re.search(rf"^  {name}:\n(?:    .*\n)*?    Default: (\S+)$", TEMPLATE, re.MULTILINE)
    return float(found[1])


def test_one_worker_has_a_message_as_long_as_it_may_run_and_nobody_waits_longer():
    speech, voice = SpeechSettings.load({}), VoiceSettings.load({})
    for timeout_s, lease_s, hold_s in (
        (speech.speech_timeout_s, speech.speech_lease_s, voice.voice_hold_seconds),
        (default_of("SpeechTimeoutSeconds"), default_of("SpeechFunctionTimeout"), default_of("VoiceHoldSeconds")),
    ):
        assert timeout_s + FETCH_AND_DECODE.total_seconds() <= lease_s <= hold_s
    assert "SPEECH_LEASE_S: !Ref SpeechFunctionTimeout" in TEMPLATE


def test_recordings_what_is_kept_of_them_and_what_is_looked_for_at_an_erasure_have_one_period():
    [days] = re.findall(r"Prefix: voice/, Status: Enabled, ExpirationInDays: (\d+)", TEMPLATE)
    assert int(days) == default_of("RetentionTranscriptsDays") == RetentionSettings().retention_transcripts_days
    assert timedelta(days=int(days)) < IN_THE_BUCKET <= timedelta(days=int(days) + 1)


@pytest.mark.database
def test_a_prompt_has_the_salons_own_names(bootstrap, database, tenant_id, clock):
    make_salon(database, tenant_id, clock)
    with database.transaction(tenant_id) as session:
        session.execute(text("UPDATE services SET is_active = false WHERE name = 'Маникюр'"))
    with database.read(tenant_id) as session:
        prompt = bootstrap.prompt_for(session)
    assert prompt.startswith("Запись в салон красоты. Мастера: ")
    assert "Анна" in prompt
    assert "Стрижка" in prompt
    assert "Маникюр" not in prompt
