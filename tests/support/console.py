"""Somebody of the salon at the staff API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from salon.identity.access import Role, UserDetails
from salon.identity.domain import system
from salon.identity.tokens import SigningKeys, Tokens
from salon.identity.use_cases import create_user
from salon.identity.use_cases.sessions import open_user_session
from salon.platform.db import Database
from support.cloud import Answer, Cloud
from support.fixtures import JWT_SECRETS

ACTOR = system("tests")


@dataclass
class Console:
    """A signed-in user; `ask` is one request."""

    cloud: Cloud
    token: str
    user_id: UUID

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """A request; a change gets a key of its own unless one is given."""
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **headers}
        if method != "GET":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        content = json.dumps(body).encode() if body is not None else b""
        return self.cloud.request("http_admin", method, f"/admin/v1{path}", body=content, headers=sent)

    def do(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        """A request that is to succeed; its answer."""
        answer = self.ask(method, path, body)
        assert answer.status == status, (method, path, answer.status, answer.body.decode())
        return answer.json()

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """A request that is to be refused: the status and the code."""
        answer = self.ask(method, path, body)
        assert answer.status >= 400, (method, path, answer.status, answer.body.decode())
        return answer.status, answer.json()["code"]


def sign_in(
    cloud: Cloud, database: Database, tenant_id: UUID, role: Role = Role.OWNER, staff_id: UUID | None = None
) -> Console:
    """A user of this role with a token, as signing in will give it."""
    now = datetime.now(UTC)
    tokens = Tokens(lambda: SigningKeys.parse(JWT_SECRETS))
    with database.transaction(tenant_id) as session:
        details = UserDetails(name=f"Проба {role}", role=role, staff_id=staff_id)
        user = create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=now)
        issued = open_user_session(session, tokens, user.id, actor=ACTOR, now=now)
    return Console(cloud, issued.access_token, user.id)
