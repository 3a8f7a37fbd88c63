"""The functions as the cloud calls them, all in this process, on a real database, moto's queues and bucket.

`Cloud` is what stands around the functions: it turns requests into gateway events and queue messages into batches, in
the AWS shape or in the Yandex shape, and treats failures as that cloud does.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer

from salon.integrations.channels import Lazily
from salon.platform.db import Database
from salon.platform.pg import PgDatabase
from support.cloud_events import Context, Event, http_event, timer_event, to_yandex, yandex_context
from support.fixtures import JWT_SECRETS, MASTER_KEYS, app_url
from support.functions import KEYS, NOWHERE, REGION, Blueprint, environment, load_function, parts_of


@dataclass(frozen=True)
class Answer:
    """What an HTTP function answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@cache
def client_of(service: str, endpoint: str) -> Any:
    """A client of moto's, one for the process: making it takes longer than using it."""
    account = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
    return boto3.client(service, endpoint_url=endpoint, **account)


class Resources(dict[str, str]):
    """What the template's names stand for; queues and buckets are made when they are first asked for."""

    def __init__(self, known: Mapping[str, str], cloud: Cloud) -> None:
        super().__init__(known)
        self._cloud, self._run = cloud, uuid4().hex[:10]

    def __missing__(self, name: str) -> str:
        cloud = self._cloud
        if name in cloud.blueprint.queues:
            self[name] = cloud.sqs.create_queue(QueueName=f"{name}-{self._run}")["QueueUrl"]
        elif name in cloud.blueprint.buckets:
            self[name] = f"{name.lower()}-{self._run}"
            cloud.s3.create_bucket(Bucket=self[name], CreateBucketConfiguration={"LocationConstraint": REGION})
        else:
            raise KeyError(name)
        return self[name]


