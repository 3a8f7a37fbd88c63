from __future__ import annotations

import pytest

from salon.integrations.whatsapp.payloads.calls import FilePart, bodies_for, kind_of
from salon.messaging.domain import Button, OutboundFile, OutboundKind, OutboundMessage, TemplateUse
from salon.messaging.errors import RequestRejected

CHAT = "79990000101"
TO = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": CHAT}
IMAGE = FilePart("image", {"id": "55"})


def message(text="Здравствуйте!", *keys, chat_id=CHAT, **more):
    rows = tuple((key if isinstance(key, Button) else Button(key, f"p:{key}"),) for key in keys)
    return OutboundMessage(OutboundKind.MESSAGE, chat_id, text, buttons=rows, **more)


def only(*given, file=None, reference="", **more):
    (body,) = bodies_for(message(*given, **more), file=file, reference=reference)
    return body


def test_a_text_with_our_reference():
    assert only("Здравствуйте!", reference="0199") == {
        **TO,
        "biz_opaque_callback_data": "0199",
        "type": "text",
        "text": {"body": "Здравствуйте!", "preview_url": False},
    }


@pytest.mark.parametrize(
    ("chat_id", "expected"),
    [
        (CHAT, {"recipient_type": "individual", "to": CHAT}),
        ("RU.13491208655302741918", {"recipient_type": "individual", "recipient": "RU.13491208655302741918"}),
        ("RU.ENT.118157992", {"recipient_type": "individual", "recipient": "RU.ENT.118157992"}),
        ("Y2FwaV9ncm91cDox", {"recipient_type": "group", "to": "Y2FwaV9ncm91cDox"}),
    ],
)
def test_whom_to_send_to(chat_id, expected):
    body = only("Да", chat_id=chat_id)
    assert {key: body[key] for key in ("recipient_type", "to", "recipient") if key in body} == expected


def test_up_to_three_short_keys():
    assert only("Когда?", "15:00", "16:00", "Другой день")["interactive"] == {
        "type": "button",
        "body": {"text": "Когда?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": f"p:{label}", "title": label}}
                for label in ("15:00", "16:00", "Другой день")
            ]
        },
    }


def rows_of(body):
    (section,) = body["interactive"]["action"]["sections"]
    return section["rows"]


@pytest.mark.parametrize(
    ("text", "keys", "more"),
    [
        ("Когда?", ["15:00", "16:00"], {"is_listed": True}),
        ("Когда?", ["1", "2", "3", "4"], {}),
        ("Кто?", ["Парикмахер Александра"], {}),
        ("Кто?", [Button("Анна", "a"), Button("Анна", "b")], {}),
        ("Когда? " * 150, ["15:00"], {}),
    ],
)
def test_what_does_not_fit_into_keys_is_a_list(text, keys, more):
    body = only(text, *keys, **more)
    assert body["interactive"]["type"] == "list"
    assert body["interactive"]["action"]["button"] == "Выбрать"
    assert len(rows_of(body)) == len(keys)
    assert len({row["title"] for row in rows_of(body)}) == len(keys)


def test_a_long_label_goes_on_in_the_description():
    long = "Окрашивание в один тон, Александра, 15:00, Тверская"
    body = only("Choose:", Button("15:00", "a"), Button(long, "b"), Button(long + " 2", "c"))
    assert body["interactive"]["action"]["button"] == "Choose"
    assert rows_of(body) == [
        {"id": "a", "title": "15:00"},
        {"id": "b", "title": "Окрашивание в один тон,", "description": "Александра, 15:00, Тверская"},
        {"id": "c", "title": "3. Окрашивание в один", "description": "тон, Александра, 15:00, Тверская 2"},
    ]
    (whole,) = rows_of(only("Кто?", Button("д" * 96, "a")))
    assert whole["title"] + whole["description"] == "д" * 96
    (cut,) = rows_of(only("Кто?", Button("слово " * 30, "a")))
    assert (len(cut["title"]), len(cut["description"]), cut["description"][-1]) == (23, 72, "…")


def test_one_link_is_a_button_and_more_are_lines():
    site = Button("Как нас найти, с картой", "", url="https://verba.example/map")
    body = only("Мы здесь", site)
    assert body["interactive"]["action"] == {
        "name": "cta_url",
        "parameters": {"display_text": "Как нас найти, с ка…", "url": "https://verba.example/map"},
    }
    mixed = only("Мы здесь", site, "Записаться")
    assert mixed["interactive"]["type"] == "button"
    assert mixed["interactive"]["body"]["text"] == "Мы здесь\nКак нас найти, с картой: https://verba.example/map"
    assert only("Мы", site, site)["text"]["body"].count("https://") == 2


class TestFiles:
    def test_a_picture_with_a_caption_keys_or_a_list(self):
        assert only("Вот", file=IMAGE)["image"] == {"id": "55", "caption": "Вот"}
        assert only("", file=IMAGE)["image"] == {"id": "55"}
        header = only("Вот", "Да", file=IMAGE)["interactive"]["header"]
        assert header == {"type": "image", "image": {"id": "55"}}
        ahead, choice = bodies_for(message("Кто?", "1", "2", "3", "4"), file=IMAGE)
        assert (ahead["type"], choice["interactive"]["type"]) == ("image", "list")

    def test_a_document_has_its_name(self):
        part = FilePart("document", {"link": "https://x/p.pdf"}, "счёт.pdf")
        assert only("Вот", file=part)["document"] == {
            "link": "https://x/p.pdf",
            "filename": "счёт.pdf",
            "caption": "Вот",
        }

    @pytest.mark.parametrize(
        ("mime", "kind"),
        [("image/jpeg", "image"), ("image/PNG; x=1", "image"), ("application/pdf", "document"), ("text/calendar", "")],
    )
    def test_what_is_taken(self, mime, kind):
        assert kind_of(OutboundFile("m", "n", mime)) == kind


def test_a_template_goes_before_the_text():
    use = TemplateUse("remind_soon", ("Анна", "15:00\n\tзавтра     утром", " "), ("ok:1", "no:1"), "visit_soon", "en")
    body = only("не для показа", "Да", template=use)
    assert body["type"] == "template"
    assert body["template"] == {
        "name": "visit_soon",
        "language": {"code": "en"},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": text} for text in ("Анна", "15:00 завтра утром", "—")],
            },
            *(
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": str(number),
                    "parameters": [{"type": "payload", "payload": payload}],
                }
                for number, payload in enumerate(("ok:1", "no:1"))
            ),
        ],
    }
    assert only("Да", template=TemplateUse("remind_soon"))["type"] == "text"
    assert only("", template=TemplateUse("x", name="hello"))["template"] == {
        "name": "hello",
        "language": {"code": "ru"},
    }


@pytest.mark.parametrize(
    "wrong",
    [
        message("  "),
        message("", "Да"),
        message("я" * 4097),
        message("я" * 4097, "Да"),
        message("Да", chat_id=" "),
        message("Да", Button("Да", "д" * 33)),
        message("Да", Button("Да", "")),
        message("Да", Button(" ", "x")),
        message("Да", Button("Да", "x"), Button("Нет", "x")),
        message("Да", *(str(number) for number in range(11))),
        OutboundMessage(OutboundKind.EDIT, CHAT, "Готово", message_id="wamid.A"),
    ],
)
def test_the_impossible_is_refused(wrong):
    with pytest.raises(RequestRejected):
        bodies_for(wrong)


def test_a_caption_has_a_limit():
    with pytest.raises(RequestRejected):
        bodies_for(message("я" * 1025), file=IMAGE)
