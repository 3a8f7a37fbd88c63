"""Every payload that MAX is known to have sent, read."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from salon.integrations.max.adapter import MaxAdapter
from salon.integrations.max.payloads.answers import read_answer
from salon.messaging.domain import ChannelCredentials, EventKind
from salon.messaging.errors import AccountRejected, RetryLater
from support.contract_payloads import payloads_of

CREDENTIALS = ChannelCredentials("test_bot_token")
KINDS = {
    "message_created": EventKind.MESSAGE,
    "message_callback": EventKind.CALLBACK,
    "message_edited": EventKind.EDIT,
    "message_removed": EventKind.DELETED,
    "bot_started": EventKind.START,
}


@pytest.mark.parametrize("payload", payloads_of("max"))
def test_every_payload_is_read_as_what_it_is(payload):
    adapter = MaxAdapter()
    whole = json.loads(payload)
    (wired,) = adapter.unpack(payload)
    event = adapter.normalise(wired.body, CREDENTIALS)
    assert event.external_id == wired.external_id != ""
    told = whole.get("updates", [whole])[0]
    if "update_type" not in told:  # answers of the API: nothing that a webhook is sent
        assert event.why_ignored == "unknown kind of update"
        return
    kind = KINDS.get(told["update_type"], EventKind.IGNORED)
    assert event.kind is kind
    assert (event.why_ignored or "").startswith("unknown") is False
    assert event.chat_id == wired.conversation != ""
    assert event.sent_at is not None
    if kind is EventKind.IGNORED:
        return
    assert event.user_id
    recipient = told.get("message", {}).get("recipient", {"chat_type": "dialog"})
    assert event.is_group is (recipient["chat_type"] == "chat")
    if kind in {EventKind.MESSAGE, EventKind.EDIT}:
        assert event.text or event.attachments
    if kind is EventKind.CALLBACK:
        assert (event.payload, event.callback_id) == (told["callback"]["payload"], told["callback"]["callback_id"])
        assert event.user_id == str(told["callback"]["user"]["user_id"])


@pytest.mark.parametrize("payload", payloads_of("max"))
def test_a_contact_is_own_with_the_right_digest_only(payload):
    whole = json.loads(payload)
    cards = [
        each for each in whole.get("message", {}).get("body", {}).get("attachments", ()) if each["type"] == "contact"
    ]
    for card in cards:
        (as_told,) = MaxAdapter().normalise(payload, CREDENTIALS).attachments
        assert not as_told.is_own_contact  # the file has a placeholder
        told = card["payload"]
        told["hash"] = hmac.new(b"test_bot_token", told["vcf_info"].encode(), hashlib.sha256).hexdigest()
        (found,) = MaxAdapter().normalise(json.dumps(whole).encode(), CREDENTIALS).attachments
        assert (found.is_own_contact, found.phone) == (True, "+70000000000")


@pytest.mark.parametrize("payload", payloads_of("max"))
def test_errors_are_classed(payload):
    known = {"verify.token": (401, AccountRejected), "attachment.not.ready": (400, RetryLater)}
    status, error = known.get(json.loads(payload).get("code"), (None, None))
    if status:
        assert type(read_answer(status, json.loads(payload)).failure()) is error
