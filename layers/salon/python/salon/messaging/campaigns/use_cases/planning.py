"""Working out to whom a campaign is said, on which occasion and when.

It is done in chunks, each in a transaction of its own; a client, a campaign and an occasion make one message, so that
a run that died half-way is simply run again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.identity.domain import system
from salon.identity.use_cases import record_audit
from salon.messaging.campaigns import domain, repository
from salon.messaging.campaigns.domain import Campaign, CampaignKind, CampaignStatus
from salon.messaging.campaigns.repository import Bounds, Meant, Planned
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import NotFound
from salon.platform.timeranges import local_day, zone

CHUNK = 500
ONCE = "once"
AHEAD = (0, 1)
"""Birthdays are planned for today and tomorrow by the salon's calendar: further east the day begins earlier."""


def plan_chunk(
    session: WriteSession, campaign_id: UUID, *, now: datetime, after: UUID | None = None, limit: int = CHUNK
) -> UUID | None:
    """Plan the next people of an active campaign; the last of them, or None when all are planned.

    A message to everybody is planned once, at its time, and the campaign is over when all of it has been dealt with.
    """
    try:
        campaign = repository.lock_campaign(session, campaign_id)
    except NotFound:
        return None
    if campaign.status is not CampaignStatus.ACTIVE or (campaign.send_at is not None and campaign.send_at > now):
        return None
    if campaign.kind is CampaignKind.ONE_OFF and campaign.planned_at is not None:
        _finish_if_done(session, campaign, now)
        return None
    found = repository.list_meant(
        session, campaign.segment, bounds_of(session, campaign, now), after=after, limit=limit
    )
    timezone = timezone_of(session)
    planned = [one for meant in found if (one := _planned(campaign, meant, timezone, now)) is not None]
    repository.add_planned(session, campaign_id, planned, now)
    if len(found) == limit:
        return found[-1].client_id
    repository.mark_planned(session, campaign_id, now)
    return None


def bounds_of(session: ReadSession, campaign: Campaign, now: datetime, *, for_preview: bool = False) -> Bounds:
    """The days of a campaign's segment, by the salon's clock.

    Args:
        session: reading is enough.
        campaign: whose.
        now: the current instant.
        for_preview: birthdays of the days to come, rather than those that are planned just now.
    """
    segment, timezone = campaign.segment, timezone_of(session)
    today = now.astimezone(zone(timezone)).date()
    within, birth_days = segment.birthday_within_days, None
    if campaign.kind is CampaignKind.BIRTHDAY:
        span = range(domain.MAX_BIRTHDAY_DAYS + 1) if for_preview else [(within or 0) + day for day in AHEAD]
        birth_days = domain.birth_days([today + timedelta(days=day) for day in span])
    elif within is not None:
        birth_days = domain.birth_days([today + timedelta(days=day) for day in range(within + 1)])
    before, first = segment.last_visit_before, segment.last_visit_after
    return Bounds(
        now=now,
        last_visit_before=local_day(before, timezone).start if before else None,
        last_visit_after=local_day(first, timezone).start if first else None,
        birth_days=birth_days,
    )


def timezone_of(session: ReadSession) -> str:
    """The salon's clock: that of its first branch."""
    places = catalog.list_locations(session)
    return places[0].timezone if places else "Europe/Moscow"


def _planned(campaign: Campaign, meant: Meant, timezone: str, now: datetime) -> Planned | None:
    """The message to one person; None when there is no occasion after all."""
    theirs = meant.timezone or timezone
    today = now.astimezone(zone(timezone)).date()
    match campaign.kind:
        case CampaignKind.BIRTHDAY:
            ahead = timedelta(days=campaign.segment.birthday_within_days or 0)
            for day in AHEAD:
                on = today + timedelta(days=day)
                kept = on + ahead
                if meant.birth_day is not None and domain.birthday_on(meant.birth_day, kept.year) == kept:
                    return Planned(meant.client_id, str(kept.year), domain.send_instant(on, theirs))
            return None
        case CampaignKind.WIN_BACK:
            if meant.last_visit_at is None:
                return None
            last_on = meant.last_visit_at.astimezone(zone(timezone)).date()
            here = now.astimezone(zone(theirs)).date()
            return Planned(meant.client_id, last_on.isoformat(), max(now, domain.send_instant(here, theirs)))
    return Planned(meant.client_id, ONCE, max(now, campaign.send_at or now))


def _finish_if_done(session: WriteSession, campaign: Campaign, now: datetime) -> None:
    """A message to everybody is over when nobody waits for it any more."""
    if repository.is_anything_planned(session, campaign.id):
        return
    repository.change_status(session, campaign.id, CampaignStatus.FINISHED, now)
    record_audit(
        session,
        action="campaign.finished",
        subject="campaign",
        subject_id=campaign.id,
        actor=system("timer_campaigns"),
        now=now,
        data={"kind": campaign.kind, "status": CampaignStatus.FINISHED},
    )
