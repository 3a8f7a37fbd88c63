"""A document on paper: content and drawing together."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from . import cash_receipt, sales_receipt, torg12, upd
from .content import Content, compose
from .looks import Looks
from .paper import Page

DRAWERS = {
    "torg12": torg12.draw,
    "upd": upd.draw,
    "sales_receipt": sales_receipt.draw,
    "cash_receipt": cash_receipt.draw,
}


@dataclass(frozen=True)
class Paper:
    """What a photograph is taken of, and the truth about it."""

    content: Content
    pages: tuple[Page, ...]
    looks: Looks

    def truth(self) -> dict[str, object]:
        """The truth file's fields."""
        return self.content.truth("\n".join(page.reading_order() for page in self.pages))


def make_paper(kind: str, seed: object, *, lines: tuple[int, int] | None = None) -> Paper:
    """The document of this kind and seed: always the same one."""
    random = Random(f"{kind}:{seed}")
    content = compose(kind, random, lines=lines)
    pages, looks = DRAWERS[kind](content, random)
    return Paper(content, tuple(pages), looks)
