"""What a provider's fake has to say for itself: the hooks that the core calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from salon.integrations.fakes.faults import ApiCall, Fault, FaultKind
from salon.integrations.fakes.state import Account, Act, Chat, Item, Message, Person, StoredFile, Webhook
from salon.integrations.fakes.wire import Answer, Request


class ActKind(StrEnum):
    """What can happen in a chat."""

    START = "start"  # the person opened the chat; `text` is the deep link's parameter
    MESSAGE = "message"
    EDIT = "edit"  # by the person; `text` is what it said before
    DELETE = "delete"  # by the person
    REACTION = "reaction"  # `text` is the emoji, "" when it was taken back; `about_id` the message
    TAP = "tap"  # `about_id` the message with the button; `message_id` what the tap wrote, if it writes
    BLOCK = "block"
    UNBLOCK = "unblock"
    READ = "read"  # the person read everything up to `message_id`
    SENT = "sent"  # the account's own message, by the API
    DELIVERED = "delivered"  # it has reached the person's phone
    FAILED = "failed"  # it was accepted and could not be delivered after all; `text` is the code
    ECHO = "echo"  # a human of the salon wrote `message_id` in the provider's own app
    OTHER = "other"  # a dialect's own; see `Act.extra`


@dataclass(frozen=True, slots=True)
class Event:
    """One event for a webhook.

    Attributes:
        kind: what a webhook subscribes to, `message_created`.
        body: the event as it lies in the queue: JSON text.
    """

    kind: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How a provider delivers and repeats.

    Attributes:
        base_delay_s: before the first repeat. Tests pass a short one.
        factor: each repeat waits so many times longer than the one before…
        max_delay_s: …but no longer than this.
        timeout_s: seconds a webhook may take.
        max_attempts: then an event is dropped; None: only when it expires.
        expiry_s: seconds of the clock after which an event is dropped.
        batch: most events in one body.
        per_account: one queue per account in place of one per chat; needed for batches over chats.
        obeys_retry_after: a number of seconds in `Retry-After` sets the next delay.
        patience_s: seconds of the clock of nothing but failures after which `lost_patience` is called; None never.
        patience_failures: the same after so many failures in a row; None never.
        keeps_without_webhook: events wait for a webhook to be set; otherwise nobody ever hears of them.
    """

    base_delay_s: float = 1.0
    factor: float = 2.0
    max_delay_s: float = 60.0
    timeout_s: float = 30.0
    max_attempts: int | None = None
    expiry_s: float = 86_400.0
    batch: int = 1
    per_account: bool = False
    obeys_retry_after: bool = True
    patience_s: float | None = None
    patience_failures: int | None = None
    keeps_without_webhook: bool = False


