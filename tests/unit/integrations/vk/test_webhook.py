from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.vk.adapter import VkAdapter
from salon.messaging.domain import ChannelCredentials, EventKind
from salon.messaging.errors import HandshakeRefused
from support.contract_payloads import payloads_of

GROUP = 7001
CREDENTIALS = ChannelCredentials("t", ("s3cret", "older"), confirmation="a1b2c3", external_id=str(GROUP))
PHONE = {"inline_keyboard": True, "button_actions": ["text", "callback", "open_link"], "lang_id": 0}


def body(kind, content, **more) -> bytes:
    event = {"type": kind, "group_id": GROUP, "event_id": "e1", "v": "5.199", "secret": "s3cret", "object": content}
    return json.dumps({**event, **more}).encode()


def message(**fields):
    return {"date": 1_700_000_000, "from_id": 5, "peer_id": 5, "id": 305, "conversation_message_id": 9, **fields}


def test_the_key_is_the_event_s_or_a_digest():
    adapter = VkAdapter()
    (event,) = adapter.unpack(body("message_new", {"message": message(text="да")}))
    assert (event.external_id, event.conversation, event.account) == ("e1", "5", str(GROUP))
    for odd in ({"event_id": None}, {"event_id": ""}, {"event_id": ["e"]}, {"event_id": "e" * 300}):
        content = body("message_new", {"message": message(text="да")}, **odd)
        assert adapter.unpack(content)[0].external_id == "sha256:" + hashlib.sha256(content).hexdigest()
    assert adapter.unpack(body("group_join", {"user_id": 5}, group_id="7001x"))[0].account == ""


class TestHandshake:
    def ask(self, *, method="POST", credentials=CREDENTIALS, **fields):
        asked = {"type": "confirmation", "group_id": GROUP, **fields}
        return VkAdapter().handshake(method, {}, json.dumps(asked).encode(), credentials)

    def test_the_string_is_told_for_our_community(self):
        assert self.ask() == "a1b2c3"
        assert self.ask(secret="older") == "a1b2c3"
        assert self.ask(secret=None) == "a1b2c3"

    @pytest.mark.parametrize(
        "fields",
        [
            {"group_id": 7002},
            {"group_id": None},
            {"group_id": -7001},
            {"secret": "wrong"},
            {"secret": ""},
            {"secret": [1]},
        ],
    )
    def test_nobody_else_is_told(self, fields):
        with pytest.raises(HandshakeRefused):
            self.ask(**fields)

    @pytest.mark.parametrize(
        "credentials",
        [
            ChannelCredentials("t", ("s",), external_id=str(GROUP)),
            ChannelCredentials("t", ("s",), confirmation="a1b2c3"),
        ],
    )
    def test_what_is_not_known_is_not_told(self, credentials):
        with pytest.raises(HandshakeRefused):
            self.ask(credentials=credentials, group_id=GROUP if credentials.external_id else "")

    def test_other_requests_are_none(self):
        assert self.ask(method="GET") is None
        assert self.ask(type="message_new") is None
        assert VkAdapter().handshake("POST", {}, b"\xff", CREDENTIALS) is None


@pytest.mark.parametrize("secret", ["wrong", "", None, 0, True, ["s3cret"], {"s3cret": 1}, "ключ", "s3cret "])
def test_a_secret_of_any_type_is_compared(secret):
    adapter = VkAdapter()
    assert adapter.verify({}, body("message_new", {}), CREDENTIALS)
    assert adapter.verify({}, body("message_new", {}, secret="older"), CREDENTIALS)
    assert not adapter.verify({"secret": "s3cret"}, body("message_new", {}, secret=secret), CREDENTIALS)
    for empty in ((), ("",)):
        assert not adapter.verify({}, body("message_new", {}, secret=secret), ChannelCredentials("t", empty))
    assert not adapter.verify({}, b'{"secret":"\\ud800"}', CREDENTIALS)


