"""Availability and booking: rules, slots, who is busy; bookings and their history.

PostgreSQL itself forbids what must not happen: two claims on one person's time (exclusion), more seats than there are
(check), a client twice in one slot (partial unique), history rewritten (trigger).
"""

from __future__ import annotations

from alembic import op

from infra.migrations.support import append_only, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("availability_rules", "slot_instances", "busy_intervals", "bookings", "booking_history")
STALE_HOLDS = "stale_holds(at timestamptz, max_rows int)"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_rules()
    _create_slots()
    _create_busy_intervals()
    _create_bookings()
    _create_history()
    for table in TABLES:
        enable_rls(table, writable=table != "booking_history")
    append_only("booking_history")
    definer_function(
        STALE_HOLDS,
        "TABLE (tenant_id uuid, booking_id uuid)",
        "SELECT tenant_id, id FROM public.bookings WHERE status = 'held' AND hold_expires_at <= at"
        " ORDER BY hold_expires_at LIMIT max_rows",
    )


def downgrade() -> None:
    """Back to 0003."""
    guard_timeouts()
    drop_function(STALE_HOLDS)
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")


def _reference(table: str, column: str, target: str, more: str = "") -> str:
    return (
        f"CONSTRAINT fk_{table}_tenant_id_{column}"
        f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id) {more}"
    )


def _create_rules() -> None:
    op.execute(f"""
        CREATE TABLE availability_rules (
            id uuid CONSTRAINT pk_availability_rules PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            staff_id uuid,
            service_id uuid,
            kind varchar(16) NOT NULL
                CONSTRAINT ck_availability_rules_kind CHECK (kind IN ('weekly', 'date_range', 'exception')),
            days_of_week smallint[] CONSTRAINT ck_availability_rules_days_of_week
                CHECK (days_of_week <@ '{{1,2,3,4,5,6,7}}' AND days_of_week <> '{{}}'),
            start_time time,
            end_time time,
            slot_capacity smallint NOT NULL
                CONSTRAINT ck_availability_rules_slot_capacity CHECK (slot_capacity BETWEEN 1 AND 1000),
            slot_granularity_min smallint NOT NULL CONSTRAINT ck_availability_rules_slot_granularity_min
                CHECK (slot_granularity_min BETWEEN 1 AND 1440),
            valid_from date,
            valid_to date,
            is_closed boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT ck_availability_rules_weekly_days CHECK (kind <> 'weekly' OR days_of_week IS NOT NULL),
            CONSTRAINT ck_availability_rules_dated
                CHECK (kind = 'weekly' OR (valid_from IS NOT NULL AND valid_to IS NOT NULL)),
            CONSTRAINT ck_availability_rules_validity CHECK (valid_to >= valid_from),
            CONSTRAINT ck_availability_rules_hours CHECK ((start_time IS NULL) = (end_time IS NULL)),
            CONSTRAINT ck_availability_rules_open_hours CHECK (is_closed OR start_time IS NOT NULL),
            {_reference("availability_rules", "location_id", "locations")},
            {_reference("availability_rules", "staff_id", "staff")},
            {_reference("availability_rules", "service_id", "services")}
        )""")
    op.execute(
        "CREATE INDEX ix_availability_rules_tenant_id_location_id ON availability_rules (tenant_id, location_id)"
    )


def _create_slots() -> None:
    op.execute(f"""
        CREATE TABLE slot_instances (
            id uuid CONSTRAINT pk_slot_instances PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            service_id uuid NOT NULL,
            staff_id uuid,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            capacity smallint NOT NULL,
            booked smallint NOT NULL CONSTRAINT ck_slot_instances_booked CHECK (booked >= 0),
            held smallint NOT NULL CONSTRAINT ck_slot_instances_held CHECK (held >= 0),
            is_blocked boolean NOT NULL,
            status varchar(16) GENERATED ALWAYS AS (
                CASE WHEN is_blocked THEN 'blocked' WHEN booked + held >= capacity THEN 'full'
                WHEN booked + held > 0 THEN 'partial' ELSE 'open' END) STORED NOT NULL,
            CONSTRAINT ck_slot_instances_seats CHECK (booked + held <= capacity),
            CONSTRAINT ck_slot_instances_ends_at CHECK (ends_at > starts_at),
            CONSTRAINT uq_slot_instances_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_slot_instances_start
                UNIQUE NULLS NOT DISTINCT (tenant_id, location_id, service_id, staff_id, starts_at),
            {_reference("slot_instances", "location_id", "locations")},
            {_reference("slot_instances", "staff_id", "staff")},
            {_reference("slot_instances", "service_id", "services")}
        )""")
    op.execute(
        "CREATE INDEX ix_slot_instances_free ON slot_instances (tenant_id, service_id, starts_at)"
        " WHERE status IN ('open', 'partial')"
    )
    op.execute("CREATE INDEX ix_slot_instances_location ON slot_instances (tenant_id, location_id, starts_at)")


