"""What only WhatsApp has, spoken through real HTTP to its fake."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.whatsapp.adapter import WhatsappAdapter
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Button,
    ChannelCredentials,
    DeliveryStatus,
    EventKind,
    FailureClass,
    MediaContent,
    OutboundFile,
    OutboundKind,
    OutboundMessage,
    TemplateUse,
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
from support.benches.whatsapp import CREDENTIALS, whatsapp_bench
from support.telegram import LoopbackServer, Reply

VISIT = TemplateUse("remind_soon", ("Анна", "15:00"), ("yes:1", "no:1"), "visit_soon", "ru")
PICTURE = OutboundFile("media/1", "photo.jpg", "image/jpeg")
JPEG = MediaContent(b"\xff\xd8\xff" + bytes(500), "image/jpeg", "photo.jpg")


@pytest.fixture
def bench():
    with whatsapp_bench() as made:
        yield made


@pytest.fixture
def clock(bench):
    """The fake's clock, at a standstill."""
    bench.fake.wait_delivered()
    frozen = FrozenClock()
    bench.fake._clock = frozen
    bench.fake.chat_of(bench.anna).last_inbound_at = frozen.now().timestamp()
    return frozen


def send(bench, text="Здравствуйте!", *, reference="", media=None, **more):
    message = OutboundMessage(OutboundKind.MESSAGE, more.pop("chat_id", bench.chat_id), text, **more)
    return bench.adapter.send(message, bench.credentials, reference=reference, media=media)


def events(bench, since=0):
    """Everything that the webhook was told after `since` requests, in our words."""
    bench.fake.wait_delivered()
    return [
        bench.adapter.normalise(wire.body, bench.credentials)
        for request in bench.hook.posts[since:]
        for wire in bench.adapter.unpack(request.body)
    ]


def told(bench, act):
    bench.fake.wait_delivered()
    since = len(bench.hook.posts)
    act()
    return events(bench, since)


def only(bench, act):
    (event,) = told(bench, act)
    return event


class TestWebhook:
    def test_the_bytes_are_signed_escaped_and_cannot_be_written_anew(self, bench):
        request = bench.person_says("Привет")
        assert "Привет".encode() not in request.body
        assert b"\\u041f" in request.body
        again = json.dumps(json.loads(request.body), ensure_ascii=False).encode()
        assert bench.adapter.verify(request.headers, request.body, CREDENTIALS)
        assert not bench.adapter.verify(request.headers, again, CREDENTIALS)
        expected = hmac.new(CREDENTIALS.webhook_secrets[0].encode(), request.body, hashlib.sha256).hexdigest()
        assert request.headers["x-hub-signature-256"] == f"sha256={expected}"

    def test_a_batch_waits_for_the_webhook_to_work_again(self, bench):
        bench.fake.wait_delivered()
        since, bench.hook.status = len(bench.hook.posts), 500
        said = [f"слово {number}" for number in range(5)]
        for text in said:
            bench.fake.say(bench.anna, text)
        bench.fake.wait_for(lambda: len(bench.hook.posts) > since)
        bench.hook.status = 200
        seen = [event.text for event in events(bench, since)]
        assert list(dict.fromkeys(seen)) == said
        assert max(len(bench.adapter.unpack(request.body)) for request in bench.hook.posts[since:]) > 1

    def test_everything_twice(self, bench):
        bench.fake.repeats = True
        first, second = told(bench, lambda: bench.fake.say(bench.anna, "Привет"))
        assert first == second


