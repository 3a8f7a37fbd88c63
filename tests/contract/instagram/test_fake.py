"""What only Instagram has, spoken through real HTTP to its fake."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from salon.integrations.fakes import FaultKind
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Button,
    ChannelCredentials,
    DeliveryStatus,
    EventKind,
    OutboundFile,
    OutboundKind,
    OutboundMessage,
)
from salon.messaging.errors import (
    AccountRejected,
    MediaElsewhere,
    MediaGone,
    MediaTooLarge,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)
from salon.platform.clock import FrozenClock
from support.benches.instagram import CREDENTIALS, instagram_bench

PHOTO = OutboundFile("media/1", "photo.jpg", "image/jpeg", url="https://verba.example/photo.jpg")
KEYS = ((Button("15:00", "slot:15"), Button("16:00", "slot:16")),)


@pytest.fixture
def bench():
    with instagram_bench() as made:
        yield made


@pytest.fixture
def clock(bench):
    """The fake's clock, at a standstill."""
    bench.fake.wait_delivered()
    frozen = FrozenClock()
    bench.fake._clock = frozen
    bench.fake.chat_of(bench.anna).last_inbound_at = frozen.now().timestamp()
    return frozen


def send(bench, text="Здравствуйте!", **more):
    message = OutboundMessage(OutboundKind.MESSAGE, more.pop("chat_id", bench.chat_id), text, **more)
    return bench.adapter.send(message, bench.credentials)


def told(bench, act):
    """What the webhook is told of an act, in our words."""
    bench.fake.wait_delivered()
    since = len(bench.hook.posts)
    act()
    bench.fake.wait_delivered()
    return [
        bench.adapter.normalise(wire.body, bench.credentials)
        for request in bench.hook.posts[since:]
        for wire in bench.adapter.unpack(request.body)
    ]


def only(bench, act):
    (event,) = told(bench, act)
    return event


