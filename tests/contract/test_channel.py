"""What every messenger's adapter, keeper and fake have to do, spoken through real HTTP.

A new channel adds `support/benches/<channel>.py`; what a provider does not have stands in the tables here.
"""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.fakes.faults import CORE_FAULTS
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Button,
    Channel,
    DeliveryStatus,
    EventKind,
    FailureClass,
    MediaContent,
    OutboundFile,
    OutboundKind,
    OutboundMessage,
)
from salon.messaging.domain.fitting import length
from salon.messaging.domain.limits import LIMITS, TextUnit
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    HandshakeRefused,
    MediaGone,
    MediaTooLarge,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)
from salon.messaging.ports import ProblemKind
from support.benches import FAULTS, open_stage

CHANNELS = [channel.value for channel in Channel]
META = {Channel.WHATSAPP, Channel.INSTAGRAM}
SPINNING = {Channel.TELEGRAM, Channel.MAX, Channel.VK}  # a tapped button waits for an answer
NUMBERED_FILES = {Channel.TELEGRAM, Channel.WHATSAPP}  # a file is named by an id there, not by its address


@pytest.fixture(params=CHANNELS)
def stage(request):
    with open_stage(request.param) as made:
        yield made


def message(stage, text="Здравствуйте!", **more):
    return OutboundMessage(OutboundKind.MESSAGE, stage.chat_id, text, **more)


def send(stage, text="Здравствуйте!", *, media=None, reference="", **more):
    return stage.adapter.send(message(stage, text, **more), stage.credentials, media=media, reference=reference)


def keys(*labels):
    return tuple((Button(label, f"k:{number}"),) for number, label in enumerate(labels))


def verified(stage, request, **credentials):
    return stage.adapter.verify(request.headers, request.body, replace(stage.credentials, **credentials))


# --- in


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


def last_said(stage):
    return stage.fake.chat_of(stage.anna).messages[-1].message_id


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


# --- out


