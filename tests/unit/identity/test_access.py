"""Which role may do what, written out a second time: a change here is a decision."""

from __future__ import annotations

import pytest

from salon.identity.access import PERMISSIONS, Permission, Principal, Role, check_role_change, require
from salon.identity.domain import ActorKind
from salon.identity.errors import PermissionDenied, RoleNotYours
from salon.platform.ids import new_id

OWNER_ADMIN = {Role.OWNER, Role.ADMIN}
MANAGERS = OWNER_ADMIN | {Role.MANAGER}
DESK = MANAGERS | {Role.FRONTDESK}
DESK_MAY = """
    catalog.read staff.read prices.read rules.read rules.write slots.generate slots.block schedule.read bookings.read
    bookings.write bookings.close bookings.bulk waitlist.read waitlist.write clients.read clients.write tenant.read
    handovers.read handovers.write
"""
MANAGERS_MAY = """
    catalog.write staff.write settings.read audit.read campaigns.read campaigns.write feedback.read channels.read
"""
OWNER_AND_ADMIN_MAY = """
    prices.write clients.erase money.read money.write settings.write tenant.write users.read users.write salon.export
    salon.import channels.write operations
"""
MATRIX = {
    "self.book": {Role.USER},
    "schedule.own": {Role.STYLIST},
    "bookings.close_own": {Role.STYLIST},
    "stock.count": {*DESK, Role.STYLIST},
    **dict.fromkeys(["documents.upload", "stock.read", "stock.receive"], DESK),
    **dict.fromkeys(["stock.adjust"], MANAGERS),
    **dict.fromkeys(DESK_MAY.split(), DESK),
    **dict.fromkeys(MANAGERS_MAY.split(), MANAGERS),
    **dict.fromkeys(OWNER_AND_ADMIN_MAY.split(), OWNER_ADMIN),
}


def principal(role: Role, **more) -> Principal:
    return Principal(tenant_id=new_id(), session_id=new_id(), role=role, **more)


@pytest.mark.parametrize("permission", Permission, ids=str)
def test_a_permission_belongs_to_exactly_these_roles(permission):
    assert {role for role in Role if permission in PERMISSIONS[role]} == MATRIX[permission]
    for role in Role:
        if role in MATRIX[permission]:
            require(principal(role), permission)
        else:
            with pytest.raises(PermissionDenied):
                require(principal(role), permission)


def test_one_of_several_permissions_is_enough_and_none_is_none():
    require(principal(Role.STYLIST), Permission.SCHEDULE_READ, Permission.SCHEDULE_OWN)
    with pytest.raises(PermissionDenied):
        require(principal(Role.OWNER))


def test_only_an_owner_makes_and_unmakes_owners():
    check_role_change(Role.OWNER, Role.OWNER, Role.ADMIN)
    check_role_change(Role.ADMIN, Role.MANAGER, Role.ADMIN)
    for concerned in ((Role.OWNER,), (Role.OWNER, Role.STYLIST), (Role.MANAGER, Role.OWNER)):
        with pytest.raises(RoleNotYours):
            check_role_change(Role.ADMIN, *concerned)


def test_an_actor_keeps_its_key_over_renewals_and_a_visitor_becomes_a_client():
    user_id, client_id = new_id(), new_id()
    user, visitor = principal(Role.MANAGER, user_id=user_id), principal(Role.USER)
    assert (user.key, user.actor.kind, user.actor.id) == (f"user:{user_id}", ActorKind.USER, str(user_id))
    assert (visitor.actor.kind, visitor.actor.id) == (ActorKind.CLIENT, str(visitor.session_id))
    booked = principal(Role.USER, client_id=client_id)
    assert (booked.actor.id, booked.key) == (str(client_id), f"session:{booked.session_id}")
