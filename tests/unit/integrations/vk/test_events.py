from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.vk.adapter import VkAdapter
from salon.integrations.vk.payloads.events import normalise
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Channel,
    ChannelCredentials,
    DeliveryStatus,
    EventKind,
    InboundEvent,
    StatusReport,
)
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


def read(client=None, **fields) -> InboundEvent:
    return normalise(body("message_new", {"message": message(**fields), "client_info": client or {}}))


def attached(kind, content):
    return read(attachments=[{"type": kind, kind: content}]).attachments


def test_a_text():
    assert read(PHONE, text="Хочу на стрижку") == InboundEvent(
        channel=Channel.VK,
        external_id="e1",
        kind=EventKind.MESSAGE,
        chat_id="5",
        user_id="5",
        text="Хочу на стрижку",
        message_id="5:9",
        language="ru",
        sent_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        can_tap=True,
    )


@pytest.mark.parametrize(
    ("client", "can_tap"),
    [
        ({}, None),
        ({"keyboard": True}, None),
        ({"inline_keyboard": True}, True),
        ({"inline_keyboard": False, "button_actions": ["callback"]}, False),
        ({"inline_keyboard": True, "button_actions": ["text", "open_link"]}, False),
        ({"button_actions": ["callback"]}, True),
        ({"inline_keyboard": "yes", "button_actions": {"callback": 1}}, None),
    ],
)
def test_what_the_person_s_app_shows(client, can_tap):
    assert read(client, text="да").can_tap is can_tap


@pytest.mark.parametrize(
    ("payload", "kind", "carried"),
    [
        ('{"p":"slot:15"}', EventKind.CALLBACK, "slot:15"),
        ({"p": "slot:15"}, EventKind.CALLBACK, "slot:15"),
        ('{"cmd":"week"}', EventKind.CALLBACK, '{"cmd":"week"}'),
        ({"p": "slot:15", "cmd": 1}, EventKind.CALLBACK, '{"p":"slot:15","cmd":1}'),
        ('"slot:15"', EventKind.CALLBACK, "slot:15"),
        ("slot:15", EventKind.CALLBACK, "slot:15"),
        ("[" * 3000, EventKind.CALLBACK, "[" * 1000),
        ('{"command":"start"}', EventKind.START, None),
        ({"command": "start"}, EventKind.START, None),
        ({"command": ["start"]}, EventKind.CALLBACK, '{"command":["start"]}'),
        (None, EventKind.MESSAGE, None),
        ("", EventKind.MESSAGE, None),
        ("{}", EventKind.MESSAGE, None),
        ("null", EventKind.MESSAGE, None),
        ([], EventKind.MESSAGE, None),
    ],
)
def test_a_key_that_writes(payload, kind, carried):
    event = read(text="15:00", payload=payload)
    assert (event.kind, event.payload, event.callback_id, event.text) == (kind, carried, None, "15:00")


def test_a_deep_link_is_told_by_the_first_message():
    event = read(text="Начать", payload='{"command":"start"}', ref="invite_42", ref_source="qr")
    assert (event.kind, event.start_param) == (EventKind.START, "invite_42")
    assert (read(text="Привет", ref="x").kind, read(text="Привет", ref="x").start_param) == (EventKind.MESSAGE, "x")
    assert read(text="Привет", ref="", ref_source="qr").start_param == "qr"
    assert read(text="Привет", ref="x" * 256).start_param is None


