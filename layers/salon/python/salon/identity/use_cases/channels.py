"""A tenant's accounts at messengers: their whole life. Secrets go in and never come out."""

from __future__ import annotations

import re
import secrets as random_secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.identity import repository
from salon.identity.domain import (
    AccountStatus,
    Actor,
    ChannelAccountView,
    ChannelConfig,
    ChannelDetails,
    ChannelProblem,
    SendRate,
)
from salon.identity.errors import ChannelAccountIncomplete
from salon.identity.events import Breakage, ChannelBroken, Messenger
from salon.identity.models import ChannelAccount
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases.tenants import (
    add_channel_account,
    change_credentials,
    read_credentials,
    record_audit,
    seal_credentials,
)
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Invalid
from salon.platform.outbox import emit

SECRETS = ("token", "webhook_secrets", "verify_token", "confirmation")
MAX_SECRET_CHARS = 2_000
MAX_RATE = 1_000  # the most that any provider lets an account send in a second (facts/channels.md §4.6)
ACCOUNT_KEY_BYTES = 18
"""The key in a webhook's URL is not a secret, but VK and MAX are the safer for nobody guessing it."""

_EXTERNAL_ID = re.compile(r"-?[A-Za-z0-9_.]{1,64}")
_UNFINISHED = {"setting_missing", "secret_missing"}
"""What a first check finds of an account that somebody is still setting up: nothing has broken."""

_MADE_BY_US = frozenset({"telegram", "max", "vk"})  # whose webhook secret we choose; Meta's is its app's
_NEEDS_VERIFY_TOKEN = frozenset({"whatsapp", "instagram"})


