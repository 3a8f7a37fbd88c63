"""What a client has agreed to, and what was said at the desk."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, Field, StrictBool

from salon.clients import use_cases as clients
from salon.clients.domain import Consent, ConsentPurpose
from salon.clients.errors import ClientErased, ClientNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Items

ALL = "/admin/v1/clients/<client_id>/consents"
CHANNEL = "desk"


class ConsentBody(BaseModel):
    """What a client told the salon: that they agree, or no longer do."""

    model_config = STRICT

    purpose: ConsentPurpose
    is_given: StrictBool
    wording_version: str = Field(
        min_length=1, max_length=32, description="Which text they were read or have signed, as the salon calls it."
    )


def add_consent_routes(resolver: ApiResolver, api: Api) -> None:
    """`/clients/<client_id>/consents`."""

    @resolver.get(ALL, tags=["clients"], responses=reads(ClientNotFound))
    def list_consents(client_id: UUID) -> Items[Consent]:
        with api.read(Permission.CLIENTS_READ) as call:
            return Items(items=clients.list_consents(call.session, client_id))

    @resolver.post(ALL, tags=["clients"], status_code=201, responses=changes(ClientNotFound, ClientErased, status=201))
    def set_consent(client_id: UUID, body: Annotated[ConsentBody, Body()]) -> Consent:
        with api.write(Permission.CLIENTS_WRITE) as call:
            said = clients.set_consent(
                call.session,
                client_id,
                body.purpose,
                is_given=body.is_given,
                channel=CHANNEL,
                wording_version=body.wording_version,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(said)
