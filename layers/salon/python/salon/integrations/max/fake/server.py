"""MAX as a dialect of the fakes' core: what it is asked over HTTP, and what it tells its webhooks of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from salon.integrations.fakes import (
    Account,
    Act,
    ActKind,
    Answer,
    ApiCall,
    Chat,
    DeliveryPolicy,
    Event,
    FakeMessenger,
    Fault,
    FaultKind,
    Message,
    Person,
    Request,
    Webhook,
)
from salon.integrations.fakes.dialect import Dialect
from salon.integrations.fakes.world import AccountRef, User
from salon.integrations.max.fake import methods
from salon.integrations.max.fake.shapes import happened, mid_of
from salon.integrations.max.fake.uploads import take_upload
from salon.integrations.max.fake.words import refusal

_FIRST_DELAY_S, _FACTOR, _REPEATS = 60.0, 2.5, 10
_PATIENCE_S = 8 * 3600.0
_RECIPIENT = ("chat_id", "user_id", "recipient")
_GROUPS = 70_801_090_000_000
_TAP_SALT = 3  # ids of taps have some 120 characters


class FakeMax(FakeMessenger):
    """The whole fake. `add_account(token, external_id=…)` adds a bot; `external_id` is a number.

    An account's settings: `is_unmoderated` (its messages are refused as MAX does before it has looked at a bot).

    Args:
        writes_start: whether pressing «Начать» also writes `/start`, as some have seen it do.
        has_negative_dialogs: whether the numbers of dialogs are below zero, as some are.
        upload_fields: the form's field in which each kind of upload wants its file.
        stage: what `fakes.FakeMessenger` takes.
    """

    provider: ClassVar[str] = "max"
    policy = DeliveryPolicy(
        base_delay_s=_FIRST_DELAY_S,
        factor=_FACTOR,
        max_delay_s=_FIRST_DELAY_S * _FACTOR**_REPEATS,
        timeout_s=30.0,
        max_attempts=1 + _REPEATS,
        expiry_s=60 * 86_400.0,
        obeys_retry_after=False,
        patience_s=_PATIENCE_S,
    )
    sends: ClassVar[frozenset[str]] = frozenset({"POST /messages", "PUT /messages"})
    fault_kinds: ClassVar[frozenset[FaultKind]] = Dialect.fault_kinds | {FaultKind.NOT_READY, FaultKind.REJECTED}
    file_prefix: ClassVar[str] = "9"
    writes_start: bool
    upload_fields: dict[str, str]

    def __init__(
        self,
        *,
        writes_start: bool = False,
        has_negative_dialogs: bool = False,
        upload_fields: dict[str, str] | None = None,
        **stage: Any,
    ) -> None:
        self.writes_start = writes_start
        self._sign = -1 if has_negative_dialogs else 1
        known = {"image": "data", "file": "data", "audio": "file", "video": "file"}
        self.upload_fields = known | (upload_fields or {})
        super().__init__(**stage)

    # --- what people do here and nowhere else

    def forward(self, user: User, text: str, *, comment: str = "", bot: AccountRef = None) -> Message:
        """Pass on somebody else's message; without a comment it has no body of its own."""
        stranger = {"user_id": 398_398_398, "first_name": "Марк", "last_name": "", "is_bot": False, "name": "Марк"}
        about = {
            "message": {"mid": f"mid.{hashlib.sha256(text.encode()).hexdigest()[:32]}", "seq": 1, "text": text},
            "sender": stranger,
            "chat_id": -695_695_695_695,
        }
        return self._send(user, bot, "say", text=comment, forwarded=about)

    def happen(self, user: User, update_type: str, *, bot: AccountRef = None, **what: Any) -> None:
        """One of the updates that tell of nothing said: `dialog_muted`, `dialog_removed`, `user_added`…"""
        with self.lock:
            chat, person = self.chat_of(user, bot), self.person(user)
            extra = {"update_type": update_type, "with": what}
            self.tell(Act(ActKind.OTHER, chat.account, chat.user_id, person.user_id, extra=extra))

    # --- what comes in over HTTP

    def read_call(self, request: Request) -> ApiCall | Answer:
        """The methods, the storage that takes uploads, and the files, all on the same host."""
        top, _, rest = request.path.strip("/").partition("/")
        if top == "files" and request.method == "GET":
            call = self.call_of(request, "file", is_public=True)
            call.params["path"] = rest
            return call
        if top == "upload" and request.method == "POST":
            return self.call_of(request, f"upload.{rest}", is_public=True)
        if "access_token" in request.query:
            return refusal(403, "deprecated.token", "Token in query is deprecated, use the Authorization header")
        name, _, action = rest.partition("/")
        path = f"/{top}" + ("/{id}" if name else "") + (f"/{action}" if action else "")
        call = self.call_of(request, f"{request.method} {path}", token=request.headers.get("authorization", ""))
        body = {key: value for key, value in call.params.items() if key not in request.query}
        call.params["in body"] = sorted(body.keys() & set(_RECIPIENT))
        match top:
            case "messages" if name:
                call.params["message_id"] = name
            case "chats" if name:
                call.params["chat_id"] = call.chat_id = name
            case "videos" if name:
                call.params["video_token"] = name
        return call

    def query_of(self, call: ApiCall) -> dict[str, Any]:
        """Whom a call is for: what stands in a body counts for nothing."""
        return {key: call.params.get(key) for key in _RECIPIENT if key not in call.params["in body"]}

    def carry_out(self, account: Account, call: ApiCall) -> Answer:
        """Carry out a method."""
        return methods.carry_out(self, account, call)

    def carry_out_public(self, call: ApiCall) -> Answer:
        """Files, and the storage."""
        if call.method.startswith("upload."):
            return take_upload(self, call)
        return super().carry_out_public(call)

    def unreadable(self) -> Answer:
        """What a body that is not JSON is answered with."""
        return refusal(400, "proto.payload", "Invalid JSON")

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """MAX's words for a fault; it never says for how long to wait."""
        del call
        match fault.kind:
            case FaultKind.TOO_MANY:
                return refusal(429, "too.many.requests", "Too many requests")
            case FaultKind.UNAUTHORIZED:
                return refusal(401, "verify.token", "Invalid access_token")
            case FaultKind.BLOCKED:
                return refusal(403, "chat.denied", "error.dialog.suspended")
            case FaultKind.NOT_READY:
                return refusal(400, str(fault.code or "attachment.not.ready"))
            case _:
                return refusal(400, "proto.payload", "Invalid request")

    # --- what goes out to webhooks

    def events_of(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """None, one, or two for a start that writes as well."""
        updates = happened(self, account, chat, act)
        return [Event(update["update_type"], json.dumps(update, ensure_ascii=False)) for update in updates]

    def headers_of(self, account: Account, webhook: Webhook, body: bytes, attempt: int) -> dict[str, str]:
        """The subscription's secret."""
        del account, body, attempt
        return {"X-Max-Bot-Api-Secret": webhook.secret} if webhook.secret else {}

    def is_success(self, status: int, content: bytes) -> bool:
        """Exactly 200; other twos are failures."""
        del content
        return status == 200  # noqa: PLR2004 - a status, named by itself

    def postponed_by(self, status: int, retry_after: str) -> float | None:
        """MAX keeps its own pace."""
        del status, retry_after
        return None

    def lost_patience(self, account: Account, webhook: Webhook) -> None:
        """Eight hours of nothing but failures end the subscription; what waited for it is gone."""
        account.webhooks.remove(webhook)
        self.deliveries.drop(account.key, webhook.url)
        if not account.webhooks:
            self.deliveries.drop(account.key)

    # --- ids and shapes

    def id_of_chat(self, account: Account, chat: Chat) -> str:
        """A dialog's number comes of the two who talk; a group's is below zero."""
        if chat.is_group:
            return str(chat.user_id - _GROUPS)
        return str(self._sign * (int(self.state.people[chat.user_id].external_id) ^ account.bot_id))

    def id_of_message(self, account: Account, chat: Chat, message: Message) -> str:
        """`mid.` and 32 hexadecimal digits."""
        del account
        return mid_of(int(chat.chat_id), message)

    def id_of_tap(self, account: Account, number: int) -> str:
        """Long, and said by nobody else."""
        parts = (hashlib.sha256(f"{account.key}:{number}:{turn}".encode()).hexdigest() for turn in range(_TAP_SALT))
        return "".join(parts)[:120]

    def text_of_start(self, person: Person, param: str) -> str:
        """«Начать» writes nothing of itself."""
        return super().text_of_start(person, param) if self.writes_start else ""

    def link_to(self, file_id: str) -> str:
        """Where a file lies; the query is for show."""
        query = {"clientType": "30", "expires": str(self.now_ms() + 86_400_000)}
        return f"{self.base_url}/files/{self.state.files[file_id].path}?{urlencode(query)}"
