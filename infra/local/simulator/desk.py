"""The salon's front desk at the page: whose chat it is, the sample invoice, and where to go on in the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.state import Account


@dataclass(frozen=True, slots=True)
class Invoice:
    """The latest invoice of the salon.

    Attributes:
        id: names its page in the console.
        words: which one it is and what became of it.
    """

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Who hands in invoices, and how.

    Attributes:
        channel: the messenger in which the front desk's chat is bound.
        user_id: the front desk there.
        name: of the person.
        sample: a photograph of an invoice.
        console: address of the console, without a slash at the end.
        latest: the latest invoice; None when there is none, or nobody can say just now.
    """

    channel: str
    user_id: int
    name: str
    sample: Path
    console: str
    latest: Callable[[], Invoice | None]

    def shown(self, account: Account) -> dict[str, Any]:
        """What the page is told."""
        latest = self.latest()
        page = None if latest is None else {"url": f"{self.console}/invoices/{latest.id}", "words": latest.words}
        return {
            "channel": self.channel,
            "bot": account.external_id,
            "user": self.user_id,
            "name": self.name,
            "stock": f"{self.console}/stock",
            "invoices": f"{self.console}/invoices",
            "latest": page,
        }

    def send_sample(self, fake: Messenger, account: Account) -> None:
        """Photograph the sample invoice and send it, as the front desk."""
        fake.send_photo(self.user_id, self.sample.read_bytes(), bot=account)
