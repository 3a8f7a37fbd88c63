import base64
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from salon.platform.clock import FrozenClock
from salon.platform.secrets import (
    KEEP,
    EnvironmentSecrets,
    LockboxSecrets,
    MetadataTokens,
    SecretMissing,
    SecretsUnavailable,
    function_token,
    secret_store,
)
from salon.platform.settings import SecretSettings, SettingsInvalid
from salon.platform.triggers import entry_point
from support.cloud_events import timer_event, to_yandex, yandex_context

pytestmark = pytest.mark.enable_socket


class FakeYandex:
    """Lockbox's payload and the metadata address, as much of them as we use."""

    def __init__(self):
        self.entries = {"BOT_TOKEN": "one"}
        self.tokens = ["iam-1"]
        self.expires_in = 3600
        self.broken = None
        self.reads = 0
        self.token_reads = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = fake.answer(self.path, self.headers)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def answer(self, path, headers):
        if path == "/computeMetadata/v1/instance/service-accounts/default/token":
            self.token_reads += 1
            if headers["Metadata-Flavor"] != "Google":
                return 403, b""
            body = {"access_token": self.tokens[-1], "expires_in": self.expires_in, "token_type": "Bearer"}
            return 200, json.dumps(body).encode()
        self.reads += 1
        if self.broken is not None:
            return self.broken
        if path != "/lockbox/v1/secrets/e6q-secret/payload":
            return 404, b"{}"
        if headers["Authorization"] != f"Bearer {self.tokens[-1]}":
            return 401, b'{"code": 16}'
        entries = [{"key": key, "textValue": value} for key, value in self.entries.items()]
        entries.append({"key": "BINARY", "binaryValue": base64.b64encode("ключ".encode()).decode()})
        return 200, json.dumps({"versionId": "v1", "entries": entries}).encode()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def yandex():
    fake = FakeYandex()
    yield fake
    fake.stop()


@pytest.fixture
def client():
    with httpx.Client(trust_env=False) as made:
        yield made


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def lockbox(yandex, client, clock):
    tokens = MetadataTokens(client, base_url=yandex.url, clock=clock)
    return LockboxSecrets("e6q-secret", base_url=yandex.url, token=tokens, client=client, clock=clock)


@pytest.fixture(params=["environment", "lockbox"])
def store(request):
    if request.param == "environment":
        return EnvironmentSecrets({"BOT_TOKEN": "one", "EMPTY": ""})
    request.getfixturevalue("yandex").entries["EMPTY"] = ""
    return request.getfixturevalue("lockbox")


class TestEveryStore:
    def test_it_gives_the_secret(self, store):
        assert store.get("BOT_TOKEN") == "one"

    @pytest.mark.parametrize("name", ["OTHER", "EMPTY", "bot_token"])
    def test_it_names_the_one_that_is_missing(self, store, name):
        with pytest.raises(SecretMissing) as raised:
            store.get(name)

        assert raised.value.name == name
        assert name in str(raised.value)


class TestLockbox:
    def test_it_is_asked_once_in_five_minutes(self, lockbox, yandex, clock):
        for _ in range(3):
            lockbox.get("BOT_TOKEN")
        assert yandex.reads == 1

        yandex.entries["BOT_TOKEN"] = "two"
        clock.advance(KEEP - timedelta(seconds=1))
        assert lockbox.get("BOT_TOKEN") == "one"
        clock.advance(timedelta(seconds=1))
        assert lockbox.get("BOT_TOKEN") == "two"
        assert yandex.reads == 2

    def test_a_name_added_meanwhile_is_found_at_once(self, lockbox, yandex):
        lockbox.get("BOT_TOKEN")
        yandex.entries["NEW"] = "three"

        assert lockbox.get("NEW") == "three"
        assert yandex.reads == 2

    def test_a_missing_name_costs_one_more_question_and_not_two(self, lockbox, yandex):
        with pytest.raises(SecretMissing):
            lockbox.get("OTHER")
        assert yandex.reads == 1
        with pytest.raises(SecretMissing):
            lockbox.get("OTHER")
        assert yandex.reads == 2

    def test_a_binary_entry_is_text_in_utf_8(self, lockbox):
        assert lockbox.get("BINARY") == "ключ"

    @pytest.mark.parametrize("broken", [(503, b""), (200, b"no json"), (200, b"{}"), (200, b'{"entries": [1]}')])
    def test_an_outage_leaves_what_was_read_last(self, lockbox, yandex, clock, broken):
        lockbox.get("BOT_TOKEN")
        yandex.broken = broken
        clock.advance(KEEP)

        assert lockbox.get("BOT_TOKEN") == "one"

    def test_an_outage_at_the_start_is_a_fault_that_shows_no_secret(self, lockbox, yandex):
        yandex.broken = (401, b'{"token": "geheim"}')

        with pytest.raises(SecretsUnavailable) as raised:
            lockbox.get("BOT_TOKEN")

        assert "geheim" not in str(raised.value)

    def test_nobody_there_is_a_fault(self, client):
        gone = LockboxSecrets("e6q-secret", base_url="http://127.0.0.1:1", token=lambda: "t", client=client)

        with pytest.raises(SecretsUnavailable):
            gone.get("BOT_TOKEN")

    def test_the_metadatas_token_is_kept_until_a_minute_before_its_end(self, yandex, client, clock):
        tokens = MetadataTokens(client, base_url=yandex.url, clock=clock)
        assert [tokens(), tokens()] == ["iam-1", "iam-1"]
        assert yandex.token_reads == 1

        yandex.tokens.append("iam-2")
        clock.advance(timedelta(seconds=3600 - 60))

        assert tokens() == "iam-2"

    def test_inside_a_function_its_own_token_is_used(self):
        token = function_token(lambda: "from-metadata")
        seen = []
        handler = entry_point(lambda _event, _context: seen.append(token()))

        handler(to_yandex(timer_event()), yandex_context())
        handler(to_yandex(timer_event()), yandex_context(with_account=False))

        assert seen == ["t1.iam", "from-metadata"]
        assert token() == "from-metadata"


class TestFactory:
    def test_the_settings_choose(self):
        environment = secret_store(SecretSettings(), environ={"A": "1"})
        lockbox = secret_store(SecretSettings(secret_store="lockbox", lockbox_secret_id="e6q"))

        assert environment.get("A") == "1"
        assert isinstance(lockbox, LockboxSecrets)

    def test_lockbox_without_an_id_stops_at_the_start(self):
        with pytest.raises(SettingsInvalid, match="LOCKBOX_SECRET_ID"):
            secret_store(SecretSettings(secret_store="lockbox"))
