from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.instagram.adapter import InstagramAdapter
from salon.integrations.instagram.payloads.contents import sniffed
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

NOBODY = ChannelCredentials("")
ACCOUNT, IGSID = "17841472110558136", "489760440872775"
AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
adapter = InstagramAdapter()


def envelope(*items, account=ACCOUNT, name="messaging") -> bytes:
    entry = {"id": account, "time": 1_700_000_000_749, name: items}
    return json.dumps({"object": "instagram", "entry": [entry]}).encode()


def item(sender=IGSID, recipient=ACCOUNT, **content):
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": 1_700_000_000_000, **content}


def both(**content):
    body = envelope(item(**content))
    (wire,) = adapter.unpack(body)
    event = adapter.normalise(wire.body, NOBODY)
    assert event.external_id == wire.external_id
    return wire, event


def read(**content) -> InboundEvent:
    return both(**content)[1]


def message(**fields) -> InboundEvent:
    return read(message={"mid": "m1", **fields})


class TestMessages:
    def test_a_text(self):
        wire, event = both(message={"mid": "m1", "text": "Omg"})
        assert event == InboundEvent(
            channel=Channel.INSTAGRAM,
            external_id="m1",
            kind=EventKind.MESSAGE,
            chat_id=IGSID,
            user_id=IGSID,
            text="Omg",
            message_id="m1",
            sent_at=AT,
        )
        assert (wire.conversation, wire.account) == (IGSID, ACCOUNT)

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("audio", AttachmentKind.VOICE),
            ("image", AttachmentKind.IMAGE),
            ("video", AttachmentKind.VIDEO),
            ("file", AttachmentKind.FILE),
            ("like_heart", AttachmentKind.STICKER),
        ],
    )
    @pytest.mark.parametrize("is_listed", [True, False])
    def test_files(self, kind, expected, is_listed):
        attachment = {"type": kind, "payload": {"url": "https://lookaside.fbsbx.com/x"}}
        event = message(attachments=[attachment] if is_listed else attachment)
        assert event.attachments == (Attachment(expected, file_ref="https://lookaside.fbsbx.com/x"),)

    @pytest.mark.parametrize("kind", ["story_mention", "share", "ig_post", "ig_reel", "ephemeral", "hologram", None])
    def test_what_is_not_to_be_stored_has_no_address(self, kind):
        event = message(attachments=[{"type": kind, "payload": {"url": "https://lookaside.fbsbx.com/x"}}, 5])
        assert event.attachments == (Attachment(AttachmentKind.OTHER),)

    def test_an_address_may_be_missing(self):
        assert message(attachments=[{"type": "image"}]).attachments == (Attachment(AttachmentKind.IMAGE),)

    def test_an_answer_to_a_message_or_to_a_story(self):
        assert message(text="да", reply_to={"mid": "m0"}).reply_to == "m0"
        story = message(text="Сколько?", reply_to={"story": {"id": "1", "url": "https://x"}})
        assert (story.kind, story.reply_to) == (EventKind.MESSAGE, None)

    def test_by_a_link_or_an_advertisement(self):
        assert message(text="Привет", referral={"ref": "promo", "source": "SHORTLINK"}).start_param == "promo"
        assert message(text="Привет", referral={"ad_id": "99", "source": "ADS"}).start_param == "ad:99"

    def test_a_quick_reply_and_a_postback_are_taps(self):
        event = message(text="15:00", quick_reply={"payload": "s:15"}, reply_to={"mid": "m0"})
        assert (event.kind, event.payload, event.text, event.message_id) == (EventKind.CALLBACK, "s:15", "15:00", "m0")
        event = read(postback={"mid": "m2", "title": "Записаться", "payload": "BOOK", "referral": {"ref": "r"}})
        assert (event.kind, event.payload, event.external_id) == (EventKind.CALLBACK, "BOOK", "m2")
        assert (event.start_param, event.message_id) == ("r", None)
        assert message(text="15:00", quick_reply={"payload": ""}).kind is EventKind.MESSAGE
        assert read(postback={"mid": "m2"}).why_ignored == "postback without a payload"
        assert read(sender="", postback={"mid": "m2", "payload": "B"}).why_ignored == "no sender"

    def test_a_link_followed_by_somebody_known(self):
        wire, event = both(referral={"ref": "bind-1", "source": "SHORTLINK", "type": "OPEN_THREAD"})
        assert (event.kind, event.start_param, wire.conversation) == (EventKind.START, "bind-1", IGSID)
        assert read(sender=None, referral={}).kind is EventKind.IGNORED

    def test_taken_back(self):
        wire, event = both(message={"mid": "m1", "is_deleted": True})
        assert (event.kind, event.reply_to, wire.external_id) == (EventKind.DELETED, "m1", "deleted:m1")

    @pytest.mark.parametrize(
        ("fields", "why"),
        [({"is_unsupported": True}, "unsupported"), ({}, "empty message"), ({"text": 5}, "empty message")],
    )
    def test_nothing_to_read(self, fields, why):
        event = message(**fields)
        assert (event.kind, event.why_ignored, event.chat_id) == (EventKind.IGNORED, why, IGSID)

    def test_our_own(self):
        wire, event = both(sender=ACCOUNT, recipient=IGSID, message={"mid": "m1", "text": "Ждём", "is_echo": True})
        assert (event.kind, event.chat_id, event.is_by_human) == (EventKind.ECHO, IGSID, None)
        assert (wire.external_id, wire.conversation) == ("echo:m1", "echo:m1")
        own = read(sender=ACCOUNT, recipient=ACCOUNT, message={"mid": "m1", "text": "Я", "is_self": True})
        assert (own.kind, own.why_ignored) == (EventKind.IGNORED, "our own message")
        assert (
            read(sender=ACCOUNT, recipient=IGSID, message={"mid": "m1", "text": "Я"}).why_ignored == "our own message"
        )


