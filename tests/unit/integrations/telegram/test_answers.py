from __future__ import annotations

import pytest

from salon.integrations.telegram.payloads.answers import read_answer
from salon.messaging.errors import AccountRejected, RecipientGone, RequestRejected, RetryLater


def refusal(code, description, **parameters):
    return read_answer(code, {"ok": False, "error_code": code, "description": description, "parameters": parameters})


@pytest.mark.parametrize(
    ("code", "description", "error"),
    [
        (403, "Forbidden: bot was blocked by the user", RecipientGone),
        (403, "Forbidden: user is deactivated", RecipientGone),
        (403, "Forbidden: bot can't initiate conversation with a user", RecipientGone),
        (400, "Bad Request: chat not found", RecipientGone),
        (400, "Bad Request: message text is empty", RequestRejected),
        (413, "Request Entity Too Large", RequestRejected),
        (401, "Unauthorized", AccountRejected),
        (404, "Not Found", AccountRejected),
        (409, "Conflict: terminated by other setWebhook", RetryLater),
        (500, "Internal Server Error", RetryLater),
    ],
)
def test_refusals(code, description, error):
    assert type(refusal(code, description).failure()) is error


def test_too_many_requests_pauses_the_whole_bot():
    later = refusal(429, "Too Many Requests: retry after 17", retry_after=17).failure()
    assert isinstance(later, RetryLater)
    assert (later.after_s, later.whole_account, later.maybe_sent) == (17.0, True, False)
    untold = refusal(429, "Too Many Requests").failure()
    assert isinstance(untold, RetryLater)
    assert untold.after_s == 1.0


@pytest.mark.parametrize(
    ("status", "maybe_sent"),
    [(200, True), (204, False), (302, False), (403, False), (404, False), (502, False), (504, True)],
)
def test_a_page_in_place_of_an_answer_never_condemns_anybody(status, maybe_sent):
    for body in (None, {}, {"ok": "yes"}):
        later = read_answer(status, body).failure()
        assert isinstance(later, RetryLater)
        assert later.maybe_sent is maybe_sent


def test_a_page_that_means_what_it_says():
    assert isinstance(read_answer(413, None).failure(), RequestRejected)
    too_many = read_answer(429, None).failure()
    assert isinstance(too_many, RetryLater)
    assert too_many.whole_account


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        "Bad Request: message to edit not found",
    ],
)
def test_as_good_as_done(description):
    assert refusal(400, description).is_as_good_as_done
    assert not refusal(403, description).is_as_good_as_done


def test_odd_fields_are_survived():
    answer = read_answer(400, {"ok": False, "error_code": "x", "description": 5, "parameters": [1]})
    assert (answer.status, answer.description, answer.retry_after_s, answer.migrate_to_chat_id) == (400, "", None, "")
    assert refusal(400, "upgraded", migrate_to_chat_id=-1001234567890).migrate_to_chat_id == "-1001234567890"
