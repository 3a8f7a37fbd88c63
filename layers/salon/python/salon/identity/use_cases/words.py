"""The words that a tenant speaks in: its language, its tone, and the texts that it says in its own way."""

from __future__ import annotations

from salon.identity.repository import IdentityRepository
from salon.identity.use_cases.settings import read_settings
from salon.platform.db import ReadSession
from salon.platform.texts import DEFAULT_LOCALE, DEFAULT_TONE, Texts, texts

SECTION = "texts"


def texts_for(session: ReadSession, language: str) -> Texts:
    """The words for a client who speaks `language`, as the tenant of this transaction says them."""
    stored = read_settings(session, SECTION)
    changes = stored.get(language, {})
    return texts(language, tone=str(stored.get("tone", DEFAULT_TONE)), changes=tuple(sorted(changes.items())))


def salon_language(session: ReadSession) -> str:
    """What the people of the tenant read, and clients of whom we do not know what they speak."""
    tenant = IdentityRepository(session).find_tenant()
    return tenant.locale if tenant is not None else DEFAULT_LOCALE


def salon_texts(session: ReadSession) -> Texts:
    """The words for the people of the tenant."""
    return texts_for(session, salon_language(session))
