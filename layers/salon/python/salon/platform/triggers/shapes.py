"""The shapes in which AWS and Yandex hand over queue, storage and timer events, and the way to the AWS one.

Order of detection and every field: facts/yandex.md §1.3 and §10. A shape that is not known raises: counted as a success
it would be lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus

from salon.platform.errors import SalonError
from salon.platform.ids import new_id

Event = dict[str, Any]

_YANDEX_QUEUE = "messagequeue.QueueMessage"
_YANDEX_TIMER = "triggers.TimerMessage"
_YANDEX_STORAGE = {
    "storage.ObjectCreate": "ObjectCreated:Put",
    "storage.ObjectUpdate": "ObjectAcl:Put",  # a change of access rights (facts/yandex.md §1.3)
    "storage.ObjectDelete": "ObjectRemoved:Delete",
}


class UnknownTriggerShape(SalonError):
    """The event is of no kind known here; the message names its keys, never its values."""

    code = "UNKNOWN_TRIGGER_SHAPE"


class Origin(StrEnum):
    """Whose shape an event came in."""

    AWS = "aws"
    YANDEX = "yandex"


class Kind(StrEnum):
    """What set a function off."""

    QUEUE = "queue"
    STORAGE = "storage"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, converted.

    Attributes:
        events: in the AWS shape, one call of the handler each: a queue's batch is one event, a stored object and a
            tick of a timer are one event each, because Chalice reads the first record only.
    """

    origin: Origin
    kind: Kind
    events: list[Event]


def convert(event: object) -> Arrival | None:
    """Recognise an event and put it into the AWS shape; None for S3's test event, which asks for nothing.

    Raises:
        UnknownTriggerShape: it is of no kind known here.
    """
    if not isinstance(event, Mapping):
        raise UnknownTriggerShape(f"An event is a JSON object, not {type(event).__name__}.")
    messages = event.get("messages")
    if isinstance(messages, list):
        return _from_yandex(messages)
    records = event.get("Records")
    if isinstance(records, list) and records:
        return _from_records(records)
    if event.get("Event") == "s3:TestEvent":
        return None
    if "detail-type" in event or event.get("source") == "aws.events":
        return Arrival(Origin.AWS, Kind.TIMER, [_timer_event(event)])
    raise UnknownTriggerShape(f"No trigger is known by the keys {sorted(map(str, event))}.")


def _from_records(records: list[Any]) -> Arrival:
    sources = {as_mapping(record).get("eventSource") for record in records}
    if sources == {"aws:sqs"}:
        return Arrival(Origin.AWS, Kind.QUEUE, [{"Records": records}])
    if sources == {"aws:s3"}:
        return Arrival(Origin.AWS, Kind.STORAGE, [{"Records": [record]} for record in records])
    raise UnknownTriggerShape(f"Records of the sources {sorted(map(str, sources))} are not known.")


def _from_yandex(messages: list[Any]) -> Arrival:
    types = {str(as_mapping(as_mapping(item).get("event_metadata")).get("event_type")) for item in messages}
    kinds = {_yandex_kind(name) for name in types}
    if len(kinds) != 1:
        raise UnknownTriggerShape(f"A batch has messages of one kind, not {sorted(types)}.")
    try:
        match kinds.pop():
            case Kind.QUEUE:
                events = [{"Records": [_queue_record(item) for item in messages]}]
                return Arrival(Origin.YANDEX, Kind.QUEUE, events)
            case Kind.STORAGE:
                return Arrival(Origin.YANDEX, Kind.STORAGE, [_storage_event(item) for item in messages])
            case Kind.TIMER:
                return Arrival(Origin.YANDEX, Kind.TIMER, [_yandex_timer_event(item) for item in messages])
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"{type(error).__name__} at {error.args[0] if isinstance(error, KeyError) else 'a field'}"
    raise UnknownTriggerShape(f"A message of {sorted(types)} lacks its fields: {problem}.")


def _yandex_kind(event_type: str) -> Kind:
    if event_type.endswith(_YANDEX_QUEUE):
        return Kind.QUEUE
    if event_type.endswith(_YANDEX_TIMER):
        return Kind.TIMER
    if event_type.endswith(tuple(_YANDEX_STORAGE)):
        return Kind.STORAGE
    raise UnknownTriggerShape(f"Messages of the type {event_type} are not known.")


def as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _queue_record(item: Event) -> Event:
    """One queue message. There is no receipt handle to pass on: the trigger alone deletes (facts/yandex.md §1.3)."""
    details, message = item["details"], item["details"]["message"]
    return {
        "messageId": message["message_id"],
        "receiptHandle": "",
        "body": message["body"],
        "attributes": dict(message.get("attributes") or {}),
        "messageAttributes": {
            name: {
                "stringValue": value.get("string_value", value.get("stringValue")),
                "dataType": _data_type(value),
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in (message.get("message_attributes") or {}).items()
        },
        "md5OfBody": message.get("md5_of_body", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": details["queue_id"],
        "awsRegion": "ru-central1",
    }


def _data_type(value: Mapping[str, Any]) -> str:
    """Live payloads say `data_type`, older documents `dataType` and `StringValue`."""
    stated = str(value.get("data_type") or value.get("dataType") or "String")
    return stated.removesuffix("Value")


def _storage_event(item: Event) -> Event:
    """One stored object. Yandex gives the key as it is; AWS encodes it, and Chalice decodes it."""
    metadata, details = item["event_metadata"], item["details"]
    short = ".".join(str(metadata["event_type"]).rsplit(".", 2)[-2:])
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "ru-central1",
                "eventTime": metadata.get("created_at"),
                "eventName": _YANDEX_STORAGE[short],
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": details["bucket_id"], "arn": f"arn:aws:s3:::{details['bucket_id']}"},
                    "object": {"key": quote_plus(details["object_id"], safe="/")},
                },
            }
        ]
    }


def _yandex_timer_event(item: Event) -> Event:
    metadata, details = item["event_metadata"], item["details"]
    payload = details.get("payload")
    return _timer_event(
        {
            "id": metadata["event_id"],
            "source": "yandex.timer",
            "account": metadata.get("folder_id"),
            "time": metadata.get("created_at"),
            "region": "ru-central1",
            "resources": [details["trigger_id"]],
            "detail": _timer_detail(payload),
        }
    )


def _timer_detail(payload: object) -> Event:
    if not isinstance(payload, str) or not payload:
        return {}
    try:
        parsed = json.loads(payload)
    except ValueError:
        parsed = payload
    return parsed if isinstance(parsed, dict) else {"payload": payload}


def _timer_event(event: Mapping[str, Any]) -> Event:
    """The nine keys that Chalice's CloudWatchEvent reads, those that are missing filled."""
    time = str(event.get("time") or "")
    return {
        "version": event.get("version") or "0",
        "id": event.get("id") or str(new_id()),
        "detail-type": event.get("detail-type") or "Scheduled Event",
        "source": event.get("source") or "aws.events",
        "account": event.get("account") or "",
        "time": time[:19] + "Z" if time else "",
        "region": event.get("region") or "",
        "resources": list(event.get("resources") or []),
        "detail": dict(event.get("detail") or {}),
    }
