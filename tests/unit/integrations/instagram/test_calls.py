from __future__ import annotations

import pytest

from salon.integrations.instagram.payloads.calls import bodies_for, by_human
from salon.messaging.domain import Button, OutboundFile, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected

IGSID = "489760440872775"
LINK = Button("Как нас найти, с картой", "", url="https://verba.example/map")
PHOTO = OutboundFile("media/1", "photo.jpg", "image/jpeg", url="https://verba.example/photo.jpg")


def message(text="Здравствуйте!", *keys, chat_id=IGSID, **more):
    rows = tuple((key if isinstance(key, Button) else Button(key, f"p:{key}"),) for key in keys)
    return OutboundMessage(OutboundKind.MESSAGE, chat_id, text, buttons=rows, **more)


def said(*given, **more):
    return [body["message"] for body in bodies_for(message(*given, **more))]


def test_a_text():
    assert bodies_for(message()) == (
        {"recipient": {"id": IGSID}, "messaging_type": "RESPONSE", "message": {"text": "Здравствуйте!"}},
    )


def test_quick_replies():
    assert said("Когда?", "15:00", "16:00") == [
        {
            "text": "Когда?",
            "quick_replies": [
                {"content_type": "text", "title": label, "payload": f"p:{label}"} for label in ("15:00", "16:00")
            ],
        }
    ]


def test_links_stay_under_the_text_with_few_others():
    (content,) = said("Мы здесь", LINK, "Записаться")
    assert content["attachment"]["payload"] == {
        "template_type": "button",
        "text": "Мы здесь",
        "buttons": [
            {"type": "web_url", "title": "Как нас найти, с ка…", "url": "https://verba.example/map"},
            {"type": "postback", "title": "Записаться", "payload": "p:Записаться"},
        ],
    }
    (lines,) = said("Мы здесь", LINK, "1", "2", "3")
    assert lines["text"] == "Мы здесь\nКак нас найти, с картой: https://verba.example/map"
    assert len(lines["quick_replies"]) == 3
    (long,) = said("a" * 641, LINK)
    assert long["text"].endswith("/map")


def test_a_file_goes_ahead_by_its_address():
    picture, text = said("Вот", "Да", file=PHOTO)
    assert picture == {"attachment": {"type": "image", "payload": {"url": PHOTO.url}}}
    assert text["quick_replies"][0]["title"] == "Да"
    assert len(said("", file=PHOTO)) == 1
    calendar = OutboundFile("media/2", "visit.ics", "text/calendar", url="https://verba.example/visit.ics")
    assert said("Вы записаны", file=calendar) == [{"text": "Вы записаны\nvisit.ics: https://verba.example/visit.ics"}]


def test_a_humans_answer_has_its_tag():
    (body,) = bodies_for(message())
    assert by_human(body) == {**body, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


@pytest.mark.parametrize(
    "wrong",
    [
        message("  "),
        message("", "Да"),
        message("я" * 501),
        message("Да", chat_id=""),
        message("Да", Button("Да", "д" * 33)),
        message("Да", Button("Да", "")),
        message("Да", Button(" ", "x")),
        message("Да", "двадцать один символ!"),
        message("Да", *(str(number) for number in range(14))),
        message("Вот", file=OutboundFile("media/1", "photo.jpg", "image/jpeg")),
        OutboundMessage(OutboundKind.EDIT, IGSID, "Готово", message_id="m"),
    ],
)
def test_the_impossible_is_refused(wrong):
    with pytest.raises(RequestRejected):
        bodies_for(wrong)


def test_the_limit_is_of_bytes():
    assert len(said("я" * 500)) == 1
    assert len(said("a" * 1000)) == 1
