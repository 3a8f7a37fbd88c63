"""The fake refuses what Instagram refuses, whoever calls it; the adapter would not let most of this leave."""

from __future__ import annotations

import pytest

from salon.integrations.fakes import FaultKind, Flood
from salon.integrations.meta.client import GraphClient
from support.benches.instagram import CREDENTIALS, instagram_bench

TOKEN = CREDENTIALS.token


@pytest.fixture(scope="module")
def bench():
    with instagram_bench() as made:
        yield made


@pytest.fixture(scope="module")
def graph(bench):
    client = GraphClient(bench.fake.base_url)
    yield client
    client.close()


def code_of(answer):
    return (answer.error.code, answer.error.subcode) if answer.error else None


def replies(*titles, payload="p"):
    return [{"content_type": "text", "title": title, "payload": payload} for title in titles]


def buttons(*given, text="Мы здесь", kind="button"):
    payload = {"template_type": kind, "text": text, "buttons": list(given)}
    return {"attachment": {"type": "template", "payload": payload}}


LINK = {"type": "web_url", "title": "Сайт", "url": "https://x"}
TAP = {"type": "postback", "title": "Да", "payload": "y"}
BAD = (100, 0)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "я" * 500}, None),
        ({"text": "я" * 501}, BAD),
        ({"text": " "}, BAD),
        ({}, BAD),
        ("Да", BAD),
        ({"text": "Да", "attachment": {"type": "image", "payload": {"url": "https://x"}}}, BAD),
        ({"text": "Да", "quick_replies": replies(*"0123456789abc")}, None),
        ({"text": "Да", "quick_replies": replies(*"0123456789abcd")}, BAD),
        ({"text": "Да", "quick_replies": replies("двадцать один символ!")}, BAD),
        ({"text": "Да", "quick_replies": replies("Да", payload="я" * 1001)}, BAD),
        (buttons(LINK, TAP, {**TAP, "title": "Нет"}), None),
        (buttons(), BAD),
        (buttons(LINK, TAP, TAP, TAP), BAD),
        (buttons(TAP, text="я" * 641), BAD),
        (buttons(TAP, kind="generic"), BAD),
        ({"attachment": {"type": "image", "payload": {"url": "https://x/1.jpg"}}}, None),
        ({"attachment": {"type": "image", "payload": {"url": "file:///x"}}}, BAD),
        ({"attachment": {"type": "hologram", "payload": {"url": "https://x"}}}, BAD),
        ({"attachment": "x"}, BAD),
    ],
)
def test_messages(bench, graph, message, code):
    value = {"recipient": {"id": bench.chat_id}, "message": message}
    assert code_of(graph.post(TOKEN, "me", "messages", value=value)) == code


def test_the_rest_of_the_api(bench, graph):
    recipient = {"recipient": {"id": bench.chat_id}}
    assert code_of(graph.post(TOKEN, "me", "messages", value={**recipient, "sender_action": "typing_on"})) is None
    assert code_of(graph.post(TOKEN, "1784", "messages", value=recipient)) == (100, 33)
    assert code_of(graph.post(TOKEN, CREDENTIALS.external_id, "messages", value={"recipient": "x"})) == (100, 2534014)
    assert code_of(graph.post_form(TOKEN, "me", "subscribed_apps", form={})) == BAD
    assert code_of(graph.refreshed(TOKEN, "other_grant")) == BAD
    assert code_of(graph.get(TOKEN, "a", "b", "c")) == (2500, 0)
    assert code_of(graph.get("unknown", "me")) == (190, 463)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.TOO_MANY, (613, 0)),
        (FaultKind.BLOCKED, (551, 1545041)),
        (FaultKind.WINDOW_CLOSED, (10, 2534022)),
        (FaultKind.POLICY, (368, 0)),
        (FaultKind.REJECTED, BAD),
    ],
)
def test_faults(bench, graph, kind, code):
    bench.fake.fail_next(kind)
    value = {"recipient": {"id": bench.chat_id}, "message": {"text": "Да"}}
    assert code_of(graph.post(TOKEN, "me", "messages", value=value)) == code


def test_a_flood(bench, graph):
    bench.fake._flood = Flood(1, 3600.0)
    value = {"recipient": {"id": bench.chat_id}, "message": {"text": "Да"}}
    assert [code_of(graph.post(TOKEN, "me", "messages", value=value)) for _ in range(2)] == [None, (613, 0)]
    bench.fake._flood = None