class TestPeople:
    def test_somebody_who_hides_the_number_is_written_to_by_the_other_id(self, bench):
        bench.fake.hide_number(bench.anna)
        event = only(bench, lambda: bench.fake.say(bench.anna, "Привет"))
        assert (event.chat_id, event.user_id, event.phone) == (bench.anna.external_id, bench.anna.external_id, None)
        since = len(bench.hook.posts)
        assert send(bench, "Добрый день", chat_id=event.chat_id)
        assert bench.received()[-1] == "Добрый день"
        assert {status.chat_id for status in events(bench, since)} == {event.chat_id}

    def test_a_new_number(self, bench):
        event = only(bench, lambda: bench.fake.change_number(bench.anna, "79990000999"))
        assert (event.kind, event.chat_id, event.new_user_id) == (EventKind.RENUMBERED, "79990000101", "79990000999")
        assert send(bench, "Здравствуйте", chat_id="79990000999")
        with pytest.raises(RecipientGone):
            send(bench, "Здравствуйте", chat_id="79990000101")

    def test_the_rest_of_what_people_do(self, bench):
        fake, anna = bench.fake, bench.anna
        mine = fake.say(anna, "в четыре")
        offer = send(bench, "Когда?")
        fake.wait_delivered()
        edit = only(bench, lambda: fake.edit(anna, mine.message_id, "в пять"))
        assert (edit.kind, edit.text, edit.reply_to) == (EventKind.EDIT, "в пять", mine.external_id)
        deleted = only(bench, lambda: fake.delete(anna, mine.message_id))
        assert (deleted.kind, deleted.reply_to) == (EventKind.DELETED, mine.external_id)
        reaction = only(bench, lambda: fake.react(anna, offer, "👍"))
        assert (reaction.kind, reaction.text, reaction.reply_to) == (EventKind.REACTION, "👍", offer)
        assert only(bench, lambda: fake.react(anna, offer, "")).text == ""
        assert only(bench, lambda: fake.say(anna, "да", reply_to=offer)).reply_to == offer
        group = only(bench, lambda: fake.say_in_group(anna, "всем привет"))
        assert (group.kind, group.is_group, group.user_id) == (EventKind.MESSAGE, True, anna.external_id)
        linked = only(bench, lambda: fake.start(anna, "bind-77"))
        assert (linked.kind, linked.start_param) == (EventKind.START, "bind-77")
        assert only(bench, lambda: fake.send_poll(anna)).why_ignored == "unsupported: poll (131051)"
        assert only(bench, lambda: fake.want_marketing(anna, wanted=False)).kind is EventKind.OPTED_OUT
        assert only(bench, lambda: fake.want_marketing(anna, wanted=True)).kind is EventKind.OPTED_IN
        echo = only(bench, lambda: fake.human_reply(anna, "Это администратор"))
        assert (echo.kind, echo.is_by_human, echo.chat_id) == (EventKind.ECHO, True, bench.chat_id)
        assert told(bench, lambda: fake.start(anna)) == []
        assert told(bench, lambda: fake.block(anna)) == []

    def test_what_people_send(self, bench):
        fake, anna = bench.fake, bench.anna
        (card,) = only(bench, lambda: fake.send_contact(anna)).attachments
        assert (card.phone, card.is_own_contact) == ("+79990000101", True)
        (card,) = only(bench, lambda: fake.send_contact(anna, phone="+79035555555", own=False)).attachments
        assert (card.phone, card.is_own_contact) == ("+79035555555", False)
        (place,) = only(bench, lambda: fake.send_location(anna, 55.75, 37.6)).attachments
        assert (place.kind, place.latitude) == (AttachmentKind.LOCATION, 55.75)
        for act, kind in (
            (lambda: fake.send_photo(anna, b"\xff\xd8\xffx", caption="вот"), AttachmentKind.IMAGE),
            (lambda: fake.send_file(anna, b"%PDF-", name="счёт.pdf", mime="application/pdf"), AttachmentKind.FILE),
            (lambda: fake.send_audio(anna, b"ID3"), AttachmentKind.AUDIO),
            (lambda: fake.send_video(anna, b"...."), AttachmentKind.VIDEO),
            (lambda: fake.send_sticker(anna), AttachmentKind.STICKER),
        ):
            (found,) = only(bench, act).attachments
            assert found.kind is kind
            assert bench.adapter.fetch(found, CREDENTIALS, max_bytes=100).data


