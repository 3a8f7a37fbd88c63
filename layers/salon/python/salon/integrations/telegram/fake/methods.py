"""The Bot API's methods, carried out on the fake's state with the checks and the words of the real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from salon.integrations.fakes import Account, Chat, Item, Key, Message, Part, StoredFile
from salon.integrations.fakes.world import World
from salon.integrations.telegram.fake.shapes import bot_user, message_json
from salon.integrations.telegram.payloads.calls import utf16_length

_TEXT_LIMIT = 4096
_CAPTION_LIMIT = 1024
_BUTTON_LIMIT = 100
_DATA_LIMIT_BYTES = 64
_TOAST_LIMIT = 200
_DOWNLOAD_LIMIT_BYTES = 20_000_000
_UPLOAD_LIMIT_BYTES = 50_000_000
_PHOTO_LIMIT_BYTES = 10_000_000
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
Params = dict[str, Any]


class ApiError(Exception):
    """An `{"ok": false}` answer.

    Attributes:
        status: HTTP status and `error_code`.
        description: in the real server's words.
        parameters: `retry_after`, `migrate_to_chat_id`.
    """

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        """The answer's body."""
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def _bad(what: str) -> ApiError:
    return ApiError(400, f"Bad Request: {what}")


def carry_out(world: World, bot: Account, method: str, params: Params) -> Any:
    """Carry out a method under the world's lock; its `result`.

    Raises:
        ApiError: as the real server refuses it.
    """
    run = {name.lower(): run for name, run in _METHODS.items()}.get(method.lower())  # method names ignore case
    if run is None:
        raise ApiError(404, "Not Found")
    try:
        return run(world, bot, params)
    except (ValueError, TypeError, AttributeError, KeyError):  # a parameter of a type that makes no sense
        raise _bad("invalid parameter in the request") from None


def _get_me(world: World, bot: Account, params: Params) -> Any:
    del world, params
    return {**bot_user(bot), "can_join_groups": True, "can_read_all_group_messages": False}


def _set_webhook(world: World, bot: Account, params: Params) -> Any:
    url = str(params.get("url") or "")
    if not url:
        return _delete_webhook(world, bot, params)
    if not url.startswith(("http://", "https://")):
        raise _bad("bad webhook: invalid webhook URL specified")
    secret = str(params.get("secret_token") or "")
    if secret and not _SECRET.match(secret):
        raise _bad("secret token contains unallowed characters")
    if "allowed_updates" in params:
        bot.settings["allowed_updates"] = [str(kind) for kind in _json_value(params["allowed_updates"], list)]
    bot.settings["max_connections"] = int(params.get("max_connections") or bot.settings.get("max_connections") or 40)
    if params.get("drop_pending_updates"):
        world.deliveries.drop(bot.key)
    world.set_webhook(url, secret, bot=bot)
    return True


def _delete_webhook(world: World, bot: Account, params: Params) -> Any:
    bot.webhooks.clear()
    if params.get("drop_pending_updates"):
        world.deliveries.drop(bot.key)
    world.changed("bot", bot.key)
    return True


def _get_webhook_info(world: World, bot: Account, params: Params) -> Any:
    del params
    info: dict[str, Any] = {
        "url": bot.webhook_url,
        "has_custom_certificate": False,
        "pending_update_count": world.deliveries.pending(bot.key),
        "max_connections": bot.settings.get("max_connections", 40),
        "ip_address": "127.0.0.1",
    }
    if bot.last_error:
        info |= {"last_error_date": bot.last_error_at, "last_error_message": bot.last_error}
    allowed = bot.settings.get("allowed_updates")
    return {**info, "allowed_updates": allowed} if allowed else info


def _send_message(world: World, bot: Account, params: Params) -> Any:
    chat = _chat(world, bot, params)
    return _post(world, bot, chat, params, text=_text(params))


def _send_photo(world: World, bot: Account, params: Params) -> Any:
    chat, file = _chat(world, bot, params), _uploaded(world, params, "photo", limit=_PHOTO_LIMIT_BYTES)
    item = Item("photo", file.file_id, file.mime, file.name, len(file.data))
    return _post(world, bot, chat, params, text=_caption(params), items=[item])


