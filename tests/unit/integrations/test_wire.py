from __future__ import annotations

from datetime import UTC, datetime

from salon.integrations.wire import id_of, instant_of, secret_matches, text_of, whole_of


def test_a_secret_matches_only_itself_and_never_when_empty():
    assert secret_matches("abc", ("old", "abc"))
    assert secret_matches("ключ", ("ключ",))
    for got in ("", None, 5, ["abc"], "ABC", "abc ", "ab\udcffc", "Ключ"):
        assert not secret_matches(got, ("abc", ""))
    assert not secret_matches("", ("",))
    assert not secret_matches("abc", ())


def test_numbers_are_numbers():
    assert [whole_of(value) for value in (0, 5, -1, True, 5.0, "5", 2**63)] == [0, 5, None, None, None, None, None]
    assert [id_of(value) for value in (5, -100, "igsid", True, None, 2**63)] == ["5", "-100", "igsid", "", "", ""]


def test_instants():
    assert instant_of(1) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert [instant_of(value) for value in (0, None, -5, 10**15)] == [None] * 4


def test_text():
    assert text_of("a\x00b\udc80", limit=2) == "ab"
    assert text_of({"a": 1}) == ""
