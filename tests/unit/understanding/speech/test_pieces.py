"""Where a long recording is cut."""

import itertools

import pytest

from salon.understanding.speech.domain import SAMPLE_RATE
from salon.understanding.speech.pieces import pieces
from support.recordings import silence, tone


def cuts(*parts, longest_s):
    samples = sum(parts[1:], parts[0])
    found = list(pieces(memoryview(samples), longest_s=longest_s))
    assert found[0][0] == 0
    assert found[-1][1] == len(samples)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(found))
    assert all(end - start <= longest_s * SAMPLE_RATE for start, end in found)
    return [end / SAMPLE_RATE for _, end in found]


def test_what_fits_stays_whole():
    assert cuts(tone(2), longest_s=2) == [2]
    assert cuts(silence(0), longest_s=2) == [0]


def test_a_cut_falls_into_a_pause():
    first, second, last = cuts(tone(1.5), silence(0.3), tone(1.6), silence(0.3), tone(1), longest_s=2)
    assert first == pytest.approx(1.65, abs=0.06)
    assert second == pytest.approx(3.55, abs=0.06)
    assert last == pytest.approx(4.7)


def test_the_last_pause_of_several_makes_the_longest_piece():
    first, _ = cuts(tone(1.1), silence(0.3), tone(0.2), silence(0.3), tone(1), longest_s=2)
    assert first == pytest.approx(1.75, abs=0.06)


def test_speech_without_a_pause_is_cut_where_it_is_quietest():
    first, _ = cuts(tone(1.4), tone(0.3, volume=0.1), tone(1.2), longest_s=2)
    assert 1.4 < first < 1.7
