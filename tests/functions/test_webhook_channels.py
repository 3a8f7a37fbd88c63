"""http_webhooks as each of the five providers calls it: who is believed, what is kept, what the provider is told."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from salon.messaging.domain import Channel
from salon.platform.db import Database
from support.cloud import Answer, Cloud, open_cloud
from support.furnished import Furnished
from support.webhooks import BATCHED, NAMES_ITS_ACCOUNT, HookAccount, HookAccounts, pack

pytestmark = pytest.mark.database
CHANNELS = list(Channel)
ACKNOWLEDGED = dict.fromkeys(Channel, ("application/json", b'{"ok":true}')) | {Channel.VK: ("text/plain", b"ok")}
NOT_TEXT = b"\xff\xfe\x00\xd8 \x80"
NOT_ASCII = ("секрет", "\udcff\ud800", "\x00", "sha256=" + "ё" * 64, "\xff" * 40, "=?utf-8?b?0Y8=?=")


@dataclass
class Providers:
    """All five providers' side, and a look at what was kept."""

    cloud: Cloud
    database: Database
    furnished: Furnished
    accounts: HookAccounts

    def post(self, account: HookAccount, body: bytes, *, secret: str | None = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", **account.signed(body, secret=secret), **headers}
        return self.cloud.http("POST", account.path, body=body, headers=sent)

    def kept(self, account: HookAccount) -> list[str]:
        """External ids of the account's rows, in their order."""
        with self.database.read(account.tenant_id) as session:
            query = "SELECT external_id FROM inbox WHERE account_id = :id ORDER BY sequence"
            return list(session.scalars(text(query), {"id": account.account_id}))

    def work(self) -> Counter[str]:
        """Handle what is queued; how many rows are in which state."""
        self.cloud.pump()
        found: Counter[str] = Counter()
        for world in (self.furnished.first, self.furnished.second):
            with self.database.read(world.tenant_id) as session:
                found.update(session.scalars(text("SELECT status FROM inbox")))
        return found


def providers_of(cloud, salons, furnished):
    return Providers(cloud, salons, furnished, HookAccounts(salons, furnished.now))


@pytest.fixture
def providers(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto) as cloud:
        yield providers_of(cloud, salons, furnished)


@pytest.fixture(params=["aws", "yandex"])
def both(request, moto, furnished, furnished_url, salons):
    with open_cloud(request.param, furnished_url, moto) as cloud:
        yield providers_of(cloud, salons, furnished)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_message_is_kept_answered_in_the_providers_words_and_handled(both, channel):
    account = both.accounts.add(channel, both.furnished.first.tenant_id)

    answer = both.post(account, account.text(1, "что у вас есть?"))

    assert answer.status == 200
    assert (answer.headers["Content-Type"], answer.body) == ACKNOWLEDGED[channel]
    assert len(both.kept(account)) == 1
    assert both.post(account, account.text(1, "что у вас есть?")).status == 200
    assert len(both.kept(account)) == 1
    both.cloud.values["TxQueue"]
    both.cloud.blueprint.consumers = lambda: [("InboundQueue", "queue_inbound")]
    assert both.work() == {"done": 1}
    assert both.cloud.errors == []
    with both.database.read(account.tenant_id) as session:
        [(name, language)] = session.execute(text("SELECT channel, language FROM conversations, clients")).all()
        assert (name, language) == (channel, "ru")
        assert session.scalars(text("SELECT count(*) FROM message_log WHERE direction = 'out'")).one() > 0


@pytest.mark.parametrize("channel", CHANNELS)
def test_whoever_cannot_sign_is_refused_and_nothing_is_kept(both, channel):
    first = both.accounts.add(channel, both.furnished.first.tenant_id)
    second = both.accounts.add(channel, both.furnished.second.tenant_id)
    body = first.text(1)
    header = next(iter(first.signed(body)), "X-Nothing")

    forged = [replace(second, external_id=first.external_id).text(1), first.text(1, secret="")]
    for other in (*forged, first.text(1, secret="секрет"), NOT_TEXT, b"", b"[]"):
        assert both.post(first, other, secret="wrong").status == 401
        assert both.cloud.http("POST", first.path, body=other, headers={}).status == 401
    if channel is not Channel.VK:  # whose proof is in the body
        for value in ("", *NOT_ASCII, *second.signed(body).values()):
            answer = both.cloud.http("POST", first.path, body=body, headers={header: value})
            assert (answer.status, answer.json()["code"]) == (401, "WRONG_SECRET"), value
            assert both.cloud.http("POST", first.path, body=NOT_TEXT, headers={header: value}).status == 401
    assert both.kept(first) == both.kept(second) == []


@pytest.mark.parametrize("secret", [None, 7, True, [], {}, ["x"], "", "\ud800", "секрет"])
def test_vks_secret_may_be_anything_and_is_refused(providers, secret):
    account = providers.accounts.add(Channel.VK, providers.furnished.first.tenant_id)
    body = json.dumps({**json.loads(account.text(1)), "secret": secret}).encode()
    assert providers.cloud.http("POST", account.path, body=body).status == 401
    assert providers.kept(account) == []


@pytest.mark.parametrize("channel", sorted(BATCHED))
def test_a_signature_holds_for_the_bytes_as_they_came(both, channel):
    account = both.accounts.add(channel, both.furnished.first.tenant_id)
    escaped = account.text(1, "Привет 👋")
    written_anew = json.dumps(json.loads(escaped), ensure_ascii=False).encode()
    assert written_anew != escaped

    stolen = account.signed(escaped)
    assert both.cloud.http("POST", account.path, body=written_anew, headers=stolen).status == 401
    old_way = {"X-Hub-Signature": "sha1=" + "0" * 40}
    assert both.cloud.http("POST", account.path, body=escaped, headers=old_way).status == 401
    loud = {name.upper(): value.upper().replace("SHA256", "sha256") for name, value in stolen.items()}
    assert both.cloud.http("POST", account.path, body=escaped, headers=loud).status == 200


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_account_without_a_secret_or_what_else_it_needs_takes_nothing_in(providers, channel):
    tenant_id = providers.furnished.first.tenant_id
    silent = providers.accounts.add(channel, tenant_id, secret="")
    body = silent.text(1)
    for given in ("", "anything"):
        assert providers.post(silent, body, secret=given).status == 401
        assert providers.post(silent, silent.text(1, secret=given), secret=given).status == 401
    lacking = ["confirmation"] if channel is Channel.VK else ["verify_token", "external_id"]
    for name in lacking if channel in NAMES_ITS_ACCOUNT else []:
        account = providers.accounts.add(channel, tenant_id, **{name: ""})
        assert providers.post(account, replace(account, external_id="555").text(1)).status == 401
        assert providers.kept(account) == []


@pytest.mark.parametrize("channel", sorted(BATCHED))
def test_metas_handshake(both, channel):
    account = both.accounts.add(channel, both.furnished.first.tenant_id)
    asked = f"{account.path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="

    answer = both.cloud.http("GET", asked + account.verify_token)
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/plain", b"1158201444")
    for token in ("", "wrong", "%D1%82%D0%BE%D0%BA%D0%B5%D0%BD", "%FF%FE"):
        assert both.cloud.http("GET", asked + token).status == 403
    assert both.cloud.http("GET", f"{account.path}?hub.mode=subscribe&hub.challenge=1").status == 403
    assert both.cloud.http("GET", account.path).status == 404
    assert both.cloud.http("GET", asked.replace(account.key, "nobody") + account.verify_token).status == 404
    assert both.cloud.http("GET", asked + "%00").status in {403, 422}


def test_vks_handshake(both):
    account = both.accounts.add(Channel.VK, both.furnished.first.tenant_id)
    asked = {"type": "confirmation", "group_id": int(account.external_id)}

    for body in (json.dumps(asked).encode(), pack(asked, account)):
        answer = both.cloud.http("POST", account.path, body=body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/plain", b"c0nf1rm")
    for wrong in ({**asked, "group_id": 1}, {**asked, "secret": "wrong"}, {"type": "confirmation"}):
        assert both.cloud.http("POST", account.path, body=json.dumps(wrong).encode()).status == 403
    bare = both.accounts.add(Channel.VK, both.furnished.first.tenant_id, confirmation="")
    body = json.dumps({**asked, "group_id": int(bare.external_id)}).encode()
    assert both.cloud.http("POST", bare.path, body=body).status == 403


@pytest.mark.parametrize("channel", sorted(set(Channel) - BATCHED))
def test_who_has_no_handshake_by_get_is_told_that_there_is_nothing(providers, channel):
    account = providers.accounts.add(channel, providers.furnished.first.tenant_id)
    assert providers.cloud.http("GET", f"{account.path}?hub.mode=subscribe&hub.challenge=1").status == 404
    for method in ("PUT", "DELETE", "PATCH"):
        assert providers.cloud.http(method, account.path).status in {404, 405}


ODD = (b"[]", b"{}", b"null", b'"text"', b'{"object":7,"entry":{"x":1}}', b"[" * 50_000, NOT_TEXT, b'{"a":"\\ud800"}')


@pytest.mark.parametrize("channel", sorted(set(Channel) - {Channel.VK}))
def test_what_is_authentic_and_odd_is_acknowledged_kept_and_handled(both, channel):
    account = both.accounts.add(channel, both.furnished.first.tenant_id)
    for body in ODD:
        answer = both.post(account, body)
        assert (answer.status, answer.body) == (200, ACKNOWLEDGED[channel][1]), body[:20]
    assert len(both.kept(account)) == len(ODD)

    assert both.work() == {"done": len(ODD)}
    assert both.cloud.errors == []


def test_vks_odd_events_are_acknowledged_kept_and_handled(both):
    account = both.accounts.add(Channel.VK, both.furnished.first.tenant_id)
    odd = [{}, {"type": 7}, {"type": "message_new", "object": []}, {"type": "message_new", "object": {"message": 1}}]
    for number, event in enumerate(odd):
        body = pack({"group_id": int(account.external_id), "n": number, **event}, account)
        assert both.post(account, body).body == b"ok"
    assert len(both.kept(account)) == len(odd)
    assert both.work() == {"done": len(odd)}


@pytest.mark.parametrize("channel", CHANNELS)
def test_two_salons_on_one_channel_never_mix(both, channel):
    """The same person writes the same to both, and the provider's ids are the same, too."""
    first = both.accounts.add(channel, both.furnished.first.tenant_id)
    second = both.accounts.add(channel, both.furnished.second.tenant_id)
    for account in (first, second):
        assert both.post(account, account.text(1, f"для {account.key}")).status == 200
        other = first if account is second else second
        assert both.post(account, other.text(2), secret=other.secret).status == 401
    assert both.kept(first) == both.kept(second)

    if channel in NAMES_ITS_ACCOUNT:  # signed rightly, and the event says that it is the other's
        named = replace(first, external_id=second.external_id).text(3)
        answer = both.post(first, named)
        assert (answer.status, answer.body) == (200, ACKNOWLEDGED[channel][1])
    assert (len(both.kept(first)), len(both.kept(second))) == (1, 1)

    both.cloud.values["TxQueue"]
    both.cloud.blueprint.consumers = lambda: [("InboundQueue", "queue_inbound")]
    assert both.work() == {"done": 2}
    for world in (both.furnished.first, both.furnished.second):
        with both.database.read(world.tenant_id) as session:
            assert session.scalars(text("SELECT DISTINCT tenant_id FROM message_log")).all() == [world.tenant_id]
            assert session.scalars(text("SELECT count(*) FROM channel_contacts")).one() == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_body_may_be_as_large_as_the_providers_are(both, channel):
    limit = 3 * 1024 * 1024 if channel in BATCHED else 1_000_000
    account = both.accounts.add(channel, both.furnished.first.tenant_id)
    fitting = account.text(1)
    fitting += b" " * (limit - len(fitting))
    if not both.cloud.flavour.startswith("yandex") or channel not in BATCHED:  # 3.5 MB of event, Base64 included
        assert both.post(account, fitting).status == 200
        assert len(both.kept(account)) == 1
    answer = both.post(account, fitting + b" ")
    assert (answer.status, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_gateway_may_hand_over_text_or_base64(providers, channel):
    account = providers.accounts.add(channel, providers.furnished.first.tenant_id)
    body = account.text(1, "Привет 👋")
    event = {
        "version": "1.0",
        "resource": "/webhooks/{proxy+}",
        "path": account.path,
        "httpMethod": "POST",
        "headers": {"content-type": "application/octet-stream", **account.signed(body)},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "requestContext": {"requestId": "r", "httpMethod": "POST", "path": account.path, "stage": "Prod"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    assert providers.cloud.invoke("http_webhooks", event)["statusCode"] == 200
    assert len(providers.kept(account)) == 1
    broken = {**event, "body": "не base64"}
    assert providers.cloud.invoke("http_webhooks", broken)["statusCode"] == 400


def test_an_unknown_channel_or_account_is_not_found(providers):
    account = providers.accounts.add(Channel.MAX, providers.furnished.first.tenant_id)
    body = account.text(1)
    for path in (f"/icq/{account.key}", f"/vk/{account.key}", "/max/nobody", "/max/", ""):
        answer = providers.cloud.http("POST", f"/webhooks{path}", body=body, headers=account.signed(body))
        assert answer.status == 404
    for status, expected in (("disabled", 404), ("rejected", 200)):
        with providers.database.transaction(account.tenant_id) as session:
            query = text("UPDATE channel_accounts SET status = :status WHERE id = :id")
            session.execute(query, {"status": status, "id": account.account_id})
        assert providers.post(account, body).status == expected


def test_strictness_is_the_functions_own_setting(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, StrictWebhookSignature="false") as cloud:
        found = providers_of(cloud, salons, furnished)
        account = found.accounts.add(Channel.MAX, furnished.first.tenant_id)
        assert found.post(account, account.text(1), secret="wrong").status == 200
        assert len(found.kept(account)) == 1
