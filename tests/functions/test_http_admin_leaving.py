"""Somebody leaves the salon: what they could do ends at once, everywhere, and does not come back by itself."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from salon.clients import use_cases as clients
from salon.identity.access import Role
from salon.messaging import repository
from salon.messaging.domain import Channel
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import HandoverReason, StaffContact
from salon.messaging.people.errors import BindingCodeExpired
from salon.messaging.repository import Conversation
from salon.platform.db import Database, WriteSession
from salon.platform.ids import new_id
from support.cloud import Cloud, open_cloud
from support.console import Console, sign_in
from support.salon_world import ACTOR, SalonWorld

pytestmark = pytest.mark.database
GENEROUS = {f"{name}PerMinute": "100000" for name in ("Reads", "Changes", "Sessions", "Console", "Logins")}
VERA = {"email": "vera@example.org", "password": "верная лошадь и скрепка"}


@dataclass
class Salon:
    """A furnished salon behind both APIs, and its owner."""

    cloud: Cloud
    database: Database
    world: SalonWorld
    owner: Console

    def somebody(self, role: Role) -> Console:
        return sign_in(self.cloud, self.database, self.world.tenant_id, role)

    def account(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """What the account API answers."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        content = json.dumps(body).encode()
        answer = self.cloud.request("http_account", method, f"/v1{path}", body=content, headers=headers)
        return answer.status, answer.json()

    def inside(self) -> AbstractContextManager[WriteSession]:
        return self.database.transaction(self.world.tenant_id)

    def chat(self) -> Conversation:
        """Somebody's with the salon."""
        now, name = datetime.now(UTC), new_id().hex[-8:]
        with self.inside() as session:
            contact = clients.find_or_create_by_contact(
                session, channel="telegram", account_id=self.world.account_id, external_user_id=name, chat_id=name,
                actor=ACTOR, now=now, display_name="Лукерья",
            )  # fmt: skip
            return repository.open_conversation(
                session, channel=Channel.TELEGRAM, account_id=self.world.account_id, chat_id=name,
                client_id=contact.client_id, now=now,
            )  # fmt: skip

    def staff_of(self, conversation_id: UUID) -> StaffContact | None:
        with self.inside() as session:
            return people.find_staff(session, conversation_id)


@dataclass
class Vera(Console):
    """Of the front desk, who came by an invitation and has a chat."""

    renewal: str
    chat_id: UUID


@pytest.fixture
def salon(moto, furnished, furnished_url, salons):
    with open_cloud("aws", furnished_url, moto, **GENEROUS) as cloud:
        yield Salon(cloud, salons, furnished.first, sign_in(cloud, salons, furnished.first.tenant_id))


@pytest.fixture
def vera(salon):
    made = salon.owner.do("POST", "/users", {"name": "Вера", "role": "frontdesk"}, status=201)
    invitation = {"user_id": made["id"], "email": VERA["email"]}
    _, invited = salon.account("POST", "/invitations", invitation, salon.owner.token)
    entered = {"token": invited["token"], "password": VERA["password"]}
    status, signed_in = salon.account("POST", "/invitations/accept", entered)
    assert status == 201
    code = salon.owner.do("POST", f"/users/{made['id']}/binding-code", status=201)["code"]
    conversation = salon.chat()
    with salon.inside() as session:
        people.bind_by_code(session, conversation, code, datetime.now(UTC))
    access, renewal = signed_in["access_token"], signed_in["renewal_token"]
    return Vera(salon.cloud, access, UUID(made["id"]), renewal, conversation.id)


