"""What has had its time is deleted, of every tenant and of each a batch at a time; what has not stays."""

from __future__ import annotations

import runpy
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.platform import metrics as figures
from salon.platform.ids import first_id_of, new_id
from salon.platform.metrics import MemoryMetrics
from salon.platform.retention import LEASE, Purge, Rule
from salon.platform.settings import RetentionSettings
from salon.platform.single_flight import single_flight
from support.fixtures import make_tenant
from support.functions import ROOT

pytestmark = pytest.mark.database
DAY = timedelta(days=1)
_BOOTSTRAP = runpy.run_path(str(ROOT / "functions" / "timer_retention" / "bootstrap.py"))
ALL_RULES = _BOOTSTRAP["rules"](RetentionSettings())
RULES = tuple(rule for rule in ALL_RULES if not getattr(rule, "sets", ""))  # those that delete rows

# How a row of each rule is written, its age counted from :at; whatever stands under a rule must go by that rule alone.
INBOX = (
    "INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload, status, attempts,"
    " next_attempt_at, received_at, done_at)"
    " VALUES (:id, :tenant, 'telegram', :id, :id, '', '', '{}', 1, :at, :at, :at)"
)
OUTBOX = (
    "INSERT INTO outbox (id, tenant_id, queue, kind, payload, dedupe_key, status, attempts, next_attempt_at,"
    " created_at, done_at) VALUES (:id, :tenant, 'tx', 'message.send', '{{}}', {}, '{}', 1, :at, :at, :at)"
)
ROWS = {
    "transcripts": (
        "INSERT INTO transcripts (id, tenant_id, inbox_id, status, body, attempts, created_at)"
        " VALUES (:id, :tenant, :id, 'done', '', 1, :at)"
    ),
    "inbox": INBOX.format("done"),
    "inbox_parked": INBOX.format("parked"),
    "outbox": OUTBOX.format("'logged:' || :id", "done"),
    "outbox_cancelled": OUTBOX.format("NULL", "cancelled"),
    "outbox_parked": OUTBOX.format("'message:' || :id", "parked"),
    "outbox_told": OUTBOX.format("'needs-reschedule:' || :id", "done"),
    "sessions": (
        "INSERT INTO sessions (id, tenant_id, role, created_at, expires_at) VALUES (:id, :tenant, 'user',"
        " CAST(:at AS timestamptz) - interval '1 hour', :at)"
    ),
    "exposures": (
        "INSERT INTO exposures (id, tenant_id, key, subject, variant, service_id, on_date, round, slot_ids, total,"
        " created_at, expires_at) VALUES (:id, :tenant, '', '', '', :id, '2026-03-11', 1, '{}', 0, :at, :at)"
    ),
    "idempotency_keys": (
        "INSERT INTO idempotency_keys (id, tenant_id, actor, key, payload_hash, created_at, expires_at)"
        " VALUES (:id, :tenant, 'a', :id, '', :at, :at)"
    ),
    "binding_codes": (
        "INSERT INTO binding_codes (id, tenant_id, user_id, code_hash, created_by, created_at, expires_at)"
        " VALUES (:id, :tenant, :user, CAST(:id AS bytea), 'a', :at, :at)"
    ),
    "uploads": (
        "INSERT INTO uploads (id, tenant_id, status, source, file_name, content_type, actor_kind, actor_id,"
        " created_at, expires_at) VALUES (:id, :tenant, 'arrived', 'form', '', 'image/png', 'user', 'a', :at, :at)"
    ),
    "invitations": (
        "INSERT INTO invitations (id, tenant_id, user_id, email, token_hash, created_at, expires_at)"
        " VALUES (:id, :tenant, :user, '', :id, :at, :at)"
    ),
    "login_places": (
        "WITH account AS (INSERT INTO user_credentials (id, tenant_id, user_id, email, email_index, password_hash,"
        " changed_at, created_at) VALUES (:id, :tenant, :user, '', :id, '', :at, :at))"
        " INSERT INTO login_places (id, tenant_id, credential_id, place_index, failed_attempts, tried_at)"
        " VALUES (:id, :tenant, :id, 'a', 0, :at)"
    ),
    "rate_limits": "INSERT INTO rate_limits (tenant_id, key, tokens, refilled_at) VALUES (:tenant, :id, 1, :at)",
}
OPEN = (INBOX.format("open"), OUTBOX.format("NULL", "open"), OUTBOX.format("NULL", "waiting"))


