"""Which transcripts of a messenger are taken at their word."""

import pytest

from salon.understanding.speech.domain import Verdict
from salon.understanding.speech.messenger import CONFIDENCE, CONFIDENCE_UNCHECKED, judge_transcript

WISH = "Запишите меня на маникюр завтра в шесть вечера"


def test_a_plausible_transcript_counts_as_heard():
    found = judge_transcript(f"  {WISH}\n", 4, channel="max")
    assert (found.text, found.confidence, found.engine, found.version) == (WISH, CONFIDENCE, "messenger", "max")
    assert found.verdict(min_confidence=0.6) is Verdict.HEARD


@pytest.mark.parametrize("duration_s", [None, 0, -1])
def test_an_unknown_length_costs_some_confidence(duration_s):
    assert judge_transcript(WISH, duration_s).confidence == CONFIDENCE_UNCHECKED < CONFIDENCE


@pytest.mark.parametrize(
    ("text", "duration_s", "words"),
    [
        ("да", 1, "да"),
        ("[музыка] Да, конечно", 3, "Да, конечно"),
        ("Анна *смех* в среду", 4, "Анна в среду"),
        ("да да да", 2, "да да да"),
        ("Завтра", 6.5, "Завтра"),  # with silence around it
        ("9 17", 2, "9 17"),
        ("Голосовое сообщение я вам уже отправляла", 4, "Голосовое сообщение я вам уже отправляла"),
    ],
)
def test_ordinary_speech_is_trusted(text, duration_s, words):
    assert judge_transcript(text, duration_s).text == words


@pytest.mark.parametrize(
    ("text", "duration_s"),
    [
        (None, 3),
        ("", 3),
        (" … ", 3),
        ("[музыка]", 3),
        ("[неразборчиво]", 3),
        ("на маникюр (неразборчиво) вечера", 5),
        ("на маникюр нрзб вечера", 5),
        ("Не удалось распознать речь.", 5),
        ("Голосовое сообщение", 2),
        ("да " * 12, 5),
        ("Алло", 40),  # the rest of it is missing
        (WISH * 10, 3),  # nobody speaks so fast
    ],
)
def test_a_transcript_that_cannot_be_all_is_not_used(text, duration_s):
    assert judge_transcript(text, duration_s) is None