class TestAboutAnother:
    @pytest.mark.parametrize(
        ("reaction", "seen"),
        [
            ({"action": "react", "reaction": "love", "emoji": "❤"}, "❤"),
            ({"action": "react", "reaction": "love"}, "love"),
            ({"action": "unreact"}, ""),
        ],
    )
    def test_a_reaction(self, reaction, seen):
        wire, event = both(reaction={"mid": "m0", **reaction})
        assert (event.kind, event.reply_to, event.text) == (EventKind.REACTION, "m0", seen)
        assert wire.external_id == f"reaction:m0:{IGSID}:{reaction['action']}:1700000000000"
        assert read(reaction={}).kind is EventKind.IGNORED

    def test_seen(self):
        wire, event = both(read={"mid": "m0"})
        assert event.status == StatusReport(DeliveryStatus.READ, message_id="m0", up_to=AT)
        assert (wire.external_id, wire.conversation, event.chat_id) == ("read:m0", "status:m0", IGSID)
        watermark = read(read={"watermark": 1_700_000_060_000}).status
        assert (watermark.message_id, watermark.up_to.minute) == ("", 14)
        assert read(sender="", read={"mid": "m0"}).kind is EventKind.IGNORED

    def test_an_edit_has_a_number_and_a_text(self):
        wire, event = both(message_edit={"mid": "m1", "text": "в пять", "num_edit": 1})
        assert (event.kind, event.text, event.reply_to) == (EventKind.EDIT, "в пять", "m1")
        assert wire.external_id == "edit:m1:1"
        for empty in (
            {"mid": "m1", "num_edit": 0},
            {"mid": "m1", "num_edit": 0, "text": "x"},
            {"mid": "m1", "num_edit": 2},
        ):
            assert read(message_edit=empty).why_ignored == "edit without text"

    def test_an_empty_edit_may_lack_everything(self):
        body = envelope({"timestamp": 1_700_000_000_000, "message_edit": {"mid": "m1", "num_edit": 0}})
        assert adapter.normalise(body, NOBODY).why_ignored == "edit without text"
        body = envelope({"message_edit": {"mid": "m1", "num_edit": 1, "text": "x"}})
        assert adapter.normalise(body, NOBODY).why_ignored == "edit by nobody, or of nothing"


class TestNotForUs:
    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (
                envelope(item(message={"mid": "m", "text": "x"}), name="standby"),
                "standby: another app has this conversation",
            ),
            (envelope({"field": "comments", "value": {"id": "1", "text": "x"}}, name="changes"), "field comments"),
            (
                envelope(item(pass_thread_control={"new_owner_app_id": "1"})),
                "unknown kind of event: pass_thread_control",
            ),
            (envelope(item(message="x")), "unknown kind of event: message"),
            (envelope("x"), "unknown kind of event: ?"),
            (b'{"entry":[{"id":"1"}]}', "unknown kind of event: ?"),
            (b'{"entry":[]}', "not a webhook's body"),
            (b"\xff", "not a webhook's body"),
        ],
    )
    def test_it_is_ignored_with_a_reason(self, body, why):
        (wire,) = adapter.unpack(body)
        event = adapter.normalise(wire.body, NOBODY)
        assert (event.kind, event.why_ignored) == (EventKind.IGNORED, why)
        assert event.external_id == wire.external_id != ""

    def test_the_dashboards_test_names_no_account(self):
        value = {
            "sender": {"id": "12334"},
            "recipient": {"id": "23245"},
            "timestamp": "1527459824",
            "message": {"mid": "random_mid", "text": "random_text"},
        }
        body = envelope({"field": "messages", "value": value}, account="0", name="changes")
        (wire,) = adapter.unpack(body)
        assert wire.account == ""
        assert adapter.normalise(wire.body, NOBODY).why_ignored == "test of the dashboard"

    def test_messages_in_the_other_form(self):
        value = {"sender": {"id": IGSID}, "recipient": {"id": ACCOUNT}, "timestamp": "1700000000"}
        body = envelope(
            {"field": "messages", "value": {**value, "message": {"mid": "m1", "text": "Привет"}}}, name="changes"
        )
        event = adapter.normalise(body, NOBODY)
        assert (event.kind, event.text, event.sent_at) == (EventKind.MESSAGE, "Привет", AT)


