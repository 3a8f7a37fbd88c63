"""Queues: a port, the SQS adapter (AWS, LocalStack, Yandex Message Queue) and a fake.

A message is a small JSON object of ids, never of contents. The correlation id of the sender travels as an attribute and
is in force again while the message is handled (`triggers.process_batch`).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from salon.platform import correlation
from salon.platform.aws import client
from salon.platform.errors import Fault, SalonError
from salon.platform.settings import CloudSettings

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

MAX_BODY_BYTES = 200_000  # a trigger hands over 230 KB at most, envelope included (facts/yandex.md §10)
MAX_DELAY_S = 900
MAX_WAIT_S = 2
_BATCH = 10
_EMPTY_ANSWERS = 2


class MessageTooLarge(SalonError):
    """A message that no trigger could deliver; contents belong into the bucket, their key into the message."""

    code = "MESSAGE_TOO_LARGE"


class QueueUnavailable(Fault):
    """The queue service failed or refused."""

    code = "QUEUE_UNAVAILABLE"


class SomeNotSent(QueueUnavailable):
    """Part of what was to be sent did not go out; the rest did.

    Attributes:
        failed: the bodies that did not go out, in their order.
    """

    code = "SOME_NOT_SENT"

    def __init__(self, failed: list[dict[str, Any]], total: int) -> None:
        super().__init__(f"{len(failed)} of {total} messages were not sent.")
        self.failed = failed


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages a queue holds, approximately.

    Attributes:
        visible: waiting to be received.
        in_flight: received and not yet deleted.
        delayed: not yet visible.
    """

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.visible + self.in_flight + self.delayed


@dataclass(frozen=True, slots=True)
class Received:
    """A message taken from a queue, hidden from others until its visibility time-out ends.

    Attributes:
        receipt: what `delete` needs.
        text: the body as it was sent.
        attributes: the message's own text attributes.
    """

    message_id: str
    receipt: str
    text: str
    attributes: dict[str, str]


class Queue(Protocol):
    """One queue."""

    def send(self, body: Mapping[str, Any], *, delay_s: int = 0) -> None:
        """Send one message, visible after `delay_s` seconds (at most 900).

        Raises:
            MessageTooLarge: more than 200 KB as JSON.
            QueueUnavailable: it did not go out.
        """
        ...

    def send_many(self, bodies: Sequence[Mapping[str, Any]], *, delay_s: int = 0) -> None:
        """Send several; all are tried.

        Raises:
            MessageTooLarge: one of them is; none was sent.
            SomeNotSent: naming those that did not go out.
        """
        ...

    def depth(self) -> QueueDepth:
        """How full it is."""
        ...

    def receive(self, limit: int = 10, *, wait_s: int = 0) -> list[Received]:
        """Take up to `limit` (at most 10) messages, waiting up to `wait_s` (at most 2) seconds for the first."""
        ...

    def delete(self, message: Received) -> None:
        """Done with a received message."""
        ...

    def forward(self, message: Received) -> None:
        """Send a message received elsewhere on as it is."""
        ...


def redrive(source: Queue, target: Queue, *, limit: int, wait_s: int = 1) -> int:
    """Move up to `limit` messages, the way back from a dead-letter queue; returns how many.

    Yandex has no StartMessageMoveTask (facts/yandex.md §5): receive, send, delete. A crash between the last two leaves
    the message in both queues, which handlers bear. Stops when `source` answers empty twice: one empty answer may be
    chance.
    """
    moved = empty = 0
    while moved < limit and empty < _EMPTY_ANSWERS:
        batch = source.receive(min(_BATCH, limit - moved), wait_s=wait_s)
        empty = 0 if batch else empty + 1
        for message in batch:
            target.forward(message)
            source.delete(message)
            moved += 1
    return moved


def _encode(body: Mapping[str, Any]) -> str:
    """JSON in ASCII: Yandex refuses control characters, and a character is a byte."""
    text = json.dumps(body, separators=(",", ":"))
    if len(text) > MAX_BODY_BYTES:
        raise MessageTooLarge(f"A message of {len(text)} bytes; {MAX_BODY_BYTES} is the most.")
    return text


def _own_attributes() -> dict[str, str]:
    ids = correlation.current()
    return {"correlation_id": ids.correlation_id} if ids else {}


