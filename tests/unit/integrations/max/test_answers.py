from __future__ import annotations

import pytest

from salon.integrations.max.payloads.answers import read_answer
from salon.messaging.errors import AccountRejected, RecipientGone, RequestRejected, RetryLater


def answer(status, code="", said="", **more):
    return read_answer(status, {"code": code, "message": said}, **more)


@pytest.mark.parametrize(
    ("status", "code", "said", "error"),
    [
        (401, "verify.token", "Invalid access_token", AccountRejected),
        (403, "verify.token", "Invalid access_token", AccountRejected),
        (403, "deprecated.token", "", AccountRejected),
        (403, "chat.denied", "error.dialog.suspended", RecipientGone),
        (403, "chat.denied", "error.dialog.notfound", RecipientGone),
        (403, "error.dialog.notfound", "", RecipientGone),
        (404, "chat.not.found", "", RecipientGone),
        (404, "not.found", "", RecipientGone),
        (403, "access.denied", "", RequestRejected),
        (404, "", "", RequestRejected),
        (400, "proto.payload", "text: size must be between 0 and 4000", RequestRejected),
        (400, "attachment.not.ready", "", RetryLater),
        (400, "proto.payload", "errors.process.attachment.file.not.processed", RetryLater),
        (405, "method.not.allowed", "", RequestRejected),
        (429, "too.many.requests", "", RetryLater),
        (500, "internal.error", "", RetryLater),
        (503, "service.unavailable", "", RetryLater),
        (504, "timeout", "", RetryLater),
        (200, "", "", None),
        (201, "", "", None),
        (200, "proto.payload", "", RequestRejected),
    ],
)
def test_errors_say_what_to_do(status, code, said, error):
    told = answer(status, code, said)
    assert told.ok is (error is None)
    if error is not None:
        assert type(told.failure()) is error
        assert str(status) in str(told.failure())


@pytest.mark.parametrize(
    ("status", "maybe_sent"),
    [(200, True), (204, False), (302, False), (400, False), (403, False), (404, False), (502, False), (504, True)],
)
def test_a_page_in_place_of_an_answer_never_condemns_anybody(status, maybe_sent):
    later = read_answer(status, None).failure()
    assert isinstance(later, RetryLater)
    assert (later.maybe_sent, later.whole_account) == (maybe_sent, False)


def test_a_page_that_means_what_it_says():
    assert isinstance(read_answer(413, None).failure(), RequestRejected)
    assert isinstance(read_answer(401, None).failure(), AccountRejected)


@pytest.mark.parametrize(
    ("header", "after_s"), [("", 1.0), ("17", 17.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0), ("-1", 1.0), ("٣", 1.0)]
)
def test_how_long_to_wait(header, after_s):
    for told in (answer(429, "too.many.requests", retry_after=header), read_answer(429, None, retry_after=header)):
        later = told.failure()
        assert isinstance(later, RetryLater)
        assert (later.after_s, later.whole_account, later.maybe_sent) == (after_s, True, False)


def test_no_success_is_a_refusal_though_the_status_says_otherwise():
    told = read_answer(200, {"success": False, "message": "Message is too old to be edited"})
    assert not told.ok
    assert told.is_edit_vain
    assert isinstance(read_answer(200, {"success": False}).failure(), RequestRejected)


def test_as_good_as_done():
    assert answer(404, "not.found", "Message not found").is_edit_vain
    assert not answer(400, "proto.payload", "text: size").is_edit_vain
    assert not answer(403, "chat.denied", "error.dialog.notfound").is_edit_vain
    assert answer(404, "not.found").is_tap_gone
    assert answer(400, "callback.expired").is_tap_gone
    assert not answer(400, "proto.payload").is_tap_gone
    assert not answer(401, "verify.token").is_tap_gone
    assert not read_answer(404, None).is_tap_gone  # a firewall's page


def test_odd_answers_are_read_as_far_as_they_go():
    told = read_answer(400, {"code": 5, "message": ["x"], "error": {}})
    assert (told.code, told.description) == ("", "")
    assert isinstance(told.failure(), RequestRejected)
