"""What buttons carry: read back as written, never longer than the tightest provider allows."""

from __future__ import annotations

from datetime import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.messaging.domain.taps import Tap, TapPayload, read_tap

ONE, OTHER = UUID(int=1), UUID(int=2**128 - 1)
BARE = (
    Tap.MENU_BOOK,
    Tap.MENU_SERVICES,
    Tap.MENU_MINE,
    Tap.MORE,
    Tap.KEEP,
    Tap.NEWS_YES,
    Tap.NEWS_NO,
    Tap.PERSON,
    Tap.HEARD_YES,
    Tap.HEARD_NO,
)
SPECIAL = {
    Tap.TIME: TapPayload(Tap.TIME, at=time(9, 5)),
    Tap.EVERY: TapPayload(Tap.EVERY, number=21),
    Tap.MEANT: TapPayload(Tap.MEANT, number=3),
    Tap.DAY: TapPayload(Tap.DAY, number=20260318),
    Tap.SERIES: TapPayload(Tap.SERIES, nonce="0123abcd"),
    Tap.CHAIN: TapPayload(Tap.CHAIN, nonce="0123abcd", number=8),
    Tap.MOVE: TapPayload(Tap.MOVE, ONE, other=OTHER),
    Tap.FEEDBACK: TapPayload(Tap.FEEDBACK, OTHER, number=5),
    **{tap: TapPayload(tap) for tap in BARE},
}


@pytest.mark.parametrize("tap", list(Tap))
def test_every_button_is_read_as_it_was_written(tap):
    payload = SPECIAL.get(tap, TapPayload(tap, OTHER))

    assert len(payload.encode().encode()) <= 64
    assert read_tap(payload.encode()) == payload


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "c:",
        "c:0123abcd",
        "c:x:1",
        "c:0123abcd:-1",
        "mv:abc",
        "ev:",
        "ev:\u0661",
        "sr:ABCDEF01",
        "ok:1",
        "pe:1",
        "dy:20261301",
        "me:1000",
        "ny:1",
        "fb:5",
        f"fb:{'0' * 32}:6",
    ],
)
def test_what_is_not_ours_is_nothing(text):
    assert read_tap(text) is None


@given(st.sampled_from(list(Tap)), st.text(max_size=60))
def test_nothing_breaks_the_reader(tap, rest):
    found = read_tap(f"{tap}:{rest}")

    assert found is None or found.tap is tap
