"""Who and what there is: accounts with their webhooks, people, chats, files."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from salon.integrations.fakes.delivery import Deliveries
from salon.integrations.fakes.state import Account, AccountRef, Chat, Person, State, StoredFile, User, Webhook
from salon.integrations.fakes.watching import Watched
from salon.platform.clock import Clock


class Roster(Watched):
    """Accounts, people, chats and files; the constructor is `World`'s."""

    state: State
    deliveries: Deliveries
    _clock: Clock

    def now(self) -> float:
        """Seconds after 1970."""
        return self._clock.now().timestamp()

    def now_ms(self) -> int:
        """Milliseconds after 1970."""
        return int(self.now() * 1000)

    # --- accounts, people, chats

    def add_account(
        self,
        token: str,
        *,
        external_id: str = "",
        name: str = "Салон",
        username: str = "salon",
        key: str = "",
        **settings: Any,
    ) -> Account:
        """A salon's account; the one that is there already under the same key.

        Args:
            token: its access token.
            external_id: the provider's id of it; made from the token when left out.
            name: shown to people.
            username: as in links to it.
            key: its name within the fake; the token when left out. Give one where accounts share a token.
            settings: what the dialect wants to know (the app's secret, for Meta).
        """
        with self.lock:
            key = key or token
            if key not in self.state.accounts:
                external_id = external_id or str(9_000_000_000 + zlib.crc32(token.encode()))
                account = Account(key, [token], external_id, name, username, settings=settings)
                self.state.accounts[key] = account
                self.new_account(account)
                self.changed("bot", key)
            return self.state.accounts[key]

    def add_bot(self, token: str, *, username: str = "salon_bot", name: str = "Салон") -> Account:
        """`add_account`, as bots are added."""
        return self.add_account(token, username=username, name=name)

    def set_webhook(
        self, url: str, secret: str = "", *, bot: AccountRef = None, kinds: Sequence[str] = (), **settings: Any
    ) -> Webhook:
        """Have an account's events sent to `url` and nowhere else; what waits is delivered at once."""
        with self.lock:
            account = self.the_bot(bot)
            account.webhooks[:] = [Webhook(url, secret, list(kinds), settings)]
            self.deliveries.wake(account.key)
            self.changed("bot", account.key)
            return account.webhooks[0]

    def add_webhook(self, account: Account, webhook: Webhook) -> None:
        """One more webhook beside the others, which hears everything as they do; replaces one with the same URL."""
        with self.lock:
            for place, known in enumerate(account.webhooks):
                if known.url == webhook.url:
                    account.webhooks[place] = webhook
                    break
            else:
                account.webhooks.append(webhook)
            self.deliveries.wake(account.key)
            self.changed("bot", account.key)

    def remove_webhook(self, account: Account, url: str) -> bool:
        """Whether there was one with this URL."""
        with self.lock:
            found = [hook for hook in account.webhooks if hook.url == url]
            for hook in found:
                account.webhooks.remove(hook)
            self.deliveries.drop(account.key, url)
            self.changed("bot", account.key)
            return bool(found)

    def pause_webhook(self, webhook: Webhook, seconds: float) -> None:
        """Send it nothing for so long; for `lost_patience`."""
        with self.lock:
            self.deliveries.pause(webhook.url, seconds)

    def resume_webhooks(self) -> None:
        """End all pauses now."""
        with self.lock:
            self.deliveries.resume()

    def change_token(self, token: str, *, bot: AccountRef = None, revoke_others: bool = True) -> None:
        """A new token for an account; the old ones die unless told otherwise."""
        with self.lock:
            account = self.the_bot(bot)
            account.tokens = [token, *([] if revoke_others else account.tokens)]
            self.touched()

    def add_person(
        self, first_name: str, last_name: str = "", *, username: str = "", phone: str = "", language: str = "ru"
    ) -> Person:
        """Somebody new."""
        with self.lock:
            person = Person(self.state.next_user_id, first_name, last_name, username, phone, language)
            self.state.next_user_id += 1
            person.external_id = self.id_of_person(person)
            self.state.people[person.user_id] = person
            self.changed("person", user_id=person.user_id)
            return person

    def the_bot(self, bot: AccountRef = None) -> Account:
        """The account itself, the one with that key or token, or the first one.

        Raises:
            LookupError: there is no such account.
        """
        if isinstance(bot, Account):
            return bot
        with self.lock:
            if not bot:
                found = next(iter(self.state.accounts.values()), None)
            else:
                found = self.state.accounts.get(bot) or self.account_with(bot)
            if found is None:
                raise LookupError("The fake has no such account; add_account() first.")
            return found

    def account_with(self, token: str) -> Account | None:
        """The first account with this token."""
        return next((a for a in self.state.accounts.values() if token and token in a.tokens), None)

    def account_named(self, external_id: str) -> Account | None:
        """The account with the provider's id `external_id`."""
        return next((a for a in self.state.accounts.values() if a.external_id == external_id), None)

    def person(self, user: User) -> Person:
        """The person itself.

        Raises:
            LookupError: the fake knows nobody with this number.
        """
        number = user if isinstance(user, int) else user.user_id
        found = self.state.people.get(number)
        if found is None:
            raise LookupError(f"The fake knows nobody with the id {number}.")
        return found

    def person_named(self, external_id: str) -> Person | None:
        """The person with the provider's id `external_id`."""
        return next((p for p in self.state.people.values() if p.external_id == external_id), None)

    def chat_of(self, user: User, bot: AccountRef = None) -> Chat:
        """The chat of a person with an account, made when it is not there.

        Raises:
            LookupError: there is no such person or account.
        """
        with self.lock:
            account, person = self.the_bot(bot), self.person(user)
            return self._chat(account, person.user_id)

    def chat_named(self, account: Account, chat_id: str) -> Chat | None:
        """The chat with the provider's id `chat_id`, if the person or group has one with the account."""
        return next((c for c in self.state.chats.values() if c.account == account.key and c.chat_id == chat_id), None)

    def _chat(self, account: Account, number: int, **given: Any) -> Chat:
        chat = self.state.chats.get((account.key, number))
        if chat is None:
            chat = Chat(account.key, number, **given)
            self.state.chats[account.key, number] = chat
            chat.chat_id = self.id_of_chat(account, chat)
        return chat

    # --- files

    def store_file(self, folder: str, data: bytes, *, name: str, mime: str, **extra: Any) -> StoredFile:
        """Keep a file that somebody sent or uploaded."""
        with self.lock:
            number = self.state.next_file
            self.state.next_file += 1
            path = f"{folder}/file_{number}{Path(name).suffix or '.bin'}"
            file = StoredFile(f"{self.file_prefix}{number:08d}", path, mime, name, data, extra=extra)
            self.state.files[file.file_id] = file
            return file

    def file_at(self, path: str) -> StoredFile | None:
        """The file with this path, unless it has expired."""
        with self.lock:
            found = next((file for file in self.state.files.values() if file.path == path), None)
            return None if found is None or found.expired else found

    def expire_files(self) -> None:
        """From now on nobody can have the files that were sent so far."""
        with self.lock:
            for file in self.state.files.values():
                file.expired = True
