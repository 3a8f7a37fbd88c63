"""What is MAX's own in the adapter, spoken through real HTTP to the fake."""

from __future__ import annotations

import json
import logging
import ssl
from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.max.adapter import READY_DELAYS_S, MaxAdapter
from salon.integrations.max.payloads.calls import SILENT_TOAST
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Button,
    EventKind,
    MediaContent,
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
)
from support.benches.max import CREDENTIALS, TOKEN, max_bench
from support.telegram import LoopbackServer, Reply

ROWS = ((Button("15:00", "slot:15"), Button("16:00", "slot:16")),)
PICTURE = OutboundFile("media/1", "photo.jpg", "image/jpeg")
JPEG = MediaContent(b"\xff\xd8\xff" + bytes(500), "image/jpeg", "photo.jpg")
CALENDAR = OutboundFile("media/2", "visit.ics", "text/calendar")
ICS = MediaContent(b"BEGIN:VCALENDAR", "text/calendar", "visit.ics")
SOUND = OutboundFile("media/3", "hello.mp3", "audio/mpeg")
MP3 = MediaContent(b"ID3" + bytes(100), "audio/mpeg", "hello.mp3")


@pytest.fixture
def bench():
    with max_bench() as made:
        yield made


@pytest.fixture
def server():
    with LoopbackServer() as made:
        yield made


@pytest.fixture
def adapter(server):
    made = MaxAdapter(server.url, total_timeout_s=1.0, ready_delays_s=())
    yield made
    made.close()


def message(bench, text="Когда удобно?", **more):
    return OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, text, **more)


def edit(bench, message_id, text="Готово", **more):
    return OutboundMessage(OutboundKind.EDIT, bench.chat_id, text, message_id=message_id, **more)


def send(bench, out, **more):
    return bench.adapter.send(out, bench.credentials, **more)


def kinds(bench):
    return [[item.kind for item in each.items] for each in bench.fake.sent_to(bench.anna)]


