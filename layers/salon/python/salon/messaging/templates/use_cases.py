"""What a person does with approved texts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.identity.use_cases.business import LOCALES
from salon.identity.use_cases.channels import get_channel_account
from salon.messaging.templates import repository
from salon.messaging.templates.domain import MessageTemplate, TemplateDetails, check_template
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Invalid, NotFound


def list_templates(session: ReadSession, account_id: UUID) -> list[MessageTemplate]:
    """The texts chosen for an account.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    get_channel_account(session, account_id)
    return repository.list_templates(session, account_id)


def choose_template(
    session: WriteSession,
    account_id: UUID,
    purpose: str,
    language: str,
    details: TemplateDetails,
    *,
    actor: Actor,
    now: datetime,
) -> MessageTemplate:
    """Say which of the provider's texts is used for a purpose; the next check asks whether it is approved.

    Raises:
        ChannelAccountNotFound: the tenant has no such account.
        Invalid: an unknown purpose, language or name.
    """
    get_channel_account(session, account_id)
    check_template(purpose, details)
    if language not in LOCALES:
        raise Invalid(f"A template is for clients who speak one of: {', '.join(LOCALES)}.")
    repository.put_template(
        session, account_id=account_id, purpose=purpose, language=language, details=details, now=now
    )
    _audit(session, "channel_account.template_chosen", account_id, (purpose, language), actor=actor, now=now)
    found = repository.find_template(session, account_id=account_id, purpose=purpose, language=language)
    if found is None:
        raise NotFound("template", purpose)
    return found


def drop_template(
    session: WriteSession, account_id: UUID, purpose: str, language: str, *, actor: Actor, now: datetime
) -> None:
    """Use no text for a purpose any more. Repeatable.

    Raises:
        ChannelAccountNotFound: the tenant has no such account.
    """
    get_channel_account(session, account_id)
    if repository.remove_template(session, account_id=account_id, purpose=purpose, language=language):
        _audit(session, "channel_account.template_dropped", account_id, (purpose, language), actor=actor, now=now)


def _audit(
    session: WriteSession, action: str, account_id: UUID, template: tuple[str, str], *, actor: Actor, now: datetime
) -> None:
    data = {"purpose": template[0], "language": template[1]}
    record_audit(
        session, action=action, subject="channel_account", subject_id=account_id, actor=actor, now=now, data=data
    )
