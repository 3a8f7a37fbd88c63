"""A bench per channel: the real adapter and keeper before the provider's fake, with one person who has written."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from salon.integrations.fakes import FaultKind, Messenger, Person
from salon.messaging.domain import Channel, ChannelCredentials, EventKind, InboundEvent
from salon.messaging.ports import AccountKeeper, ChannelAdapter
from support.telegram import LoopbackServer, Request

FAULTS = {
    "too_many": FaultKind.TOO_MANY,
    "blocked": FaultKind.BLOCKED,
    "server_error": FaultKind.SERVER_ERROR,
    "revoked": FaultKind.UNAUTHORIZED,
    "slow": FaultKind.SLOW,
    "dropped": FaultKind.DROP_AFTER,
    "window": FaultKind.WINDOW_CLOSED,
    "rejected": FaultKind.REJECTED,
    "policy": FaultKind.POLICY,
}


class Bench(Protocol):
    """What `support.benches.<channel>.<channel>_bench()` gives, as a context manager.

    Attributes:
        hook: where the provider's events come, registered with the provider; `requests` are those that came.
        anna: somebody with a name and, where the messenger knows phones, one; has written, so may be written to.
        stranger_chat_id: a chat that there is not.
    """

    adapter: ChannelAdapter
    credentials: ChannelCredentials
    fake: Messenger
    hook: LoopbackServer
    anna: Person
    stranger_chat_id: str
    chat_id: str


@dataclass
class Stage:
    """A bench with what every test of the contract needs."""

    bench: Bench
    keeper: AccountKeeper
    channel: Channel = field(init=False)

    def __post_init__(self) -> None:
        self.adapter, self.credentials = self.bench.adapter, self.bench.credentials
        self.fake, self.hook, self.anna = self.bench.fake, self.bench.hook, self.bench.anna
        self.channel = self.adapter.channel

    @property
    def chat_id(self) -> str:
        return self.bench.chat_id

    @property
    def url(self) -> str:
        """Where the provider sends events."""
        return self.fake.the_bot().webhook_url

    def fail(self, how: str) -> None:
        """Let the next send fail so; see `FAULTS`, and `unreachable`. Skips nothing: a LookupError is the fake's."""
        if how == "unreachable":
            self.fake.stop_server()
        else:
            self.fake.fail_next(FAULTS[how], seconds=7)

    def requests(self, act: Callable[[], Any]) -> list[Request]:
        """What the webhook got because of an act."""
        self.fake.wait_delivered()
        before = len(self.hook.requests)
        act()
        self.fake.wait_delivered()
        return self.hook.requests[before:]

    def events(self, act: Callable[[], Any]) -> list[InboundEvent]:
        """The same in our words."""
        wired = [event for request in self.requests(act) for event in self.adapter.unpack(request.body)]
        return [self.adapter.normalise(event.body, self.credentials) for event in wired]

    def event(self, act: Callable[[], Any], *kinds: EventKind) -> InboundEvent:
        """The one event of these kinds (any that is not about our own messages) that an act leads to."""
        told = self.events(act)
        ours = {EventKind.STATUS, EventKind.ECHO}
        found = [event for event in told if (event.kind in kinds if kinds else event.kind not in ours)]
        assert len(found) == 1, told
        return found[0]

    def said(self, text: str = "Привет") -> Request:
        """The request that tells of a message."""
        (request,) = self.requests(lambda: self.fake.say(self.anna, text))
        return request

    def received(self) -> list[str]:
        """The texts in the person's chat as they read now."""
        return [message.text for message in self.fake.sent_to(self.anna)]

    def calls(self) -> int:
        """How many calls the provider has had."""
        return len(self.fake.calls)


@contextmanager
def open_stage(channel: str) -> Iterator[Stage]:
    """A channel's stage, running.

    Raises:
        ImportError: the channel has no bench.
    """
    module = importlib.import_module(f"support.benches.{channel}")
    keeping = importlib.import_module(f"salon.integrations.{channel}.keeper")
    with ExitStack() as stack:
        bench = stack.enter_context(getattr(module, f"{channel}_bench")())
        keeper = getattr(bench, "keeper", None)
        if keeper is None:
            keeper = getattr(keeping, f"{channel.capitalize()}Keeper")(bench.fake.base_url)
            stack.callback(keeper.close)
        yield Stage(bench, keeper)
