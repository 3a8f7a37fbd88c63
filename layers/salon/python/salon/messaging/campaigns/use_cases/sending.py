"""Saying one message of a campaign: only to somebody who agreed, not too often, not at night, and how to stop.

On channels that let us write only approved texts by then, it goes as the template of the campaign's purpose; the
template's places are filled with the places of our wording, in the order in which they first occur there.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.clients.domain import Client, ConsentPurpose
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import quiet_hours
from salon.messaging.campaigns import domain, repository
from salon.messaging.campaigns.domain import (
    Campaign,
    CampaignKind,
    CampaignMessageStatus,
    CampaignStatus,
    SkipReason,
    Wording,
)
from salon.messaging.campaigns.models import CampaignMessageRow
from salon.messaging.campaigns.use_cases.planning import timezone_of
from salon.messaging.domain import Purpose, TemplateUse
from salon.messaging.domain.limits import LIMITS
from salon.messaging.domain.quiet import waits_until
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.talk import salon_phone
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import OutboxQueue
from salon.platform.texts import Texts
from salon.platform.timeranges import local_day

TALKING = timedelta(hours=12)
"""While a human of the salon talks with somebody, our news wait so long."""
WORTH_SAYING_FOR = timedelta(days=2)
"""News that could not go out for so long are old."""
NOTHING = "—"  # a template's place may not be empty


def send_message(session: WriteSession, message_id: UUID, now: datetime) -> CampaignMessageStatus | None:
    """Send one message that is due, or note why not; what it is now, None when somebody else has dealt with it.

    The conversation is locked before the message is: two messages to one person see each other's frequency.
    """
    seen = repository.find_message(session, message_id)
    if seen is None:
        return None
    same = clients.list_same_person(session, seen.client_id)
    conversation = repository.lock_reachable(session, same)
    row = repository.lock_message(session, message_id)
    if row is None:
        return None
    campaign = repository.get_campaign(session, row.campaign_id)
    if campaign.status is not CampaignStatus.ACTIVE:
        return CampaignMessageStatus.PLANNED
    reason = _why_not(session, row, campaign, conversation, same=same, now=now)
    if reason is not None or conversation is None:
        row.status, row.done_at = CampaignMessageStatus.SKIPPED, now
        row.reason = reason or SkipReason.UNREACHABLE
        return CampaignMessageStatus.SKIPPED
    later = _waits_until(session, conversation, now)
    if later is not None:
        row.due_at = later
        return CampaignMessageStatus.PLANNED
    row.message_id = _say(session, campaign, conversation, now)
    row.status, row.done_at = CampaignMessageStatus.SENT, now
    return CampaignMessageStatus.SENT


def _why_not(
    session: WriteSession,
    row: CampaignMessageRow,
    campaign: Campaign,
    conversation: Conversation | None,
    *,
    same: list[UUID],
    now: datetime,
) -> SkipReason | None:
    if not same or clients.get_client(session, same[0]).is_erased:
        return SkipReason.ERASED
    if now - row.due_at > domain.LATE[campaign.kind]:
        return SkipReason.TOO_LATE
    if not clients.has_consent(session, same[0], ConsentPurpose.MARKETING):
        return SkipReason.NO_CONSENT
    if conversation is None:
        return SkipReason.UNREACHABLE
    if campaign.kind is CampaignKind.WIN_BACK and _came_back(session, row, same, now):
        return SkipReason.CAME_BACK
    habits = habits_of(session)
    caps = ((domain.WEEK, habits.marketing_per_week), (domain.MONTH, habits.marketing_per_month))
    if any(repository.count_sent(session, same, now - span) >= most for span, most in caps):
        return SkipReason.TOO_OFTEN
    if campaign.template_purpose is None and _is_window_closed(session, conversation, now):
        return SkipReason.WINDOW_CLOSED
    return None


def _came_back(session: ReadSession, row: CampaignMessageRow, same: list[UUID], now: datetime) -> bool:
    last_on = date.fromisoformat(row.occasion)
    return repository.has_come_since(session, same, local_day(last_on, timezone_of(session)).end, now)


def _is_window_closed(session: ReadSession, conversation: Conversation, now: datetime) -> bool:
    window = LIMITS[conversation.channel].window
    if window is None:
        return False
    last = repository.last_inbound_at(session, conversation.id)
    return last is None or now - last >= window


def _waits_until(session: ReadSession, conversation: Conversation, now: datetime) -> datetime | None:
    """When it may go out, if not now: it is night for the client, or a human of the salon talks with them."""
    if repository.is_in_talks(session, conversation.id):
        return now + TALKING
    timezone = clients.get_client(session, conversation.client_id).timezone or timezone_of(session)
    return waits_until(now, timezone=timezone, quiet=quiet_hours(session), visit_at=None)


def _say(session: WriteSession, campaign: Campaign, conversation: Conversation, now: datetime) -> UUID:
    client = clients.get_client(session, conversation.client_id)
    words, wording = texts_for(session, client.language), campaign.wording_for(client.language)
    values = _values(session, client, wording, words)
    text = f"{wording.fill(values)}\n\n{words.say('marketing-how-to-stop')}"
    template = None
    if campaign.template_purpose is not None:
        filled = tuple(values[place] or NOTHING for place in wording.places)
        template = TemplateUse(campaign.template_purpose, values=filled)
    return say(
        session,
        conversation,
        Reply(text),
        now,
        queue=OutboxQueue.MK,
        purpose=Purpose.MARKETING,
        template=template,
        not_after=now + WORTH_SAYING_FOR,
    )


def _values(session: ReadSession, client: Client, wording: Wording, words: Texts) -> dict[str, str]:
    """What the places of a wording stand for; the last visit is looked up only when it is spoken of."""
    places = wording.places
    values = {"name": client.display_name, "link": wording.link, "salon": IdentityRepository(session).get_tenant().name}
    values["phone"] = salon_phone(session, words) if "phone" in places else ""
    last = booking.find_last_visit(session, client.id) if {"service", "staff"} & set(places) else None
    values["service"] = catalog.get_service(session, last.service_id).name if last else ""
    values["staff"] = catalog.get_staff(session, last.staff_id).name if last and last.staff_id else ""
    return values
