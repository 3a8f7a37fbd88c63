"""What is refused, hedged, reported or about somebody else is no order; the pure rules of it."""

from __future__ import annotations

import pytest

from salon.messaging.domain.cancelling import is_plain_cancelling, wants_back
from salon.messaging.domain.later import drops_all, drops_deed
from salon.messaging.domain.questions import Asked, comes_all_the_same, is_about_another, is_plain_stop, question_in
from salon.messaging.domain.wishes import is_declined, leaves_open_which, moves_instead


@pytest.mark.parametrize(
    "text",
    [
        "запись отменять не буду", "отменять запись передумала", "хотела отменить но передумала", "отменять не надо",
        "отменять стрижку не надо", "не отменяйте мою запись", "отменить запись не хочу", "я не буду отменять",
        "хотел перенести, но передумал", "перенос не нужен и отменять не стоит", "ничего не отменяйте",
    ],
)  # fmt: skip
def test_what_is_declined(text):
    assert is_declined(text)


@pytest.mark.parametrize(
    "text",
    [
        "отмените запись, не буду", "отмените, передумала", "не смогу прийти отмените", "не приду отмените запись",
        "хочу отменить запись не буду ходить", "отмена, не хочу идти", "хочу отменить, приходить не буду",
    ],
)  # fmt: skip
def test_what_is_not_declined(text):
    assert not is_declined(text)


@pytest.mark.parametrize(
    "text",
    [
        "скорее всего отменю завтра напишу", "боюсь что придется отменить", "муж сказал отмени", "может отменить",
        "думаю отменить запись", "мама просит чтобы я отменила и говорит отмени",
    ],
)  # fmt: skip
def test_what_is_hedged_or_reported_is_asked_about(text):
    assert not is_plain_cancelling(text)


@pytest.mark.parametrize("text", ["можно отменить запись?", "хотела бы отменить стрижку", "мне нужно отменить визит"])
def test_polite_orders_stay_orders(text):
    assert is_plain_cancelling(text)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("отмени запись мамы", True), ("хочу отменить мамину запись, не мою", True), ("мужу отмените стрижку", True),
        ("можно отменить запись подруги а мою оставить", True), ("перенесите мамину запись на субботу в 10", True),
        ("отмените стрижку сыну", True), ("отмените её запись", True), ("отмените дочке маникюр", True),
        ("отмените мою запись", False), ("отмените запись, мама заболела", False), ("перенесите на субботу", False),
        ("отмените запись к Ольге", False), ("не мой день, отмените", False), ("отмените, ребенок заболел", False),
        ("отмените, еду с мамой в больницу", False),
    ],
)  # fmt: skip
def test_whose_booking_it_is(text, is_so):
    assert is_about_another(text) is is_so


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("ой приду", True), ("да приду я", True), ("ой нет приду", True), ("шучу, я приду", True), ("приду!", True),
        ("я этого не говорила", True), ("вы не так услышали", True), ("я не просила", True), ("не то", True),
        ("приду в другой раз", False), ("приду в пятницу", False), ("не приду", False), ("нет, не приду", False),
    ],
)  # fmt: skip
def test_what_else_takes_a_cancellation_back(text, is_so):
    assert wants_back(text) is is_so


def test_one_deed_instead_of_the_other():
    assert moves_instead("не отменяйте мою запись, просто перенесите на послезавтра на 18")
    assert not moves_instead("не переносите")
    assert not moves_instead("перенесите на 18")


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("отмените или перенесите на пятницу", True), ("перенесите запись или отмените", True),
        ("отмените запись, хочу утром или вечером перенести", False), ("перенесите на пятницу или субботу", False),
    ],
)  # fmt: skip
def test_one_deed_or_the_other(text, is_so):
    assert leaves_open_which(text) is is_so


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("отмените рассылку", True), ("стоп", True), ("не пишите мне", True), ("отмените новости", True),
        ("отмените напоминание", False), ("отмените предыдущее сообщение", False),
    ],
)  # fmt: skip
def test_what_ends_the_news(text, is_so):
    assert is_plain_stop(text) is is_so


def test_what_takes_back_a_wish_that_waits():
    assert drops_all("передумала")
    assert drops_all("нет, ничего не надо, спасибо")
    assert not drops_all("передумала, на пятницу")
    assert drops_deed("нет, стрижку оставьте")
    assert not drops_deed("оставлю отзыв")


def test_questions_of_terms_and_what_was_cancelled_elsewhere():
    for text in ("сколько будет стоить если отменить стрижку завтра", "можно ли отменить если что", "а если я отменю?"):
        assert question_in(text) is Asked.CANCEL_TERMS
    assert question_in("отмените если можно") is None
    assert comes_all_the_same("отменилась встреча, приду вовремя")
    assert not comes_all_the_same("встреча отменилась, не приду")
