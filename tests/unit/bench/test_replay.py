"""Statements written out with their values, so that pgbench runs what the application ran."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from infra.bench.booking import PROCESSES, WARM_UP, share_out
from infra.bench.queue_double import answer_to
from infra.bench.replay import NotRecordable, Recording, literal, recorded, written_out


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "NULL"),
        (True, "true"),
        (7, "7"),
        ("O'Hara", "'O''Hara'"),
        (Colour.RED, "'red'"),
        (UUID(int=1), "'00000000-0000-0000-0000-000000000001'"),
        (datetime(2026, 3, 11, 7, 30, tzinfo=UTC), "E'2026-03-11T07\\07230\\07200+00\\07200'"),
        (date(2026, 3, 11), "'2026-03-11'"),
        (timedelta(days=1, minutes=2), "'1 days 120 seconds 0 microseconds'"),
        (b"\x00\xff", "'\\x00ff'"),
        ([], "'{}'"),
        (["a", "b"], "ARRAY['a', 'b']"),
        ('{"a": 1}', "'{\"a\": 1}'"),
        ('{"a":null,"b":"\\n"}', 'E\'{"a"\\072null,"b":"\\\\n"}\''),
    ],
)
def test_a_value_becomes_a_literal_that_pgbench_does_not_take_for_a_variable(value, expected):
    assert literal(value) == expected


def test_a_value_without_a_literal_is_refused():
    with pytest.raises(NotRecordable, match="object"):
        literal(object())


def test_values_go_where_the_driver_s_placeholders_are():
    statement = "SELECT %s::UUID, 5 %% 2, %s;"
    assert written_out(statement, (UUID(int=0), "100 %s")) == (
        "SELECT '00000000-0000-0000-0000-000000000000'::UUID, 5 % 2, '100 %s'"
    )


def test_a_recording_holds_what_was_committed_and_becomes_one_script():
    engine = create_engine("sqlite://")
    with recorded(engine) as recording:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE seat (n int)"))
            connection.execute(text("INSERT INTO seat VALUES (1)"))
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO seat VALUES (2)"))
            connection.rollback()
        with engine.begin() as connection:
            connection.execute(text("SELECT 3"))
    with engine.begin() as connection:
        connection.execute(text("SELECT 4"))
    engine.dispose()
    assert [[statement for statement, _ in transaction] for transaction in recording.transactions] == [
        ["CREATE TABLE seat (n int)", "INSERT INTO seat VALUES (1)"],
        ["SELECT 3"],
    ]
    assert Recording([[("SELECT %s", (1,)), ("SELECT 2;", ())], [("SELECT %s", ("x",))]]).script() == (
        "BEGIN;\nSELECT 1;\nSELECT 2;\nCOMMIT;\nBEGIN;\nSELECT 'x';\nCOMMIT;\n"
    )


def test_the_queue_s_double_answers_send_message_only():
    status, answer = answer_to("AmazonSQS.SendMessage", {"MessageBody": "hello"})
    assert (status, answer["MD5OfMessageBody"]) == (200, "5d41402abc4b2a76b9719d911017c592")
    assert answer_to("AmazonSQS.DeleteQueue", {})[0] == 400


def test_no_slot_is_booked_twice_and_too_few_are_refused():
    slots = [UUID(int=number) for number in range(PROCESSES * (WARM_UP + 2 * 5))]
    plan = share_out(slots, turns=2, pairs=PROCESSES * 5)
    assert [[len(turn) for turn in process] for process in plan] == [[WARM_UP, 5, 5]] * PROCESSES
    assert sorted(slot for process in plan for turn in process for slot in turn) == slots
    with pytest.raises(ValueError, match="free slots"):
        share_out(slots[1:], turns=2, pairs=PROCESSES * 5)
