"""The functions as the cloud calls them, all in this process, on a real database, moto's queues and bucket.

`load_function` imports a function's folder as the runtime does: the folder first on the path, the environment that
template.yaml gives it and nothing else. `Cloud` is what stands around the functions: it turns requests into gateway
events and queue messages into batches, in the AWS shape or in the Yandex shape, and treats failures as that cloud does.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from infra.local.postgres import EmbeddedPostgres
from infra.local.template import read_template
from infra.migrations import database as migrations
from salon.identity.domain import system
from salon.identity.use_cases import change_credentials, create_tenant
from salon.integrations.channels import Lazily
from salon.platform.clock import FrozenClock, SystemClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.http import ApiResolver
from salon.platform.pg import PgDatabase
from salon.platform.queues import sqs_client
from salon.platform.settings import DatabaseSettings
from salon.platform.storage import s3_client
from support.cloud_events import Context, Event, http_event, timer_event, to_yandex, yandex_context
from support.fixtures import JWT_SECRETS, MASTER_KEYS, NOW, app_url
from support.postgres import create_database, drop_database
from support.salon_world import SalonWorld, make_salon

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"  # moto knows AWS's own regions only
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
PACKAGES = {"staff_api"}
_FUNCTION, _QUEUE, _BUCKET = "AWS::Serverless::Function", "AWS::SQS::Queue", "AWS::S3::Bucket"


def _folder_of(function: Mapping[str, Any]) -> str:
    """The name of a function's folder; an image function's is that of its Dockerfile."""
    code = function["Properties"].get("CodeUri")
    return Path(code).name if code else Path(function["Metadata"]["Dockerfile"]).parent.name


@cache
def _template() -> dict[str, Any]:
    return read_template(ROOT / "template.yaml")


class Blueprint:
    """What template.yaml says, as far as a function in this process needs it."""

    def __init__(self) -> None:
        template = _template()
        resources: dict[str, Any] = template["Resources"]
        self._defaults = {name: str(value.get("Default", "")) for name, value in template["Parameters"].items()}
        self._globals = template["Globals"]["Function"]["Environment"]["Variables"]
        self._properties = {
            _folder_of(item): item["Properties"] for item in resources.values() if item["Type"] == _FUNCTION
        }
        self._names = {
            json.dumps(item["Properties"]["BucketName"]): name
            for name, item in resources.items()
            if item["Type"] == _BUCKET
        }
        self.queues = [name for name, item in resources.items() if item["Type"] == _QUEUE]
        self.buckets = [name for name, item in resources.items() if item["Type"] == _BUCKET]

    @property
    def functions(self) -> list[str]:
        """Every function, by the name of its folder."""
        return sorted(self._properties)

    def consumers(self) -> list[tuple[str, str]]:
        """(queue, function) of each queue that sets a function off."""
        return [
            (event["Properties"]["Queue"]["Fn::GetAtt"][0], name)
            for name, properties in self._properties.items()
            for event in properties["Events"].values()
            if event["Type"] == "SQS"
        ]

    def timers(self) -> list[str]:
        """Every function that a timer sets off."""
        return sorted(
            name
            for name, properties in self._properties.items()
            if any(event["Type"] == "Schedule" for event in properties["Events"].values())
        )

    def environment(self, function: str, values: Mapping[str, str]) -> dict[str, str]:
        """The variables of a function; `values` are parameters and resources by their logical ids."""
        own = self._properties[function].get("Environment", {}).get("Variables", {})
        return {
            name: self._resolve(self._named(value), values) if isinstance(value, dict) else str(value)
            for name, value in {**self._globals, **own}.items()
        }

    def _named(self, value: Mapping[str, str]) -> str:
        """The parameter or the resource that is meant; a bucket may be meant by its name."""
        return value["Ref"] if "Ref" in value else self._names[json.dumps(value)]

    def _resolve(self, name: str, values: Mapping[str, str]) -> str:
        return self._defaults[name] if name in self._defaults and name not in values else values[name]


@contextlib.contextmanager
def environment(variables: Mapping[str, str], *, only: bool = False) -> Iterator[None]:
    """The process's environment with `variables`, for the block; with `only` nothing but them and the machine's own."""
    before = dict(os.environ)
    if only:
        os.environ.clear()
        os.environ.update({name: before[name] for name in KEPT if name in before})
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def load_function(name: str, variables: Mapping[str, str]) -> ModuleType:
    """Import functions/<name>/app.py, which wires it, and leave no trace in the interpreter.

    Raises:
        SettingsInvalid: the variables lack what it needs.
    """
    folder = str(ROOT / "functions" / name)
    others = {module: sys.modules.pop(module) for module in _own_modules()}
    sqs_client.cache_clear()  # a process of its own would have a client of its own
    s3_client.cache_clear()
    sys.path.insert(0, folder)
    try:
        with environment({**KEYS, **variables}, only=True):
            return _settled(importlib.import_module("app"))
    finally:
        sys.path.remove(folder)
        for module in _own_modules():
            del sys.modules[module]
        sys.modules.update(others)


def load_routes(name: str, api: Any, *others: Any) -> Any:
    """The resolver of an HTTP function on an edge that the test gives, with what else its routes need."""
    with modules_of(name):
        module = "routes" if (ROOT / "functions" / name / "routes.py").exists() else "staff_api.routes"
        resolver = importlib.import_module(module).build_routes(api, *others)
        resolver.open_sections()
        return resolver


@contextlib.contextmanager
def modules_of(name: str) -> Iterator[None]:
    """A function's own modules can be imported, and are forgotten afterwards."""
    folder = str(ROOT / "functions" / name)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        for loaded in _own_modules():
            del sys.modules[loaded]


