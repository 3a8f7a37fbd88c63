"""Whisper's adapter with checkpoints that say what they are told to; whisper's own code does all the rest."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import threading

import pytest
import torch
import whisper

from salon.integrations.av.adapter import AvDecoder
from salon.integrations.whisper.adapter import WhisperRecogniser
from salon.integrations.whisper.weights import Weights, find_weights
from salon.understanding.speech.domain import Verdict, estimated_tokens, prompt_of
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable
from support.parrot import parrot
from support.recordings import audio, sent, silence, tone

WISH = "запишите меня на маникюр"
ECHO = "Анна, Ольга. Услуги"
PROMPT = "Запись в салон красоты. Мастера: Анна, Ольга. Услуги: Маникюр, Педикюр, Стрижка."


def decoded(name):
    return AvDecoder(max_bytes=1_000_000, max_seconds=60).decode(sent(name), mime="audio/ogg")


def listening(path, **settings):
    return WhisperRecogniser(Weights(path, "parrot:1"), threads=1, **settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def says(folder):
    """A recogniser that hears WISH in everything."""
    return listening(parrot(folder / "says.pt", WISH))


@pytest.fixture(scope="module")
def hears_nobody(folder):
    return listening(parrot(folder / "silent.pt", WISH, silent=True))


class TestHearing:
    def test_words_with_their_confidence_and_time(self, says):
        recording = decoded("book_manicure.ogg")
        found = says.recognise(recording, prompt=PROMPT, timeout_s=60)
        assert (found.text, found.verdict(min_confidence=0.9)) == (WISH, Verdict.HEARD)
        (segment,) = found.segments
        assert (segment.start_s, segment.end_s) == (recording.starts_s, recording.starts_s + 2.0)

    def test_nobody_speaks(self, hears_nobody):
        found = hears_nobody.recognise(audio([silence(2)]), prompt="", timeout_s=60)
        assert found.no_speech_probability > 0.6
        assert found.verdict(min_confidence=0.1) is Verdict.SILENT

    def test_what_repeats_itself_is_unclear(self, folder):
        """The compression ratio gives it away, at both temperatures."""
        rambles = listening(parrot(folder / "rambles.pt", WISH, ends=False))
        found = rambles.recognise(audio([tone(8)]), prompt="", timeout_s=60)
        assert (found.text, found.verdict(min_confidence=0.1)) == ("", Verdict.UNCLEAR)

    def test_an_echo_of_the_prompt_is_dropped(self, folder):
        echo = listening(parrot(folder / "echo.pt", ECHO))
        assert echo.recognise(audio([tone(2)]), prompt=PROMPT, timeout_s=60).text == ""
        assert echo.recognise(audio([tone(2)]), prompt="", timeout_s=60).text == ECHO

    def test_times_after_the_recordings_end_are_cut(self, folder):
        """Whisper pads to thirty seconds, and noise is given times that there are none of."""
        late = listening(parrot(folder / "late.pt", WISH, seconds=29.0))
        found = late.recognise(audio([tone(2)]), prompt="", timeout_s=60)
        assert (found.text, [segment.end_s for segment in found.segments]) == (WISH, [2.0])

    def test_time_stamps_that_lead_nowhere_end_soon(self, folder):
        """A step of 0.02 s at a time through half a minute would be 1,500 passes."""
        stuck = listening(parrot(folder / "stuck.pt", WISH, seconds=0.02, goes_on=True))
        found = stuck.recognise(audio([tone(28)]), prompt="", timeout_s=60)
        assert (found.text, found.verdict(min_confidence=0.1)) == ("", Verdict.UNCLEAR)

    @pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # whisper's own, of NumPy 2
    def test_beams(self, folder):
        beams = listening(parrot(folder / "says.pt", WISH), beam_size=3)
        assert beams.recognise(audio([tone(2)]), prompt=PROMPT, timeout_s=60).text == WISH

    def test_a_longest_prompt_fits_whispers_context(self):
        """What does not fit, whisper cuts off in front without a word: estimated from above, nothing is."""
        services = [f"Окрашивание, сложность {number}" for number in range(60)]
        staff = ["Анна", "Екатерина Ольшанская", "Гульнара", "Джамиля", "Ангелина-Виктория"]
        prompt = prompt_of(services, staff)
        tokenizer = whisper.tokenizer.get_tokenizer(multilingual=True, language="ru", task="transcribe")
        assert "Джамиля" in prompt
        assert "сложность 3" in prompt
        assert 100 < len(tokenizer.encode(" " + prompt)) <= estimated_tokens(prompt) <= 223


class TestTime:
    @pytest.mark.parametrize("looks", [1, 3], ids=["loaded too late", "in a layer"])
    def test_nothing_begins_after_the_deadline(self, folder, looks):
        """Time stands still for some looks at the clock (beginning, loaded, first pass), and then has run out."""
        moments = [0.0] * looks
        says = parrot(folder / "says.pt", WISH)
        recogniser = listening(says, clock=lambda: moments.pop() if moments else 100.0)
        with pytest.raises(RecogniserTimedOut):
            recogniser.recognise(audio([tone(2)]), prompt="", timeout_s=5)
        assert recogniser.recognise(audio([tone(2)]), prompt="", timeout_s=60).text == WISH

    def test_every_layer_looks_at_the_clock(self, says):
        says.prepare()
        layers = [*says._model.encoder.blocks, *says._model.decoder.blocks]
        assert all(says._deadline in layer._forward_pre_hooks.values() for layer in layers)

    def test_one_message_at_a_time(self, says):
        says.prepare()
        failures = []

        def wait():
            try:
                says.recognise(audio([tone(1)]), prompt="", timeout_s=0.01)
            except RecogniserTimedOut as error:
                failures.append(error)

        with says._busy:
            other = threading.Thread(target=wait)
            other.start()
            other.join()
        assert len(failures) == 1

    def test_the_engine_fails(self, folder):
        """Torch's own errors are faults: another attempt may find the memory that this one lacked."""
        recogniser = listening(parrot(folder / "says.pt", WISH))
        recogniser.prepare()

        def out_of_memory(*_):
            raise torch.OutOfMemoryError("no memory")

        recogniser._model.encoder.register_forward_pre_hook(out_of_memory)
        with pytest.raises(RecogniserUnavailable, match="engine"):
            recogniser.recognise(audio([tone(1)]), prompt="", timeout_s=60)


