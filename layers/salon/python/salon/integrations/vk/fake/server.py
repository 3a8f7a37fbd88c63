"""VK as a dialect of the fakes' core: what it is asked over HTTP, and what it tells its servers of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from salon.integrations.fakes import (
    Account,
    Act,
    Answer,
    ApiCall,
    Chat,
    DeliveryPolicy,
    Event,
    FakeMessenger,
    Fault,
    FaultKind,
    Item,
    Message,
    Person,
    Request,
    Webhook,
)
from salon.integrations.fakes.state import MessageRef
from salon.integrations.fakes.world import AccountRef, User
from salon.integrations.vk.fake import files, groups, messages
from salon.integrations.vk.fake.shapes import NEW_APP, OLD_APP, REACTIONS, happened
from salon.integrations.vk.fake.words import refusal, result

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_FIRST_CHAT = 2_000_000_000
_POSTPONING = frozenset({410, 429, 503})
_LONGEST_DELAY_S = 3 * 3600.0
_METHODS = {**messages.METHODS, **files.METHODS, **groups.METHODS}


class FakeVk(FakeMessenger):
    """The whole fake. `add_account(token, external_id=…)` adds a community; `external_id` is a number.

    An account's settings: `confirmation` (the string that servers have to know), `messages`, `bots_capabilities` (0 for
    switched off). `set_webhook` sets a server without asking it anything, as a stage has it; `groups.addCallbackServer`
    asks.

    Args:
        pause_s: for how long events wait after several errors in a row.
        stage: what `fakes.FakeMessenger` takes.
    """

    provider: ClassVar[str] = "vk"
    policy = DeliveryPolicy(base_delay_s=2.0, max_delay_s=600.0, timeout_s=10.0, patience_failures=5)
    sends: ClassVar[frozenset[str]] = frozenset({"messages.send", "messages.edit"})
    fault_kinds: ClassVar[frozenset[FaultKind]] = frozenset(
        {
            FaultKind.TOO_MANY,
            FaultKind.BLOCKED,
            FaultKind.UNAUTHORIZED,
            FaultKind.WINDOW_CLOSED,
            FaultKind.POLICY,
            FaultKind.REJECTED,
        }
    )
    cannot: ClassVar[Mapping[str, str]] = {
        "send_contact": "VK has no contact cards, and no key that shares one's number.",
    }
    unlocked: ClassVar[frozenset[str]] = groups.UNLOCKED
    file_prefix: ClassVar[str] = "vk"
    pause_s: float

    def __init__(self, *, pause_s: float = 60.0, **stage: Any) -> None:
        self.pause_s = pause_s
        super().__init__(**stage)

    # --- the stage

    def use_old_app(self, user: User, *, is_old: bool = True) -> None:
        """The person's app shows no buttons under messages, only keys that write."""
        with self.lock:
            self.person(user).extra["client_info"] = OLD_APP if is_old else NEW_APP

    def confirm(self, account: Account, webhook: Webhook) -> bool:
        """Ask a server for the community's string; what waits for it is delivered once it knows. Not under the lock."""
        is_ours = groups.ask_to_confirm(account, webhook)
        with self.lock:
            webhook.settings["status"] = "ok" if is_ours else "failed"
            webhook.settings["is_confirmed"] = is_ours
            self.changed("bot", account.key)
        return is_ours

    def react(self, user: User, message_id: MessageRef, emoji: str, *, bot: AccountRef = None) -> Message:
        """React with one of VK's sixteen.

        Raises:
            LookupError: it is another, or there is no such message.
        """
        if emoji and emoji not in REACTIONS:
            raise LookupError(f"VK has no reaction {emoji}, only {''.join(REACTIONS)}.")
        return super().react(user, message_id, emoji, bot=bot)

    # --- what comes in over HTTP

    def read_call(self, request: Request) -> ApiCall | Answer:
        """`/method/<name>` with a form, uploads and files on the same host."""
        top, _, rest = request.path.strip("/").partition("/")
        match top, request.method:
            case "method", "POST" | "GET":
                return self._method_call(request, rest)
            case "upload", "POST":
                return self.call_of(request, f"upload.{rest}", is_public=True)
            case "file", "GET":
                call = self.call_of(request, "file", is_public=True)
                call.params["path"] = rest
                return call
            case "doc", "GET":  # a document's address leads to the host that has the bytes
                file = self.file_at(rest)
                if file is None:
                    return Answer.text("Not Found", 404)
                return Answer(302, headers={"Location": f"{self.base_url}/file/{file.path}"}, content_type="text/html")
            case _:
                return Answer.text("Not Found", 404)

    def _method_call(self, request: Request, method: str) -> ApiCall:
        kind = request.headers.get("content-type", "")
        if not kind.startswith(_FORMS):  # anything else is not read, as if nothing had been sent
            request = replace(request, body=b"", headers={**request.headers, "content-type": _FORMS[0]})
        call = self.call_of(request, method, token=request.bearer)
        call.token = call.token or str(call.params.get("access_token") or "")
        call.params.pop("access_token", None)
        call.chat_id = str(call.params.get("peer_ids") or call.params.get("peer_id") or "")
        return call

    def carry_out(self, account: Account, call: ApiCall) -> Answer:
        """Carry out a method."""
        run = _METHODS.get(call.method)
        if run is None:
            return refusal(call, 3)
        if not call.params.get("v"):
            return refusal(call, 8)
        return result(run(self, account, call))

    def carry_out_public(self, call: ApiCall) -> Answer:
        """Files, and the upload servers."""
        if call.method.startswith("upload."):
            return files.take_upload(self, call)
        return super().carry_out_public(call)

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """VK's words for a fault; it never says for how long to wait."""
        codes = {
            FaultKind.TOO_MANY: 9 if fault.is_chats else 6,
            FaultKind.BLOCKED: 901,
            FaultKind.UNAUTHORIZED: 5,
            FaultKind.WINDOW_CLOSED: 950,
            FaultKind.POLICY: 7,
            FaultKind.REJECTED: 100,
        }
        return refusal(call, int(fault.code or codes[fault.kind]))

    # --- what goes out to servers

    def events_of(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """One event, or none."""
        told = happened(self, account, chat, act)
        if told is None:
            return ()
        if act.callback_id:
            self.state.extra.setdefault("tapped_at", {})[act.callback_id] = self.now()
        kind, content = told
        number = f"{account.external_id}:{account.count('event')}"
        event = {
            "group_id": int(account.external_id),
            "type": kind,
            "event_id": hashlib.sha1(number.encode(), usedforsecurity=False).hexdigest(),
            "object": content,
        }
        return (Event(kind, json.dumps(event, ensure_ascii=False)),)

    def body_of(self, account: Account, webhook: Webhook, events: Sequence[str]) -> bytes:
        """The event with the server's secret in it, in the server's version."""
        del account
        event = json.loads(events[0])
        event["v"] = version = webhook.settings.get("api_version", "5.199")
        if event["type"] == "message_new" and _minor(version) < 103:  # noqa: PLR2004 - the version that wrapped it
            event["object"] = event["object"]["message"]
        if webhook.secret:
            event["secret"] = webhook.secret
        return json.dumps(event, ensure_ascii=False).encode()

    def headers_of(self, account: Account, webhook: Webhook, body: bytes, attempt: int) -> dict[str, str]:
        """Nothing that would vouch for the sender; a repeat says which it is."""
        del account, webhook, body
        return {"X-Retry-Counter": str(attempt)} if attempt else {}

    def is_success(self, status: int, content: bytes) -> bool:
        """200 with `ok`, and nothing around it; `remove` is taken too."""
        return status == 200 and content in {b"ok", b"remove"}  # noqa: PLR2004 - a status, named by itself

    def answered(self, account: Account, webhook: Webhook, content: bytes) -> None:
        """`remove` deletes the server."""
        webhook.settings["status"] = "ok"
        if content == b"remove" and webhook in account.webhooks:
            self.remove_webhook(account, webhook.url)

    def postponed_by(self, status: int, retry_after: str) -> float | None:
        """A date less than three hours ahead, with 410, 429 or 503."""
        if status not in _POSTPONING or not retry_after:
            return None
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        ahead_s = (until - datetime.fromtimestamp(self.now(), UTC)).total_seconds()
        return max(ahead_s, 0.0) if ahead_s < _LONGEST_DELAY_S else None

    def lost_patience(self, account: Account, webhook: Webhook) -> None:
        """Several errors in a row: nothing more for a while."""
        del account
        webhook.settings["status"] = "failed"
        self.pause_webhook(webhook, self.pause_s)

    def has_subscribed(self, account: Account, webhook: Webhook | None, kind: str) -> bool:
        """A server gets what it was set to, once it has been made sure of."""
        if webhook is not None and not webhook.settings.get("is_confirmed", "is_picky" not in webhook.settings):
            return False
        if webhook is not None and webhook.settings.get("is_picky"):
            return kind in webhook.kinds
        return super().has_subscribed(account, webhook, kind)

    # --- ids and shapes

    def id_of_chat(self, account: Account, chat: Chat) -> str:
        """The person's number, or a group chat's above two milliards."""
        return str(_FIRST_CHAT - 1000 - chat.user_id) if chat.is_group else super().id_of_chat(account, chat)

    def id_of_message(self, account: Account, chat: Chat, message: Message) -> str:
        """Chat and number in it, as our adapter names messages."""
        del account, message
        chat.extra["last_number"] = chat.extra.get("last_number", 0) + 1
        return f"{chat.chat_id}:{chat.extra['last_number']}"

    def id_of_tap(self, account: Account, number: int) -> str:
        """Twelve hexadecimal digits."""
        return hashlib.sha256(f"{account.key}:{number}".encode()).hexdigest()[:12]

    def text_of_start(self, person: Person, param: str) -> str:
        """«Начать» writes what it says."""
        del person, param
        return "Начать"

    def new_account(self, account: Account) -> None:
        """A community has a confirmation string from the start."""
        made = hashlib.sha256(f"confirmation:{account.key}".encode()).hexdigest()[:8]
        account.settings.setdefault("confirmation", made)

    def attached(self, account: Account, name: str) -> Item | None:
        """What was uploaded under that name."""
        return files.attached(self, account, name)

    def tapped_at(self, callback_id: str) -> float:
        """When a button was tapped, seconds after 1970."""
        return float(self.state.extra.get("tapped_at", {}).get(callback_id, 0.0))

    def link_to(self, file_id: str, **query: str) -> str:
        """Where a file lies; the query is for show."""
        return f"{self.base_url}/file/{self.state.files[file_id].path}" + (f"?{urlencode(query)}" if query else "")

    def page_of(self, file_id: str) -> str:
        """A document's address, which leads to where it lies."""
        return f"{self.base_url}/doc/{self.state.files[file_id].path}?hash=1&dl=1&api=1&no_preview=1"


def _minor(version: str) -> int:
    minor = version.partition(".")[2]
    return int(minor) if minor.isascii() and minor.isdecimal() else 0
