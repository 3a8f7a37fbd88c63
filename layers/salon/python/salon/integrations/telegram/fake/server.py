"""The Bot API as a dialect of the fakes' core: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from salon.integrations.fakes import (
    Account,
    Act,
    Answer,
    ApiCall,
    ApiRefusal,
    Chat,
    DeliveryPolicy,
    Event,
    FakeMessenger,
    Fault,
    FaultKind,
    Flood,
    Item,
    Person,
    Request,
    StoredFile,
    Webhook,
)
from salon.integrations.telegram.fake.methods import ApiError, carry_out
from salon.integrations.telegram.fake.shapes import bot_user, update_of, user_of
from salon.platform.clock import Clock

SENDS = frozenset(
    {
        "sendMessage",
        "editMessageText",
        "editMessageCaption",
        "editMessageReplyMarkup",
        "sendPhoto",
        "sendDocument",
    }
)
_FIRST_UPDATE_ID = 500_000_001
_FIRST_GROUP_ID = -1_001_000_000_000  # supergroups' ids begin with -100
_ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_POLICY = DeliveryPolicy(timeout_s=60.0, keeps_without_webhook=True)


class FakeTelegram(FakeMessenger):
    """The whole fake. `start_server` or `running()` opens the HTTP side; webhooks are delivered meanwhile.

    Args:
        webhook_base_delay_s: seconds before an update's first repeat; doubles up to a minute.
        webhook_timeout_s: seconds a webhook may take.
        update_expiry_s: seconds after which an update is given up.
        delivery_workers: deliveries at the same time.
        flood_limit: messages a bot may send in a second before it gets 429; the real limit is about 30. None: any.
        chat_flood: how many messages a bot may send to one chat; the real limit is about one a second. None: any.
        state_file: where everything is kept between runs; None keeps nothing.
        clock: tells the time of messages and of expiry.
    """

    provider = "telegram"
    sends = SENDS
    fault_kinds = frozenset(
        {
            FaultKind.TOO_MANY,
            FaultKind.BLOCKED,
            FaultKind.UNAUTHORIZED,
            FaultKind.REJECTED,
            FaultKind.MIGRATED,
        }
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "human_reply": "Nobody but the bot itself writes in a bot's name in Telegram."
    }
    splits_albums = True
    file_prefix = "AwACAgIAAx"

    def __init__(
        self,
        *,
        webhook_base_delay_s: float = 1.0,
        webhook_timeout_s: float = 60.0,
        update_expiry_s: float = 86_400.0,
        delivery_workers: int = 8,
        flood_limit: int | None = None,
        chat_flood: Flood | None = None,
        state_file: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(
            policy=replace(_POLICY, expiry_s=update_expiry_s),
            webhook_base_delay_s=webhook_base_delay_s,
            webhook_timeout_s=webhook_timeout_s,
            delivery_workers=delivery_workers,
            flood=None if flood_limit is None else Flood(flood_limit),
            chat_flood=chat_flood,
            state_file=state_file,
            clock=clock,
        )

    def add_account(
        self,
        token: str,
        *,
        external_id: str = "",
        name: str = "Салон",
        username: str = "salon_bot",
        key: str = "",
        **settings: Any,
    ) -> Account:
        """A bot with this token, whose id is the token's beginning; the one that is there already when there is one."""
        digits = token.partition(":")[0]
        made = digits if digits.isdecimal() else str(9_000_000_000 + zlib.crc32(token.encode()))
        given: dict[str, Any] = {"name": name, "username": username, "key": key, **settings}
        return super().add_account(token, external_id=external_id or made, **given)

    def upgrade_group(self, title: str, *, bot: Account | str | None = None) -> Chat:
        """A group gets a new id: calls for the old one are refused with the new one, and a service message tells."""
        with self.lock:
            account, old = self.the_bot(bot), self.group_of(title, bot)
            old.title = f"{title} (was)"
            new = self.group_of(title, account)
            old.extra["migrated_to"] = new.chat_id
            content = {
                "message_id": account.count("message"),
                "from": user_of(self.state.people[old.members[0]]) if old.members else bot_user(account),
                "chat": {"id": int(old.chat_id), "title": title, "type": "group"},
                "date": int(self.now()),
                "migrate_to_chat_id": int(new.chat_id),
            }
            self.post_update(account, old.user_id, "message", content)
            return new

    def post_update(self, bot: Account, chat: int, kind: str, content: dict[str, Any]) -> None:
        """Queue an `Update` of any kind for the bot's webhook."""
        with self.lock:
            told_of = int(content.get("message_id") or 0)
            for event in self._events(bot, kind, content):
                self.post_event(bot, event.kind, event.body, chat=chat, message_id=told_of)

    # --- the dialect

    def read_call(self, request: Request) -> ApiCall | Answer:
        """A method's call, or a download."""
        if request.path.startswith("/file/bot"):
            token, _, path = request.path.removeprefix("/file/bot").partition("/")
            call = self.call_of(request, "download", token=token)
            call.params = {"path": path}
            return call
        token, _, method = request.path.removeprefix("/bot").partition("/")
        if not request.path.startswith("/bot") or not method:
            return _error(ApiError(404, "Not Found"))
        return self.call_of(request, method, token=token)

    def unreadable(self) -> Answer:
        """A body that is not what its type says."""
        return _error(ApiError(400, "Bad Request: can't parse the request"))

    def carry_out(self, account: Account, call: ApiCall) -> Answer:
        """A method, or a download."""
        if call.method == "download":
            file = self.file_at(str(call.params["path"]))
            if file is None:
                raise ApiRefusal(_error(ApiError(404, "Not Found")))
            return Answer(200, file.data, "application/octet-stream")
        try:
            result = carry_out(self, account, call.method, {**call.params, **call.parts})
        except ApiError as error:
            raise ApiRefusal(_error(error)) from None
        return Answer.json({"ok": True, "result": result})

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """In the real server's words."""
        del call
        match fault.kind:
            case FaultKind.TOO_MANY:
                seconds = max(1, round(fault.seconds))
                return _error(ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))
            case FaultKind.BLOCKED:
                return _error(ApiError(403, "Forbidden: bot was blocked by the user"))
            case FaultKind.REJECTED:
                return _error(ApiError(400, str(fault.code or "Bad Request: wrong parameter in the request")))
            case FaultKind.MIGRATED:
                said = "Bad Request: group chat was upgraded to a supergroup chat"
                return _error(ApiError(400, said, migrate_to_chat_id=fault.to_chat_id))
            case _:
                return _error(ApiError(401, "Unauthorized"))

    def events_of(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """The update that tells of an act, where there is one."""
        update = update_of(self.state, account, chat, act)
        return self._events(account, *update) if update else ()

    def headers_of(self, account: Account, webhook: Webhook, body: bytes, attempt: int) -> dict[str, str]:
        """The secret."""
        del account, body, attempt
        return {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}

    def answered(self, account: Account, webhook: Webhook, content: bytes) -> None:
        """A webhook may answer with one method call; its outcome is told to nobody."""
        del webhook
        try:
            reply = json.loads(content)
        except ValueError:
            return
        if not isinstance(reply, dict) or not isinstance(reply.get("method"), str):
            return
        params = {key: value for key, value in reply.items() if key != "method"}
        call = ApiCall(self.now(), account.token, reply["method"], params, account=account.key)
        self.calls.append(call)
        with suppress(ApiError):
            carry_out(self, account, call.method, params)
            call.status = 200

    def has_subscribed(self, account: Account, webhook: Webhook | None, kind: str) -> bool:
        """`allowed_updates` belongs to the bot and outlives its webhook."""
        del webhook
        allowed = account.settings.get("allowed_updates")
        return kind in allowed if allowed else kind not in _ONLY_WHEN_ASKED

    def id_of_chat(self, account: Account, chat: Chat) -> str:
        """A private chat has the person's number."""
        return str(_FIRST_GROUP_ID + chat.user_id) if chat.is_group else super().id_of_chat(account, chat)

    def stored(self, account: Account, item: Item, file: StoredFile) -> None:
        """Telegram makes pictures of several sizes."""
        del account
        if item.kind == "photo":
            small = self.store_file("photos", file.data, name=file.name, mime=file.mime)
            item.extra["small"] = small.file_id

    def text_of_start(self, person: Person, param: str) -> str:
        """A command."""
        del person
        return f"/start {param}".strip()

    def _events(self, account: Account, kind: str, content: dict[str, Any]) -> list[Event]:
        if not self.has_subscribed(account, None, kind):
            return []
        number = account.count("update", first=_FIRST_UPDATE_ID)
        inner = json.dumps({kind: content}, ensure_ascii=False)[1:]
        return [Event(kind, f'{{"update_id":{number},\n{inner}')]  # the raw line break is the real server's


def _error(error: ApiError) -> Answer:
    return Answer.json(error.as_json(), error.status)
