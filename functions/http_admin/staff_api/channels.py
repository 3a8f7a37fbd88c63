"""Accounts at messengers: secrets that go in only, the webhook by one call, and what is wrong with an account."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, Field
from pydantic.dataclasses import dataclass

from salon.identity.access import Permission
from salon.identity.domain import ChannelAccountView, ChannelConfig, ChannelDetails, SendRate
from salon.identity.edge import Api, changes, reads
from salon.identity.errors import ChannelAccountIncomplete, ChannelAccountNotFound, ChannelAccountTaken
from salon.identity.use_cases import channels
from salon.messaging.domain import Channel
from salon.messaging.templates import use_cases as templates
from salon.messaging.templates.domain import MessageTemplate, TemplateDetails
from salon.messaging.use_cases.accounts import (
    AccountDesk,
    ProviderRefused,
    PublicUrlMissing,
)
from salon.platform.http import ApiResolver
from staff_api.common import REPEATABLE, STRICT, Done, Items

ALL = "/admin/v1/channels"
ONE = "/admin/v1/channels/<account_id>"
TEMPLATE = f"{ONE}/templates/<purpose>/<language>"
_PROVIDER = (ChannelAccountNotFound, ChannelAccountIncomplete, ProviderRefused)

PurposeName = Annotated[str, Path(max_length=32, pattern="^[a-z0-9_]+$")]
LanguageName = Annotated[str, Path(pattern="^[a-z]{2}$")]
Secret = Annotated[str, Field(min_length=1, max_length=channels.MAX_SECRET_CHARS)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RateBody(SendRate):
    """How often may be sent."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ConfigBody(ChannelConfig):
    """What the salon has decided about the account."""

    account_rate: RateBody | None = None
    chat_rate: RateBody | None = None
    app_id: Annotated[str, Field(max_length=64)] = ""
    business_id: Annotated[str, Field(max_length=64)] = ""


class SecretsBody(BaseModel):
    """Secrets to store; they are never shown again. What is left out stays as it is.

    For WhatsApp and Instagram `webhook_secrets` are the app's secrets; for the others one is made up.
    """

    model_config = STRICT

    token: Secret | None = None
    webhook_secrets: Annotated[list[Secret], Field(min_length=1, max_length=3)] | None = None
    verify_token: Secret | None = None
    confirmation: Secret | None = None

    def given(self) -> dict[str, Any]:
        """What was said."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class ChannelBody(BaseModel):
    """What a person says about an account."""

    model_config = STRICT

    name: str = Field(default="", max_length=200)
    external_id: str | None = Field(default=None, max_length=64, description="The account's id at the provider.")
    config: ConfigBody = Field(default_factory=ConfigBody)

    def details(self) -> ChannelDetails:
        """The same for the use case."""
        return ChannelDetails(name=self.name, external_id=self.external_id, config=self.config)


class NewChannelBody(ChannelBody):
    """A new account."""

    channel: Channel
    secrets: SecretsBody = Field(default_factory=SecretsBody)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TemplateBody(TemplateDetails):
    """Which of the provider's approved texts is used."""


def add_channel_routes(resolver: ApiResolver, api: Api, desk: AccountDesk) -> None:
    """`/channels`."""
    _add_reading(resolver, api)
    _add_changing(resolver, api)
    _add_life(resolver, api)
    _add_provider(resolver, api, desk)
    _add_templates(resolver, api)


def _add_reading(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ALL, tags=["channels"], responses=reads())
    def list_channels() -> Items[ChannelAccountView]:
        with api.read(Permission.CHANNELS_READ) as call:
            return Items(items=channels.list_channel_accounts(call.session))

    @resolver.get(ONE, tags=["channels"], responses=reads(ChannelAccountNotFound))
    def get_channel(account_id: UUID) -> ChannelAccountView:
        with api.read(Permission.CHANNELS_READ) as call:
            return channels.get_channel_account(call.session, account_id)


