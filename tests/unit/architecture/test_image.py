"""The container image of storage_voice: nothing builds it here, so its parts are held against what they speak of."""

from __future__ import annotations

import importlib.util
import json
import re
from types import SimpleNamespace

import pytest

from infra.tools import triggers
from infra.tools.build import TREES
from infra.tools.triggers import PROJECT
from salon.integrations.whisper.weights import find_weights
from salon.platform.settings import InferenceSettings
from salon.platform.settings_speech import SpeechSettings
from salon.understanding.speech.errors import RecogniserRefused

FOLDER = PROJECT / "functions" / "storage_voice"
TEXT = (FOLDER / "Dockerfile").read_text()
LINES = [line for line in re.sub(r"\\\n\s*", "", TEXT).splitlines() if line and not line.startswith("#")]
STAGES = {line.split()[3]: line.split()[1] for line in LINES if line.startswith("FROM") and " AS " in line}


def instructions(name):
    return [line.removeprefix(f"{name} ") for line in LINES if line.startswith(f"{name} ")]


def test_what_is_copied_is_in_the_folder_that_make_build_makes():
    packed = {destination.split("/")[0] for destination in TREES.values()}
    for line in instructions("COPY"):
        source, *_ = (word for word in line.split() if not word.startswith("--"))
        if "--from=" not in line:
            assert source.split("/")[0] in packed
            assert list(PROJECT.glob(source)), source


def test_it_runs_as_nobody_and_without_ffmpeg():
    last = LINES[max(index for index, line in enumerate(LINES) if line.startswith("FROM")) :]
    assert [line for line in last if line.startswith("USER")] == ["USER 10001"]
    assert not any("ffmpeg" in line or "apt-get" in line for line in LINES)


def test_it_has_the_functions_python_and_its_entry():
    runtimes = {function.properties.get("Runtime") for function in triggers.functions(triggers.template())} - {None}
    bases = {line.split()[0] for line in instructions("FROM")} - set(STAGES)
    assert {f"python:{runtime.removeprefix('python')}-slim-bookworm" for runtime in runtimes} == bases
    assert instructions("ENTRYPOINT") == ['["/opt/venv/bin/python", "/opt/function/entry.py"]']
    assert (FOLDER / "entry.py").exists()


def test_models_are_where_the_settings_look_for_them():
    assert f"COPY --from=weights {SpeechSettings().speech_models_folder} " in TEXT
    (default,) = re.findall(r'ARG SPEECH_MODELS="(.+)"', TEXT)
    assert SpeechSettings(stage="prod").model in default.split()


def test_two_versions_that_are_baked_can_be_gone_between(tmp_path):
    """Rolling back a recogniser's model is a setting: by its version, or by the model before it."""
    for name, version in (("small", "1"), ("small", "2"), ("turbo", "1")):
        place = tmp_path / name / version
        place.mkdir(parents=True)
        (place / "model.pt").write_bytes(b"")

    def chosen(**variables):
        speech, pinned = SpeechSettings.load(variables), InferenceSettings.load(variables).pinned
        return find_weights(speech.model, [tmp_path], pinned=pinned).version

    assert chosen(STAGE="prod") == "small:2"
    assert chosen(STAGE="prod", MODEL_VERSIONS="intent:1,small:1") == "small:1"
    both = {"SPEECH_MODEL": "turbo", "SPEECH_MODEL_PREVIOUS": "small:1"}
    assert chosen(**both) == "turbo:1"
    assert chosen(**both, SPEECH_ROLLBACK="true") == "small:1"
    with pytest.raises(RecogniserRefused, match="no_model"):  # what is not baked cannot be gone back to
        chosen(SPEECH_MODEL="turbo", SPEECH_MODEL_PREVIOUS="medium", SPEECH_ROLLBACK="true")


class TestBaking:
    @pytest.fixture
    def bake(self):
        spec = importlib.util.spec_from_file_location("storage_voice_bake", FOLDER / "bake.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    @pytest.fixture
    def whisper(self):
        def download(url, root, *, in_memory):
            assert not in_memory
            file = f"{root}/{url.rsplit('/', 1)[1]}"
            with open(file, "wb") as weights:  # noqa: PTH123 - as whisper does
                weights.write(b"weights")
            return file

        digest = "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794"
        models = {"small": f"https://models.invalid/{digest}/small.pt"}
        return SimpleNamespace(_MODELS=models, _download=download, available_models=lambda: list(models))

    def test_a_baked_model_is_found_by_its_name(self, bake, whisper, tmp_path):
        bake.bake("small", tmp_path, whisper)
        found = find_weights("small", [tmp_path])
        assert (found.version, found.path.read_bytes()) == ("small:9ecf7799", b"weights")
        assert found.sha256 == whisper._MODELS["small"].split("/")[-2]
        assert json.loads(found.path.with_name("model.json").read_text())["kind"] == "whisper"

    def test_a_model_that_is_not_published(self, bake, whisper, tmp_path):
        with pytest.raises(SystemExit, match="no model tiniest; there are: small"):
            bake.bake("tiniest", tmp_path, whisper)
