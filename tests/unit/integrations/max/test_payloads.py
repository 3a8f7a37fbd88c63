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
from support.contract_payloads import FOLDER, payloads_of

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


def payload_of(name):
    path = FOLDER / "max" / f"{name}.json"
    if not path.exists():
        pytest.skip("no payloads of max beside the project")
    return json.loads(path.read_bytes())


def test_a_contact_is_own_with_the_right_digest_only():
    whole = payload_of("contact_shared_constructed")
    card = whole["message"]["body"]["attachments"][0]["payload"]
    (placeholder,) = MaxAdapter().normalise(json.dumps(whole).encode(), CREDENTIALS).attachments
    assert not placeholder.is_own_contact
    card["hash"] = hmac.new(b"test_bot_token", card["vcf_info"].encode(), hashlib.sha256).hexdigest()
    (found,) = MaxAdapter().normalise(json.dumps(whole).encode(), CREDENTIALS).attachments
    assert (found.is_own_contact, found.phone) == (True, "+70000000000")


def test_errors_are_classed():
    assert isinstance(read_answer(401, payload_of("error_invalid-token")).failure(), AccountRejected)
    answer = read_answer(400, payload_of("error_attachment_not_ready"))
    assert answer.is_not_ready
    assert isinstance(answer.failure(), RetryLater)
