"""What a person or the system does with tenants and their accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.identity.domain import AccountStatus, Actor, QuietHours
from salon.identity.events import ChannelRejected, Messenger
from salon.identity.models import AuditEntry, ChannelAccount, Tenant
from salon.identity.repository import IdentityRepository, add
from salon.platform import correlation, keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.errors import Invalid
from salon.platform.ids import new_id
from salon.platform.outbox import emit

CREDENTIALS_PURPOSE = "channel_credentials"
MAX_WEBHOOK_SECRETS = 2


def record_audit(
    session: WriteSession,
    *,
    action: str,
    subject: str,
    subject_id: UUID,
    actor: Actor,
    now: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append to the audit log, in the transaction of the change itself.

    Args:
        session: that transaction.
        action: dotted past tense, unique over the code base: `booking.cancelled`.
        subject: the kind of thing, as its table's singular.
        subject_id: the thing.
        actor: who did it.
        now: when.
        data: ids, states and instants; never personal data.
    """
    add(
        session,
        AuditEntry(
            tenant_id=tenant_of(session),
            action=action,
            subject=subject,
            subject_id=subject_id,
            actor_kind=actor.kind,
            actor_id=actor.id,
            data=json.loads(json.dumps(dict(data or {}), default=str)),
            correlation_id=correlation.current_id(),
            at=now,
        ),
    )


def create_tenant(session: WriteSession, *, name: str, actor: Actor, now: datetime, locale: str = "ru") -> None:
    """Make the tenant of this transaction: its row and its data key.

    The caller chose the id and opened the transaction with it, because row-level security admits no other.
    """
    quiet = QuietHours()
    tenant_id = tenant_of(session)
    add(
        session,
        Tenant(
            id=tenant_id,
            name=name,
            locale=locale,
            quiet_from_min=quiet.start_min,
            quiet_until_min=quiet.end_min,
            created_at=now,
        ),
    )
    keys.create_tenant_key(session, now)
    record_audit(session, action="tenant.created", subject="tenant", subject_id=tenant_id, actor=actor, now=now)


def find_tenant(session: ReadSession) -> Tenant | None:
    """The business of this transaction, None when there is none of that id."""
    return IdentityRepository(session).find_tenant()


def quiet_hours(session: ReadSession) -> QuietHours:
    """When the tenant's clients are not written to unasked."""
    tenant = IdentityRepository(session).get_tenant()
    return QuietHours(tenant.quiet_from_min, tenant.quiet_until_min)


def add_channel_account(
    session: WriteSession,
    *,
    channel: str,
    account_key: str,
    credentials: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> UUID:
    """Register a tenant's account at a messenger; `credentials` hold `token` and `webhook_secrets`.

    Raises:
        ChannelAccountTaken: the key is registered already, by this tenant or another.
    """
    account_id = new_id()
    add(
        session,
        ChannelAccount(
            id=account_id,
            tenant_id=tenant_of(session),
            channel=channel,
            account_key=account_key,
            credentials=seal_credentials(session, credentials),
            status=AccountStatus.ACTIVE,
            created_at=now,
            updated_at=now,
        ),
    )
    _audit_account(session, "channel_account.added", account_id, actor, now)
    return account_id


def read_credentials(session: ReadSession, account_id: UUID) -> dict[str, Any]:
    """The account's secrets, for an adapter; never for an answer to anybody."""
    account = IdentityRepository(session).get_account(account_id)
    sealed = keys.open_for_tenant(session, account.credentials, purpose=CREDENTIALS_PURPOSE)
    credentials: dict[str, Any] = json.loads(sealed)
    return {**credentials, "external_id": account.external_id or ""}


def change_credentials(
    session: WriteSession, account_id: UUID, credentials: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Replace the account's secrets and give it another chance if the provider had rejected the old ones."""
    account = IdentityRepository(session).get_account(account_id)
    account.credentials = seal_credentials(session, credentials)
    account.status, account.updated_at, account.paused_until = AccountStatus.ACTIVE, now, None
    _audit_account(session, "channel_account.credentials_changed", account_id, actor, now)


def begin_secret_rotation(
    session: WriteSession, account_id: UUID, new_secret: str, *, actor: Actor, now: datetime
) -> None:
    """Accept a new webhook secret beside the present one, until `end_secret_rotation`.

    Raises:
        Invalid: a rotation is under way already, or the secret is empty.
    """
    credentials = read_credentials(session, account_id)
    present = list(credentials.get("webhook_secrets", []))
    if not new_secret:
        raise Invalid("An empty secret would refuse every message.")
    if len(present) >= MAX_WEBHOOK_SECRETS:
        raise Invalid("A secret is being changed already; end that rotation first.")
    change_credentials(
        session, account_id, {**credentials, "webhook_secrets": [new_secret, *present]}, actor=actor, now=now
    )


def end_secret_rotation(session: WriteSession, account_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Accept only the newest webhook secret from now on; the provider has been told by then."""
    credentials = read_credentials(session, account_id)
    newest = list(credentials.get("webhook_secrets", []))[:1]
    change_credentials(session, account_id, {**credentials, "webhook_secrets": newest}, actor=actor, now=now)


def mark_account_rejected(session: WriteSession, account_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The provider does not accept the token: stop sending until somebody changes it, and tell the salon once."""
    account = IdentityRepository(session).get_account(account_id)
    if account.status == AccountStatus.ACTIVE:
        incident = f"channel-rejected:{account_id}:{account.updated_at.isoformat()}"  # two senders learn it at once
        fact = ChannelRejected(occurred_at=now, account_id=account_id, channel=Messenger(account.channel))
        emit(session, fact, dedupe_key=incident)
        account.status, account.updated_at = AccountStatus.REJECTED, now
        _audit_account(session, "channel_account.rejected", account_id, actor, now)


def pause_account(session: WriteSession, account_id: UUID, until: datetime) -> None:
    """The provider asked the whole account to slow down."""
    account = IdentityRepository(session).get_account(account_id)
    if account.paused_until is None or account.paused_until < until:
        account.paused_until = until


def seal_credentials(session: ReadSession, credentials: Mapping[str, Any]) -> bytes:
    """Secrets as they are stored."""
    return keys.seal_for_tenant(session, json.dumps(dict(credentials)), purpose=CREDENTIALS_PURPOSE)


def _audit_account(session: WriteSession, action: str, account_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(session, action=action, subject="channel_account", subject_id=account_id, actor=actor, now=now)