def _settled(app: ModuleType) -> ModuleType:
    """The function with its routes' types read, for which its modules have to be importable still."""
    resolver = getattr(app, "resolver", None)
    if isinstance(resolver, ApiResolver):
        resolver.open_sections()
    for route in [*resolver._static_routes, *resolver._dynamic_routes] if resolver is not None else ():
        if _is_alike(route.func.__module__):
            _ = route.dependant
    return app


def _own_modules() -> list[str]:
    """The modules of functions that are imported now and are called alike in different functions."""
    home = f"{ROOT / 'functions'}{os.sep}"
    return [
        name
        for name, module in sys.modules.items()
        if _is_alike(name) and str(getattr(module, "__file__", "")).startswith(home)
    ]


def _is_alike(module: str) -> bool:
    """Whether other functions may have a module of that name: a package of one function keeps what is imported.

    The staff's two hundred routes and their models would take half a second for each test.
    """
    return module.partition(".")[0] not in PACKAGES


def parts_of(app: ModuleType, *kinds: type) -> list[Any]:
    """The adapters of these kinds that a loaded function holds."""
    found, seen, todo = [], set(), list(vars(app).values())
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, (type, ModuleType)):
            continue
        seen.add(id(thing))
        if isinstance(thing, kinds):
            found.append(thing)
        else:
            todo.extend(_inside(thing))
    return found


def _inside(thing: object) -> Iterable[object]:
    if isinstance(thing, Lazily):
        return list(thing._made.values())  # only what was used: nothing else holds anything open
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, MethodType):
        return [thing.__self__]
    if isinstance(thing, FunctionType):
        return [cell.cell_contents for cell in thing.__closure__ or ()]
    module = type(thing).__module__
    if type(thing).__name__ == "Route":
        return [vars(thing)["func"]]
    return list(getattr(thing, "__dict__", {}).values()) if module.startswith("salon.") else []


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