class TestMedia:
    def voice(self, bench, data=b"OggS" + bytes(50)):
        (found,) = only(bench, lambda: bench.fake.send_voice(bench.anna, data)).attachments
        return found

    def test_a_link_that_has_expired_is_asked_for_anew_once(self, bench):
        voice = self.voice(bench)
        bench.fake.expire_links()
        assert bench.adapter.fetch(voice, CREDENTIALS, max_bytes=100).data[:4] == b"OggS"
        statuses = [call.status for call in bench.fake.calls_of("GET /attachments")]
        assert statuses == [404, 200]
        assert len(bench.fake.calls_of("GET /")) == 1

    def test_without_a_link_in_the_webhook(self, bench):
        bench.fake.names_links = False
        voice = self.voice(bench)
        assert voice.file_ref.endswith(" -")
        bench.fake.on_call(lambda stage, call: forget_first(stage) if call.method == "GET /" else None)

        def forget_first(stage):
            if stage == "after" and len(bench.fake.calls_of("GET /")) == 1:
                bench.fake.expire_links()

        assert bench.adapter.fetch(voice, CREDENTIALS, max_bytes=100).mime == "audio/ogg"
        assert len(bench.fake.calls_of("GET /")) == 2

    def test_the_token_goes_along_and_only_to_whatsapps_host(self, bench):
        voice = self.voice(bench)
        with pytest.raises(AccountRejected):
            bench.adapter.fetch(voice, ChannelCredentials("other-token", external_id="1055001"), max_bytes=1000)
        elsewhere = Attachment(AttachmentKind.VOICE, file_ref="- - https://evil.example/x")
        with pytest.raises(MediaElsewhere):
            bench.adapter.fetch(elsewhere, CREDENTIALS, max_bytes=100)
        media_id = voice.file_ref.split()[0]
        mixed = Attachment(AttachmentKind.VOICE, file_ref=f"{media_id} - https://evil.example/x")
        assert bench.adapter.fetch(mixed, CREDENTIALS, max_bytes=100).data

    @pytest.mark.parametrize("form", ["hex", "base64"])
    def test_other_bytes_than_announced_are_not_taken(self, bench, form):
        import base64

        data = b"OggS" + bytes(50)
        voice = self.voice(bench, data)
        media_id, _, url = voice.file_ref.split(" ")
        for digest, is_right in ((hashlib.sha256(data), True), (hashlib.sha256(b"x"), False)):
            word = digest.hexdigest() if form == "hex" else base64.b64encode(digest.digest()).decode()
            named = Attachment(AttachmentKind.VOICE, file_ref=f"{media_id} {word} {url}")
            if is_right:
                assert bench.adapter.fetch(named, CREDENTIALS, max_bytes=100).data == data
            else:
                with pytest.raises(RetryLater):
                    bench.adapter.fetch(named, CREDENTIALS, max_bytes=100)

    def test_a_hash_that_is_none_is_not_believed(self, bench):
        media_id, _, url = self.voice(bench).file_ref.split(" ")
        for word in ("4654+8g=", "z" * 64, "x"):
            named = Attachment(AttachmentKind.VOICE, file_ref=f"{media_id} {word} {url}")
            assert bench.adapter.fetch(named, CREDENTIALS, max_bytes=100).data

    def test_what_is_not_there(self, bench):
        for ref in (None, "999", "../me", "-"):
            with pytest.raises((MediaGone, AccountRejected)):
                bench.adapter.fetch(Attachment(AttachmentKind.VOICE, file_ref=ref), CREDENTIALS, max_bytes=100)
        bench.fake.names_links = False
        voice = self.voice(bench)
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(voice, CREDENTIALS, max_bytes=10)
        known = Attachment(AttachmentKind.VOICE, file_ref="1", size_bytes=11)
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(known, CREDENTIALS, max_bytes=10)
        bench.fake.fail_next(FaultKind.SERVER_ERROR, methods=None)
        with pytest.raises(RetryLater):
            bench.adapter.fetch(voice, CREDENTIALS, max_bytes=100)


