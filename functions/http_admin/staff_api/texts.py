"""What the assistant says: every text as it stands, for whoever wants to say one otherwise (section `texts`)."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from salon.identity.access import Permission
from salon.identity.edge import Api, reads
from salon.identity.use_cases import read_settings
from salon.messaging.use_cases.words import SECTION
from salon.platform.http import ApiResolver
from salon.platform.texts import tones, wordings


class TextView(BaseModel):
    """One text."""

    id: str
    wording: str = Field(description="As it is said unless it is changed; Fluent, what stands in braces is filled in.")
    own: str | None = Field(description="As this salon says it; null when it changed nothing.")


class TextsView(BaseModel):
    """All texts of a language."""

    tone: str | None = Field(description="The tone this salon has chosen; null for the plain one.")
    tones: list[str]
    items: list[TextView]


def add_text_routes(resolver: ApiResolver, api: Api) -> None:
    """`/texts`; they are changed by writing the section `texts` of the settings."""

    @resolver.get("/admin/v1/texts", tags=["settings"], responses=reads())
    def list_texts(locale: Annotated[Literal["ru", "en"], Query()] = "ru") -> TextsView:
        with api.read(Permission.SETTINGS_READ) as call:
            stored = read_settings(call.session, SECTION)
        own = stored.get(locale, {})
        items = [
            TextView(id=name, wording=wording, own=own.get(name)) for name, wording in sorted(wordings(locale).items())
        ]
        return TextsView(tone=stored.get("tone"), tones=list(tones()), items=items)
