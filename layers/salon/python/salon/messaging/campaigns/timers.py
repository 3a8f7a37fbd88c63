"""What the campaigns' timer does."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from salon.messaging.campaigns import repository, use_cases
from salon.messaging.campaigns.domain import CampaignMessageStatus
from salon.messaging.campaigns.use_cases.sending import send_message
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=6)
BUDGET = timedelta(minutes=4)
"""A run begins nothing new after so long; the function may take five minutes, and the rest is due again next time."""
CAMPAIGNS = 1000
BATCH = 500
AGAIN_AFTER = timedelta(minutes=30)
"""A message that fails stands back so long, so that it does not keep the others waiting at the head of the line."""


class PlanAndSendCampaigns:
    """Every hour: works out to whom active campaigns have something to say, and says what is due; one run at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """How many messages were handed to the queue; every message is a transaction of its own."""
        with single_flight(self._database, "timer_campaigns", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            began_at = self._clock.now()
            self._plan(began_at + BUDGET / 2)  # however many campaigns there are, what is due goes out too
            done = self._send(began_at + BUDGET)
            log.info("campaigns.ran", **{str(status): count for status, count in sorted(done.items())})
            return done[CampaignMessageStatus.SENT]

    def _plan(self, until: datetime) -> None:
        with self._database.without_tenant() as session:
            active = repository.list_active(session, CAMPAIGNS)
        for tenant_id, campaign_id in active:
            if self._clock.now() >= until:
                return  # the next run begins with those that were planned longest ago
            try:
                self._plan_one(tenant_id, campaign_id)
            except Exception:  # one tenant's trouble must not keep the others' campaigns waiting
                log.exception("campaign.not_planned", campaign_id=str(campaign_id))

    def _plan_one(self, tenant_id: UUID, campaign_id: UUID) -> None:
        after: UUID | None = None
        while True:
            with self._database.transaction(tenant_id) as session:
                after = use_cases.plan_chunk(session, campaign_id, now=self._clock.now(), after=after)
            if after is None:
                return

    def _send(self, until: datetime) -> Counter[CampaignMessageStatus]:
        done: Counter[CampaignMessageStatus] = Counter()
        seen: set[UUID] = set()
        while True:
            with self._database.without_tenant() as session:
                due = repository.list_due(session, until=self._clock.now(), limit=BATCH)
            fresh = [pair for pair in due if pair[1] not in seen]
            if not fresh:
                return done
            for tenant_id, message_id in fresh:
                if self._clock.now() >= until:
                    return done
                seen.add(message_id)
                status = self._send_one(tenant_id, message_id)
                if status is not None:
                    done[status] += 1

    def _send_one(self, tenant_id: UUID, message_id: UUID) -> CampaignMessageStatus | None:
        now = self._clock.now()
        try:
            with self._database.transaction(tenant_id) as session:
                return send_message(session, message_id, now)
        except Exception:  # as above
            log.exception("campaign_message.failed", message_id=str(message_id))
        with self._database.transaction(tenant_id) as session:
            repository.delay_message(session, message_id, now + AGAIN_AFTER)
        return None