SPOKEN = {"duration": 3, "link_ogg": "https://psv4.userapi.com/a.ogg", "link_mp3": "https://psv4.userapi.com/a.mp3"}


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("audio_message", SPOKEN, Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3)),
        (
            "audio_message",
            {"link_mp3": SPOKEN["link_mp3"], "transcript": " на завтра ", "transcript_state": "done"},
            Attachment(AttachmentKind.VOICE, SPOKEN["link_mp3"], "audio/mpeg", transcript="на завтра"),
        ),
        (
            "audio_message",
            {**SPOKEN, "transcript": "на зав", "transcript_state": "in_progress"},
            Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3),
        ),
        (
            "audio_message",
            {"transcript_state": ["done"], "transcript": "?"},
            Attachment(AttachmentKind.VOICE, mime="audio/ogg"),
        ),
        (
            "photo",
            {
                "sizes": [
                    {"type": "z", "url": "https://z", "width": 800, "height": 600},
                    {"type": "w", "url": "https://w", "width": 640, "height": 800},
                    {"type": "?", "width": 9000, "height": 9000},
                    "odd",
                ]
            },
            Attachment(AttachmentKind.IMAGE, "https://w", "image/jpeg"),
        ),
        (
            "photo",
            {"sizes": [{"url": "https://s", "width": 75}], "orig_photo": {"url": "https://o", "width": 90, "height": 9}},
            Attachment(AttachmentKind.IMAGE, "https://o", "image/jpeg"),
        ),
        ("photo", {"photo_75": "https://s", "photo_604": "https://l"}, Attachment(AttachmentKind.IMAGE, "https://l", "image/jpeg")),
        (
            "doc",
            {"url": "https://vk.com/doc1", "ext": "PDF", "title": "накладная.pdf", "size": 90},
            Attachment(AttachmentKind.FILE, "https://vk.com/doc1", "application/pdf", 90, name="накладная.pdf"),
        ),
        ("doc", {"ext": "zip", "preview": {"audio_msg": SPOKEN}}, Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3)),
        (
            "sticker",
            {"sticker_id": 1, "images": [{"url": "https://64", "width": 64, "height": 64}, {"url": "https://128", "width": 128, "height": 128}]},
            Attachment(AttachmentKind.STICKER, "https://128", "image/png"),
        ),
        ("graffiti", {"url": "https://g"}, Attachment(AttachmentKind.IMAGE, "https://g", "image/png")),
        ("video", {"title": "Стрижка", "duration": 9}, Attachment(AttachmentKind.VIDEO, duration_s=9, name="Стрижка")),
        ("audio", {"artist": "А", "title": "Б", "url": "https://a"}, Attachment(AttachmentKind.AUDIO, "https://a", "audio/mpeg", name="А – Б")),
        ("wall", {"id": 1}, Attachment(AttachmentKind.OTHER, name="wall")),
        ("poll", None, Attachment(AttachmentKind.OTHER, name="poll")),
        ("doc", {"url": "https://x/" + "y" * 4000}, Attachment(AttachmentKind.FILE)),
    ],
)
def test_attachments(kind, content, expected):
    assert attached(kind, content) == (expected,)


@pytest.mark.parametrize(
    ("geo", "at"),
    [
        ({"coordinates": {"latitude": 55.7, "longitude": 37.6}, "place": {"title": "Парк"}}, (55.7, 37.6, "Парк")),
        ({"coordinates": "55.7 37.6"}, (55.7, 37.6, None)),
        ({"coordinates": {"latitude": 91, "longitude": 37.6}}, (None, None, None)),
        ({"coordinates": {"latitude": float("nan"), "longitude": True}}, (None, None, None)),
        ({"type": "point"}, (None, None, None)),
    ],
)
def test_a_place(geo, at):
    (place,) = read(geo=geo).attachments
    assert place.kind is AttachmentKind.LOCATION
    assert (place.latitude, place.longitude, place.name) == at


def test_what_is_forwarded_speaks_for_a_message_without_words():
    voice = {"type": "audio_message", "audio_message": SPOKEN}
    inner = {"text": "завтра в три?", "attachments": [voice], "fwd_messages": [{"text": "или в пять"}]}
    event = read(text="", fwd_messages=[inner, "odd"])
    assert (event.kind, event.text) == (EventKind.MESSAGE, "завтра в три?\nили в пять")
    assert [each.kind for each in event.attachments] == [AttachmentKind.VOICE]
    assert read(text="вот", fwd_messages=[inner]).text == "вот"
    many = read(attachments=[voice] * 50)
    assert len(many.attachments) == 20