def _add_changing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(ALL, tags=["channels"], status_code=201, responses=changes(ChannelAccountTaken, status=201))
    def create_channel(body: Annotated[NewChannelBody, Body()]) -> ChannelAccountView:
        with api.write(Permission.CHANNELS_WRITE) as call:
            made = channels.create_channel_account(
                call.session, body.channel, body.details(), body.secrets.given(), actor=call.actor, now=call.now
            )
            return call.answer(made)

    @resolver.put(ONE, tags=["channels"], responses=changes(ChannelAccountNotFound, ChannelAccountTaken))
    def change_channel(account_id: UUID, body: Annotated[ChannelBody, Body()]) -> ChannelAccountView:
        with api.write(Permission.CHANNELS_WRITE) as call:
            channels.change_channel_account(call.session, account_id, body.details(), actor=call.actor, now=call.now)
            return call.answer(channels.get_channel_account(call.session, account_id))

    @resolver.put(f"{ONE}/secrets", tags=["channels"], responses=changes(ChannelAccountNotFound))
    def change_secrets(account_id: UUID, body: Annotated[SecretsBody, Body()]) -> ChannelAccountView:
        with api.write(Permission.CHANNELS_WRITE) as call:
            channels.change_channel_secrets(call.session, account_id, body.given(), actor=call.actor, now=call.now)
            return call.answer(channels.get_channel_account(call.session, account_id))


def _add_life(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(f"{ONE}/disable", tags=["channels"], responses=changes(ChannelAccountNotFound))
    def disable_channel(account_id: UUID) -> ChannelAccountView:
        with api.write(Permission.CHANNELS_WRITE) as call:
            channels.disable_channel_account(call.session, account_id, actor=call.actor, now=call.now)
            return call.answer(channels.get_channel_account(call.session, account_id))

    @resolver.post(
        f"{ONE}/enable", tags=["channels"], responses=changes(ChannelAccountNotFound, ChannelAccountIncomplete)
    )
    def enable_channel(account_id: UUID) -> ChannelAccountView:
        with api.write(Permission.CHANNELS_WRITE) as call:
            channels.enable_channel_account(call.session, account_id, actor=call.actor, now=call.now)
            return call.answer(channels.get_channel_account(call.session, account_id))

    @resolver.delete(ONE, tags=["channels"], responses=changes(ChannelAccountNotFound))
    def remove_channel(account_id: UUID) -> Done:
        with api.write(Permission.CHANNELS_WRITE) as call:
            channels.remove_channel_account(call.session, account_id, actor=call.actor, now=call.now)
            return call.answer(Done())


def _add_provider(resolver: ApiResolver, api: Api, desk: AccountDesk) -> None:
    """Calls that reach the provider: each is repeatable, and none holds a transaction open meanwhile."""

    @resolver.post(
        f"{ONE}/webhook",
        tags=["channels"],
        responses=reads(*_PROVIDER, PublicUrlMissing),
        openapi_extensions=REPEATABLE,
    )
    def register_webhook(account_id: UUID) -> ChannelAccountView:
        with api.read(Permission.CHANNELS_WRITE) as call:
            tenant_id, actor = call.principal.tenant_id, call.actor
        return desk.register(tenant_id, account_id, actor=actor)

    @resolver.delete(f"{ONE}/webhook", tags=["channels"], responses=reads(*_PROVIDER), openapi_extensions=REPEATABLE)
    def unregister_webhook(account_id: UUID) -> ChannelAccountView:
        with api.read(Permission.CHANNELS_WRITE) as call:
            tenant_id, actor = call.principal.tenant_id, call.actor
        return desk.unregister(tenant_id, account_id, actor=actor)

    @resolver.post(
        f"{ONE}/check",
        tags=["channels"],
        responses=reads(ChannelAccountNotFound),
        openapi_extensions=REPEATABLE,
    )
    def check_channel(account_id: UUID) -> ChannelAccountView:
        with api.read(Permission.CHANNELS_READ) as call:
            tenant_id = call.principal.tenant_id
        return desk.check(tenant_id, account_id)


def _add_templates(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(f"{ONE}/templates", tags=["channels"], responses=reads(ChannelAccountNotFound))
    def list_templates(account_id: UUID) -> Items[MessageTemplate]:
        with api.read(Permission.CHANNELS_READ) as call:
            return Items(items=templates.list_templates(call.session, account_id))

    @resolver.put(TEMPLATE, tags=["channels"], responses=changes(ChannelAccountNotFound))
    def choose_template(
        account_id: UUID,
        purpose: PurposeName,
        language: LanguageName,
        body: Annotated[TemplateBody, Body()],
    ) -> MessageTemplate:
        with api.write(Permission.CHANNELS_WRITE) as call:
            chosen = templates.choose_template(
                call.session, account_id, purpose, language, body, actor=call.actor, now=call.now
            )
            return call.answer(chosen)

    @resolver.delete(TEMPLATE, tags=["channels"], responses=changes(ChannelAccountNotFound))
    def drop_template(account_id: UUID, purpose: PurposeName, language: LanguageName) -> Done:
        with api.write(Permission.CHANNELS_WRITE) as call:
            templates.drop_template(call.session, account_id, purpose, language, actor=call.actor, now=call.now)
            return call.answer(Done())
