"""What is VK's own in the adapter, spoken through real HTTP to the fake."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.vk.adapter import VkAdapter
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
    MediaGone,
    MediaTooLarge,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)
from support.benches.vk import TOKEN, vk_bench
from support.telegram import LoopbackServer, Reply

ROWS = ((Button("15:00", "slot:15"), Button("16:00", "slot:16")),)


@pytest.fixture
def bench():
    with vk_bench() as made:
        yield made


def message(bench, text="Когда удобно?", **more):
    return OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, text, **more)


def send(bench, out, **more):
    return bench.adapter.send(out, bench.credentials, **more)


def read(bench, request):
    return bench.adapter.normalise(request.body, bench.credentials)


def received(bench):
    return [message.text for message in bench.fake.sent_to(bench.anna)]


def tap(bench, message_id, button):
    return bench.fake.tap(bench.anna, message_id, button)


class TestOut:
    def test_calls_are_forms_with_the_token_in_a_header(self, bench, caplog):
        caplog.set_level(logging.DEBUG)
        send(bench, message(bench), reference="r")
        (call,) = bench.fake.calls_of("messages.send")
        assert call.headers["content-type"] == "application/x-www-form-urlencoded"
        assert call.headers["authorization"] == f"Bearer {TOKEN}"
        assert call.params["v"] == "5.199"
        assert "Когда" not in caplog.text
        assert TOKEN not in caplog.text

    def test_the_same_reference_is_sent_once_even_when_the_first_answer_was_lost(self, bench):
        bench.fake.fail_next(FaultKind.DROP_AFTER)
        with pytest.raises(RetryLater) as failed:
            send(bench, message(bench), reference="0199-a")
        assert failed.value.maybe_sent
        again = send(bench, message(bench), reference="0199-a")
        assert received(bench) == ["Когда удобно?"]
        assert again == bench.fake.sent_to(bench.anna)[-1].external_id
        send(bench, message(bench), reference="0199-b")
        assert len(received(bench)) == 2

    def test_a_person_whose_app_shows_no_buttons_gets_keys_that_write(self, bench):
        bench.fake.use_old_app(bench.anna)
        bench.fake.say(bench.anna, "Запишите меня")
        assert read(bench, bench.posted("message_new")).can_tap is False
        sent = send(bench, message(bench, buttons=ROWS, uses_text_keys=True))
        tap(bench, sent, "16:00")
        tapped = read(bench, bench.posted("message_new"))
        assert (tapped.kind, tapped.payload, tapped.callback_id) == (EventKind.CALLBACK, "slot:16", None)
        assert tapped.text == "16:00"

    def test_the_buttons_of_a_message_are_retired_without_touching_the_rest(self, bench):
        media = MediaContent(b"\x89PNG", "image/png", "hall.png")
        sent = send(bench, message(bench, buttons=ROWS, file=OutboundFile("k", "hall.png", "image/png")), media=media)
        edit = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "", message_id=sent)
        assert send(bench, edit) == sent
        shown = bench.fake.sent_to(bench.anna)[-1]
        assert (shown.text, shown.buttons, [item.kind for item in shown.items]) == ("Когда удобно?", [], ["photo"])
        assert send(bench, replace(edit, message_id=f"{bench.chat_id}:9999")) is None

    def test_an_edit_that_comes_too_late_counts_as_done(self, bench):
        sent = send(bench, message(bench, buttons=ROWS))
        edit = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Записала", message_id=sent)
        bench.fake.fail_next(FaultKind.REJECTED, code=909)
        assert send(bench, edit) is None
        bench.fake.fail_next(FaultKind.REJECTED, code=911)
        with pytest.raises(RequestRejected):
            send(bench, edit)

    def test_a_tap_that_is_too_old_counts_as_answered(self, bench):
        sent = send(bench, message(bench, buttons=ROWS))
        tapped = tap(bench, sent, "15:00")
        bench.fake.expire_taps()
        answer = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, "Да", callback_id=tapped.callback_id)
        assert send(bench, answer) is None
        assert bench.fake.tap_of(tapped.callback_id).answer is None

    @pytest.mark.parametrize(
        ("name", "mime", "kind"), [("hall.jpg", "image/jpeg", "photo"), ("visit.ics", "text/calendar", "document")]
    )
    def test_a_file_goes_along(self, bench, name, mime, kind):
        media = MediaContent(b"BEGIN" * 100, mime, name)
        send(bench, message(bench, buttons=ROWS, file=OutboundFile("key", name, mime)), media=media)
        shown = bench.fake.sent_to(bench.anna)[-1]
        (item,) = shown.items
        assert (item.kind, item.size, shown.text) == (kind, 500, "Когда удобно?")
        assert shown.button_texts == ["15:00", "16:00"]
        if kind == "document":
            assert item.name == name
        (upload,) = [call for call in bench.fake.calls if call.method.startswith("upload.")]
        assert "authorization" not in upload.headers

    def test_a_file_without_bytes_is_named_by_its_address(self, bench):
        file = OutboundFile("key", "visit.ics", "text/calendar", url="https://salon.example/v.ics")
        send(bench, message(bench, file=file))
        assert received(bench) == ["Когда удобно?\nhttps://salon.example/v.ics"]
        with pytest.raises(RequestRejected):
            send(bench, message(bench, file=replace(file, url="")))

    def test_what_goes_wrong_before_the_message_has_sent_nothing(self, bench):
        media = MediaContent(b"x", "image/jpeg", "a.jpg")
        out = message(bench, file=OutboundFile("key", "a.jpg", "image/jpeg"))
        bench.fake.fail_next(FaultKind.DROP_AFTER, methods=frozenset({"upload.photo"}))
        with pytest.raises(RetryLater) as failed:
            send(bench, out, media=media)
        assert not failed.value.maybe_sent
        with pytest.raises(RequestRejected):  # VK shows no such picture
            send(bench, out, media=replace(media, data=b""))
        foreign = VkAdapter(bench.fake.base_url)  # which has not been told that the fake is one of VK's hosts
        with pytest.raises(RequestRejected):
            foreign.send(out, bench.credentials, media=media)
        foreign.close()
        assert received(bench) == []

    @pytest.mark.parametrize(
        ("fault", "code", "error"),
        [
            (FaultKind.BLOCKED, 901, RecipientGone),
            (FaultKind.BLOCKED, 900, RecipientGone),
            (FaultKind.WINDOW_CLOSED, 950, WindowClosed),
            (FaultKind.POLICY, 7, AccountRejected),
            (FaultKind.REJECTED, 912, RequestRejected),
            (FaultKind.TOO_MANY, 6, RetryLater),
            (FaultKind.TOO_MANY, 9, RetryLater),
        ],
    )
    def test_errors_within_a_success(self, bench, fault, code, error):
        bench.fake.fail_next(fault, code=code)
        with pytest.raises(error) as failed:
            send(bench, message(bench))
        assert bench.fake.calls_of("messages.send")[-1].status == 200
        assert "Когда" not in str(failed.value)

    def test_a_token_that_cannot_be_one_never_leaves(self, bench):
        for token in ("", "two words", "line\nbreak", "ключ"):
            with pytest.raises(AccountRejected):
                bench.adapter.send(message(bench), replace(bench.credentials, token=token))
        assert bench.fake.calls_of("messages.send") == []


class TestIn:
    def test_a_deep_link(self, bench):
        bench.fake.start(bench.anna, "invite_42")
        event = read(bench, bench.posted("message_new"))
        assert (event.kind, event.start_param, event.text) == (EventKind.START, "invite_42", "Начать")

    def test_what_vk_has_heard_comes_along(self, bench):
        bench.fake.send_voice(bench.anna, transcript="на завтра")
        (voice,) = read(bench, bench.posted("message_new")).attachments
        assert (voice.kind, voice.transcript, voice.duration_s) == (AttachmentKind.VOICE, "на завтра", 3)

    def test_a_document_lies_behind_a_redirect(self, bench):
        bench.fake.send_file(bench.anna, b"%PDF-1.7", name="накладная.pdf")
        (file,) = read(bench, bench.posted("message_new")).attachments
        assert "/doc/" in file.file_ref
        content = bench.adapter.fetch(file, bench.credentials, max_bytes=100)
        assert (content.data, content.mime, content.name) == (b"%PDF-1.7", "application/pdf", "накладная.pdf")
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(file, bench.credentials, max_bytes=7)
        bench.fake.expire_files()
        with pytest.raises(MediaGone):
            bench.adapter.fetch(file, bench.credentials, max_bytes=100)

    @pytest.mark.parametrize(
        "address",
        [
            "http://127.0.0.1:9/x",
            "https://vk.com.evil.example/x",
            "https://evil.example/?userapi.com",
            "https://user@sun9-1.userapi.com/x",
            "https://sun9-1.userapi.com:8443/x",
            "file:///etc/passwd",
            "https://[::1",
            None,
        ],
    )
    def test_no_other_host_is_asked(self, bench, address):
        with pytest.raises(MediaGone):
            bench.adapter.fetch(Attachment(AttachmentKind.IMAGE, address), bench.credentials, max_bytes=100)

    def test_a_redirect_leads_to_no_other_host_either_and_ends(self, bench):
        with LoopbackServer() as strange, LoopbackServer() as known:
            adapter = VkAdapter(bench.fake.base_url, extra_hosts=(known.url.partition("://")[2],))
            for there, asked in (
                (f"{strange.url}/x", 1),
                (f"{known.url}/again", 3),
                ("/again", 3),
            ):
                known.requests.clear()
                known.answer = lambda _, to=there: Reply(302, {"Location": to})
                with pytest.raises(MediaGone):
                    adapter.fetch(Attachment(AttachmentKind.FILE, f"{known.url}/a"), bench.credentials, max_bytes=9)
                assert len(known.requests) == asked
            adapter.close()
            assert strange.requests == []

    def test_a_human_s_answer_is_told_from_our_own(self, bench):
        send(bench, message(bench, "Записала"))
        ours = read(bench, bench.posted("message_reply"))
        bench.fake.human_reply(bench.anna, "Это Вера, добрый день")
        theirs = read(bench, bench.posted("message_reply"))
        assert [(event.kind, event.is_by_human) for event in (ours, theirs)] == [
            (EventKind.ECHO, False),
            (EventKind.ECHO, True),
        ]
        assert ours.message_id == bench.fake.sent_to(bench.anna)[0].external_id

    def test_reading_and_reacting(self, bench):
        sent = send(bench, message(bench))
        bench.fake.read(bench.anna)
        assert read(bench, bench.posted("message_read")).status.message_id == sent
        bench.fake.react(bench.anna, sent, "👍")
        reaction = read(bench, bench.posted("message_reaction_event"))
        assert (reaction.kind, reaction.text, reaction.reply_to) == (EventKind.REACTION, "👍", sent)

    def test_a_group_chat(self, bench):
        bench.fake.say_in_group(bench.anna, "девочки, кто идёт?")
        event = read(bench, bench.posted("message_new"))
        assert (event.kind, event.is_group, event.user_id) == (EventKind.MESSAGE, True, bench.anna.external_id)
        assert event.message_id == f"{event.chat_id}:1"
        assert bench.adapter.send(replace(message(bench), chat_id=event.chat_id), bench.credentials)