class Archive:
    """Rows of two tenants, made when a test says so."""

    def __init__(self, database, owner_engine, clock, tenants):
        self.database, self.owner, self.clock, self.tenants = database, owner_engine, clock, tenants
        self.metrics = MemoryMetrics()

    def add(self, statement, age, tenant_id):
        at = self.clock.now() - age
        row_id = UUID(int=first_id_of(at).int | (new_id().int & ((1 << 80) - 1)))  # an id of that time
        with self.owner.begin() as owner:
            user = new_id()
            values = {"id": str(row_id), "tenant": tenant_id, "at": at}
            if ":user" in statement:
                owner.execute(
                    text(
                        "INSERT INTO users (id, tenant_id, name, role, is_active, created_at)"
                        " VALUES (:id, :tenant, '', 'owner', true, now())"
                    ),
                    {"id": user, "tenant": tenant_id},
                )
                values["user"] = user
            owner.execute(text(statement), values)
        return row_id

    def left(self, table):
        with self.owner.connect() as owner:
            return owner.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name of ours

    def purge(self, rules=RULES, **more):
        return Purge(self.database, self.clock, self.metrics, rules=rules, **more)()


@pytest.fixture
def archive(database, owner_engine, clock, tenant_id):
    return Archive(database, owner_engine, clock, [tenant_id, make_tenant(database, clock.now(), "Второй")])


def test_every_rule_deletes_what_is_past_its_time_and_nothing_younger(archive):
    assert set(ROWS) == {rule.name for rule in RULES}
    with archive.owner.begin() as owner:
        owner.execute(text("DELETE FROM outbox"))
    for rule in RULES:
        for tenant_id in archive.tenants:
            archive.add(ROWS[rule.name], rule.kept + DAY, tenant_id)
            archive.add(ROWS[rule.name], rule.kept - DAY, tenant_id)
    for statement in OPEN:
        archive.add(statement, timedelta(days=1000), archive.tenants[0])

    assert archive.purge() == {rule.name: 2 for rule in RULES}

    assert {table: archive.left(table) for table in {rule.table for rule in RULES}} == {
        "transcripts": 2, "inbox": 2 * 2 + 1, "outbox": 4 * 2 + 2, "sessions": 2, "exposures": 2,
        "idempotency_keys": 2, "binding_codes": 2, "rate_limits": 2, "uploads": 2, "invitations": 2, "login_places": 2,
    }  # fmt: skip
    assert archive.metrics.total(figures.RETENTION_PURGED, kind="transcripts") == 2
    assert archive.purge() == dict.fromkeys(ROWS, 0)


def test_more_than_a_batch_goes_in_one_run_with_what_hangs_on_it(archive):
    [tenant_id, _] = archive.tenants
    ids = [archive.add(ROWS["outbox"], 40 * DAY, tenant_id) for _ in range(7)]
    with archive.owner.begin() as owner:
        for one in [*ids, new_id()]:
            owner.execute(
                text("INSERT INTO event_deliveries VALUES (:tenant, :id, 'somebody', now())"),
                {"tenant": tenant_id, "id": one},
            )
    assert archive.purge(batch=3)["outbox"] == 7
    assert archive.left("event_deliveries") == 1


def test_one_tenants_trouble_keeps_nobody_elses_rows(archive):
    stuck, fine = archive.tenants
    with archive.owner.begin() as owner:
        owner.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF OLD.tenant_id = '{stuck}' THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$"
            )
        )
        owner.execute(text("CREATE TRIGGER refuse BEFORE DELETE ON inbox FOR EACH ROW EXECUTE FUNCTION refuse()"))
    for _ in range(3):
        archive.add(ROWS["inbox"], 40 * DAY, stuck)
        archive.add(ROWS["inbox"], 39 * DAY, fine)
    assert archive.purge(batch=2)["inbox"] == 3
    assert archive.left("inbox") == 3


def test_the_same_of_a_table_that_is_looked_through(archive):
    [stuck, _] = archive.tenants
    for tenant_id in archive.tenants:
        archive.add(ROWS["rate_limits"], 40 * DAY, tenant_id)
    with archive.owner.begin() as owner:
        owner.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF OLD.tenant_id = '{stuck}' THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$"
            )
        )
        owner.execute(text("CREATE TRIGGER refuse BEFORE DELETE ON rate_limits FOR EACH ROW EXECUTE FUNCTION refuse()"))
    assert archive.purge()["rate_limits"] == 1
    with archive.owner.connect() as owner:
        assert owner.scalars(text("SELECT tenant_id FROM rate_limits")).all() == [stuck]


def test_one_run_at_a_time_and_none_without_end(archive, clock):
    [tenant_id, _] = archive.tenants
    for _ in range(3):
        archive.add(ROWS["inbox"], 40 * DAY, tenant_id)
    with single_flight(archive.database, "timer_retention", clock=clock, lease=LEASE):
        assert archive.purge() == {}

    class Slow:
        """A clock by which every look takes two minutes."""

        def now(self):
            clock.advance(timedelta(minutes=2))
            return clock.now()

    archive.clock = Slow()
    [inbox] = [rule for rule in RULES if rule.name == "inbox"]
    assert isinstance(inbox, Rule)
    assert archive.purge([inbox], batch=1) == {"inbox": 1}
    assert archive.left("inbox") == 2
    [rates] = [rule for rule in RULES if rule.name == "rate_limits"]
    archive.add(ROWS["rate_limits"], 40 * DAY, tenant_id)
    assert archive.purge([inbox, rates], batch=1) == {"inbox": 1, "rate_limits": 0}
