"""A message made to fit a messenger: split, its buttons in rows, as a list, or as numbers to be typed. Pure.

Whoever sends keeps a row per piece, so that a failure between two pieces repeats neither.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from salon.messaging.domain.limits import Limits, TextUnit
from salon.messaging.domain.messages import Button, OutboundFile, OutboundKind, OutboundMessage

Rows = tuple[tuple[Button, ...], ...]
_BORDERS = (("\n\n",), ("\n",), (". ", "! ", "? ", "… "), (" ",))
_ELLIPSIS = "…"
_SHORTEST_PIECE = 4  # a border is good enough when it leaves a quarter of what would fit


@dataclass(frozen=True, slots=True)
class Fitted:
    """A message as a messenger takes it.

    Attributes:
        pieces: to be sent one after another; the buttons are under the last one.
        numbered: the payloads of the options that are written out in the text as 1, 2, 3…; empty when none are.
        lost_file: the messenger takes no such file, and there is no address to give instead.
    """

    pieces: tuple[OutboundMessage, ...]
    numbered: tuple[str, ...] = ()
    lost_file: bool = False


def fit(message: OutboundMessage, limits: Limits, *, ask_number: Callable[[], str] = str) -> Fitted:
    """The message in pieces that a messenger takes; most messages are one piece.

    Args:
        message: what is to be said.
        limits: of the messenger.
        ask_number: the words that ask for an option's number, for when there are no keys to tap.
    """
    if message.kind is OutboundKind.ANSWER_CALLBACK:
        return Fitted((message,))
    if message.kind is OutboundKind.EDIT:
        text = clip(message.text, limits.text, limits.text_unit)
        return Fitted((replace(message, text=text, buttons=_rewrapped(message.buttons, limits)),))
    message = replace(message, ask_phone=message.ask_phone and limits.can_ask_phone)
    message, lost_file = _without_strange_file(message, limits)
    if not limits.has_url_buttons:
        message = _without_url_buttons(message)
    shown = _choice(message, limits, ask_number)
    return Fitted(_pieces(shown.message, limits), shown.numbered, lost_file)


def numbered_choice(
    text: str, numbered: Sequence[str], *, is_written: bool = True, beside: Collection[str] = ()
) -> str | None:
    """The payload that a typed number chooses: «2», «2.», «вариант 2», «второй»; None when it chooses none.

    Args:
        text: what was typed.
        numbered: the payloads, in order.
        is_written: the options carry their numbers; where they do not, «2» and «на второе» are a time and a date, and
            only «второй», «вариант 2» choose.
        beside: more words that may stand beside the number.
    """
    words = _NOISE.sub(" ", _KEYCAP.sub("", text.casefold().replace("ё", "е"))).split()
    meant = [word for word in words if word not in _AROUND and word not in beside]
    if len(meant) != 1 or len(words) > _MOST_WORDS:
        return None
    if not is_written and not _OPTION & set(words) and ("на" in words or not _is_ordinal(meant[0])):
        return None
    place = int(meant[0]) if _NUMBER.fullmatch(meant[0]) else _ordinal(meant[0])
    if place == _LAST:
        return numbered[-1] if numbered else None
    return numbered[place - 1] if place is not None and 1 <= place <= len(numbered) else None


def length(text: str, unit: TextUnit) -> int:
    """How long `text` is, as a messenger counts."""
    match unit:
        case TextUnit.BYTES:
            return len(text.encode("utf-8", "replace"))
        case TextUnit.UTF16:
            return len(text) + sum(1 for char in text if char > "\uffff")
        case _:
            return len(text)


def split_text(text: str, limit: int, unit: TextUnit = TextUnit.CHARACTERS) -> list[str]:
    """`text` in pieces no longer than `limit`, cut at the end of a paragraph, a line, a sentence or a word."""
    pieces = []
    rest = text.strip()
    while length(rest, unit) > limit:
        cut = _cut(rest[: _fitting(rest, limit, unit)])
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def clip(text: str, limit: int, unit: TextUnit = TextUnit.CHARACTERS) -> str:
    """`text`, or its beginning and an ellipsis."""
    if length(text, unit) <= limit:
        return text
    return text[: _fitting(text, limit - length(_ELLIPSIS, unit), unit)].rstrip() + _ELLIPSIS


def _fitting(text: str, limit: int, unit: TextUnit) -> int:
    """How many characters from the start fit; at least one, whatever the limit."""
    used = 0
    for index, char in enumerate(text):
        used += length(char, unit)
        if used > limit:
            return max(1, index)
    return len(text)


def _cut(head: str) -> int:
    """Where to cut: after the last border of the best kind that leaves a piece of decent length."""
    for kind in _BORDERS:
        at = max(head.rfind(border) + len(border) if border in head else 0 for border in kind)
        if at > len(head) // _SHORTEST_PIECE:
            return at
    return len(head)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A message whose buttons are keys, rows of a list, or numbers in its text."""

    message: OutboundMessage
    numbered: tuple[str, ...] = ()


