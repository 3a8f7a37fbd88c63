"""Clearing away what has had its time: a registry of what is kept how long, worked off once a day.

A rule names a table and a SECURITY DEFINER function that lists old rows of all tenants as (tenant_id, id), oldest
first; they are deleted tenant by tenant, a batch at a time, each in a transaction of its tenant (DESIGN law 4). Ids
sort by the time they were made, so «old» is a range of the primary key and needs no index of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import text

from salon.platform import keys
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.ids import first_id_of
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=10)
BATCH = 1_000
AT_MOST = timedelta(minutes=4)
"""How long a run deletes; its function's time-out is five minutes, and tomorrow is another day."""

FROM_THE_BEGINNING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long rows of a table are kept.

    Attributes:
        name: a word of ours, for logs and metrics.
        table: whose rows are deleted.
        kept: for how long, counted from what `listed_by` looks at (made, done, expired).
        listed_by: the function, called with `(before, floor, after, max_rows)` and `more`.
        still: a condition, in SQL, that a row must still fulfil when it is deleted.
        more: further arguments of the function.
        beside: tables whose rows go with it, and their column that names it.
        sets: assignments, in SQL, where the row stays and only what it says goes; it must not be listed again then.
    """

    name: str
    table: str
    kept: timedelta
    listed_by: str
    still: str = "true"
    more: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    sets: str = ""


@dataclass(frozen=True, slots=True)
class SmallRule:
    """The same for a table of few rows without an id of their own: each tenant's are looked through.

    Attributes:
        column: the instant that a row's age is counted from.
    """

    name: str
    table: str
    kept: timedelta
    column: str


class Purge:
    """Deletes what is past its time, rule by rule; one run at a time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        rules: Sequence[Rule | SmallRule],
        batch: int = BATCH,
    ) -> None:
        """Wire it.

        Args:
            database: the application's.
            clock: tells the time.
            metrics: takes how much was deleted, by rule.
            rules: the registry.
            batch: rows in one transaction at most.
        """
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._rules = rules
        self._batch = batch

    def __call__(self) -> dict[str, int]:
        """How many rows of each rule were deleted; what is left when the time is over waits for the next run."""
        purged: dict[str, int] = {}
        with single_flight(self._database, "timer_retention", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return purged
            started = self._clock.now()
            for rule in self._rules:
                purged[rule.name] = (
                    self._purge(rule, started) if isinstance(rule, Rule) else self._purge_small(rule, started)
                )
                log.info("retention.purged", rule=rule.name, rows=purged[rule.name])
                if purged[rule.name]:
                    self._metrics.count(figures.RETENTION_PURGED, purged[rule.name], kind=rule.name)
        return purged

    def _purge(self, rule: Rule, started: datetime) -> int:
        before, after, count = started - rule.kept, FROM_THE_BEGINNING, 0
        while self._clock.now() - started < AT_MOST:
            old = self._list_old(rule, before, after)
            for tenant_id, rows in groupby(sorted(old), key=itemgetter(0)):
                count += self._delete(rule, tenant_id, [row_id for _, row_id in rows])
            if len(old) < self._batch:
                return count
            after = max(row_id for _, row_id in old)  # rows that could not be deleted are not looked at again
        log.warning("retention.unfinished", rule=rule.name, rows=count)
        return count

    def _list_old(self, rule: Rule, before: datetime, after: UUID) -> list[tuple[UUID, UUID]]:
        more = "".join(f", :more_{number}" for number in range(len(rule.more)))
        statement = text(
            f"SELECT tenant_id, id FROM {rule.listed_by}"  # noqa: S608 - names come from the registry
            f"(:before, CAST(:floor AS uuid), CAST(:after AS uuid), :max_rows{more})"
        )
        values = {f"more_{number}": value for number, value in enumerate(rule.more)}
        asked = {"before": before, "floor": str(first_id_of(before)), "after": str(after), "max_rows": self._batch}
        with self._database.without_tenant() as session:
            return [(row.tenant_id, row.id) for row in session.execute(statement, asked | values)]

    def _delete(self, rule: Rule, tenant_id: UUID, ids: list[UUID]) -> int:
        try:
            with self._database.transaction(tenant_id) as session:
                verb = f"UPDATE {rule.table} SET {rule.sets}" if rule.sets else f"DELETE FROM {rule.table}"  # noqa: S608 - as above
                gone = session.scalars(
                    text(f"{verb} WHERE id = ANY(CAST(:ids AS uuid[])) AND ({rule.still}) RETURNING id"),
                    {"ids": [str(row_id) for row_id in ids]},
                ).all()
                for table, column in rule.beside:
                    session.execute(
                        text(f"DELETE FROM {table} WHERE {column} = ANY(CAST(:ids AS uuid[]))"),  # noqa: S608 - as above
                        {"ids": [str(row_id) for row_id in gone]},
                    )
        except Exception:  # one tenant's trouble must not keep the others' rows for ever
            log.exception("retention.failed", tenant_id=str(tenant_id), rule=rule.name)
            return 0
        return len(gone)

    def _purge_small(self, rule: SmallRule, started: datetime) -> int:
        with self._database.without_tenant() as session:
            tenants = keys.list_tenants(session)
        count = 0
        for tenant_id in tenants:
            if self._clock.now() - started >= AT_MOST:
                log.warning("retention.unfinished", rule=rule.name, rows=count)
                break
            try:
                with self._database.transaction(tenant_id) as session:
                    gone = session.execute(
                        text(f"DELETE FROM {rule.table} WHERE {rule.column} < :before RETURNING 1"),  # noqa: S608 - as above
                        {"before": started - rule.kept},
                    )
                    count += len(gone.all())
            except Exception:  # as above
                log.exception("retention.failed", tenant_id=str(tenant_id), rule=rule.name)
        return count
