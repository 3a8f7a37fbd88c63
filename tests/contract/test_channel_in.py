"""What every messenger's adapter, keeper and fake have to do, spoken through real HTTP: what comes in.

A new channel adds `support/benches/<channel>.py`; what a provider does not have stands in the tables here.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Channel,
    DeliveryStatus,
    EventKind,
)
from salon.messaging.errors import (
    HandshakeRefused,
    MediaGone,
    MediaTooLarge,
)
from support.benches import open_stage
from support.channel_talk import CHANNELS, META, last_said, send, verified


@pytest.fixture(params=CHANNELS)
def stage(request):
    with open_stage(request.param) as made:
        yield made


class TestWhoCalls:
    def test_only_the_provider_passes(self, stage):
        request = stage.said()
        assert verified(stage, request)
        ours = stage.credentials.webhook_secrets
        assert verified(stage, request, webhook_secrets=("next-secret", *ours))
        for secrets in ((), ("",), ("wrong",), ("секрет",), ("\ud83d",), (ours[0] + "x",)):
            assert not verified(stage, request, webhook_secrets=secrets)

    def test_a_forged_request_is_refused(self, stage):
        request, credentials = stage.said(), stage.credentials
        adapter = stage.adapter
        if stage.channel is Channel.VK:  # the secret is in the body
            said = json.loads(request.body)
            for odd in (None, "", "ключ", 5, ["x"], {"a": 1}, True):
                body = json.dumps({**said, "secret": odd}).encode()
                assert not adapter.verify(request.headers, body, credentials)
            del said["secret"]
            for body in (json.dumps(said).encode(), b"", b"[]", b"\xff\xfe", b"[" * 100_000):
                assert not adapter.verify(request.headers, body, credentials)
                assert not adapter.verify(request.headers, body, replace(credentials, webhook_secrets=("",)))
            return
        for odd in (
            "ключ\ufffd",
            "",
            "\udcff\udcfe",
            "sha256=",
            "sha256=" + "ы" * 64,
            "sha256=" + "0" * 64,
            "x" * 9999,
        ):
            assert not adapter.verify(dict.fromkeys(request.headers, odd), request.body, credentials)
        for secrets in (credentials.webhook_secrets, ("",), ()):
            assert not adapter.verify({}, request.body, replace(credentials, webhook_secrets=secrets))
        if stage.channel in META:  # the body is signed, byte for byte
            assert not adapter.verify(request.headers, request.body + b" ", credentials)
            assert not adapter.verify(request.headers, json.dumps(json.loads(request.body)).encode(), credentials)

    def test_the_handshake(self, stage):
        adapter, known = stage.adapter, stage.credentials
        assert adapter.handshake("POST", {}, stage.said().body, known) is None
        asked = {"hub.mode": "subscribe", "hub.verify_token": known.verify_token, "hub.challenge": "1158201444"}
        if stage.channel in META:
            assert adapter.handshake("GET", asked, b"", known) == "1158201444"
            for odd in ("wrong", "", "ключ", "\udcff"):
                with pytest.raises(HandshakeRefused):
                    adapter.handshake("GET", {**asked, "hub.verify_token": odd}, b"", known)
            with pytest.raises(HandshakeRefused):
                adapter.handshake("GET", {**asked, "hub.verify_token": ""}, b"", replace(known, verify_token=""))
        elif stage.channel is Channel.VK:
            known = replace(known, confirmation="a1b2c3")
            body = {"type": "confirmation", "group_id": int(known.external_id), "secret": known.webhook_secrets[0]}
            assert adapter.handshake("POST", {}, json.dumps(body).encode(), known) == "a1b2c3"
            with pytest.raises(HandshakeRefused):
                adapter.handshake("POST", {}, json.dumps({**body, "group_id": 5}).encode(), known)
        else:
            assert adapter.handshake("GET", asked, b"", known) is None


class TestUnpacking:
    def test_two_messages_have_two_keys_and_a_repeat_has_the_same(self, stage):
        first, second = stage.said("да"), stage.said("да")
        found = [stage.adapter.unpack(request.body)[0].external_id for request in (first, first, second)]
        assert found[0] == found[1] != found[2]

    def test_rubbish_is_ignored_with_a_reason_and_has_a_key(self, stage):
        for body in (b"", b"{", b"[]", b"\xff\xfe\x00", b'"' * 1000, b"[" * 100_000, b"1" * 5000, b'{"a":NaN}', b"{}"):
            (wire,) = stage.adapter.unpack(body)
            event = stage.adapter.normalise(wire.body, stage.credentials)
            assert event.kind is EventKind.IGNORED
            assert event.why_ignored
            assert event.external_id == wire.external_id != ""
            assert wire.conversation == ""

    def test_a_genuine_body_with_any_part_spoilt_is_survived(self, stage):
        kinds = (
            lambda: stage.fake.send_photo(stage.anna, b"\xff\xd8jpg", caption="цвет"),
            lambda: stage.fake.send_voice(stage.anna),
            lambda: stage.fake.say(stage.anna, "привет"),
        )
        for act in kinds:
            (request,) = stage.requests(act)
            for body in _spoilt(json.loads(request.body)):
                for wire in stage.adapter.unpack(body):
                    event = stage.adapter.normalise(wire.body, stage.credentials)
                    assert event.external_id == wire.external_id != ""
                    assert (event.kind is EventKind.IGNORED) == bool(event.why_ignored)
                    event.text.encode()


def _spoilt(whole):
    """The document with each of its parts in turn missing, or something else than it was."""
    spots = []

    def walk(node):
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, inner in members:
            spots.append((node, name))
            walk(inner)

    walk(whole)
    for node, name in spots:
        kept = node[name]
        for odd in (None, "", "\ud83d\x00", -5, 2**70, 1e300, True, [], [[]], {}, {"a": {}}):
            node[name] = odd
            yield json.dumps(whole).encode()
        node[name] = kept


NOTHING = None
IN = EventKind
# What people do → what is told of it, where that is not the same everywhere. NOTHING: no word, or nobody can do it.
TOLD = {
    "edit": (dict.fromkeys(CHANNELS, IN.EDIT), lambda s: s.fake.edit(s.anna, s.said_id, "на семь")),
    "delete": (
        {"telegram": NOTHING, "max": IN.DELETED, "vk": NOTHING, "whatsapp": IN.DELETED, "instagram": IN.DELETED},
        lambda s: s.fake.delete(s.anna, s.said_id),
    ),
    "react": (
        {"telegram": IN.REACTION, "max": NOTHING, "vk": IN.REACTION, "whatsapp": IN.REACTION, "instagram": IN.REACTION},
        lambda s: s.fake.react(s.anna, s.sent_id, "❤"),
    ),
    "block": (
        # MAX's event comes by mistake, too: a refused send is what tells there (facts §2.4).
        {"telegram": IN.BLOCKED, "max": NOTHING, "vk": IN.BLOCKED, "whatsapp": NOTHING, "instagram": NOTHING},
        lambda s: s.fake.block(s.anna),
    ),
    "read": (
        {"telegram": NOTHING, "max": NOTHING, "vk": IN.STATUS, "whatsapp": IN.STATUS, "instagram": IN.STATUS},
        lambda s: s.fake.read(s.anna),
    ),
    "group": (
        {**dict.fromkeys(CHANNELS, IN.MESSAGE), "instagram": NOTHING},
        lambda s: s.fake.say_in_group(s.anna, "Кто со мной?"),
    ),
    "human": (
        {**dict.fromkeys(CHANNELS, IN.ECHO), "telegram": NOTHING},
        lambda s: s.fake.human_reply(s.anna, "Это Лена, сейчас посмотрю."),
    ),
    "contact": (
        {**dict.fromkeys(CHANNELS, IN.MESSAGE), "vk": NOTHING, "instagram": NOTHING},
        lambda s: s.fake.send_contact(s.anna),
    ),
    "location": (
        {**dict.fromkeys(CHANNELS, IN.MESSAGE), "instagram": NOTHING},
        lambda s: s.fake.send_location(s.anna, 55.75, 37.62),
    ),
}


class TestReading:
    def test_a_message(self, stage):
        event = stage.event(lambda: stage.fake.say(stage.anna, "Хочу на стрижку завтра"))
        assert (event.kind, event.text, event.chat_id) == (EventKind.MESSAGE, "Хочу на стрижку завтра", stage.chat_id)
        assert event.channel is stage.channel
        assert event.user_id == stage.anna.external_id
        if stage.channel not in {Channel.VK, Channel.INSTAGRAM}:  # they name nobody
            assert event.display_name == "Анна Лебедева"
        assert event.sent_at is not None
        assert event.sent_at.utcoffset() is not None
        assert not event.is_group
        assert event.message_id
        (request,) = stage.requests(lambda: stage.fake.say(stage.anna, "да", reply_to=last_said(stage)))
        (wire,) = stage.adapter.unpack(request.body)
        assert wire.conversation == event.chat_id
        assert stage.adapter.normalise(wire.body, stage.credentials).reply_to == event.message_id

    def test_a_start_by_a_deep_link(self, stage):
        event = stage.event(lambda: stage.fake.start(stage.anna, "ref_42"), EventKind.START)
        assert (event.start_param, event.chat_id) == ("ref_42", stage.chat_id)

    @pytest.mark.parametrize("act", sorted(TOLD))
    def test_what_is_told_of_an_act(self, stage, act):
        expected, do = TOLD[act]
        stage.sent_id = send(stage)
        stage.said_id = stage.fake.say(stage.anna, "на шесть").message_id
        try:
            told = stage.events(lambda: do(stage))
        except LookupError:
            assert expected[stage.channel] is NOTHING
            return
        kinds = [event.kind for event in told if event.kind is not EventKind.IGNORED]
        kind = expected[stage.channel]
        assert kinds == ([] if kind is NOTHING else [kind])
        if kind is NOTHING:
            return
        event = next(event for event in told if event.kind is kind)
        assert event.is_group is (act == "group")
        if act in {"edit", "delete"}:
            said = stage.fake.chat_of(stage.anna).message(stage.said_id)
            assert event.reply_to == said.external_id
            assert event.text == ("на семь" if act == "edit" else "")
        if act == "react":
            assert (event.text, event.reply_to) == ("❤", stage.sent_id)
            assert stage.event(lambda: stage.fake.react(stage.anna, stage.sent_id, "")).text == ""
        if act == "block":
            assert (event.chat_id, event.kind) == (stage.chat_id, EventKind.BLOCKED)
            assert stage.event(lambda: stage.fake.unblock(stage.anna)).kind in {EventKind.UNBLOCKED, EventKind.START}
        if act == "read":
            assert event.status.status is DeliveryStatus.READ
            assert event.status.message_id == stage.sent_id or event.status.up_to is not None
        if act == "human":
            assert event.is_by_human is not False
        if act == "contact":
            (card,) = event.attachments
            assert (card.kind, card.phone, card.is_own_contact) == (AttachmentKind.CONTACT, "+79990000101", True)
            other = stage.event(
                lambda: stage.fake.send_contact(stage.anna, own=False, phone="79990000777", first_name="Вера")
            )
            assert not other.attachments[0].is_own_contact
        if act == "location":
            (place,) = event.attachments
            assert (place.latitude, place.longitude) == (55.75, 37.62)

    @pytest.mark.parametrize(
        ("kind", "send_it"),
        [
            (AttachmentKind.IMAGE, lambda s: s.fake.send_photo(s.anna, b"\xff\xd8jpg", caption="Такой цвет")),
            (AttachmentKind.FILE, lambda s: s.fake.send_file(s.anna, b"%PDF", name="a.pdf", mime="application/pdf")),
            (AttachmentKind.VIDEO, lambda s: s.fake.send_video(s.anna, b"\0\0\0\x18ftypmp42")),
            (AttachmentKind.STICKER, lambda s: s.fake.send_sticker(s.anna)),
        ],
    )
    def test_what_comes_with_a_message(self, stage, kind, send_it):
        event = stage.event(lambda: send_it(stage))
        assert event.kind is EventKind.MESSAGE
        (item,) = event.attachments
        assert item.kind is kind
        if kind is AttachmentKind.IMAGE:
            assert event.text == "Такой цвет"
            assert stage.adapter.fetch(item, stage.credentials, max_bytes=1000).data == b"\xff\xd8jpg"

    def test_an_album_is_read_whole(self, stage):
        told = stage.events(lambda: stage.fake.send_album(stage.anna, [b"\xff\xd81", b"\xff\xd82"], caption="вот"))
        assert sum(len(event.attachments) for event in told) == 2
        assert [event.text for event in told if event.text] == ["вот"]
        assert len({event.external_id for event in told}) == len(told)

    def test_a_voice_message_is_fetched(self, stage):
        event = stage.event(lambda: stage.fake.send_voice(stage.anna, b"OggS" + bytes(3000)))
        (voice,) = event.attachments
        assert voice.kind is AttachmentKind.VOICE
        content = stage.adapter.fetch(voice, stage.credentials, max_bytes=4000)
        assert (content.data[:4], len(content.data), content.mime) == (b"OggS", 3004, "audio/ogg")
        with pytest.raises(MediaTooLarge):
            stage.adapter.fetch(voice, stage.credentials, max_bytes=3003)
        stage.fake.expire_files()
        with pytest.raises(MediaGone):
            stage.adapter.fetch(voice, stage.credentials, max_bytes=4000)

    def test_nothing_is_fetched_from_elsewhere(self, stage):
        for address in (
            "http://127.0.0.1:9/secret",
            "https://evil.example/voice.ogg",
            "https://user@a.oneme.ru/x",
            "file:///etc/passwd",
            "//evil.example/x",
            "",
        ):
            # WhatsApp's reference is a number, a digest and an address.
            ref = f"900 - {address}" if stage.channel is Channel.WHATSAPP else address
            with pytest.raises(MediaGone):
                stage.adapter.fetch(Attachment(AttachmentKind.VOICE, ref), stage.credentials, max_bytes=100)
