"""The people of the fake WhatsApp, and what webhooks are told of what they do."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from salon.integrations.fakes import (
    Account,
    Act,
    ActKind,
    Chat,
    DeliveryPolicy,
    Event,
    FaultKind,
    Message,
    Person,
    StoredFile,
)
from salon.integrations.fakes.world import AccountRef, User
from salon.integrations.meta.fake import GraphFake
from salon.integrations.whatsapp.fake.events import Teller, wa_id_of, wamid

_LINK_S = 300.0
_WEEK_S = 7 * 86_400.0


class Stage(GraphFake):
    """Everything but the API."""

    provider: ClassVar[str] = "whatsapp"
    topic = "whatsapp_business_account"
    policy = DeliveryPolicy(base_delay_s=1.0, max_delay_s=3600.0, expiry_s=_WEEK_S, batch=20)
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
    splits_albums = True
    file_prefix = "90"

    def __init__(self, *, pair_burst: int | None = 45, **options: Any) -> None:
        super().__init__(**options)
        self.pair_burst = pair_burst
        self.refuses_late = False
        self.names_links = True

    # --- the stage

    def new_account(self, account: Account) -> None:
        """A number, of a business account, with templates."""
        super().new_account(account)
        settings = account.settings
        settings.setdefault("business_id", f"2{settings['app_id']}")
        settings.setdefault("number", "74950000001")
        settings.setdefault("quality", "GREEN")
        settings.setdefault("status", "CONNECTED")
        settings.setdefault("templates", [])

    def add_template(
        self,
        name: str,
        body: str,
        *,
        language: str = "ru",
        status: str = "APPROVED",
        category: str = "UTILITY",
        buttons: Sequence[str] = (),
        bot: AccountRef = None,
    ) -> None:
        """A template of the account's; `{{1}}` are its places, `buttons` its quick replies."""
        with self.lock:
            templates = self.the_bot(bot).settings["templates"]
            templates[:] = [one for one in templates if (one["name"], one["language"]) != (name, language)]
            known = {"name": name, "language": language, "status": status, "category": category}
            templates.append({**known, "body": body, "buttons": list(buttons)})
            self.touched()

    def set_template_status(self, name: str, status: str, *, bot: AccountRef = None) -> None:
        """Meta approves, rejects or pauses a template, and says so."""
        with self.lock:
            account = self.the_bot(bot)
            for one in account.settings["templates"]:
                if one["name"] == name:
                    one["status"] = status
                    value = {
                        "event": status,
                        "message_template_name": name,
                        "message_template_language": one["language"],
                    }
                    self._post(account, "message_template_status_update", value)

    # --- people

    def id_of_person(self, person: Person) -> str:
        """The id that hides a number; the number itself is the phone's."""
        digits = "".join(char for char in person.phone if char.isdecimal())
        person.extra.setdefault("wa_id", digits or f"7900{person.user_id % 10**7:07d}")
        return f"RU.{1_000_000_000_000 + person.user_id}"

    def id_of_chat(self, account: Account, chat: Chat) -> str:
        """The number, or the id that hides it."""
        if chat.is_group:
            return f"Z3JvdXA6{account.external_id}{-chat.user_id}"
        person = self.person(chat.user_id)
        return wa_id_of(person) or person.external_id

    def id_of_message(self, account: Account, chat: Chat, message: Message) -> str:
        """As WhatsApp's look."""
        del chat
        return wamid(account, message.message_id)

    def text_of_start(self, person: Person, param: str) -> str:
        """A link to a chat can only prefill a text; without one nothing is written."""
        del person
        return f"start {param}" if param else ""

    def hide_number(self, user: User) -> None:
        """From now on businesses see an id in place of the person's number."""
        with self.lock:
            person = self.person(user)
            person.extra["hides_number"] = True
            for chat in self.state.chats.values():
                if chat.user_id == person.user_id:
                    chat.chat_id = person.external_id

    def change_number(self, user: User, phone: str) -> None:
        """The person has a new number; every account they have written to is told."""
        with self.lock:
            person = self.person(user)
            before, person.phone = str(person.extra["wa_id"]), phone
            person.extra["wa_id"] = "".join(char for char in phone if char.isdecimal())
            for chat in [chat for chat in self.state.chats.values() if chat.user_id == person.user_id]:
                account = self.state.accounts[chat.account]
                chat.chat_id = self.id_of_chat(account, chat)
                said = f"User A changed from {before} to {person.extra['wa_id']}"
                system = {"type": "user_changed_number", "wa_id": person.extra["wa_id"], "body": said}
                item: dict[str, Any] = {
                    "from": before,
                    "id": wamid(account, account.count("act"), "S"),
                    "type": "system",
                }
                item |= {"timestamp": str(int(self.now())), "system": system}
                self._post(account, "messages", self._teller(account, chat).value(None, messages=[item]), chat.user_id)

    def want_marketing(self, user: User, *, wanted: bool, bot: AccountRef = None) -> None:
        """The person says in WhatsApp itself whether they want marketing."""
        with self.lock:
            account, chat, person = self._where(user, bot)
            preference = {
                "wa_id": wa_id_of(person),
                "user_id": person.external_id,
                "category": "marketing_messages",
                "value": "resume" if wanted else "stop",
                "timestamp": int(self.now()),
            }
            value = self._teller(account, chat).value(person, user_preferences=[preference])
            self._post(account, "user_preferences", value, chat.user_id)

    def send_poll(self, user: User, *, bot: AccountRef = None) -> None:
        """Send something that businesses cannot be shown."""
        with self.lock:
            account, chat, person = self._where(user, bot)
            chat.last_inbound_at = self.now()
            head = {"from_user_id": person.external_id, "id": wamid(account, account.count("act"), "P")}
            errors = [{"code": 131051, "title": "Message type unknown"}]
            item: dict[str, Any] = {**head, "timestamp": str(int(self.now())), "type": "unsupported", "errors": errors}
            item |= {"unsupported": {"type": "poll"}, **({"from": wa_id_of(person)} if wa_id_of(person) else {})}
            value = self._teller(account, chat).value(person, messages=[item])
            self._post(account, "messages", value, chat.user_id)

    def sent_to(self, user: User, *, bot: AccountRef = None) -> list[Message]:
        """What has reached the person's chat: what failed has not."""
        return [message for message in super().sent_to(user, bot=bot) if message.status != "failed"]

    # --- where files lie

    def _link_in_webhooks(self, file: StoredFile) -> str:
        is_known = self.names_links and self.is_serving
        return self.link_to(file) if is_known else ""

    def link_to(self, file: StoredFile) -> str:
        """Where a file lies for five minutes, for those with a token."""
        until = int(self.now() + _LINK_S)
        query = f"mid={file.file_id}&source=webhook&ext={until}&hash={self.seal(file.file_id, until)}"
        return f"{self.base_url}/whatsapp_business/attachments/?{query}"

    def expire_links(self) -> None:
        """The addresses given so far lead nowhere; the files are still there."""
        with self.lock:
            self.state.extra["links"] = self.state.extra.get("links", 0) + 1

    def seal(self, file_id: str, until: int) -> str:
        said = f"{file_id}{until}{self.state.extra.get('links', 0)}"
        return hmac.new(b"links", said.encode(), hashlib.sha256).hexdigest()[:16]

    # --- what goes out

    def _teller(self, account: Account, chat: Chat) -> Teller:
        return Teller(self.state, account, chat, self._link_in_webhooks)

    def _post(self, account: Account, field: str, value: dict[str, Any], chat: int = 0) -> None:
        for _ in range(2 if self.repeats else 1):
            self.post_event(account, field, json.dumps({"field": field, "value": value}), chat=chat)

    def told(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """One change for each item."""
        teller = self._teller(account, chat)
        if (item := teller.message(act)) is not None:
            return [_change("messages", teller.value(teller.person(act), messages=[item]))]
        words = {ActKind.SENT: "sent", ActKind.DELIVERED: "delivered", ActKind.READ: "read", ActKind.FAILED: "failed"}
        message = chat.message(act.message_id) if act.message_id else None
        if act.kind == ActKind.ECHO and message is not None:
            value = teller.value(teller.person(act), message_echoes=[teller.echo(act, message)])
            return [_change("smb_message_echoes", value)]
        if act.kind not in words:
            return []
        numbers = act.extra.get("numbers") or [act.message_id]
        messages = [found for number in numbers if (found := chat.message(number)) is not None and not found.by_human]
        return [
            _change("messages", teller.value(None, statuses=[teller.status(act, one, words[ActKind(act.kind)])]))
            for one in messages
        ]

    def body_of(self, account: Account, webhook: Any, events: Sequence[str]) -> bytes:
        """One entry; neighbours that concern the same people are one change, as in real batches."""
        del webhook
        changes: list[dict[str, Any]] = []
        for event in map(json.loads, events):
            last = changes[-1] if changes else None
            if last and last["field"] == event["field"] == "messages" and _same_people(last, event):
                for name in ("messages", "statuses"):
                    if name in event["value"]:
                        last["value"].setdefault(name, []).extend(event["value"][name])
            else:
                changes.append(event)
        entry = {"id": account.settings["business_id"], "changes": changes}
        return self.signed_json({"object": self.topic, "entry": [entry]})


def _change(field: str, value: dict[str, Any]) -> Event:
    return Event(field, json.dumps({"field": field, "value": value}))


def _same_people(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["value"].get("contacts") == other["value"].get("contacts"))