def _choice(message: OutboundMessage, limits: Limits, ask_number: Callable[[], str]) -> _Shown:
    flat = [button for row in message.buttons for button in row]
    if not flat:
        return _Shown(replace(message, is_listed=False))
    labels = [button.text for button in flat]
    fits_keys = (
        len(flat) <= limits.buttons
        and all(len(label) <= limits.button_text for label in labels)
        and not (limits.distinct_labels and len(set(labels)) < len(labels))
    )
    has_links = any(button.url for button in flat)
    fits_list = (
        len(flat) <= limits.list_rows
        and not has_links
        and all(len(label) <= limits.list_text + limits.list_description for label in labels)
    )
    if fits_list and (message.is_listed or not fits_keys):
        return _Shown(replace(message, is_listed=True, buttons=tuple((button,) for button in flat)))
    if fits_keys:
        return _Shown(replace(message, is_listed=False, buttons=_rewrapped(message.buttons, limits)))
    return _numbered(message, flat, limits, ask_number)


def _numbered(message: OutboundMessage, flat: list[Button], limits: Limits, ask_number: Callable[[], str]) -> _Shown:
    """The options in the text, and keys that say their numbers, where so many keys can be."""
    options = [button for button in flat if not button.url]
    lines = [f"{number}. {button.text}" for number, button in enumerate(options, 1)]
    links = [_link(button.text, button.url) for button in flat if button.url]
    keys = [Button(str(number), button.payload) for number, button in enumerate(options, 1)]
    is_tapped = len(keys) <= limits.buttons
    hint = [] if is_tapped or not options else [ask_number()]
    text = "\n\n".join(part for part in (message.text.rstrip(), "\n".join([*lines, *links]), *hint) if part)
    rows = _in_rows(keys, limits.buttons_per_row) if is_tapped else ()
    payloads = tuple(button.payload for button in options)
    return _Shown(replace(message, text=text, buttons=rows, is_listed=False), payloads)


def _rewrapped(rows: Rows, limits: Limits) -> Rows:
    """The rows, none wider and not more of them than the messenger shows."""
    wrapped = tuple(piece for row in rows for piece in _in_rows(row, limits.buttons_per_row))
    if len(wrapped) <= limits.rows:
        return wrapped
    flat = [button for row in rows for button in row]
    return _in_rows(flat, min(limits.buttons_per_row, math.ceil(len(flat) / limits.rows)))


def _in_rows(buttons: Sequence[Button], width: int) -> Rows:
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def _without_url_buttons(message: OutboundMessage) -> OutboundMessage:
    links = [_link(button.text, button.url) for row in message.buttons for button in row if button.url]
    if not links:
        return message
    rows = (tuple(button for button in row if not button.url) for row in message.buttons)
    text = "\n\n".join(part for part in (message.text.rstrip(), "\n".join(links)) if part)
    return replace(message, text=text, buttons=tuple(row for row in rows if row))


