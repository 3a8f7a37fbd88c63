"""Campaigns: what is said to whom on which occasion, tried out, started and stopped, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt
from pydantic.dataclasses import dataclass

from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.messaging.campaigns import domain, use_cases
from salon.messaging.campaigns.domain import (
    Campaign,
    CampaignDetails,
    CampaignKind,
    CampaignStatus,
    Preview,
    Results,
    Segment,
    Wording,
)
from salon.messaging.campaigns.errors import (
    CampaignNotFound,
    CampaignNotInState,
    CampaignOutdated,
    CampaignSenseless,
)
from salon.platform.db import ReadSession
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import STRICT, Page, ZoneNeeded, instant

ALL = "/admin/v1/campaigns"
ONE = "/admin/v1/campaigns/<campaign_id>"
_TIMES = (UnknownTimezone, ZoneNeeded)
Days = Annotated[StrictInt | None, Field(ge=0, le=domain.MAX_DAYS)]
Stars = Annotated[StrictInt | None, Field(ge=1, le=domain.MOST_STARS)]
ManyIds = Annotated[tuple[UUID, ...], Field(max_length=200)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SegmentBody(Segment):
    """Whom the campaign means; what is left out excludes nobody."""

    last_visit_before: Day | None = None
    last_visit_after: Day | None = None
    idle_days: Days = None
    service_ids: ManyIds = ()
    staff_ids: ManyIds = ()
    location_ids: ManyIds = ()
    min_visits: Annotated[StrictInt | None, Field(ge=1, le=10_000)] = None
    min_rating: Stars = None
    max_rating: Stars = None
    language: Annotated[str | None, Field(pattern="^(ru|en)$")] = None
    birthday_within_days: Annotated[StrictInt | None, Field(ge=0, le=domain.MAX_BIRTHDAY_DAYS)] = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordingBody(Wording):
    """What is said in one language; `{name}`, `{salon}`, `{link}`, `{service}`, `{staff}`, `{phone}` are filled in."""

    text: Annotated[str, Field(min_length=1, max_length=domain.MAX_TEXT_CHARS)]
    link: Annotated[str, Field(max_length=domain.MAX_URL_CHARS)] = ""


class CampaignBody(BaseModel):
    """What a person says about a campaign."""

    model_config = STRICT

    name: str = Field(min_length=1, max_length=domain.MAX_NAME_CHARS)
    kind: CampaignKind
    segment: SegmentBody = Field(default_factory=SegmentBody)
    wording: dict[str, WordingBody] = Field(min_length=1, max_length=len(domain.LANGUAGES))
    template_purpose: str | None = Field(default=None, max_length=32)
    send_at: Instant | None = None
    timezone: Zone | None = None

    def details(self, session: ReadSession) -> CampaignDetails:
        """The same for the use case."""
        return CampaignDetails(
            name=self.name,
            kind=self.kind,
            segment=Segment(**{name: getattr(self.segment, name) for name in Segment.__dataclass_fields__}),
            wording={language: Wording(text=said.text, link=said.link) for language, said in self.wording.items()},
            template_purpose=self.template_purpose,
            send_at=None if self.send_at is None else instant(session, self.send_at, self.timezone),
        )


class ChangeBody(CampaignBody):
    """All of it, and the version that was read."""

    version: StrictInt | None = Field(default=None, ge=1, description="The version that was read.")


class CampaignView(BaseModel):
    """A campaign."""

    id: UUID
    name: str
    kind: CampaignKind
    status: CampaignStatus
    segment: Segment
    wording: dict[str, Wording]
    template_purpose: str | None
    send_at: datetime | None
    planned_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignView:
        """From the campaign."""
        return cls(
            wording=dict(campaign.wording),
            **{name: getattr(campaign, name) for name in cls.model_fields if name != "wording"},
        )


def add_campaign_routes(resolver: ApiResolver, api: Api) -> None:
    """`/campaigns`."""
    _add_reading(resolver, api)
    _add_changing(resolver, api)
    _add_life(resolver, api)


def _add_reading(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ALL, tags=["campaigns"], responses=reads())
    def list_campaigns(
        status: Annotated[CampaignStatus | None, Query()] = None,
        cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[CampaignView]:
        with api.read(Permission.CAMPAIGNS_READ) as call:
            found = use_cases.list_campaigns(call.session, status=status, before=cursor, limit=limit + 1)
            shown = found[:limit]
            return Page(
                items=[CampaignView.of(one) for one in shown],
                next_cursor=str(shown[-1].id) if len(found) > limit else None,
            )

    @resolver.get(ONE, tags=["campaigns"], responses=reads(CampaignNotFound))
    def get_campaign(campaign_id: UUID) -> CampaignView:
        with api.read(Permission.CAMPAIGNS_READ) as call:
            return CampaignView.of(use_cases.get_campaign(call.session, campaign_id))

    @resolver.get(f"{ONE}/preview", tags=["campaigns"], responses=reads(CampaignNotFound))
    def preview_campaign(campaign_id: UUID) -> Preview:
        with api.read(Permission.CAMPAIGNS_READ) as call:
            return use_cases.preview_campaign(call.session, campaign_id, now=call.now)

    @resolver.get(f"{ONE}/results", tags=["campaigns"], responses=reads(CampaignNotFound))
    def read_results(campaign_id: UUID) -> Results:
        with api.read(Permission.CAMPAIGNS_READ) as call:
            return use_cases.read_results(call.session, campaign_id)


def _add_changing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(ALL, tags=["campaigns"], status_code=201, responses=changes(CampaignSenseless, *_TIMES, status=201))
    def create_campaign(body: Annotated[CampaignBody, Body()]) -> CampaignView:
        with api.write(Permission.CAMPAIGNS_WRITE) as call:
            details = body.details(call.session)
            made = use_cases.create_campaign(call.session, details, actor=call.actor, now=call.now)
            return call.answer(CampaignView.of(made))

    @resolver.put(
        ONE,
        tags=["campaigns"],
        responses=changes(CampaignNotFound, CampaignSenseless, CampaignNotInState, CampaignOutdated, *_TIMES),
    )
    def change_campaign(campaign_id: UUID, body: Annotated[ChangeBody, Body()]) -> CampaignView:
        with api.write(Permission.CAMPAIGNS_WRITE) as call:
            changed = use_cases.change_campaign(
                call.session,
                campaign_id,
                body.details(call.session),
                actor=call.actor,
                now=call.now,
                version=body.version,
            )
            return call.answer(CampaignView.of(changed))


def _add_life(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        f"{ONE}/start", tags=["campaigns"], responses=changes(CampaignNotFound, CampaignNotInState, CampaignSenseless)
    )
    def start_campaign(campaign_id: UUID) -> CampaignView:
        with api.write(Permission.CAMPAIGNS_WRITE) as call:
            started = use_cases.start_campaign(call.session, campaign_id, actor=call.actor, now=call.now)
            return call.answer(CampaignView.of(started))

    @resolver.post(f"{ONE}/pause", tags=["campaigns"], responses=changes(CampaignNotFound, CampaignNotInState))
    def pause_campaign(campaign_id: UUID) -> CampaignView:
        with api.write(Permission.CAMPAIGNS_WRITE) as call:
            paused = use_cases.pause_campaign(call.session, campaign_id, actor=call.actor, now=call.now)
            return call.answer(CampaignView.of(paused))

    @resolver.post(f"{ONE}/finish", tags=["campaigns"], responses=changes(CampaignNotFound))
    def finish_campaign(campaign_id: UUID) -> CampaignView:
        with api.write(Permission.CAMPAIGNS_WRITE) as call:
            ended = use_cases.finish_campaign(call.session, campaign_id, actor=call.actor, now=call.now)
            return call.answer(CampaignView.of(ended))