class TestSending:
    def test_an_offer_is_shown_and_tapped(self, stage):
        offer = keys("15:00", "16:00", "Другой день")
        sent = send(stage, "Когда удобно?", buttons=offer)
        assert sent
        shown = stage.fake.sent_to(stage.anna)[-1]
        assert (shown.text, shown.external_id) == ("Когда удобно?", sent)
        assert shown.button_texts == ["15:00", "16:00", "Другой день"]
        event = stage.event(lambda: stage.fake.tap(stage.anna, sent, "16:00"), EventKind.CALLBACK)
        assert (event.payload, event.chat_id, event.user_id) == ("k:1", stage.chat_id, stage.anna.external_id)
        if stage.channel is not Channel.INSTAGRAM:  # a quick reply there does not say what it replies to
            assert sent in {event.message_id, event.reply_to}

    def test_a_tap_is_answered_once(self, stage):
        sent = send(stage, "Когда?", buttons=keys("15:00"))
        event = stage.event(lambda: stage.fake.tap(stage.anna, sent, "15:00"), EventKind.CALLBACK)
        answer = OutboundMessage(
            OutboundKind.ANSWER_CALLBACK,
            stage.chat_id,
            "Записываю",
            callback_id=event.callback_id or "none",
            user_id=event.user_id,
        )
        if stage.channel not in SPINNING:
            before = stage.calls()
            assert stage.adapter.send(answer, stage.credentials) is None
            assert stage.calls() == before  # there is nothing to stop, so nothing is said
            return
        (tap,) = [tap for tap in stage.fake.state.taps.values() if tap.answer is None]
        assert stage.adapter.send(answer, stage.credentials) is None
        assert stage.fake.tap_of(tap.callback_id).answer["text"] == "Записываю"
        assert stage.adapter.send(answer, stage.credentials) is None  # as good as done
        stage.event(lambda: stage.fake.tap(stage.anna, sent, "15:00"), EventKind.CALLBACK)
        stage.fake.expire_taps()
        assert stage.adapter.send(answer, stage.credentials) is None

    def test_a_message_is_edited_and_its_buttons_are_retired(self, stage):
        sent = send(stage, "Когда?", buttons=keys("15:00"))
        edit = OutboundMessage(OutboundKind.EDIT, stage.chat_id, "Вы записаны на 15:00.", message_id=sent)
        if not LIMITS[stage.channel].can_edit:
            with pytest.raises(RequestRejected):
                stage.adapter.send(edit, stage.credentials)
            return
        for _ in range(2):  # what is done already counts as done
            stage.adapter.send(edit, stage.credentials)
        assert stage.received()[-1] == "Вы записаны на 15:00."
        assert stage.fake.sent_to(stage.anna)[-1].buttons == []
        with pytest.raises(RequestRejected):
            stage.adapter.send(replace(edit, message_id=None), stage.credentials)

    def test_limits(self, stage):
        limits = LIMITS[stage.channel]
        letter = {TextUnit.UTF16: "😀", TextUnit.BYTES: "ы", TextUnit.CHARACTERS: "😀"}[limits.text_unit]
        fits = letter * (limits.text // length(letter, limits.text_unit))
        assert send(stage, fits)
        assert stage.received()[-1] == fits
        buttoned = letter * (limits.buttoned_text // length(letter, limits.text_unit))
        labels = [f"{number:02d}".ljust(limits.button_text, "ы") for number in range(min(limits.buttons, limits.rows))]
        assert send(stage, buttoned, buttons=keys(*labels))
        assert stage.fake.sent_to(stage.anna)[-1].button_texts == labels
        before = stage.received()
        for wrong in (message(stage, fits + "a" * limits.text), message(stage, fits + letter)):
            with pytest.raises(RequestRejected):
                stage.adapter.send(wrong, stage.credentials)
        assert stage.received() == before

    def test_the_impossible_is_refused_and_nothing_leaves(self, stage):
        before, calls = stage.received(), stage.calls()
        for wrong in (
            message(stage, "  "),
            message(stage, buttons=((Button(" ", "k"),),)),
            message(stage, "Первое. " * 2000, buttons=keys("Выбрать")),
            OutboundMessage(OutboundKind.EDIT, stage.chat_id, "Готово"),
            *([OutboundMessage(OutboundKind.ANSWER_CALLBACK, stage.chat_id)] if stage.channel in SPINNING else []),
        ):
            with pytest.raises(RequestRejected):
                stage.adapter.send(wrong, stage.credentials)
        assert (stage.received(), stage.calls()) == (before, calls)

    @pytest.mark.parametrize(("name", "mime"), [("дом.jpg", "image/jpeg"), ("запись.ics", "text/calendar")])
    def test_a_file_goes_along(self, stage, name, mime):
        url = f"https://salon.example/{mime[:4]}"
        file = OutboundFile("media/1", name, mime, url=url)
        limits = LIMITS[stage.channel]
        if not limits.takes_files and not mime.startswith("image/"):
            pytest.skip("such files are given as links (messaging.domain.fitting)")
        text = "" if limits.caption == 0 else "Вот"
        assert send(stage, text, file=file, media=MediaContent(b"\xff\xd8jpg", mime, name))
        sent = stage.fake.sent_to(stage.anna)
        assert any(item.kind in {"photo", "document"} for message in sent for item in message.items)
        assert sent[-1].text == text

    def test_a_key_that_opens_a_page(self, stage):
        if not LIMITS[stage.channel].has_url_buttons:
            pytest.skip("addresses stand in the text there (messaging.domain.fitting)")
        sent = send(stage, "Карта", buttons=((Button("Открыть", "", url="https://salon.example/map"),),))
        ((key,),) = stage.fake.sent_to(stage.anna)[-1].buttons
        assert (key["text"], key["url"]) == ("Открыть", "https://salon.example/map")
        with pytest.raises(LookupError):
            stage.fake.tap(stage.anna, sent, "Открыть")

    def test_the_same_reference_is_sent_once_where_the_provider_knows_references(self, stage):
        before = len(stage.received())
        first, second = (send(stage, "Раз", reference="018f3c1e-0000-7000-8000-000000000001") for _ in range(2))
        assert len(stage.received()) - before == (1 if stage.channel is Channel.VK else 2)
        assert (first == second) is (stage.channel is Channel.VK)


ERRORS = {
    "too_many": (RetryLater, False),
    "server_error": (RetryLater, False),
    "unreachable": (RetryLater, False),
    "slow": (RetryLater, True),
    "dropped": (RetryLater, True),
    "blocked": (RecipientGone, None),
    "revoked": (AccountRejected, None),
    "window": (WindowClosed, None),
    "rejected": (RequestRejected, None),
    "policy": (AccountRejected, None),
}


class TestFailures:
    @pytest.mark.parametrize("how", sorted(ERRORS))
    def test_a_failure_says_what_to_do(self, stage, how):
        error, maybe_sent = ERRORS[how]
        try:
            stage.fail(how)
        except LookupError:
            assert how in {"window", "rejected", "policy"}
            assert how != "window" or LIMITS[stage.channel].window is None
            return
        with pytest.raises(DeliveryFailed) as failed:
            send(stage)
        assert type(failed.value) is error
        if maybe_sent is not None:
            assert failed.value.maybe_sent is maybe_sent
        if how == "too_many":
            assert failed.value.after_s > 0
        if stage.channel is Channel.TELEGRAM and how == "too_many":
            assert (failed.value.after_s, failed.value.whole_account) == (7.0, True)
        if how not in {"unreachable", "slow", "dropped"}:
            assert send(stage)  # once it is over, it is over

    def test_nobody_there(self, stage):
        told = OutboundMessage(OutboundKind.MESSAGE, stage.bench.stranger_chat_id, "Здравствуйте!")
        with pytest.raises(RecipientGone):
            stage.adapter.send(told, stage.credentials)

    def test_somebody_who_wants_nothing_from_us(self, stage):
        stage.fake.block(stage.anna)
        if hasattr(stage.fake, "refuses_late"):  # WhatsApp may accept, and say in a status what became of it
            stage.fake.refuses_late = True
            failed = [event.status for event in stage.events(lambda: send(stage)) if event.status]
            assert (failed[-1].status, failed[-1].failure) == (DeliveryStatus.FAILED, FailureClass.RECIPIENT)
            stage.fake.refuses_late = False
        with pytest.raises(RecipientGone):
            send(stage)
        stage.fake.unblock(stage.anna)
        stage.fake.say(stage.anna, "Я снова тут")
        assert send(stage)

    def test_a_wrong_token_stops_the_account(self, stage):
        wrong = replace(stage.credentials, token="4004:wrong")
        with pytest.raises(AccountRejected):
            stage.adapter.send(message(stage), wrong)

    def test_no_secret_is_in_any_log_or_error(self, stage, caplog):
        caplog.set_level(logging.DEBUG)
        event = stage.event(lambda: stage.fake.send_voice(stage.anna))
        shown = []
        for fault in (None, *CORE_FAULTS, *stage.fake.fault_kinds):
            stage.fake.clear_faults()
            if fault is FaultKind.SLOW:
                stage.fake.fail_next(fault, seconds=1.2)
            elif fault:
                stage.fake.fail_next(fault, None, methods=None, seconds=3)
            for act in (
                lambda: send(stage),
                lambda: stage.adapter.fetch(event.attachments[0], stage.credentials, max_bytes=1000),
                lambda: stage.keeper.register(stage.url, stage.credentials),
            ):
                try:
                    act()
                except Exception as failed:  # noqa: BLE001 - whatever it is, its text is what counts
                    shown += traceback.format_exception(failed)
            shown.append(repr(stage.keeper.check(stage.url, stage.credentials)))
        everything = caplog.text + "".join(shown) + repr(stage.credentials)
        secrets = [stage.credentials.token, *stage.credentials.webhook_secrets, stage.credentials.verify_token]
        assert len(shown) > 10
        for secret in filter(None, secrets):
            assert secret not in everything
        reference = event.attachments[0].file_ref
        if stage.channel not in NUMBERED_FILES:  # such an address is a bearer capability
            assert reference.partition("?")[2] == "" or reference.partition("?")[2] not in everything


# --- the account


class TestKeeping:
    def kinds(self, stage, **credentials):
        report = stage.keeper.check(stage.url, replace(stage.credentials, **credentials))
        return {problem.kind for problem in report.problems if problem.is_fatal}

    def test_a_sound_account(self, stage):
        report = stage.keeper.check(stage.url, stage.credentials)
        assert [problem for problem in report.problems if problem.is_fatal] == []
        assert report.external_id == stage.fake.the_bot().external_id
        assert report.name
        stage.keeper.register(stage.url, stage.credentials)  # repeatable
        assert stage.said().path in stage.url

    def test_what_is_wrong_is_said(self, stage):
        assert ProblemKind.TOKEN_REJECTED in self.kinds(stage, token="4004:wrong")
        assert ProblemKind.SECRET_MISSING in self.kinds(stage, webhook_secrets=())
        if stage.channel is not Channel.WHATSAPP:  # one token may serve many numbers there
            wrong = self.kinds(stage, external_id="5005")
            assert wrong & {ProblemKind.WRONG_ACCOUNT, ProblemKind.SETTING_MISSING, ProblemKind.TOKEN_REJECTED}
        url = stage.url
        stage.fake.stop_server()
        report = stage.keeper.check(url, stage.credentials)
        assert [problem.kind for problem in report.problems] == [ProblemKind.UNREACHABLE]

    def test_a_webhook_that_is_gone_is_missed_and_set_again(self, stage):
        url = stage.url
        stage.keeper.unregister(url, stage.credentials)
        report = stage.keeper.check(url, stage.credentials)
        assert {problem.kind for problem in report.problems} & {ProblemKind.NO_WEBHOOK, ProblemKind.EVENTS_MISSING}
        before = len(stage.hook.requests)
        stage.fake.say(stage.anna, "Есть кто?")
        assert len(stage.hook.requests) == before
        stage.keeper.unregister(url, stage.credentials)  # repeatable
        stage.keeper.register(url, stage.credentials)
        stage.fake.wait_delivered()
        assert verified(stage, stage.said("Теперь слышно?"))

    def test_the_newest_secret_is_the_provider_s(self, stage):
        if stage.channel in META:
            pytest.skip("the app's secret signs; it is not ours to set")
        newest = replace(stage.credentials, webhook_secrets=("next-secret_2", *stage.credentials.webhook_secrets))
        stage.hook.credentials = newest  # what our webhook knows when VK shakes hands
        stage.keeper.register(stage.url, newest)
        request = stage.said()
        assert verified(stage, request, webhook_secrets=("next-secret_2",))
        assert not verified(stage, request)

    def test_the_provider_s_failure_is_told_by_class(self, stage):
        with pytest.raises(AccountRejected):
            stage.keeper.register(stage.url, replace(stage.credentials, token="4004:wrong"))
        url = stage.url
        stage.fake.fail_next(FaultKind.SERVER_ERROR, None, methods=None)
        for act in (stage.keeper.register, stage.keeper.unregister):
            with pytest.raises(RetryLater):
                act(url, stage.credentials)


def test_every_fault_of_the_table_is_known():
    assert set(ERRORS) == {*FAULTS, "unreachable"}
