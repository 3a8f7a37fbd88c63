"""The adapter's HTTP manners: secrets stay out of logs, bytes are capped, nobody is followed elsewhere."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from dataclasses import replace

import pytest

from salon.integrations.fakes.faults import CORE_FAULTS
from salon.integrations.http import ProviderHttp
from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FaultKind
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Button,
    ChannelCredentials,
    EventKind,
    MediaContent,
    OutboundFile,
    OutboundKind,
    OutboundMessage,
)
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    MediaGone,
    MediaTooLarge,
    RequestRejected,
    RetryLater,
)
from salon.messaging.ports import AccountReport, ProblemKind
from support.benches.telegram import telegram_bench
from support.telegram import CREDENTIALS, TOKEN, LoopbackServer, Reply

HELLO = OutboundMessage(OutboundKind.MESSAGE, "5", "Привет")
VOICE = Attachment(AttachmentKind.VOICE, "file-1")


@pytest.fixture
def bench():
    with telegram_bench() as made:
        yield made


@pytest.fixture
def server():
    with LoopbackServer() as made:
        yield made


@pytest.fixture
def adapter(server):
    made = TelegramAdapter(server.url, total_timeout_s=1.0)
    yield made
    made.close()


def answering(result, status=200):
    return Reply(status, {"Content-Type": "application/json"}, json.dumps({"ok": True, "result": result}).encode())


def serving(path, data=b"voice", **reply):
    """Answers getFile with a path, and downloads with the data."""

    def answer(request):
        if request.path.startswith("/file/"):
            return Reply(body=data, **reply)
        return answering({"file_id": "file-1", "file_path": path})

    return answer


def test_the_token_is_in_no_log_and_in_no_traceback(bench, caplog):
    caplog.set_level(logging.DEBUG)
    told = OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Привет")
    shown = []
    for fault in (None, *CORE_FAULTS, *bench.fake.fault_kinds):
        if fault:
            bench.fake.fail_next(fault, seconds=3)
        try:
            bench.adapter.send(told, CREDENTIALS)
        except DeliveryFailed as failed:
            shown += traceback.format_exception(failed)
    bench.fake.stop_server()
    with pytest.raises(RetryLater) as unreachable:
        bench.adapter.send(told, CREDENTIALS)
    shown += traceback.format_exception(unreachable.value)
    assert "HTTP Request" in caplog.text  # httpx does log, with the host in place of the URL
    assert TOKEN not in caplog.text + "".join(shown)
    assert TOKEN not in repr(CREDENTIALS)


@pytest.mark.parametrize("token", ["", "1001:a/../x", "1001:a b", "токен", "1001:a?b", "x" * 200])
def test_a_token_that_is_none_never_gets_into_a_url(adapter, server, token):
    with pytest.raises(AccountRejected):
        adapter.send(HELLO, ChannelCredentials(token))
    assert server.requests == []


def test_a_group_that_moved_is_written_to_once_more(bench):
    bench.fake.fail_next(FaultKind.MIGRATED, to_chat_id=bench.anna.user_id)
    sent = bench.adapter.send(OutboundMessage(OutboundKind.MESSAGE, "-100", "Привет"), CREDENTIALS)
    assert sent
    assert [call.params["chat_id"] for call in bench.fake.calls_of("sendMessage")] == [-100, bench.anna.user_id]


def test_the_text_beside_a_picture_is_edited_as_a_caption(bench):
    file = OutboundFile("media/1", "a.jpg", "image/jpeg")
    told = OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, "Так?", ((Button("Да", "y"),),), file=file)
    sent = bench.adapter.send(told, CREDENTIALS, media=MediaContent(b"jpg", "image/jpeg", "a.jpg"))
    edit = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Так и сделаем.", message_id=sent)
    assert bench.adapter.send(edit, CREDENTIALS) == sent
    (shown,) = bench.fake.sent_to(bench.anna)
    assert (shown.text, shown.buttons, [item.kind for item in shown.items]) == ("Так и сделаем.", [], ["photo"])
    long = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "я" * 1025, message_id=sent)
    with pytest.raises(RequestRejected):
        bench.adapter.send(long, CREDENTIALS)


def test_a_group_is_written_to_and_its_new_id_is_learned(bench):
    heard = bench.fake.say_in_group(bench.anna, "Кто на маникюр?")
    bench.fake.wait_delivered()
    event = bench.adapter.normalise(bench.hook.requests[-1].body, CREDENTIALS)
    assert (event.kind, event.is_group, event.message_id) == (EventKind.MESSAGE, True, str(heard.message_id))
    bench.fake.upgrade_group("Подруги")
    bench.fake.wait_delivered()
    moved = bench.adapter.normalise(bench.hook.requests[-1].body, CREDENTIALS)
    assert moved.why_ignored == "the group has another id now"
    assert bench.adapter.send(OutboundMessage(OutboundKind.MESSAGE, event.chat_id, "Я"), CREDENTIALS)
    assert [message.text for message in bench.fake.group_of("Подруги").messages] == ["Я"]


def test_the_webhook_is_watched(bench):
    keeper, url = bench.keeper, bench.url
    assert keeper.check(url, CREDENTIALS) == AccountReport("1001", "Салон", (), url)
    bench.hook.answer = lambda _: Reply(503)
    bench.fake.say(bench.anna, "Есть кто?")
    bench.fake.wait_for(lambda: bench.fake.the_bot().last_error)
    (failing,) = keeper.check(url, CREDENTIALS).problems
    assert (failing.kind, failing.is_fatal) == (ProblemKind.DELIVERY_FAILING, False)
    assert "503" in failing.what
    bench.hook.answer = lambda _: Reply()
    bench.fake.wait_delivered()
    assert keeper.check(url, CREDENTIALS).problems == ()
    bench.fake.the_bot().settings["allowed_updates"] = ["message"]
    (missing,) = keeper.check(url, CREDENTIALS).problems
    assert (missing.kind, missing.is_fatal) == (ProblemKind.EVENTS_MISSING, True)
    bench.fake.the_bot().settings["allowed_updates"] = []
    (missing,) = keeper.check(url, CREDENTIALS).problems
    assert (missing.kind, missing.is_fatal) == (ProblemKind.EVENTS_MISSING, False)
    assert "message_reaction" in missing.what
    for secret in ("", "с кириллицей", "a b", "x" * 257):
        with pytest.raises(RequestRejected):
            keeper.register(url, replace(CREDENTIALS, webhook_secrets=(secret,)))
    with pytest.raises(RequestRejected):
        keeper.register("ftp://example.org", CREDENTIALS)


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "voice/../../x", "http://other.example/x", "a//b", ""]
)
def test_a_path_never_leads_out(adapter, server, path):
    server.answer = serving(path)
    with pytest.raises(MediaGone):
        adapter.fetch(VOICE, CREDENTIALS, max_bytes=100)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(adapter, server):
    with LoopbackServer() as elsewhere:
        server.answer = serving("voice/f.oga", status=302, headers={"Location": f"{elsewhere.url}/secret"})
        with pytest.raises(MediaGone):
            adapter.fetch(VOICE, CREDENTIALS, max_bytes=100)
        assert elsewhere.requests == []


def test_bytes_are_counted_whatever_was_announced(adapter, server):
    chunk = b"400\r\n" + bytes(1024) + b"\r\n"
    endless = Reply(headers={"Transfer-Encoding": "chunked"}, body=chunk * 64 + b"0\r\n\r\n")
    server.answer = lambda r: endless if r.path.startswith("/file/") else answering({"file_path": "v/f.oga"})
    with pytest.raises(MediaTooLarge):
        adapter.fetch(VOICE, CREDENTIALS, max_bytes=2000)
    server.answer = serving("v/f.oga", bytes(3000))
    with pytest.raises(MediaTooLarge):
        adapter.fetch(VOICE, CREDENTIALS, max_bytes=2000)
    server.requests.clear()
    server.answer = lambda _: answering({"file_path": "v/f.oga", "file_size": 30_000_000})
    for attachment in (VOICE, Attachment(AttachmentKind.VOICE, "f", size_bytes=21_000_000)):
        with pytest.raises(MediaTooLarge):
            adapter.fetch(attachment, CREDENTIALS, max_bytes=50_000_000)
    assert len(server.requests) == 1  # what is known to be too large is not asked for


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (404, {}, MediaGone),
        (401, {}, AccountRejected),
        (500, {}, RetryLater),
        (429, {"Retry-After": "4"}, RetryLater),
    ],
)
def test_a_download_that_fails(adapter, server, status, headers, error):
    server.answer = serving("voice/f.oga", status=status, headers=headers)
    with pytest.raises(error) as failed:
        adapter.fetch(VOICE, CREDENTIALS, max_bytes=100)
    assert getattr(failed.value, "after_s", 0.0) == float(headers.get("Retry-After", 0))


@pytest.mark.parametrize(
    ("description", "error"),
    [
        ("Bad Request: file is temporarily unavailable", MediaGone),
        ("Bad Request: wrong file_id or the file is temporarily unavailable", MediaGone),
        ("Bad Request: file is too big", MediaTooLarge),
        ("Bad Request: something else", RequestRejected),
    ],
)
def test_a_file_that_cannot_be_had(adapter, server, description, error):
    body = json.dumps({"ok": False, "error_code": 400, "description": description}).encode()
    server.answer = lambda _: Reply(400, body=body)
    with pytest.raises(error):
        adapter.fetch(VOICE, CREDENTIALS, max_bytes=100)


def test_a_name_and_a_type_are_always_there(adapter, server):
    server.answer = serving("documents/file_3.pdf", b"%PDF")
    content = adapter.fetch(Attachment(AttachmentKind.FILE, "f"), CREDENTIALS, max_bytes=100)
    assert (content.name, content.mime) == ("file_3.pdf", "application/pdf")
    with pytest.raises(MediaGone):
        adapter.fetch(Attachment(AttachmentKind.CONTACT), CREDENTIALS, max_bytes=100)


def test_odd_answers_are_survived(adapter, server):
    server.answer = lambda _: answering([1, 2])
    assert adapter.send(HELLO, CREDENTIALS) is None
    server.answer = lambda _: Reply(body=b"x" * 1_000_001)
    with pytest.raises(RequestRejected):
        adapter.send(HELLO, CREDENTIALS)
    server.answer = lambda _: Reply(body=b"[" * 100_000)
    with pytest.raises(RetryLater):
        adapter.send(HELLO, CREDENTIALS)


def test_an_answer_that_drips_is_cut_off(server):
    pause = threading.Event()

    def dripping():
        for _ in range(100):
            pause.wait(0.05)
            yield b"1\r\n \r\n"

    server.answer = lambda _: Reply(headers={"Transfer-Encoding": "chunked"}, body=dripping())
    adapter = TelegramAdapter(server.url, total_timeout_s=0.3)
    with pytest.raises(RetryLater, match="TooSlow") as later:
        adapter.send(HELLO, CREDENTIALS)
    assert later.value.maybe_sent
    adapter.close()


def test_a_surrogate_in_a_text_does_not_break_the_request(adapter, server):
    server.answer = lambda _: answering({"message_id": 3})
    rows = ((Button("Да", "y"),),)
    assert adapter.send(OutboundMessage(OutboundKind.MESSAGE, "5", "a\ud83db", rows), CREDENTIALS) == "3"
    assert json.loads(server.requests[0].body)["text"] == "a?b"


def test_a_closed_adapter_opens_again(adapter, server):
    server.answer = lambda _: answering({"message_id": 1})
    for _ in range(2):
        assert adapter.send(HELLO, CREDENTIALS) == "1"
        adapter.close()


def test_a_malformed_address_is_refused():
    http = ProviderHttp("http://127.0.0.1:1")
    with pytest.raises(RequestRejected):
        http.post_json("/\x00", {})
    http.close()
