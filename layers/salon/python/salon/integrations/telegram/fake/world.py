"""The fake's state and what keeps it: one lock, a feed of changes for those who watch, a file to survive in."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from salon.integrations.telegram.fake.delivery import Deliveries
from salon.integrations.telegram.fake.faults import SENDS, ApiCall, Fault, FaultKind
from salon.integrations.telegram.fake.methods import ApiError, carry_out
from salon.integrations.telegram.fake.state import Bot, Chat, Message, PendingUpdate, Person, State, StoredFile, Tap
from salon.platform.clock import Clock, SystemClock

_FEED_LENGTH = 5000
_CALLS_KEPT = 200_000
_SAVE_PAUSE_S = 0.2
_FIRST_UPDATE_ID = 500_000_001
_Found = TypeVar("_Found")
CallHook = Callable[[str, ApiCall], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a watcher shows.

    Attributes:
        version: counts up; ask for what came after it.
        kind: message, edit, answer, typing, chat, person, bot, fault.
        token: the bot, "" where it concerns none.
        user_id: the person, 0 where it concerns none.
        details: what else there is to say.
    """

    version: int
    kind: str
    token: str = ""
    user_id: int = 0
    details: dict[str, Any] = field(default_factory=dict)


class World:
    """Bots, people, chats, files, faults and calls. Every public method may be called from any thread.

    Args:
        webhook_base_delay_s: seconds before an update's first repeat; doubles up to a minute.
        webhook_timeout_s: seconds a webhook may take.
        update_expiry_s: seconds after which an update is given up.
        delivery_workers: deliveries at the same time.
        flood_limit: messages a bot may send in a second before it gets 429; the real limit is about 30. None: any.
        state_file: where everything is kept between runs; None keeps nothing.
        clock: tells the time of messages and of expiry.
    """

    def __init__(
        self,
        *,
        webhook_base_delay_s: float = 1.0,
        webhook_timeout_s: float = 60.0,
        update_expiry_s: float = 86_400.0,
        delivery_workers: int = 8,
        flood_limit: int | None = None,
        state_file: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self._moved = threading.Condition(self.lock)
        self._clock = clock or SystemClock()
        self._update_expiry_s = update_expiry_s
        self._state_file = state_file
        self._saver = Saver(self) if state_file else None
        self.state = State()
        if state_file and state_file.exists():
            self.state = State.from_json(json.loads(state_file.read_text("utf-8")))
        self.calls: deque[ApiCall] = deque(maxlen=_CALLS_KEPT)
        self.faults: list[Fault] = []
        self._flood_limit = flood_limit
        self._sends: dict[str, deque[float]] = {}
        self._hooks: list[CallHook] = []
        self._version = 0
        self._feed: deque[Change] = deque(maxlen=_FEED_LENGTH)
        self.deliveries = Deliveries(
            self, base_delay_s=webhook_base_delay_s, timeout_s=webhook_timeout_s, workers=delivery_workers
        )

    def now(self) -> float:
        """Seconds after 1970."""
        return self._clock.now().timestamp()

    # --- bots and people

    def add_bot(self, token: str, *, username: str = "salon_bot", name: str = "Салон") -> Bot:
        """A bot with this token; the one that is there already when there is one."""
        with self.lock:
            if token not in self.state.bots:
                digits = token.partition(":")[0]
                bot_id = int(digits) if digits.isdecimal() else 9_000_000_000 + zlib.crc32(token.encode())
                bot = Bot(token, bot_id, username, name, next_update_id=_FIRST_UPDATE_ID)
                self.state.bots[token] = bot
                self.changed("bot", token)
            return self.state.bots[token]

    def set_webhook(self, url: str, secret: str = "", *, bot: Bot | str | None = None) -> None:
        """Have a bot's updates sent to `url`, as `setWebhook` does; what waits is delivered at once."""
        with self.lock:
            the_bot = self.the_bot(bot)
            the_bot.webhook_url, the_bot.webhook_secret = url, secret
            self.deliveries.wake(the_bot.token)
            self.changed("bot", the_bot.token)

    def add_person(
        self, first_name: str, last_name: str = "", *, username: str = "", phone: str = "", language: str = "ru"
    ) -> Person:
        """Somebody new."""
        with self.lock:
            person = Person(self.state.next_user_id, first_name, last_name, username, phone, language)
            self.state.next_user_id += 1
            self.state.people[person.user_id] = person
            self.changed("person", user_id=person.user_id)
            return person

    def the_bot(self, bot: Bot | str | None = None) -> Bot:
        """The bot itself, the one with that token, or the first one.

        Raises:
            LookupError: there is no such bot.
        """
        if isinstance(bot, Bot):
            return bot
        with self.lock:
            found = self.state.bots.get(bot) if bot else next(iter(self.state.bots.values()), None)
            if found is None:
                raise LookupError("The fake has no such bot; add_bot() first.")
            return found

    def chat_of(self, user: Person | int, bot: Bot | str | None = None) -> Chat:
        """The chat of a person with a bot, made when it is not there."""
        with self.lock:
            token = self.the_bot(bot).token
            user_id = user if isinstance(user, int) else user.user_id
            if user_id not in self.state.people:
                raise LookupError(f"The fake knows nobody with the id {user_id}.")
            return self.state.chats.setdefault((token, user_id), Chat(token, user_id))

    # --- messages and updates

    def add_message(
        self, bot: Bot, chat: Chat, content: dict[str, Any], *, from_bot: bool, markup: dict[str, Any] | None = None
    ) -> Message:
        """Put a message into a chat. Call under the lock."""
        message = Message(bot.next_message_id, from_bot, int(self.now()), content, markup=markup or {})
        bot.next_message_id += 1
        chat.messages.append(message)
        if from_bot:
            chat.typing_until = 0.0
            if "keyboard" in message.markup:
                chat.reply_keyboard = message.markup
            elif "remove_keyboard" in message.markup:
                chat.reply_keyboard = {}
        self.changed("message", bot.token, chat.user_id, message_id=message.message_id, from_bot=from_bot)
        return message

    def message_json(self, bot: Bot, chat: Chat, message: Message) -> dict[str, Any]:
        """The message as a `Message` of the Bot API."""
        person = self.state.people[chat.user_id]
        value: dict[str, Any] = {
            "message_id": message.message_id,
            "from": bot.as_user() if message.from_bot else person.as_user(),
            "chat": person.as_chat(),
            "date": message.date,
        }
        if message.edit_date:
            value["edit_date"] = message.edit_date
        value |= message.content
        return {**value, "reply_markup": message.markup} if message.buttons else value

    def post_update(self, bot: Bot, user_id: int, kind: str, content: dict[str, Any]) -> int:
        """Queue an `Update` for the bot's webhook; its id."""
        with self.lock:
            number = bot.next_update_id
            if bot.allowed_updates and kind not in bot.allowed_updates:
                return number
            bot.next_update_id += 1
            inner = json.dumps({kind: content}, ensure_ascii=False)[1:]
            body = f'{{"update_id":{number},\n{inner}'  # the raw line break is the real server's
            told_of = int(content.get("message_id") or 0)
            update = PendingUpdate(number, body, self.now() + self._update_expiry_s, told_of)
            self.deliveries.put((bot.token, user_id), update)
            self.touched()
            return number

    def reply_in_response(self, bot: Bot, reply: dict[str, Any]) -> None:
        """Carry out the call that a webhook put into its answer; nobody hears how it went."""
        params = {key: value for key, value in reply.items() if key != "method"}
        call = ApiCall(self.now(), bot.token, str(reply["method"]), params)
        self.calls.append(call)
        with suppress(ApiError):
            carry_out(self, bot, call.method, params)
            call.status = 200

    def store_file(self, folder: str, data: bytes, *, name: str, mime: str) -> StoredFile:
        """Keep a file that somebody sent."""
        with self.lock:
            number = self.state.next_file
            self.state.next_file += 1
            suffix = Path(name).suffix or ".bin"
            file = StoredFile(f"AwACAgIAAx{number:08d}", f"{folder}/file_{number}{suffix}", mime, name, data)
            self.state.files[file.file_id] = file
            return file

    def expire_files(self) -> None:
        """From now on nobody can have the files that were sent so far."""
        with self.lock:
            for file in self.state.files.values():
                file.expired = True

    def expire_taps(self) -> None:
        """Taps that are not answered yet become too old to be answered."""
        with self.lock:
            for tap in self.state.taps.values():
                tap.expired = True

    def tap_of(self, callback_id: str) -> Tap:
        """The tap with this id; its `answer` is what the bot answered."""
        with self.lock:
            return self.state.taps[callback_id]

    # --- faults, hooks, calls

    def fail_next(self, kind: FaultKind, times: int | None = 1, **limits: Any) -> Fault:
        """Let the next calls fail; `times=None` until `clear_faults`.

        Args:
            kind: how.
            times: how many calls; sends and edits, unless `methods` says otherwise.
            limits: `methods`, `seconds`, `token`, `chat_id`, `to_chat_id` of `Fault`.
        """
        with self.lock:
            fault = Fault(kind, times, **limits)
            self.faults.append(fault)
            self.changed("fault")
            return fault

    def clear_faults(self) -> None:
        """From now on everything works."""
        with self.lock:
            self.faults.clear()
            self.changed("fault")

    def take_fault(self, call: ApiCall) -> Fault | None:
        """The fault that strikes this call, used up by one."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.strikes(call)), None)
            if fault is not None and fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self.faults.remove(fault)
                self.changed("fault")
            return fault

    def is_flooded_by(self, call: ApiCall) -> bool:
        """Whether the bot sends more than it may; a call that is let through counts."""
        if self._flood_limit is None or call.method not in SENDS:
            return False
        with self.lock:
            now, sent = self.now(), self._sends.setdefault(call.token, deque())
            while sent and sent[0] <= now - 1:
                sent.popleft()
            if len(sent) >= self._flood_limit:
                return True
            sent.append(now)
            return False

    def on_call(self, hook: CallHook) -> None:
        """Have `hook("before" | "after", call)` called around the carrying out of each call, without the lock."""
        self._hooks.append(hook)

    def run_hooks(self, stage: str, call: ApiCall) -> None:
        """Tell the hooks."""
        for hook in list(self._hooks):
            hook(stage, call)

    def calls_of(self, method: str, token: str | None = None) -> list[ApiCall]:
        """The calls of one method so far."""
        with self.lock:
            return [call for call in self.calls if call.method == method and token in {None, call.token}]

    # --- watching

    def changed(self, kind: str, token: str = "", user_id: int = 0, **details: Any) -> None:
        """Tell the watchers. Call under the lock."""
        self._version += 1
        self._feed.append(Change(self._version, kind, token, user_id, details))
        self.touched()

    def touched(self) -> None:
        """Something moved that no watcher shows: wake those who wait, save. Call under the lock."""
        self._moved.notify_all()
        if self._saver is not None:
            self._saver.due()

    @property
    def version(self) -> int:
        """The newest change's number."""
        return self._version

    def changes_after(self, version: int, timeout_s: float) -> list[Change]:
        """What came after `version`; waits up to `timeout_s` for something to come."""
        with self._moved:
            self._moved.wait_for(lambda: self._version > version, timeout_s)
            return [change for change in self._feed if change.version > version]

    def wait_for(self, look: Callable[[], _Found], *, timeout_s: float = 10.0, what: str = "") -> _Found:
        """Wait until `look()` gives something true, and give it.

        Raises:
            TimeoutError: it did not within `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        with self._moved:
            while not (found := look()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"Waited {timeout_s} s in vain for {what or 'a change'}.")
                self._moved.wait(left)
            return found

    def wait_delivered(self, *, timeout_s: float = 10.0) -> None:
        """Wait until no update waits and none is on its way.

        Raises:
            TimeoutError: some still do after `timeout_s`.
        """
        self.wait_for(self.deliveries.is_idle, timeout_s=timeout_s, what="the updates to be delivered")

    # --- keeping

    def save(self) -> None:
        """Write the state file, whole or not at all."""
        if self._state_file is None:
            return
        with self.lock:
            content = json.dumps(self.state.as_json(), ensure_ascii=False)
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


class Saver:
    """Saves the state some time after it was touched, so that a burst is one write."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def due(self) -> None:
        """There is something to save."""
        self._due.set()

    def start(self) -> None:
        """Start saving."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._work, name="fake-telegram-state", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Save what is left and stop."""
        self._stopped.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        self._world.save()

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._due.wait()
            self._due.clear()
            self._world.save()
            self._stopped.wait(_SAVE_PAUSE_S)
