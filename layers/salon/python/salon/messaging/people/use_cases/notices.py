"""Telling the people of the salon, in their own chats: that somebody waits, what failed, who was not content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.identity.access import PERMISSIONS, Permission, Role
from salon.identity.domain import AccountStatus
from salon.identity.use_cases import quiet_hours
from salon.identity.use_cases.channels import list_channel_accounts
from salon.messaging.domain import Button, OutboundFile, Purpose
from salon.messaging.domain.quiet import waits_until
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.people import repository
from salon.messaging.people.domain import Notice, NoticeKind, StaffContact
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.words import salon_texts
from salon.platform.db import ReadSession, WriteSession
from salon.platform.logs import logger
from salon.platform.rate_buckets import Bucket, take_all
from salon.platform.rate_limits import Limit

log = logger(__name__)
FAILURES = Limit(capacity=10, per_second=1 / 360)
"""Notices of failures to one salon: when a provider is down for an hour, nobody reads the hundredth."""
ACCOUNT_NEWS_FOR = timedelta(hours=1)
"""That an account does not work is not told by that account once it works again."""
MAY_KNOW: Mapping[NoticeKind, Permission | None] = {
    NoticeKind.HANDOVER: Permission.HANDOVERS_WRITE,
    NoticeKind.LOW_RATING: Permission.FEEDBACK_READ,
    NoticeKind.FAILED: Permission.CLIENTS_READ,
    NoticeKind.ACCOUNT: Permission.CHANNELS_READ,
    NoticeKind.STOCK: Permission.STOCK_READ,
}
"""What a role needs to be told of it at all, whatever its user has chosen before."""


def tell_salon(session: WriteSession, notice: Notice, now: datetime, *, avoiding: UUID | None = None) -> int:
    """Tell everybody of the salon who wants to know; how many chats were told.

    At night it waits for the morning, by the salon's clock, unless somebody waits for an answer. Nobody is told by the
    account `avoiding` who has a chat with another one that works.
    """
    if notice.kind is NoticeKind.FAILED and take_all(session, [Bucket("notice:failed", FAILURES)], now=now):
        log.warning("notice.left_out", kind=notice.kind, text_id=notice.text_id)
        return 0
    not_before = None if notice.kind is NoticeKind.HANDOVER else morning(session, now)
    told = [contact for contact in repository.list_contacts(session) if wants(contact, notice)]
    if avoiding is not None:
        told = _beside(session, told, avoiding)
    not_after = (not_before or now) + ACCOUNT_NEWS_FOR if notice.kind is NoticeKind.ACCOUNT else None
    for contact in told:
        tell(session, contact, notice, now, not_before=not_before, not_after=not_after)
    if not told:
        log.info("notice.nobody", kind=notice.kind, text_id=notice.text_id)
    return len(told)


def _beside(session: ReadSession, contacts: list[StaffContact], broken: UUID) -> list[StaffContact]:
    """The chats with accounts that work; of a person who has none, the others: better late than never."""
    accounts = list_channel_accounts(session)
    working = {one.id for one in accounts if one.status is AccountStatus.ACTIVE and one.id != broken}
    reached = {contact.user_id for contact in contacts if contact.account_id in working}
    return [one for one in contacts if one.account_id in working or one.user_id not in reached]


def tell(
    session: WriteSession,
    contact: StaffContact,
    notice: Notice,
    now: datetime,
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    file: OutboundFile | None = None,
) -> None:
    """Tell one person in one chat, in the salon's language, which its arguments arrive in."""
    conversation = repository.get_conversation(session, contact.conversation_id)
    words = salon_texts(session)
    buttons = tuple(tuple(Button(words.say(one.text), one.payload) for one in row) for row in notice.buttons)
    say(
        session,
        conversation,
        Reply(words.say(notice.text_id, **notice.arguments), buttons),
        now,
        purpose=Purpose.NOTICE,
        sealed_for=notice.sealed_for,
        file=file,
        not_before=not_before,
        not_after=not_after,
    )


def morning(session: ReadSession, now: datetime) -> datetime | None:
    """When the salon may be told: None for now."""
    return waits_until(now, timezone=salon_zone(session), quiet=quiet_hours(session), visit_at=None)


def salon_zone(session: ReadSession) -> str:
    """The zone that the salon's people live by: the first branch's."""
    places = catalog.list_locations(session)
    return places[0].timezone if places else "Europe/Moscow"


def tap(text_id: str, kind: Tap, handover_id: UUID) -> Button:
    """A button of a notice, whose words are a text's id until the reader's language is known."""
    return Button(text_id, TapPayload(kind, handover_id).encode())


def wants(contact: StaffContact, notice: Notice) -> bool:
    """Whether this is for this chat: the role may know, the person chose to, and it is not their own conversation."""
    needed = MAY_KNOW[notice.kind]
    may = needed is None or needed in PERMISSIONS[Role(contact.role)]
    return may and notice.kind in contact.notices and contact.conversation_id != notice.conversation_id
