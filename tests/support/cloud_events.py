"""Events as the clouds send them, so that one test runs with both shapes.

The AWS shape is what a test writes (or `chalice.test` generates); `to_yandex` makes the Yandex shape of it as the facts
have it (facts/yandex.md §1.2, §1.3), and `to_aws` goes back.
"""

import base64
import copy
import itertools
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote_plus, urlencode

from salon.platform.triggers import convert

Event = dict[str, Any]

_counter = itertools.count(1)
_STORAGE_TYPES = {
    "ObjectCreated": "yandex.cloud.events.storage.ObjectCreate",
    "ObjectAcl": "yandex.cloud.events.storage.ObjectUpdate",
    "ObjectRemoved": "yandex.cloud.events.storage.ObjectDelete",
}


class Context:
    """A runtime's context as AWS gives it."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    function_name = "queue_inbound"
    function_version = "$LATEST"
    memory_limit_in_mb = "512"
    invoked_function_arn = "arn:aws:lambda:ru-central1:000000000000:function:queue_inbound"
    log_group_name = "/aws/lambda/queue_inbound"
    log_stream_name = "2026/03/11/[$LATEST]0"

    def get_remaining_time_in_millis(self) -> int:
        return 12_000


def yandex_context(*, with_account: bool = True) -> SimpleNamespace:
    """A runtime's context as Yandex gives it: the fields of its documentation and no more."""
    return SimpleNamespace(
        request_id="6e83e1c5-9d5a-4a4e-8a0d-b7c4b2f3a111",
        function_name="d4e9function",
        function_version="d4e9version",
        memory_limit_in_mb=256,
        token={"access_token": "t1.iam", "expires_in": 42_299, "token_type": "Bearer"} if with_account else None,
        get_remaining_time_in_millis=lambda: 45_000,
    )


def sqs_event(*bodies: object, attributes: dict[str, str] | None = None) -> Event:
    """An SQS batch; each record has an id of its own (Chalice's generator gives all of them the same)."""
    return {
        "Records": [
            {
                "messageId": f"message-{next(_counter)}",
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1787348701890",
                    "SenderId": "sender",
                    "ApproximateFirstReceiveTimestamp": "1787348702110",
                },
                "messageAttributes": {
                    name: {
                        "stringValue": value,
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "String",
                    }
                    for name, value in (attributes or {}).items()
                },
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:ru-central1:000000000000:inbound",
                "awsRegion": "ru-central1",
            }
            for body in bodies
        ]
    }


def s3_event(*keys: str, bucket: str = "media", name: str = "ObjectCreated:Put") -> Event:
    """S3's notification of stored objects; the keys are given as they are and encoded as S3 does."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": "ru-central1",
                "eventTime": "2026-03-11T07:30:00.000Z",
                "eventName": name,
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": quote_plus(key, safe="/"), "size": 1024, "eTag": "d41d8cd98f00b204"},
                },
            }
            for key in keys
        ]
    }


def timer_event(detail: Event | None = None) -> Event:
    """EventBridge's tick."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-03-11T07:30:00Z",
        "region": "ru-central1",
        "resources": ["arn:aws:events:ru-central1:000000000000:rule/sweep"],
        "detail": detail or {},
    }


def http_event(
    method: str = "GET",
    target: str = "/healthz",
    *,
    body: bytes | str | None = None,
    headers: dict[str, str] | None = None,
) -> Event:
    """A request as AWS's gateway hands it over (payload 1.0); bytes go as Base64, a text as it is."""
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    sent = {"Content-Type": "application/json", "Host": "api.example"} | (headers or {})
    encoded = isinstance(body, bytes)
    return {
        "version": "1.0",
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": lists or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "stage": "$default",
            "protocol": "HTTP/1.1",
            "resourcePath": path,
            "path": path,
            "httpMethod": method,
            "requestId": "aws-request-0001",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "test"},
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def to_yandex(event: Event) -> Event:
    """The same event as Yandex would send it."""
    if "httpMethod" in event:
        return _http_to_yandex(event)
    if event.get("source") == "aws.events":
        return {"messages": [_timer_to_yandex(event)]}
    sources = {record["eventSource"] for record in event["Records"]}
    make = _queue_to_yandex if sources == {"aws:sqs"} else _storage_to_yandex
    return {"messages": [make(record) for record in event["Records"]]}


def to_aws(event: Event) -> list[Event]:
    """The same event as AWS would send it; one event for each stored object or tick."""
    arrival = convert(event)
    assert arrival is not None
    return arrival.events


def _metadata(event_type: str, event_id: str, created_at: str = "2026-03-11T07:30:00.149276079Z") -> Event:
    return {
        "event_id": event_id,
        "event_type": event_type,
        "created_at": created_at,
        "tracing_context": None,
        "cloud_id": "b1gcloud",
        "folder_id": "b1gfolder",
    }


def _queue_to_yandex(record: Event) -> Event:
    return {
        "event_metadata": _metadata("yandex.cloud.events.messagequeue.QueueMessage", record["messageId"]),
        "details": {
            "queue_id": record["eventSourceARN"],
            "message": {
                "message_id": record["messageId"],
                "md5_of_body": record["md5OfBody"],
                "body": record["body"],
                "attributes": copy.deepcopy(record["attributes"]),
                "message_attributes": {
                    name: {"data_type": value["dataType"], "string_value": value["stringValue"]}
                    for name, value in record["messageAttributes"].items()
                },
                "md5_of_message_attributes": "",
            },
        },
    }


def _storage_to_yandex(record: Event) -> Event:
    kind = _STORAGE_TYPES[record["eventName"].partition(":")[0]]
    bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
    return {
        "event_metadata": _metadata(kind, f"event-{next(_counter)}"),
        "details": {"bucket_id": bucket, "object_id": key},
    }


def _timer_to_yandex(event: Event) -> Event:
    details: Event = {"trigger_id": event["resources"][0]}
    if event["detail"]:
        details["payload"] = json.dumps(event["detail"])
    return {
        "event_metadata": _metadata("yandex.cloud.events.serverless.triggers.TimerMessage", event["id"]),
        "details": details,
    }


def _http_to_yandex(event: Event) -> Event:
    """Title-case names, Base64 for all but exact JSON (an empty body too), and none of AWS's own context."""
    headers = {name.title(): value for name, value in event["headers"].items()}
    text = event["body"] or ""
    is_json = headers.get("Content-Type") == "application/json" and text and not event["isBase64Encoded"]
    body = text if is_json or event["isBase64Encoded"] else base64.b64encode(text.encode()).decode()
    query = event["multiValueQueryStringParameters"] or {}
    context = event["requestContext"]
    return {
        "version": "1.0",
        "resource": event["resource"],
        "path": event["path"],
        "httpMethod": event["httpMethod"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": event["queryStringParameters"] or {},
        "multiValueQueryStringParameters": query,
        "requestContext": {
            "identity": context["identity"],
            "httpMethod": event["httpMethod"],
            "requestId": "6e83e1c5-9d5a-4a4e-8a0d-b7c4b2f3a111",
            "requestTime": "11/Mar/2026:07:30:00 +0000",
            "requestTimeEpoch": 1773214200,
            "authorizer": {},
            "apiGateway": {"operationContext": {}},
        },
        "pathParameters": event["pathParameters"] or {},
        "body": body,
        "isBase64Encoded": not is_json,
        "parameters": {},
        "multiValueParameters": {},
        "operationId": urlencode({"path": event["path"]}),
    }
