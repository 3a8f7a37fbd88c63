import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from chalice import Chalice
from pydantic import SecretStr

from salon.platform import correlation
from salon.platform.errors import NotFound
from salon.platform.logs import MASK, MAX_RECORD_BYTES, SafeFormatter, logger, mask, mask_text, take_over_root

log = logger("salon.test")
TOKEN = "123456:AAF-abcdefghijklmnopqrstuvwxyz0123456"


@pytest.fixture
def lines(capsys):
    def read():
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def test_a_line_has_the_event_its_data_and_the_ids_of_the_call(lines):
    with correlation.bind(correlation_id="request-1", tenant_id="tenant-1"):
        log.info("webhook.accepted", inbox_id=UUID(int=7), attempts=2)

    (line,) = lines()
    assert line["level"] == "INFO"
    assert line["message"] == "webhook.accepted"
    assert line["inbox_id"] == str(UUID(int=7))
    assert line["attempts"] == 2
    assert (line["correlation_id"], line["tenant_id"]) == ("request-1", "tenant-1")
    assert line["logger"] == "salon.test"
    assert line["function"]
    assert line["location"].startswith("test_a_line_has_the_event")


def test_the_level_words_are_those_that_yandex_knows(lines):
    log.warning("w")
    log.error("e")
    log.debug("d")
    logging.getLogger("salon").critical("c")
    record = logging.LogRecord("salon", 5, __file__, 1, "t", (), None)

    assert [line["level"] for line in lines()] == ["WARN", "ERROR", "FATAL"]
    assert json.loads(SafeFormatter().format(record))["level"] == "TRACE"


@pytest.mark.parametrize(
    "personal",
    [
        "+7 999 123-45-67",
        "+79991234567",
        "8(999)123-45-67",
        "8 (999) 123 45 67",
        "79990000000",
        "89990000000",
        "(999) 123-45-67",
        "9991234567",
        "+971 50 123 4567",
        "anna.petrova+salon@example.ru",
        TOKEN,
        "Bearer abcdefgh12345",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
        "vk1.a.AbCdEf_123",
    ],
)
def test_personal_data_and_tokens_are_masked_wherever_they_stand(personal):
    for text in (personal, f"звоните {personal}, жду", f"[{personal}]"):
        assert personal not in mask_text(text)
        assert MASK in mask_text(text)
    nested = json.dumps(mask({"a": [{"b": ({"c": personal},)}], personal: 1}), ensure_ascii=False)
    assert personal not in nested


@pytest.mark.parametrize(
    "harmless",
    [
        "01957d3e-7990-7000-8000-799900000001",
        "79990000-0000-7000-8000-000000000000",
        "2026-03-11T07:30:00.123456+03:00",
        "2026-03-11 07:30:00+0300",
        "1773214200",
        "1773214200123",
        "-1001234567890",
        "booking.confirmed",
        "12 500,00",
        "r8.9991234567",
        "v7",
        "AQEB7990000000000000000000",
    ],
)
def test_ids_and_instants_are_not(harmless):
    assert mask_text(harmless) == harmless
    assert mask_text(f"см. {harmless} там") == f"см. {harmless} там"


def test_urls_lose_their_query_and_their_password():
    assert (
        mask_text("GET https://api.example/v1/x?access_token=abc&v=5 failed")
        == "GET https://api.example/v1/x?*** failed"
    )
    assert mask_text("postgresql://salon:geheim@db:5432/salon") == "postgresql://***@db:5432/salon"
    assert TOKEN not in mask_text(f"https://api.telegram.org/bot{TOKEN}/getMe")
    assert mask_text("готово? да=нет") == "готово? да=нет"


@pytest.mark.parametrize(
    "key",
    ["text", "body", "phone", "client_phone", "email", "name", "display_name", "token", "bot_token", "secret",
     "password", "Authorization", "payload", "first_name", "lastName", "username", "X-Api-Key", "Set-Cookie"],
)  # fmt: skip
def test_what_stands_under_a_telling_key_is_masked_whatever_it_is(key):
    assert mask({key: "Анна"}) == {key: MASK}
    assert mask({"in": [{key: {"deep": 1}}]}) == {"in": [{key: MASK}]}
    assert mask({key: None}) == {key: None}


def test_keys_that_only_sound_alike_stay():
    harmless = {"queue_name": "inbound", "tokens_used": 3, "context": "c", "phone_id": "x1", "function_name": "f"}

    assert mask(harmless) == harmless


def test_numbers_that_are_telephone_numbers_are_masked_others_not():
    assert mask([79991234567, 1773214200123, 12, True, -1001234567890]) == [
        MASK,
        1773214200123,
        12,
        True,
        -1001234567890,
    ]


@dataclass
class Person:
    name: str


class Colour(Enum):
    RED = "red"


class Bad:
    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __repr__


