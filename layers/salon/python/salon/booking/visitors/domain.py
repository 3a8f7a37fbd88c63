"""A booking's page. Pure.

One HTML document without scripts, pictures or anything from elsewhere: it opens in any browser, prints on one sheet and
reads aloud in order. It says what, when and where, never who: whoever has the link may look (`identity.tokens`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}"
    "dl{margin:1.5rem 0}dt{font-size:.875rem;opacity:.75}dd{margin:0 0 .75rem}"
    ".status{display:inline-block;padding:.25rem .75rem;border:2px solid currentColor;border-radius:2rem}"
    "a{color:inherit;display:inline-block;padding:.5rem 0}a:focus-visible{outline:3px solid currentColor}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the page says, in the reader's language.

    Attributes:
        language: as in HTML's `lang`.
        title: the salon and the service.
        status: what the booking is now, as a sentence.
        facts: what is what: (term, description).
        explained: how to change or cancel, a paragraph each.
        links: (text, address).
    """

    language: str
    title: str
    status: str
    facts: Sequence[tuple[str, str]]
    explained: Sequence[str]
    links: Sequence[tuple[str, str]]


def render_page(page: Page) -> str:
    """The document; every text is escaped."""
    facts = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in page.facts)
    explained = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in page.explained)
    links = "".join(f'<p><a href="{escape(address)}">{escape(text)}</a></p>' for text, address in page.links)
    return (
        f'<!doctype html><html lang="{escape(page.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(page.title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(page.title)}</h1>"
        f'<p class="status" role="status">{escape(page.status)}</p><dl>{facts}</dl>{explained}{links}</main></body>'
        "</html>"
    )
