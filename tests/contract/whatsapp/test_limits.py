"""The fake refuses what the Cloud API refuses, whoever calls it; the adapter would not let most of this leave."""

from __future__ import annotations

import pytest

from salon.integrations.fakes import FaultKind, Flood
from salon.integrations.http import Upload
from salon.integrations.meta.client import GraphClient
from support.benches.whatsapp import CREDENTIALS, whatsapp_bench

NUMBER = CREDENTIALS.external_id


@pytest.fixture(scope="module")
def bench():
    with whatsapp_bench() as made:
        made.fake.add_template("pair", "{{1}} и {{2}}", buttons=("Да",))
        yield made


@pytest.fixture(scope="module")
def graph(bench):
    client = GraphClient(bench.fake.base_url)
    yield client
    client.close()


def code_of(answer):
    return answer.error.code if answer.error else None


def said(bench, graph, **content):
    body = {"messaging_product": "whatsapp", "to": "79990000101", **content}
    return code_of(graph.post(CREDENTIALS.token, NUMBER, "messages", value=body))


def interactive(kind, action, text="Когда?", **more):
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action, **more}}


def keys(*titles, **more):
    return {"buttons": [{"type": "reply", "reply": {"id": f"p{n}", "title": t, **more}} for n, t in enumerate(titles)]}


def rows(*labels, opens="Выбрать", sections=1, **more):
    made = [{"id": f"p{number}", "title": label, **more} for number, label in enumerate(labels)]
    return {"button": opens, "sections": [{"rows": made}] * sections}


def template(*values, name="pair", payload=None, index="0"):
    components = [{"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}]
    if payload:
        button = {"type": "button", "sub_type": "quick_reply", "index": index}
        components.append({**button, "parameters": [{"type": "payload", "payload": payload}]})
    return {"type": "template", "template": {"name": name, "language": {"code": "ru"}, "components": components}}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"type": "text", "text": {"body": "Да"}}, None),
        ({"status": "read", "message_id": "wamid.A"}, None),
        ({"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}}, None),
        ({"messaging_product": "sms", "type": "text", "text": {"body": "Да"}}, 100),
        ({"type": "text"}, 131008),
        ({"type": "text", "text": "Да"}, 100),
        ({"type": "text", "text": {"body": " "}}, 131008),
        ({"type": "text", "text": {"body": "я" * 4097}}, 131009),
        ({"type": "hologram", "hologram": {}}, 100),
        ({"to": "79998887766", "type": "text", "text": {"body": "Да"}}, 131026),
        ({"to": "", "type": "text", "text": {"body": "Да"}}, 131026),
        (interactive("button", keys("1", "2", "3")), None),
        (interactive("button", keys("1", "2", "3", "4")), 131009),
        (interactive("button", keys()), 131009),
        (interactive("button", keys("1", "1")), 131009),
        (interactive("button", keys("1", "2", id="x")), 131009),
        (interactive("button", keys("двадцать один символ!")), 131009),
        (interactive("button", keys("1"), "я" * 1025), 131009),
        (interactive("button", keys("1"), header={"type": "text", "text": "x"}), None),
        (interactive("button", keys("1"), header={"type": "video", "video": {"id": "404"}}), 100),
        (interactive("button", None), 131008),
        (interactive("carousel", {}), 100),
        (interactive("list", rows(*"0123456789")), None),
        (interactive("list", rows(*"0123456789a")), 131009),
        (interactive("list", rows("1", "1")), 131009),
        (interactive("list", rows("я" * 25)), 131009),
        (interactive("list", rows("1", description="я" * 73)), 131009),
        (interactive("list", rows("1", opens="я" * 21)), 131009),
        (interactive("list", rows("1", sections=2)), 131008),
        (interactive("list", {"button": "x", "sections": []}), 131008),
        (interactive("list", rows("1"), header={"type": "image", "image": {"id": "1"}}), 131009),
        (interactive("cta_url", {"parameters": {"display_text": "Сайт", "url": "ftp://x"}}), 131009),
        ({"type": "image", "image": {"id": "404"}}, 100),
        ({"type": "image", "image": {"link": "https://x/1.jpg", "caption": "я" * 1025}}, 131009),
        (template("Анна", "Вера", payload="x"), None),
        (template("Анна"), 132000),
        (template("Анна", "Вера", payload="x", index="5"), 132000),
        (template("Анна", "Ве\nра"), 132018),
        (template("Анна", ""), 132018),
        (template(name="unknown"), 132001),
        ({"type": "template", "template": {"name": ""}}, 131008),
    ],
)
def test_messages(bench, graph, content, code):
    assert said(bench, graph, **content) == code