class Dialect:
    """The hooks. A fake overrides them; those that raise NotImplementedError it must.

    All are called under the world's lock, except `read_call`, `headers_of`, `postponed_by` and what `unlocked` names;
    so they are quick and call nobody.

    Class attributes:
        provider: its name, for thread names and errors.
        policy: how events are delivered; the constructor's `policy=` replaces it.
        sends: the methods that `fail_next` strikes unless told otherwise, and that the flood limits count.
        fault_kinds: the kinds that `refusal` knows beside the core's own four.
        cannot: names of acts that people cannot do there, with a sentence that says why: a LookupError.
        splits_albums: each picture of an album is a message of its own.
        unlocked: methods carried out without the lock, because they ask our webhook (handshakes).
        file_prefix: of file ids.
        error_page: what a SERVER_ERROR is answered with.
    """

    provider: ClassVar[str] = "fake"
    policy: DeliveryPolicy = DeliveryPolicy()
    sends: ClassVar[frozenset[str]] = frozenset()
    fault_kinds: ClassVar[frozenset[FaultKind]] = frozenset(
        {
            FaultKind.TOO_MANY,
            FaultKind.BLOCKED,
            FaultKind.UNAUTHORIZED,
        }
    )
    cannot: ClassVar[Mapping[str, str]] = {}
    splits_albums: ClassVar[bool] = False
    unlocked: ClassVar[frozenset[str]] = frozenset()
    file_prefix: ClassVar[str] = "file"
    error_page: ClassVar[bytes] = (
        b"<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
    )

    # --- what comes in over HTTP

    def read_call(self, request: Request) -> ApiCall | Answer:
        """The call that a request makes: its token, the method's name, its parameters; or an answer at once (404).

        Use `self.call_of(request, …)`. A signed link to a file is a call with `is_public`.
        """
        raise NotImplementedError

    def carry_out(self, account: Account, call: ApiCall) -> Answer:
        """Carry out a call on the state, with the provider's checks and words.

        Raises:
            ApiRefusal: as the provider refuses it.
        """
        raise NotImplementedError

    def carry_out_public(self, call: ApiCall) -> Answer:
        """Carry out a call that needs no token; `params["path"]` of a file unless overridden."""
        raise NotImplementedError

    def refusal(self, fault: Fault, call: ApiCall) -> Answer:
        """The provider's words for a fault of `fault_kinds`; TOO_MANY and UNAUTHORIZED also come from the core."""
        raise NotImplementedError

    # --- what goes out to webhooks

    def events_of(self, account: Account, chat: Chat, act: Act) -> Sequence[Event]:
        """What the provider tells of an act: none, one or more events.

        `chat.message(act.message_id)` and `self.state.people[act.user_id]` have the rest.
        """
        raise NotImplementedError

    def body_of(self, account: Account, webhook: Webhook, events: Sequence[str]) -> bytes:
        """The body of one delivery; `events` are `Event.body`s, one unless the policy batches."""
        del account, webhook
        return events[0].encode()

    def headers_of(self, account: Account, webhook: Webhook, body: bytes, attempt: int) -> dict[str, str]:
        """Secret or signature and whatever else the provider sends; `attempt` is 0 at first."""
        del account, webhook, body, attempt
        return {}

    def is_success(self, status: int, content: bytes) -> bool:
        """Whether the webhook's answer counts as one."""
        del content
        return 200 <= status < 300  # noqa: PLR2004 - the class of statuses, named by itself

    def postponed_by(self, status: int, retry_after: str) -> float | None:
        """Seconds that a refusal's `Retry-After` asks for; None where it does not count. Called without the lock."""
        del status
        return float(retry_after) if retry_after.isdecimal() else None

    def answered(self, account: Account, webhook: Webhook, content: bytes) -> None:
        """The webhook's answer was a success; some providers read it."""

    def lost_patience(self, account: Account, webhook: Webhook) -> None:
        """Nothing but failures for longer than the policy bears: unsubscribe, or `pause_webhook`."""
        account.webhooks.remove(webhook)

    # --- ids and shapes

    def id_of_person(self, person: Person) -> str:
        """The provider's id of a new person."""
        return str(person.user_id)

    def id_of_chat(self, account: Account, chat: Chat) -> str:
        """The provider's id of a new chat: where an answer goes."""
        del account
        return self.state.people[chat.user_id].external_id if chat.user_id > 0 else str(chat.user_id)

    def id_of_message(self, account: Account, chat: Chat, message: Message) -> str:
        """The provider's id of a new message, as text."""
        del account, chat
        return str(message.message_id)

    def text_of_start(self, person: Person, param: str) -> str:
        """What pressing "Start" (or following a deep link) writes into the chat; "" when it writes nothing."""
        del person
        return f"/start {param}".strip()

    def stored(self, account: Account, item: Item, file: StoredFile) -> None:
        """A person has sent a file: make the sizes, links and transcripts that the provider makes of it."""

    def new_account(self, account: Account) -> None:
        """An account was added."""

    def has_subscribed(self, account: Account, webhook: Webhook | None, kind: str) -> bool:
        """Whether events of this kind go there (None: there is no webhook yet)."""
        del account
        return webhook is None or not webhook.kinds or kind in webhook.kinds

    state: Any