class TestOut:
    def test_the_token_goes_raw_in_a_header_and_nowhere_else(self, bench, caplog):
        caplog.set_level(logging.DEBUG)
        send(bench, message(bench))
        (call,) = bench.fake.calls_of("POST /messages")
        assert call.headers["authorization"] == TOKEN
        assert TOKEN not in json.dumps(call.params)
        assert "HTTP Request" in caplog.text
        assert TOKEN not in caplog.text

    def test_a_person_without_a_known_chat_is_written_to(self, bench):
        to_person = f"user:{bench.anna.external_id}"
        assert send(bench, replace(message(bench), chat_id=to_person))
        assert bench.received() == ["Когда удобно?"]

    def test_a_tap_is_answered_though_there_is_nothing_to_say(self, bench):
        sent = send(bench, message(bench, buttons=ROWS))
        bench.fake.tap(bench.anna, sent, "16:00")
        tap = bench.read("message_callback")
        answer = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, callback_id=tap.callback_id)
        for _ in range(2):  # the second is answered with 404
            assert send(bench, answer) is None
        assert bench.fake.tap_of(tap.callback_id).answer == {"text": SILENT_TOAST}
        assert [call.status for call in bench.fake.calls_of("POST /answers")] == [200, 404]

    def test_a_tap_under_a_message_that_is_gone_finds_the_person(self, bench):
        sent = send(bench, message(bench, buttons=ROWS))
        bench.fake.sent_to(bench.anna)[-1].deleted = True
        bench.fake.tap(bench.anna, sent, "16:00")
        tap = bench.read("message_callback")
        assert (tap.kind, tap.payload, tap.message_id) == (EventKind.CALLBACK, "slot:16", None)
        send(bench, replace(message(bench, "Слышу вас"), chat_id=tap.chat_id))
        assert bench.received() == ["Слышу вас"]

    def test_an_edit_of_the_buttons_alone_leaves_the_rest(self, bench):
        sent = send(bench, message(bench, "Вот пример", file=PICTURE, buttons=ROWS), media=JPEG)
        assert send(bench, edit(bench, sent, "")) == sent
        assert bench.received() == ["Вот пример"]
        assert (kinds(bench), bench.fake.sent_to(bench.anna)[-1].buttons) == ([["photo"]], [])
        assert send(bench, edit(bench, "mid.nowhere", "")) is None

    def test_an_edit_that_comes_too_late_is_as_good_as_done(self, bench):
        sent = send(bench, message(bench))
        bench.fake.sent_to(bench.anna)[-1].date_ms -= 8 * 86_400_000
        assert send(bench, edit(bench, sent)) is None

    def test_an_edit_that_fails_says_what_to_do(self, bench):
        said = bench.fake.say(bench.anna, "Привет")
        with pytest.raises(RequestRejected):  # nobody's message but the bot's
            send(bench, edit(bench, said.external_id))
        sent = send(bench, message(bench, buttons=ROWS))
        for method in ("GET /messages/{id}", "PUT /messages"):
            bench.fake.fail_next(FaultKind.SERVER_ERROR, methods=frozenset({method}))
            with pytest.raises(RetryLater):
                send(bench, edit(bench, sent, ""))
        assert send(bench, edit(bench, sent, "")) == sent

    def test_an_answer_that_fails_is_tried_again(self, bench):
        bench.fake.fail_next(FaultKind.TOO_MANY, methods=frozenset({"POST /answers"}))
        answer = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, callback_id="cb-1")
        with pytest.raises(RetryLater):
            send(bench, answer)

    def test_a_picture_stands_above_its_buttons(self, bench):
        sent = send(bench, message(bench, "Вот пример", file=PICTURE, buttons=ROWS), media=JPEG)
        (shown,) = bench.fake.sent_to(bench.anna)
        assert (shown.external_id, shown.text, shown.button_texts) == (sent, "Вот пример", ["15:00", "16:00"])
        assert bench.fake.state.files[shown.items[0].file_id].data == JPEG.data
        (upload,) = bench.fake.calls_of("upload.image")
        assert "authorization" not in upload.headers

    def test_a_file_is_alone_in_its_message_and_goes_before_the_buttons(self, bench):
        sent = send(bench, message(bench, "Вы записаны", file=CALENDAR), media=ICS)
        assert (kinds(bench), bench.received()) == ([["document"]], ["Вы записаны"])
        sent = send(bench, message(bench, "Вы записаны", file=CALENDAR, buttons=ROWS), media=ICS)
        assert kinds(bench)[1:] == [["document"], []]
        assert bench.received()[1:] == ["", "Вы записаны"]
        assert bench.fake.sent_to(bench.anna)[-1].external_id == sent

    def test_when_the_words_behind_a_file_fail_it_may_have_been_sent(self, bench):
        def strike_the_second(stage, call):
            if stage == "after" and call.method == "POST /messages":
                bench.fake.fail_next(FaultKind.TOO_MANY)

        bench.fake.on_call(strike_the_second)
        with pytest.raises(RetryLater) as later:
            send(bench, message(bench, "Вы записаны", file=CALENDAR, buttons=ROWS), media=ICS)
        assert later.value.maybe_sent
        assert kinds(bench) == [["document"]]

    @pytest.mark.parametrize("field", ["data", "file"])
    def test_storages_disagree_about_the_field_s_name(self, bench, field):
        bench.fake.upload_fields |= {"audio": field}
        send(bench, message(bench, "", file=SOUND), media=MP3)
        assert kinds(bench) == [["voice"]]
        statuses = [call.status for call in bench.fake.calls_of("upload.audio")]
        assert statuses == ([200] if field == "data" else [415, 200])

    def test_a_file_that_is_being_digested_is_waited_for(self, bench):
        bench.fake.fail_next(FaultKind.NOT_READY, times=3)
        assert send(bench, message(bench, file=PICTURE), media=JPEG)
        assert bench.pauses == list(READY_DELAYS_S[:3])
        bench.pauses.clear()
        bench.fake.fail_next(FaultKind.NOT_READY, times=None, code="errors.process.attachment.file.not.processed")
        with pytest.raises(RetryLater) as later:
            send(bench, message(bench, file=PICTURE), media=JPEG)
        assert bench.pauses == list(READY_DELAYS_S)
        assert (later.value.maybe_sent, later.value.whole_account) == (False, False)
        assert later.value.after_s > 0

    def test_what_the_storage_refuses_is_not_sent(self, bench):
        program = OutboundFile("media/4", "setup.exe", "application/octet-stream")
        with pytest.raises(RequestRejected):
            send(bench, message(bench, file=program), media=JPEG)
        long, mute = "я" * 4001, message(bench, " ", file=CALENDAR, buttons=ROWS)
        unspeakable = ((message(bench, long, file=PICTURE), JPEG), (mute, ICS))
        for out, media in unspeakable:  # what could not be said is not uploaded either
            with pytest.raises(RequestRejected):
                send(bench, out, media=media)
        assert len(bench.fake.calls_of("POST /uploads")) == 1
        assert bench.received() == []

    def test_an_upload_never_leaves_max(self, server, adapter, bench):
        for url in (
            "https://evil.example/up",
            "https://oneme.ru.evil.example/",
            "http://127.0.0.1:1/",
            "https://[",
            "",
        ):
            server.answer = lambda _, url=url: Reply(body=json.dumps({"url": url}).encode())
            with pytest.raises(RetryLater if not url else RequestRejected):
                adapter.send(message(bench, file=PICTURE), CREDENTIALS, media=JPEG)
        assert [request.path for request in server.requests] == ["/uploads?type=image"] * 5

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (413, b"", RequestRejected),
            (415, b"", RequestRejected),
            (400, b"", RequestRejected),
            (404, b"", RetryLater),
            (503, b"", RetryLater),
            (200, b"{}", RetryLater),
            (200, b"<retval>1</retval>", RetryLater),
            (200, b'{"error_code":4}', RequestRejected),
        ],
    )
    def test_what_the_storage_says(self, server, bench, status, body, error):
        place = json.dumps({"url": f"{server.url}/up"}).encode()
        server.answer = lambda request: Reply(status, body=body) if request.path == "/up" else Reply(body=place)
        adapter = MaxAdapter(server.url, extra_hosts=(server.url.removeprefix("http://"),))
        with pytest.raises(error):
            adapter.send(message(bench, file=PICTURE), CREDENTIALS, media=JPEG)
        adapter.close()
        assert not any("messages" in request.path for request in server.requests)

    def test_an_upload_that_may_not_begin(self, bench):
        bench.fake.change_token("f9LHodD0cOI-another-token")
        with pytest.raises(AccountRejected):
            send(bench, message(bench, file=PICTURE), media=JPEG)

    def test_a_failed_upload_has_said_nothing_yet(self, bench):
        for method in ("POST /uploads", "upload.image"):
            bench.fake.fail_next(FaultKind.DROP_AFTER, methods=frozenset({method}))
            with pytest.raises(RetryLater) as later:
                send(bench, message(bench, file=PICTURE), media=JPEG)
            assert not later.value.maybe_sent
        assert bench.received() == []

    def test_a_file_without_bytes_is_named_by_its_address(self, bench):
        send(bench, message(bench, "Вы записаны", file=replace(CALENDAR, url="https://salon.example/v.ics")))
        assert bench.received() == ["Вы записаны\nhttps://salon.example/v.ics"]
        with pytest.raises(RequestRejected):
            send(bench, message(bench, file=CALENDAR))

    def test_a_dialog_that_was_stopped_takes_nothing(self, bench):
        bench.fake.block(bench.anna)
        with pytest.raises(RecipientGone):
            send(bench, message(bench))
        bench.fake.unblock(bench.anna)
        assert send(bench, message(bench))
        bench.fake.deactivate(bench.anna)
        with pytest.raises(RecipientGone):
            send(bench, message(bench))

    @pytest.mark.parametrize("token", ["", "a b", "токен", "x" * 600, "x\r\nHost: evil"])
    def test_a_token_that_is_none_never_leaves(self, adapter, server, bench, token):
        with pytest.raises(AccountRejected):
            adapter.send(message(bench), replace(CREDENTIALS, token=token))
        assert server.requests == []

    def test_the_ministry_s_authority_is_trusted_by_this_adapter_alone(self, tmp_path, bench):
        nonsense = tmp_path / "ca.pem"
        nonsense.write_text("no certificate")
        with pytest.raises(ssl.SSLError):
            MaxAdapter("https://platform-api2.max.ru", ca_file=str(nonsense)).send(message(bench), CREDENTIALS)