@pytest.mark.parametrize(
    ("mime", "size", "product", "code"),
    [
        ("image/jpeg", 10, "whatsapp", None),
        ("text/calendar", 10, "whatsapp", 100),
        ("image/png", 5_000_001, "whatsapp", 100),
        ("image/png", 10, "sms", 100),
    ],
)
def test_uploads(graph, mime, size, product, code):
    form = {"messaging_product": product, "type": mime}
    answer = graph.upload(CREDENTIALS.token, NUMBER, "media", file=Upload("file", "x", bytes(size), mime), form=form)
    assert code_of(answer) == code


def test_a_document_is_no_picture(bench, graph):
    form = {"messaging_product": "whatsapp", "type": "application/pdf"}
    file = Upload("file", "x.pdf", b"%PDF-", "application/pdf")
    uploaded = graph.upload(CREDENTIALS.token, NUMBER, "media", file=file, form=form).content["id"]
    assert said(bench, graph, type="image", image={"id": uploaded}) == 131053
    assert said(bench, graph, type="document", document={"id": uploaded}) is None


def test_the_rest_of_the_api(graph):
    token = CREDENTIALS.token
    assert code_of(graph.post(token, "1055999", "messages", value={"messaging_product": "whatsapp"})) == 100
    assert code_of(graph.get(token, "404")) == 100
    assert code_of(graph.get(token, NUMBER, "unknown")) == 3
    assert code_of(graph.get(token, "a", "b", "c")) == 2500
    assert code_of(graph.get("unknown", NUMBER)) == 190
    app = f"{CREDENTIALS.app_id}|{CREDENTIALS.webhook_secrets[0]}"
    assert code_of(graph.get(app, "999", "subscriptions")) == 190
    form = {"object": "page", "callback_url": "http://127.0.0.1:9/", "verify_token": "x", "fields": "messages"}
    assert code_of(graph.post_form(app, CREDENTIALS.app_id, "subscriptions", form=form)) == 100


def test_a_template_is_made_and_waits(graph):
    token, business = CREDENTIALS.token, CREDENTIALS.business_id
    assert code_of(graph.post(token, business, "message_templates", value={"name": "x"})) == 100
    components = [
        {"type": "BODY", "text": "Как вам визит?"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Хорошо"}]},
    ]
    value = {"name": "feedback", "language": "ru", "category": "UTILITY", "components": components}
    assert graph.post(token, business, "message_templates", value=value).content["status"] == "PENDING"
    names = [row["name"] for row in graph.get(token, business, "message_templates").content["data"]]
    assert "feedback" in names


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.TOO_MANY, 130429),
        (FaultKind.BLOCKED, 131026),
        (FaultKind.WINDOW_CLOSED, 131047),
        (FaultKind.POLICY, 368),
        (FaultKind.REJECTED, 131009),
    ],
)
def test_faults(bench, graph, kind, code):
    bench.fake.fail_next(kind)
    assert said(bench, graph, type="text", text={"body": "Да"}) == code


def test_floods(bench, graph):
    for name, code in (("_flood", 130429), ("_chat_flood", 131056)):
        setattr(bench.fake, name, Flood(1, 3600.0))
        codes = [said(bench, graph, type="text", text={"body": "Да"}) for _ in range(2)]
        setattr(bench.fake, name, None)
        bench.fake._sends.clear()
        assert codes == [None, code]
