"""What a person at the page does: each act is one verb of the fake messenger that the page shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.faults import FaultKind
from salon.integrations.fakes.state import Account


class Refused(Exception):
    """A request that makes no sense; its text is shown to the person at the page."""


def bot_of(fake: Messenger, bot_id: object) -> Account:
    """The salon's account with this id.

    Raises:
        Refused: there is none.
    """
    account = next((one for one in fake.state.accounts.values() if one.external_id == bot_id), None)
    if account is None:
        raise Refused("Нет такого аккаунта.")
    return account


def _where(fake: Messenger, asked: dict[str, Any]) -> tuple[int, Account]:
    user = asked.get("user")
    if not isinstance(user, int):
        raise Refused("Нет собеседника.")
    return user, bot_of(fake, asked.get("bot"))


def _message_of(asked: dict[str, Any]) -> int:
    number = asked.get("message")
    if not isinstance(number, int):
        raise Refused("Нет такого сообщения.")
    return number


def _say(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    text = str(asked.get("text") or "").strip()
    if not text:
        raise Refused("Сообщение пустое.")
    fake.say(user, text, bot=bot)


def _start(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.start(user, str(asked.get("param") or ""), bot=bot)


def _edit(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.edit(user, _message_of(asked), str(asked.get("text") or "").strip() or "…", bot=bot)


def _delete(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.delete(user, _message_of(asked), bot=bot)


def _react(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.react(user, _message_of(asked), str(asked.get("emoji") or "❤"), bot=bot)


def _tap(fake: Messenger, asked: dict[str, Any]) -> dict[str, Any]:
    user, bot = _where(fake, asked)
    message, data = _message_of(asked), str(asked.get("data") or "")
    # The screen may be a moment behind the bot's edit, as on a real phone.
    tap = fake.tap(user, message, data, bot=bot, stale=True)
    if asked.get("twice") is True:  # an impatient thumb
        with suppress(LookupError):
            fake.tap(user, message, data, bot=bot, stale=True)
    return {"callback_id": tap.callback_id}


def _contact(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    own = asked.get("own") is not False
    phone, name = str(asked.get("phone") or ""), str(asked.get("name") or "")
    fake.send_contact(user, phone=phone, first_name=name, own=own, bot=bot)


def _place(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.send_location(user, 55.75, 37.62, bot=bot)


def _sticker(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.send_sticker(user, bot=bot)


def _block(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    (fake.block if asked.get("blocked") else fake.unblock)(user, bot=bot)


def _offline(fake: Messenger, asked: dict[str, Any]) -> None:
    user, _ = _where(fake, asked)
    (fake.go_offline if asked.get("offline") else fake.go_online)(user)


def _human(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.human_reply(user, str(asked.get("text") or "").strip() or "Здравствуйте!", bot=bot)


def _read(fake: Messenger, asked: dict[str, Any]) -> None:
    user, bot = _where(fake, asked)
    fake.read(user, bot=bot)


def _person(fake: Messenger, asked: dict[str, Any]) -> dict[str, Any]:
    first_name = str(asked.get("first_name") or "").strip()
    if not first_name:
        raise Refused("Собеседнику нужно имя.")
    last_name, phone = str(asked.get("last_name") or "").strip(), str(asked.get("phone") or "").strip()
    return {"user": fake.add_person(first_name, last_name, phone=phone).user_id}


def _fault(fake: Messenger, asked: dict[str, Any]) -> None:
    if asked.get("kind") == "none":
        fake.clear_faults()
        return
    try:
        kind = FaultKind(str(asked.get("kind")))
    except ValueError:
        raise Refused("Нет такого сбоя.") from None
    times = asked.get("times")
    seconds = float(asked.get("seconds") or 5.0)
    fake.clear_faults()
    try:
        fake.fail_next(kind, times if isinstance(times, int) else None, seconds=seconds)
    except LookupError:
        raise Refused("У этого мессенджера такого сбоя не бывает.") from None


ACTS: dict[str, Callable[[Messenger, dict[str, Any]], dict[str, Any] | None]] = {
    "say": _say,
    "start": _start,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "tap": _tap,
    "contact": _contact,
    "place": _place,
    "sticker": _sticker,
    "block": _block,
    "offline": _offline,
    "human": _human,
    "read": _read,
    "person": _person,
    "fault": _fault,
}
