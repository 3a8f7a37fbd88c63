"""GigaAM's adapter with toy models that have its interface: features, decoding, confidence, pieces, pinned files.

The real weights were never here: what they hear is Sber's word (facts/domain.md §3.2). `support/gigaam/make.py` says
what the toys hear.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest

from salon.integrations.gigaam.__main__ import main
from salon.integrations.gigaam.adapter import GigaamRecogniser
from salon.integrations.gigaam.weights import CHECKPOINTS_MD5, Flavour, describe, find_weights
from salon.understanding.speech.domain import Verdict
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable
from support.gigaam import FOLDER, bin_of
from support.recogniser_contract import RecogniserContract
from support.recordings import audio, silence, tone

MELS = 64
WORDS = "завтра на маникюр"
GAP_S = 0.16


def hertz_of(letter):
    """The middle of the letter's mel bin: 64 bins from 0 to 8,000 Hz on the HTK scale."""
    top = 2595 * np.log10(1 + 8_000 / 700)
    return float(700 * (10 ** (top * (bin_of(letter) + 1) / (MELS + 1) / 2595) - 1))


def sung(text, *, volume=0.3, held_s=0.16):
    """Tones for letters."""
    parts = []
    for letter in text:
        parts += [tone(held_s, hertz_of(letter), volume=volume), silence(GAP_S)]
    return parts


@pytest.fixture(params=["ctc", "rnnt"])
def flavour(request):
    return Flavour(f"v3_{request.param}")


@pytest.fixture
def folder(tmp_path, flavour):
    made = tmp_path / "model"
    made.mkdir()
    for name in flavour.networks(None):
        shutil.copy(FOLDER / name, made / name)
    describe(made, flavour, version="1")
    return made


@pytest.fixture
def recogniser(folder):
    return GigaamRecogniser(find_weights(folder), threads=1)


def hear(recogniser, parts, timeout_s=60.0, **more):
    return recogniser.recognise(audio(parts, **more), prompt="Мастера: Анна.", timeout_s=timeout_s)


class TestContract(RecogniserContract):
    @pytest.fixture
    def recogniser(self, folder):
        return GigaamRecogniser(find_weights(folder), threads=1)

    @pytest.fixture
    def recording(self):
        return audio(sung("завтра"))

    @pytest.fixture
    def nothing(self):
        return audio([tone(1, 7_900)])  # a sound that is no letter


class TestHearing:
    def test_letters_come_out_of_sound(self, recogniser, flavour):
        found = hear(recogniser, [silence(0.3), *sung(WORDS), silence(0.3)])
        assert (found.text, found.engine, found.version) == (WORDS, "gigaam", f"gigaam_{flavour.value}:1")
        assert found.verdict(min_confidence=0.8) is Verdict.HEARD
        (segment,) = found.segments
        assert segment.start_s == pytest.approx(0.3, abs=0.05)
        assert segment.end_s == pytest.approx(0.3 + 0.32 * len(WORDS) - GAP_S, abs=0.15)  # where the last letter begins

    def test_a_held_sound_is_one_letter(self, recogniser):
        assert hear(recogniser, sung("ана", held_s=0.8)).text == "ана"

    def test_a_sound_said_twice_is_two_letters(self, recogniser, flavour):
        """A blank stands between them; the toy transducer cannot say a letter twice, the toy CTC can."""
        assert hear(recogniser, sung("анна")).text == {"v3_ctc": "анна", "v3_rnnt": "ана"}[flavour.value]

    def test_a_faint_sound_is_less_sure(self, recogniser):
        loud, faint = (hear(recogniser, sung("ника", volume=volume)).confidence for volume in (0.3, 0.08))
        assert 0.8 < loud <= 1
        assert 0 < faint < loud - 0.1

    @pytest.mark.parametrize("seconds", [0.0, 0.005, 1.0])
    def test_nothing_said(self, recogniser, seconds):
        found = hear(recogniser, [silence(seconds)])
        assert (found.text, found.confidence, found.segments) == ("", 0.0, ())

    def test_a_long_recording_in_pieces(self, recogniser):
        """Twenty-five seconds is what the model takes; the pause is where it is cut."""
        parts = [*sung("маникюр"), silence(24), *sung("завтра"), silence(23), *sung("рита")]
        found = hear(recogniser, parts)
        assert found.text == "маникюр завтра рита"
        starts = [segment.start_s for segment in found.segments]
        assert starts == pytest.approx([0.0, 7 * 0.32 + 24, 13 * 0.32 + 47], abs=0.06)

    def test_times_are_those_of_the_whole_recording(self, recogniser):
        recording = replace(audio([silence(0.32), *sung("на")], seconds=9), starts_s=2.5)
        (segment,) = recogniser.recognise(recording, prompt="", timeout_s=60).segments
        assert segment.start_s == pytest.approx(2.82, abs=0.06)


