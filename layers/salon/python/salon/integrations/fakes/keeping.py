"""The state as JSON, and the thread that saves it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from salon.integrations.fakes.state import (
    Account,
    Act,
    Chat,
    Item,
    Message,
    Pending,
    Person,
    State,
    StoredFile,
    Tap,
    Webhook,
)

VERSION = 2
_SAVE_PAUSE_S = 0.2


def state_as_json(state: State) -> dict[str, Any]:
    """A JSON value of it all."""
    return {
        "version": VERSION,
        "accounts": [asdict(account) for account in state.accounts.values()],
        "people": [asdict(person) for person in state.people.values()],
        "chats": [asdict(chat) for chat in state.chats.values()],
        "files": [{**asdict(file), "data": base64.b64encode(file.data).decode()} for file in state.files.values()],
        "taps": [asdict(tap) for tap in state.taps.values()],
        "undelivered": [
            {"lane": list(lane), "events": [asdict(pending) for pending in waiting]}
            for lane, waiting in state.undelivered.items()
            if waiting
        ],
        "held": [asdict(act) for act in state.held],
        "next_user_id": state.next_user_id,
        "next_group": state.next_group,
        "next_file": state.next_file,
        "extra": state.extra,
    }


def state_from_json(value: dict[str, Any]) -> State:
    """What `state_as_json` gave; an empty state for a file of another version."""
    if value.get("version") != VERSION:
        return State()
    accounts = [
        Account(**{**row, "webhooks": [Webhook(**hook) for hook in row["webhooks"]]}) for row in value["accounts"]
    ]
    chats = [
        Chat(**{**row, "messages": [_message(message) for message in row["messages"]], "typing_until": 0.0})
        for row in value["chats"]
    ]
    files = [StoredFile(**{**row, "data": base64.b64decode(row["data"])}) for row in value["files"]]
    return State(
        accounts={account.key: account for account in accounts},
        people={row["user_id"]: Person(**row) for row in value["people"]},
        chats={(chat.account, chat.user_id): chat for chat in chats},
        files={file.file_id: file for file in files},
        taps={row["callback_id"]: Tap(**row) for row in value["taps"]},
        undelivered={
            (row["lane"][0], row["lane"][1], row["lane"][2]): [Pending(**pending) for pending in row["events"]]
            for row in value["undelivered"]
        },
        held=[Act(**row) for row in value["held"]],
        next_user_id=value["next_user_id"],
        next_group=value["next_group"],
        next_file=value["next_file"],
        extra=value["extra"],
    )


def _message(row: dict[str, Any]) -> Message:
    return Message(**{**row, "items": [Item(**item) for item in row["items"]]})


class Saver:
    """Saves some time after something was touched, so that a burst is one write."""

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._due = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def due(self) -> None:
        """There is something to save."""
        self._due.set()

    def start(self) -> None:
        """Start saving."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._work, name="fake-state", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Save what is left and stop."""
        self._stopped.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        self._save()

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._due.wait()
            self._due.clear()
            self._save()
            self._stopped.wait(_SAVE_PAUSE_S)
