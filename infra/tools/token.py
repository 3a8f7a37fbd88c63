"""Prints a token for the APIs, for trying them out on a running local cloud.

    python -m infra.tools.token                          # an owner of the demo salon
    python -m infra.tools.token --role stylist --staff <id>
    python -m infra.tools.token --role user              # a visitor of the site
    curl -H "Authorization: Bearer $(python -m infra.tools.token)" http://127.0.0.1:8800/admin/v1/locations

A person signs in with a password (http_account); this is for whoever has the database and the signing keys anyway.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta
from uuid import UUID

from infra.local.processes import LocalCloudError
from infra.tools import surroundings
from salon.identity.access import Role, UserDetails
from salon.identity.domain import system
from salon.identity.tokens import JWT_SECRETS, MAX_SESSION, SigningKeys, Tokens
from salon.identity.use_cases import create_user, list_users
from salon.identity.use_cases.sessions import open_user_session, open_visitor_session
from salon.platform.clock import SystemClock
from salon.platform.db import Database, WriteSession
from salon.platform.errors import SalonError
from salon.platform.keys import list_tenants
from salon.platform.secrets import secret_store
from salon.platform.settings import DatabaseSettings, SecretSettings
from salon.platform.wiring_light import master_keys

ACTOR = system("infra.tools.token")
NAME = "Проверка API"


def issue(database: Database, tokens: Tokens, tenant_id: UUID, role: Role, staff_id: UUID | None = None) -> str:
    """An access token of a role; the user it belongs to is made when there is none of this command's."""
    now = SystemClock().now()
    with database.transaction(tenant_id) as session:
        if role is Role.USER:
            return open_visitor_session(session, tokens, now=now).access_token
        user_id = _user(session, role, staff_id)
        return open_user_session(session, tokens, user_id, actor=ACTOR, now=now).access_token


def _user(session: WriteSession, role: Role, staff_id: UUID | None) -> UUID:
    for user in list_users(session):
        if (user.name, user.role, user.staff_id) == (NAME, role, staff_id):
            return user.id
    details = UserDetails(name=NAME, role=role, staff_id=staff_id)
    return create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=SystemClock().now()).id


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.token", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    surroundings.add_options(parser)
    parser.add_argument("--tenant", type=UUID, help="whose; default: the only one there is")
    parser.add_argument("--role", type=Role, choices=list(Role), default=Role.OWNER)
    parser.add_argument("--staff", type=UUID, help="a stylist's member of staff")
    parser.add_argument("--hours", type=int, default=12, help="life of the token, at most 24")
    chosen = parser.parse_args(arguments)
    try:
        surroundings.enter(chosen, like="http_admin")
        database = Database(DatabaseSettings.load(), master=master_keys())
        store = secret_store(SecretSettings.load())
        lasts = min(timedelta(hours=chosen.hours), MAX_SESSION)
        tokens = Tokens(lambda: SigningKeys.parse(store.get(JWT_SECRETS)), access_for=lasts)
        with database.without_tenant() as session:
            tenants = list_tenants(session)
        if chosen.tenant is None and len(tenants) != 1:
            parser.error(f"there are {len(tenants)} tenants; say which: --tenant {' or '.join(map(str, tenants))}")
        print(issue(database, tokens, chosen.tenant or tenants[0], chosen.role, chosen.staff))
    except (LocalCloudError, SalonError) as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
