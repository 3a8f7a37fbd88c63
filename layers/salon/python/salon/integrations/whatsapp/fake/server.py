"""The fake WhatsApp's edges of the Graph API, with its limits (facts §4)."""

from __future__ import annotations

import hashlib
from typing import Any

from salon.integrations.fakes import Account, Act, ActKind, Answer, ApiCall, Chat, Fault, FaultKind, Message, Request
from salon.integrations.meta.fake import graph_error, refused
from salon.integrations.meta.fake.graph import Method
from salon.integrations.whatsapp.fake.events import title_of, wa_id_of
from salon.integrations.whatsapp.fake.sending import Shown, shown_of
from salon.integrations.whatsapp.fake.stage import Stage

_PAIR_S = 6.0
_NODE_AND_EDGE = 2
_IMAGE_LIMIT, _FILE_LIMIT = 5_000_000, 100_000_000
_UPLOADS = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "application/vnd",
    "text/plain",
    "audio/",
    "video/",
)


class FakeWhatsapp(Stage):
    """The whole fake. Settings of an account: `app_id`, `app_secret`, `business_id`, `number`, `quality`, `status`.

    Args:
        pair_burst: messages at once to one person; then one in six seconds (131056). None: any number.
        options: what every fake takes.

    Attributes:
        refuses_late: what cannot be delivered, because the window is closed or the person has blocked the number, is
            accepted and fails in a status, as the real one mostly does; otherwise it is refused at once.
        names_links: webhooks say where a file lies.
    """

    # --- the API

    def route(self, request: Request, parts: list[str], token: str) -> ApiCall | None:
        """`/{number}/messages`, `/{number}/media`, `/{media}`, `/{business}/…`, and where files lie."""
        if parts[:2] == ["whatsapp_business", "attachments"]:
            return self.call_of(request, "GET /attachments", token=token)
        if not parts or len(parts) > _NODE_AND_EDGE:
            return None
        name = f"{request.method} /{parts[1] if len(parts) == _NODE_AND_EDGE else ''}"
        call = self.call_of(request, name, token=token, account=self._owner(parts[0], token))
        call.params["node"] = parts[0]
        call.chat_id = str(call.params.get("to") or call.params.get("recipient") or "")
        return call

    def _owner(self, node: str, token: str) -> str:
        """The key of the account that a token means: one may serve many numbers, and the path names one of them."""
        mine = [account for account in self.state.accounts.values() if token and token in account.tokens]
        named = [a for a in mine if node in {a.external_id, a.settings["business_id"]}]
        return next((account.key for account in [*named, *mine]), "")

    def methods(self) -> dict[str, Method]:
        """The edges."""
        return {
            "POST /messages": self._send_message,
            "POST /media": self._upload,
            "GET /": self._node,
            "GET /attachments": self._attachment,
            "GET /subscribed_apps": self._subscribed_apps,
            "POST /subscribed_apps": self._subscribe_business,
            "DELETE /subscribed_apps": self._unsubscribe_business,
            "GET /message_templates": self._templates,
            "POST /message_templates": self._create_template,
        }

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """In the Cloud API's codes. Meta seldom says how long to wait; the fake does, so that waiting is seen."""
        if fault.code:
            return graph_error(int(fault.code), "As the test demands")
        match fault.kind:
            case FaultKind.TOO_MANY if fault.is_chats:
                return graph_error(131056, "(Business Account, Consumer Account) pair rate limit hit")
            case FaultKind.TOO_MANY:
                after = str(max(1, round(fault.seconds)))
                return graph_error(130429, "Rate limit hit", status=429, Retry_After=after)
            case FaultKind.BLOCKED:
                return graph_error(131026, "Message undeliverable")
            case FaultKind.WINDOW_CLOSED:
                return graph_error(131047, "Re-engagement message")
            case FaultKind.POLICY:
                return graph_error(368, "Temporarily blocked for policies violations", status=403)
            case FaultKind.REJECTED:
                return graph_error(131009, "Parameter value is not valid")
            case _:
                return graph_error(190, f"Malformed access token {call.token}", status=401)

    def _send_message(self, account: Account, call: ApiCall) -> Answer:
        params = call.params
        self._must_be(account.external_id, call)
        if params.get("messaging_product") != "whatsapp":
            raise refused(100, "The parameter messaging_product is required.")
        if params.get("status") == "read":
            return Answer.json({"success": True})
        shown = shown_of(self.state, account, params)
        chat = self._chat_for(account, params)
        if chat is None:
            raise refused(131026, "Message undeliverable", details="Receiver is incapable of receiving this message")
        self._take_pair(chat)
        code = 0
        if not shown.is_template and not self.is_window_open(chat):
            code = 131047
        elif chat.blocked:
            code = 131026
        if code and not self.refuses_late:
            raise refused(code, title_of(str(code)))
        message = self._accepted(
            account, chat, shown, str(code or ""), str(params.get("biz_opaque_callback_data") or "")
        )
        person = self.state.people.get(chat.user_id)
        contact = {"input": call.chat_id}
        if person is not None:
            contact |= {"wa_id": wa_id_of(person), "user_id": person.external_id}
        accepted = {"id": message.external_id, "message_status": "accepted"}
        return Answer.json({"messaging_product": "whatsapp", "contacts": [contact], "messages": [accepted]})

    def _accepted(self, account: Account, chat: Chat, shown: Shown, code: str, reference: str) -> Message:
        """The message in its chat, or one that fails afterwards with a code."""
        what: dict[str, Any] = {"text": shown.text, "items": shown.items, "buttons": shown.buttons}
        if not code:
            return self.post_message(account, chat, reference=reference, **what)
        message = self.add_message(account, chat, from_bot=True, reference=reference, **what)
        message.status = "failed"
        told = Act(ActKind.FAILED, account.key, chat.user_id, message_id=message.message_id, text=code)
        told.by_person = False
        self.tell(told)
        return message

    def _chat_for(self, account: Account, params: dict[str, Any]) -> Chat | None:
        if params.get("recipient_type") == "group":
            return self.chat_named(account, str(params.get("to") or ""))
        if params.get("recipient"):
            return self.recipient_of(account, self.person_named(str(params["recipient"])))
        number = str(params.get("to") or "").lstrip("+")
        people = (p for p in self.state.people.values() if number and p.extra.get("wa_id") == number)
        return self.recipient_of(account, next(people, None))

    def _take_pair(self, chat: Chat) -> None:
        """A burst, then one message in six seconds."""
        if self.pair_burst is None:
            return
        left, at = chat.extra.get("pair", (float(self.pair_burst), self.now()))
        left = min(float(self.pair_burst), left + (self.now() - at) / _PAIR_S)
        if left < 1:
            raise refused(131056, "(Business Account, Consumer Account) pair rate limit hit")
        chat.extra["pair"] = (left - 1, self.now())

    def _must_be(self, node: str, call: ApiCall) -> None:
        if call.params["node"] != node:
            raise refused(
                100, f"Unsupported request. Object with ID '{call.params['node']}' does not exist", subcode=33
            )

    def _upload(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.external_id, call)
        part = call.parts.get("file")
        if part is None or call.params.get("messaging_product") != "whatsapp":
            raise refused(100, "The parameters file and messaging_product are required.")
        mime = str(call.params.get("type") or part.mime)
        if not mime.startswith(_UPLOADS):
            raise refused(100, f"Param file must be a file of a known type. Received file of type '{mime}'.")
        if len(part.data) > (_IMAGE_LIMIT if mime.startswith("image/") else _FILE_LIMIT):
            raise refused(100, "The file is too large")
        return Answer.json({"id": self.store_file("uploads", part.data, name=part.name, mime=mime).file_id})

    def _node(self, account: Account, call: ApiCall) -> Answer:
        """A file, or the number itself."""
        node = call.params["node"]
        file = self.state.files.get(node)
        if file is not None and not file.expired:
            found = {"messaging_product": "whatsapp", "id": node, "mime_type": file.mime, "url": self.link_to(file)}
            found |= {"sha256": hashlib.sha256(file.data).hexdigest(), "file_size": len(file.data)}
            return Answer.json(found)
        self._must_be(account.external_id, call)
        return Answer.json(
            {
                "id": account.external_id,
                "display_phone_number": f"+{account.settings['number']}",
                "verified_name": account.name,
                "quality_rating": account.settings["quality"],
                "status": account.settings["status"],
            }
        )

    def _attachment(self, account: Account, call: ApiCall) -> Answer:
        del account
        file, until = self.state.files.get(str(call.params.get("mid"))), str(call.params.get("ext") or "0")
        is_ours = file is not None and call.params.get("hash") == self.seal(file.file_id, int(until))
        if file is None or file.expired or not is_ours or int(until) < self.now():
            return Answer.text("Not Found", 404)
        return Answer(200, file.data, file.mime)

    def _subscribed_apps(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.settings["business_id"], call)
        rows = [
            {"whatsapp_business_api_data": {"id": other, "name": "Other"}}
            for other in account.settings.get("others", [])
        ]
        if account.settings.get("is_subscribed"):
            row: dict[str, Any] = {"whatsapp_business_api_data": {"id": account.settings["app_id"], "name": "Salon"}}
            if account.settings.get("override_url"):
                row["override_callback_uri"] = account.settings["override_url"]
            rows.append(row)
        return Answer.json({"data": rows})

    def _subscribe_business(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.settings["business_id"], call)
        url = str(call.params.get("override_callback_uri") or "")
        if url:
            self.shake_hands(url, str(call.params.get("verify_token") or ""))
        with self.lock:
            account.settings |= {"is_subscribed": True, "override_url": url}
            self.rewire(account)
        return Answer.json({"success": True})

    def _unsubscribe_business(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.settings["business_id"], call)
        account.settings |= {"is_subscribed": False, "override_url": ""}
        self.rewire(account)
        return Answer.json({"success": True})

    def _templates(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.settings["business_id"], call)
        limit, start = int(call.params.get("limit") or 25), int(call.params.get("after") or 0)
        shown = account.settings["templates"][start : start + limit]
        rows = [
            {
                "id": str(start + number),
                **{name: one[name] for name in ("name", "language", "status", "category")},
                "components": [{"type": "BODY", "text": one["body"]}],
            }
            for number, one in enumerate(shown)
        ]
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + limit)}}
        if start + limit < len(account.settings["templates"]):
            paging["next"] = f"{self.base_url}/v25.0/{account.settings['business_id']}/message_templates"
        return Answer.json({"data": rows, "paging": paging})

    def _create_template(self, account: Account, call: ApiCall) -> Answer:
        self._must_be(account.settings["business_id"], call)
        parts = [part for part in call.params.get("components") or [] if isinstance(part, dict)]
        body = next((str(part.get("text")) for part in parts if part.get("type") == "BODY"), "")
        if not body or not call.params.get("name"):
            raise refused(100, "The parameters name and components are required.")
        buttons = [key["text"] for part in parts if part.get("type") == "BUTTONS" for key in part.get("buttons", [])]
        named = {name: str(call.params.get(name) or "") for name in ("language", "category")}
        self.add_template(str(call.params["name"]), body, status="PENDING", buttons=buttons, bot=account, **named)
        return Answer.json({"id": str(len(account.settings["templates"])), "status": "PENDING"})
