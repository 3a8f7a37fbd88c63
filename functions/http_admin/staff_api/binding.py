"""Chats of the salon's people: the code that binds one, and which are bound."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field

from salon.identity.access import Permission
from salon.identity.edge import Api, ReadCall, WriteCall, changes, reads
from salon.identity.errors import PermissionDenied, RoleNotYours, UserInactive, UserNotFound
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import NoticeKind, StaffContact
from salon.messaging.people.errors import StaffContactNotFound
from salon.platform.db import ReadSession
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Count, Items
from staff_api.tenant import EVERYBODY

USER = "/admin/v1/users/<user_id>"
CONTACTS = f"{USER}/contacts"


class CodeView(BaseModel):
    """A code in the clear; it is shown this once. The person writes «/bind CODE» to the salon's bot."""

    code: str
    expires_at: datetime


class ContactView(BaseModel):
    """A chat that belongs to a user."""

    id: UUID
    channel: str
    conversation_id: UUID
    notices: list[NoticeKind]
    created_at: datetime

    @classmethod
    def of(cls, contact: StaffContact) -> ContactView:
        """The view of a contact."""
        return cls(
            id=contact.id,
            channel=contact.channel,
            conversation_id=contact.conversation_id,
            notices=[NoticeKind(one) for one in contact.notices],
            created_at=contact.created_at,
        )


class NoticesBody(BaseModel):
    """What the person is told of in this chat."""

    model_config = STRICT

    notices: list[NoticeKind] = Field(max_length=len(NoticeKind))


def add_binding_routes(resolver: ApiResolver, api: Api) -> None:
    """Binding codes and contacts: one's own under `/me`, everybody's under `/users/<user_id>`."""
    _add_own(resolver, api)
    _add_of_users(resolver, api)


def _add_own(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/me/binding-code", tags=["access"], status_code=201, responses=changes(UserInactive, status=201)
    )
    def issue_own_code() -> CodeView:
        with api.write(*EVERYBODY) as call:
            made = people.issue_binding_code(call.session, user_of(call), actor=call.actor, now=call.now)
            return call.answer(CodeView(code=made.code, expires_at=made.expires_at))

    @resolver.get("/admin/v1/me/contacts", tags=["access"], responses=reads())
    def list_own_contacts() -> Items[ContactView]:
        with api.read(*EVERYBODY) as call:
            return _contacts(call.session, user_of(call))

    @resolver.delete("/admin/v1/me/contacts/<contact_id>", tags=["access"], responses=changes(StaffContactNotFound))
    def end_own_contact(contact_id: UUID) -> Count:
        with api.write(*EVERYBODY) as call:
            return call.answer(_end(call, user_of(call), contact_id))

    @resolver.put(
        "/admin/v1/me/contacts/<contact_id>/notices", tags=["access"], responses=changes(StaffContactNotFound)
    )
    def choose_own_notices(contact_id: UUID, body: Annotated[NoticesBody, Body()]) -> ContactView:
        with api.write(*EVERYBODY) as call:
            return call.answer(_choose(call, user_of(call), contact_id, body))


def _add_of_users(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        f"{USER}/binding-code",
        tags=["users"],
        status_code=201,
        responses=changes(UserNotFound, UserInactive, RoleNotYours, status=201),
    )
    def issue_binding_code(user_id: UUID) -> CodeView:
        with api.write(Permission.USERS_WRITE) as call:
            made = people.issue_binding_code(
                call.session, user_id, actor=call.actor, actor_role=call.principal.role, now=call.now
            )
            return call.answer(CodeView(code=made.code, expires_at=made.expires_at))

    @resolver.get(CONTACTS, tags=["users"], responses=reads(UserNotFound))
    def list_contacts(user_id: UUID) -> Items[ContactView]:
        with api.read(Permission.USERS_READ) as call:
            return _contacts(call.session, user_id)

    @resolver.delete(CONTACTS, tags=["users"], responses=changes(UserNotFound))
    def end_contacts(user_id: UUID) -> Count:
        with api.write(Permission.USERS_WRITE) as call:
            return call.answer(_end(call, user_id, None))

    @resolver.delete(f"{CONTACTS}/<contact_id>", tags=["users"], responses=changes(UserNotFound, StaffContactNotFound))
    def end_contact(user_id: UUID, contact_id: UUID) -> Count:
        with api.write(Permission.USERS_WRITE) as call:
            return call.answer(_end(call, user_id, contact_id))

    @resolver.put(f"{CONTACTS}/<contact_id>/notices", tags=["users"], responses=changes(StaffContactNotFound))
    def choose_notices(user_id: UUID, contact_id: UUID, body: Annotated[NoticesBody, Body()]) -> ContactView:
        with api.write(Permission.USERS_WRITE) as call:
            return call.answer(_choose(call, user_id, contact_id, body))


def user_of(call: ReadCall | WriteCall) -> UUID:
    """The user who asks.

    Raises:
        PermissionDenied: a visitor, whom the permissions of these routes keep out before.
    """
    if call.principal.user_id is None:
        raise PermissionDenied(call.principal.role, "")
    return call.principal.user_id


def _contacts(session: ReadSession, user_id: UUID) -> Items[ContactView]:
    return Items(items=[ContactView.of(one) for one in people.list_contacts(session, user_id)])


def _end(call: WriteCall, user_id: UUID, contact_id: UUID | None) -> Count:
    return Count(
        count=people.end_contacts(call.session, user_id, actor=call.actor, now=call.now, contact_id=contact_id)
    )


def _choose(call: WriteCall, user_id: UUID, contact_id: UUID, body: NoticesBody) -> ContactView:
    chosen = people.choose_notices(call.session, user_id, contact_id, body.notices, actor=call.actor, now=call.now)
    return ContactView.of(chosen)