def create_channel_account(
    session: WriteSession,
    channel: str,
    details: ChannelDetails,
    given: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> ChannelAccountView:
    """Register an account; what we may choose ourselves (URL key, webhook secret, verify token) is made up.

    Args:
        session: the transaction.
        channel: the messenger.
        details: what a person says about it.
        given: secrets by the names of SECRETS.
        actor: who.
        now: when.

    Raises:
        Invalid: a secret or an id that cannot be one.
        ChannelAccountTaken: somebody has registered this provider's account already.
    """
    _check_details(details)
    stored = _checked_secrets(given)
    if channel in _MADE_BY_US and not stored.get("webhook_secrets"):
        stored["webhook_secrets"] = [random_secrets.token_hex(20)]
    if channel in _NEEDS_VERIFY_TOKEN and not stored.get("verify_token"):
        stored["verify_token"] = random_secrets.token_urlsafe(24)
    account_id = add_channel_account(
        session,
        channel=channel,
        account_key=random_secrets.token_urlsafe(ACCOUNT_KEY_BYTES),
        credentials={**stored, "app_id": details.config.app_id, "business_id": details.config.business_id},
        actor=actor,
        now=now,
    )
    _store_details(session, account_id, details, now)
    return get_channel_account(session, account_id)


def list_channel_accounts(session: ReadSession) -> list[ChannelAccountView]:
    """All accounts of the tenant, the oldest first."""
    return [_view(session, row) for row in IdentityRepository(session).list_accounts()]


def get_channel_account(session: ReadSession, account_id: UUID) -> ChannelAccountView:
    """One account.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    return _view(session, IdentityRepository(session).get_account(account_id))


def change_channel_account(
    session: WriteSession, account_id: UUID, details: ChannelDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what a person says about an account.

    Raises:
        ChannelAccountNotFound, ChannelAccountTaken, Invalid: see `create_channel_account`.
    """
    _check_details(details)
    present = read_credentials(session, account_id)
    changed = {**present, "app_id": details.config.app_id, "business_id": details.config.business_id}
    row = IdentityRepository(session).get_account(account_id)
    row.credentials = seal_credentials(session, changed)
    _store_details(session, account_id, details, now)
    _audit(session, "channel_account.changed", account_id, actor, now)


def change_channel_secrets(
    session: WriteSession, account_id: UUID, given: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Replace the secrets that are given and keep the others; a rejected account gets another chance.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
        Invalid: a secret that cannot be one.
    """
    present = read_credentials(session, account_id)
    status = IdentityRepository(session).get_account(account_id).status
    change_credentials(session, account_id, {**present, **_checked_secrets(given)}, actor=actor, now=now)
    if status == AccountStatus.DISABLED:  # a new token does not switch on what a person has switched off
        IdentityRepository(session).get_account(account_id).status = AccountStatus.DISABLED


def disable_channel_account(session: WriteSession, account_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Switch an account off: nothing comes in, nothing goes out; what waits to go out waits on.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    _set_status(session, account_id, AccountStatus.DISABLED, actor, now)


def enable_channel_account(session: WriteSession, account_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Switch an account on.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
        ChannelAccountIncomplete: its secrets are gone; give them first.
    """
    if not read_credentials(session, account_id).get("token"):
        raise ChannelAccountIncomplete("token")
    _set_status(session, account_id, AccountStatus.ACTIVE, actor, now)


def remove_channel_account(session: WriteSession, account_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Switch an account off and forget its secrets; conversations that were had through it stay.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    row = IdentityRepository(session).get_account(account_id)
    row.credentials = seal_credentials(session, {})
    row.external_id, row.webhook_url, row.problems, row.token_expires_at = None, None, [], None
    row.status, row.updated_at = AccountStatus.DISABLED, now
    _audit(session, "channel_account.removed", account_id, actor, now)


def list_accounts_to_check(
    session: ReadSession, *, before: datetime, again_before: datetime, again_for: Sequence[str], limit: int
) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of accounts of all tenants that are due for a check, those that have waited longest first.

    Args:
        session: of no tenant.
        before: due is what nobody has checked since.
        again_before: due is, too, what was not checked since when its last check found one of `again_for`.
        again_for: kinds of problems.
        limit: the most accounts.
    """
    return repository.list_accounts_to_check(
        session, before=before, again_before=again_before, again_for=again_for, limit=limit
    )


def note_webhook(session: WriteSession, account_id: UUID, url: str | None, *, actor: Actor, now: datetime) -> None:
    """Remember where the provider sends events now; None for nowhere."""
    row = IdentityRepository(session).get_account(account_id)
    row.webhook_url, row.updated_at = url, now
    action = "channel_account.webhook_set" if url else "channel_account.webhook_removed"
    _audit(session, action, account_id, actor, now)


def note_confirmation(session: WriteSession, account_id: UUID, confirmation: str, now: datetime) -> None:
    """Remember what the provider will ask for in its handshake (VK)."""
    row = IdentityRepository(session).get_account(account_id)
    present = read_credentials(session, account_id)
    if present.get("confirmation") != confirmation:
        row.credentials = seal_credentials(session, {**present, "confirmation": confirmation})
        row.updated_at = now


def note_checked(
    session: WriteSession,
    account_id: UUID,
    *,
    external_id: str,
    name: str,
    problems: Sequence[ChannelProblem],
    now: datetime,
) -> None:
    """Remember what a check found; an id and a name that nobody has given are taken from the provider.

    The salon is told of what lets no message pass, once for each day at most, and only when it is new.

    Raises:
        ChannelAccountTaken: another account of ours speaks for the same account at the provider.
    """
    row = IdentityRepository(session).get_account(account_id)
    known = _UNFINISHED if row.checked_at is None else {one["kind"] for one in row.problems if one["is_fatal"]}
    row.checked_at, row.problems = now, [asdict(problem) for problem in problems]
    row.external_id = row.external_id or external_id or None
    row.name = row.name or name
    session.flush()
    fresh = tuple(sorted({str(one.kind) for one in problems if one.is_fatal} - known))
    if fresh and row.status == AccountStatus.ACTIVE:  # of a rejected one the salon knows, a disabled one matters not
        fact = ChannelBroken(
            occurred_at=now,
            account_id=account_id,
            channel=Messenger(row.channel),
            problems=tuple(dict.fromkeys(Breakage(kind) for kind in fresh)),
        )
        emit(session, fact, dedupe_key=f"channel-broken:{account_id}:{now.date()}:{','.join(fresh)}")


def note_check_failed(session: WriteSession, account_id: UUID, problem: ChannelProblem, *, now: datetime) -> None:
    """Remember that a check broke off: what was known of the account stands, and it is not the next in line."""
    row = IdentityRepository(session).get_account(account_id)
    known = [stored for stored in row.problems if stored["kind"] != problem.kind]
    row.checked_at, row.problems = now, [*known, asdict(problem)]


def replace_token(
    session: WriteSession, account_id: UUID, token: str, expires_at: datetime | None, *, actor: Actor, now: datetime
) -> None:
    """Store a token that the provider has renewed."""
    present = read_credentials(session, account_id)
    change_credentials(session, account_id, {**present, "token": token}, actor=actor, now=now)
    IdentityRepository(session).get_account(account_id).token_expires_at = expires_at


def _set_status(session: WriteSession, account_id: UUID, status: AccountStatus, actor: Actor, now: datetime) -> None:
    row = IdentityRepository(session).get_account(account_id)
    if row.status != status:
        row.status, row.updated_at = status, now
        _audit(
            session,
            f"channel_account.{'enabled' if status is AccountStatus.ACTIVE else status}",
            account_id,
            actor,
            now,
        )


def _store_details(session: WriteSession, account_id: UUID, details: ChannelDetails, now: datetime) -> None:
    row = IdentityRepository(session).get_account(account_id)
    row.name, row.external_id, row.updated_at = details.name.strip(), details.external_id or None, now
    row.config = asdict(details.config)
    session.flush()


def _check_details(details: ChannelDetails) -> None:
    if details.external_id and not _EXTERNAL_ID.fullmatch(details.external_id):
        raise Invalid("`external_id` is the provider's own id of the account: letters, digits, `_`, `.` and `-`.")
    for rate in (details.config.account_rate, details.config.chat_rate):
        if rate is not None and not (1 <= rate.capacity <= MAX_RATE and 0 < rate.per_second <= MAX_RATE):
            raise Invalid(f"A rate has a capacity from 1 to {MAX_RATE} and more than 0, at most {MAX_RATE}, a second.")


def _checked_secrets(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        values = list(value) if name == "webhook_secrets" else [value]
        is_text = all(isinstance(one, str) and 0 < len(one) <= MAX_SECRET_CHARS for one in values)
        if name not in SECRETS or not is_text or not values:
            raise Invalid(f"`{name}` is not a secret that can be stored.")
        if any(not one.isprintable() or one != one.strip() for one in values):
            raise Invalid(f"`{name}` has blanks or control characters: was it copied whole?")
        found[name] = values if name == "webhook_secrets" else value
    return found


def _view(session: ReadSession, row: ChannelAccount) -> ChannelAccountView:
    stored = read_credentials(session, row.id)
    return ChannelAccountView(
        id=row.id,
        channel=row.channel,
        account_key=row.account_key,
        name=row.name,
        external_id=row.external_id,
        config=config_of(row.config),
        status=AccountStatus(row.status),
        secrets=tuple(name for name in SECRETS if stored.get(name)),
        webhook_url=row.webhook_url,
        checked_at=row.checked_at,
        problems=tuple(ChannelProblem(**problem) for problem in row.problems),
        token_expires_at=row.token_expires_at,
        paused_until=row.paused_until,
        created_at=row.created_at,
    )


def config_of(stored: Mapping[str, Any]) -> ChannelConfig:
    """A stored configuration; what another release wrote and this one does not know is passed over."""
    known = {name: value for name, value in stored.items() if name in ChannelConfig.__dataclass_fields__}
    rates = {name: SendRate(**known[name]) for name in ("account_rate", "chat_rate") if known.get(name)}
    return ChannelConfig(**{**known, **rates})


def _audit(session: WriteSession, action: str, account_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="channel_account", subject_id=account_id, actor=actor, now=now)
