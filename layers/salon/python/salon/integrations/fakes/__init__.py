"""Stateful fakes of messengers: one core, and a dialect for each provider.

`driving.Messenger` is how tests and the chat simulator drive any of the five; `dialect.Dialect` says what a provider's
fake has to fill in. A fake is a subclass of `FakeMessenger` in `integrations/<provider>/fake`.
"""

from salon.integrations.fakes.dialect import ActKind, DeliveryPolicy, Event
from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.faults import ApiCall, Fault, FaultKind, Part
from salon.integrations.fakes.server import FakeMessenger
from salon.integrations.fakes.state import (
    Account,
    Act,
    Chat,
    Item,
    Key,
    Message,
    Person,
    StoredFile,
    Tap,
    Webhook,
)
from salon.integrations.fakes.watching import Change, Flood
from salon.integrations.fakes.wire import Answer, ApiRefusal, Request

__all__ = [
    "Account",
    "Act",
    "ActKind",
    "Answer",
    "ApiCall",
    "ApiRefusal",
    "Change",
    "Chat",
    "DeliveryPolicy",
    "Event",
    "FakeMessenger",
    "Fault",
    "FaultKind",
    "Flood",
    "Item",
    "Key",
    "Message",
    "Messenger",
    "Part",
    "Person",
    "Request",
    "StoredFile",
    "Tap",
    "Webhook",
]
