"""The chain: nobody edits it, and whoever does all the same is found out by name."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import BatchRef, BreakKind, Head, Source
from salon.inventory.ledger.repository import reading
from salon.inventory.ledger.verifying import main
from salon.platform.db import make_engine
from salon.platform.errors import Invalid, SalonError
from salon.platform.ids import new_id
from support.shelf import F, W, make_shelf

pytestmark = pytest.mark.database


@pytest.fixture
def filled(shelf):
    """A shelf whose ledger has rows of every form."""
    shelf.receive(
        10,
        1_000,
        batch=BatchRef("Партия|1"),
        note="слова | с чертой",
        occurred_at=shelf.now - timedelta(microseconds=7),
    )
    shelf.consume(Decimal("12.3456"), reason="")
    shelf.receive(20, 3_000)  # and a variance
    shelf.post(shelf.movement(W, Decimal("-0.0001"), reason="lost"))
    source = shelf.transfer(3)[0].source
    shelf.post(shelf.movement(F, 2, source=Source("count", new_id(), round=3), line=9))
    shelf.reverse(source)
    return shelf


@pytest.fixture
def tamper(owner_engine):
    """Change the ledger as somebody can who owns the database: with its triggers switched off."""

    def do(statement: str, **values) -> None:
        with owner_engine.begin() as owner:
            owner.execute(text("ALTER TABLE inventory_ledger DISABLE TRIGGER USER"))
            assert owner.execute(text(statement), values).rowcount > 0
            owner.execute(text("ALTER TABLE inventory_ledger ENABLE ALWAYS TRIGGER inventory_ledger_is_chained"))

    return do


def command(shelf, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    return main([str(one) for one in arguments], database=shelf.database, out=out), out.getvalue()


def test_python_and_postgresql_hash_alike(filled):
    with filled.read() as session:
        links = reading.list_links(session, after_seq=0, until_seq=100, limit=100)
    assert {link.entry.kind.value for link in links} == {
        "receipt", "consumption", "cost_variance", "write_off", "transfer_out", "transfer_in", "correction", "reversal"
    }  # fmt: skip
    verdict = filled.verify()
    assert (verdict.broken, verdict.head.seq) == (None, len(links))


def test_the_hash_does_not_depend_on_the_settings_of_the_connection(filled, owner_url, database_settings):
    engine = make_engine(database_settings)
    with engine.begin() as connection:
        for setting in (
            "timezone = 'Asia/Vladivostok'",
            "datestyle = 'SQL, DMY'",
            "bytea_output = 'escape'",
            "extra_float_digits = 0",
        ):
            connection.execute(text(f"SET LOCAL {setting}"))
        connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(filled.tenant_id)})
        connection.execute(
            text(
                "INSERT INTO inventory_ledger (id, tenant_id, item_id, location_id, kind, quantity, value_minor,"
                " source_kind, source_id, source_round, source_line, actor_kind, actor_id, occurred_at, at)"
                " VALUES (:id, :tenant, :item, :here, 'cost_variance', 0, 0, 'test', :id, 0, 0, 'user', 'x',"
                " now(), now())"
            ),
            {"id": new_id(), "tenant": filled.tenant_id, "item": filled.dye, "here": filled.here},
        )
    engine.dispose()
    assert filled.verify().broken is None


def test_the_application_appends_and_does_nothing_else(filled, engine):
    for statement in (
        "UPDATE inventory_ledger SET quantity = 1",
        "DELETE FROM inventory_ledger",
        "TRUNCATE inventory_ledger CASCADE",
        "UPDATE inventory_ledger_heads SET seq = 0",
        "UPDATE inventory_ledger_heads SET hash = ''",
        "DELETE FROM inventory_ledger_heads",
        "INSERT INTO inventory_ledger_heads (tenant_id, seq) VALUES (gen_random_uuid(), 5)",
        "ALTER TABLE inventory_ledger DISABLE TRIGGER USER",
    ):
        with pytest.raises((DBAPIError, SalonError)) as refused, filled.write() as session:
            session.execute(text(statement))
        assert "42501" in str(refused.value), statement
    assert filled.verify().broken is None


def test_what_the_application_says_about_its_place_in_the_chain_is_not_listened_to(filled):
    head = filled.verify().head
    with filled.write() as session:
        session.execute(
            text(
                "INSERT INTO inventory_ledger SELECT (jsonb_populate_record(row, jsonb_build_object("
                "'id', gen_random_uuid(), 'seq', 1, 'source_line', 77))).* FROM inventory_ledger row"
                " WHERE kind = 'cost_variance' LIMIT 1"
            )
        )
    with filled.read() as session:
        forged = reading.list_links(session, after_seq=head.seq, until_seq=head.seq + 1, limit=9)
    assert [(link.entry.seq, link.prev_hash) for link in forged] == [(head.seq + 1, head.hash)]
    assert filled.verify().broken.kind is BreakKind.POSITION_DIFFERS  # appended past `post`, and so found out


@pytest.mark.parametrize(
    ("statement", "kind", "seq"),
    [
        ("UPDATE inventory_ledger SET quantity = quantity + 1 WHERE seq = 3", BreakKind.ROW_CHANGED, 3),
        ("UPDATE inventory_ledger SET note = 'другое' WHERE seq = 1", BreakKind.ROW_CHANGED, 1),
        ("UPDATE inventory_ledger SET actor_id = 'somebody-else' WHERE seq = 5", BreakKind.ROW_CHANGED, 5),
        ("UPDATE inventory_ledger SET at = at + interval '1 microsecond' WHERE seq = 2", BreakKind.ROW_CHANGED, 2),
        ("DELETE FROM inventory_ledger WHERE seq = 4", BreakKind.ROW_MISSING, 4),
        ("DELETE FROM inventory_ledger WHERE seq = 1", BreakKind.ROW_MISSING, 1),
        ("UPDATE inventory_ledger SET prev_hash = hash WHERE seq = 6", BreakKind.NOT_CHAINED, 6),
        ("DELETE FROM inventory_ledger WHERE seq > 8", BreakKind.TAIL_CUT, 9),
        ("UPDATE inventory_ledger_heads SET seq = seq - 1", BreakKind.TAIL_CUT, None),
        ("UPDATE stock_positions SET quantity = quantity + 1 WHERE quantity > 0", BreakKind.POSITION_DIFFERS, None),
        ("UPDATE stock_positions SET value_minor = 1 WHERE value_minor > 1", BreakKind.POSITION_DIFFERS, None),
        ("UPDATE stock_positions SET basis_minor = basis_minor + 1", BreakKind.POSITION_DIFFERS, None),
        ("DELETE FROM stock_positions", BreakKind.POSITION_DIFFERS, None),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(filled, tamper, statement, kind, seq):
    assert command(filled)[0] == 0
    tamper(statement)
    status, printed = command(filled, "--tenant", filled.tenant_id)
    broken = filled.verify().broken
    assert (status, broken.kind) == (1, kind)
    assert broken.what in printed
    if seq is not None:
        assert (broken.seq, f"row {seq} " in printed) == (seq, True)


def test_a_chain_that_was_made_anew_is_known_by_the_head_that_was_kept(filled, tamper):
    kept = filled.verify().head
    assert command(filled, "--tenant", filled.tenant_id, "--expect", str(kept))[0] == 0
    filled.receive(1, 1)
    assert command(filled, "--tenant", filled.tenant_id, "--expect", str(kept))[0] == 0
    tail = "DELETE FROM inventory_ledger WHERE seq >= :seq"
    tamper(tail, seq=kept.seq)
    tamper(
        "UPDATE inventory_ledger_heads SET (seq, hash) = (SELECT seq, hash FROM inventory_ledger WHERE seq = :seq - 1)",
        seq=kept.seq,
    )
    tamper(
        "UPDATE stock_positions p SET quantity = coalesce((SELECT sum(quantity) FROM inventory_ledger l"
        " WHERE l.item_id = p.item_id AND l.location_id = p.location_id), 0), value_minor = coalesce((SELECT"
        " sum(value_minor) FROM inventory_ledger l WHERE l.item_id = p.item_id AND l.location_id = p.location_id), 0)"
    )
    assert filled.verify().broken is None or filled.verify().broken.kind is BreakKind.POSITION_DIFFERS
    status, printed = command(filled, "--tenant", filled.tenant_id, "--expect", str(kept))
    assert (status, f"row {kept.seq} " in printed) == (1, True)


def test_heads_are_kept_in_a_file_and_compared_with_it(filled, tamper, tmp_path, clock):
    other = make_shelf(filled.database, clock.now())
    other.receive(1, 100)
    file = tmp_path / "heads.json"
    assert command(filled, "--anchor", file)[0] == 0
    kept = json.loads(file.read_text())
    assert {tenant: int(head.split(":")[0]) for tenant, head in kept.items()} == {
        str(filled.tenant_id): filled.verify().head.seq, str(other.tenant_id): 1
    }  # fmt: skip
    filled.receive(1, 1)
    status, printed = command(filled, "--anchor", file, "--json")
    assert (status, [one["holds"] for one in json.loads(printed)["tenants"]]) == (0, [True, True])
    assert json.loads(file.read_text()) != kept
    tamper("DELETE FROM stock_positions WHERE tenant_id = :tenant", tenant=other.tenant_id)
    before = file.read_text()
    status, printed = command(filled, "--anchor", file, "--json")
    broken = {one["tenant_id"]: one["broken"] for one in json.loads(printed)["tenants"]}
    assert (status, broken[str(filled.tenant_id)], broken[str(other.tenant_id)]["kind"]) == (
        1,
        None,
        "position_differs",
    )
    assert file.read_text() == before


def test_what_cannot_be_looked_at_is_no_success(shelf, tmp_path):
    file = tmp_path / "heads.json"
    file.write_text("[]")
    assert command(shelf, "--anchor", file)[0] == 2
    file.write_text("{")
    assert command(shelf, "--anchor", file)[0] == 2
    assert command(shelf, "--tenant", shelf.tenant_id, "--expect", "5:zz")[0] == 2
    assert command(shelf, "--tenant", shelf.tenant_id) == (0, f"{shelf.tenant_id}: nothing was posted\n")
    with pytest.raises(SystemExit):
        command(shelf, "--expect", "5:zz")
    with pytest.raises(Invalid):
        Head.parse("0:" + "00" * 32)
    with shelf.read() as session:
        assert ledger.verify_ledger(session, Head(1, bytes(32))).broken.kind is BreakKind.NOT_AS_EXPECTED
