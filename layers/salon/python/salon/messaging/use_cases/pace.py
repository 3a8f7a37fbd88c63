"""Keeping to the providers' rates, also when many senders run at once (facts/channels.md §1.6 to §5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from salon.identity.domain import SendRate
from salon.identity.use_cases.channels import config_of
from salon.messaging.domain import OutboundKind
from salon.messaging.domain.limits import LIMITS, Rate
from salon.messaging.repository import QueuedMessage
from salon.platform.db import WriteSession
from salon.platform.outbox import OutboxQueue
from salon.platform.pacing import Held, stand_in_line, take_together
from salon.platform.rate_buckets import Bucket
from salon.platform.rate_limits import Limit

MARKETING_SHARE = 0.5
"""Of an account's rate: a campaign of thousands leaves the other half to confirmations and reminders."""

SHORTEST_WAIT = timedelta(milliseconds=50)
"""A wait that rounds to nothing would have a sender ask again and again."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A message that has to wait for its rate.

    Attributes:
        until: when to try again.
        kind: whose rate, `account` or `chat`.
    """

    until: datetime
    kind: str


def hold_for_rate(
    session: WriteSession, queued: QueuedMessage, config: Mapping[str, Any], queue: OutboxQueue, now: datetime
) -> HeldBack | None:
    """Count a message against its account and its chat; None when it may go now, otherwise nothing is counted.

    Args:
        session: the transaction; nothing but postponing the row may follow in it.
        queued: the message.
        config: the account's, which may allow other rates than its provider's usual ones.
        queue: marketing has a share of the account's rate.
        now: the current instant.
    """
    limits, own = LIMITS[queued.channel], config_of(config)
    account = _limit(own.account_rate or limits.account)
    key = f"send:{queued.account_id}"
    buckets = [Bucket(key, account)]
    if queue is OutboxQueue.MK:
        buckets.append(Bucket(f"{key}:mk", _share(account)))
    chat = Bucket(f"send:chat:{queued.conversation_id}", _limit(own.chat_rate or limits.chat))
    if queued.message.kind is OutboundKind.MESSAGE:  # stopping a spinner or retiring keys puts nothing into the chat
        buckets.append(chat)
    held = take_together(session, buckets, now=now)
    if held is None:
        return None
    kind = "chat" if held.bucket == chat else "account"
    return HeldBack(now + max(SHORTEST_WAIT, timedelta(seconds=_wait(session, held, kind, now))), kind)


def _wait(session: WriteSession, held: Held, kind: str, now: datetime) -> float:
    """A chat has one message that waits, the first; an account may have thousands."""
    return held.seconds if kind == "chat" else max(held.seconds, stand_in_line(session, held.bucket, now=now))


def _limit(rate: Rate | SendRate) -> Limit:
    return Limit(capacity=rate.capacity, per_second=rate.per_second)


def _share(limit: Limit) -> Limit:
    return Limit(capacity=max(1, int(limit.capacity * MARKETING_SHARE)), per_second=limit.per_second * MARKETING_SHARE)