FIRST_TENANT = UUID("01900000-0000-7000-8000-0000000000a1")
SECOND_TENANT = UUID("01900000-0000-7000-8000-0000000000a2")
SECOND_TOKEN, SECOND_SECRET = "200:second-token", "second-secret"  # the first tenant has those of salon_world


@dataclass(frozen=True)
class Furnished:
    """A database with two salons in it, to be copied by each test.

    Attributes:
        template: its name.
        first, second: the salons; the second has a bot of its own.
        now: when they were made.
    """

    template: str
    first: SalonWorld
    second: SalonWorld
    now: datetime


@cache
def furnish(cluster: EmbeddedPostgres, template: str, name: str, now: datetime) -> Furnished:
    """Copy a migrated database and put two salons into it; once, though several folders share the fixture."""
    url = create_database(cluster, name, template)
    database, engine = connect(url)
    clock = FrozenClock(now)
    worlds = []
    for tenant in (FIRST_TENANT, SECOND_TENANT):
        with database.transaction(tenant) as session:
            create_tenant(session, name="Салон «Проба»", actor=system("tests"), now=now)
        worlds.append(make_salon(database, tenant, clock, days=5))
    with database.transaction(SECOND_TENANT) as session:
        own = {"token": SECOND_TOKEN, "webhook_secrets": [SECOND_SECRET]}
        change_credentials(session, worlds[1].account_id, own, actor=system("tests"), now=now)
    engine.dispose()
    return Furnished(name, worlds[0], worlds[1], now)


def connect(owner_url: str, *, pool_size: int = 5) -> tuple[Database, Engine]:
    """The application's database behind an owner's URL, and the engine to be disposed of."""
    settings = DatabaseSettings(database_url=SecretStr(app_url(owner_url)))
    engine = make_engine(settings, pool_size=pool_size)
    keys = MasterKeys.parse(MASTER_KEYS)
    return Database(settings, engine=engine, master=lambda: keys), engine


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Queues and buckets; the endpoint's URL."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request tells nothing here
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def furnished(cluster: EmbeddedPostgres, template_database: str) -> Furnished:
    """Two salons that live now, because functions tell the time by the machine's clock."""
    name = f"furnished_{uuid4().hex[:8]}"  # each folder that imports this fixture has one of its own
    return furnish(cluster, template_database, name, SystemClock().now())


@pytest.fixture
def furnished_url(cluster: EmbeddedPostgres, furnished: Furnished) -> Iterator[str]:
    """The owner's URL of a copy of it."""
    name = f"f{os.getpid()}_{uuid4().hex[:8]}"
    yield create_database(cluster, name, furnished.template)
    drop_database(cluster, name)


@pytest.fixture
def salons(furnished_url: str) -> Iterator[Database]:
    """The application's access to that copy."""
    database, engine = connect(furnished_url)
    yield database
    engine.dispose()


@pytest.fixture(scope="session")
def furnished_then(cluster: EmbeddedPostgres, template_database: str) -> Furnished:
    """The same two salons on a Wednesday morning, for tests that move the clock themselves."""
    return furnish(cluster, template_database, "furnished_then", NOW)


@pytest.fixture
def then_salons(cluster: EmbeddedPostgres, furnished_then: Furnished) -> Iterator[Database]:
    """The application's access to a copy of it, with room for threads."""
    name = f"n{os.getpid()}_{uuid4().hex[:8]}"
    database, engine = connect(create_database(cluster, name, furnished_then.template), pool_size=20)
    yield database
    engine.dispose()
    drop_database(cluster, name)


@pytest.fixture
def owner_of(furnished_url: str) -> Iterator[Callable[[str], None]]:
    """Runs a statement on that copy as its owner, who sees through row-level security."""
    engine = create_engine(migrations.with_driver(furnished_url), isolation_level="AUTOCOMMIT")

    def run(sql: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(sql))

    yield run
    engine.dispose()


@pytest.fixture
def world(furnished: Furnished) -> SalonWorld:
    """The first salon."""
    return furnished.first
