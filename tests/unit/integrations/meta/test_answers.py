from __future__ import annotations

import pytest

from salon.integrations.instagram.payloads.codes import judge as instagram
from salon.integrations.meta.answers import GraphAnswer, read_answer
from salon.integrations.whatsapp.payloads.codes import judge as whatsapp
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)

TOKEN = "EAAGsecret"


def failure(judge, code, subcode=None, *, status=400, headers=None, **more) -> DeliveryFailed:
    error = {"message": "It did not work", "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    return read_answer(status, headers or {}, {"error": error}, token=TOKEN).failure(judge)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((1, 2, 131000, 131016, 131057, 135000, 131052, 131053), RetryLater),
        ((4, 80007, 130429, 131056, 131048, 131064, 133016, 131049), RetryLater),
        ((131047,), WindowClosed),
        ((131026, 131021, 131030, 131062), RecipientGone),
        ((130472, 131050), RequestRejected),
        (
            (100, 131008, 131009, 131051, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016),
            RequestRejected,
        ),
        ((132068, 132069, 131063, 137000, 99_999), RequestRejected),
        ((0, 3, 10, 190, 200, 299, 131005, 368, 131031, 130497, 131037, 131042, 131044, 131045), AccountRejected),
    ],
)
def test_whatsapps_codes(codes, expected):
    assert {code: type(failure(whatsapp, code)) for code in codes} == dict.fromkeys(codes, expected)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (((10, 2534022), (10, 2018278)), WindowClosed),
        (((551, None), (551, 1545041), (10, 2018108), (200, 1545041), (100, 2534014), (100, 2534001)), RecipientGone),
        (((230, None),), RecipientGone),
        (((200, 2534041), (200, None), (10, None), (3, None), (190, 463), (190, 467), (368, None)), AccountRejected),
        (
            ((1, None), (2, None), (2, 1545133), (4, None), (17, None), (32, None), (613, 2534040), (80002, None)),
            RetryLater,
        ),
        (((80006, None),), RetryLater),
        (((100, None), (100, 33), (77_777, None)), RequestRejected),
    ],
)
def test_instagrams_codes(codes, expected):
    assert {code: type(failure(instagram, *code)) for code in codes} == dict.fromkeys(codes, expected)


def test_how_long_to_wait_and_who():
    pauses = {
        code: (caught.after_s, caught.whole_account)
        for code in (1, 130429, 131056, 131048, 131049)
        if isinstance(caught := failure(whatsapp, code), RetryLater)
    }
    assert pauses == {
        1: (0.0, False),
        130429: (1.0, True),
        131056: (6.0, False),
        131048: (14_400.0, True),
        131049: (86_400.0, False),
    }


@pytest.mark.parametrize(
    ("headers", "after_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1.0),
        ({"retry-after": "9" * 30}, 86_400.0),
        ({"x-business-use-case-usage": '{"1":[{"type":"whatsapp","estimated_time_to_regain_access":3}]}'}, 180.0),
        ({"x-business-use-case-usage": '{"1":{"type":5}}'}, 1.0),
        ({"x-business-use-case-usage": "["}, 1.0),
        ({"x-business-use-case-usage": '{"1":[7,{"estimated_time_to_regain_access":"soon"}]}'}, 1.0),
    ],
)
def test_meta_says_how_long_to_wait(headers, after_s):
    caught = failure(whatsapp, 130429, status=429, headers=headers)
    assert isinstance(caught, RetryLater)
    assert caught.after_s == after_s


def test_what_is_transient_is_tried_again_whatever_its_code():
    assert isinstance(failure(whatsapp, 131009, is_transient=True), RetryLater)
    assert isinstance(failure(whatsapp, 99_999, status=500), RetryLater)
    assert isinstance(failure(whatsapp, 99_999, status=401), AccountRejected)
    assert isinstance(failure(whatsapp, "x", status=429), RetryLater)


@pytest.mark.parametrize(
    ("status", "maybe_sent"), [(200, True), (504, True), (500, False), (403, False), (302, False), (429, False)]
)
def test_a_page_in_place_of_json_says_nothing_about_us(status, maybe_sent):
    caught = read_answer(status, {}, None, token=TOKEN).failure(whatsapp)
    assert isinstance(caught, RetryLater)
    assert caught.maybe_sent is maybe_sent


def test_a_token_that_meta_repeats_is_taken_out():
    said = failure(whatsapp, 190, status=401, message=f"Malformed access token {TOKEN}")
    assert TOKEN not in str(said)
    assert "Malformed" in str(said)


def test_details_are_told_and_a_policy_is_named():
    said = failure(whatsapp, 368, error_data={"details": "Restricted until Monday"}, error_subcode=5)
    assert "368/5" in str(said)
    assert "Restricted until Monday" in str(said)
    assert "policy" in str(said)


def test_a_success_is_none():
    answer = read_answer(200, {}, {"messages": []}, token=TOKEN)
    assert answer == GraphAnswer(200, {"messages": []})
    assert isinstance(answer.failure(whatsapp), RetryLater)