@dataclass
class Cloud:
    """Functions, queues and a bucket, as one of the two clouds has them.

    Attributes:
        flavour: `aws` or `yandex`: the shape of events, and what a failure does to a batch.
        values: what template.yaml's parameters and resources stand for here.
        more_variables: what an operator sets beside the template.
        refused: messages whose handling failed; they stay hidden until `return_failed`.
        bodies: every message body that passed through a queue.
    """

    flavour: str
    values: dict[str, str]
    endpoint: str
    more_variables: dict[str, str] = field(default_factory=dict)
    apps: dict[str, ModuleType] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blueprint = Blueprint()
        self.sqs, self.s3 = client_of("sqs", self.endpoint), client_of("s3", self.endpoint)
        self.values = Resources(self.values, self)
        self._lock = threading.Lock()

    def variables(self, function: str) -> dict[str, str]:
        """A function's environment here."""
        return {
            **self.blueprint.environment(function, self.values),
            "CLOUD_PROVIDER": self.flavour,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            **self.more_variables,
        }

    def handler(self, function: str) -> Callable[[Any, Any], Any]:
        """The function's entry point; the function is loaded at its first call."""
        if function not in self.apps:
            self.apps[function] = load_function(function, self.variables(function))
        handler: Callable[[Any, Any], Any] = self.apps[function].handler
        return handler

    def invoke(self, function: str, event: Event) -> Any:
        """Call a function with an event as it is, in this cloud's context."""
        context = yandex_context() if self.flavour == "yandex" else Context()
        return self.handler(function)(event, context)

    def shaped(self, event: Event) -> Event:
        """An event of the AWS shape in this cloud's shape."""
        return to_yandex(event) if self.flavour == "yandex" else event

    def tick(self, function: str) -> Any:
        """Let a timer fire."""
        return self.invoke(function, self.shaped(timer_event()))

    def http(self, method: str, target: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """A request through the gateway to http_webhooks."""
        return self.request("http_webhooks", method, target, body=body, headers=headers)

    def request(
        self,
        function: str,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request through the gateway to an HTTP function; one instance serves one request at a time."""
        sent = dict(headers or {})
        content: bytes | str = body
        with contextlib.suppress(UnicodeDecodeError):
            content = body.decode()  # AWS passes text on as it is, whatever its type
        event = http_event(method, target, body=content or None, headers=sent)
        shaped = self.shaped(event)
        shaped["requestContext"]["requestId"] = str(uuid4())
        with self._lock:
            answer = self.invoke(function, shaped)
        text = answer["body"]
        return Answer(
            answer["statusCode"],
            {name: values[-1] for name, values in answer["multiValueHeaders"].items()},
            base64.b64decode(text) if answer["isBase64Encoded"] else text.encode(),
        )

    def pump(self) -> int:
        """Hand messages over until every queue is empty; how many were handled."""
        handled = 0
        while moved := sum(self._deliver(queue, function) for queue, function in self.blueprint.consumers()):
            handled += moved
        return handled

    def return_failed(self) -> None:
        """Let the visibility time-outs of failed messages end."""
        for url, receipt in self.refused:
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
        self.refused.clear()

    def waiting(self, queue: str) -> int:
        """How many messages a queue holds, hidden ones included."""
        if queue not in self.values:  # nobody has asked for it yet
            return 0
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.values[queue], AttributeNames=names)["Attributes"]
        return sum(int(value) for value in found.values())

    def _holds_any(self, url: str) -> bool:
        """Whether there is something to receive, as moto in this process knows: most queues are empty when asked."""
        queues = get_backend("sqs")[DEFAULT_ACCOUNT_ID][REGION].queues
        return bool(queues[url.rpartition("/")[2]].messages)

    def _deliver(self, queue: str, function: str) -> int:
        """One batch: AWS deletes what was not named as failed, Yandex all or nothing."""
        if queue not in self.values or not self._holds_any(self.values[queue]):
            return 0
        url = self.values[queue]
        received = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
        ).get("Messages", [])
        if not received:
            return 0
        self.bodies += [message["Body"] for message in received]
        try:
            answer = self.invoke(function, self.shaped({"Records": [_record(queue, one) for one in received]}))
        except Exception as error:  # noqa: BLE001 - whatever leaves the function, the cloud returns the batch
            self.errors.append(error)
            failed = {message["MessageId"] for message in received}
        else:
            named = (answer or {}).get("batchItemFailures", []) if self.flavour == "aws" else []
            failed = {item["itemIdentifier"] for item in named}
        for message in received:
            if message["MessageId"] in failed:
                self.refused.append((url, message["ReceiptHandle"]))
            else:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(received) - len(failed)

    def close(self) -> None:
        """Close what the functions hold open."""
        for app in self.apps.values():
            for part in parts_of(app, Database, PgDatabase, Lazily):
                if isinstance(part, Lazily):
                    for made in part._made.values():
                        made.close()
                else:
                    part.engine.dispose() if isinstance(part, Database) else part.close()
        self.apps.clear()


def _record(queue: str, message: Mapping[str, Any]) -> Event:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {name: str(value) for name, value in message.get("Attributes", {}).items()},
        "messageAttributes": {
            name: {
                "stringValue": value["StringValue"],
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:000000000000:{queue}",
        "awsRegion": REGION,
    }


@contextlib.contextmanager
def gateway(cloud: Cloud, function: str = "http_webhooks") -> Iterator[str]:
    """A loopback server in front of an HTTP function, as the API gateway stands there; its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = cloud.request(function, self.command, self.path, body=body, headers=dict(self.headers.items()))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_POST  # noqa: N815 - http.server's

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def open_cloud(
    flavour: str, owner_url: str, endpoint: str, *, telegram: str = NOWHERE, **overrides: str
) -> Iterator[Cloud]:
    """A cloud on a database; its secrets are in the environment for as long as it is open.

    Args:
        flavour: `aws` or `yandex`.
        owner_url: the database's owner.
        endpoint: of the queues and the bucket.
        telegram: the Bot API.
        overrides: other parameters or resources of template.yaml.
    """
    values = {
        "DatabaseUrl": app_url(owner_url),
        "MasterKeys": MASTER_KEYS,
        "JwtSecrets": JWT_SECRETS,
        "TelegramApiBase": telegram,
        "SlotHorizonDays": "20",
    }
    cloud = Cloud(flavour, values, endpoint)
    cloud.values.update(overrides)
    with environment({**KEYS, "MASTER_KEYS": MASTER_KEYS, "JWT_SECRETS": JWT_SECRETS}), _root_logger_kept():
        try:
            yield cloud
        finally:
            cloud.close()


@contextlib.contextmanager
def _root_logger_kept() -> Iterator[None]:
    """Entry points take over the root logger of their process; this process has other tests to run."""
    root = logging.getLogger()
    level, handlers, formatters = root.level, list(root.handlers), [one.formatter for one in root.handlers]
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
        for handler, formatter in zip(handlers, formatters, strict=True):
            handler.setFormatter(formatter)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Queues and buckets; the endpoint's URL."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request tells nothing here
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