def test_a_batch_is_taken_apart():
    first = {"id": ACCOUNT, "time": 1, "messaging": [item(message={"mid": "m1", "text": "раз"}), 5]}
    other = {
        "id": "999",
        "messaging": [item(message={"mid": "m2", "text": "два"})],
        "standby": [item(read={"mid": "m0"})],
    }
    body = json.dumps({"object": "instagram", "entry": [first, "x", other]}).encode()
    wires = adapter.unpack(body)
    events = [adapter.normalise(wire.body, NOBODY) for wire in wires]
    assert [(event.kind, event.text) for event in events] == [
        (EventKind.MESSAGE, "раз"),
        (EventKind.IGNORED, ""),
        (EventKind.IGNORED, ""),
        (EventKind.MESSAGE, "два"),
        (EventKind.IGNORED, ""),
    ]
    assert [wire.account for wire in wires] == [ACCOUNT, ACCOUNT, "", "999", "999"]
    assert [wire.external_id for wire in wires] == [event.external_id for event in events]
    assert len({wire.external_id for wire in wires}) == 5


@pytest.mark.parametrize(
    ("data", "kind", "mime"),
    [
        (b"\0\0\0\x18ftypM4A ", AttachmentKind.VOICE, "audio/mp4"),
        (b"\0\0\0\x18ftypmp42", AttachmentKind.VIDEO, "video/mp4"),
        (b"OggS\0", AttachmentKind.VOICE, "audio/ogg"),
        (b"ID3\x04", AttachmentKind.VOICE, "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVE", AttachmentKind.VOICE, "audio/wav"),
        (b"RIFF\0\0\0\0WEBP", AttachmentKind.IMAGE, "image/webp"),
        (b"\xff\xd8\xff\xe0", AttachmentKind.IMAGE, "image/jpeg"),
        (b"", AttachmentKind.IMAGE, "application/octet-stream"),
    ],
)
def test_what_the_bytes_are(data, kind, mime):
    assert sniffed(data, kind) == mime


def test_the_handshake():
    known = ChannelCredentials("", verify_token="t0ken")
    query = {"hub.mode": "subscribe", "hub.verify_token": "t0ken", "hub.challenge": "77"}
    assert adapter.handshake("GET", query, b"", known) == "77"
    assert adapter.handshake("POST", {}, b"{}", known) is None
    with pytest.raises(HandshakeRefused):
        adapter.handshake("GET", query, b"", NOBODY)


SEEDS = [
    item(message={"mid": "m", "text": "x", "reply_to": {"mid": "m0"}, "referral": {"ref": "x"}}),
    item(message={"mid": "m", "attachments": [{"type": "audio", "payload": {"url": "https://x"}}]}),
    item(message={"mid": "m", "text": "x", "quick_reply": {"payload": "p"}}),
    item(message={"mid": "m", "is_echo": True}),
    item(postback={"mid": "m", "title": "x", "payload": "p", "referral": {"ref": "r"}}),
    item(reaction={"mid": "m", "action": "react", "emoji": "x"}),
    item(read={"mid": "m", "watermark": 1}),
    item(message_edit={"mid": "m", "num_edit": 1, "text": "x"}),
]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "mid", "text", "url"]), st.integers(), max_size=2),
    st.just("x" * 3000), st.just("\ud800\x00"),
)  # fmt: skip


def mutated(data, value):
    """The value with something in it replaced, dropped, or doubled."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.integers(0, 5)) == 0:
            return {name: part for name, part in value.items() if name != key}
        return {**value, key: mutated(data, value[key])}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], mutated(data, value[at]), *value[at:]]
    return data.draw(JUNK)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_bodies_never_raise_and_have_keys(data):
    name = data.draw(st.sampled_from(["messaging", "standby", "changes"]))
    seed = data.draw(st.sampled_from(SEEDS))
    inner = {"field": "messages", "value": seed} if name == "changes" else seed
    whole = {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1, name: [inner]}]}
    body = json.dumps(mutated(data, mutated(data, whole))).encode()
    wires = adapter.unpack(body)
    assert wires
    for wire in wires:
        event = adapter.normalise(wire.body, NOBODY)
        assert event.external_id == wire.external_id != ""
        assert len(wire.external_id) < 1200
        for word in (event.text, event.chat_id, event.start_param or "", event.external_id, wire.conversation):
            assert "\x00" not in word
            word.encode()
