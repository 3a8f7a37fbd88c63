from __future__ import annotations

import pytest

from salon.integrations.vk.payloads.answers import read_answer, read_sent
from salon.messaging.errors import AccountRejected, RecipientGone, RequestRejected, RetryLater, WindowClosed


def refusal(code, said="said"):
    params = [{"key": "message", "value": "Анна, ждём вас"}]
    return read_answer(200, {"error": {"error_code": code, "error_msg": said, "request_params": params}})


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        ((18, 900, 901, 902, 917, 922, 932, 935, 936, 945, 946, 962, 985), RecipientGone),
        ((5, 7, 15, 27, 28, 1117), AccountRejected),
        ((950,), WindowClosed),
        ((100, 113, 909, 910, 911, 912, 913, 914, 921, 940, 943, 944, 123456), RequestRejected),
        ((1, 6, 9, 10, 14, 29, 43), RetryLater),
    ],
)
def test_errors_say_what_to_do_and_nothing_of_what_was_sent(codes, error):
    for code in codes:
        answer = refusal(code)
        assert not answer.ok
        assert type(answer.failure()) is error
        assert str(code) in str(answer.failure())
        assert "Анна" not in f"{answer!r} {answer.failure()!r}"


@pytest.mark.parametrize(
    ("code", "after_s", "whole_account"),
    [(6, 1, True), (9, 60, False), (29, 300, True), (10, 0, False), (14, 600, True)],
)
def test_how_long_to_wait(code, after_s, whole_account):
    later = refusal(code).failure()
    assert isinstance(later, RetryLater)
    assert (later.after_s, later.whole_account, later.maybe_sent) == (after_s, whole_account, False)


@pytest.mark.parametrize(
    ("status", "maybe_sent"),
    [(200, True), (204, False), (302, False), (403, False), (404, False), (502, False), (504, True)],
)
def test_a_page_in_place_of_an_answer_never_condemns_anybody(status, maybe_sent):
    for body in (None, {}, {"error": "oops"}, {"error": {"error_code": "5"}}, {"response": None}):
        answer = read_answer(status, body)
        later = answer.failure()
        assert not answer.ok
        assert isinstance(later, RetryLater)
        assert later.maybe_sent is maybe_sent


def test_a_page_that_means_what_it_says():
    assert isinstance(read_answer(413, None).failure(), RequestRejected)
    for header, after_s in (("17", 17.0), ("", 1.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0), ("-1", 1.0)):
        later = read_answer(429, None, retry_after=header).failure()
        assert isinstance(later, RetryLater)
        assert (later.after_s, later.whole_account) == (after_s, True)


def test_what_a_send_gives():
    row = {"peer_id": 5, "message_id": 305, "conversation_message_id": 9}
    assert read_sent(read_answer(200, {"response": [row]})).result == row
    assert read_sent(read_answer(200, {"response": 305})).result == 305
    refused = read_sent(read_answer(200, {"response": [{**row, "error": {"code": 901, "description": "no"}}]}))
    assert not refused.ok
    assert isinstance(refused.failure(), RecipientGone)
    for odd in ([], ["x"], [{}]):
        later = read_sent(read_answer(200, {"response": odd})).failure()
        assert isinstance(later, RetryLater)
        assert later.maybe_sent


def test_as_good_as_done():
    assert refusal(100, "One of the parameters specified was missing or invalid: invalid event_id").is_tap_gone
    assert not refusal(100, "One of the parameters specified was missing or invalid: user_id").is_tap_gone
    assert not refusal(5, "event_id").is_tap_gone
    for code, said in (
        (909, "too old"),
        (15, "Access denied"),
        (100, "cmid is invalid"),
        (100, "message_id not found"),
    ):
        assert refusal(code, said).is_edit_vain
    assert not refusal(911, "message_id").is_edit_vain
