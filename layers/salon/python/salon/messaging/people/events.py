"""What has happened to conversations that a human is to answer. Ids and states only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.booking.feedback.events import FeedbackCommented, FeedbackReceived
from salon.identity.events import ChannelBroken, ChannelRejected
from salon.messaging.events import MessageUndeliverable
from salon.messaging.people.domain import HandoverOutcome, HandoverReason
from salon.platform.facts import Fact


class HandoverFact(Fact):
    """What every fact about a hand-over says; `version` puts facts that arrive out of order into order."""

    handover_id: UUID
    version: int
    conversation_id: UUID
    client_id: UUID
    reason: HandoverReason


class HandoverOpened(HandoverFact):
    """A human is to answer."""

    name: ClassVar[str] = "handover.opened"


class HandoverTakenOver(HandoverFact):
    """A human answers; `user_id` is None when it is in the provider's own app."""

    name: ClassVar[str] = "handover.taken"

    user_id: UUID | None


class HandoverReopened(HandoverFact):
    """Whoever had it cannot or does not answer; it waits again."""

    name: ClassVar[str] = "handover.reopened"


class HandoverEnded(HandoverFact):
    """The assistant answers again."""

    name: ClassVar[str] = "handover.closed"

    outcome: HandoverOutcome


SALON_FACTS = frozenset(
    {MessageUndeliverable.name, FeedbackReceived.name, FeedbackCommented.name, ChannelRejected.name, ChannelBroken.name}
)
"""What the salon is told of because it happened."""
