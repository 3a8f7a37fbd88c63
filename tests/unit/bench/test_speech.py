"""The part that listens: what it makes of what its processes say."""

import pytest

from infra.bench.listening import most_memory_mb
from infra.bench.speech import RECORDINGS, plain, rtf, run


def test_a_real_time_factor_is_the_median_over_recordings():
    heard = {"a": [1.0, 9.0, 1.2], "b": [2.0, 2.0, 2.0], "c": [0.3, 0.3, 30.0]}
    assert rtf(heard, {"a": 2.0, "b": 10.0, "c": 1.0}) == pytest.approx(0.3)


def test_words_are_compared_without_punctuation():
    assert plain(" Маникюр, завтра. ") == plain("маникюр завтра")


def test_the_recordings_are_there():
    assert len(list(RECORDINGS.glob("*.ogg"))) >= 4


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="no/such/file"):
        run("function", "no/such/file", "1", "none.ogg")


def test_memory_is_told():
    assert most_memory_mb() > 10
