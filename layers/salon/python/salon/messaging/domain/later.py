"""What takes back a wish that waits for its turn. Pure."""

from __future__ import annotations

import re

_DEED = re.compile(r"\b(?:отмен|аннулир|перенес|перенос|сдвин|передвин|сним|удал|убер)\w*", re.IGNORECASE)
_DROPS_DEED = re.compile(r"\bостав(?:ь|ьте|ить|им|ляем|ляйте)\b|\bпусть\s+(?:\w+\s+)?остан\w+", re.IGNORECASE)
_DROPS_ALL = re.compile(
    r"\W*(?:(?:ой|нет|вс[её]|я|мы|уже|стоп|извините|простите)\W+)*"
    r"(?:передумал[аи]?|ничего\s+не\s+(?:надо|нужно|делайте|меняйте))"
    r"(?:\W+(?:спасибо|извините|простите|ничего|не|надо|нужно|делайте|меняйте|вс[её]))*\W*",
    re.IGNORECASE,
)


def is_deed(wish: str) -> bool:
    """Whether a wish would give a booking away, or move it."""
    return _DEED.search(wish) is not None


def drops_deed(text: str) -> bool:
    """«Стрижку оставьте»: what was to be cancelled or moved stays."""
    return _DROPS_DEED.search(text) is not None


def drops_all(text: str) -> bool:
    """«Передумала», «нет, ничего не надо»."""
    return _DROPS_ALL.fullmatch(text) is not None
