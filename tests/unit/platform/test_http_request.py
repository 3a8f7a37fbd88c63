"""What the edge reads off a request: the caller's address, the key, what the request asks for."""

from __future__ import annotations

from uuid import UUID

import pytest

from salon.platform.http_request import HttpRequest, IdempotencyKeyInvalid, IdempotencyKeyRequired
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from support.fixtures import NOW

ID = UUID("01900000-0000-7000-8000-0000000000a1")


def request(**more) -> HttpRequest:
    given = {"method": "POST", "path": "/v1/x", "query": {}, "headers": {}, "body": b"", "source_ip": "203.0.113.7"}
    return HttpRequest(**{**given, **more})


@pytest.mark.parametrize(
    ("source", "forwarded", "proxies", "address"),
    [
        ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 2, "10.0.0.1"),  # fewer entries than proxies: somebody came past them
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
        ("", "", 0, ""),
        ("not an address", "", 0, ""),
    ],
)
def test_the_callers_address(source, forwarded, proxies, address):
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert request(source_ip=source, headers=headers).client_ip(proxies) == address


def test_the_key():
    assert request(headers={"idempotency-key": " k-1 "}).idempotency_key() == "k-1"
    with pytest.raises(IdempotencyKeyRequired):
        request(headers={"idempotency-key": " "}).idempotency_key()
    with pytest.raises(IdempotencyKeyInvalid):
        request(headers={"idempotency-key": "k\x7f"}).idempotency_key()


def test_a_payload_is_the_same_however_its_json_is_written_and_another_when_anything_else_differs():
    base = request(body=b'{"a": 1, "b": [2]}').payload_hash()
    assert request(body=b'{"b":[2],"a":1}').payload_hash() == base
    others = [
        request(body=b'{"a": 1, "b": [3]}'),
        request(body=b'{"a": 1, "b": [2]}', path="/v1/y"),
        request(body=b'{"a": 1, "b": [2]}', method="PATCH"),
        request(body=b'{"a": 1, "b": [2]}', query={"q": ["1"]}),
        request(body=b"not json"),
        request(),
    ]
    assert len({base, *(other.payload_hash() for other in others)}) == 7


def test_a_cursor_comes_back_and_nothing_else_is_one():
    assert decode_cursor(encode_cursor(NOW, ID), datetime_kind()) == (NOW, ID)
    assert decode_cursor(encode_cursor("Анна", ID), str) == ("Анна", ID)
    for wrong in (
        "",
        "x",
        "####",
        "e30",
        encode_cursor("no instant", ID),
        encode_cursor("2026-03-11T00:00:00", ID),
        "A" * 5_000,
    ):
        with pytest.raises(CursorInvalid):
            decode_cursor(wrong, datetime_kind())
    for wrong in (encode_cursor("a\x00", ID), encode_cursor("\ud800", ID)):
        with pytest.raises(CursorInvalid):
            decode_cursor(wrong, str)


def datetime_kind():
    return type(NOW)
