"""Safe parsing of a stranger's XML, and looking things up in it without regard to name spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from salon.intake.documents.errors import DocumentDamaged

ROOT = "Файл"
_ENCODINGS = (None, "utf-8", "windows-1251")
"""As the file says (UTF-8 where it says nothing), and what it may be in truth: some programs declare the wrong one."""
_FIGURE = re.compile(r"-?\d{1,26}(?:[.,]\d{1,26})?", re.ASCII)
_YEARS = range(2000, 2100)
_DASHES = frozenset({"", "-", "–", "—"})


def parse(data: bytes) -> Any:
    """The root element, its tree without name spaces.

    Raises:
        DocumentDamaged: it is no XML in any of the encodings, or has a document type.
    """
    is_utf16 = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = data if is_utf16 else data.strip(b"\xef\xbb\xbf \t\r\n\0")
    other = None
    for encoding in _ENCODINGS:
        root = _parsed(text, encoding)
        if root is not None and root.tag == ROOT:
            return root
        other = root if other is None else other
    if other is None:
        raise DocumentDamaged("not well-formed")
    return other


def _parsed(data: bytes, encoding: str | None) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding=encoding,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    if root.getroottree().docinfo.doctype:
        raise DocumentDamaged("a document type")
    for element in root.iter(etree.Element):
        element.tag = _bare(element.tag)
        for key in [key for key in element.attrib if key[0] == "{"]:
            value = element.attrib.pop(key)
            if _bare(key) not in element.attrib:
                element.set(_bare(key), value)
    return root


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def child(place: Any, *names: str) -> Any:
    """The first child of one of these names; None when there is none, or no place."""
    return None if place is None else next((one for one in place if one.tag in names), None)


def children(place: Any, name: str) -> Iterator[Any]:
    """The children of a name."""
    return (one for one in place if one.tag == name)


def said(place: Any, *names: str) -> str:
    """The first of the attributes that says something, on one line; empty when none does, or only a dash."""
    if place is None:
        return ""
    texts = (" ".join(place.get(name, "").split()) for name in names)
    return next((text for text in texts if text not in _DASHES), "")


def figure(text: str, most: Decimal) -> Decimal | None:
    """A figure as the format writes it, or with a comma; None for what is none, below 0 or not below `most`."""
    bare = "".join(text.split())
    if not _FIGURE.fullmatch(bare):
        return None
    value = Decimal(bare.replace(",", "."))
    return value.normalize() + 0 if 0 <= value < most else None


def day(text: str) -> date | None:
    """A date as the format writes it, ДД.ММ.ГГГГ; None for what is none of our times."""
    try:
        found = datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
    return found if found.year in _YEARS else None