class SqsQueue:
    """A queue of an SQS-compatible service, by its URL (stored, never built: facts/yandex.md §5)."""

    def __init__(self, client: Callable[[], SQSClient], url: str) -> None:
        """Bind a queue; the client is made by the first call, because many an invocation has nothing to send."""
        self._client = client
        self._url = url

    def send(self, body: Mapping[str, Any], *, delay_s: int = 0) -> None:
        """Send one message."""
        text = _encode(body)
        with _faults():
            self._client().send_message(
                QueueUrl=self._url,
                MessageBody=text,
                DelaySeconds=delay_s,
                MessageAttributes=_to_wire(_own_attributes()),
            )

    def send_many(self, bodies: Sequence[Mapping[str, Any]], *, delay_s: int = 0) -> None:
        """Send several, ten to a call or fewer when they are large: the limit of size holds for the whole call."""
        texts = [_encode(body) for body in bodies]
        failed: list[int] = []
        for batch in _batches(texts):
            entries: list[Any] = [
                {
                    "Id": str(position),
                    "MessageBody": texts[position],
                    "DelaySeconds": delay_s,
                    "MessageAttributes": _to_wire(_own_attributes()),
                }
                for position in batch
            ]
            try:
                with _faults():
                    answer = self._client().send_message_batch(QueueUrl=self._url, Entries=entries)
                failed += [int(entry["Id"]) for entry in answer.get("Failed", [])]
            except QueueUnavailable:
                failed += batch
        if failed:
            raise SomeNotSent([dict(bodies[position]) for position in sorted(failed)], len(bodies))

    def depth(self) -> QueueDepth:
        """How full it is, approximately."""
        with _faults():
            found = self._client().get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )["Attributes"]
        return QueueDepth(
            visible=int(found.get("ApproximateNumberOfMessages", 0)),
            in_flight=int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
            delayed=int(found.get("ApproximateNumberOfMessagesDelayed", 0)),
        )

    def receive(self, limit: int = 10, *, wait_s: int = 0) -> list[Received]:
        """Take messages."""
        with _faults():
            answer = self._client().receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=limit, WaitTimeSeconds=wait_s, MessageAttributeNames=["All"]
            )
        return [
            Received(
                item["MessageId"],
                item["ReceiptHandle"],
                item["Body"],
                {
                    name: value["StringValue"]
                    for name, value in item.get("MessageAttributes", {}).items()
                    if "StringValue" in value
                },
            )
            for item in answer.get("Messages", [])
        ]

    def delete(self, message: Received) -> None:
        """Done with it."""
        with _faults():
            self._client().delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def forward(self, message: Received) -> None:
        """Send it on as it is."""
        with _faults():
            self._client().send_message(
                QueueUrl=self._url, MessageBody=message.text, MessageAttributes=_to_wire(message.attributes)
            )


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Positions in groups of at most ten messages and 200 KB."""
    group: list[int] = []
    size = 0
    for position, text in enumerate(texts):
        if group and (len(group) == _BATCH or size + len(text) > MAX_BODY_BYTES):
            yield group
            group, size = [], 0
        group.append(position)
        size += len(text)
    if group:
        yield group


def _to_wire(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value}


@contextmanager
def _faults() -> Iterator[None]:
    """Every failure of the client as ours; the message keeps the service's word for it and nothing else."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise QueueUnavailable(f"The queue refused: {error.response.get('Error', {}).get('Code')}.") from error
    except BotoCoreError as error:
        raise QueueUnavailable(f"The queue did not answer: {type(error).__name__}.") from error


@dataclass
class _Entry:
    message_id: str
    text: str
    attributes: dict[str, str]
    delay_s: int


@dataclass
class MemoryQueue:
    """A fake that keeps messages in memory; a delayed one stays delayed until `release`."""

    waiting: deque[_Entry] = field(default_factory=deque)
    taken: dict[str, _Entry] = field(default_factory=dict)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was sent and not yet deleted, decoded, in order."""
        return [json.loads(entry.text) for entry in [*self.taken.values(), *self.waiting]]

    def send(self, body: Mapping[str, Any], *, delay_s: int = 0) -> None:
        """Keep one message."""
        self.waiting.append(_Entry(uuid4().hex, _encode(body), _own_attributes(), delay_s))

    def send_many(self, bodies: Sequence[Mapping[str, Any]], *, delay_s: int = 0) -> None:
        """Keep several, or none when one is too large."""
        for body in bodies:
            _encode(body)
        for body in bodies:
            self.send(body, delay_s=delay_s)

    def depth(self) -> QueueDepth:
        """How many there are."""
        delayed = sum(1 for entry in self.waiting if entry.delay_s)
        return QueueDepth(len(self.waiting) - delayed, len(self.taken), delayed)

    def receive(self, limit: int = 10, *, wait_s: int = 0) -> list[Received]:  # noqa: ARG002 - memory is never waited for
        """Take messages."""
        ready = list(islice((entry for entry in self.waiting if not entry.delay_s), limit))
        for entry in ready:
            self.waiting.remove(entry)
            self.taken[entry.message_id] = entry
        return [Received(entry.message_id, entry.message_id, entry.text, dict(entry.attributes)) for entry in ready]

    def delete(self, message: Received) -> None:
        """Forget it."""
        self.taken.pop(message.receipt, None)

    def forward(self, message: Received) -> None:
        """Keep it as it is."""
        self.waiting.append(_Entry(uuid4().hex, message.text, dict(message.attributes), 0))

    def release(self) -> None:
        """Let all delays pass and all visibility time-outs end."""
        self.waiting.extend(self.taken.values())
        self.taken.clear()
        for entry in self.waiting:
            entry.delay_s = 0


@cache
def sqs_client(settings: CloudSettings) -> SQSClient:
    """The client for the settings' cloud, made once for each process (making it takes longer than using it).

    Time-outs are short, 12 s in the worst case: whoever waits for a queue holds up the webhook in front of it, and the
    sweep sends what was not sent.
    """
    made: SQSClient = client(
        "sqs",
        settings,
        endpoint_url=settings.sqs_endpoint_url or settings.aws_endpoint_url,
        connect_timeout=1,
        read_timeout=MAX_WAIT_S + 3,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return made
