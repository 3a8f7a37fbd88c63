"""A webhook's secret is changed without losing a message."""

from __future__ import annotations

from contextlib import closing

import pytest

from infra.tools.webhook_secret import rotate
from salon.identity.domain import system
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import add_channel_account, read_credentials
from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram

pytestmark = pytest.mark.database
URL = "http://127.0.0.1:9/webhooks/telegram/probe"


def test_the_provider_is_told_and_the_old_secret_is_dropped(database, tenant_id, clock):
    fake = FakeTelegram()
    bot = fake.add_bot("100:probe-token")
    with database.transaction(tenant_id) as session:
        add_channel_account(
            session,
            channel="telegram",
            account_key="probe",
            credentials={"token": bot.token, "webhook_secrets": ["old-secret"]},
            actor=system("tests"),
            now=clock.now(),
        )

    with fake.running() as base_url, closing(TelegramAdapter(base_url)) as telegram:
        assert rotate(database, telegram, account_key="probe", url=URL)
        assert not rotate(database, telegram, account_key="nobody", url=URL)

    with database.read(tenant_id) as session:
        account = IdentityRepository(session).find_account("telegram", "probe")
        secrets = read_credentials(session, account.id)["webhook_secrets"]
    assert len(secrets) == 1
    assert secrets[0] != "old-secret"
    assert (bot.webhook_url, bot.webhook_secret) == (URL, secrets[0])
