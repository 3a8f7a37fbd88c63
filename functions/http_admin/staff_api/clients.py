"""People who are served. A search for a person is a POST, so that no name stands in a URL or a log (DESIGN law 3)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt

from salon.clients import use_cases as clients
from salon.clients.domain import Client
from salon.clients.errors import BirthDayInvalid, ClientErased, ClientNotFound, PhoneInvalid
from salon.clients.linking.errors import ClientsNotMergeable
from salon.identity.access import Permission
from salon.identity.edge import Api, WriteCall, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import REPEATABLE, STRICT, Done, Items, Page

ONE = "/admin/v1/clients/<client_id>"


class ClientBody(BaseModel):
    """What a person says about a client. A phone, e-mail or notes that are left out stay as they are."""

    model_config = STRICT

    display_name: str = Field(min_length=1, max_length=200)
    language: str = Field(default="ru", pattern="^(ru|en)$")
    timezone: str | None = Field(default=None, max_length=64, description="IANA name; null takes the location's.")
    phone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
    notes: str | None = Field(default=None, max_length=4_000)
    birth_day: str | None = Field(default=None, pattern=r"^\d\d-\d\d$", description="`MM-DD`; nobody needs the year.")


class MergeBody(BaseModel):
    """The other client, who is the same person."""

    model_config = STRICT

    other_client_id: UUID


class ClientView(BaseModel):
    """A client with what is kept encrypted, for whoever may see it."""

    id: UUID
    display_name: str
    language: str
    timezone: str | None
    is_erased: bool
    phone: str | None = None
    email: str | None = None
    notes: str | None = None
    birth_day: str | None = None


class SearchBody(BaseModel):
    """What somebody at the desk types: a name with typos, a phone, its last four digits."""

    model_config = STRICT

    text: str = Field(min_length=1, max_length=200)
    limit: StrictInt = Field(default=20, ge=1, le=50)


def add_client_routes(resolver: ApiResolver, api: Api) -> None:
    """`/clients`."""
    _add_reading(resolver, api)
    _add_changing(resolver, api)


def _add_reading(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/clients", tags=["clients"], responses=reads())
    def list_clients(
        cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[Client]:
        with api.read(Permission.CLIENTS_READ) as call:
            found = clients.list_clients(call.session, before=cursor, limit=limit + 1)
            shown = found[:limit]
            return Page(items=shown, next_cursor=str(shown[-1].id) if len(found) > limit else None)

    @resolver.post("/admin/v1/clients/search", tags=["clients"], responses=reads(), openapi_extensions=REPEATABLE)
    def search_clients(body: Annotated[SearchBody, Body()]) -> Items[Client]:
        with api.read(Permission.CLIENTS_READ) as call:
            return Items(items=clients.search_clients(call.session, body.text, body.limit))

    @resolver.get(ONE, tags=["clients"], responses=reads(ClientNotFound))
    def get_client(client_id: UUID) -> ClientView:
        with api.read(Permission.CLIENTS_READ) as call:
            client = clients.get_client(call.session, client_id)
            secrets = None if client.is_erased else clients.read_secrets(call.session, client_id)
            return ClientView(
                id=client.id,
                display_name=client.display_name,
                language=client.language,
                timezone=client.timezone,
                is_erased=client.is_erased,
                phone=secrets.phone if secrets else None,
                email=secrets.email if secrets else None,
                notes=secrets.notes if secrets else None,
                birth_day=client.birth_day,
            )


def _add_changing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/clients",
        tags=["clients"],
        status_code=201,
        responses=changes(PhoneInvalid, BirthDayInvalid, status=201),
    )
    def create_client(body: Annotated[ClientBody, Body()]) -> Client:
        with api.write(Permission.CLIENTS_WRITE) as call:
            client = clients.create_client(
                call.session,
                display_name=body.display_name,
                language=body.language,
                timezone=body.timezone,
                actor=call.actor,
                now=call.now,
            )
            _set_secrets(call, client.id, body)
            return call.answer(clients.get_client(call.session, client.id))

    @resolver.put(ONE, tags=["clients"], responses=changes(ClientNotFound, ClientErased, PhoneInvalid, BirthDayInvalid))
    def change_client(client_id: UUID, body: Annotated[ClientBody, Body()]) -> Client:
        with api.write(Permission.CLIENTS_WRITE) as call:
            clients.change_client(
                call.session,
                client_id,
                display_name=body.display_name,
                language=body.language,
                timezone=body.timezone,
                actor=call.actor,
                now=call.now,
            )
            _set_secrets(call, client_id, body)
            return call.answer(clients.get_client(call.session, client_id))

    @resolver.delete(ONE, tags=["clients"], responses=changes(ClientNotFound))
    def erase_client(client_id: UUID) -> Done:
        with api.write(Permission.CLIENTS_ERASE) as call:
            clients.erase_client(call.session, client_id, actor=call.actor, now=call.now)
            return call.answer(Done())

    @resolver.post(
        f"{ONE}/merge",
        summary="Make one client of two",
        tags=["clients"],
        responses=changes(ClientNotFound, ClientsNotMergeable),
    )
    def merge_clients(client_id: UUID, body: Annotated[MergeBody, Body()]) -> Client:
        from salon.messaging.use_cases.linking import merge  # here: every module has its part in it

        with api.write(Permission.CLIENTS_WRITE) as call:
            kept = merge(call.session, client_id, body.other_client_id, actor=call.actor, now=call.now)
            return call.answer(clients.get_client(call.session, kept))


def _set_secrets(call: WriteCall, client_id: UUID, body: ClientBody) -> None:
    if body.phone is not None:
        clients.set_phone(call.session, client_id, body.phone, actor=call.actor, now=call.now)
    if body.email is not None:
        clients.set_email(call.session, client_id, body.email, actor=call.actor, now=call.now)
    if body.notes is not None:
        clients.set_notes(call.session, client_id, body.notes, actor=call.actor, now=call.now)
    if body.birth_day is not None:
        clients.set_birth_day(call.session, client_id, body.birth_day, actor=call.actor, now=call.now)
