"""What a messenger can show, and a message made to fit it: split, its buttons as a list, or as numbers to be typed.

The figures are the providers' own (facts/channels.md §0 and each channel's «Outbound»); where a provider documents
none, what is safe in practice. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from salon.messaging.domain.messages import Channel


class TextUnit(StrEnum):
    """What a text's length is counted in."""

    CHARACTERS = "characters"
    UTF16 = "utf16"  # code units, in which Telegram counts
    BYTES = "bytes"  # of UTF-8


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be sent: `capacity` at once, `per_second` in the long run."""

    capacity: int
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one messenger takes.

    Attributes:
        text: longest text of one message, in `text_unit`.
        caption: longest text beside a picture or a file, in the same unit.
        buttons: most buttons that look like keys; more become a list, or numbers.
        buttons_per_row: most keys in a row.
        rows: most rows of keys.
        button_text: longest label, in characters.
        has_url_buttons: whether a key can open a page; otherwise the address stands in the text.
        distinct_labels: whether two keys under one message may not say the same.
        buttoned_text: longest text above keys; a longer one goes ahead as a message of its own.
        list_rows: most rows of a list; 0 where there are no lists.
        list_text: longest label of a row, in characters.
        list_description: how much more of it may stand below.
        can_edit: whether a message that was sent can be changed: its buttons are retired after a tap.
        takes_files: whether any file can be sent, with keys under it; otherwise pictures only, and links.
        fetches_files: whether the provider fetches them itself, from an address that is open to it.
        can_ask_phone: whether there is a key that shares one's number.
        window: for how long after the person's last message we may write freely; None for ever.
        human_window: for how long a human of the salon may; None for as long as `window`.
        has_templates: whether there are approved texts for later.
        account: sends of the whole account.
        chat: sends to one chat.
    """

    text: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    caption: int = 1024
    buttons: int
    buttons_per_row: int
    rows: int = 100
    button_text: int
    has_url_buttons: bool = True
    distinct_labels: bool = False
    buttoned_text: int
    list_rows: int = 0
    list_text: int = 0
    list_description: int = 0
    can_edit: bool = True
    takes_files: bool = True
    fetches_files: bool = False
    can_ask_phone: bool = False
    window: timedelta | None = None
    human_window: timedelta | None = None
    has_templates: bool = False
    account: Rate
    chat: Rate


LIMITS: Mapping[Channel, Limits] = {
    Channel.TELEGRAM: Limits(
        text=4096,
        text_unit=TextUnit.UTF16,
        buttons=100,
        buttons_per_row=8,
        button_text=64,
        buttoned_text=4096,
        can_ask_phone=True,
        account=Rate(capacity=30, per_second=30.0),
        chat=Rate(capacity=5, per_second=1.0),
    ),
    Channel.MAX: Limits(
        text=4000,
        caption=4000,
        buttons=210,
        buttons_per_row=7,
        rows=30,
        button_text=128,
        buttoned_text=4000,
        can_ask_phone=True,
        account=Rate(capacity=30, per_second=30.0),
        chat=Rate(capacity=4, per_second=2.0),
    ),
    Channel.VK: Limits(
        text=4096,
        caption=4096,
        buttons=10,
        buttons_per_row=5,
        rows=6,
        button_text=40,
        buttoned_text=4096,
        account=Rate(capacity=20, per_second=20.0),
        chat=Rate(capacity=5, per_second=1.0),
    ),
    Channel.WHATSAPP: Limits(
        text=4096,
        buttons=3,
        buttons_per_row=1,
        button_text=20,
        has_url_buttons=False,
        distinct_labels=True,
        buttoned_text=1024,
        list_rows=10,
        list_text=24,
        list_description=72,
        can_edit=False,
        takes_files=False,
        window=timedelta(hours=24),
        has_templates=True,
        account=Rate(capacity=80, per_second=80.0),
        chat=Rate(capacity=20, per_second=1 / 6),
    ),
    Channel.INSTAGRAM: Limits(
        text=1000,
        text_unit=TextUnit.BYTES,
        caption=0,
        buttons=13,
        buttons_per_row=13,
        button_text=20,
        has_url_buttons=False,
        buttoned_text=1000,
        can_edit=False,
        takes_files=False,
        fetches_files=True,
        window=timedelta(hours=24),
        human_window=timedelta(days=7),
        account=Rate(capacity=100, per_second=100.0),
        chat=Rate(capacity=10, per_second=2.0),
    ),
}