def _send_document(world: World, bot: Account, params: Params) -> Any:
    chat, file = _chat(world, bot, params), _uploaded(world, params, "document")
    item = Item("document", file.file_id, file.mime, file.name, len(file.data))
    return _post(world, bot, chat, params, text=_caption(params), items=[item])


def _edit_text(world: World, bot: Account, params: Params) -> Any:
    chat, message = _editable(world, bot, params)
    if message.items:
        raise _bad("there is no text in the message to edit")
    return _changed(world, chat, message, params, text=_text(params))


def _edit_caption(world: World, bot: Account, params: Params) -> Any:
    chat, message = _editable(world, bot, params)
    if not message.items:
        raise _bad("there is no caption in the message to edit")
    return _changed(world, chat, message, params, text=_caption(params))


def _edit_markup(world: World, bot: Account, params: Params) -> Any:
    chat, message = _editable(world, bot, params)
    return _changed(world, chat, message, params)


def _changed(world: World, chat: Chat, message: Message, params: Params, *, text: str | None = None) -> Any:
    markup = _markup(params, inline_only=True)
    if text in {None, message.text} and markup == message.markup:
        raise _bad(
            "message is not modified: specified new message content and reply markup are exactly the same as "
            "a current content and reply markup of the message"
        )
    world.edit_message(chat, message, text=text, buttons=_keys(markup, "inline_keyboard"), markup=markup)
    return message_json(world.state, world.state.accounts[chat.account], chat, message)


def _answer_callback(world: World, bot: Account, params: Params) -> Any:
    tap = world.state.taps.get(str(params.get("callback_query_id", "")))
    if tap is None or tap.account != bot.key or tap.expired or tap.answer is not None:
        raise _bad("query is too old and response timeout expired or query ID is invalid")
    if utf16_length(str(params.get("text", ""))) > _TOAST_LIMIT:
        raise _bad("MESSAGE_TOO_LONG")
    world.answer_tap(tap, text=str(params.get("text", "")), show_alert=bool(params.get("show_alert")))
    return True


def _chat_action(world: World, bot: Account, params: Params) -> Any:
    chat = _chat(world, bot, params)
    if not params.get("action"):
        raise _bad("wrong parameter action in request")
    world.mark_typing(chat)
    return True


def _get_file(world: World, bot: Account, params: Params) -> Any:
    del bot
    file_id = str(params.get("file_id") or "")
    if not file_id:
        raise _bad("file_id not specified")
    file = world.state.files.get(file_id)
    if file is None:
        raise _bad("wrong file_id or the file is temporarily unavailable")
    if file.expired:
        raise _bad("file is temporarily unavailable")
    if len(file.data) > _DOWNLOAD_LIMIT_BYTES:
        raise _bad("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": f"u{file.file_id}",
        "file_size": len(file.data),
        "file_path": file.path,
    }


_METHODS: dict[str, Callable[[World, Account, Params], Any]] = {
    "getMe": _get_me,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _get_webhook_info,
    "sendMessage": _send_message,
    "sendPhoto": _send_photo,
    "sendDocument": _send_document,
    "editMessageText": _edit_text,
    "editMessageCaption": _edit_caption,
    "editMessageReplyMarkup": _edit_markup,
    "answerCallbackQuery": _answer_callback,
    "sendChatAction": _chat_action,
    "getFile": _get_file,
}


