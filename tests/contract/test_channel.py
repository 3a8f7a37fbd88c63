"""What every messenger's adapter has to do, spoken through real HTTP to the messenger's fake.

A new channel adds its bench to `BENCHES`: a context manager that gives an object with the verbs of `Bench`.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from salon.messaging.domain import (
    AttachmentKind,
    Button,
    ChannelCredentials,
    EventKind,
    OutboundKind,
    OutboundMessage,
)
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    MediaGone,
    MediaTooLarge,
    RecipientGone,
    RequestRejected,
    RetryLater,
)
from salon.messaging.ports import ChannelAdapter
from support.telegram import telegram_bench

BENCHES = {"telegram": telegram_bench}


class Bench(Protocol):
    """An adapter, and the messenger with one person on the other side."""

    adapter: ChannelAdapter
    credentials: ChannelCredentials
    chat_id: str
    stranger_chat_id: str

    def fail(self, how: str) -> None: ...  # too_many (7 s), blocked, server_error, revoked, slow, dropped, unreachable
    def received(self) -> list[str]: ...  # the texts in the person's chat as they read now
    def buttons(self) -> list[list[str]]: ...  # under the last message
    def person_says(self, text: str): ...  # these give the request that the webhook got
    def person_taps(self, message_id: str, button: str): ...
    def person_speaks(self, data: bytes): ...
    def person_blocks(self): ...
    def toast(self, callback_id: str) -> str | None: ...  # None while the button spins
    def forget_files(self) -> None: ...


@pytest.fixture(params=sorted(BENCHES))
def bench(request):
    with BENCHES[request.param]() as made:
        yield made


def message(bench, text="Здравствуйте!", **more):
    return OutboundMessage(OutboundKind.MESSAGE, bench.chat_id, text, **more)


class TestIn:
    def test_only_the_provider_passes(self, bench):
        request = bench.person_says("Привет")
        adapter, good = bench.adapter, bench.credentials
        assert adapter.verify(request.headers, request.body, good)
        rotated = ChannelCredentials(good.token, ("next-secret", *good.webhook_secrets))
        assert adapter.verify(request.headers, request.body, rotated)
        for secrets in ((), ("",), ("wrong",), ("секрет",)):
            assert not adapter.verify(request.headers, request.body, ChannelCredentials(good.token, secrets))
        forged = dict.fromkeys(request.headers, "ключ�")
        assert not adapter.verify(forged, request.body, good)
        assert not adapter.verify(dict.fromkeys(request.headers, ""), request.body, ChannelCredentials("t", ("",)))
        assert not adapter.verify({}, request.body, good)

    def test_a_message_is_read(self, bench):
        request = bench.person_says("Хочу на стрижку завтра")
        event = bench.adapter.normalise(request.body, bench.credentials)
        assert (event.kind, event.text, event.chat_id) == (EventKind.MESSAGE, "Хочу на стрижку завтра", bench.chat_id)
        assert event.channel is bench.adapter.channel
        assert event.display_name == "Анна Лебедева"
        assert event.sent_at is not None
        assert event.sent_at.utcoffset() is not None
        assert bench.adapter.unpack(request.body)[0].conversation == event.chat_id
        assert bench.adapter.unpack(request.body)[0].external_id == event.external_id

    def test_two_messages_have_two_keys_and_a_repeat_has_the_same(self, bench):
        first, second = bench.person_says("да"), bench.person_says("да")
        keys = [bench.adapter.unpack(request.body)[0].external_id for request in (first, first, second)]
        assert keys[0] == keys[1] != keys[2]

    def test_rubbish_is_ignored_with_a_reason_and_has_a_key(self, bench):
        for body in (b"", b"{", b"[]", b"\xff\xfe\x00", b'"' * 1000, b"[" * 100_000, b"1" * 5000, b'{"a":NaN}'):
            event = bench.adapter.normalise(body, bench.credentials)
            assert event.kind is EventKind.IGNORED
            assert event.why_ignored
            assert event.external_id == bench.adapter.unpack(body)[0].external_id != ""
            assert bench.adapter.unpack(body)[0].conversation == ""

    def test_being_blocked_is_told(self, bench):
        event = bench.adapter.normalise(bench.person_blocks().body, bench.credentials)
        assert (event.kind, event.chat_id) == (EventKind.BLOCKED, bench.chat_id)

    def test_a_voice_message_is_fetched(self, bench):
        event = bench.adapter.normalise(bench.person_speaks(b"OggS" + bytes(3000)).body, bench.credentials)
        (voice,) = event.attachments
        assert voice.kind is AttachmentKind.VOICE
        content = bench.adapter.fetch(voice, bench.credentials, max_bytes=4000)
        assert (content.data[:4], len(content.data), content.mime) == (b"OggS", 3004, "audio/ogg")
        with pytest.raises(MediaTooLarge):
            bench.adapter.fetch(voice, bench.credentials, max_bytes=3003)
        bench.forget_files()
        with pytest.raises(MediaGone):
            bench.adapter.fetch(voice, bench.credentials, max_bytes=4000)


class TestOut:
    def test_an_offer_is_shown_tapped_answered_and_edited(self, bench):
        rows = ((Button("15:00", "slot:15"), Button("16:00", "slot:16")), (Button("Другой день", "day"),))
        sent = bench.adapter.send(message(bench, "Когда удобно?", buttons=rows), bench.credentials)
        assert sent
        assert bench.received()[-1] == "Когда удобно?"
        assert bench.buttons() == [["15:00", "16:00"], ["Другой день"]]
        event = bench.adapter.normalise(bench.person_taps(sent, "16:00").body, bench.credentials)
        assert (event.kind, event.payload, event.message_id) == (EventKind.CALLBACK, "slot:16", sent)
        assert bench.toast(event.callback_id) is None
        answer = OutboundMessage(
            OutboundKind.ANSWER_CALLBACK, bench.chat_id, "Записываю", callback_id=event.callback_id
        )
        bench.adapter.send(answer, bench.credentials)
        assert bench.toast(event.callback_id) == "Записываю"
        edit = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Вы записаны на 16:00.", message_id=sent)
        bench.adapter.send(edit, bench.credentials)
        assert bench.received()[-1] == "Вы записаны на 16:00."
        assert bench.buttons() == []

    def test_what_is_done_already_counts_as_done(self, bench):
        sent = bench.adapter.send(message(bench, "Когда?", buttons=((Button("15:00", "s"),),)), bench.credentials)
        callback_id = bench.adapter.normalise(bench.person_taps(sent, "15:00").body, bench.credentials).callback_id
        answer = OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id, callback_id=callback_id)
        edit = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Готово", message_id=sent)
        for _ in range(2):
            bench.adapter.send(answer, bench.credentials)
            bench.adapter.send(edit, bench.credentials)
        gone = OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Готово", message_id="987654321")
        assert bench.adapter.send(gone, bench.credentials) is None

    def test_a_long_text_arrives_whole(self, bench):
        text = "\n\n".join(f"Абзац {number}. " + "Слово за слово. " * 60 for number in range(20))
        before = len(bench.received())
        bench.adapter.send(message(bench, text, buttons=((Button("Дальше", "n"),),)), bench.credentials)
        pieces = bench.received()[before:]
        assert len(pieces) > 1
        assert " ".join(" ".join(pieces).split()) == " ".join(text.split())
        assert bench.buttons() == [["Дальше"]]

    @pytest.mark.parametrize(
        ("how", "error", "then"),
        [
            ("too_many", RetryLater, {"after_s": 7.0, "whole_account": True, "maybe_sent": False}),
            ("server_error", RetryLater, {"after_s": 0.0, "whole_account": False, "maybe_sent": False}),
            ("unreachable", RetryLater, {"maybe_sent": False}),
            ("slow", RetryLater, {"maybe_sent": True}),
            ("dropped", RetryLater, {"maybe_sent": True}),
            ("blocked", RecipientGone, {}),
            ("revoked", AccountRejected, {}),
        ],
    )
    def test_a_failure_says_what_to_do(self, bench, how, error, then):
        bench.fail(how)
        with pytest.raises(DeliveryFailed) as failed:
            bench.adapter.send(message(bench), bench.credentials)
        assert type(failed.value) is error
        assert {name: getattr(failed.value, name) for name in then} == then
        assert bench.credentials.token not in f"{failed.value!r} {failed.value} {failed.value.__cause__!r}"

    def test_nobody_there(self, bench):
        with pytest.raises(RecipientGone):
            bench.adapter.send(
                OutboundMessage(OutboundKind.MESSAGE, bench.stranger_chat_id, "Здравствуйте!"), bench.credentials
            )

    def test_a_wrong_token_stops_the_account(self, bench):
        with pytest.raises(AccountRejected):
            bench.adapter.send(message(bench), ChannelCredentials("4004:wrong"))

    def test_the_impossible_is_refused_and_nothing_leaves(self, bench):
        before = bench.received()
        for wrong in (
            message(bench, "  "),
            message(bench, buttons=((Button("Выбрать", "д" * 33),),)),
            message(bench, "Первое. " * 2000, buttons=((Button("Выбрать", ""),),)),
            OutboundMessage(OutboundKind.EDIT, bench.chat_id, "Готово"),
            OutboundMessage(OutboundKind.ANSWER_CALLBACK, bench.chat_id),
        ):
            with pytest.raises(RequestRejected):
                bench.adapter.send(wrong, bench.credentials)
        assert bench.received() == before
