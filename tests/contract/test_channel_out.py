"""What every messenger's adapter, keeper and fake have to do, spoken through real HTTP: what goes out, and the account.

A new channel adds `support/benches/<channel>.py`; what a provider does not have stands in the tables here.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace

import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.fakes.faults import CORE_FAULTS
from salon.messaging.domain import (
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
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)
from salon.messaging.ports import ProblemKind
from support.benches import FAULTS, open_stage
from support.channel_talk import CHANNELS, META, NUMBERED_FILES, SPINNING, keys, message, send, verified


@pytest.fixture(params=CHANNELS)
def stage(request):
    with open_stage(request.param) as made:
        yield made


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