def test_odd_values_never_break_a_line_and_unknown_objects_show_only_their_type(lines):
    loop = []
    loop.append(loop)
    log.info(
        "odd",
        loop=loop,
        bad=Bad(),
        person=Person("Анна"),
        colour=Colour.RED,
        raw=b"\xff\x00",
        data=b"\xff\x00",
        nan=float("nan"),
        surrogate="\ud800",
        secret_value=SecretStr("x"),
        amount=Decimal("1.10"),
        at=datetime(2026, 3, 11, tzinfo=UTC),
        huge=10**5000,
        many=list(range(1000)),
        many_keys={Bad(): 1, 2: 3, None: 4},
        error=ValueError("int('Анна')"),
    )

    (line,) = lines()
    assert line["message"] == "odd"


def test_each_odd_value_by_itself_is_shown_as_little_as_needed(lines):
    log.info(
        "odd", bad=Bad(), person=Person("Анна"), colour=Colour.RED, blob=b"\xff", nan=float("nan"), keyed={Bad(): 1}
    )

    (line,) = lines()
    assert line["message"] == "odd"
    assert line["bad"] == "<Bad>"
    assert line["person"] == "<Person>"
    assert line["colour"] == "red"
    assert line["blob"] == "<1 bytes>"
    assert line["nan"] == "nan"
    assert line["keyed"] == {"<Bad>": 1}


def test_data_cannot_pass_itself_off_as_the_head_of_the_line(lines):
    log.info("event", message="forged", level="FATAL", name="n", args=1, lineno=2, tenant_id="t")

    (line,) = lines()
    assert (line["message"], line["level"]) == ("event", "INFO")
    assert (line["data_message"], line["data_level"]) == ("forged", "FATAL")
    assert line["tenant_id"] == "t"


def test_a_line_stays_below_what_yandex_takes_and_keeps_the_small_fields(lines):
    log.info("big", inbox_id="id-1", blob=["я" * 4000] * 100)

    (line,) = lines()
    assert len(json.dumps(line)) <= MAX_RECORD_BYTES
    assert line["inbox_id"] == "id-1"
    assert line["blob"] == "<too large>"


def test_even_a_line_of_nothing_but_long_keys_stays_below_it(lines):
    log.info("keys", **{"я" * 3000 + str(number): 1 for number in range(50)})

    (line,) = lines()
    assert line["message"] == "keys"
    assert line["truncated"] is True


class DriverError(Exception):
    pass


def fail_like_a_driver():
    raise DriverError("Key (name)=(Анна) exists; +7 999 123-45-67")


def test_an_exception_is_logged_with_its_type_and_our_frames_but_without_what_it_quotes(lines):
    try:
        try:
            fail_like_a_driver()
        except Exception as error:
            raise ValueError("invalid literal: 'Анна' +79991234567") from error
    except ValueError:
        log.exception("job.failed", job_id="j1")
    log.error("job.failed", error=NotFound("booking", "b-1"))
    try:
        fail_like_a_driver()
    except DriverError as error:
        log.warning("job.failed", error=error, seen=error)

    first, second, third = lines()
    assert first["level"] == "ERROR"
    assert first["exception"]["type"] == "builtins.ValueError"
    assert first["exception"]["message"] == "invalid literal: '***' ***"
    assert first["exception"]["caused_by"] == ["DriverError"]
    assert first["exception"]["frames"][-1].endswith(
        "test_an_exception_is_logged_with_its_type_and_our_frames_but_without_what_it_quotes"
    )
    assert "Анна" not in json.dumps(first, ensure_ascii=False)
    assert second["exception"]["message"] == "There is no booking b-1."
    assert third["exception"]["message"] == third["seen"]["message"] == MASK


@pytest.mark.timeout(20)  # quadratic work would take minutes
def test_a_long_text_is_masked_in_linear_time():
    for text in ("a" * 200_000, "1" * 200_000, "a." * 100_000, "+1 " * 60_000, "https://x" * 20_000, "1:" * 100_000):
        assert mask_text(text) is not None


def test_chalice_beside_it_prints_no_second_line(lines):
    Chalice("salon", configure_logs=False)

    log.info("once")

    assert len(lines()) == 1


def test_other_peoples_loggers_write_masked_json_after_the_root_is_taken_over(lines):
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    formatters = [handler.formatter for handler in before]
    root.handlers[:] = []
    try:
        take_over_root()
        take_over_root()
        logging.getLogger("botocore").warning("retrying for %s", "+7 999 123-45-67")
        logging.getLogger("botocore").info("not shown")
        wrong_arguments = (1,)
        logging.getLogger("botocore").warning("%s and %s", *wrong_arguments)
        log.info("once")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for handler, formatter in zip(before, formatters, strict=True):
            handler.setFormatter(formatter)

    first, second, third = lines()
    assert first["message"] == "retrying for ***"
    assert first["logger"] == "botocore"
    assert second["message"] == "log.failed"
    assert third["message"] == "once"