class TestIn:
    def test_pressing_start_by_a_link(self, bench):
        bench.fake.start(bench.anna, "ref_42")
        event = bench.read()
        assert (event.kind, event.start_param, event.chat_id) == (EventKind.START, "ref_42", bench.chat_id)
        assert (event.user_id, event.language) == (bench.anna.external_id, "ru")

    def test_pressing_start_may_write_as_well(self):
        with max_bench(writes_start=True) as bench:
            bench.fake.start(bench.anna, "ref_42")
            for kind in ("bot_started", "message_created"):
                event = bench.read(kind)
                assert (event.kind, event.start_param) == (EventKind.START, "ref_42")

    def test_dialogs_with_negative_numbers_are_dialogs(self):
        with max_bench(has_negative_dialogs=True) as bench:
            assert bench.chat_id.startswith("-")
            bench.fake.say(bench.anna, "Привет")
            event = bench.read()
            assert (event.kind, event.is_group, event.chat_id) == (EventKind.MESSAGE, False, bench.chat_id)
            assert send(bench, message(bench))

    def test_what_max_has_written_down_itself(self, bench):
        bench.fake.send_voice(bench.anna, transcript="Хочу на стрижку")
        (voice,) = bench.read().attachments
        assert (voice.kind, voice.transcript) == (AttachmentKind.VOICE, "Хочу на стрижку")
        bench.fake.send_voice(bench.anna)
        assert bench.read().attachments[0].transcript is None

    def test_the_phone_button_shares_an_own_number(self, bench):
        send(bench, message(bench, "Оставите номер?", ask_phone=True))
        assert bench.fake.sent_to(bench.anna)[-1].asks_phone
        bench.fake.send_contact(bench.anna)
        (card,) = bench.read().attachments
        assert (card.phone, card.is_own_contact) == ("+79990000101", True)
        bench.fake.send_contact(bench.anna, own=False, phone="79990000102", first_name="Вера")
        (card,) = bench.read().attachments
        assert (card.phone, card.name, card.is_own_contact) == ("79990000102", "Вера", False)

    def test_what_comes_with_messages_is_fetched(self, bench):
        acts = {
            "image/jpeg": lambda: bench.fake.send_photo(bench.anna, JPEG.data),
            "application/pdf": lambda: bench.fake.send_file(bench.anna, b"%PDF-1.7", name="накладная.pdf"),
            "audio/mpeg": lambda: bench.fake.send_audio(bench.anna, MP3.data),
            "video/mp4": lambda: bench.fake.send_video(bench.anna, b"\x00\x00\x00\x20ftypisom"),
            "image/webp": lambda: bench.fake.send_sticker(bench.anna),
        }
        for mime, act in acts.items():
            act()
            (found,) = bench.read().attachments
            content = bench.adapter.fetch(found, CREDENTIALS, max_bytes=1000)
            assert content.mime == mime
        assert "authorization" not in bench.fake.calls_of("file")[-1].headers
        bench.fake.expire_files()
        with pytest.raises(MediaGone):
            bench.adapter.fetch(found, CREDENTIALS, max_bytes=1000)

    def test_a_film_that_is_gone(self, bench):
        with pytest.raises(MediaGone):
            bench.adapter.fetch(Attachment(AttachmentKind.VIDEO, "video:../me"), CREDENTIALS, max_bytes=1000)
        bench.fake.fail_next(FaultKind.TOO_MANY, methods=frozenset({"GET /videos/{id}"}))
        with pytest.raises(RetryLater):
            bench.adapter.fetch(Attachment(AttachmentKind.VIDEO, "video:1"), CREDENTIALS, max_bytes=1000)

    def test_a_film_without_an_address_or_a_file_without_any(self, adapter, server):
        server.answer = lambda _: Reply(body=b'{"token":"1","urls":null}')
        for ref in ("video:1", None):
            with pytest.raises(MediaGone):
                adapter.fetch(Attachment(AttachmentKind.VIDEO, ref), CREDENTIALS, max_bytes=1000)

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/latest/meta-data",
            "https://oneme.ru.evil.example/a",
            "https://evil.example/a.oneme.ru",
            "https://user@a.oneme.ru/a",
            "https://a.oneme.ru:8443/a",
            "file:///etc/passwd",
        ],
    )
    def test_strangers_servers_are_not_asked(self, adapter, url):
        with pytest.raises(MediaElsewhere):
            adapter.fetch(Attachment(AttachmentKind.VOICE, url), CREDENTIALS, max_bytes=1000)

    def test_a_file_that_is_announced_too_large_is_not_asked_for(self, bench):
        large = Attachment(AttachmentKind.FILE, f"{bench.fake.base_url}/files/x", size_bytes=1001)
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(large, CREDENTIALS, max_bytes=1000)
        assert bench.fake.calls_of("file") == []

    def test_a_manager_who_writes_in_the_bot_s_name(self, bench):
        bench.fake.human_reply(bench.anna, "Ждём вас")
        event = bench.read()
        assert (event.kind, event.is_by_human, event.chat_id) == (EventKind.ECHO, None, bench.chat_id)
        assert (event.user_id, event.text) == (bench.anna.external_id, "Ждём вас")

    def test_the_rest_of_what_people_do(self, bench):
        said = bench.fake.say(bench.anna, "Хочу на стрижку")
        bench.fake.edit(bench.anna, said.message_id, "Хочу на маникюр")
        assert (bench.read().kind, bench.read().text) == (EventKind.EDIT, "Хочу на маникюр")
        bench.fake.delete(bench.anna, said.message_id)
        assert (bench.read().kind, bench.read().reply_to) == (EventKind.DELETED, said.external_id)
        bench.fake.forward(bench.anna, "Лада седан")
        assert (bench.read().kind, bench.read().text) == (EventKind.MESSAGE, "Лада седан")
        bench.fake.say_in_group(bench.anna, "Всем привет")
        assert (bench.read().is_group, bench.read().chat_id[0]) == (True, "-")
        bench.fake.block(bench.anna)
        assert bench.read().why_ignored == "the person stopped the bot"
        told = len(bench.hook.requests)
        bench.fake.happen(bench.anna, "dialog_removed")
        assert bench.read().why_ignored == "the person deleted the dialog"
        bench.fake.happen(bench.anna, "dialog_muted", muted_until=1)  # not among what we subscribe to
        bench.fake.wait_delivered()
        assert len(bench.hook.requests) == told + 1