def test_whoever_has_left_is_out_at_once_everywhere(salon, vera):
    owner = salon.owner
    photo = {"file_name": "n.jpg", "content_type": "image/jpeg", "size": 9}
    assert vera.do("GET", "/me")["role"] == "frontdesk"  # before: everything works
    assert salon.account("POST", "/uploads", photo, vera.token)[0] == 202
    assert salon.staff_of(vera.chat_id).user_id == vera.user_id

    gone = owner.do("DELETE", f"/users/{vera.user_id}")
    assert (gone["id"], gone["is_active"]) == (str(vera.user_id), False)

    assert vera.refused("GET", "/me") == (401, "SESSION_REVOKED")  # with a token that is good for minutes yet
    for method, path, body in (("GET", "/account", None), ("POST", "/uploads", photo)):
        status, answer = salon.account(method, path, body, vera.token)
        assert (status, answer["code"]) == (401, "SESSION_REVOKED")
    renewed = salon.cloud.request(
        "http_admin", "POST", "/admin/v1/sessions/renew", headers={"Content-Type": "application/json"},
        body=json.dumps({"renewal_token": vera.renewal}).encode(),
    )  # fmt: skip
    assert (renewed.status, renewed.json()["code"]) == (401, "SESSION_REVOKED")
    status, answer = salon.account("POST", "/login", VERA)
    assert (status, answer["code"]) == (401, "LOGIN_REFUSED")
    assert salon.staff_of(vera.chat_id) is None  # a photo from there is a client's

    assert str(vera.user_id) not in {user["id"] for user in owner.do("GET", "/users")["items"]}
    everybody = {user["id"]: user["is_active"] for user in owner.do("GET", "/users?include_inactive=true")["items"]}
    assert (everybody[str(vera.user_id)], everybody[str(owner.user_id)]) == (False, True)
    owner.do("DELETE", f"/users/{vera.user_id}")  # once more changes nothing
    told = [entry["action"] for entry in owner.do("GET", f"/audit?subject_id={vera.user_id}")["items"]]
    assert told.count("user.deactivated") == 1


def test_nothing_comes_back_by_itself_with_whoever_is_let_in_again(salon, vera):
    owner = salon.owner
    invitation = {"user_id": str(vera.user_id), "email": VERA["email"]}
    _, unused = salon.account("POST", "/invitations", invitation, owner.token)
    code = owner.do("POST", f"/users/{vera.user_id}/binding-code", status=201)["code"]
    owner.do("DELETE", f"/users/{vera.user_id}")
    assert salon.account("POST", "/invitations", invitation, owner.token)[1]["code"] == "USER_INACTIVE"
    assert owner.do("POST", f"/users/{vera.user_id}/activate")["is_active"] is True

    assert vera.refused("GET", "/me") == (401, "SESSION_REVOKED")
    assert salon.staff_of(vera.chat_id) is None
    taken = {"token": unused["token"], "password": VERA["password"]}
    assert salon.account("POST", "/invitations/accept", taken)[1]["code"] == "INVITATION_INVALID"
    conversation = salon.chat()
    with salon.inside() as session, pytest.raises(BindingCodeExpired):
        people.bind_by_code(session, conversation, code, datetime.now(UTC))
    assert salon.account("POST", "/login", VERA)[0] == 201  # the password is still hers


@pytest.mark.parametrize("with_chat", [True, False])
def test_a_client_does_not_wait_for_somebody_who_has_left(salon, vera, with_chat):
    owner = salon.owner
    now, conversation = datetime.now(UTC), salon.chat()
    with salon.inside() as session:
        if not with_chat:
            people.end_contacts(session, vera.user_id, actor=ACTOR, now=now)
        waiting = people.open_handover(session, conversation, HandoverReason.ASKED, now)
    path = f"/handovers/{waiting.id}"
    assert vera.do("POST", f"{path}/take", {})["taken_by"] == str(vera.user_id)

    owner.do("DELETE", f"/users/{vera.user_id}")

    assert [owner.do("GET", path)[name] for name in ("status", "taken_by")] == ["open", None]


def test_nobody_lets_themselves_go_and_the_last_owner_stays(salon, vera):
    owner = salon.owner
    admin, other = salon.somebody(Role.ADMIN), salon.somebody(Role.OWNER)
    assert admin.refused("DELETE", f"/users/{admin.user_id}") == (409, "NOT_YOURSELF")
    assert owner.refused("DELETE", f"/users/{owner.user_id}") == (409, "NOT_YOURSELF")
    assert admin.refused("DELETE", f"/users/{owner.user_id}") == (403, "ROLE_NOT_YOURS")
    assert vera.refused("DELETE", f"/users/{admin.user_id}") == (403, "PERMISSION_DENIED")
    owner.do("DELETE", f"/users/{other.user_id}")
    others = {user["id"] for user in owner.do("GET", "/users")["items"] if user["role"] == "owner"}
    for one in others - {str(owner.user_id)}:  # owners that the furnished salon has already
        owner.do("DELETE", f"/users/{one}")
    assert owner.refused("DELETE", f"/users/{owner.user_id}") == (409, "LAST_OWNER")
    assert other.refused("GET", "/me") == (401, "SESSION_REVOKED")
    assert owner.do("GET", "/me")["role"] == "owner"
