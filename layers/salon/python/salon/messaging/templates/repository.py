"""Every query of approved texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.messaging.models import TemplateRow
from salon.messaging.ports import Template
from salon.messaging.templates.domain import MessageTemplate, TemplateDetails, TemplateStatus
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


def find_template(session: ReadSession, *, account_id: UUID, purpose: str, language: str) -> MessageTemplate | None:
    """The text chosen for a purpose."""
    row = session.scalars(
        select(TemplateRow).where(
            TemplateRow.account_id == account_id, TemplateRow.purpose == purpose, TemplateRow.language == language
        )
    ).one_or_none()
    return _template(row) if row else None


def list_templates(session: ReadSession, account_id: UUID) -> list[MessageTemplate]:
    """All of an account, by purpose."""
    rows = session.scalars(
        select(TemplateRow)
        .where(TemplateRow.account_id == account_id)
        .order_by(TemplateRow.purpose, TemplateRow.language)
    )
    return [_template(row) for row in rows]


def put_template(
    session: WriteSession, *, account_id: UUID, purpose: str, language: str, details: TemplateDetails, now: datetime
) -> None:
    """Choose a text for a purpose; what the provider thinks of it is not known until it is asked."""
    values = {
        "name": details.name,
        "provider_language": details.provider_language,
        "status": TemplateStatus.UNKNOWN.value,
        "category": "",
        "body": "",
        "updated_at": now,
    }
    session.execute(
        pg_insert(TemplateRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            account_id=account_id,
            purpose=purpose,
            language=language,
            **values,
        )
        .on_conflict_do_update(constraint="uq_message_templates_purpose", set_=values)
    )


def remove_template(session: WriteSession, *, account_id: UUID, purpose: str, language: str) -> bool:
    """Say nothing for a purpose any more; whether there was something."""
    gone = session.execute(
        delete(TemplateRow)
        .where(TemplateRow.account_id == account_id, TemplateRow.purpose == purpose, TemplateRow.language == language)
        .returning(TemplateRow.id)
    )
    return bool(gone.all())


def note_templates(
    session: WriteSession, account_id: UUID, known: Iterable[Template] | None, now: datetime
) -> list[str]:
    """Take over what the provider says about the texts of an account; names of those that may not be used.

    Args:
        session: the transaction.
        account_id: whose.
        known: all that the provider has; None when it did not say, and what is stored stands: reminders outside the
            window go out by it.
        now: when it was asked.
    """
    rows = session.scalars(select(TemplateRow).where(TemplateRow.account_id == account_id).with_for_update()).all()
    if known is None:
        return sorted({row.name for row in rows if row.status != TemplateStatus.APPROVED})
    by_name = {(template.name, template.language): template for template in known}
    unusable = []
    for row in rows:
        found = by_name.get((row.name, row.provider_language))
        status = found.status if found and found.status in set(TemplateStatus) else TemplateStatus.UNKNOWN
        if found is not None and (row.status, row.body, row.category) != (status, found.body, found.category):
            row.status, row.body, row.category, row.updated_at = status, found.body, found.category, now
        elif found is None:
            row.status = TemplateStatus.UNKNOWN
        if row.status != TemplateStatus.APPROVED:
            unusable.append(row.name)
    return sorted(set(unusable))


def _template(row: TemplateRow) -> MessageTemplate:
    return MessageTemplate(
        id=row.id,
        account_id=row.account_id,
        purpose=row.purpose,
        language=row.language,
        name=row.name,
        provider_language=row.provider_language,
        category=row.category,
        body=row.body,
        status=TemplateStatus(row.status),
        updated_at=row.updated_at,
    )
