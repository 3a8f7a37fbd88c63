"""An edge with routes of its own, so that its tests depend on no function."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from salon.identity.access import Permission, Role, UserDetails
from salon.identity.domain import system
from salon.identity.edge import BOOKINGS, Api, changes, reads
from salon.identity.tokens import IssuedTokens, SigningKeys, Tokens
from salon.identity.use_cases import create_user, read_settings, write_settings
from salon.identity.use_cases.sessions import open_user_session, open_visitor_session
from salon.platform.clock import FrozenClock
from salon.platform.db import Database
from salon.platform.errors import Conflict, DatabaseBusy
from salon.platform.http import ApiResolver, build_resolver
from salon.platform.ids import new_id
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import ApiSettings
from support.cloud_events import Context, http_event

ACTOR = system("tests")
SIGNING_KEYS = SigningKeys.parse("t1:" + "A" * 42 + "A=")


class Full(Conflict):
    """A refusal of the probe."""

    code = "PROBE_FULL"

    def __init__(self) -> None:
        super().__init__("Nothing left.")


class Note(BaseModel):
    """What the probe's routes take and give."""

    text: str = Field(max_length=20)
    number: int = 0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        return self.body["code"]


@dataclass
class Edge:
    """The probe's function, and whoever calls it."""

    database: Database
    clock: FrozenClock
    tenant_id: UUID
    tokens: Tokens = field(default_factory=lambda: Tokens(lambda: SIGNING_KEYS))
    settings: ApiSettings = field(default_factory=ApiSettings)
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    before_work: Callable[[], object] = lambda: None

    def resolver(self) -> ApiResolver:
        """A function instance of its own: Powertools serves one request at a time."""
        api = Api(self.database, self.clock, self.tokens, self.settings, self.metrics)
        resolver = build_resolver()

        @resolver.get("/v1/notes", responses=reads())
        def get_notes() -> Note:
            with api.read(Permission.SELF_BOOK, Permission.SCHEDULE_READ) as call:
                return Note.model_validate({"text": "none"} | read_settings(call.session, "notes"))

        @resolver.post("/v1/notes", status_code=201, responses=changes(Full, status=201))
        def post_note(note: Note) -> Note:
            with api.write(Permission.SELF_BOOK, Permission.CATALOG_WRITE, quota=BOOKINGS) as call:
                self.before_work()
                number = write_settings(call.session, "notes", note.model_dump(), actor=call.actor, now=call.now)
                if note.text == "full":
                    raise Full
                if note.text == "busy":
                    raise DatabaseBusy("later")
                return call.answer(Note(text=note.text, number=number))

        return resolver

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        key: str | None = None,
        ip: str = "203.0.113.7",
        resolver: ApiResolver | None = None,
        **headers: str,
    ) -> Answer:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        event = http_event(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
        event["requestContext"]["identity"]["sourceIp"] = ip
        answer = (resolver or self.resolver()).resolve(event, Context())
        flat = {name: values[-1] for name, values in answer["multiValueHeaders"].items()}
        return Answer(answer["statusCode"], flat, json.loads(answer["body"]))

    def post(self, text: str, *, token: str, key: str | None = "key-1", **more: Any) -> Answer:
        return self.call("POST", "/v1/notes", {"text": text}, token=token, key=key, **more)

    def get(self, token: str | None = None, **more: Any) -> Answer:
        return self.call("GET", "/v1/notes", token=token, **more)

    def visitor(self) -> IssuedTokens:
        with self.database.transaction(self.tenant_id) as session:
            return open_visitor_session(session, self.tokens, now=self.clock.now())

    def user(self, role: Role = Role.MANAGER) -> tuple[UUID, IssuedTokens]:
        with self.database.transaction(self.tenant_id) as session:
            staff_id = new_id() if role is Role.STYLIST else None
            user = create_user(
                session,
                UserDetails(name="Проба", role=role, staff_id=staff_id),
                actor=ACTOR,
                actor_role=Role.OWNER,
                now=self.clock.now(),
            )
            return user.id, open_user_session(session, self.tokens, user.id, actor=ACTOR, now=self.clock.now())

    def notes(self) -> dict[str, Any]:
        with self.database.read(self.tenant_id) as session:
            return read_settings(session, "notes")


@pytest.fixture
def edge(database, clock, tenant_id) -> Edge:
    return Edge(database, clock, tenant_id)
