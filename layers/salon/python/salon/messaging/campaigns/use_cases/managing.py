"""What a manager does with campaigns."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.messaging.campaigns import domain, repository
from salon.messaging.campaigns.domain import Campaign, CampaignDetails, CampaignStatus, Preview, Results
from salon.messaging.campaigns.errors import CampaignOutdated
from salon.messaging.campaigns.use_cases.planning import bounds_of
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id

PAGE = 50
PREVIEWED = 20
FINISHED = "FINISHED"
EDITABLE = (CampaignStatus.DRAFT, CampaignStatus.PAUSED)


def create_campaign(session: WriteSession, details: CampaignDetails, *, actor: Actor, now: datetime) -> Campaign:
    """Write down a campaign; nothing is sent until it is started.

    Raises:
        CampaignSenseless: says what makes no sense.
    """
    domain.check_details(details)
    campaign_id = new_id()
    repository.add_campaign(session, campaign_id, details, created_by=actor.id, now=now)
    return _told(session, campaign_id, "campaign.created", actor, now)


def change_campaign(
    session: WriteSession,
    campaign_id: UUID,
    details: CampaignDetails,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Campaign:
    """Replace what a draft, or a campaign that is paused, says. Whoever was written to is not written to again.

    Args:
        session: the transaction.
        campaign_id: which.
        details: all of it.
        actor: who.
        now: when.
        version: that was read; None writes over whatever is there.

    Raises:
        CampaignNotFound: there is none.
        CampaignSenseless: says what makes no sense.
        CampaignNotInState: it runs, or is over.
        CampaignOutdated: somebody has changed it since.
    """
    domain.check_details(details)
    present = repository.lock_campaign(session, campaign_id)
    domain.check_status(present, *EDITABLE)
    if version is not None and version != present.version:
        raise CampaignOutdated(campaign_id)
    if details.segment != present.segment or details.kind is not present.kind:
        repository.cancel_planned(session, campaign_id, reason="SEGMENT_CHANGED", now=now)
    repository.change_details(session, campaign_id, details, now)
    return _told(session, campaign_id, "campaign.changed", actor, now)


def start_campaign(session: WriteSession, campaign_id: UUID, *, actor: Actor, now: datetime) -> Campaign:
    """Let a campaign run, or run on.

    Raises:
        CampaignNotFound: there is none.
        CampaignNotInState: it runs already, or is over.
        CampaignSenseless: a message to everybody does not say when.
    """
    domain.check_startable(repository.lock_campaign(session, campaign_id))
    repository.change_status(session, campaign_id, CampaignStatus.ACTIVE, now)
    return _told(session, campaign_id, "campaign.started", actor, now)


def pause_campaign(session: WriteSession, campaign_id: UUID, *, actor: Actor, now: datetime) -> Campaign:
    """Send nothing until it is started again; what was handed to the queue goes out.

    Raises:
        CampaignNotFound: there is none.
        CampaignNotInState: it does not run.
    """
    domain.check_status(repository.lock_campaign(session, campaign_id), CampaignStatus.ACTIVE)
    repository.change_status(session, campaign_id, CampaignStatus.PAUSED, now)
    return _told(session, campaign_id, "campaign.paused", actor, now)


def finish_campaign(session: WriteSession, campaign_id: UUID, *, actor: Actor, now: datetime) -> Campaign:
    """End it for good; what was planned is cancelled. Ending it again changes nothing.

    Raises:
        CampaignNotFound: there is none.
    """
    present = repository.lock_campaign(session, campaign_id)
    if present.status is CampaignStatus.FINISHED:
        return present
    repository.cancel_planned(session, campaign_id, reason=FINISHED, now=now)
    repository.change_status(session, campaign_id, CampaignStatus.FINISHED, now)
    return _told(session, campaign_id, "campaign.finished", actor, now)


def get_campaign(session: ReadSession, campaign_id: UUID) -> Campaign:
    """A campaign.

    Raises:
        CampaignNotFound: there is none.
    """
    return repository.get_campaign(session, campaign_id)


def list_campaigns(
    session: ReadSession, *, status: CampaignStatus | None = None, before: UUID | None = None, limit: int = PAGE
) -> list[Campaign]:
    """Campaigns, the newest first; `before` is the last id of the page before."""
    return repository.list_campaigns(session, status=status, before=before, limit=limit)


def preview_campaign(session: ReadSession, campaign_id: UUID, *, now: datetime) -> Preview:
    """Whom it would mean if it were its time now.

    Raises:
        CampaignNotFound: there is none.
    """
    campaign = repository.get_campaign(session, campaign_id)
    bounds = bounds_of(session, campaign, now, for_preview=True)
    count, reachable = repository.count_meant(session, campaign.segment, bounds)
    first = repository.list_meant(session, campaign.segment, bounds, after=None, limit=PREVIEWED)
    return Preview(count=count, reachable=reachable, client_ids=tuple(one.client_id for one in first))


def read_results(session: ReadSession, campaign_id: UUID) -> Results:
    """What has become of its messages.

    Raises:
        CampaignNotFound: there is none.
    """
    repository.get_campaign(session, campaign_id)
    return repository.count_results(session, campaign_id)


def _told(session: WriteSession, campaign_id: UUID, action: str, actor: Actor, now: datetime) -> Campaign:
    campaign = repository.get_campaign(session, campaign_id)
    record_audit(
        session,
        action=action,
        subject="campaign",
        subject_id=campaign_id,
        actor=actor,
        now=now,
        data={"kind": campaign.kind, "status": campaign.status, "version": campaign.version},
    )
    return campaign