def _create_busy_intervals() -> None:
    op.execute(f"""
        CREATE TABLE busy_intervals (
            id uuid CONSTRAINT pk_busy_intervals PRIMARY KEY,
            tenant_id uuid NOT NULL,
            resource_kind varchar(8) NOT NULL
                CONSTRAINT ck_busy_intervals_resource_kind CHECK (resource_kind IN ('staff', 'chair', 'device')),
            resource_id uuid NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            slot_id uuid,
            booking_id uuid,
            expires_at timestamptz,
            CONSTRAINT ck_busy_intervals_ends_at CHECK (ends_at > starts_at),
            CONSTRAINT ex_busy_intervals_overlap EXCLUDE USING gist (
                tenant_id WITH =, resource_kind WITH =, resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&
            ),
            {_reference("busy_intervals", "slot_id", "slot_instances")}
        )""")
    op.execute(
        "CREATE INDEX ix_busy_intervals_resource"
        " ON busy_intervals (tenant_id, resource_kind, resource_id, ends_at, starts_at)"
    )
    op.execute("CREATE INDEX ix_busy_intervals_slot ON busy_intervals (tenant_id, slot_id)")


def _create_bookings() -> None:
    op.execute(f"""
        CREATE TABLE bookings (
            id uuid CONSTRAINT pk_bookings PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            location_id uuid NOT NULL,
            service_id uuid NOT NULL,
            staff_id uuid,
            slot_id uuid,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_bookings_status
                CHECK (status IN ('held', 'confirmed', 'completed', 'cancelled', 'no_show', 'expired')),
            hold_expires_at timestamptz,
            price_minor integer,
            currency varchar(3),
            channel varchar(16) NOT NULL,
            created_at timestamptz NOT NULL,
            confirmed_at timestamptz,
            cancelled_at timestamptz,
            cancel_reason varchar(16),
            version integer NOT NULL,
            CONSTRAINT uq_bookings_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_bookings_active_slot
                CHECK (slot_id IS NOT NULL OR status NOT IN ('held', 'confirmed')),
            CONSTRAINT ck_bookings_hold_expires_at CHECK (status <> 'held' OR hold_expires_at IS NOT NULL),
            CONSTRAINT ck_bookings_price CHECK ((price_minor IS NULL) = (currency IS NULL)),
            CONSTRAINT ck_bookings_ends_at CHECK (ends_at > starts_at),
            {_reference("bookings", "client_id", "clients")},
            {_reference("bookings", "location_id", "locations")},
            {_reference("bookings", "service_id", "services")},
            {_reference("bookings", "staff_id", "staff")},
            {_reference("bookings", "slot_id", "slot_instances", "ON DELETE SET NULL (slot_id)")}
        )""")
    op.execute(
        "CREATE UNIQUE INDEX uq_bookings_active_slot_client ON bookings (tenant_id, slot_id, client_id)"
        " WHERE status IN ('held', 'confirmed')"
    )
    op.execute("CREATE INDEX ix_bookings_slot ON bookings (tenant_id, slot_id)")
    op.execute("CREATE INDEX ix_bookings_client ON bookings (tenant_id, client_id, starts_at)")
    op.execute("CREATE INDEX ix_bookings_location ON bookings (tenant_id, location_id, starts_at)")
    op.execute("CREATE INDEX ix_bookings_holds ON bookings (tenant_id, hold_expires_at) WHERE status = 'held'")
    op.execute("CREATE INDEX ix_bookings_stale ON bookings (hold_expires_at) WHERE status = 'held'")


def _create_history() -> None:
    op.execute(f"""
        CREATE TABLE booking_history (
            id uuid CONSTRAINT pk_booking_history PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            version integer NOT NULL,
            change varchar(32) NOT NULL,
            status varchar(16) NOT NULL,
            slot_id uuid,
            staff_id uuid,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            actor_kind varchar(16) NOT NULL,
            actor_id varchar NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT uq_booking_history_tenant_id_booking_id_version UNIQUE (tenant_id, booking_id, version),
            {_reference("booking_history", "booking_id", "bookings")}
        )""")
