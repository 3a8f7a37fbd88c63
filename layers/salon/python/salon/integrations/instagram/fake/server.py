"""The fake Instagram: its people, its edges of the Graph API, its limits (facts §5)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from salon.integrations.fakes import (
    Account,
    Act,
    ActKind,
    Answer,
    ApiCall,
    Chat,
    DeliveryPolicy,
    Event,
    Fault,
    FaultKind,
    Item,
    Message,
    Person,
    Request,
)
from salon.integrations.fakes.world import AccountRef, User
from salon.integrations.instagram.fake.events import Teller, link_path, mid_of
from salon.integrations.instagram.fake.sending import shown_of
from salon.integrations.meta.fake import GraphFake, graph_error, refused
from salon.integrations.meta.fake.graph import Method

_HUMAN_WINDOW_H = 7 * 24.0
_TOKEN_S = 60 * 86_400
_YOUNGEST_S = 86_400
_NODE_AND_EDGE = 2


class FakeInstagram(GraphFake):
    """The whole fake. Settings of an account: `app_id`, `app_secret`; `message_access` and `human_agent`, both on.

    Attributes:
        edits_noisily: each message of a person is followed by an empty edit, as some accounts get them.
    """

    provider: ClassVar[str] = "instagram"
    topic = "instagram"
    policy = DeliveryPolicy(
        base_delay_s=1.0, max_delay_s=3600.0, timeout_s=5.0, expiry_s=36 * 3600.0, batch=20, patience_s=3600.0
    )
    sends = frozenset({"POST /messages"})
    fault_kinds = frozenset(
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
        "send_contact": "Instagram has no cards to share.",
        "send_location": "Instagram tells businesses of no places.",
        "send_audio": "Instagram's app records voice and attaches no other sound.",
        "say_in_group": "Businesses are not in groups on Instagram.",
    }
    file_prefix = "17"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.edits_noisily = False

    # --- the stage and its people

    def new_account(self, account: Account) -> None:
        """A professional account whose token was given today."""
        super().new_account(account)
        account.settings.setdefault("message_access", True)
        account.settings.setdefault("human_agent", True)
        account.settings.setdefault("token_given_at", 0)

    def id_of_person(self, person: Person) -> str:
        """The id that people have for one business."""
        return str(489_760_000_000_000 + person.user_id)

    def id_of_message(self, account: Account, chat: Chat, message: Message) -> str:
        """As Instagram's look."""
        del chat
        return mid_of(account, message.message_id)

    def text_of_start(self, person: Person, param: str) -> str:
        """Opening a chat writes nothing; a link's parameter comes as a referral."""
        del person, param
        return ""

    def add_message(self, account: Account, chat: Chat, **what: Any) -> Message:
        """As everywhere; quick replies vanish when anything is written below them."""
        for message in chat.messages:
            message.buttons = [row for row in message.buttons if row and row[0]["kind"] != "reply"]
        return super().add_message(account, chat, **what)

    def tap_postback(self, user: User, title: str, payload: str, *, bot: AccountRef = None) -> None:
        """Tap an ice breaker or an entry of the menu: a postback under no message."""
        with self.lock:
            account, chat, person = self._where(user, bot)
            chat.started, chat.last_inbound_at = True, self.now()
            key = {"kind": "postback"}
            self.tell(
                Act(ActKind.TAP, account.key, chat.user_id, person.user_id, text=title, payload=payload, extra=key)
            )

    def comment(self, user: User, text: str, *, bot: AccountRef = None) -> None:
        """Write under a post, which is nothing for a chat."""
        with self.lock:
            account, chat, person = self._where(user, bot)
            value = {"id": "17900", "text": text, "from": {"id": person.external_id, "username": person.username}}
            self._post(account, "comments", {"changes": {"field": "comments", "value": value}}, chat.user_id)

    def send_unsupported(self, user: User, *, bot: AccountRef = None) -> None:
        """Send something that businesses cannot be shown."""
        with self.lock:
            account, chat, person = self._where(user, bot)
            chat.last_inbound_at = self.now()
            message = {"mid": mid_of(account, account.count("act"), "U"), "is_unsupported": True}
            sides = {"sender": {"id": person.external_id}, "recipient": {"id": account.external_id}}
            item = {**sides, "timestamp": self.now_ms(), "message": message}
            self._post(account, "messages", {"messaging": item}, chat.user_id)

    def press_test(self, *, bot: AccountRef = None) -> None:
        """Somebody presses "Test" in the app's dashboard."""
        with self.lock:
            value = {
                "sender": {"id": "12334"},
                "recipient": {"id": "23245"},
                "timestamp": "1527459824",
                "message": {"mid": "random_mid", "text": "random_text"},
            }
            self._post(self.the_bot(bot), "messages", {"id": "0", "changes": {"field": "messages", "value": value}})

    # --- the API

    def route(self, request: Request, parts: list[str], token: str) -> ApiCall | None:
        """`/me/…` or the account's id in its place, and where files lie."""
        if parts == ["ig_messaging_cdn"]:
            return self.call_of(request, "GET /ig_messaging_cdn", is_public=True)
        if parts == ["refresh_access_token"]:
            return self.call_of(request, "GET /refresh_access_token", token=token)
        if not parts or len(parts) > _NODE_AND_EDGE:
            return None
        name = f"{request.method} /{parts[1] if len(parts) == _NODE_AND_EDGE else ''}"
        call = self.call_of(request, name, token=token)
        call.params["node"] = parts[0]
        recipient = call.params.get("recipient")
        call.chat_id = str(recipient.get("id") or "") if isinstance(recipient, dict) else ""
        return call

    def methods(self) -> dict[str, Method]:
        """The edges."""
        return {
            "POST /messages": self._send_message,
            "GET /": self._me,
            "GET /subscribed_apps": self._subscribed_apps,
            "POST /subscribed_apps": self._subscribe_account,
            "DELETE /subscribed_apps": self._unsubscribe_account,
            "GET /conversations": self._conversations,
            "GET /refresh_access_token": self._refresh,
        }

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """In Instagram's codes. Meta seldom says how long to wait; the fake does, so that waiting is seen."""
        if fault.code:
            code, _, subcode = str(fault.code).partition("/")
            return graph_error(int(code), "As the test demands", subcode=int(subcode or 0))
        match fault.kind:
            case FaultKind.TOO_MANY:
                after = str(max(1, round(fault.seconds)))
                return graph_error(
                    613, "Calls to this api have exceeded the rate limit.", status=429, Retry_After=after
                )
            case FaultKind.BLOCKED:
                return graph_error(551, "This person isn't available right now.", subcode=1545041)
            case FaultKind.WINDOW_CLOSED:
                return graph_error(10, "This message is sent outside of allowed window.", subcode=2534022)
            case FaultKind.POLICY:
                return graph_error(368, "The action attempted has been deemed abusive.")
            case FaultKind.REJECTED:
                return graph_error(100, "Invalid parameter")
            case _:
                return graph_error(190, f"Invalid OAuth access token {call.token}", subcode=463, status=401)

    def _must_be_me(self, account: Account, call: ApiCall) -> None:
        if call.params["node"] not in {"me", account.external_id}:
            raise refused(100, f"Object with ID '{call.params['node']}' does not exist", subcode=33)

    def _send_message(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        self._must_have_access(account)
        person = self.person_named(call.chat_id)
        chat = self.recipient_of(account, person)
        if chat is None:
            raise refused(100, "The requested user cannot be found.", subcode=2534014)
        if call.params.get("sender_action"):
            return Answer.json({"recipient_id": call.chat_id})
        shown = shown_of(call.params.get("message"))
        if chat.blocked:
            raise refused(551, "This person isn't available right now.", subcode=1545041)
        is_human = call.params.get("messaging_type") == "MESSAGE_TAG" and call.params.get("tag") == "HUMAN_AGENT"
        if is_human and not account.settings["human_agent"]:
            raise refused(10, "Application does not have the capability to make this API call.")
        if not self.is_window_open(chat, _HUMAN_WINDOW_H if is_human else 24.0):
            raise refused(10, "This message is sent outside of allowed window.", subcode=2534022)
        message = self.post_message(account, chat, text=shown.text, items=shown.items, buttons=shown.buttons)
        return Answer.json({"recipient_id": call.chat_id, "message_id": message.external_id})

    def _must_have_access(self, account: Account) -> None:
        if not account.settings["message_access"]:
            raise refused(200, "The account owner has disabled access to messages.", subcode=2534041, status=403)

    def _me(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        return Answer.json(
            {"user_id": account.external_id, "username": account.username, "id": f"9{account.external_id}"}
        )

    def _conversations(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        self._must_have_access(account)
        return Answer.json({"data": []})

    def _subscribed_apps(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        if not account.settings.get("is_subscribed"):
            return Answer.json({"data": []})
        row = {"id": account.settings["app_id"], "subscribed_fields": account.settings.get("fields", [])}
        return Answer.json({"data": [row]})

    def _subscribe_account(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        fields = [name for name in str(call.params.get("subscribed_fields") or "").split(",") if name]
        if not fields:
            raise refused(100, "The parameter subscribed_fields is required.")
        with self.lock:
            account.settings |= {"is_subscribed": True, "fields": fields}
            self.rewire(account)
        return Answer.json({"success": True})

    def _unsubscribe_account(self, account: Account, call: ApiCall) -> Answer:
        self._must_be_me(account, call)
        account.settings |= {"is_subscribed": False, "fields": []}
        self.rewire(account)
        return Answer.json({"success": True})

    def kinds_of(self, account: Account, app: dict[str, Any]) -> list[str]:
        """What both the app and the account are subscribed to."""
        wanted = account.settings.get("fields", [])
        return [field for field in app.get("fields", []) if field in wanted or field == "comments"] or ["nothing"]

    def _refresh(self, account: Account, call: ApiCall) -> Answer:
        """Another 60 days; the former token goes on until its own end."""
        if call.params.get("grant_type") != "ig_refresh_token":
            raise refused(100, "The parameter grant_type is required.")
        if self.now() - account.settings["token_given_at"] < _YOUNGEST_S:
            raise refused(100, "The access token is less than 24 hours old.")
        account.settings["token_given_at"] = int(self.now())
        account.settings["token_expires_at"] = int(self.now()) + _TOKEN_S
        fresh = f"IGAAfresh{account.count('token'):04d}"
        self.change_token(fresh, bot=account, revoke_others=False)
        return Answer.json({"access_token": fresh, "token_type": "bearer", "expires_in": _TOKEN_S})

    # --- files

    def carry_out_public(self, call: ApiCall) -> Answer:
        """A file, for whoever knows its address."""
        file = self.state.files.get(str(call.params.get("asset_id")))
        is_ours = file is not None and call.params.get("signature") == self._seal(file.file_id)
        if file is None or file.expired or not is_ours:
            return Answer.text("URL signature expired", 403)
        return Answer(200, file.data, "application/octet-stream")

    def _link_of(self, item: Item) -> str:
        file = self.state.files.get(item.file_id)
        if file is None or not self.is_serving:
            return str(item.extra.get("link", ""))
        return self.base_url + link_path(file, self._seal(file.file_id))

    @staticmethod
    def _seal(file_id: str) -> str:
        return hmac.new(b"links", file_id.encode(), hashlib.sha256).hexdigest()[:16]

    # --- what goes out

    def _post(self, account: Account, field: str, item: dict[str, Any], chat: int = 0) -> None:
        for _ in range(2 if self.repeats else 1):
            self.post_event(account, field, json.dumps(item), chat=chat)

    def told(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """One item, and where it is so an empty edit beside it."""
        found = Teller(account, chat, self.state.people[chat.user_id], self._link_of).item(act)
        if found is None:
            return []
        field, item = found
        events = [Event(field, json.dumps({"messaging": item}))]
        lacks_messages = any("messages" not in hook.kinds for hook in account.webhooks if hook.kinds)
        if act.kind == ActKind.MESSAGE and (self.edits_noisily or lacks_messages):
            empty = {"timestamp": item["timestamp"], "message_edit": {"mid": item["message"]["mid"], "num_edit": 0}}
            events.append(Event("message_edit", json.dumps({"messaging": empty})))
        return events

    def body_of(self, account: Account, webhook: Any, events: Sequence[str]) -> bytes:
        """Neighbours of one kind are one entry."""
        del webhook
        entries: list[dict[str, Any]] = []
        for event in map(json.loads, events):
            name = "changes" if "changes" in event else "messaging"
            number = event.get("id", account.external_id)
            last = entries[-1] if entries else {}
            if last.get("id") == number and name in last:
                last[name].append(event[name])
            else:
                entries.append({"id": number, "time": self.now_ms(), name: [event[name]]})
        return self.signed_json({"object": self.topic, "entry": entries})
