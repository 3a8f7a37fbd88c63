"""Amounts in words: «Пятьдесят девять тысяч сто четырнадцать рублей 41 копейка»."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

_ONES = {
    "ноль": 0, "один": 1, "одна": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7,
    "восемь": 8, "девять": 9, "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13,
    "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18,
    "девятнадцать": 19, "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "шестьдесят": 60,
    "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "сто": 100, "двести": 200, "триста": 300,
    "четыреста": 400, "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
}  # fmt: skip
_THOUSANDS = {"тысяча": 1_000, "тысячи": 1_000, "тысяч": 1_000, "миллион": 1_000_000, "миллиона": 1_000_000,
              "миллионов": 1_000_000}  # fmt: skip
_ALONE = ("тысяча", "миллион")
_ROUBLES = ("рубль", "рубля", "рублей", "руб")
_KOPECKS = ("копейка", "копейки", "копеек", "коп")
_KNOWN = (*_ONES, *_THOUSANDS, *_ROUBLES, *_KOPECKS)
_LEAST = 78
_TOKEN = re.compile(r"[а-яёa-z]+|\d+", re.IGNORECASE)


def kopecks_in_words(text: str) -> int | None:  # noqa: C901 - one branch a kind of word
    """Kopecks that a text says in words; None when it does not say an amount of roubles.

    Words may be misread by a letter or two; digits may stand for the kopecks. Other text may stand before.
    """
    roubles = minor = part = 0
    seen = in_kopecks = False
    for token in _TOKEN.findall(text.lower().replace("ё", "е")):
        word = token if token.isdigit() else _known(token)
        if word is None:
            if seen and not in_kopecks:
                roubles = part = 0
                seen = False
            continue
        if in_kopecks:
            if word in _KOPECKS:
                return roubles * 100 + minor
            value = int(word) if word.isdigit() else _ONES.get(word)
            if value is None or minor + value > 99:  # noqa: PLR2004 - kopecks of a rouble
                return roubles * 100 + minor
            minor += value
        elif word in _ROUBLES:
            if not seen:
                continue
            roubles, in_kopecks = roubles + part, True
        elif word in _THOUSANDS:
            if not part and word not in _ALONE:
                return None  # «тысяч» of what: the word before it was not read
            roubles, part, seen = roubles + max(part, 1) * _THOUSANDS[word], 0, True
        elif word in _ONES:
            part, seen = part + _ONES[word], True
        elif not word.isdigit():
            continue
    return roubles * 100 + minor if in_kopecks else None


def _known(token: str) -> str | None:
    if token in _KNOWN:
        return token
    if len(token) < 4:  # noqa: PLR2004 - «три» and «при» are one letter apart
        return None
    found = process.extractOne(token, _KNOWN, scorer=fuzz.ratio, score_cutoff=_LEAST)
    return found[0] if found and abs(len(found[0]) - len(token)) <= 2 else None  # noqa: PLR2004 - letters