def _without_strange_file(message: OutboundMessage, limits: Limits) -> tuple[OutboundMessage, bool]:
    """The message with a link where the messenger does not take the file; and whether there was no link to give."""
    file = message.file
    if file is None or limits.takes_files or is_picture(file):
        return message, False
    if not file.url:
        return replace(message, file=None), True
    text = "\n\n".join(part for part in (message.text.rstrip(), _link(file.name, file.url)) if part)
    return replace(message, text=text, file=None), False


def is_picture(file: OutboundFile) -> bool:
    """Whether a file is shown as a picture."""
    return file.mime.startswith("image/")


def _link(words: str, url: str) -> str:
    return f"{words}: {url}" if words else url


def _pieces(message: OutboundMessage, limits: Limits) -> tuple[OutboundMessage, ...]:
    """Texts, and the file beside the only one, after them, or before the text that has the keys."""
    if message.file is None:
        return _texts(message, limits)
    plain = replace(message, file=None)
    alone = replace(message, text="", buttons=(), ask_phone=False, is_listed=False)
    has_keys = bool(message.buttons) or message.ask_phone
    if not message.text.strip() and not has_keys:
        return (alone,)
    is_short = length(message.text, limits.text_unit) <= limits.caption
    if is_short and (limits.takes_files or not has_keys):
        return (message,)
    if has_keys:
        return (alone, *_texts(plain, limits))
    return (*_texts(plain, limits), alone)


def _texts(message: OutboundMessage, limits: Limits) -> tuple[OutboundMessage, ...]:
    *heads, last = split_text(message.text, limits.text, limits.text_unit) or [message.text]
    if message.buttons and not message.is_listed and length(last, limits.text_unit) > limits.buttoned_text:
        tail = split_text(last, limits.buttoned_text, limits.text_unit)[-1]
        heads.append(last[: len(last) - len(tail)].rstrip())
        last = tail
    bare = replace(message, buttons=(), ask_phone=False, is_listed=False)
    return (*(replace(bare, text=text) for text in heads), replace(message, text=last))


_MOST_WORDS = 5
_LAST = -1
_KEYCAP = re.compile("[\ufe0f\u20e3]")
_NUMBER = re.compile(r"[0-9]{1,3}")
_NOISE = re.compile(r"[\s.,!?():;№#«»\"'-]+")
_AROUND = frozenset({
    "вариант", "вариантик", "номер", "под", "номером", "пункт", "давайте", "давай", "тогда", "ну", "на", "пожалуйста",
    "можно", "хочу", "лучше", "беру", "выбираю", "option", "number", "no", "the", "one", "please", "variant",
    "подходит",
    "подойдет", "устраивает", "мне", "меня", "слот", "окно", "окошко", "время",
})  # fmt: skip
_OPTION = frozenset(
    {"вариант", "вариантик", "номер", "номером", "пункт", "слот", "окно", "окошко", "option", "variant", "number"}
)
_ORDINALS = (
    ("перв", "один", "одна", "первое", "first"),
    ("втор", "два", "две", "second"),
    ("трет", "три", "third"),
    ("четверт", "четыре", "fourth"),
    ("пят", "пять", "fifth"),
    ("шест", "шесть", "sixth"),
    ("седьм", "семь", "seventh"),
    ("восьм", "восемь", "eighth"),
    ("девят", "девять", "ninth"),
    ("десят", "десять", "tenth"),
)
_ENDINGS = ("ый", "ой", "ий", "ая", "ья", "ое", "ье", "ую", "ью")
"""Of an ordinal that chooses. «Пятого» is a day of the month, «пятница» a weekday."""


def _is_ordinal(word: str) -> bool:
    """«Второй», not «два»."""
    if word in {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}:
        return True
    return _ordinal(word) is not None and word.endswith(_ENDINGS)


def _ordinal(word: str) -> int | None:
    if word in {"последний", "последняя", "последнее", "последнюю", "last"}:
        return _LAST
    for place, (stem, *whole) in enumerate(_ORDINALS, 1):
        if word in whole or any(word == stem + ending for ending in _ENDINGS):
            return place
    return None