def test_an_answer_names_what_it_answers():
    assert read(text="да", reply_message={"conversation_message_id": 7, "id": 300}).reply_to == "5:7"


def test_a_group_chat_numbers_its_messages_itself():
    event = read(text="всем привет", peer_id=2_000_000_001, id=0, conversation_message_id=31)
    assert (event.chat_id, event.user_id, event.is_group, event.message_id) == ("2000000001", "5", True, "2000000001:31")


@pytest.mark.parametrize(
    ("fields", "kind", "why"),
    [
        ({"from_id": -GROUP, "text": "Мы"}, EventKind.ECHO, None),
        ({"out": 1, "text": "Мы"}, EventKind.ECHO, None),
        ({"from_id": -8, "text": "Реклама"}, EventKind.IGNORED, "sent by a community"),
        ({"action": {"type": "chat_kick_user"}, "text": ""}, EventKind.IGNORED, "service message"),
        ({"action": None, "text": "да"}, EventKind.MESSAGE, None),
        ({"text": " \n"}, EventKind.IGNORED, "an empty message"),
        ({"text": "чьё?", "from_id": None}, EventKind.IGNORED, "no sender"),
        ({"text": "где?", "peer_id": {}}, EventKind.IGNORED, "no chat"),
        ({"text": "да", "out": [1]}, EventKind.MESSAGE, None),
    ],
)
def test_whose_message_it_is(fields, kind, why):
    event = read(**fields)
    assert (event.kind, event.why_ignored) == (kind, why)


def tap(**fields):
    content = {"user_id": 5, "peer_id": 5, "event_id": "1776a", "payload": {"p": "slot:15"}, "conversation_message_id": 9}
    return normalise(body("message_event", {**content, **fields}))


def test_a_tap():
    event = tap()
    assert (event.kind, event.payload, event.callback_id) == (EventKind.CALLBACK, "slot:15", "1776a")
    assert (event.chat_id, event.user_id, event.message_id, event.external_id) == ("5", "5", "5:9", "e1")
    assert tap(payload='{"p":"slot:15"}').payload == "slot:15"
    assert tap(payload={"cmd": "week"}).payload == '{"cmd":"week"}'
    assert tap(conversation_message_id=None).message_id is None
    for odd in ({"payload": None}, {"event_id": None}, {"user_id": None}, {"event_id": 7}):
        assert tap(**odd).why_ignored == "a tap without payload, person or id"


@pytest.mark.parametrize("nested", [False, True])
def test_an_edit_and_an_echo_come_bare_or_wrapped(nested):
    def event(kind, **fields):
        content = message(**fields)
        return normalise(body(kind, {"message": content} if nested else content))

    edited = event("message_edit", text="на четыре", update_time=1_700_000_060)
    assert (edited.kind, edited.text, edited.message_id, edited.reply_to) == (EventKind.EDIT, "на четыре", "5:9", "5:9")
    assert edited.sent_at == datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC)
    assert event("message_edit", text="x", from_id=-GROUP).why_ignored == "an edit of our own message"
    ours = event("message_reply", from_id=-GROUP, out=1, text="Записала")
    assert (ours.kind, ours.chat_id, ours.user_id, ours.is_by_human) == (EventKind.ECHO, "5", "5", False)
    theirs = event("message_reply", from_id=-GROUP, out=1, text="Это Вера", admin_author_id=77)
    assert (theirs.is_by_human, theirs.user_id, theirs.text) == (True, "5", "Это Вера")


def test_permission_given_and_taken():
    allowed = normalise(body("message_allow", {"user_id": 5, "key": "k"}))
    assert (allowed.kind, allowed.chat_id, allowed.user_id, allowed.start_param) == (EventKind.UNBLOCKED, "5", "5", "k")
    assert normalise(body("message_allow", {"user_id": 5, "key": ""})).start_param is None
    denied = normalise(body("message_deny", {"user_id": 5, "key": "k"}))
    assert (denied.kind, denied.chat_id, denied.start_param) == (EventKind.BLOCKED, "5", None)
    assert normalise(body("message_deny", {"user_id": []})).why_ignored == "no person"


