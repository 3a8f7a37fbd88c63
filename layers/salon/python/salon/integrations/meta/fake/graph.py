"""The Graph API, faked: versions and tokens, refusals, an app's webhook with its handshake, signed bodies."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from salon.integrations.fakes import (
    Account,
    Act,
    ActKind,
    Answer,
    ApiCall,
    ApiRefusal,
    Chat,
    Event,
    FakeMessenger,
    Message,
    Person,
    Request,
    Webhook,
)
from salon.integrations.fakes.delivery import ask
from salon.integrations.fakes.world import AccountRef, User

_VERSION = re.compile(r"v[0-9]{1,2}\.[0-9]\Z")
_OK = 200
Method = Callable[[Account, ApiCall], Answer]


def graph_error(
    code: int, message: str, *, subcode: int = 0, status: int = 400, details: str = "", **headers: str
) -> Answer:
    """A refusal as the Graph API words it."""
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    error["fbtrace_id"] = f"A{zlib.crc32(message.encode()):08x}"
    return Answer.json({"error": error}, status, **headers)


def refused(code: int, message: str, **more: Any) -> ApiRefusal:
    """The same, to be raised."""
    return ApiRefusal(graph_error(code, message, **more))


class GraphFake(FakeMessenger):
    """What both have. Settings of an account: `app_id`, `app_secret`, `business_id`, and each fake's own.

    Attributes:
        topic: what an app subscribes to.
        repeats: each event is delivered twice, as happens.
        shuffles: that a message was sent is told after that it was delivered, as happens.
    """

    topic: ClassVar[str]
    unlocked = frozenset({"POST /subscriptions", "POST /subscribed_apps"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.repeats = False
        self.shuffles = False

    # --- for the dialect to fill in

    def route(self, request: Request, parts: list[str], token: str) -> ApiCall | None:
        """The call that a path means; None for a page that is not there."""
        raise NotImplementedError

    def methods(self) -> dict[str, Method]:
        """What can be called."""
        raise NotImplementedError

    def told(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """The events of an act, each once."""
        raise NotImplementedError

    # --- the API

    def new_account(self, account: Account) -> None:
        """Every account hangs on an app."""
        number = zlib.crc32(account.key.encode())
        account.settings.setdefault("app_id", str(1_000_000_000 + number))
        account.settings.setdefault("app_secret", f"{number:032x}")

    def read_call(self, request: Request) -> ApiCall | Answer:
        """A call of the API; versions are not told apart."""
        parts = [part for part in request.path.split("/") if part]
        if parts and _VERSION.match(parts[0]):
            parts = parts[1:]
        token = request.bearer or request.query.get("access_token", "")
        call = self._app_call(request, parts, token) or self.route(request, parts, token)
        return call or graph_error(2500, f"Unknown path components: {request.path}", status=404)

    def _app_call(self, request: Request, parts: list[str], token: str) -> ApiCall | None:
        """A call by the app's own token, `id|secret`."""
        is_apps = len(parts) == 2 and parts[1] == "subscriptions"  # noqa: PLR2004 - a node and an edge
        if not is_apps and parts != ["debug_token"]:
            return None
        app_id, _, secret = token.partition("|")
        accounts = [a for a in self.state.accounts.values() if a.settings.get("app_id") == app_id]
        account = next((a for a in accounts if secret and a.settings.get("app_secret") == secret), None)
        if account is not None and is_apps and parts[0] != app_id:
            account = None
        name = f"{request.method} /{parts[-1]}"
        return self.call_of(request, name, token=token, account=account.key if account else "")

    def carry_out(self, account: Account, call: ApiCall) -> Answer:
        """Any call that has a token."""
        shared: dict[str, Method] = {
            "GET /subscriptions": self._subscriptions,
            "POST /subscriptions": self._subscribe,
            "DELETE /subscriptions": self._unsubscribe,
            "GET /debug_token": self._debug_token,
        }
        method = {**shared, **self.methods()}.get(call.method)
        if method is None:
            raise refused(3, "Unsupported method", status=400)
        return method(account, call)

    def _subscriptions(self, account: Account, call: ApiCall) -> Answer:
        del call
        topics = self._topics(account)
        rows = [
            {
                "object": topic,
                "callback_url": one["callback_url"],
                "active": one["active"],
                "fields": [{"name": name, "version": "v25.0"} for name in one["fields"]],
            }
            for topic, one in topics.items()
        ]
        return Answer.json({"data": rows})

    def _subscribe(self, account: Account, call: ApiCall) -> Answer:
        url, token = str(call.params.get("callback_url") or ""), str(call.params.get("verify_token") or "")
        if call.params.get("object") != self.topic:
            raise refused(100, "Param object must be one of the app's topics")
        self.shake_hands(url, token)
        fields = [name for name in str(call.params.get("fields") or "").split(",") if name]
        with self.lock:
            self._topics(account)[self.topic] = {"callback_url": url, "active": True, "fields": fields}
            self.rewire(account)
        return Answer.json({"success": True})

    def _unsubscribe(self, account: Account, call: ApiCall) -> Answer:
        self._topics(account).pop(str(call.params.get("object")), None)
        self.rewire(account)
        return Answer.json({"success": True})

    def _debug_token(self, account: Account, call: ApiCall) -> Answer:
        found = self.account_with(str(call.params.get("input_token") or ""))
        expires_at = found.settings.get("token_expires_at", 0) if found else 0
        data = {"app_id": account.settings["app_id"], "is_valid": found is not None, "expires_at": expires_at}
        return Answer.json({"data": data})

    def shake_hands(self, url: str, token: str) -> None:
        """Make sure that whoever gets our events wants them. Not under the lock.

        Raises:
            ApiRefusal: nobody answered, or not with the challenge.
        """
        challenge = str(zlib.crc32(f"{url}{self.now()}".encode()))
        query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
        try:
            answer = ask(f"{url}?{query}", "GET", None, {"User-Agent": "facebookplatform/1.0"})
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise refused(2200, f"Callback verification failed: {type(error).__name__}") from None
        status, content = answer[0], answer[3]
        if status != _OK or content.strip() != challenge.encode():
            raise refused(2200, f"Callback verification failed with the following errors: HTTP Status Code = {status}")

    def _topics(self, account: Account) -> dict[str, Any]:
        apps: dict[str, Any] = self.state.extra.setdefault("apps", {})
        topics: dict[str, Any] = apps.setdefault(account.settings["app_id"], {})
        return topics

    def app_subscription(self, account: Account) -> dict[str, Any]:
        """Where the app's events go: `callback_url`, `active`, `fields`; empty for nowhere."""
        found: dict[str, Any] = self._topics(account).get(self.topic, {})
        return found

    def rewire(self, account: Account) -> None:
        """Have the events of every account of this app go where they go now. Call under the lock."""
        for other in self.state.accounts.values():
            if other.settings.get("app_id") != account.settings["app_id"]:
                continue
            app = self.app_subscription(other)
            url = other.settings.get("override_url") or app.get("callback_url", "")
            if other.settings.get("is_subscribed") and url and app.get("active", True):
                kinds = self.kinds_of(other, app)
                self.set_webhook(url, other.settings["app_secret"], bot=other, kinds=kinds)
            else:
                other.webhooks.clear()

    def kinds_of(self, account: Account, app: dict[str, Any]) -> list[str]:
        """The fields that are told; by an app that is subscribed to nothing, everything."""
        del account
        return list(app.get("fields", []))

    def lost_patience(self, account: Account, webhook: Webhook) -> None:
        """Meta switches the app's webhook off."""
        super().lost_patience(account, webhook)
        if self.app_subscription(account):
            self.app_subscription(account)["active"] = False
        account.settings["is_subscribed"] = False

    # --- what goes out

    def events_of(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """The events of an act; twice, or late, where the fake was told so."""
        events = list(self.told(account, chat, act))
        if self.shuffles and act.kind == ActKind.SENT:
            chat.extra.setdefault("late", []).extend([event.kind, event.body] for event in events)
            return []
        if act.kind in {ActKind.DELIVERED, ActKind.FAILED}:
            events += [Event(kind, body) for kind, body in chat.extra.pop("late", [])]
        return [*events, *events] if self.repeats else events

    def headers_of(self, account: Account, webhook: Webhook, body: bytes, attempt: int) -> dict[str, str]:
        """Both signatures; the older one is worth nothing."""
        del attempt
        secret = (webhook.secret or account.settings["app_secret"]).encode()
        return {
            "X-Hub-Signature": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
            "User-Agent": "facebookexternalua",
            "Facebook-API-Version": "v25.0",
        }

    def is_success(self, status: int, content: bytes) -> bool:
        """200 and nothing else."""
        del content
        return status == _OK

    # --- people

    def start(self, user: User, param: str = "", *, bot: AccountRef = None) -> Message | None:
        """As everywhere, but only something written opens the window."""
        with self.lock:
            before = self.chat_of(user, bot).last_inbound_at
            message = super().start(user, param, bot=bot)
            if message is None:
                self.chat_of(user, bot).last_inbound_at = before
            return message

    def recipient_of(self, account: Account, person: Person | None) -> Chat | None:
        """The chat of somebody who can be written to, made when it is not there."""
        if person is None or person.deactivated:
            return None
        return self.chat_of(person, account)

    @staticmethod
    def signed_json(value: dict[str, Any]) -> bytes:
        """JSON as Meta writes it: letters and slashes escaped, so that whoever writes it anew breaks the signature."""
        return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()
