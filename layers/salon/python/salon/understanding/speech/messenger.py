"""What is to be thought of a transcript that the messenger itself made (MAX, sometimes VK).

Neither says how sure it is. So the text is judged by what can be seen: whether there are words, whether it owns up to
having missed some, and whether as much was said as fits the recording. A transcript that is not trusted is not used at
all: the recording is then written down by our own engine.
"""

from __future__ import annotations

import re

from salon.understanding.speech.domain import Provider, Recognition

CONFIDENCE = 0.9
"""Of a transcript that fits the length of its recording; above the usual threshold, below an engine that is sure."""

CONFIDENCE_UNCHECKED = 0.8
"""Of one whose recording's length the messenger has not told."""

FASTEST_LETTERS_A_SECOND = 30.0
"""Letters and digits; quick Russian speech has some 18, so this is nobody (a transcript of something else)."""

SLOWEST_LETTERS_A_SECOND = 1.0
"""Fewer, over more than `PATIENCE_S`, and most of what was said is missing."""

PATIENCE_S = 6.0
"""Silence that a short message may have around one word."""

_REMARK = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>|\*[^*\s][^*]*\*")
_MISSED = re.compile(r"неразборчив|нрзб|не\s*слышно|inaudible|unintelligible", re.IGNORECASE)
_EXCUSES = frozenset(
    {
        "не удалось распознать",
        "не удалось распознать речь",
        "не удалось расшифровать",
        "не удалось расшифровать сообщение",
        "не удалось расшифровать голосовое сообщение",
        "расшифровка недоступна",
        "расшифровка не удалась",
        "речь не распознана",
        "текст не распознан",
        "слова не распознаны",
        "слов не найдено",
        "нет слов",
        "неразборчиво",
        "тишина",
        "голосовое сообщение",
        "аудиосообщение",
    }
)
_LOOP_WORDS, _LOOP_DISTINCT = 8, 2


def judge_transcript(text: str | None, duration_s: float | None, *, channel: str = "") -> Recognition | None:
    """The transcript as a recogniser's answer, or None where it is better to listen for ourselves.

    Args:
        text: as the messenger sent it; None or empty when it sent none.
        duration_s: how long the recording is, in seconds; None or 0 when that is not known. Messengers cut it to whole
            seconds.
        channel: the messenger, `max` or `vk`; becomes the version of the engine `messenger`.
    """
    said = " ".join(_REMARK.sub(" ", text or "").split())
    words = re.findall(r"\w+", said.lower().replace("ё", "е"))
    letters = sum(len(word) for word in words)
    if not letters or _MISSED.search(text or "") or " ".join(words) in _EXCUSES:
        return None
    if len(words) >= _LOOP_WORDS and len(set(words)) <= _LOOP_DISTINCT:
        return None  # a recogniser that got stuck
    if not duration_s or duration_s < 0:
        return _recognition(said, CONFIDENCE_UNCHECKED, channel)
    most = FASTEST_LETTERS_A_SECOND * (duration_s + 1)
    least = SLOWEST_LETTERS_A_SECOND * (duration_s - PATIENCE_S)
    return _recognition(said, CONFIDENCE, channel) if least <= letters <= most else None


def _recognition(text: str, confidence: float, channel: str) -> Recognition:
    return Recognition(
        text=text,
        confidence=confidence,
        no_speech_probability=0.0,
        segments=(),
        engine=Provider.MESSENGER,
        version=channel,
        elapsed_s=0.0,
    )