@pytest.mark.parametrize("payload", payloads_of("vk"))
def test_real_payloads(payload):
    adapter = VkAdapter()
    event = adapter.normalise(payload, CREDENTIALS)
    (wire,) = adapter.unpack(payload)
    assert event.external_id == wire.external_id
    kind = json.loads(payload)["type"]
    expected = {"message_allow": EventKind.UNBLOCKED, "message_deny": EventKind.BLOCKED}.get(kind, EventKind.IGNORED)
    content = json.loads(payload).get("object", {})
    if kind == "message_new" and not content.get("action") and not content["message"].get("action"):
        expected = EventKind.MESSAGE
        assert event.attachments
        assert event.is_group == (int(event.chat_id) > 2_000_000_000)
    assert event.kind is expected
    assert event.why_ignored != "unknown kind of event" or kind in {"photo_new", "poll_vote_new"}
    assert wire.conversation == event.chat_id


KEYS = (
    st.sampled_from(["type", "object", "group_id", "event_id", "secret", "message", "client_info", "payload", "action"])
    | st.sampled_from(["from_id", "peer_id", "user_id", "conversation_message_id", "id", "out", "text", "geo", "cmid"])
    | st.sampled_from(["attachments", "photo", "audio_message", "sizes", "url", "width", "fwd_messages", "coordinates"])
    | st.sampled_from(["reaction_id", "reacted_id", "chat_id", "body", "ref", "transcript", "transcript_state", "doc"])
)
WORDS = st.sampled_from(["message_new", "message_event", "message_edit", "message_read", "photo", "doc", "²", "-7001"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)
KINDS = st.sampled_from(["message_new", "message_event", "message_edit", "message_reply", "message_allow"]) | (
    st.sampled_from(["message_deny", "message_read", "message_reaction_event", "message_typing_state"])
)
EVENTS = st.builds(
    lambda kind, content, more: json.dumps({"type": kind, "object": content, **more}).encode(),
    KINDS,
    st.dictionaries(KEYS, JSON, max_size=8) | JSON,
    st.dictionaries(st.sampled_from(["group_id", "event_id", "secret"]), JSON, max_size=3),
)


def unharmed(payload):
    adapter = VkAdapter()
    event = adapter.normalise(payload, CREDENTIALS)
    (wire,) = adapter.unpack(payload)
    assert event.external_id == wire.external_id != ""
    assert len(event.external_id) <= 200
    assert (event.kind is EventKind.IGNORED) == (event.why_ignored is not None)
    assert event.kind is EventKind.IGNORED or event.chat_id == wire.conversation != ""
    "".join((event.text, event.chat_id, event.user_id, event.payload or "", event.external_id)).encode()
    adapter.verify({}, payload, CREDENTIALS)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ
@given(st.binary() | st.dictionaries(KEYS, JSON, max_size=5).map(lambda value: json.dumps(value).encode()) | EVENTS)
def test_nothing_makes_it_raise(payload):
    unharmed(payload)


PHOTO = {"type": "photo", "photo": {"sizes": [{"url": "https://s", "width": 1}]}}
REAL = [
    body("message_new", {"message": message(text="да", attachments=[PHOTO]), "client_info": PHONE}),
    body("message_event", {"user_id": 5, "peer_id": 5, "event_id": "1776a", "payload": {"p": "slot:15"}}),
    body("message_read", {"from_id": 5, "peer_id": 5, "conversation_message_id": 9}),
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ
@given(st.sampled_from(REAL), st.integers(0, 400), st.binary(max_size=6), st.integers(0, 6))
def test_nor_does_a_body_that_was_tampered_with(payload, at, new, cut):
    unharmed(payload[:at] + new + payload[at + cut :])


def test_verifying_and_reading_need_no_http():
    script = (
        "import sys; from salon.integrations.vk.adapter import VkAdapter; "
        "VkAdapter().unpack(b''); VkAdapter().normalise(b'{}', None); "
        "sys.exit(any(name in sys.modules for name in ('httpx', 'ssl', 'pydantic', 'sqlalchemy')))"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False)

    assert done.returncode == 0
