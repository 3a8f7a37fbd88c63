"""The people's side: they write, tap, send, block. Each act shows in their chat and posts a genuine `Update`."""

from __future__ import annotations

import re
from typing import Any

from salon.integrations.telegram.fake.state import Bot, Chat, Message, Person, Tap
from salon.integrations.telegram.fake.world import World

User = Person | int
BotRef = Bot | str | None
_COMMAND = re.compile(r"/[a-z0-9_]{1,32}(?:@\w+)?(?=\s|\Z)")
_SILENCE = b"OggS\x00\x02" + bytes(200)


class Crowd(World):
    """A world whose people act. `user` is a person or an id; `bot` may be left out while there is one."""

    def start(self, user: User, param: str = "", *, bot: BotRef = None) -> Message:
        """Press "Start", perhaps after following a deep link with `param`."""
        return self.say(user, f"/start {param}".strip(), bot=bot)

    def say(self, user: User, text: str, *, bot: BotRef = None) -> Message:
        """Write a message."""
        content: dict[str, Any] = {"text": text}
        command = _COMMAND.match(text)
        if command:
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        return self._send(user, content, bot)

    def edit(self, user: User, message_id: int, text: str, *, bot: BotRef = None) -> Message:
        """Change a message that the person wrote before."""
        with self.lock:
            the_bot, chat, message = self._find(user, message_id, bot)
            if message.from_bot:
                raise LookupError("Nobody can edit a bot's message but the bot.")
            message.history.append(message.text)
            message.content = {"text": text}
            message.edit_date = int(self.now())
            self.changed("edit", the_bot.token, chat.user_id, message_id=message_id)
            self.post_update(the_bot, chat.user_id, "edited_message", self.message_json(the_bot, chat, message))
            return message

    def tap(self, user: User, message_id: int, button: str, *, bot: BotRef = None, stale: bool = False) -> Tap:
        """Tap a button, named by what it says or by its data.

        Args:
            user: who taps.
            message_id: the bot's message.
            button: the button's text or data.
            bot: whose message it is.
            stale: tap data that the message no longer shows: a screen that has not been refreshed yet.

        Raises:
            LookupError: there is no such message or button.
        """
        with self.lock:
            the_bot, chat, message = self._find(user, message_id, bot)
            shown = [key for row in message.buttons for key in row]
            named = [key for key in shown if button in {key.get("text"), key.get("callback_data")}]
            if not named and not stale:
                raise LookupError(f"Message {message_id} has no button {button!r}, only {message.button_texts}.")
            data = str(named[0]["callback_data"]) if named else button
            tap = Tap(f"{the_bot.bot_id}{len(self.state.taps) + 1:06d}", the_bot.token, chat.user_id, message_id, data)
            self.state.taps[tap.callback_id] = tap
            self.changed("tap", the_bot.token, chat.user_id, message_id=message_id, callback_id=tap.callback_id)
            content = {
                "id": tap.callback_id,
                "from": self.state.people[chat.user_id].as_user(),
                "message": self.message_json(the_bot, chat, message),
                "chat_instance": f"-{chat.user_id}{the_bot.bot_id}",
                "data": data,
            }
            self.post_update(the_bot, chat.user_id, "callback_query", content)
            return tap

    def send_voice(
        self, user: User, data: bytes = _SILENCE, *, duration_s: int = 3, mime: str = "audio/ogg", bot: BotRef = None
    ) -> Message:
        """Speak."""
        suffix = {"audio/ogg": "oga", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav"}
        name = f"voice.{suffix.get(mime, 'webm')}"
        file = self.store_file("voice", data, name=name, mime=mime)
        voice = {"duration": duration_s, "mime_type": mime, **self._file_json(file.file_id, len(data))}
        return self._send(user, {"voice": voice}, bot)

    def send_photo(self, user: User, data: bytes, *, caption: str = "", bot: BotRef = None) -> Message:
        """Send a picture; Telegram makes JPEGs of several sizes of it."""
        small = self.store_file("photos", data, name="photo.jpg", mime="image/jpeg")
        large = self.store_file("photos", data, name="photo.jpg", mime="image/jpeg")
        sizes = [
            {**self._file_json(small.file_id, len(data)), "width": 90, "height": 68},
            {**self._file_json(large.file_id, len(data)), "width": 1280, "height": 960},
        ]
        return self._send(user, {"photo": sizes, **({"caption": caption} if caption else {})}, bot)

    def send_file(
        self,
        user: User,
        data: bytes,
        *,
        name: str,
        mime: str = "application/octet-stream",
        caption: str = "",
        bot: BotRef = None,
    ) -> Message:
        """Send a document."""
        file = self.store_file("documents", data, name=name, mime=mime)
        document = {"file_name": name, "mime_type": mime, **self._file_json(file.file_id, len(data))}
        return self._send(user, {"document": document, **({"caption": caption} if caption else {})}, bot)

    def send_contact(
        self, user: User, *, phone: str = "", first_name: str = "", own: bool = True, bot: BotRef = None
    ) -> Message:
        """Share a card: the person's own number, or with `own=False` somebody's."""
        with self.lock:
            person = self._person(user)
            number = phone or (person.phone if own else "")
            if not number:
                raise LookupError("There is no phone number to share.")
            card: dict[str, Any] = {"phone_number": number, "first_name": first_name or person.first_name}
            if own:
                card["user_id"] = person.user_id
                self.chat_of(user, bot).reply_keyboard = {}  # one_time_keyboard hides once it has been used
            return self._send(user, {"contact": card}, bot)

    def send_location(self, user: User, latitude: float, longitude: float, *, bot: BotRef = None) -> Message:
        """Share a place."""
        return self._send(user, {"location": {"latitude": latitude, "longitude": longitude}}, bot)

    def block(self, user: User, *, bot: BotRef = None) -> None:
        """Block the bot."""
        self._membership(user, bot, blocked=True)

    def unblock(self, user: User, *, bot: BotRef = None) -> None:
        """Unblock the bot."""
        self._membership(user, bot, blocked=False)

    def deactivate(self, user: User) -> None:
        """The person deletes the account."""
        with self.lock:
            self._person(user).deactivated = True
            self.changed("person", user_id=self._person(user).user_id)

    # --- what the people see

    def sent_to(self, user: User, *, bot: BotRef = None) -> list[Message]:
        """What the bot has written to this person (a private chat's id is the person's)."""
        with self.lock:
            return [message for message in self.chat_of(user, bot).messages if message.from_bot]

    def transcript(self, user: User, *, bot: BotRef = None) -> list[str]:
        """The chat as it reads now: a line per message, buttons in brackets."""
        with self.lock:
            name = self._person(user).first_name
            return [
                f"{'бот' if message.from_bot else name}: {_what(message)}"
                + "".join(f" [{' | '.join(key['text'] for key in row)}]" for row in message.buttons)
                for message in self.chat_of(user, bot).messages
            ]

    def wait_for_message(
        self, user: User, containing: str = "", *, after: int = 0, bot: BotRef = None, timeout_s: float = 10.0
    ) -> Message:
        """Wait for a message of the bot with `containing` in its text and an id greater than `after`.

        Raises:
            TimeoutError: none came; the error shows the chat.
        """

        def look() -> Message | None:
            fits = (m for m in self.sent_to(user, bot=bot) if m.message_id > after and containing in m.text)
            return next(fits, None)

        try:
            found = self.wait_for(look, timeout_s=timeout_s)
        except TimeoutError:
            seen = "\n".join(self.transcript(user, bot=bot))
            raise TimeoutError(f"No message with {containing!r} came within {timeout_s} s. The chat:\n{seen}") from None
        if found is None:
            raise TimeoutError  # wait_for gives only what is true
        return found

    # --- parts

    def _person(self, user: User) -> Person:
        return self.state.people[user if isinstance(user, int) else user.user_id]

    def _find(self, user: User, message_id: int, bot: BotRef) -> tuple[Bot, Chat, Message]:
        chat = self.chat_of(user, bot)
        message = chat.message(message_id)
        if message is None:
            raise LookupError(f"The chat has no message {message_id}.")
        return self.the_bot(bot), chat, message

    def _send(self, user: User, content: dict[str, Any], bot: BotRef) -> Message:
        with self.lock:
            the_bot, chat = self.the_bot(bot), self.chat_of(user, bot)
            if chat.blocked:  # the messenger has no box to write in while the bot is blocked
                raise LookupError("The person has blocked this bot; unblock() first.")
            chat.started = True
            message = self.add_message(the_bot, chat, content, from_bot=False)
            self.post_update(the_bot, chat.user_id, "message", self.message_json(the_bot, chat, message))
            return message

    def _membership(self, user: User, bot: BotRef, *, blocked: bool) -> None:
        with self.lock:
            the_bot, chat = self.the_bot(bot), self.chat_of(user, bot)
            if chat.blocked == blocked:
                return
            chat.blocked = blocked
            self.changed("chat", the_bot.token, chat.user_id)
            person = self._person(user)
            kicked = {"user": the_bot.as_user(), "status": "kicked", "until_date": 0}
            member = {"user": the_bot.as_user(), "status": "member"}
            content = {
                "chat": person.as_chat(),
                "from": person.as_user(),
                "date": int(self.now()),
                "old_chat_member": member if blocked else kicked,
                "new_chat_member": kicked if blocked else member,
            }
            self.post_update(the_bot, chat.user_id, "my_chat_member", content)

    @staticmethod
    def _file_json(file_id: str, size: int) -> dict[str, Any]:
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}


def _what(message: Message) -> str:
    kind = next((key for key in ("voice", "photo", "document", "contact", "location") if key in message.content), "")
    return " ".join(part for part in (f"<{kind}>" if kind else "", message.text) if part)
