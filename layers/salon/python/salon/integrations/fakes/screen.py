"""What people see on their screens."""

from __future__ import annotations

from salon.integrations.fakes.crowd import Crowd
from salon.integrations.fakes.state import Message
from salon.integrations.fakes.world import AccountRef, User


class Screen(Crowd):
    """A crowd that can be looked at."""

    def sent_to(self, user: User, *, bot: AccountRef = None) -> list[Message]:
        """What the account has written to this person, by us and by humans."""
        with self.lock:
            return [message for message in self.chat_of(user, bot).messages if message.from_bot]

    def transcript(self, user: User, *, bot: AccountRef = None) -> list[str]:
        """The chat as it reads now: a line per message, buttons in brackets; what was taken back is left out."""
        with self.lock:
            name = self.person(user).first_name
            return [
                f"{_author(message, name)}: {_what(message)}"
                + "".join(f" [{' | '.join(key['text'] for key in row)}]" for row in message.buttons)
                for message in self.chat_of(user, bot).messages
                if not message.deleted
            ]

    def wait_for_message(
        self, user: User, containing: str = "", *, after: int = 0, bot: AccountRef = None, timeout_s: float = 10.0
    ) -> Message:
        """Wait for a message of the account with `containing` in its text and a number greater than `after`.

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


def _author(message: Message, name: str) -> str:
    if not message.from_bot:
        return name
    return "салон" if message.by_human else "бот"


def _what(message: Message) -> str:
    return " ".join([*(f"<{item.kind}>" for item in message.items), *([message.text] if message.text else [])])
