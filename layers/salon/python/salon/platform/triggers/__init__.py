"""Entry points: what AWS or Yandex hands over becomes the one shape that our handlers know, the AWS one.

Yandex calls every trigger with `{"messages": [...]}` and ignores what is returned: only an exception is a failure
(facts/yandex.md §1.0, §1.6). AWS calls with `Records` or an EventBridge event and takes a partial batch answer. A
handler is written once, for the AWS shape, with Chalice; `entry_point` stands in front of it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from salon import LOADING, RUNNING
from salon.platform import correlation
from salon.platform.errors import Fault, Refusal, SalonError
from salon.platform.logs import logger, take_over_root
from salon.platform.triggers.http_shape import UnsupportedHttpShape, http_event
from salon.platform.triggers.invocation import InvocationContext, current_invocation, has_time, invocation_var
from salon.platform.triggers.shapes import Arrival, Event, Kind, Origin, UnknownTriggerShape, as_mapping, convert

__all__ = [
    "BatchFailed",
    "InvocationContext",
    "UnknownTriggerShape",
    "UnsupportedHttpShape",
    "convert",
    "current_invocation",
    "entry_point",
    "has_time",
    "http_entry_point",
    "process_batch",
]

log = logger(__name__)


class BatchFailed(SalonError):
    """Some messages of a batch failed, after all had been tried; raised so that the cloud delivers them again.

    It carries no cause: the runtime prints what leaves a function, unmasked. The causes are in our log.

    Attributes:
        failed: ids of what failed, or its place in the batch.
    """

    code = "BATCH_FAILED"

    def __init__(self, failed: list[str]) -> None:
        super().__init__(f"{len(failed)} of the batch failed: {', '.join(failed)}.")
        self.failed = failed


def entry_point(handler: Callable[[Event, Any], Any]) -> Callable[[Any, Any], Any]:
    """A plain function for the cloud to call, in front of a handler of queue, storage or timer events.

    The handler is called for each converted event. On AWS a queue handler's answer goes back as it is (partial batch
    response). On Yandex a batch succeeds or fails as a whole.

    Raises (the function made):
        UnknownTriggerShape: the event is of no kind known here.
        BatchFailed: something failed; all the rest had been tried before.
    """
    _put_loaded_aside()

    def handle(event: Any, context: Any) -> Any:
        take_over_root()
        invocation = InvocationContext.of(context)
        token = invocation_var.set(invocation)
        try:
            with correlation.bind(correlation_id=invocation.aws_request_id):
                arrival = convert(event)
                if arrival is None:
                    log.info("trigger.test_event")
                    return None
                return _call(handler, arrival, invocation)
        finally:
            invocation_var.reset(token)

    return handle


def _put_loaded_aside() -> None:
    """The function is loaded: what it consists of is never garbage, and the collector need not look at it again."""
    if gc.get_threshold()[0] == LOADING:  # once for each process
        gc.freeze()
        gc.set_threshold(RUNNING, 20, 20)


def _call(handler: Callable[[Event, Any], Any], arrival: Arrival, context: InvocationContext) -> Any:
    failed: list[str] = []
    answer: Any = None
    for position, event in enumerate(arrival.events):
        try:
            answer = handler(event, context)
        except Exception as error:  # noqa: BLE001 - one failure must not keep the rest from being tried
            _report("trigger.failed", error, kind=arrival.kind, position=position)
            failed.append(f"{arrival.kind}[{position}]")
    if arrival.kind is Kind.QUEUE and arrival.origin is Origin.YANDEX:
        items = as_mapping(answer).get("batchItemFailures") or []
        failed.extend(str(as_mapping(item).get("itemIdentifier")) for item in items)
    if failed:
        raise BatchFailed(failed)
    return answer if arrival.origin is Origin.AWS else None


def http_entry_point(resolve: Callable[[Event, Any], Any]) -> Callable[[Any, Any], Event]:
    """A plain function for the cloud to call, in front of an HTTP function (`resolver.resolve`, or a Chalice lambda).

    It always answers: a call in a shape that cannot be routed gets a problem document, and so does an exception, which
    Yandex would show to the caller with its stack (facts/yandex.md §1.4).
    """
    from salon.platform.http import plain_problem
    from salon.platform.http_events import lower_headers

    _put_loaded_aside()

    def handle(event: Any, context: Any) -> Event:
        take_over_root()
        invocation = InvocationContext.of(context)
        token = invocation_var.set(invocation)
        raw = as_mapping(event)
        offered = lower_headers(raw).get("x-request-id") or as_mapping(raw.get("requestContext")).get("requestId")
        try:
            with correlation.bind(correlation_id=correlation.accepted_or_new(offered)):
                try:
                    answer = resolve(http_event(event), invocation)
                except UnsupportedHttpShape as error:
                    log.warning("http.unsupported_shape", error=error)
                    return plain_problem(HTTPStatus.BAD_REQUEST, error.code, str(error))
                except Exception:
                    log.exception("http.failed")
                    return plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL")
                return dict(answer)
        finally:
            invocation_var.reset(token)

    return handle


class QueueRecord(Protocol):
    """One message of a batch, as Chalice's SQSEvent yields it."""

    body: str

    def to_dict(self) -> Event:
        """The record in the AWS shape."""
        ...


Record = TypeVar("Record", bound="QueueRecord")


def process_batch(records: Iterable[Record], handle_one: Callable[[Record], object]) -> Event:
    """Try every message; what fails is logged and named in the answer, so that only it is delivered again.

    The first is always tried. When too little time is left, the others are named as well, and not begun.

    The correlation id that the sender put into the message is in force while it is handled.

    Returns:
        AWS's partial batch response, `{"batchItemFailures": [{"itemIdentifier": …}]}`.
    """
    failures: list[dict[str, str]] = []
    for position, record in enumerate(records):
        raw = record.to_dict()
        if position and not has_time():
            log.warning("queue.message_left", message_id=raw["messageId"])
            failures.append({"itemIdentifier": raw["messageId"]})
            continue
        sent = as_mapping(as_mapping(raw.get("messageAttributes")).get("correlation_id")).get("stringValue")
        with correlation.bind(correlation_id=sent):
            try:
                handle_one(record)
            except Exception as error:  # noqa: BLE001 - one failure must not keep the rest from being tried
                _report("queue.message_failed", error, message_id=raw["messageId"])
                failures.append({"itemIdentifier": raw["messageId"]})
    return {"batchItemFailures": failures}


def _report(event: str, error: Exception, **data: Any) -> None:
    """Expected faults are warnings without a stack; anything else wakes a person."""
    if isinstance(error, (Fault, Refusal)):
        log.warning(event, code=error.code, reason=str(error), **data)
    else:
        log.error(event, error=error, **data)
