"""Who may do what: roles, permissions, and the one who asks. Pure.

A route asks for a permission, never for a role; this table alone says which role has it (DESIGN §7: money, settings and
users belong to owner and admin; requirements/3: the staff API is for admin, manager and front desk, and a stylist sees
the own diary only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from salon.identity.domain import Actor, ActorKind
from salon.identity.errors import PermissionDenied, RoleNotYours


class Role(StrEnum):
    """What somebody is to the salon. `user` is a visitor of the site or the app, who has no account with us."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    FRONTDESK = "frontdesk"
    STYLIST = "stylist"
    USER = "user"


CONSOLE_ROLES = frozenset(Role) - {Role.USER}


class Permission(StrEnum):
    """One thing that a route may ask for. `own` narrows to the diary of the stylist who asks."""

    SELF_BOOK = "self.book"  # the users' API: see offers, book, change and cancel what one's own session booked
    CATALOG_READ = "catalog.read"  # locations, services, options, resources
    CATALOG_WRITE = "catalog.write"
    STAFF_READ = "staff.read"
    STAFF_WRITE = "staff.write"  # staff and skills
    PRICES_READ = "prices.read"
    PRICES_WRITE = "prices.write"
    RULES_READ = "rules.read"  # availability rules and their templates
    RULES_WRITE = "rules.write"  # these, shifts and time off
    SLOTS_GENERATE = "slots.generate"
    SLOTS_BLOCK = "slots.block"  # block and unblock single slots
    SCHEDULE_READ = "schedule.read"
    SCHEDULE_OWN = "schedule.own"
    BOOKINGS_READ = "bookings.read"
    BOOKINGS_WRITE = "bookings.write"  # book for a client, confirm, move, cancel, restore; series and visits
    BOOKINGS_CLOSE = "bookings.close"  # completed, no-show
    BOOKINGS_CLOSE_OWN = "bookings.close_own"
    BOOKINGS_BULK = "bookings.bulk"  # move a whole day of somebody who is ill; shifts offered to clients
    WAITLIST_READ = "waitlist.read"
    WAITLIST_WRITE = "waitlist.write"
    CLIENTS_READ = "clients.read"
    CLIENTS_WRITE = "clients.write"
    CLIENTS_ERASE = "clients.erase"  # 152-FZ: erasure and export of a person
    MONEY_READ = "money.read"
    MONEY_WRITE = "money.write"  # deposits, fees, refunds
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    TENANT_READ = "tenant.read"
    TENANT_WRITE = "tenant.write"
    USERS_READ = "users.read"
    USERS_WRITE = "users.write"
    AUDIT_READ = "audit.read"
    CHANNELS_READ = "channels.read"  # accounts at messengers, and what is wrong with them
    CHANNELS_WRITE = "channels.write"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    HANDOVERS_READ = "handovers.read"  # conversations that a human is to answer, and what was said in any
    HANDOVERS_WRITE = "handovers.write"  # take, answer, return
    FEEDBACK_READ = "feedback.read"  # what clients say about visits, in their own words
    OPERATIONS = "operations"  # what was given up, and another try for it
    DOCUMENTS_UPLOAD = "documents.upload"  # hand in a supplier's document, follow its job, read its result
    STOCK_READ = "stock.read"  # items, stock on hand, movements, drafts; sums need money.read
    STOCK_RECEIVE = "stock.receive"  # correct and confirm an invoice draft, transfer between locations, write off
    STOCK_COUNT = "stock.count"  # take part in a count, without seeing what is expected
    STOCK_ADJUST = "stock.adjust"  # items, suppliers and minimums; reverse an invoice; post what a count found
    SALON_EXPORT = "salon.export"  # a whole salon as one file
    SALON_IMPORT = "salon.import"


_FRONTDESK = frozenset({
    Permission.CATALOG_READ, Permission.STAFF_READ, Permission.PRICES_READ, Permission.RULES_READ,
    Permission.SCHEDULE_READ, Permission.BOOKINGS_READ, Permission.BOOKINGS_WRITE, Permission.BOOKINGS_CLOSE,
    Permission.BOOKINGS_BULK, Permission.SLOTS_BLOCK, Permission.WAITLIST_READ, Permission.WAITLIST_WRITE,
    Permission.CLIENTS_READ, Permission.CLIENTS_WRITE, Permission.TENANT_READ,
    Permission.RULES_WRITE, Permission.SLOTS_GENERATE,
    Permission.HANDOVERS_READ, Permission.HANDOVERS_WRITE,
    Permission.DOCUMENTS_UPLOAD, Permission.STOCK_READ, Permission.STOCK_RECEIVE, Permission.STOCK_COUNT,
})  # fmt: skip
_MANAGER = _FRONTDESK | {
    Permission.CATALOG_WRITE, Permission.STAFF_WRITE, Permission.SETTINGS_READ, Permission.AUDIT_READ,
    Permission.CHANNELS_READ, Permission.CAMPAIGNS_READ, Permission.CAMPAIGNS_WRITE, Permission.FEEDBACK_READ,
    Permission.STOCK_ADJUST,
}  # fmt: skip
_EVERYTHING = frozenset(Permission) - {
    Permission.SELF_BOOK,
    Permission.SCHEDULE_OWN,
    Permission.BOOKINGS_CLOSE_OWN,
}
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.MANAGER: _MANAGER,
    Role.FRONTDESK: _FRONTDESK,
    Role.STYLIST: frozenset({Permission.SCHEDULE_OWN, Permission.BOOKINGS_CLOSE_OWN, Permission.STOCK_COUNT}),
    Role.USER: frozenset({Permission.SELF_BOOK}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever a request comes from, once the token and its session were checked.

    Attributes:
        user_id: the console's user; None for a visitor.
        staff_id: whose diary a stylist has; other users may be staff as well.
        client_id: whom a visitor has booked as; None until the first booking.
    """

    tenant_id: UUID
    session_id: UUID
    role: Role
    user_id: UUID | None = None
    staff_id: UUID | None = None
    client_id: UUID | None = None

    @property
    def actor(self) -> Actor:
        """The same for the audit log. A visitor who has not booked yet is known by the session."""
        if self.user_id is not None:
            return Actor(ActorKind.USER, str(self.user_id))
        return Actor(ActorKind.CLIENT, str(self.client_id or self.session_id))

    @property
    def key(self) -> str:
        """What stays the same over the requests of one actor, however often the token is renewed."""
        return f"user:{self.user_id}" if self.user_id is not None else f"session:{self.session_id}"

    def may(self, permission: Permission) -> bool:
        """Whether the role has the permission."""
        return permission in PERMISSIONS[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDetails:
    """What a person says about a user of the console.

    Attributes:
        staff_id: the member of staff who this is; a stylist has one.
    """

    name: str
    role: Role
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User(UserDetails):
    """Somebody of the salon who uses the API or the console."""

    id: UUID
    is_active: bool
    created_at: datetime


def require(principal: Principal, *permissions: Permission) -> None:
    """Refuse unless the principal has at least one of the permissions.

    Raises:
        PermissionDenied: none of them.
    """
    if not any(principal.may(permission) for permission in permissions):
        raise PermissionDenied(principal.role, permissions[0] if permissions else "")


def check_role_change(by: Role, *roles: Role) -> None:
    """Refuse to give or take a role that stands above one's own: only an owner makes and unmakes owners.

    Args:
        by: the role of whoever asks.
        roles: what the user is and is to become.

    Raises:
        RoleNotYours: an owner is concerned and somebody else asks.
    """
    if by is not Role.OWNER and Role.OWNER in roles:
        raise RoleNotYours