def _chat(world: World, bot: Account, params: Params) -> Chat:
    """The chat that the call is for; nobody can be written to who has not written first."""
    given = str(params.get("chat_id") or "")
    if not given:
        raise _bad("chat_id is empty")
    group = world.chat_named(bot, given)
    if group is not None and group.is_group:
        if group.extra.get("migrated_to"):
            told = {"migrate_to_chat_id": int(group.extra["migrated_to"])}
            raise ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", **told)
        if group.blocked:
            raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
        return group
    person = world.person_named(given)
    if person is None:
        raise _bad("chat not found")
    if person.deactivated:
        raise ApiError(403, "Forbidden: user is deactivated")
    chat = world.chat_of(person, bot)
    if not chat.started:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def _editable(world: World, bot: Account, params: Params) -> tuple[Chat, Message]:
    chat = _chat(world, bot, params)
    number = str(params.get("message_id") or "")
    message = chat.message(int(number)) if number.isdecimal() else None
    if message is None:
        raise _bad("message to edit not found")
    if not message.from_bot or "keyboard" in message.markup:
        raise _bad("message can't be edited")
    return chat, message


def _post(world: World, bot: Account, chat: Chat, params: Params, **what: Any) -> Any:
    markup = _markup(params)
    keyboard = None
    if "keyboard" in markup or "remove_keyboard" in markup:
        keyboard = _keys(markup, "keyboard")
    buttons = keyboard or _keys(markup, "inline_keyboard")
    message = world.post_message(bot, chat, buttons=buttons, keyboard=keyboard, markup=markup, **what)
    return message_json(world.state, bot, chat, message)


def _keys(markup: dict[str, Any], name: str) -> list[list[Key]]:
    """The keys in our words, with the Bot API's beside them."""
    return [[_key(key if isinstance(key, dict) else {"text": str(key)}) for key in row] for row in markup.get(name, [])]


def _key(key: dict[str, Any]) -> Key:
    kind = "callback" if "callback_data" in key else "url" if "url" in key else "text"
    kind = "phone" if key.get("request_contact") else "location" if key.get("request_location") else kind
    ours = {"text": str(key.get("text") or ""), "payload": str(key.get("callback_data") or "")}
    return {**key, **ours, "url": str(key.get("url") or ""), "kind": kind}


def _text(params: Params) -> str:
    text = str(params.get("text") or "").strip()
    if not text:
        raise _bad("message text is empty")
    if utf16_length(text) > _TEXT_LIMIT:
        raise _bad("message is too long")
    return text


def _caption(params: Params) -> str:
    caption = str(params.get("caption") or "")
    if utf16_length(caption) > _CAPTION_LIMIT:
        raise _bad("message caption is too long")
    return caption


def _markup(params: Params, *, inline_only: bool = False) -> dict[str, Any]:
    """The keyboard, checked; an empty one is none."""
    raw = params.get("reply_markup")
    if not raw:
        return {}
    markup: dict[str, Any] = _json_value(raw, dict)
    if "inline_keyboard" not in markup:
        if inline_only:
            raise _bad("inline keyboard expected")
        return markup
    rows: list[list[dict[str, Any]]] = [row for row in markup["inline_keyboard"] if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > _BUTTON_LIMIT:
        raise _bad("reply markup is too long")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if rows else {}


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text") or "").strip():
        raise _bad("inline keyboard button text is empty")
    if "url" in button:
        return
    size = len(str(button.get("callback_data") or "").encode())
    if size == 0:
        raise _bad("text buttons are unallowed in the inline keyboard")
    if size > _DATA_LIMIT_BYTES:
        raise _bad("BUTTON_DATA_INVALID")


def _json_value(raw: Any, kind: type) -> Any:
    """A parameter that is JSON within a form, or a plain value within JSON."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise _bad("can't parse JSON object in a parameter") from None
    if not isinstance(raw, kind):
        raise _bad("object expected in a parameter")
    return raw


def _uploaded(world: World, params: Params, field: str, *, limit: int = _UPLOAD_LIMIT_BYTES) -> StoredFile:
    given = params.get(field)
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if isinstance(given, Part):
        if len(given.data) > limit:
            raise ApiError(413, "Request Entity Too Large") if limit == _UPLOAD_LIMIT_BYTES else _bad("PHOTO_TOO_BIG")
        if not given.data:
            raise _bad("file must be non-empty")
        return world.store_file("documents", given.data, name=given.name, mime=given.mime)
    file = world.state.files.get(str(given or ""))
    if file is None:
        raise _bad("wrong remote file identifier specified" if given else f"there is no {field} in the request")
    return file
