"""`groups.*`: the community itself, and the servers of its Callback API."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.delivery import ask
from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Account, Webhook
from salon.integrations.vk.fake.words import Refused, number, word

if TYPE_CHECKING:
    from salon.integrations.vk.fake.messages import Method
    from salon.integrations.vk.fake.server import FakeVk

_MOST_SERVERS, _TITLE_LIMIT, _SECRET_LIMIT = 10, 14, 50
KINDS = (
    "message_new",
    "message_reply",
    "message_edit",
    "message_event",
    "message_allow",
    "message_deny",
    "message_read",
    "message_reaction_event",
    "message_typing_state",
    "group_join",
    "group_leave",
    "user_block",
    "user_unblock",
    "photo_new",
    "wall_post_new",
)


def server_id(account: Account, webhook: Webhook) -> int:
    """The number of a server, given when it is first asked for."""
    if "server_id" not in webhook.settings:
        webhook.settings["server_id"] = account.count("server")
    return int(webhook.settings["server_id"])


def _community(account: Account, call: ApiCall) -> None:
    """A community's token speaks for this community only."""
    if str(number(call, "group_id")) != account.external_id:
        raise Refused(call, 15, "group_id is of another community")


def _server(account: Account, call: ApiCall) -> Webhook:
    wanted = number(call, "server_id")
    found = next((hook for hook in account.webhooks if server_id(account, hook) == wanted), None)
    if found is None:
        raise Refused(call, 100, "server_id is invalid")
    return found


def _by_id(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world
    wanted = str(call.params.get("group_id") or account.external_id)
    if wanted != account.external_id:
        return {
            "groups": [{"id": int(wanted), "name": "Другое сообщество", "screen_name": f"club{wanted}"}],
            "profiles": [],
        }
    about = {"id": int(wanted), "name": account.name, "screen_name": account.username, "is_closed": 0, "type": "group"}
    return {"groups": [about], "profiles": []}


def _settings(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world
    _community(account, call)
    flags = ("messages", "bots_capabilities", "bots_start_button", "bots_add_to_chat")
    return {"title": account.name, **{name: int(account.settings.get(name, 1)) for name in flags}}


def _code(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world
    _community(account, call)
    return {"code": account.settings["confirmation"]}


def _servers(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world
    _community(account, call)
    items = [
        {
            "id": server_id(account, hook),
            "title": hook.settings.get("title", ""),
            "creator_id": 5,
            "url": hook.url,
            "secret_key": hook.secret,
            "status": hook.settings.get("status", "ok"),
        }
        for hook in account.webhooks
    ]
    return {"count": len(items), "items": items}


def _described(call: ApiCall) -> tuple[str, str, str]:
    url, title, secret = word(call, "url"), word(call, "title"), str(call.params.get("secret_key") or "")
    if not url.startswith(("http://", "https://")):
        raise Refused(call, 100, "url is invalid")
    if len(title) > _TITLE_LIMIT or len(secret) > _SECRET_LIMIT:
        raise Refused(call, 100, "title or secret_key is too long")
    return url, title, secret


def _add(world: FakeVk, account: Account, call: ApiCall) -> Any:
    with world.lock:
        _community(account, call)
        url, title, secret = _described(call)
        if len(account.webhooks) >= _MOST_SERVERS:
            raise Refused(call, 2000)
        # No events until some are asked for, and none before the server has proved to be the community's.
        hook = Webhook(
            url, secret, settings={"title": title, "is_picky": True, "status": "wait", "api_version": "5.80"}
        )
        world.add_webhook(account, hook)
        number_of_it = server_id(account, hook)
    world.confirm(account, hook)
    return {"server_id": number_of_it}


def _edit(world: FakeVk, account: Account, call: ApiCall) -> Any:
    with world.lock:
        _community(account, call)
        hook = _server(account, call)
        url, title, secret = _described(call)
        if url != hook.url:
            world.deliveries.drop(account.key, hook.url)
        hook.url, hook.secret = url, secret
        hook.settings |= {"title": title, "status": "wait"}
    world.confirm(account, hook)
    return 1


def _delete(world: FakeVk, account: Account, call: ApiCall) -> Any:
    _community(account, call)
    world.remove_webhook(account, _server(account, call).url)
    return 1


def _get_settings(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world
    _community(account, call)
    hook = _server(account, call)
    is_sent = {kind: int(kind in hook.kinds or not (hook.kinds or hook.settings.get("is_picky"))) for kind in KINDS}
    return {"api_version": hook.settings.get("api_version", "5.199"), "events": is_sent}


def _set_settings(world: FakeVk, account: Account, call: ApiCall) -> Any:
    _community(account, call)
    hook = _server(account, call)
    hook.settings["is_picky"] = True
    for kind in KINDS:
        if kind in call.params:
            hook.kinds = [known for known in hook.kinds if known != kind]
            hook.kinds += [kind] if str(call.params[kind]) == "1" else []
    if call.params.get("api_version"):
        hook.settings["api_version"] = str(call.params["api_version"])
    world.touched()
    return 1


def ask_to_confirm(account: Account, webhook: Webhook) -> bool:
    """Whether the server knows the community's string. Never under the lock: it may be a long way there."""
    question = {"type": "confirmation", "group_id": int(account.external_id), "v": "5.199"}
    if webhook.secret:
        question["secret"] = webhook.secret
    body = json.dumps(question).encode()
    try:
        status, _, _, content = ask(webhook.url, "POST", body, {"Content-Type": "application/json"})
    except (OSError, http.client.HTTPException):
        return False
    return (status, content) == (200, str(account.settings["confirmation"]).encode())


METHODS: dict[str, Method] = {
    "groups.getById": _by_id,
    "groups.getSettings": _settings,
    "groups.getCallbackConfirmationCode": _code,
    "groups.getCallbackServers": _servers,
    "groups.addCallbackServer": _add,
    "groups.editCallbackServer": _edit,
    "groups.deleteCallbackServer": _delete,
    "groups.getCallbackSettings": _get_settings,
    "groups.setCallbackSettings": _set_settings,
}
UNLOCKED = frozenset({"groups.addCallbackServer", "groups.editCallbackServer"})
