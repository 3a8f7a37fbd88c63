"""The business itself: its name, its settings, its users, who did what."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field, StrictInt
from pydantic.dataclasses import dataclass

from salon.availability.offers.errors import OfferSettingsSenseless
from salon.booking.errors import PolicySenseless
from salon.catalog import use_cases as catalog
from salon.catalog.domain import MAX_NAME_CHARS
from salon.catalog.errors import StaffNotFound
from salon.identity import use_cases as identity
from salon.identity.access import Permission, Role, User, UserDetails
from salon.identity.domain import AuditRecord, Business
from salon.identity.edge import Api, changes, reads
from salon.identity.errors import (
    LastOwner,
    NotYourself,
    RoleNotYours,
    RoleUnsuitable,
    SessionRevoked,
    SettingsOutdated,
    TokenExpired,
    TokenInvalid,
    UserNotFound,
)
from salon.identity.tokens import IssuedTokens
from salon.identity.use_cases.business import change_business, get_business, list_audit
from salon.identity.use_cases.sessions import end_session, end_sessions_of
from salon.inventory.consumption.errors import ConsumptionSettingsSenseless
from salon.inventory.drafts.errors import InvoiceSettingSenseless
from salon.messaging.errors import HabitSenseless
from salon.platform.errors import TooManyRequests
from salon.platform.http import ApiResolver
from salon.platform.http_problems import refusals
from staff_api.common import PUBLIC, REPEATABLE, STRICT, Done, Items, Page
from staff_api.sections import SectionNotFound, check_section

USER = "/admin/v1/users/<user_id>"
SECTION = "/admin/v1/settings/<section>"
EVERYBODY = tuple(one for one in Permission if one is not Permission.SELF_BOOK)  # whoever belongs to the salon


@dataclass(frozen=True, config=STRICT)
class BusinessBody(Business):
    """What the business is called, its language, and when clients are left in peace."""

    name: Annotated[str, Field(max_length=MAX_NAME_CHARS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class UserBody(UserDetails):
    """What a person says about a user; `owner` is made by an owner only."""

    name: Annotated[str, Field(max_length=MAX_NAME_CHARS)]


class SettingsView(BaseModel):
    """One section of the settings as it was written; what is missing takes its default."""

    section: str
    content: dict[str, Any]
    version: int


class SettingsBody(BaseModel):
    """All values of a section; what is left out takes its default."""

    model_config = STRICT

    content: dict[str, Any]
    version: StrictInt | None = Field(default=None, ge=0, description="The version that was read.")


class RenewBody(BaseModel):
    """The renewal token of a living session."""

    model_config = STRICT

    renewal_token: str = Field(max_length=4_000)


class Me(BaseModel):
    """Who asks."""

    tenant_id: UUID
    role: Role
    user_id: UUID | None
    staff_id: UUID | None
    permissions: list[Permission]


SectionName = Annotated[str, Path(max_length=32, pattern="^[a-z_]+$")]


def add_tenant_routes(resolver: ApiResolver, api: Api) -> None:
    """`/me`, `/sessions`, `/tenant`, `/settings`, `/users`, `/audit`."""
    _add_me(resolver, api)
    _add_business(resolver, api)
    _add_settings(resolver, api)
    _add_users(resolver, api)


def _add_me(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/me", tags=["access"], responses=reads())
    def me() -> Me:
        with api.read(*EVERYBODY) as call:
            who = call.principal
            return Me(
                tenant_id=who.tenant_id,
                role=who.role,
                user_id=who.user_id,
                staff_id=who.staff_id,
                permissions=[one for one in Permission if who.may(one)],
            )

    @resolver.post(
        "/admin/v1/sessions/renew",
        tags=["access"],
        responses=refusals(TokenInvalid, TokenExpired, SessionRevoked, TooManyRequests),
        openapi_extensions=PUBLIC,
    )
    def renew(body: Annotated[RenewBody, Body()]) -> IssuedTokens:
        return api.renew(body.renewal_token)

    @resolver.delete("/admin/v1/sessions/current", tags=["access"], responses=reads(), openapi_extensions=REPEATABLE)
    def sign_out() -> Done:
        with api.touch(*EVERYBODY) as call:
            end_session(call.session, call.principal.session_id, actor=call.actor, now=call.now)
            return Done()


def _add_business(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/tenant", tags=["tenant"], responses=reads())
    def get_tenant() -> Business:
        with api.read(Permission.TENANT_READ) as call:
            return get_business(call.session)

    @resolver.put("/admin/v1/tenant", tags=["tenant"], responses=changes())
    def change_tenant(business: Annotated[BusinessBody, Body()]) -> Business:
        with api.write(Permission.TENANT_WRITE) as call:
            change_business(call.session, business, actor=call.actor, now=call.now)
            return call.answer(get_business(call.session))

    @resolver.get("/admin/v1/audit", tags=["tenant"], responses=reads())
    def audit(
        subject: Annotated[str | None, Query(max_length=32)] = None,
        subject_id: Annotated[UUID | None, Query()] = None,
        cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Page[AuditRecord]:
        with api.read(Permission.AUDIT_READ) as call:
            found = list(
                list_audit(call.session, subject=subject, subject_id=subject_id, before_id=cursor, limit=limit + 1)
            )
            shown = found[:limit]
            return Page(items=shown, next_cursor=str(shown[-1].id) if len(found) > limit else None)


def _add_settings(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/settings", tags=["settings"], responses=reads())
    def list_settings() -> dict[str, dict[str, Any]]:
        with api.read(Permission.SETTINGS_READ) as call:
            return identity.list_settings(call.session)

    @resolver.get(SECTION, tags=["settings"], responses=reads())
    def get_settings(section: SectionName) -> SettingsView:
        with api.read(Permission.SETTINGS_READ) as call:
            return SettingsView(
                section=section,
                content=identity.read_settings(call.session, section),
                version=identity.read_settings_version(call.session, section),
            )

    @resolver.put(
        SECTION,
        tags=["settings"],
        responses=changes(
            SectionNotFound,
            SettingsOutdated,
            PolicySenseless,
            OfferSettingsSenseless,
            HabitSenseless,
            InvoiceSettingSenseless,
            ConsumptionSettingsSenseless,
        ),
    )
    def write_settings(section: SectionName, body: Annotated[SettingsBody, Body()]) -> SettingsView:
        with api.write(Permission.SETTINGS_WRITE) as call:
            check_section(section, body.content)
            version = identity.write_settings(
                call.session, section, body.content, actor=call.actor, now=call.now, version=body.version
            )
            return call.answer(SettingsView(section=section, content=body.content, version=version))


def _add_users(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/users", tags=["users"], responses=reads())
    def list_users(
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[User]:
        with api.read(Permission.USERS_READ) as call:
            return Items(items=identity.list_users(call.session, active_only=not include_inactive))

    @resolver.post(
        "/admin/v1/users",
        tags=["users"],
        status_code=201,
        responses=changes(RoleNotYours, RoleUnsuitable, StaffNotFound, status=201),
    )
    def create_user(details: Annotated[UserBody, Body()]) -> User:
        with api.write(Permission.USERS_WRITE) as call:
            if details.staff_id is not None:
                catalog.get_staff(call.session, details.staff_id)
            role = call.principal.role
            return call.answer(
                identity.create_user(call.session, details, actor=call.actor, actor_role=role, now=call.now)
            )

    @resolver.get(USER, tags=["users"], responses=reads(UserNotFound))
    def get_user(user_id: UUID) -> User:
        with api.read(Permission.USERS_READ) as call:
            return identity.get_user(call.session, user_id)

    @resolver.put(
        USER,
        tags=["users"],
        responses=changes(UserNotFound, RoleNotYours, RoleUnsuitable, LastOwner, StaffNotFound),
    )
    def change_user(user_id: UUID, details: Annotated[UserBody, Body()]) -> User:
        with api.write(Permission.USERS_WRITE) as call:
            if details.staff_id is not None:
                catalog.get_staff(call.session, details.staff_id)
            role = call.principal.role
            return call.answer(
                identity.change_user(call.session, user_id, details, actor=call.actor, actor_role=role, now=call.now)
            )

    @resolver.delete(
        USER,
        tags=["users"],
        summary="Let somebody in no more",
        description=(
            "Their tokens are refused from now on, their chats are nobody's, their codes and invitations are void, and"
            " clients they were writing to wait for somebody else."
        ),
        responses=changes(UserNotFound, RoleNotYours, LastOwner, NotYourself),
    )
    def deactivate_user(user_id: UUID) -> User:
        from salon.messaging.people.use_cases.leaving import let_go  # loads much, and this is rare

        with api.write(Permission.USERS_WRITE) as call:
            role = call.principal.role
            return call.answer(let_go(call.session, user_id, actor=call.actor, actor_role=role, now=call.now))

    @resolver.post(f"{USER}/activate", tags=["users"], responses=changes(UserNotFound, RoleNotYours))
    def activate_user(user_id: UUID) -> User:
        with api.write(Permission.USERS_WRITE) as call:
            role = call.principal.role
            return call.answer(
                identity.activate_user(call.session, user_id, actor=call.actor, actor_role=role, now=call.now)
            )

    @resolver.delete(f"{USER}/sessions", tags=["users"], responses=changes(UserNotFound, RoleNotYours))
    def end_sessions(user_id: UUID) -> Done:
        with api.write(Permission.USERS_WRITE) as call:
            role = call.principal.role
            end_sessions_of(call.session, user_id, actor=call.actor, actor_role=role, now=call.now)
            return call.answer(Done())
