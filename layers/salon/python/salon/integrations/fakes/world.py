"""The fake's state and what changes it: accounts, people, chats, messages, files, and the events that come of it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from salon.integrations.fakes.delivery import Deliveries
from salon.integrations.fakes.dialect import ActKind, DeliveryPolicy
from salon.integrations.fakes.keeping import Saver, state_as_json, state_from_json
from salon.integrations.fakes.roster import Roster
from salon.integrations.fakes.state import (
    Account,
    AccountRef,
    Act,
    Chat,
    Item,
    Key,
    Lane,
    Message,
    Pending,
    State,
    Tap,
    User,
)
from salon.integrations.fakes.watching import Flood
from salon.platform.clock import Clock, SystemClock

_TYPING_S = 5.0


class World(Roster):
    """Accounts, people, chats and files. Every public method may be called from any thread.

    Args:
        policy: how events are delivered, in place of the dialect's own.
        webhook_base_delay_s: seconds before an event's first repeat, in place of the policy's.
        webhook_timeout_s: seconds a webhook may take, in place of the policy's.
        delivery_workers: deliveries at the same time.
        flood: how many sends an account may make; None: any number.
        chat_flood: how many sends an account may make to one chat.
        state_file: where everything is kept between runs; None keeps nothing.
        clock: tells the time of messages, windows, floods and expiry.
    """

    def __init__(
        self,
        *,
        policy: DeliveryPolicy | None = None,
        webhook_base_delay_s: float | None = None,
        webhook_timeout_s: float | None = None,
        delivery_workers: int = 8,
        flood: Flood | None = None,
        chat_flood: Flood | None = None,
        state_file: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(flood=flood, chat_flood=chat_flood)
        self._clock = clock or SystemClock()
        self._state_file = state_file
        self._saver = Saver(self.save) if state_file else None
        self.state = State()
        if state_file and state_file.exists():
            self.state = state_from_json(json.loads(state_file.read_text("utf-8")))
        asked = {"base_delay_s": webhook_base_delay_s, "timeout_s": webhook_timeout_s}
        given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        self.policy = replace(policy or type(self).policy, **given)
        self.deliveries = Deliveries(self, workers=delivery_workers)

    # --- messages

    def add_message(
        self,
        account: Account,
        chat: Chat,
        *,
        from_bot: bool,
        sender_id: int = 0,
        text: str = "",
        items: Sequence[Item] = (),
        buttons: Sequence[Sequence[Key]] = (),
        keyboard: Sequence[Sequence[Key]] | None = None,
        markup: dict[str, Any] | None = None,
        reply_to: int = 0,
        by_human: bool = False,
        **content: Any,
    ) -> Message:
        """Put a message into a chat; tells nobody. Call under the lock.

        Args:
            account: whose chat it is.
            chat: where.
            from_bot: the account writes.
            sender_id: who else writes.
            text: what it says.
            items: what goes with it.
            buttons: keys that come with it.
            keyboard: those that stay under the box one writes in; an empty one takes them away, None changes nothing.
            markup: the keyboard as it was sent.
            reply_to: number of the message that it answers.
            by_human: a human of the salon writes.
            content: what only the dialect understands.
        """
        message = Message(account.count("message"), from_bot, self.now_ms(), sender_id=sender_id, text=text)
        message.items, message.buttons = list(items), [list(row) for row in buttons]
        message.markup, message.content, message.reply_to = markup or {}, content, reply_to
        message.by_human = by_human
        if keyboard is not None:
            chat.keyboard = [list(row) for row in keyboard]
        message.external_id = self.id_of_message(account, chat, message)
        chat.messages.append(message)
        if from_bot:
            chat.typing_until = 0.0
        else:
            chat.last_inbound_at = self.now()
        self.changed("message", account.key, chat.user_id, message_id=message.message_id, from_bot=from_bot)
        return message

    def post_message(self, account: Account, chat: Chat, **what: Any) -> Message:
        """A message of the account by the API: put into the chat, told of (SENT, DELIVERED). Call under the lock.

        Takes what `add_message` takes, without `from_bot`.
        """
        message = self.add_message(account, chat, from_bot=True, **what)
        self.tell(Act(ActKind.SENT, account.key, chat.user_id, message_id=message.message_id, by_person=False))
        self.mark_delivered(chat, message)
        return message

    def mark_delivered(self, chat: Chat, message: Message) -> None:
        """It reaches the phone now, if it can. Call under the lock."""
        person = self.state.people.get(chat.user_id)
        if message.status == "sent" and person and not (person.offline or person.deactivated or chat.blocked):
            message.status = "delivered"
            self.tell(Act(ActKind.DELIVERED, chat.account, chat.user_id, person.user_id, message.message_id))
            self.changed("status", chat.account, chat.user_id, message_id=message.message_id, status=message.status)

    def edit_message(
        self,
        chat: Chat,
        message: Message,
        *,
        text: str | None = None,
        buttons: Sequence[Sequence[Key]] | None = None,
        markup: dict[str, Any] | None = None,
    ) -> None:
        """The account changes a message of its own; None leaves a part as it is. Call under the lock."""
        if text is not None:
            message.history.append(message.text)
            message.text = text
        if buttons is not None:
            message.buttons, message.markup = [list(row) for row in buttons], markup or {}
        message.edit_date = int(self.now())
        self.changed("edit", chat.account, chat.user_id, message_id=message.message_id)

    def answer_tap(self, tap: Tap, **answer: Any) -> None:
        """The account answers a tap: its button stops spinning. Call under the lock."""
        tap.answer = answer
        self.changed("answer", tap.account, tap.user_id, callback_id=tap.callback_id, **answer)

    def mark_typing(self, chat: Chat, seconds: float = _TYPING_S) -> None:
        """The account is typing. Call under the lock."""
        chat.typing_until = time.monotonic() + seconds
        self.changed("typing", chat.account, chat.user_id)

    def message_with(self, external_id: str) -> tuple[Chat, Message] | None:
        """The message with the provider's id, whichever chat it lies in."""
        for chat in self.state.chats.values():
            for message in reversed(chat.messages):
                if message.external_id == external_id:
                    return chat, message
        return None

    def is_window_open(self, chat: Chat, hours: float = 24.0) -> bool:
        """Whether the person wrote less than `hours` ago."""
        return chat.last_inbound_at > 0 and self.now() - chat.last_inbound_at < hours * 3600

    def tap_of(self, callback_id: str) -> Tap:
        """The tap with this id; its `answer` is what the account answered."""
        with self.lock:
            return self.state.taps[callback_id]

    def expire_taps(self) -> None:
        """Taps that are not answered yet become too old to be answered."""
        with self.lock:
            for tap in self.state.taps.values():
                tap.expired = True

    # --- telling webhooks

    def tell(self, act: Act) -> None:
        """An act has happened: queue what the provider tells of it. Acts of people without network wait."""
        with self.lock:
            person = self.state.people.get(act.user_id)
            if act.by_person and person is not None and person.offline:
                self.state.held.append(act)
                return
            act.at_ms = self.now_ms()
            account = self.state.accounts[act.account]
            chat = self.state.chats[act.account, act.chat]
            for event in self.events_of(account, chat, act):
                self.post_event(account, event.kind, event.body, chat=act.chat, message_id=act.message_id)

    def post_event(self, account: Account, kind: str, body: str, *, chat: int = 0, message_id: int = 0) -> None:
        """Queue one event for the account's webhooks. Call under the lock."""
        if not account.webhooks and not self.policy.keeps_without_webhook:
            return
        expires_at = self.now() + self.policy.expiry_s
        for place, hook in enumerate([*account.webhooks] or [None]):
            if self.has_subscribed(account, hook, kind):
                lane: Lane = (account.key, 0 if self.policy.per_account else chat, "")
                if place and hook is not None:
                    lane = (lane[0], lane[1], hook.url)
                self.deliveries.put(lane, Pending(body, expires_at, chat, message_id))
        self.touched()

    def wait_delivered(self, *, timeout_s: float = 10.0) -> None:
        """Wait until no event waits and none is on its way.

        Raises:
            TimeoutError: some still do after `timeout_s`.
        """
        self.wait_for(self.deliveries.is_idle, timeout_s=timeout_s, what="the events to be delivered")

    # --- keeping

    def touched(self) -> None:
        """As the base does, and save."""
        super().touched()
        if self._saver is not None:
            self._saver.due()

    def save(self) -> None:
        """Write the state file, whole or not at all."""
        if self._state_file is None:
            return
        with self.lock:
            content = json.dumps(state_as_json(self.state), ensure_ascii=False)
        unfinished = self._state_file.with_suffix(".new")
        unfinished.write_text(content, "utf-8")
        unfinished.replace(self._state_file)

    def _start_world(self) -> None:
        if self._saver is not None:
            self._saver.start()
        self.deliveries.start()

    def _stop_world(self) -> None:
        self.deliveries.stop()
        if self._saver is not None:
            self._saver.stop()


__all__ = ["AccountRef", "User", "World"]