class TestIn:
    def test_the_bytes_are_signed_escaped_and_cannot_be_written_anew(self, bench):
        request = bench.person_says("Привет")
        assert b"\\u041f" in request.body
        again = json.dumps(json.loads(request.body), ensure_ascii=False).encode()
        assert bench.adapter.verify(request.headers, request.body, CREDENTIALS)
        assert not bench.adapter.verify(request.headers, again, CREDENTIALS)
        wire = bench.adapter.unpack(request.body)[0]
        assert wire.account == CREDENTIALS.external_id

    def test_what_people_do(self, bench):
        fake, anna = bench.fake, bench.anna
        mine = fake.say(anna, "в четыре")
        offer = send(bench, "Когда?")
        edit = only(bench, lambda: fake.edit(anna, mine.message_id, "в пять"))
        assert (edit.kind, edit.text, edit.reply_to) == (EventKind.EDIT, "в пять", mine.external_id)
        deleted = only(bench, lambda: fake.delete(anna, mine.message_id))
        assert (deleted.kind, deleted.reply_to) == (EventKind.DELETED, mine.external_id)
        assert only(bench, lambda: fake.react(anna, offer, "❤")).text == "❤"
        assert only(bench, lambda: fake.react(anna, offer, "")).text == ""
        assert only(bench, lambda: fake.say(anna, "да", reply_to=offer)).reply_to == offer
        linked = only(bench, lambda: fake.start(anna, "bind-77"))
        assert (linked.kind, linked.start_param) == (EventKind.START, "bind-77")
        ice = only(bench, lambda: fake.tap_postback(anna, "Записаться", "BOOK"))
        assert (ice.kind, ice.payload) == (EventKind.CALLBACK, "BOOK")
        assert only(bench, lambda: fake.send_unsupported(anna)).why_ignored == "unsupported"
        assert only(bench, fake.press_test).why_ignored == "test of the dashboard"
        assert told(bench, lambda: fake.comment(anna, "Красиво")) == []
        fake.the_bot().webhooks[0].kinds.append("comments")
        assert only(bench, lambda: fake.comment(anna, "Красиво")).why_ignored == "field comments"
        echo = only(bench, lambda: fake.human_reply(anna, "Это администратор"))
        assert (echo.kind, echo.is_by_human, echo.chat_id) == (EventKind.ECHO, None, bench.chat_id)
        assert told(bench, lambda: fake.start(anna)) == []
        assert told(bench, lambda: fake.block(anna)) == []

    def test_what_they_cannot_do(self, bench):
        for act in (
            lambda: bench.fake.send_contact(bench.anna, phone="79990000101"),
            lambda: bench.fake.send_location(bench.anna, 1.0, 2.0),
            lambda: bench.fake.say_in_group(bench.anna, "x"),
            lambda: bench.fake.send_audio(bench.anna, b"ID3"),
        ):
            with pytest.raises(LookupError):
                act()

    @pytest.mark.parametrize("kind", ["photo", "video", "file", "sticker"])
    def test_files(self, bench, kind):
        acts = {
            "photo": lambda: bench.fake.send_photo(bench.anna, b"\xff\xd8\xffx", caption="вот"),
            "video": lambda: bench.fake.send_video(bench.anna, b"\0\0\0\x18ftypmp42"),
            "file": lambda: bench.fake.send_file(bench.anna, b"%PDF-1", name="1.pdf"),
            "sticker": lambda: bench.fake.send_sticker(bench.anna),
        }
        mimes = {"photo": "image/jpeg", "video": "video/mp4", "file": "application/pdf", "sticker": "image/webp"}
        (found,) = only(bench, acts[kind]).attachments
        content = bench.adapter.fetch(found, CREDENTIALS, max_bytes=1000)
        assert content.mime == mimes[kind]
        assert "." in content.name
        call = bench.fake.calls_of("GET /ig_messaging_cdn")[-1]
        assert "authorization" not in call.headers

    def test_files_that_cannot_be_had(self, bench):
        (voice,) = only(bench, lambda: bench.fake.send_voice(bench.anna, b"OggS" + bytes(50))).attachments
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(voice, CREDENTIALS, max_bytes=10)
        known = Attachment(AttachmentKind.VOICE, file_ref=voice.file_ref, size_bytes=11)
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(known, CREDENTIALS, max_bytes=10)
        bench.fake.expire_files()
        with pytest.raises(MediaGone):
            bench.adapter.fetch(voice, CREDENTIALS, max_bytes=1000)
        with pytest.raises(MediaGone):
            bench.adapter.fetch(Attachment(AttachmentKind.VOICE), CREDENTIALS, max_bytes=1000)
        evil = Attachment(AttachmentKind.VOICE, file_ref="https://evil.example/x")
        with pytest.raises(MediaElsewhere):
            bench.adapter.fetch(evil, CREDENTIALS, max_bytes=1000)

    def test_empty_edits_are_not_messages(self, bench):
        bench.fake.edits_noisily = True
        message, edit = told(bench, lambda: bench.fake.say(bench.anna, "Привет"))
        assert (message.kind, edit.why_ignored) == (EventKind.MESSAGE, "edit without text")

    def test_without_the_field_messages_only_empty_edits_come(self, bench):
        bench.fake.the_bot().webhooks[0].kinds = ["message_edit"]
        event = only(bench, lambda: bench.fake.say(bench.anna, "Привет"))
        assert (event.kind, event.why_ignored) == (EventKind.IGNORED, "edit without text")

    def test_everything_twice(self, bench):
        bench.fake.repeats = True
        first, second = told(bench, lambda: bench.fake.say(bench.anna, "Привет"))
        assert first == second

    def test_an_hour_of_failures_ends_the_subscription(self, bench, clock):
        bench.hook.status = 500
        bench.fake.say(bench.anna, "Привет")
        bench.fake.wait_for(lambda: bench.fake.the_bot().webhooks[0].failures > 0)
        clock.advance(timedelta(minutes=61))
        bench.fake.wait_for(lambda: not bench.fake.the_bot().webhooks)
        assert bench.fake.app_subscription(bench.fake.the_bot())["active"] is False


