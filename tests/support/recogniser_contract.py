"""What every `SpeechRecogniser` does, whoever it is. A test class inherits it and gives the three fixtures."""

from __future__ import annotations

import pytest

from salon.understanding.speech.domain import Audio, Provider
from salon.understanding.speech.errors import RecogniserTimedOut
from support.recordings import audio, silence, tone


class RecogniserContract:
    """Fixtures: `recogniser`; `recording`, in which it hears words; optionally `nothing`, in which it hears none."""

    @pytest.fixture
    def recogniser(self):
        raise NotImplementedError

    @pytest.fixture
    def recording(self) -> Audio:
        raise NotImplementedError

    @pytest.fixture
    def nothing(self) -> Audio:
        return audio([silence(1.0)])

    def test_it_says_who_it_is(self, recogniser, recording):
        found = recogniser.recognise(recording, prompt="", timeout_s=60.0)
        assert (found.engine, found.version) == (recogniser.name, recogniser.version)
        assert recogniser.name in set(Provider)
        assert recogniser.version

    def test_it_hears_words_in_their_time(self, recogniser, recording):
        found = recogniser.recognise(recording, prompt="Мастера: Анна. Услуги: Маникюр.", timeout_s=60.0)
        assert found.text == found.text.strip() != ""
        assert 0 < found.confidence <= 1
        assert 0 <= found.no_speech_probability <= 1
        assert found.elapsed_s >= 0
        ends = [recording.starts_s]
        for segment in found.segments:
            assert ends[-1] - 0.5 <= segment.start_s <= segment.end_s
            assert 0 < segment.confidence <= 1
            ends.append(segment.end_s)
        assert ends[-1] <= recording.seconds + 0.5

    def test_the_same_recording_gives_the_same_words(self, recogniser, recording):
        first, second = (recogniser.recognise(recording, prompt="", timeout_s=60.0) for _ in range(2))
        assert (first.text, first.confidence) == (second.text, pytest.approx(second.confidence))

    def test_it_makes_nothing_up(self, recogniser, nothing):
        found = recogniser.recognise(nothing, prompt="", timeout_s=60.0)
        assert (found.text, found.segments) == ("", ())

    def test_it_keeps_to_its_time(self, recogniser):
        with pytest.raises(RecogniserTimedOut):
            recogniser.recognise(audio([tone(3.0)]), prompt="", timeout_s=0.0)
