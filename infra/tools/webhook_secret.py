"""Changes the webhook secret of a Telegram account without losing a message.

    python -m infra.tools.webhook_secret --account demo --url https://bot.example.org/webhooks/telegram/demo

Two secrets are valid while the provider is being told: the new one is accepted first, then the provider sends it, then
the old one is dropped. Interrupted half-way it may be run again.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys

from infra.local.processes import LocalCloudError
from infra.tools import surroundings
from salon.identity.domain import system
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import begin_secret_rotation, end_secret_rotation, read_credentials
from salon.integrations.telegram.adapter import DEFAULT_BASE_URL, TelegramAdapter
from salon.messaging.domain import ChannelCredentials
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.keys import list_tenants
from salon.platform.settings import DatabaseSettings
from salon.platform.wiring_light import master_keys

ACTOR = system("rotate_webhook_secret")


def rotate(database: Database, telegram: TelegramAdapter, *, account_key: str, url: str) -> bool:
    """Change the secret of the Telegram account with this key; False when no tenant has one.

    Raises:
        DeliveryFailed: the provider could not be told; both secrets stay valid.
    """
    clock = SystemClock()
    with database.without_tenant() as session:
        tenants = list_tenants(session)
    for tenant_id in tenants:
        with database.transaction(tenant_id) as session:
            account = IdentityRepository(session).find_account("telegram", account_key)
            if account is None:
                continue
            known = read_credentials(session, account.id)
            if len(known["webhook_secrets"]) == 1:
                fresh = secrets.token_urlsafe(24)
                begin_secret_rotation(session, account.id, fresh, actor=ACTOR, now=clock.now())
            account_id = account.id
        with database.read(tenant_id) as session:
            known = read_credentials(session, account_id)
        telegram.register_webhook(url, known["webhook_secrets"][0], ChannelCredentials(token=known["token"]))
        with database.transaction(tenant_id) as session:
            end_secret_rotation(session, account_id, actor=ACTOR, now=clock.now())
        return True
    return False


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.webhook_secret",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--account", required=True, help="the account's key, as in its webhook's URL")
    parser.add_argument("--url", required=True, help="the webhook's full URL, which the provider is told")
    parser.add_argument("--telegram-api-base", default=DEFAULT_BASE_URL, help="default %(default)s")
    surroundings.add_options(parser)
    chosen = parser.parse_args(arguments)
    try:
        surroundings.enter(chosen)
        database = Database(DatabaseSettings.load(), master=master_keys())
        with contextlib.closing(TelegramAdapter(chosen.telegram_api_base)) as telegram:
            found = rotate(database, telegram, account_key=chosen.account, url=chosen.url)
    except (LocalCloudError, SalonError) as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    if not found:
        print(f"No tenant has a Telegram account {chosen.account!r}.", file=sys.stderr)
        return os.EX_NOINPUT
    print(f"The account {chosen.account} has a new webhook secret; the old one is refused from now on.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
