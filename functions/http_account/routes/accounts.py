"""Signing up, in and out, and ways to a password."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from schemas import (
    AcceptIn,
    AccountOut,
    DoneOut,
    InvitationIn,
    InvitationOut,
    LogInIn,
    PasswordIn,
    SignedInOut,
    SignUpIn,
)

from salon.identity.access import Permission
from salon.identity.accounts.domain import NewBusiness
from salon.identity.accounts.errors import (
    EmailInvalid,
    EmailTaken,
    InvitationInvalid,
    LoginRefused,
    NoPassword,
    PasswordUnsuitable,
)
from salon.identity.accounts.repository import email_of
from salon.identity.accounts.use_cases.desk import AccountDesk
from salon.identity.accounts.use_cases.entering import change_password, invite_user
from salon.identity.edge import CHANGES, Api, changes, reads
from salon.identity.errors import RoleNotYours, UserInactive, UserNotFound
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import get_user
from salon.identity.use_cases.sessions import end_session
from salon.platform.errors import Invalid, TooManyRequests, Unauthenticated
from salon.platform.http import ApiResolver
from salon.platform.http_problems import refusals

EVERYBODY = tuple(one for one in Permission if one is not Permission.SELF_BOOK)  # whoever belongs to the salon
PUBLIC: dict[str, Any] = {"x-public": True}
REPEATABLE: dict[str, Any] = {"x-repeatable": True}
_CREATED: dict[int, Any] = {HTTPStatus.CREATED: {"description": "Created"}}
_OK: dict[int, Any] = {HTTPStatus.OK: {"description": "OK"}}


def add_accounts(resolver: ApiResolver, api: Api, desk: AccountDesk) -> None:
    """Everything about who somebody is."""
    _add_ways_in(resolver, desk)
    _add_own(resolver, api)

    @resolver.post(
        "/v1/invitations",
        status_code=HTTPStatus.CREATED,
        summary="Give a user a way to a password",
        description="For a new user, and for one who has forgotten it. Whoever invites hands the token over.",
        tags=["account"],
        responses=changes(UserNotFound, UserInactive, RoleNotYours, EmailInvalid, status=HTTPStatus.CREATED),
    )
    def post_invitation(body: InvitationIn) -> InvitationOut:
        with api.write(Permission.USERS_WRITE) as call:
            made = invite_user(
                call.session,
                body.user_id,
                body.email,
                actor=call.actor,
                actor_role=call.principal.role,
                now=call.now,
            )
            return call.answer(
                InvitationOut(id=made.id, user_id=made.user_id, token=made.token, expires_at=made.expires_at)
            )


def _add_ways_in(resolver: ApiResolver, desk: AccountDesk) -> None:
    @resolver.post(
        "/v1/signup",
        status_code=HTTPStatus.CREATED,
        summary="Sign a business up",
        description="Makes the business and its owner, who is signed in at once.",
        tags=["account"],
        responses={**_CREATED, **refusals(EmailTaken, EmailInvalid, PasswordUnsuitable, Invalid, TooManyRequests)},
        openapi_extensions=PUBLIC,
    )
    def post_signup(body: SignUpIn) -> SignedInOut:
        new = NewBusiness(business=body.business, owner=body.name, email=body.email, password=body.password)
        return SignedInOut.of(desk.sign_up(new))

    @resolver.post(
        "/v1/login",
        status_code=HTTPStatus.CREATED,
        summary="Sign in",
        description=(
            "Why somebody is not let in is not told. After ten wrong passwords in a row from one address wait a"
            " quarter hour there."
        ),
        tags=["account"],
        responses={**_CREATED, **refusals(LoginRefused, TooManyRequests)},
        openapi_extensions=PUBLIC,
    )
    def post_login(body: LogInIn) -> SignedInOut:
        return SignedInOut.of(desk.sign_in(body.email, body.password))

    @resolver.post(
        "/v1/invitations/accept",
        status_code=HTTPStatus.CREATED,
        summary="Take an invitation",
        tags=["account"],
        responses={**_CREATED, **refusals(InvitationInvalid, PasswordUnsuitable, EmailTaken, TooManyRequests)},
        openapi_extensions=PUBLIC,
    )
    def post_accept(body: AcceptIn) -> SignedInOut:
        return SignedInOut.of(desk.accept(body.token, body.password))


def _add_own(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/v1/account", summary="Who am I", tags=["account"], responses=reads())
    def get_account() -> AccountOut:
        with api.read(*EVERYBODY) as call:
            who = call.principal
            if who.user_id is None:  # no role of the console is without a user: a constraint says so
                raise Unauthenticated("A visitor has no account.")
            user, tenant = get_user(call.session, who.user_id), IdentityRepository(call.session).get_tenant()
            return AccountOut(
                tenant_id=who.tenant_id,
                business=tenant.name,
                locale=tenant.locale,
                user_id=user.id,
                name=user.name,
                email=email_of(call.session, user.id),
                role=who.role.value,
                staff_id=who.staff_id,
                permissions=[one.value for one in Permission if who.may(one)],
            )

    @resolver.post(
        "/v1/logout", summary="End this session", tags=["account"], responses=reads(), openapi_extensions=REPEATABLE
    )
    def post_logout() -> DoneOut:
        with api.touch(*EVERYBODY, quota=CHANGES) as call:
            end_session(call.session, call.principal.session_id, actor=call.actor, now=call.now)
            return DoneOut()

    @resolver.post(
        "/v1/account/password",
        summary="Change the password",
        description="Ends every other session. A wrong present password counts as a failure to sign in.",
        tags=["account"],
        responses={**_OK, **reads(LoginRefused, NoPassword, PasswordUnsuitable)},
        openapi_extensions=REPEATABLE,
    )
    def post_password(body: PasswordIn) -> DoneOut:
        with api.touch(*EVERYBODY, quota=CHANGES) as call:
            who = call.principal
            is_changed = who.user_id is not None and change_password(
                call.session,
                who.user_id,
                old=body.password,
                new=body.new_password,
                actor=call.actor,
                now=call.now,
                keep_session=who.session_id,
            )
        if not is_changed:  # only now: the failure was counted, and the count is committed
            raise LoginRefused
        return DoneOut()