class TestOut:
    def test_a_reference_comes_back_with_each_status(self, bench):
        sent = []
        statuses = told(bench, lambda: sent.append(send(bench, reference="0199-ours")))
        assert [(event.status.status, event.status.reference, event.status.message_id) for event in statuses] == [
            (DeliveryStatus.SENT, "0199-ours", sent[0]),
            (DeliveryStatus.DELIVERED, "0199-ours", sent[0]),
        ]
        (read,) = told(bench, lambda: bench.fake.read(bench.anna))
        assert (read.status.status, read.chat_id) == (DeliveryStatus.READ, bench.chat_id)

    def test_statuses_may_come_the_other_way_round(self, bench):
        bench.fake.shuffles = True
        statuses = told(bench, lambda: send(bench))
        assert [event.status.status for event in statuses] == [DeliveryStatus.DELIVERED, DeliveryStatus.SENT]

    def test_a_list_and_a_chosen_row(self, bench):
        rows = tuple((Button(f"Мастер номер {number} из салона «Верба»", f"s:{number}"),) for number in range(4))
        sent = send(bench, "К кому?", buttons=rows)
        assert len(bench.buttons()) == 4
        event = only(bench, lambda: bench.fake.tap(bench.anna, sent, "s:2"))
        assert (event.kind, event.payload, event.message_id) == (EventKind.CALLBACK, "s:2", sent)

    def test_a_link_button(self, bench):
        send(bench, "Мы здесь", buttons=((Button("На карте", "", url="https://verba.example/map"),),))
        assert bench.buttons() == [["На карте"]]

    @pytest.mark.parametrize("buttons", [(), ((Button("Да", "y"),),)])
    def test_a_picture_is_uploaded(self, bench, buttons):
        assert send(bench, "Вот", file=PICTURE, media=JPEG, buttons=buttons)
        message = bench.fake.sent_to(bench.anna)[-1]
        assert bench.fake.state.files[message.items[0].file_id].data == JPEG.data
        assert message.text == "Вот"

    def test_a_picture_above_a_list(self, bench):
        rows = tuple((Button(str(number), f"n:{number}"),) for number in range(5))
        send(bench, "Кто?", file=PICTURE, media=JPEG, buttons=rows)
        picture, choice = bench.fake.sent_to(bench.anna)[-2:]
        assert (picture.items[0].kind, choice.text, len(choice.buttons)) == ("photo", "Кто?", 5)
        bench.fake.on_call(
            lambda stage, call: (
                stage == "after" and call.method == "POST /messages" and bench.fake.fail_next(FaultKind.SERVER_ERROR)
            )
        )
        with pytest.raises(RetryLater) as failed:
            send(bench, "Кто?", file=PICTURE, media=JPEG, buttons=rows)
        assert failed.value.maybe_sent

    def test_a_document_by_its_address(self, bench):
        invoice = OutboundFile("media/2", "счёт.pdf", "application/pdf", url="https://verba.example/1.pdf")
        send(bench, "Ваш счёт", file=invoice)
        assert bench.fake.sent_to(bench.anna)[-1].items[0].extra == {"link": "https://verba.example/1.pdf"}

    def test_a_file_that_cannot_be_sent(self, bench):
        calendar = OutboundFile("media/3", "visit.ics", "text/calendar")
        large = MediaContent(bytes(5_000_001), "image/jpeg", "photo.jpg")
        for file, media in ((calendar, JPEG), (PICTURE, None), (PICTURE, large)):
            with pytest.raises(RequestRejected):
                send(bench, "Вот", file=file, media=media)

    def test_an_upload_that_got_lost_was_not_a_message(self, bench):
        for kind in (FaultKind.DROP_AFTER, FaultKind.SERVER_ERROR):
            bench.fake.fail_next(kind, methods=frozenset({"POST /media"}))
            with pytest.raises(RetryLater) as failed:
                send(bench, "Вот", file=PICTURE, media=JPEG)
            assert not failed.value.maybe_sent

    def test_what_does_not_exist_here(self, bench):
        before = len(bench.fake.calls)
        tap = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, callback_id="x")
        assert bench.adapter.send(tap, CREDENTIALS) is None
        with pytest.raises(RequestRejected):
            bench.adapter.send(
                OutboundMessage(OutboundKind.EDIT, bench.chat_id, "x", message_id="wamid.A"), CREDENTIALS
            )
        assert len(bench.fake.calls) == before

    def test_settings_that_are_missing(self, bench):
        message = OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Да")
        for wrong in (
            ChannelCredentials(CREDENTIALS.token),
            ChannelCredentials("", external_id="1055001"),
            ChannelCredentials("пароль\n", external_id="1055001"),
            ChannelCredentials("unknown", external_id="1055001"),
        ):
            with pytest.raises(AccountRejected) as failed:
                bench.adapter.send(message, wrong)
            assert not wrong.token or wrong.token not in str(failed.value)


