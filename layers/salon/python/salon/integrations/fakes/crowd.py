"""The people's side: they write, tap, send, block. Each act shows in their chat and is told as the provider does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salon.integrations.fakes.dialect import ActKind
from salon.integrations.fakes.state import WRITING_KEYS, Account, Act, Chat, Item, Message, MessageRef, Person, Tap
from salon.integrations.fakes.world import AccountRef, User, World

_SILENCE = b"OggS\x00\x02" + bytes(200)
FOLDERS = {
    "voice": "voice",
    "photo": "photos",
    "document": "documents",
    "audio": "music",
    "video": "videos",
    "sticker": "stickers",
}
_SHARES = {"phone": "contact", "location": "location"}
_VOICE_SUFFIX = {"audio/ogg": "oga", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav"}


class Crowd(World):
    """A world whose people act. `user` is a person or a number; `bot` may be left out while there is one account.

    Every act raises LookupError when nobody could do it: no such message or button, a blocked account, or something
    that this messenger does not have (`Dialect.cannot`).
    """

    def start(self, user: User, param: str = "", *, bot: AccountRef = None) -> Message | None:
        """Open the chat by its button or, with `param`, by a deep link; what that writes, where it writes anything."""
        with self.lock:
            self._can("start")
            account, chat, person = self._where(user, bot)
            chat.started, chat.last_inbound_at = True, self.now()
            text = self.text_of_start(person, param)
            message = None
            if text:
                message = self.add_message(account, chat, from_bot=False, sender_id=person.user_id, text=text)
            number = message.message_id if message else 0
            self._tell(ActKind.START, chat, person, message_id=number, text=param)
            return message

    def say(self, user: User, text: str, *, reply_to: MessageRef | None = None, bot: AccountRef = None) -> Message:
        """Write a message, perhaps in answer to another."""
        return self._send(user, bot, "say", text=text, reply_to=reply_to)

    def edit(self, user: User, message_id: MessageRef, text: str, *, bot: AccountRef = None) -> Message:
        """Change a message that the person wrote before."""
        with self.lock:
            self._can("edit")
            account, chat, person = self._where(user, bot)
            message = self._own(chat, message_id)
            before = message.text
            message.history.append(before)
            message.text = text
            message.edit_date = int(self.now())
            self.changed("edit", account.key, chat.user_id, message_id=message.message_id)
            self._tell(ActKind.EDIT, chat, person, message_id=message.message_id, text=before)
            return message

    def delete(self, user: User, message_id: MessageRef, *, bot: AccountRef = None) -> Message:
        """Take a message back for everybody."""
        with self.lock:
            self._can("delete")
            account, chat, person = self._where(user, bot)
            message = self._own(chat, message_id)
            message.deleted = True
            self.changed("delete", account.key, chat.user_id, message_id=message.message_id)
            self._tell(ActKind.DELETE, chat, person, message_id=message.message_id)
            return message

    def react(self, user: User, message_id: MessageRef, emoji: str, *, bot: AccountRef = None) -> Message:
        """React to a message; "" takes the reaction back."""
        with self.lock:
            self._can("react")
            account, chat, person = self._where(user, bot)
            message = self._known(chat, message_id)
            before = message.reactions.pop(str(person.user_id), "")
            if emoji:
                message.reactions[str(person.user_id)] = emoji
            self.changed("reaction", account.key, chat.user_id, message_id=message.message_id)
            extra = {"before": before}
            self._tell(ActKind.REACTION, chat, person, about_id=message.message_id, text=emoji, extra=extra)
            return message

    def tap(
        self, user: User, message_id: MessageRef, button: str, *, bot: AccountRef = None, stale: bool = False
    ) -> Tap:
        """Tap a button, named by what it says or by what it carries.

        Args:
            user: who taps.
            message_id: the account's message.
            button: the button's text or payload.
            bot: whose message it is.
            stale: tap a payload that the message no longer shows: a screen that has not been refreshed yet.

        Raises:
            LookupError: there is no such message or button, or it opens a page.
        """
        with self.lock:
            account, chat, person = self._where(user, bot)
            message = self._known(chat, message_id)
            key = message.key(button)
            if key is None and not stale:
                raise LookupError(f"Message {message_id} has no button {button!r}, only {message.button_texts}.")
            return self._tap(account, chat, person, message, key or {"payload": button, "kind": "callback"})

    def _tap(self, account: Account, chat: Chat, person: Person, message: Message, key: dict[str, Any]) -> Tap:
        if key.get("url"):
            raise LookupError(f"The button {key.get('text')!r} opens a page; nobody hears of it.")
        if key.get("kind") in {"phone", "location"}:
            raise LookupError(f"The button {key.get('text')!r} shares something: send_{_SHARES[key['kind']]}() does.")
        payload, reply_id = str(key.get("payload") or ""), 0
        callback_id = self.id_of_tap(account, account.count("tap"))
        tap = Tap(callback_id, account.key, chat.user_id, message.message_id, payload)
        chat.started, chat.last_inbound_at = True, self.now()
        if key.get("kind") in WRITING_KEYS:
            written = self.add_message(
                account,
                chat,
                from_bot=False,
                sender_id=person.user_id,
                text=str(key.get("text") or ""),
                reply_to=message.message_id,
            )
            reply_id = tap.reply_id = written.message_id
            tap.answer = {}
        self.state.taps[callback_id] = tap
        self.changed("tap", account.key, chat.user_id, message_id=message.message_id, callback_id=callback_id)
        told = {"message_id": reply_id, "about_id": message.message_id, "callback_id": callback_id}
        self._tell(ActKind.TAP, chat, person, payload=payload, text=str(key.get("text") or ""), extra=dict(key), **told)
        return tap

    def id_of_tap(self, account: Account, number: int) -> str:
        """The provider's id of a tap; a dialect may have another form."""
        return f"{account.bot_id}{number:06d}"

    # --- files and the rest

    def send_voice(
        self,
        user: User,
        data: bytes = _SILENCE,
        *,
        duration_s: int = 3,
        mime: str = "audio/ogg",
        transcript: str = "",
        bot: AccountRef = None,
    ) -> Message:
        """Speak; `transcript` where the messenger writes down what was said."""
        item = Item("voice", mime=mime, duration_s=duration_s, transcript=transcript)
        item.name = f"voice.{_VOICE_SUFFIX.get(mime, 'webm')}"
        return self._send_file(user, bot, item, data)

    def send_photo(self, user: User, data: bytes, *, caption: str = "", bot: AccountRef = None) -> Message:
        """Send a picture."""
        item = Item("photo", mime="image/jpeg", name="photo.jpg")
        return self._send_file(user, bot, item, data, caption)

    def send_album(
        self, user: User, pictures: Sequence[bytes], *, caption: str = "", bot: AccountRef = None
    ) -> list[Message]:
        """Send several pictures at once: one message, or as many as there are, as the messenger has it."""
        with self.lock:
            self._can("send_photo")
            account, _, _ = self._where(user, bot)
            items = [self._filed(account, Item("photo", mime="image/jpeg", name="photo.jpg"), data)
                     for data in pictures]  # fmt: skip
            if not self.splits_albums:
                return [self._send(user, bot, "send_photo", text=caption, items=items)]
            album = str(account.count("album", first=13_000_000_001))
            return [
                self._send(user, bot, "send_photo", text="" if place else caption, items=[item], album=album)
                for place, item in enumerate(items)
            ]

    def send_file(
        self,
        user: User,
        data: bytes,
        *,
        name: str,
        mime: str = "application/octet-stream",
        caption: str = "",
        bot: AccountRef = None,
    ) -> Message:
        """Send a document."""
        return self._send_file(user, bot, Item("document", mime=mime, name=name), data, caption)

    def send_audio(
        self, user: User, data: bytes, *, name: str = "song.mp3", mime: str = "audio/mpeg", bot: AccountRef = None
    ) -> Message:
        """Send a sound file, which is not speech."""
        return self._send_file(user, bot, Item("audio", mime=mime, name=name, duration_s=60), data)

    def send_video(self, user: User, data: bytes, *, caption: str = "", bot: AccountRef = None) -> Message:
        """Send a film."""
        item = Item("video", mime="video/mp4", name="video.mp4", duration_s=5)
        return self._send_file(user, bot, item, data, caption)

    def send_sticker(self, user: User, emoji: str = "👍", *, bot: AccountRef = None) -> Message:
        """Send a sticker."""
        item = Item("sticker", mime="image/webp", name="sticker.webp", extra={"emoji": emoji})
        return self._send_file(user, bot, item, b"RIFF\x00\x00\x00\x00WEBP")

    def send_contact(
        self, user: User, *, phone: str = "", first_name: str = "", own: bool = True, bot: AccountRef = None
    ) -> Message:
        """Share a card: the person's own number, or with `own=False` somebody's."""
        with self.lock:
            self._can("send_contact")
            person = self.person(user)
            number = phone or (person.phone if own else "")
            if not number:
                raise LookupError("There is no phone number to share.")
            if own:
                self.chat_of(user, bot).keyboard = []  # a key that shares the number hides once it has been used
            item = Item("contact", phone=number, name=first_name or person.first_name, own=own)
            return self._send(user, bot, "send_contact", items=[item])

    def send_location(self, user: User, latitude: float, longitude: float, *, bot: AccountRef = None) -> Message:
        """Share a place."""
        item = Item("location", latitude=latitude, longitude=longitude)
        return self._send(user, bot, "send_location", items=[item])

    # --- the chat itself

    def block(self, user: User, *, bot: AccountRef = None) -> None:
        """Want nothing more from the account; whether it is told depends on the provider."""
        self._set_blocked(user, bot, blocked=True)

    def unblock(self, user: User, *, bot: AccountRef = None) -> None:
        """Take the block back."""
        self._set_blocked(user, bot, blocked=False)

    def deactivate(self, user: User) -> None:
        """The person deletes the account."""
        with self.lock:
            self.person(user).deactivated = True
            self.changed("person", user_id=self.person(user).user_id)

    def go_offline(self, user: User) -> None:
        """The phone loses its network: acts wait on it, messages do not reach it."""
        with self.lock:
            self.person(user).offline = True
            self.changed("person", user_id=self.person(user).user_id)

    def go_online(self, user: User) -> None:
        """The network is back: what the person did meanwhile is told in order, what was sent meanwhile arrives."""
        with self.lock:
            person = self.person(user)
            person.offline = False
            held = [act for act in self.state.held if act.user_id == person.user_id]
            self.state.held = [act for act in self.state.held if act.user_id != person.user_id]
            for act in held:
                written = self.state.chats[act.account, act.chat].message(act.message_id)
                if written is not None and not written.from_bot and act.kind != ActKind.EDIT:
                    written.date_ms = self.now_ms()  # the provider dates a message when it gets it
                self.tell(act)
            for chat in [chat for chat in self.state.chats.values() if chat.user_id == person.user_id]:
                for message in chat.messages:
                    if message.from_bot:
                        self.mark_delivered(chat, message)
            self.changed("person", user_id=person.user_id)

    def read(self, user: User, *, bot: AccountRef = None) -> None:
        """Read everything that the account has sent; told where the provider tells of it."""
        with self.lock:
            _, chat, person = self._where(user, bot, must_be_open=False)
            fresh = [m for m in chat.messages if m.from_bot and m.status in {"sent", "delivered"}]
            if not fresh or person.offline:
                return
            for message in fresh:
                message.status = "read"
            numbers = [message.message_id for message in fresh]
            self.changed("status", chat.account, chat.user_id, message_id=numbers[-1], status="read")
            self._tell(ActKind.READ, chat, person, message_id=numbers[-1], extra={"numbers": numbers})

    def human_reply(self, user: User, text: str, *, bot: AccountRef = None) -> Message:
        """A human of the salon answers in the provider's own app."""
        with self.lock:
            self._can("human_reply")
            account, chat, _ = self._where(user, bot, must_be_open=False)
            message = self.add_message(account, chat, from_bot=True, by_human=True, text=text)
            self.tell(Act(ActKind.ECHO, account.key, chat.user_id, message_id=message.message_id, by_person=False))
            self.mark_delivered(chat, message)
            return message

    def fail_message(self, user: User, message_id: MessageRef, code: str, *, bot: AccountRef = None) -> None:
        """A message that was accepted turns out to be undeliverable; told where the provider tells of it."""
        with self.lock:
            account, chat, _ = self._where(user, bot, must_be_open=False)
            message = self._known(chat, message_id)
            message.status = "failed"
            told = Act(ActKind.FAILED, account.key, chat.user_id, message_id=message.message_id, text=code)
            told.by_person = False
            self.tell(told)
            self.changed("status", account.key, chat.user_id, message_id=message.message_id, status="failed")

    def say_in_group(self, user: User, text: str, *, group: str = "Подруги", bot: AccountRef = None) -> Message:
        """Write in a group of which the account is a member; the group is made when it is first named."""
        with self.lock:
            self._can("say_in_group")
            account, person = self.the_bot(bot), self.person(user)
            chat = self.group_of(group, account)
            if person.user_id not in chat.members:
                chat.members.append(person.user_id)
            message = self.add_message(account, chat, from_bot=False, sender_id=person.user_id, text=text)
            self._tell(ActKind.MESSAGE, chat, person, message_id=message.message_id)
            return message

    def group_of(self, title: str, bot: AccountRef = None) -> Chat:
        """The group with that title, made when it is not there."""
        with self.lock:
            account = self.the_bot(bot)
            known = (c for c in self.state.chats.values() if c.account == account.key and c.is_group)
            found = next((chat for chat in known if chat.title == title), None)
            if found is None:
                found = self._chat(account, self.state.next_group, title=title, started=True)
                self.state.next_group -= 1
            return found

    # --- parts

    def _can(self, act: str) -> None:
        if act in self.cannot:
            raise LookupError(self.cannot[act])

    def _where(self, user: User, bot: AccountRef, *, must_be_open: bool = True) -> tuple[Account, Chat, Person]:
        account, chat, person = self.the_bot(bot), self.chat_of(user, bot), self.person(user)
        if must_be_open and chat.blocked:  # the messenger has no box to write in while the account is blocked
            raise LookupError("The person has blocked this account; unblock() first.")
        return account, chat, person

    @staticmethod
    def _known(chat: Chat, ref: MessageRef) -> Message:
        message = chat.message(ref)
        if message is None:
            raise LookupError(f"The chat has no message {ref}.")
        return message

    def _own(self, chat: Chat, ref: MessageRef) -> Message:
        message = self._known(chat, ref)
        if message.from_bot:
            raise LookupError("Nobody can change an account's message but the account.")
        return message

    def _tell(self, kind: ActKind, chat: Chat, person: Person, **what: Any) -> None:
        self.tell(Act(kind, chat.account, chat.user_id, person.user_id, **what))

    def _send(
        self,
        user: User,
        bot: AccountRef,
        act: str,
        *,
        text: str = "",
        items: Sequence[Item] = (),
        reply_to: MessageRef | None = None,
        **content: Any,
    ) -> Message:
        with self.lock:
            self._can(act)
            account, chat, person = self._where(user, bot)
            chat.started = True
            about = 0 if reply_to is None else self._known(chat, reply_to).message_id
            given = {"text": text, "items": items, "reply_to": about, **content}
            message = self.add_message(account, chat, from_bot=False, sender_id=person.user_id, **given)
            self._tell(ActKind.MESSAGE, chat, person, message_id=message.message_id, about_id=about)
            return message

    def _send_file(self, user: User, bot: AccountRef, item: Item, data: bytes, caption: str = "") -> Message:
        act = {"document": "send_file"}.get(item.kind, f"send_{item.kind}")
        with self.lock:
            self._can(act)
            account, _, _ = self._where(user, bot)
            return self._send(user, bot, act, text=caption, items=[self._filed(account, item, data)])

    def _filed(self, account: Account, item: Item, data: bytes) -> Item:
        file = self.store_file(FOLDERS[item.kind], data, name=item.name, mime=item.mime)
        item.file_id, item.size = file.file_id, len(data)
        self.stored(account, item, file)
        return item

    def _set_blocked(self, user: User, bot: AccountRef, *, blocked: bool) -> None:
        with self.lock:
            self._can("block")
            account, chat, person = self._where(user, bot, must_be_open=False)
            if chat.blocked == blocked:
                return
            chat.blocked = blocked
            self.changed("chat", account.key, chat.user_id)
            self._tell(ActKind.BLOCK if blocked else ActKind.UNBLOCK, chat, person)
