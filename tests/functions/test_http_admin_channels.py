"""Accounts at messengers through the staff API: secrets go in only, the webhook by one call, and what is wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from salon.integrations.fakes.faults import FaultKind
from salon.messaging.domain import Channel
from support.cloud import gateway, open_cloud
from support.console import sign_in
from support.messengers import BASES, SIGNED, add_account, make_fake

pytestmark = pytest.mark.database
TOKEN_FIELDS = ("token", "secret", "app-secret")


@pytest.fixture(params=list(Channel))
def channel(request):
    return request.param


@pytest.fixture
def fake(channel):
    made = make_fake(channel)
    with made.running():
        yield made


@pytest.fixture
def tenant_id(furnished):
    return furnished.first.tenant_id


@pytest.fixture
def desk(fake, moto, tenant_id, furnished_url, salons):
    """The staff API of an owner, in front of the messenger."""
    channel = Channel(fake.provider)
    parameters = {BASES[channel]: fake.base_url, "ExtraMediaHosts": fake.media_host}
    with (
        open_cloud("aws", furnished_url, moto, **parameters) as hooks,  # an instance serves one request at a time, and
        open_cloud("aws", furnished_url, moto, **parameters) as cloud,  # registering waits for the provider's handshake
        gateway(hooks) as url,
    ):
        cloud.values["PublicUrl"] = url
        yield sign_in(cloud, salons, tenant_id)


def entered(channel, fake):
    token, external_id = add_account(fake, channel)
    settings = fake.the_bot(token).settings
    secrets = {"token": token}
    if channel in SIGNED:
        secrets["webhook_secrets"] = ["app-secret-of-the-tests"]
    config = {"app_id": str(settings.get("app_id", "")), "business_id": str(settings.get("business_id", ""))}
    return {"channel": channel, "external_id": external_id, "secrets": secrets, "config": config}


def test_from_entering_to_removing(desk, channel, fake, salons, tenant_id):
    body = entered(channel, fake)
    made = desk.ask("POST", "/channels", body).json()
    one = f"/channels/{made['id']}"
    assert made["status"] == "active"
    assert "token" in made["secrets"]
    everything = desk.ask("GET", "/channels").body.decode()
    assert body["secrets"]["token"] not in everything
    assert "app-secret-of-the-tests" not in everything

    before = {problem["kind"] for problem in desk.ask("POST", f"{one}/check").json()["problems"]}
    assert "no_webhook" in before

    registered = desk.ask("POST", f"{one}/webhook").json()
    assert registered["webhook_url"].endswith(f"/webhooks/{channel}/{made['account_key']}")
    assert [problem for problem in registered["problems"] if problem["is_fatal"]] == []
    assert (
        desk.ask("POST", f"{one}/webhook").json()["webhook_url"] == registered["webhook_url"]
    )  # again changes nothing

    person = fake.add_person("Проба", phone="79000000321")
    fake.say(person, "Здравствуйте")
    fake.wait_delivered()
    with salons.read(tenant_id) as session:
        kept = session.scalar(text("SELECT count(*) FROM inbox WHERE account_id = :id"), {"id": made["id"]})
    assert kept >= 1

    assert desk.ask("POST", f"{one}/disable").json()["status"] == "disabled"
    assert desk.ask("POST", f"{one}/enable").json()["status"] == "active"
    assert desk.ask("DELETE", f"{one}/webhook").json()["webhook_url"] is None
    assert desk.ask("DELETE", one).status == 200
    assert desk.ask("GET", one).json()["secrets"] == []
    assert desk.ask("POST", f"{one}/enable").json()["code"] == "CHANNEL_ACCOUNT_INCOMPLETE"
    assert desk.ask("POST", "/channels", body).status == 201  # its place is free again


def test_a_wrong_token_is_said_and_shown_and_never_repeated(desk, channel, fake):
    body = entered(channel, fake)
    body["secrets"]["token"] = "7777:somebody-elses-token-000000"
    made = desk.ask("POST", "/channels", body).json()

    refused = desk.ask("POST", f"/channels/{made['id']}/webhook")
    assert (refused.status, refused.json()["code"]) == (409, "PROVIDER_REFUSED")
    assert "somebody-elses-token" not in refused.body.decode()
    seen = desk.ask("POST", f"/channels/{made['id']}/check").json()
    assert "token_rejected" in {problem["kind"] for problem in seen["problems"] if problem["is_fatal"]}


def test_a_provider_that_fails_is_no_refusal(desk, channel, fake):
    made = desk.ask("POST", "/channels", entered(channel, fake)).json()
    fake.fail_next(FaultKind.SERVER_ERROR, None, methods=None)

    failed = desk.ask("POST", f"/channels/{made['id']}/webhook")
    assert failed.status == 503
    assert failed.json()["code"] == "PROVIDER_UNREACHABLE"
    seen = desk.ask("POST", f"/channels/{made['id']}/check").json()
    assert "unreachable" in {problem["kind"] for problem in seen["problems"]}


def test_one_account_at_a_provider_has_one_salon(desk, channel, fake):
    body = entered(channel, fake)
    if not body["external_id"]:
        body["external_id"] = fake.the_bot().external_id
    assert desk.ask("POST", "/channels", body).status == 201
    again = desk.ask("POST", "/channels", body)
    assert (again.status, again.json()["code"]) == (409, "CHANNEL_ACCOUNT_TAKEN")


@pytest.mark.parametrize("channel", [Channel.TELEGRAM], indirect=True)
class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "change",
        [
            {"secrets": {"token": "with a blank\n"}},
            {"secrets": {"token": ""}},
            {"secrets": {"password": "x"}},
            {"external_id": "no blanks please"},
            {"channel": "icq"},
            {"config": {"account_rate": {"capacity": 0, "per_second": 1}}},
            {"config": {"unknown": True}},
        ],
    )
    def test_what_cannot_be(self, desk, channel, fake, change):
        refused = desk.ask("POST", "/channels", {**entered(channel, fake), **change})
        assert refused.status in {400, 422}

    def test_secrets_change_one_by_one_and_a_rejected_account_gets_another_chance(self, desk, channel, fake):
        made = desk.ask("POST", "/channels", entered(channel, fake)).json()
        one = f"/channels/{made['id']}"
        changed = desk.ask("PUT", f"{one}/secrets", {"webhook_secrets": ["another-secret_1"]}).json()
        assert changed["secrets"] == ["token", "webhook_secrets"]
        assert desk.ask("POST", f"{one}/webhook").status == 200

    def test_texts_can_be_read_and_said_otherwise(self, desk):
        found = desk.ask("GET", "/texts?locale=ru").json()
        thanks = next(item for item in found["items"] if item["id"] == "thanks")
        assert (thanks["own"], found["tone"]) == (None, None)
        put = desk.ask("PUT", "/settings/texts", {"content": {"tone": "formal", "ru": {"thanks": "К вашим услугам."}}})
        assert put.status == 200
        again = desk.ask("GET", "/texts?locale=ru").json()
        assert next(item for item in again["items"] if item["id"] == "thanks")["own"] == "К вашим услугам."
        assert desk.ask("PUT", "/settings/texts", {"content": {"ru": {"thanks": "{ $price }"}}}).status == 400
        assert desk.ask("PUT", "/settings/texts", {"content": {"tone": "rude"}}).status == 400
