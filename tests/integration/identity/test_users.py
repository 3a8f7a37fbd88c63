"""Users, sessions and settings of a salon."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.identity.access import Role, UserDetails
from salon.identity.domain import system
from salon.identity.errors import (
    LastOwner,
    RoleNotYours,
    RoleUnsuitable,
    SessionRevoked,
    SettingsOutdated,
    UserInactive,
    UserNotFound,
)
from salon.identity.tokens import Audience, SigningKeys, Tokens
from salon.identity.use_cases import (
    activate_user,
    change_user,
    create_user,
    deactivate_user,
    list_settings,
    list_users,
    read_settings,
    read_settings_version,
    write_settings,
)
from salon.identity.use_cases.sessions import (
    authenticate,
    end_sessions_of,
    open_user_session,
    open_visitor_session,
    renew_session,
)
from salon.platform.errors import Invalid
from salon.platform.ids import new_id
from support.fixtures import JWT_SECRETS

pytestmark = pytest.mark.database
ACTOR = system("tests")
TOKENS = Tokens(lambda: SigningKeys.parse(JWT_SECRETS))


@pytest.fixture
def as_owner(clock):
    return {"actor": ACTOR, "actor_role": Role.OWNER, "now": clock.now()}


@pytest.fixture
def inside(database, tenant_id):
    return lambda: database.transaction(tenant_id)


def person(role: Role = Role.MANAGER, **more) -> UserDetails:
    return UserDetails(**{"name": "Проба", "role": role, **more})


def signed_in(session, user_id, now):
    issued = open_user_session(session, TOKENS, user_id, actor=ACTOR, now=now)
    return TOKENS.verify(issued.access_token, now=now), issued


def test_a_user_is_made_found_and_let_in(inside, as_owner, clock):
    with inside() as session:
        made = create_user(session, person(Role.STYLIST, staff_id=new_id()), **as_owner)
        claims, issued = signed_in(session, made.id, clock.now())
        principal = authenticate(session, claims, now=clock.now())
        assert list_users(session) == [made]
        assert (principal.role, principal.staff_id, principal.user_id) == (Role.STYLIST, made.staff_id, made.id)
        assert issued.session_expires_at == clock.now() + timedelta(hours=24)
        actions = session.scalars(text("SELECT action FROM audit_log ORDER BY at, id")).all()
        assert actions[-2:] == ["user.created", "session.opened"]
        with pytest.raises(UserNotFound):
            open_user_session(session, TOKENS, new_id(), actor=ACTOR, now=clock.now())


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        (person(Role.USER), RoleUnsuitable),
        (person(Role.STYLIST), RoleUnsuitable),
        (person(name="  "), Invalid),
    ],
)
def test_who_can_be_no_user(inside, as_owner, details, refusal):
    with inside() as session, pytest.raises(refusal):
        create_user(session, details, **as_owner)


def test_another_role_ends_the_sessions_and_another_name_does_not(inside, as_owner, clock):
    with inside() as session:
        made = create_user(session, person(), **as_owner)
        claims, _ = signed_in(session, made.id, clock.now())
        change_user(session, made.id, person(name="Иначе"), **as_owner)
        assert authenticate(session, claims, now=clock.now()).role is Role.MANAGER
        changed = change_user(session, made.id, person(Role.ADMIN), **as_owner)
        assert changed.role is Role.ADMIN
        with pytest.raises(SessionRevoked):
            authenticate(session, claims, now=clock.now())


def test_a_deactivated_user_is_out_at_once_and_may_come_back_anew(inside, as_owner, clock):
    with inside() as session:
        made = create_user(session, person(), **as_owner)
        claims, issued = signed_in(session, made.id, clock.now())
        renewal = TOKENS.verify(issued.renewal_token, now=clock.now(), audience=Audience.RENEWAL)
        assert renew_session(session, TOKENS, renewal, now=clock.now()).session_expires_at == issued.session_expires_at
        assert not deactivate_user(session, made.id, **as_owner).is_active
        for use in (lambda: authenticate(session, claims, now=clock.now()),
                    lambda: renew_session(session, TOKENS, renewal, now=clock.now())):  # fmt: skip
            with pytest.raises(SessionRevoked):
                use()
        with pytest.raises(UserInactive):
            open_user_session(session, TOKENS, made.id, actor=ACTOR, now=clock.now())
        assert list_users(session) == []
        assert activate_user(session, made.id, **as_owner).is_active
        signed_in(session, made.id, clock.now())


def test_a_session_ends_after_a_day_or_when_all_of_a_user_are_ended(inside, as_owner, clock):
    with inside() as session:
        made = create_user(session, person(), **as_owner)
        first, _ = signed_in(session, made.id, clock.now())
        second, _ = signed_in(session, made.id, clock.now())
        assert end_sessions_of(session, made.id, actor=ACTOR, actor_role=Role.OWNER, now=clock.now()) == 2
        for claims in (first, second):
            with pytest.raises(SessionRevoked):
                authenticate(session, claims, now=clock.now())
        third, _ = signed_in(session, made.id, clock.now())
        with pytest.raises(SessionRevoked):
            authenticate(session, third, now=clock.now() + timedelta(hours=24))
        visitor = open_visitor_session(session, TOKENS, now=clock.now(), lasts=timedelta(days=9))
        assert visitor.session_expires_at == clock.now() + timedelta(hours=24)


def test_owners_are_made_by_owners_and_the_last_one_stays(inside, as_owner, clock):
    as_admin = {**as_owner, "actor_role": Role.ADMIN}
    with inside() as session:
        with pytest.raises(RoleNotYours):
            create_user(session, person(Role.OWNER), **as_admin)
        owner = create_user(session, person(Role.OWNER), **as_owner)
        for attempt in (
            lambda: change_user(session, owner.id, person(), **as_owner),
            lambda: deactivate_user(session, owner.id, **as_owner),
        ):
            with pytest.raises(LastOwner):
                attempt()
        with pytest.raises(RoleNotYours):
            deactivate_user(session, owner.id, **as_admin)
        heir = create_user(session, person(Role.OWNER), **as_owner)
        assert not deactivate_user(session, owner.id, **as_owner).is_active
        with pytest.raises(LastOwner):
            change_user(session, heir.id, person(), **as_owner)


@pytest.mark.concurrency
def test_two_owners_cannot_leave_at_once(inside, as_owner):
    with inside() as session:
        owners = [create_user(session, person(Role.OWNER), **as_owner).id for _ in range(2)]

    def leave(user_id) -> bool:
        try:
            with inside() as session:
                deactivate_user(session, user_id, **as_owner)
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, owners)) == [False, True]


def test_settings_are_kept_by_section_and_version(inside, clock):
    now = clock.now()
    with inside() as session:
        assert (read_settings(session, "booking"), read_settings_version(session, "booking")) == ({}, 0)
        assert write_settings(session, "booking", {"hold_minutes": 5}, actor=ACTOR, now=now, version=0) == 1
        assert write_settings(session, "offers", {"x": [1]}, actor=ACTOR, now=now) == 1
        assert write_settings(session, "booking", {"hold_minutes": 7}, actor=ACTOR, now=now, version=1) == 2
        assert list_settings(session) == {"booking": {"hold_minutes": 7}, "offers": {"x": [1]}}
        told = session.execute(text("SELECT data FROM audit_log WHERE action = 'tenant.settings_changed' ORDER BY id"))
        assert [row.data for row in told][-1] == {"section": "booking", "version": 2}
        for wrong in ({"section": "", "values": {}}, {"section": "x", "values": {"a": "b" * 70_000}}):
            with pytest.raises(Invalid):
                write_settings(session, **wrong, actor=ACTOR, now=now)
    with pytest.raises(SettingsOutdated), inside() as session:
        write_settings(session, "booking", {}, actor=ACTOR, now=now, version=1)
    with inside() as session:
        assert read_settings(session, "booking") == {"hold_minutes": 7}
