"""Whether a crowd was served: nothing lost, nothing doubled, every conversation in its order.

Read from what the messenger was given and from the database, apart from each other. Pure but for `read_books`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from infra.bench.crowd.plan import SERVICES, Chat, Crowd

Key = tuple[str, int]
SETTLED = (("in", "received"), ("out", "sent"))

_INBOX = text("SELECT account_id::text AS account, external_id, status FROM inbox")
_SAID = text("""
SELECT conversation.account_id::text AS account, conversation.chat_id, message.direction, message.status,
    count(*) AS messages, count(DISTINCT coalesce(message.inbox_id::text, message.provider_message_id)) AS different
FROM message_log message JOIN conversations conversation ON conversation.id = message.conversation_id
GROUP BY 1, 2, 3, 4
""")
_OUTBOX = text("SELECT status, count(*) AS rows FROM outbox WHERE queue = 'tx' GROUP BY status")


@dataclass(slots=True)
class Findings:
    """What is wrong, by kind; each a count with the first few examples.

    Attributes:
        counts: how often: `lost`, `doubled`, `out of order`, `foreign`; of the database `inbox …`, `log …`, `outbox`.
        examples: at most three sentences for each.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, what: str, times: int = 1) -> None:
        """Something is wrong."""
        self.counts[kind] += times
        if len(kept := self.examples.setdefault(kind, [])) < 3:  # noqa: PLR2004 - enough to begin looking
            kept.append(what)

    def __str__(self) -> str:
        return "; ".join(f"{kind} {number} ({', '.join(self.examples[kind])})" for kind, number in self.counts.items())


@dataclass(frozen=True, slots=True)
class Books:
    """What the database says.

    Attributes:
        inbox: the status of every row, by bot's account and the messenger's number.
        said: (messages, different ones), by account, chat, direction and status.
        outbox: rows of the transactional queue, by status.
    """

    inbox: Mapping[tuple[str, str], Sequence[str]]
    said: Mapping[tuple[str, str, str, str], tuple[int, int]]
    outbox: Mapping[str, int]


def read_books(owner: Connection) -> Books:
    """Read the database as its owner, who sees all tenants."""
    inbox: dict[tuple[str, str], list[str]] = {}
    for row in owner.execute(_INBOX):
        inbox.setdefault((row.account, row.external_id), []).append(row.status)
    said = {
        (row.account, row.chat_id, row.direction, row.status): (row.messages, row.different)
        for row in owner.execute(_SAID)
    }
    return Books(inbox, said, {row.status: row.rows for row in owner.execute(_OUTBOX)})


def asked_of(answer: str) -> str:
    """The service that an answer speaks of; "" for none or several."""
    named = [name for name in SERVICES if name in answer]
    return named[0] if len(named) == 1 else ""


def judge_answers(crowd: Crowd, answers: Mapping[Key, Sequence[str]]) -> Findings:
    """What the people were sent against what they asked: the n-th answer answers the n-th question."""
    found = Findings()
    for chat in crowd.chats:
        got = [asked_of(answer) for answer in answers.get((chat.account.token, chat.chat_id), ())]
        _judge_chat(found, chat, got)
    known = {(chat.account.token, chat.chat_id) for chat in crowd.chats}
    for key in answers.keys() - known:
        found.note("foreign", f"{key[1]} never wrote to that bot", len(answers[key]))
    return found


def _judge_chat(found: Findings, chat: Chat, got: list[str]) -> None:
    times = Counter(got)
    for service in chat.questions:
        if not times[service]:
            found.note("lost", f"conversation {chat.number}: {service}")
        elif times[service] > 1:
            found.note("doubled", f"conversation {chat.number}: {service}", times[service] - 1)
    for service in times.keys() - set(chat.questions):
        found.note("foreign", f"conversation {chat.number}: {service or 'something else'}", times[service])
    firsts = [service for service in dict.fromkeys(got) if service in chat.questions]
    if firsts != [service for service in chat.questions if service in times]:
        found.note("out of order", f"conversation {chat.number}: {' '.join(firsts)}")


def judge_books(crowd: Crowd, books: Books) -> Findings:
    """What the database says: one inbox row for each question, done, one message in, one message out, sent."""
    found = Findings()
    _judge_inbox(found, crowd, books)
    for chat in crowd.chats:
        where, number = (chat.account.account_id, str(chat.chat_id)), len(chat.questions)
        for direction, status in SETTLED:
            if (got := books.said.get((*where, direction, status), (0, 0))) != (number, number):
                found.note(f"log {direction}", f"conversation {chat.number}: {got[0]}, {got[1]} of them different")
    for _, chat_id, direction, status in books.said:
        if (direction, status) not in SETTLED:
            found.note(f"log {direction}", f"{chat_id}: {status}")
    if dict(books.outbox) != {"done": crowd.messages}:
        found.note("outbox", str(dict(books.outbox)))
    return found


def _judge_inbox(found: Findings, crowd: Crowd, books: Books) -> None:
    expected = {
        (chat.account.account_id, str(chat.update_id(question)))
        for chat in crowd.chats
        for question in range(len(chat.questions))
    }
    for key in expected - books.inbox.keys():
        found.note("inbox lacks", str(key))
    for key, statuses in books.inbox.items():
        if key not in expected:
            found.note("inbox has a stranger", str(key))
        elif list(statuses) != ["done"]:
            found.note("inbox not done once", f"{key}: {', '.join(statuses)}")