class TestWeights:
    @pytest.fixture
    def models(self, tmp_path, folder):
        """Two versions of one model, each with its description."""
        made = parrot(folder / "says.pt", WISH).read_bytes()
        for version in ("2", "10"):
            described(tmp_path / "salon_ru" / version, made)
        return tmp_path

    def test_the_newest_answers_unasked(self, models):
        assert find_weights("salon_ru", [models]).version == "salon_ru:10"

    def test_a_named_version_and_a_pinned_one(self, models):
        assert find_weights("salon_ru:2", [models]).version == "salon_ru:2"
        assert find_weights("salon_ru", [models], pinned={"salon_ru": "2"}).version == "salon_ru:2"

    def test_folders_are_looked_through_in_order(self, models, tmp_path_factory):
        other = tmp_path_factory.mktemp("baked")
        described(other / "salon_ru" / "10", b"another")
        described(other / "small" / "9ecf7799", b"published")
        assert find_weights("salon_ru:10", [models, other]).path.is_relative_to(models)
        assert find_weights("small", [models, other]).version == "small:9ecf7799"

    def test_a_path(self, models):
        path = models / "salon_ru" / "2" / "model.pt"
        described_by_its_folder = find_weights("salon_ru:2", [models]).sha256
        assert find_weights(str(path), []) == Weights(path, "model", described_by_its_folder)
        path.with_name("model.json").unlink()
        assert find_weights(str(path), []) == Weights(path, "model")

    def test_whether_it_knows_prompts(self, models):
        description = models / "salon_ru" / "10" / "model.json"
        assert find_weights("salon_ru", [models]).prompted
        description.write_text(json.dumps({"parameters": {"prompt": False}}))
        assert not find_weights("salon_ru", [models]).prompted

    @pytest.mark.parametrize("choice", ["other", "salon_ru:3", "no name", "../salon_ru", ""])
    def test_there_is_none(self, models, choice):
        with pytest.raises(RecogniserRefused, match="no_model"):
            WhisperRecogniser(find_weights(choice, [models])).prepare()

    def test_a_file_that_changed_is_not_loaded(self, models):
        path = models / "salon_ru" / "10" / "model.pt"
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(RecogniserRefused, match="model_damaged"):
            WhisperRecogniser(find_weights("salon_ru", [models])).prepare()

    def test_a_file_that_is_no_checkpoint(self, tmp_path):
        described(tmp_path / "salon_ru" / "1", b"weights?")
        with pytest.raises(RecogniserRefused, match="model_unusable"):
            WhisperRecogniser(find_weights("salon_ru", [tmp_path])).prepare()

    def test_a_description_that_is_none(self, models):
        (models / "salon_ru" / "10" / "model.json").write_text("[]")
        with pytest.raises(RecogniserRefused, match="model_description"):
            find_weights("salon_ru", [models])

    def test_a_model_that_knows_no_prompts_is_given_none(self, folder):
        """It would take them for something that was said before, and it has never heard of that."""
        given = []
        recogniser = WhisperRecogniser(Weights(parrot(folder / "echo.pt", ECHO), "parrot:1", prompted=False), threads=1)
        recogniser.prepare()
        recogniser._model.decoder.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
        recogniser.recognise(audio([tone(1)]), prompt=PROMPT, timeout_s=60)
        assert given[0].shape[-1] == 3  # the start, the language, the task


def test_the_package_knows_where_its_weights_are():
    """What functions/storage_voice/bake.py relies on, and nobody has promised."""
    assert list(inspect.signature(whisper._download).parameters) == ["url", "root", "in_memory"]
    assert {"small", "turbo"} <= set(whisper.available_models())
    assert all(re.fullmatch(r"[0-9a-f]{64}", url.split("/")[-2]) for url in whisper._MODELS.values())


def described(folder, checkpoint):
    folder.mkdir(parents=True)
    (folder / "model.pt").write_bytes(checkpoint)
    digest = hashlib.sha256(checkpoint).hexdigest()
    file = {"sha256": digest, "bytes": len(checkpoint)} if folder.name == "10" else digest  # either is understood
    (folder / "model.json").write_text(json.dumps({"name": "salon_ru", "files": {"model.pt": file}}))
