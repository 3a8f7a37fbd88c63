"""How Russian names change: cases by the rules of their endings, endearments by their suffixes."""

import re
from functools import cache

from salon.understanding.text import normalise

_VOWELS = "аеиоуыэюя"
_MIN_ROOT = 3
Cases = frozenset[str]
_TABLES: tuple[tuple[str, dict[str, str]], ...] = (
    ("ия", {"ия": "n", "ии": "gdp", "ию": "a", "ией": "i"}),
    ("ья", {"ья": "n", "ьи": "gdp", "ье": "dp", "ью": "a", "ьей": "i"}),
    ("ая", {"ая": "n", "ой": "gdip", "ую": "a", "аи": "g", "ае": "dp", "аю": "a", "аей": "i"}),
    ("я", {"я": "n", "и": "gdp", "е": "dp", "ю": "a", "ей": "i", "ёй": "i"}),
    ("а", {"а": "n", "ы": "g", "и": "g", "е": "dp", "у": "a", "ой": "gdip", "ей": "i"}),
    ("ий", {"ий": "n", "ия": "ga", "ию": "d", "ием": "i", "ии": "p", "ого": "ga", "ому": "d", "им": "i"}),
    ("ой", {"ой": "n", "ого": "ga", "ому": "d", "ым": "i"}),
    ("й", {"й": "n", "я": "ga", "ю": "d", "ем": "i", "е": "p"}),
    ("ь", {"ь": "na", "я": "ga", "ю": "d", "и": "gdp", "ем": "i", "е": "p", "ью": "i"}),
)
_CONSONANT = {"": "n", "а": "ga", "у": "d", "ом": "i", "ем": "i", "ым": "i", "е": "p"}
_SUFFIXES = (
    r"(?:усеньк|усечк|улечк|уличк|юсеньк|еньк|оньк|очк|ечк|ичк|ушк|юшк|ишк|ашк|яшк|ёшк|ешк|уньк|усик|юсик|ульк|чик|унчик"
    r"|ул|юл|ун|юн|ус|юс|уш|юш|аш|яш|иш|ах|ях|юх|ух|ох|ик|ок|ек|ёк|ан|он|ян|к)(?:[аеиоуыюя]|ой|ей|ом|ем)?$"
)


@cache
def cases_of(name: str) -> dict[str, Cases]:
    """Return a name's forms with the cases each may be: n, g, d, a, i, p; too many do less harm than too few."""
    name = normalise(name)
    for ending, table in _TABLES:
        if name.endswith(ending) and len(name) > len(ending):
            return _forms(name[: -len(ending)], table)
    if name[-1:] in _VOWELS:
        return {name: frozenset("ngdaip")}
    forms = _forms(name, _CONSONANT)
    if stem := _fleeting(name):
        forms |= {form: cases for form, cases in _forms(stem, _CONSONANT).items() if form != stem}
    return forms


def _forms(stem: str, table: dict[str, str]) -> dict[str, Cases]:
    forms: dict[str, Cases] = {}
    for ending, cases in table.items():
        form = normalise(stem + ending)
        forms[form] = forms.get(form, frozenset()) | frozenset(cases)
    return forms


def _fleeting(name: str) -> str | None:
    """«Павел» loses a vowel in other cases, and so do «Лев», «Санёк», «Витёк»."""
    if name == "лев":
        return "льв"
    if name.endswith("ел") and len(name) > len("ел") + 1:
        return name[:-2] + "л"
    if name.endswith("ек") and len(name) > _MIN_ROOT:
        return name[:-2] + ("ьк" if name[-3] in "лн" else "к")
    return name[:-2] + "к" if name.endswith("ок") and len(name) > _MIN_ROOT else None


@cache
def root_of(word: str) -> str | None:
    """Cut the suffix of an endearment and its ending off: «Веруне» and «Нинуле» leave «вер» and «нин»."""
    found = re.search(_SUFFIXES, word)
    return word[: found.start()] if found and found.start() >= _MIN_ROOT else None
