"""Who writes what, and how the messenger delivers it: shuffled between people, in order for each, some of it twice.

A person asks ten times what something costs, each time something else, so that the answer tells which question it
answers. Pure: the same seed gives the same plan.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SERVICES = (
    "Стрижка", "Маникюр", "Педикюр", "Окрашивание", "Укладка", "Макияж", "Массаж", "Мелирование", "Пилинг", "Депиляция",
)  # fmt: skip
TENANTS = 2
ACCOUNTS_PER_TENANT = 10
SEED = 20260311
FIRST_PERSON = 700_000
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header, not a secret


@dataclass(frozen=True, slots=True)
class Account:
    """A bot of a salon.

    Attributes:
        tenant_id, account_id: as texts.
        key: in the webhook's address.
        token: of the bot.
        secret: of the webhook.
    """

    tenant_id: str
    account_id: str
    key: str
    token: str
    secret: str


@dataclass(frozen=True, slots=True)
class Chat:
    """One person's conversation with one bot.

    Attributes:
        number: of the conversation, from 0.
        account: the bot.
        chat_id: the person; the same people write to both salons.
        questions: the services asked about, in this order.
    """

    number: int
    account: Account
    chat_id: int
    questions: tuple[str, ...]

    def update_id(self, question: int) -> int:
        """The messenger's number of the delivery that brings this question."""
        return 10_000_000 + self.number * 1_000 + question


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everything that is written.

    Attributes:
        chats: the conversations.
        steps: for each, groups of questions by position. A group is delivered at the same time, to as many instances
            as there are; the next follows when all of it has been acknowledged.
    """

    chats: tuple[Chat, ...]
    steps: tuple[tuple[tuple[int, ...], ...], ...]

    @property
    def messages(self) -> int:
        """How many there are, repeats not counted."""
        return sum(len(chat.questions) for chat in self.chats)

    @property
    def deliveries(self) -> int:
        """How many there are, repeats included."""
        return sum(len(group) for chat in self.steps for group in chat)


def plan(accounts: Sequence[Account], *, people: int, questions: int, repeated: float, seed: int = SEED) -> Crowd:
    """Who writes what.

    Args:
        accounts: the bots; people are dealt out to them in turn.
        people: conversations.
        questions: of each, as many as there are services at most.
        repeated: the share that is delivered twice; every other repeat comes at the same moment as the first, the rest
            together with what the person writes next.
        seed: of the choice.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice, nothing secret
    chats = tuple(
        Chat(
            number,
            accounts[number % len(accounts)],
            FIRST_PERSON + number // TENANTS,
            tuple(chance.sample(SERVICES, questions)),
        )
        for number in range(people)
    )
    every = [(chat.number, question) for chat in chats for question in range(questions)]
    twice = chance.sample(every, round(len(every) * repeated))
    at_once, later = set(twice[::2]), set(twice[1::2])
    return Crowd(chats, tuple(_steps(chat.number, questions, at_once, later) for chat in chats))


def _steps(
    number: int, questions: int, at_once: set[tuple[int, int]], later: set[tuple[int, int]]
) -> tuple[tuple[int, ...], ...]:
    groups: list[list[int]] = []
    for question in range(questions):
        groups.append([question, question] if (number, question) in at_once else [question])
        if (number, question - 1) in later:
            groups[-1].append(question - 1)
    if (number, questions - 1) in later:
        groups.append([questions - 1])
    return tuple(tuple(group) for group in groups)


def webhook_call(chat: Chat, question: int) -> dict[str, Any]:
    """The delivery of a question, as AWS's gateway hands it over."""
    person = {"id": chat.chat_id, "is_bot": False, "first_name": "Проба", "language_code": "ru"}
    update = {
        "update_id": chat.update_id(question),
        "message": {
            "message_id": question + 1,
            "from": person,
            "chat": {"id": chat.chat_id, "first_name": "Проба", "type": "private"},
            "date": 1_773_214_200 + question,
            "text": f"Сколько стоит {chat.questions[question].lower()}?",
        },
    }
    headers = {"Content-Type": "application/json", SECRET_HEADER: chat.account.secret}
    path = f"/webhooks/telegram/{chat.account.key}"
    return {
        "version": "1.0",
        "resource": "/webhooks/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/webhooks/")},
        "stageVariables": None,
        "requestContext": {
            "requestId": f"crowd-{chat.number}-{question}",
            "httpMethod": "POST",
            "path": path,
            "stage": "Prod",
        },
        "body": json.dumps(update, ensure_ascii=False),
        "isBase64Encoded": False,
    }
