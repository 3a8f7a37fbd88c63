"""How each provider calls a webhook: hand-written bodies, signed as the provider signs, and accounts to send them to.

Every body is built from its parts here; none is a recording. What a test varies is an argument: whose account, which
event, who writes, what.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.identity.domain import system
from salon.identity.use_cases import add_channel_account
from salon.messaging.domain import Channel
from salon.platform.db import Database

ACTOR = system("tests")
SENT_AT = 1_773_214_200  # 11 March 2026, 10:30 in Moscow
Body = dict[str, Any]


@dataclass(frozen=True)
class HookAccount:
    """An account that a provider calls, and what both sides know of it."""

    channel: Channel
    tenant_id: UUID
    account_id: UUID
    key: str
    external_id: str
    secret: str
    verify_token: str = "verify-me"
    confirmation: str = "c0nf1rm"

    @property
    def path(self) -> str:
        return f"/webhooks/{self.channel}/{self.key}"

    def signed(self, body: bytes, *, secret: str | None = None) -> dict[str, str]:
        """The headers that the provider sends with these bytes."""
        return sign(self.channel, body, self.secret if secret is None else secret)

    def text(
        self, number: int, words: str = "привет", person: str = "700000042", *, secret: str | None = None
    ) -> bytes:
        """A message of a person, as this provider sends it."""
        return pack(TEXTS[self.channel](self, number, words, person), self, secret)

    def batch(self, texts: Iterable[tuple[int, str, str]]) -> bytes:
        """Messages (number, words, person) in as few bodies as the provider makes: one for Meta."""
        made = [TEXTS[self.channel](self, *one) for one in texts]
        return pack({**made[0], "entry": [entry for body in made for entry in body["entry"]]}, self)


def sign(channel: Channel, body: bytes, secret: str) -> dict[str, str]:
    """Headers by which a provider proves itself; VK's proof lies in the body (`pack`)."""
    match channel:
        case Channel.TELEGRAM:
            return {"X-Telegram-Bot-Api-Secret-Token": secret}
        case Channel.MAX:
            return {"X-Max-Bot-Api-Secret": secret}
        case Channel.VK:
            return {}
        case _:
            digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            return {"X-Hub-Signature-256": f"sha256={digest}"}


def pack(body: Body, account: HookAccount, secret: str | None = None) -> bytes:
    """The bytes on the wire: Meta escapes what is not ASCII, VK puts its secret inside."""
    if account.channel is Channel.VK:
        body = {**body, "secret": account.secret if secret is None else secret}
    return json.dumps(body, ensure_ascii=account.channel in {Channel.WHATSAPP, Channel.INSTAGRAM}).encode()


def telegram_text(account: HookAccount, number: int, words: str, person: str) -> Body:
    del account
    who = {"id": int(person), "is_bot": False, "first_name": "Лукерья", "language_code": "ru"}
    chat = {"id": int(person), "type": "private", "first_name": "Лукерья"}
    message = {"message_id": number, "date": SENT_AT + number, "from": who, "chat": chat, "text": words}
    return {"update_id": number, "message": message}


def max_text(account: HookAccount, number: int, words: str, person: str) -> Body:
    return {
        "update_type": "message_created",
        "timestamp": (SENT_AT + number) * 1000,
        "user_locale": "ru",
        "message": {
            "recipient": {"chat_id": int(person) + 1, "chat_type": "dialog", "user_id": int(account.external_id)},
            "timestamp": (SENT_AT + number) * 1000,
            "body": {"mid": f"mid.{number:032x}", "seq": 116993690454357274 + number, "text": words},
            "sender": {"user_id": int(person), "first_name": "Лукерья", "is_bot": False, "name": "Лукерья"},
        },
    }


def vk_text(account: HookAccount, number: int, words: str, person: str) -> Body:
    message = {
        "date": SENT_AT + number,
        "from_id": int(person),
        "id": number,
        "out": 0,
        "peer_id": int(person),
        "text": words,
        "conversation_message_id": number,
        "fwd_messages": [],
        "attachments": [],
        "random_id": 0,
    }
    info = {"button_actions": ["text", "callback", "open_link"], "keyboard": True, "inline_keyboard": True}
    return {
        "type": "message_new",
        "group_id": int(account.external_id),
        "event_id": f"{number:040x}",
        "v": "5.199",
        "object": {"message": message, "client_info": info},
    }


def whatsapp_text(account: HookAccount, number: int, words: str, person: str) -> Body:
    message = {"from": person, "id": f"wamid.{number}", "timestamp": str(SENT_AT + number), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "79000000001", "phone_number_id": account.external_id},
        "contacts": [{"profile": {"name": "Лукерья"}, "wa_id": person}],
        "messages": [{**message, "text": {"body": words}}],
    }
    entry = {"id": "100200300400500", "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def instagram_text(account: HookAccount, number: int, words: str, person: str) -> Body:
    event = {
        "sender": {"id": person},
        "recipient": {"id": account.external_id},
        "timestamp": (SENT_AT + number) * 1000,
        "message": {"mid": f"mid-{number}", "text": words},
    }
    return {
        "object": "instagram",
        "entry": [{"id": account.external_id, "time": (SENT_AT + number) * 1000, "messaging": [event]}],
    }


TEXTS: dict[Channel, Callable[[HookAccount, int, str, str], Body]] = {
    Channel.TELEGRAM: telegram_text,
    Channel.MAX: max_text,
    Channel.VK: vk_text,
    Channel.WHATSAPP: whatsapp_text,
    Channel.INSTAGRAM: instagram_text,
}
EXTERNAL_IDS = {
    Channel.TELEGRAM: "100",
    Channel.MAX: "277639678",
    Channel.VK: "203076503",
    Channel.WHATSAPP: "1122334455667",
    Channel.INSTAGRAM: "17841472110558136",
}
NAMES_ITS_ACCOUNT = frozenset({Channel.VK, Channel.WHATSAPP, Channel.INSTAGRAM})
BATCHED = frozenset({Channel.WHATSAPP, Channel.INSTAGRAM})


@dataclass
class HookAccounts:
    """Makes accounts in a database, one after another, each with an id and a secret of its own."""

    database: Database
    now: datetime
    made: list[HookAccount] = field(default_factory=list)

    def add(self, channel: Channel, tenant_id: UUID, **changes: Any) -> HookAccount:
        """An account of a tenant; `changes` are of `HookAccount`, an empty value leaves the setting out."""
        number = len(self.made)
        wanted = HookAccount(
            channel,
            tenant_id,
            tenant_id,
            key=f"{channel}-{number}",
            external_id=str(int(EXTERNAL_IDS[channel]) + number),
            secret=f"hook-secret-{number}",
        )
        wanted = replace(wanted, **changes)
        secrets = {
            "token": f"10{number}:test-token",
            "webhook_secrets": [wanted.secret] if wanted.secret else [],
            "verify_token": wanted.verify_token,
            "confirmation": wanted.confirmation,
        }
        with self.database.transaction(tenant_id) as session:
            account_id = add_channel_account(
                session, channel=channel, account_key=wanted.key, credentials=secrets, actor=ACTOR, now=self.now
            )
            session.execute(
                text("UPDATE channel_accounts SET external_id = :external WHERE id = :id"),
                {"external": wanted.external_id or None, "id": account_id},
            )
        self.made.append(replace(wanted, account_id=account_id))
        return self.made[-1]
