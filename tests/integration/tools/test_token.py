"""The command that prints a token for the APIs."""

from __future__ import annotations

import pytest

from infra.tools.token import issue
from salon.identity.access import Role
from salon.identity.tokens import SigningKeys, Tokens
from salon.identity.use_cases import list_users
from salon.identity.use_cases.sessions import authenticate
from salon.platform.clock import SystemClock
from salon.platform.ids import new_id
from support.fixtures import JWT_SECRETS

pytestmark = pytest.mark.database


def test_it_prints_a_token_of_any_role_and_makes_one_user_for_each(database, tenant_id):
    tokens, now, staff_id = Tokens(lambda: SigningKeys.parse(JWT_SECRETS)), SystemClock().now(), new_id()
    for role in (*Role, Role.OWNER):
        printed = issue(database, tokens, tenant_id, role, staff_id if role is Role.STYLIST else None)
        with database.read(tenant_id) as session:
            principal = authenticate(session, tokens.verify(printed, now=SystemClock().now()), now=now)
        assert (principal.role, principal.staff_id) == (role, staff_id if role is Role.STYLIST else None)
    with database.read(tenant_id) as session:
        assert len(list_users(session)) == len(Role) - 1
