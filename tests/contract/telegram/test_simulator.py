"""The chat simulator's server: what the page may ask, and who may ask."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra.local.simulator import server as simulator_module
from infra.local.simulator.desk import Desk, Invoice
from infra.local.simulator.server import start_simulator
from salon.integrations.telegram.fake import FakeTelegram
from support.telegram import TOKEN, LoopbackServer, Reply

STATIC = Path(simulator_module.__file__).parent / "static"


@pytest.fixture
def fake():
    made = FakeTelegram(webhook_base_delay_s=0.02, delivery_workers=1)
    made.add_bot(TOKEN, name="Верба")
    with made.running():
        yield made


@pytest.fixture
def anna(fake):
    return fake.add_person("Анна", phone="79990000101")


@pytest.fixture
def page(fake):
    simulator = start_simulator({"telegram": fake})
    with httpx.Client(base_url=simulator.url, trust_env=False, headers={"x-simulator": "1"}, timeout=5) as made:
        yield made
    simulator.stop()


def act(page, what, anna=None, **more):
    where = {"bot": "1001", "user": anna.user_id} if anna else {}
    return page.post("/api/act", json={"do": what, **where, **more})


def chat(page, anna):
    return page.get("/api/chat", params={"bot": "1001", "user": anna.user_id}).json()


def bot_says(fake, anna, text, **more):
    answer = httpx.post(
        f"{fake.base_url}/bot{TOKEN}/sendMessage", json={"chat_id": anna.user_id, "text": text, **more}, trust_env=False
    )
    return answer.json()["result"]["message_id"]


def test_a_talk(page, fake, anna):
    assert act(page, "start", anna, param="ref").status_code == 200
    act(page, "say", anna, text="Привет\n<b>всем</b>")
    keyboard = {
        "inline_keyboard": [[{"text": "15:00", "callback_data": "s"}, {"text": "Сайт", "url": "https://x.example"}]]
    }
    offer = bot_says(fake, anna, "Когда?", reply_markup=keyboard)
    tapped = act(page, "tap", anna, message=offer, data="s").json()
    shown = chat(page, anna)
    assert [item["text"] for item in shown["messages"]] == ["/start ref", "Привет\n<b>всем</b>", "Когда?"]
    assert [button["busy"] for button in shown["messages"][-1]["buttons"][0]] == [True, False]
    assert not shown["messages"][0]["delivered"]  # there is no webhook yet
    fake.tap_of(tapped["callback_id"]).answer = {"text": ""}
    assert not chat(page, anna)["messages"][-1]["buttons"][0][0]["busy"]
    first = shown["messages"][1]["id"]
    act(page, "edit", anna, message=first, text="Добрый день")
    assert (chat(page, anna)["messages"][1]["text"], chat(page, anna)["messages"][1]["edited"]) == ("Добрый день", True)


def test_ticks_show_delivery(page, fake, anna):
    with LoopbackServer(lambda _: Reply(200)) as hook:
        fake.set_webhook(hook.url)
        act(page, "say", anna, text="раз")
        fake.wait_delivered()
    assert chat(page, anna)["messages"][0]["delivered"]


def test_attachments(page, fake, anna):
    where = {"bot": "1001", "user": anna.user_id}
    for kind, mime in (("voice", "audio/ogg"), ("photo", "image/jpeg"), ("document", "text/html")):
        params = {"kind": kind, **where, "mime": mime, "duration": 4, "name": "a.html", "caption": "вот"}
        assert page.post("/api/upload", params=params, content=b"<script>").status_code == 200
    act(page, "contact", anna)
    act(page, "contact", anna, own=False, phone="79990000777", name="Вера")
    fake.send_location(anna, 55.75, 37.62)
    media = [item["media"] for item in chat(page, anna)["messages"]]
    assert [item["kind"] for item in media] == ["voice", "photo", "document", "contact", "contact", "location"]
    document = page.get(f"/api/files/{media[2]['file']}")
    assert document.content == b"<script>"
    assert document.headers["content-type"] == "application/octet-stream"  # a stranger's page is never shown as one
    assert document.headers["x-content-type-options"] == "nosniff"
    assert page.get(f"/api/files/{media[0]['file']}").headers["content-type"] == "audio/ogg"
    assert page.get("/api/files/none").status_code == 404


def test_blocking_and_the_phone_key(page, fake, anna):
    act(page, "start", anna)
    keyboard = {"keyboard": [[{"text": "Мой номер", "request_contact": True}]]}
    bot_says(fake, anna, "Телефон?", reply_markup=keyboard)
    ((key,),) = chat(page, anna)["keyboard"]
    assert (key["text"], key["kind"]) == ("Мой номер", "phone")
    act(page, "contact", anna)
    assert chat(page, anna)["keyboard"] == []
    act(page, "block", anna, blocked=True)
    assert chat(page, anna)["blocked"]
    assert act(page, "say", anna, text="?").status_code == 422
    act(page, "block", anna, blocked=False)
    assert act(page, "say", anna, text="?").status_code == 200


def test_somebody_new_and_the_world(page):
    made = act(page, "person", first_name="Вера", phone="79990000102").json()
    world = page.get("/api/world").json()
    assert [person["id"] for person in world["people"]] == [made["user"]]
    assert [bot["name"] for bot in world["bots"]] == ["Верба"]
    assert TOKEN not in json.dumps(world)


def test_faults_are_set_and_taken_away(page, fake):
    act(page, "fault", kind="too_many", times=5)
    act(page, "fault", kind="drop_before", times=None)
    assert page.get("/api/world").json()["faults"] == [{"kind": "drop_before", "left": None}]
    act(page, "fault", kind="none")
    assert fake.faults == []


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "none"},
        {"do": "say", "text": " "},
        {"do": "say", "text": "x", "bot": 7},
        {"do": "say", "text": "x", "user": "5"},
        {"do": "say", "text": "x", "user": 5},
        {"do": "person"},
        {"do": "fault", "kind": "?"},
        {"do": "edit", "message": 999, "text": "x"},
    ],
)
def test_what_makes_no_sense_is_explained(page, anna, asked):
    answer = page.post("/api/act", json={"bot": "1001", "user": anna.user_id, **asked})
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_odd_requests(page, anna):
    where = {"bot": "1001", "user": anna.user_id}
    assert page.post("/api/act", content=b"{").status_code == 422
    assert page.post("/api/act", content=b"[]").status_code == 422
    assert page.post("/api/other").status_code == 404
    assert page.post("/api/upload", params={**where, "kind": "voice"}).status_code == 422
    assert page.post("/api/upload", params={**where, "kind": "?"}, content=b"x").status_code == 422
    assert page.get("/api/chat").status_code == 422
    raw = http.client.HTTPConnection(page.base_url.netloc.decode(), timeout=5)
    raw.putrequest("POST", "/api/act")
    raw.putheader("Content-Length", "50000001")
    raw.endheaders()
    assert raw.getresponse().status == 413
    raw.close()


def test_foreign_pages_are_refused(page):
    assert page.post("/api/act", json={"do": "person"}, headers={"x-simulator": ""}).status_code == 403
    assert page.get("/api/world", headers={"host": "evil.example:8081"}).status_code == 403
    assert page.get("/api/world", headers={"host": "localhost:8081"}).status_code == 200


def test_without_a_front_desk_nobody_hands_in_invoices(page, fake):
    assert page.get("/api/desk").json() == {}
    assert page.post("/api/desk/invoice").status_code == 422
    assert fake.state.files == {}


def test_the_front_desk_hands_in_the_sample_and_is_led_on_to_the_console(fake, anna, tmp_path):
    kira = fake.add_person("Кира", "Стойкина")
    sample = tmp_path / "invoice.jpg"
    sample.write_bytes(b"\xff\xd8 an invoice")
    invoices = []
    desk = Desk(
        channel="telegram", user_id=kira.user_id, name="Кира Стойкина", sample=sample, console="http://c/console",
        latest=lambda: invoices[-1] if invoices else None,
    )  # fmt: skip
    simulator = start_simulator({"telegram": fake}, desk=desk)
    with httpx.Client(base_url=simulator.url, trust_env=False, headers={"x-simulator": "1"}, timeout=5) as page:
        before = page.get("/api/desk").json()
        sent = page.post("/api/desk/invoice")
        refused = page.post("/api/desk/invoice", headers={"x-simulator": ""})
        invoices.append(Invoice("7", "Накладная 1: ждёт проверки"))
        after = page.get("/api/desk").json()
    simulator.stop()

    assert (before["user"], before["bot"], before["latest"]) == (kira.user_id, "1001", None)
    assert before["stock"] == "http://c/console/stock"
    assert (sent.status_code, refused.status_code) == (200, 403)
    (photo,) = fake.chat_of(kira).messages
    assert fake.state.files[photo.items[0].file_id].data == sample.read_bytes()
    assert fake.chat_of(anna).messages == []
    assert after["latest"] == {"url": "http://c/console/invoices/7", "words": "Накладная 1: ждёт проверки"}


def test_changes_are_streamed_from_where_one_left_off(page, fake, anna):
    before = fake.version
    fake.say(anna, "раз")
    bot_says(fake, anna, "два")
    with page.stream("GET", "/api/events", params={"after": before}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        first, second = (json.loads(next(lines)[6:]) for _ in range(2))
    assert (first["kind"], first["user"], first["from_bot"]) == ("message", anna.user_id, False)
    assert (second["bot"], second["from_bot"], second["version"]) == ("1001", True, first["version"] + 1)


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(page):
    home = page.get("/")
    assert home.status_code == 200
    policy = home.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    named = set(re.findall(r'(?:href|src)="/([\w.]+)"', home.text))
    for script in STATIC.glob("*.js"):
        named |= set(re.findall(r'from "\./([\w.]+)"', script.read_text("utf-8")))
    named |= set(re.findall(r'url\("/([\w.]+)"\)', (STATIC / "app.css").read_text("utf-8")))
    assert named == {file.name for file in STATIC.iterdir()} - {"index.html"}
    for name in named:
        assert page.get(f"/{name}").status_code == 200
    wanted = set(re.findall(r'\$\("([\w-]+)"\)', "".join(file.read_text("utf-8") for file in STATIC.glob("*.js"))))
    assert wanted <= set(re.findall(r'id="([\w-]+)"', home.text))
    for path in ("/../server.py", "/%2e%2e/server.py", "/server.py", "/none.js", "/static/app.js"):
        assert page.get(path).status_code == 404


def test_no_text_becomes_markup():
    scripts = "".join(file.read_text("utf-8") for file in STATIC.glob("*.js"))
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert danger not in scripts


def test_it_runs_alone_and_remembers(tmp_path):
    root = Path(simulator_module.__file__).parents[3]
    state = tmp_path / "chats.json"
    command = [
        sys.executable,
        "-m",
        "infra.local.simulator",
        "--port",
        "0",
        "--telegram-port",
        "0",
        "--state",
        str(state),
    ]
    for expected in (5, 6):
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            api = process.stdout.readline().split()[2]
            page = process.stdout.readline().split()[1]
            try:
                assert httpx.get(f"{api}/bot1001:demo/getMe", trust_env=False).json()["ok"]
                with httpx.Client(base_url=page, trust_env=False, headers={"x-simulator": "1"}) as browser:
                    assert len(browser.get("/api/world").json()["people"]) == expected
                    act(browser, "person", first_name="Вера")
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