class TestWindow:
    def test_after_a_day_only_a_template_goes_out(self, bench, clock):
        bench.fake.add_template("visit_soon", "{{1}}, ждём вас в {{2}}", buttons=("Приду", "Перенести"))
        clock.advance(timedelta(hours=23, minutes=59))
        assert send(bench)
        clock.advance(timedelta(minutes=2))
        with pytest.raises(WindowClosed):
            send(bench)
        sent = send(bench, "не для показа", template=VISIT)
        assert bench.received()[-1] == "Анна, ждём вас в 15:00"
        event = only(bench, lambda: bench.fake.tap(bench.anna, sent, "Приду"))
        assert (event.kind, event.payload, event.text, event.message_id) == (EventKind.CALLBACK, "yes:1", "Приду", sent)
        assert send(bench)

    def test_it_may_be_said_in_a_status_only(self, bench, clock):
        bench.fake.refuses_late = True
        clock.advance(timedelta(days=2))
        failed = only(bench, lambda: send(bench, reference="0199"))
        assert (failed.status.failure, failed.status.code) == (FailureClass.WINDOW, "131047")
        assert failed.status.reference == "0199"
        assert bench.received() == []

    def test_a_block_shows_in_a_status(self, bench):
        bench.fake.refuses_late = True
        bench.fake.block(bench.anna)
        failed = only(bench, lambda: send(bench))
        assert (failed.status.failure, failed.status.code) == (FailureClass.RECIPIENT, "131026")

    @pytest.mark.parametrize("status", ["PENDING", "REJECTED", "PAUSED", "DISABLED"])
    def test_a_template_has_to_be_approved(self, bench, status):
        bench.fake.add_template("visit_soon", "{{1}}, ждём вас в {{2}}", buttons=("Приду", "Перенести"), status=status)
        with pytest.raises(RequestRejected):
            send(bench, template=VISIT)
        event = only(bench, lambda: bench.fake.set_template_status("visit_soon", "APPROVED"))
        assert event.why_ignored == "field message_template_status_update"
        assert send(bench, template=VISIT)

    def test_a_template_has_as_many_places_as_it_has(self, bench):
        bench.fake.add_template("visit_soon", "{{1}}, ждём вас", buttons=("Приду", "Перенести"))
        with pytest.raises(RequestRejected):
            send(bench, template=VISIT)
        with pytest.raises(RequestRejected):
            send(bench, template=TemplateUse("x", name="unknown", language="ru"))


class TestRates:
    def test_one_person_is_not_flooded(self, bench, clock):
        bench.fake.pair_burst = 3
        for _ in range(3):
            send(bench)
        with pytest.raises(RetryLater) as failed:
            send(bench)
        assert (failed.value.after_s, failed.value.whole_account) == (6.0, False)
        clock.advance(timedelta(seconds=6))
        assert send(bench)

    @pytest.mark.parametrize(
        ("code", "error", "after_s"),
        [
            (131048, RetryLater, 14_400.0),
            (131049, RetryLater, 86_400.0),
            (131050, RequestRejected, None),
            (131031, AccountRejected, None),
            (131009, RequestRejected, None),
        ],
    )
    def test_codes(self, bench, code, error, after_s):
        bench.fake.fail_next(FaultKind.REJECTED, code=code)
        with pytest.raises(error) as failed:
            send(bench)
        assert getattr(failed.value, "after_s", None) == after_s

    def test_a_policy(self, bench):
        bench.fake.fail_next(FaultKind.POLICY)
        with pytest.raises(AccountRejected, match="policy"):
            send(bench)


class TestOddAnswers:
    """Answers of 200 that lack what they are for, by a server that is no fake of anything."""

    @pytest.fixture
    def odd(self):
        with LoopbackServer(lambda _: Reply(body=b'{"success":true}')) as server:
            adapter = WhatsappAdapter(server.url, extra_hosts=(server.url.removeprefix("http://"),))
            yield adapter
            adapter.close()

    def test_a_message_without_an_id_may_have_gone_out(self, odd):
        with pytest.raises(RetryLater) as failed:
            odd.send(OutboundMessage(OutboundKind.MESSAGE, "79990000101", "Да"), CREDENTIALS)
        assert failed.value.maybe_sent

    def test_a_file_without_an_id_has_not(self, odd):
        with pytest.raises(RetryLater) as failed:
            odd.send(OutboundMessage(OutboundKind.MESSAGE, "79990000101", "Да", file=PICTURE), CREDENTIALS, media=JPEG)
        assert not failed.value.maybe_sent

    def test_a_file_without_an_address_is_gone(self, odd):
        with pytest.raises(MediaGone):
            odd.fetch(Attachment(AttachmentKind.VOICE, file_ref="1"), CREDENTIALS, max_bytes=10)