def test_reading_is_a_watermark():
    content = {"from_id": 5, "peer_id": 5, "read_message_id": 305, "conversation_message_id": 9}
    event = normalise(body("message_read", content))
    assert (event.kind, event.chat_id) == (EventKind.STATUS, "5")
    assert event.status == StatusReport(DeliveryStatus.READ, message_id="5:9")
    assert normalise(body("message_read", {**content, "from_id": -GROUP})).kind is EventKind.IGNORED
    assert normalise(body("message_read", {"from_id": 5, "peer_id": 5})).kind is EventKind.IGNORED


@pytest.mark.parametrize(("number", "emoji"), [(1, "❤"), (4, "👍"), (16, "🎉"), (99, "•"), (None, ""), ("4", "")])
def test_a_reaction(number, emoji):
    event = normalise(body("message_reaction_event", {"reacted_id": 5, "peer_id": 5, "cmid": 9, "reaction_id": number}))
    assert (event.kind, event.text, event.reply_to, event.user_id) == (EventKind.REACTION, emoji, "5:9", "5")


def test_a_reaction_of_ours_is_nothing():
    content = {"reacted_id": -GROUP, "peer_id": 5, "cmid": 9, "reaction_id": 4}
    assert normalise(body("message_reaction_event", content)).kind is EventKind.IGNORED


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (body("message_typing_state", {"state": "typing", "from_id": 5}), "typing"),
        (body("group_join", {"user_id": 5}), "joined the community"),
        (body("group_leave", {"user_id": 5}), "left the community"),
        (body("user_block", {"user_id": 5}), "banned by the community"),
        (body("confirmation", None), "a handshake"),
        (body("photo_new", {"id": 1}), "unknown kind of event"),
        (body(["message_new"], {}), "unknown kind of event"),
        (body("message_new", [1]), "an event without content"),
        (b"\xff", "not a JSON object"),
    ],
)
def test_what_is_not_for_us_is_ignored_with_a_reason(payload, why):
    event = normalise(payload)
    assert (event.kind, event.why_ignored) == (EventKind.IGNORED, why)


def test_versions_before_5_103_and_5_80():
    bare = normalise(body("message_new", message(text="Привет")))
    assert (bare.kind, bare.text, bare.message_id) == (EventKind.MESSAGE, "Привет", "5:9")
    old = {"id": 305, "date": 1_700_000_000, "out": 0, "user_id": 5, "read_state": 0, "title": "", "body": "Привет"}
    event = normalise(body("message_new", old))
    assert (event.text, event.chat_id, event.user_id, event.message_id) == ("Привет", "5", "5", "305")
    in_chat = normalise(body("message_new", {**old, "chat_id": 7}))
    assert (in_chat.chat_id, in_chat.user_id, in_chat.is_group) == ("2000000007", "5", True)


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
        [{"group_id": 7002}, {"group_id": None}, {"group_id": -7001}, {"secret": "wrong"}, {"secret": ""}, {"secret": [1]}],
    )  # fmt: skip
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
        assert event.is_group == (event.chat_id > "2000000000")
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
KINDS = st.sampled_from(
    "message_new message_event message_edit message_reply message_allow message_deny message_read "
    "message_reaction_event message_typing_state".split()
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


REAL = [
    body("message_new", {"message": message(text="да", attachments=[{"type": "photo", "photo": {"sizes": [{"url": "https://s", "width": 1}]}}]), "client_info": PHONE}),
    body("message_event", {"user_id": 5, "peer_id": 5, "event_id": "1776a", "payload": {"p": "slot:15"}}),
    body("message_read", {"from_id": 5, "peer_id": 5, "conversation_message_id": 9}),
]  # fmt: skip


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