class TestTime:
    def test_no_time_left(self, recogniser):
        with pytest.raises(RecogniserTimedOut):
            hear(recogniser, sung("ника"), timeout_s=0)

    def test_one_message_at_a_time(self, recogniser):
        recogniser.prepare()
        failures = []

        def wait():
            try:
                hear(recogniser, sung("ника"), timeout_s=0.01)
            except RecogniserTimedOut as error:
                failures.append(error)

        with recogniser._busy:
            other = threading.Thread(target=wait)
            other.start()
            other.join()
        assert len(failures) == 1
        assert hear(recogniser, sung("ника")).text == "ника"


class TestTheFiles:
    def test_a_damaged_file_is_not_listened_with(self, folder, flavour):
        with (folder / flavour.networks(None)[0]).open("ab") as file:
            file.write(b" ")
        refuses(folder, "model_damaged")

    def test_a_missing_file(self, folder, flavour):
        (folder / flavour.vocabulary).unlink()
        refuses(folder, "no_model")

    def test_no_model_at_all(self, tmp_path):
        with pytest.raises(RecogniserRefused, match="no_model"):
            find_weights(tmp_path)

    def test_features_of_another_version_are_refused(self, folder):
        """The library would make version 2's without a word, and hear nonsense."""
        (folder / "config.json").write_text('{"version": "v2"}')
        pin_again(folder, "config.json")
        refuses(folder, "model_features")

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"kind": "whisper"}, "model_features"), ({"feature_schema": {"name": "gigaam-log-mel", "version": 2}},
             "model_features"), ({"parameters": {}}, "model_description"), ({"files": {}}, "model_description"),
        ],
    )  # fmt: skip
    def test_a_description_of_something_else(self, folder, change, reason):
        file = folder / "model.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
        refuses(folder, reason)

    @pytest.mark.parametrize("text", ["{", "[]"])
    def test_a_description_that_is_none(self, folder, text):
        (folder / "model.json").write_text(text)
        refuses(folder, "model_description")

    def test_networks_that_are_none(self, folder, flavour):
        for name in flavour.networks(None):
            (folder / name).write_bytes(b"not a network")
            pin_again(folder, name)
        refuses(folder, "model_unusable")

    def test_networks_of_another_shape(self, tmp_path):
        """The transducer's encoder in the place of the other model: it loads, and cannot be asked."""
        shutil.copy(FOLDER / "v3_rnnt_encoder.onnx", tmp_path / "v3_ctc.onnx")
        describe(tmp_path, Flavour.CTC, version="1")
        with pytest.raises(RecogniserUnavailable, match="engine"):
            hear(GigaamRecogniser(find_weights(tmp_path)), sung("ника"))


class TestTheCommand:
    def test_it_pins_a_folder(self, folder, flavour, capsys):
        (folder / "model.json").unlink()
        assert main([str(folder), "--flavour", flavour.value, "--version", "7"]) == 0
        assert flavour.networks(None)[0] in capsys.readouterr().out
        assert find_weights(folder).version == f"gigaam_{flavour.value}:7"

    def test_a_quantised_export(self, tmp_path):
        shutil.copy(FOLDER / "v3_ctc.onnx", tmp_path / "v3_ctc.int8.onnx")
        assert main([str(tmp_path), "--flavour", "v3_ctc", "--quantization", "int8"]) == 0
        assert hear(GigaamRecogniser(find_weights(tmp_path)), sung("ника")).text == "ника"

    def test_weights_beside_a_network_are_pinned_too(self, folder, flavour):
        beside = folder / f"{flavour.networks(None)[0]}.data"
        beside.write_bytes(b"weights")
        assert main([str(folder), "--flavour", flavour.value]) == 0
        beside.write_bytes(b"others")
        refuses(folder, "model_damaged")

    def test_what_is_missing_is_named(self, tmp_path, capsys):
        assert main([str(tmp_path)]) == 2
        assert "lacks v3_rnnt_encoder.onnx, v3_rnnt_decoder.onnx" in capsys.readouterr().err
        assert main([str(tmp_path), "--version", "a/b"]) == 2
        assert "is no version" in capsys.readouterr().err

    def test_a_checkpoint_that_is_not_sbers(self, folder, flavour, tmp_path, capsys):
        checkpoint = tmp_path / "weights.ckpt"
        checkpoint.write_bytes(b"weights")
        arguments = [str(folder), "--flavour", flavour.value, "--checkpoint", str(checkpoint)]
        assert main(arguments) == 2
        assert f"not {CHECKPOINTS_MD5[flavour]}" in capsys.readouterr().err


def refuses(folder, reason):
    with pytest.raises(RecogniserRefused, match=reason):
        GigaamRecogniser(find_weights(folder)).prepare()


def pin_again(folder, name):
    """As if the file had been so from the beginning."""
    file = folder / "model.json"
    said = json.loads(file.read_text())
    said["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    file.write_text(json.dumps(said))
