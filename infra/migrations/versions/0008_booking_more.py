"""A booking's whole life: options, several services in a row, series, deposits, late cancellation, the waiting list."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import definer_function, drop_function, enable_rls, guard_timeouts

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("booking_series", "booking_options", "waitlist_entries", "shift_proposals")
COLUMNS = (
    "visit_id uuid",
    "visit_position smallint",
    "series_id uuid",
    "session_id uuid",
    "exposure_id uuid",
    "variant varchar(32)",
    "extra_min integer NOT NULL DEFAULT 0",
    "incentive_minor integer NOT NULL DEFAULT 0",
    "deposit_minor integer",
    "deposit_status varchar(16)",
    "is_late_cancel boolean NOT NULL DEFAULT false",
    "cancel_fee_minor integer",
    "note bytea",
)
CHECKS = (
    ("deposit_status", "deposit_status IN ('required', 'paid', 'waived', 'refunded', 'kept')"),
    ("deposit", "(deposit_minor IS NULL) = (deposit_status IS NULL)"),
    ("visit", "(visit_id IS NULL) = (visit_position IS NULL)"),
)
INDEXES = ("visit_id", "series_id", "session_id")
# What the timers ask over all tenants: (tenant_id, id) of whatever has something to be done by now.
DUE = {
    "due_series(until date, max_rows int)": (
        "SELECT tenant_id, id FROM public.booking_series"
        " WHERE status = 'active' AND first_on + tried * every_days <= until ORDER BY id LIMIT max_rows"
    ),
    "due_waitlist_entries(at timestamptz, max_rows int)": (
        "SELECT entry.tenant_id, entry.id FROM public.waitlist_entries entry"
        " LEFT JOIN public.bookings offer ON offer.id = entry.offered_booking_id"
        " WHERE (entry.status = 'waiting' AND entry.to_at <= at)"
        " OR (entry.status = 'offered' AND offer.status <> 'held') ORDER BY entry.id LIMIT max_rows"
    ),
    "waiting_tenants(at timestamptz, max_rows int)": (
        "SELECT DISTINCT ON (tenant_id) tenant_id, id FROM public.waitlist_entries"
        " WHERE status = 'waiting' AND to_at > at ORDER BY tenant_id, id LIMIT max_rows"
    ),
    "due_shift_proposals(at timestamptz, max_rows int)": (
        "SELECT tenant_id, id FROM public.shift_proposals"
        " WHERE status = 'proposed' AND expires_at <= at ORDER BY expires_at LIMIT max_rows"
    ),
}


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_series()
    for column in COLUMNS:
        op.execute(f"ALTER TABLE bookings ADD COLUMN {column}")
    for name, check in CHECKS:
        op.execute(f"ALTER TABLE bookings ADD CONSTRAINT ck_bookings_{name} CHECK ({check}) NOT VALID")
        op.execute(f"ALTER TABLE bookings VALIDATE CONSTRAINT ck_bookings_{name}")
    op.execute(
        "ALTER TABLE bookings ADD CONSTRAINT fk_bookings_tenant_id_series_id"
        " FOREIGN KEY (tenant_id, series_id) REFERENCES booking_series (tenant_id, id) NOT VALID"
    )
    op.execute("ALTER TABLE bookings VALIDATE CONSTRAINT fk_bookings_tenant_id_series_id")
    for column in INDEXES:
        op.execute(
            f"CREATE INDEX ix_bookings_{column} ON bookings (tenant_id, {column}) WHERE {column} IS NOT NULL"
            " /* safe: the column is new and empty, no row is indexed */"
        )
    op.execute(
        "CREATE INDEX ix_bookings_starts_at ON bookings (tenant_id, starts_at, id)"
        " /* safe: nobody runs a release without it */"
    )
    op.execute(
        "CREATE INDEX ix_bookings_staff ON bookings (tenant_id, staff_id, starts_at)"
        " /* safe: nobody runs a release without it */"
    )
    op.execute(
        "CREATE INDEX ix_booking_history_slot ON booking_history (tenant_id, slot_id)"
        " /* safe: nobody runs a release without it */"
    )
    _create_options()
    _create_waitlist()
    _create_shift_proposals()
    for table in TABLES:
        enable_rls(table)
    for signature, body in DUE.items():
        definer_function(signature, "TABLE (tenant_id uuid, id uuid)", body)


def downgrade() -> None:
    """Back to 0007."""
    guard_timeouts()
    for signature in DUE:
        drop_function(signature)
    op.execute("DROP INDEX ix_booking_history_slot")
    op.execute("DROP INDEX ix_bookings_staff")
    op.execute("DROP INDEX ix_bookings_starts_at")
    op.execute("ALTER TABLE bookings DROP CONSTRAINT fk_bookings_tenant_id_series_id")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE bookings DROP COLUMN {column.split()[0]}")


def _reference(table: str, column: str, target: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_tenant_id_{column}"
        f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id)"
    )


def _create_series() -> None:
    op.execute(f"""
        CREATE TABLE booking_series (
            id uuid CONSTRAINT pk_booking_series PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            location_id uuid NOT NULL,
            service_id uuid NOT NULL,
            staff_id uuid,
            option_ids uuid[] NOT NULL,
            first_on date NOT NULL,
            local_time time NOT NULL,
            every_days smallint NOT NULL CONSTRAINT ck_booking_series_every_days CHECK (every_days BETWEEN 1 AND 366),
            occurrences smallint NOT NULL
                CONSTRAINT ck_booking_series_occurrences CHECK (occurrences BETWEEN 1 AND 104),
            tried smallint NOT NULL CONSTRAINT ck_booking_series_tried CHECK (tried >= 0),
            tolerance_min smallint NOT NULL CONSTRAINT ck_booking_series_tolerance_min CHECK (tolerance_min >= 0),
            status varchar(16) NOT NULL
                CONSTRAINT ck_booking_series_status CHECK (status IN ('active', 'finished', 'cancelled')),
            channel varchar(16) NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_booking_series_tenant_id_id UNIQUE (tenant_id, id),
            {_reference("booking_series", "client_id", "clients")},
            {_reference("booking_series", "location_id", "locations")},
            {_reference("booking_series", "service_id", "services")},
            {_reference("booking_series", "staff_id", "staff")}
        )""")
    op.execute("CREATE INDEX ix_booking_series_client ON booking_series (tenant_id, client_id)")


def _create_options() -> None:
    op.execute(f"""
        CREATE TABLE booking_options (
            id uuid CONSTRAINT pk_booking_options PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            option_id uuid NOT NULL,
            extra_min integer NOT NULL,
            price_minor integer,
            CONSTRAINT uq_booking_options_option UNIQUE (tenant_id, booking_id, option_id),
            {_reference("booking_options", "booking_id", "bookings")},
            {_reference("booking_options", "option_id", "service_options")}
        )""")


def _create_waitlist() -> None:
    op.execute(f"""
        CREATE TABLE waitlist_entries (
            id uuid CONSTRAINT pk_waitlist_entries PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            service_id uuid NOT NULL,
            location_id uuid,
            staff_id uuid,
            option_ids uuid[] NOT NULL,
            from_at timestamptz NOT NULL,
            to_at timestamptz NOT NULL,
            day_from_min smallint CONSTRAINT ck_waitlist_entries_day_from_min CHECK (day_from_min BETWEEN 0 AND 1440),
            day_to_min smallint CONSTRAINT ck_waitlist_entries_day_to_min CHECK (day_to_min BETWEEN 0 AND 1440),
            status varchar(16) NOT NULL CONSTRAINT ck_waitlist_entries_status
                CHECK (status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired')),
            offered_booking_id uuid,
            offers smallint NOT NULL CONSTRAINT ck_waitlist_entries_offers CHECK (offers >= 0),
            declined_slot_ids uuid[] NOT NULL,
            channel varchar(16) NOT NULL,
            session_id uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT uq_waitlist_entries_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_waitlist_entries_window CHECK (to_at >= from_at),
            {_reference("waitlist_entries", "client_id", "clients")},
            {_reference("waitlist_entries", "service_id", "services")},
            {_reference("waitlist_entries", "location_id", "locations")},
            {_reference("waitlist_entries", "staff_id", "staff")},
            {_reference("waitlist_entries", "offered_booking_id", "bookings")}
        )""")
    op.execute(
        "CREATE INDEX ix_waitlist_entries_waiting ON waitlist_entries (tenant_id, service_id, from_at)"
        " WHERE status = 'waiting'"
    )
    op.execute("CREATE INDEX ix_waitlist_entries_client ON waitlist_entries (tenant_id, client_id)")
    op.execute(
        "CREATE INDEX ix_waitlist_entries_session_id ON waitlist_entries (tenant_id, session_id)"
        " WHERE session_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX ix_waitlist_entries_offered ON waitlist_entries (tenant_id, offered_booking_id)"
        " WHERE offered_booking_id IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_waitlist_entries_due ON waitlist_entries (to_at) WHERE status = 'waiting'")


def _create_shift_proposals() -> None:
    op.execute(f"""
        CREATE TABLE shift_proposals (
            id uuid CONSTRAINT pk_shift_proposals PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            old_slot_id uuid NOT NULL,
            new_slot_id uuid NOT NULL,
            waitlist_entry_id uuid,
            incentive_minor integer NOT NULL
                CONSTRAINT ck_shift_proposals_incentive_minor CHECK (incentive_minor >= 0),
            status varchar(16) NOT NULL CONSTRAINT ck_shift_proposals_status
                CHECK (status IN ('proposed', 'accepted', 'declined', 'expired', 'withdrawn')),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            decided_at timestamptz,
            CONSTRAINT uq_shift_proposals_tenant_id_id UNIQUE (tenant_id, id),
            {_reference("shift_proposals", "booking_id", "bookings")},
            {_reference("shift_proposals", "waitlist_entry_id", "waitlist_entries")}
        )""")
    op.execute("CREATE INDEX ix_shift_proposals_booking ON shift_proposals (tenant_id, booking_id)")
    op.execute(
        "CREATE UNIQUE INDEX uq_shift_proposals_open ON shift_proposals (tenant_id, booking_id)"
        " WHERE status = 'proposed'"
    )
    op.execute("CREATE INDEX ix_shift_proposals_due ON shift_proposals (expires_at) WHERE status = 'proposed'")
