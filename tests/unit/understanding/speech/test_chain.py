"""Who is asked, in which order, and for how long."""

from __future__ import annotations

import pytest

from salon.platform import metrics as figures
from salon.platform.metrics import MemoryMetrics
from salon.understanding.speech.chain import RecogniserChain
from salon.understanding.speech.domain import Provider, Recognition
from salon.understanding.speech.errors import (
    AudioTooLong,
    RecogniserRefused,
    RecogniserTimedOut,
    RecogniserUnavailable,
)
from support.recordings import audio, tone

RECORDING = audio([tone(0.1)])


class Engine:
    """Fails as it is told to, and remembers how long it was given."""

    def __init__(self, name, failure=None):
        self.name, self.version = name, "7"
        self.failure = failure
        self.given = []

    def recognise(self, audio, *, prompt, timeout_s):
        assert audio is RECORDING
        self.given.append((prompt, timeout_s))
        if self.failure is not None:
            raise self.failure
        return Recognition("да", 0.9, 0.0, (), self.name, self.version, 0.1)


def chain(first, second=None, metrics=None):
    makers = {Provider.WHISPER: lambda: first, Provider.SPEECHKIT: lambda: second}
    fallback = Provider.SPEECHKIT if second is not None else None
    return RecogniserChain(makers, preferred=Provider.WHISPER, fallback=fallback, metrics=metrics or MemoryMetrics())


def test_the_preferred_one_answers():
    first, second = Engine("whisper"), Engine("speechkit")
    both = chain(first, second)
    assert both.recognise(RECORDING, prompt="Анна", timeout_s=9).engine == "whisper"
    assert (both.name, both.version) == ("whisper", "7")
    assert second.given == []


def test_another_is_asked_with_the_time_that_is_left():
    first, second = Engine("whisper", RecogniserUnavailable("engine")), Engine("speechkit")
    metrics = MemoryMetrics()
    assert chain(first, second, metrics).recognise(RECORDING, prompt="Анна", timeout_s=9).engine == "speechkit"
    assert metrics.total(figures.SPEECH_FAILED, model="whisper:7", reason="engine") == 1  # an outage that nobody sees
    ((prompt, left_s),) = second.given
    assert prompt == "Анна"
    assert 0 < left_s < 9


def test_nobody_is_asked_after_the_time_is_over():
    first, second = Engine("whisper", RecogniserTimedOut(0)), Engine("speechkit")
    with pytest.raises(RecogniserTimedOut):
        chain(first, second).recognise(RECORDING, prompt="", timeout_s=0)
    assert second.given == []


@pytest.mark.parametrize("second", [None, Engine("speechkit", RecogniserUnavailable("network"))])
def test_the_last_failure_is_told(second):
    first = Engine("whisper", RecogniserUnavailable("engine"))
    with pytest.raises(RecogniserUnavailable) as raised:
        chain(first, second).recognise(RECORDING, prompt="", timeout_s=9)
    assert raised.value.reason == ("engine" if second is None else "network")


def test_what_is_wrong_with_the_recording_is_wrong_for_everybody():
    first, second = Engine("whisper", AudioTooLong(25.0)), Engine("speechkit")
    with pytest.raises(AudioTooLong):
        chain(first, second).recognise(RECORDING, prompt="", timeout_s=9)
    assert second.given == []


def test_an_engine_that_cannot_be_made_is_one_that_fails():
    def make():
        raise RecogniserRefused("no_model")

    second = Engine("speechkit")
    makers = {Provider.WHISPER: make, Provider.SPEECHKIT: lambda: second}
    both = RecogniserChain(makers, preferred=Provider.WHISPER, fallback=Provider.SPEECHKIT, metrics=MemoryMetrics())
    assert (both.name, both.version) == ("whisper", "unavailable")
    assert both.recognise(RECORDING, prompt="", timeout_s=9).engine == "speechkit"


def test_an_engine_is_made_once():
    made = []

    def make():
        made.append(1)
        return Engine("whisper")

    one = RecogniserChain(
        {Provider.WHISPER: make}, preferred=Provider.WHISPER, fallback=Provider.WHISPER, metrics=MemoryMetrics()
    )
    for _ in range(3):
        one.recognise(RECORDING, prompt="", timeout_s=9)
    assert made == [1]