class TestOut:
    def test_quick_replies_vanish_once_used(self, bench):
        sent = send(bench, "Когда?", buttons=KEYS)
        assert bench.buttons() == [["15:00", "16:00"]]
        event = only(bench, lambda: bench.fake.tap(bench.anna, sent, "16:00"))
        assert (event.kind, event.payload, event.text) == (EventKind.CALLBACK, "slot:16", "16:00")
        assert bench.buttons() == []
        late = only(bench, lambda: bench.fake.tap(bench.anna, sent, "slot:15", stale=True))
        assert (late.kind, late.payload) == (EventKind.CALLBACK, "slot:15")
        assert late.external_id != event.external_id

    def test_our_own_messages_come_back(self, bench):
        sent = []
        echo = only(bench, lambda: sent.append(send(bench)))
        assert (echo.kind, echo.message_id, echo.chat_id) == (EventKind.ECHO, sent[0], bench.chat_id)
        read = only(bench, lambda: bench.fake.read(bench.anna))
        assert (read.status.status, read.status.message_id) == (DeliveryStatus.READ, sent[0])
        assert read.status.up_to is not None

    def test_a_link_and_a_tap_that_is_a_postback(self, bench):
        site = Button("На карте", "", url="https://verba.example/map")
        sent = send(bench, "Мы здесь", buttons=((site,), (Button("Записаться", "book"),)))
        assert bench.buttons() == [["На карте"], ["Записаться"]]
        event = only(bench, lambda: bench.fake.tap(bench.anna, sent, "Записаться"))
        assert (event.kind, event.payload) == (EventKind.CALLBACK, "book")

    def test_a_picture_by_its_address_and_then_the_text(self, bench):
        send(bench, "Вот", file=PHOTO, buttons=KEYS)
        picture, text = bench.fake.sent_to(bench.anna)[-2:]
        assert (picture.items[0].extra["link"], text.text, len(text.buttons)) == (PHOTO.url, "Вот", 1)

    def test_a_picture_went_out_and_the_text_did_not(self, bench):
        def fail_the_second(stage, call):
            if stage == "after" and call.method == "POST /messages":
                bench.fake.fail_next(FaultKind.SERVER_ERROR)

        bench.fake.on_call(fail_the_second)
        with pytest.raises(RetryLater) as failed:
            send(bench, "Вот", file=PHOTO)
        assert failed.value.maybe_sent

    def test_what_does_not_exist_here(self, bench):
        before = len(bench.fake.calls)
        tap = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, callback_id="x")
        assert bench.adapter.send(tap, CREDENTIALS) is None
        with pytest.raises(RequestRejected):
            bench.adapter.send(OutboundMessage(OutboundKind.EDIT, bench.chat_id, "x", message_id="m"), CREDENTIALS)
        assert len(bench.fake.calls) == before

    def test_after_a_day_only_a_human_may_write_and_after_a_week_nobody(self, bench, clock):
        clock.advance(timedelta(hours=23, minutes=59))
        assert send(bench)
        assert send(bench, "Это администратор", is_by_human=True)
        assert len(bench.fake.calls_of("POST /messages")) == 2
        clock.advance(timedelta(minutes=2))
        with pytest.raises(WindowClosed):
            send(bench)
        assert send(bench, "Это администратор", is_by_human=True)
        last = bench.fake.calls_of("POST /messages")[-1].params
        assert (last["messaging_type"], last["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
        bench.fake.the_bot().settings["human_agent"] = False
        with pytest.raises(AccountRejected):
            send(bench, "Это администратор", is_by_human=True)
        bench.fake.the_bot().settings["human_agent"] = True
        clock.advance(timedelta(days=7))
        with pytest.raises(WindowClosed):
            send(bench, "Это администратор", is_by_human=True)

    @pytest.mark.parametrize(
        ("code", "error", "after_s"),
        [
            ("10/2018278", WindowClosed, None),
            ("551", RecipientGone, None),
            ("200/2534041", AccountRejected, None),
            ("4", RetryLater, 180.0),
            ("2/1545133", RetryLater, 0.0),
            ("100", RequestRejected, None),
        ],
    )
    def test_codes(self, bench, code, error, after_s):
        bench.fake.fail_next(FaultKind.REJECTED, code=code)
        with pytest.raises(error) as failed:
            send(bench)
        assert getattr(failed.value, "after_s", None) == after_s

    def test_refusals_of_the_real_kind(self, bench):
        bench.fake.block(bench.anna)
        with pytest.raises(RecipientGone):
            send(bench)
        bench.fake.unblock(bench.anna)
        bench.fake.the_bot().settings["message_access"] = False
        with pytest.raises(AccountRejected, match="message access"):
            send(bench)
        for token in ("", "с пробелом", "unknown"):
            with pytest.raises(AccountRejected) as failed:
                bench.adapter.send(
                    OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Да"), ChannelCredentials(token)
                )
            assert not token or token not in str(failed.value)
