"""Schemathesis asks every operation of an API's committed document whatever its schema allows and forbids.

Ids are drawn from what there is in a salon as well as invented, so that not everything is answered with 404. What
counts: no 5xx, no status and no body that the document does not know, nothing let through that the schema forbids, and
nothing that needs a token given without.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text

from salon.identity.access import Role, UserDetails
from salon.identity.domain import system
from salon.identity.tokens import SigningKeys, Tokens
from salon.identity.use_cases import create_user
from salon.identity.use_cases.sessions import open_user_session, open_visitor_session
from salon.intake.documents.errors import DocumentEncrypted
from salon.platform.clock import FrozenClock, SystemClock
from support.cloud import gateway, open_cloud
from support.fixtures import JWT_SECRETS
from support.functions import ROOT
from support.furnished import connect
from support.intake_line import PHOTO, IntakeLine
from support.postgres import create_database, drop_database

EXAMPLES = 12
# Of the cases that the schema itself gives (a wrong type here, one too many there), so many of each kind: the same
# code refuses the hundredth field, whose schema was made from the model that refuses it.
OF_A_KIND = 4
# What the edge does without a token or with a wrong one is the same for every body; each try is two requests more.
WITHOUT_TOKEN = 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    ignored_auth,
]
LIMITS = {f"{name}PerMinute": "1000000" for name in (
    "Reads", "Bookings", "Changes", "Sessions", "Console", "Logins",
)} | {"AccountLoginsPerHour": "1000000"}  # fmt: skip
ACTOR = system("tests")
# What there is, by the name of the field that asks for it; what the requests make is added.
POOLS: dict[str, list[str]] = defaultdict(list)
MADE_BY = {"/v1/bookings": "booking_id", "/v1/visits": "visit_id", "/v1/waitlist": "entry_id"}
ZONES = ("Europe/Moscow", "Asia/Kamchatka", "America/Sao_Paulo", "Asia/Dubai")
TODAY = datetime.now(UTC).date()
schemathesis.openapi.format("iana-time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("wall-time", st.times().map(lambda at: f"{at:%H:%M:%S}"))
schemathesis.openapi.format("date", st.integers(-2, 9).map(lambda days: (TODAY + timedelta(days=days)).isoformat()))
schemathesis.openapi.format(
    "date-time", st.integers(-50, 500).map(lambda hours: (datetime.now(UTC) + timedelta(hours=hours)).isoformat())
)
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LARGE = {"/admin/v1/salon-file"}  # a whole salon: making one example takes seconds
FEWER = settings(SETTINGS, max_examples=3)


@cache
def document(name: str) -> schemathesis.BaseSchema:
    found = schemathesis.openapi.from_dict(_read(name), config=SchemathesisConfig(seed=1))
    found.config.generation.with_security_parameters = False  # the tokens are ours; `ignored_auth` leaves them out
    found.config.phases.coverage.unexpected_methods = set()  # the gateway, not we, knows which methods there are
    return found


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "shared" / "openapi" / f"{name}.json").read_text())
    return found


@dataclass(frozen=True)
class Served:
    """An API, and a token for each path of it."""

    base_url: str
    token_for: Callable[[str], str]


@contextmanager
def served(name: str, *, cluster, furnished, moto):
    """The function behind a loopback server, on a copy of the two salons, and who may call it."""
    copy = f"c{uuid4().hex[:10]}"
    url = create_database(cluster, copy, furnished.template)
    database, engine = connect(url)
    now, world = SystemClock().now(), furnished.first
    tokens = Tokens(lambda: SigningKeys.parse(JWT_SECRETS), access_for=timedelta(hours=12))
    with database.transaction(world.tenant_id) as session:
        owner = create_user(
            session, UserDetails(name="Проба", role=Role.OWNER), actor=ACTOR, actor_role=Role.OWNER, now=now
        )
        staff_token = open_user_session(session, tokens, owner.id, actor=ACTOR, now=now).access_token
        visitor_token = open_visitor_session(session, tokens, now=now).access_token

    def staff(_path: str) -> str:
        return staff_token

    def account(path: str) -> str:
        """The owner; in a session of its own for what ends it."""
        if path != "/v1/logout":
            return staff_token
        with database.transaction(world.tenant_id) as session:
            return open_user_session(session, tokens, owner.id, actor=ACTOR, now=SystemClock().now()).access_token

    def visitor(path: str) -> str:
        """The one whose bookings there are; another one for what ends the session."""
        if path != "/v1/sessions/current":
            return visitor_token
        with database.transaction(world.tenant_id) as session:
            return open_visitor_session(session, tokens, now=SystemClock().now()).access_token

    with database.read(world.tenant_id) as session:
        slots = session.scalars(
            text("SELECT id FROM slot_instances WHERE starts_at > :soon ORDER BY starts_at LIMIT 60"),
            {"soon": datetime.now(UTC) + timedelta(hours=3)},
        ).all()
    for asked_as, known in {
        "slot_id": slots,
        "service_id": world.services.values(),
        "staff_id": world.staff.values(),
        "location_id": [world.location_id],
        "tenant_id": [world.tenant_id],
    }.items():
        POOLS[asked_as] = [str(one) for one in known]
    if name == "account":
        _read_a_document(database, world.tenant_id)
        POOLS["user_id"].append(str(owner.id))
    caller = {"booking": visitor, "admin": staff, "account": account}[name]
    with open_cloud("aws", url, moto, **LIMITS) as cloud, gateway(cloud, f"http_{name}") as base_url:
        yield Served(base_url, caller)
    engine.dispose()
    drop_database(cluster, copy)


def _read_a_document(database, tenant_id) -> None:
    """A job that is done and one that has failed; their ids are drawn from."""
    line = IntakeLine(database, tenant_id, FrozenClock(SystemClock().now()))
    for number in range(2):
        announced = line.hand_in(PHOTO + bytes([number]))
        line.reader.failures = [DocumentEncrypted()] if number else []
        line.worker.arrived(tenant_id, announced.upload_id)
        POOLS["job_id"].append(str(announced.job_id))
        POOLS["result_id"] += [str(found) for found in [line.job(announced.job_id).result_id] if found]


def real(value, name: str = ""):
    """The value with most of the invented ids in it replaced by those of things that are there, and a real phone."""
    if name == "phone" and isinstance(value, str):
        return "+7 900 000-01-01"
    if name == "option_ids" and isinstance(value, list) and len(value) != 1:
        return []
    if isinstance(value, dict):
        return {key: real(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [real(item, name) for item in value]
    pool = POOLS.get(name)
    if not pool or not isinstance(value, str):
        return value
    try:
        number = UUID(value).int
    except ValueError:
        return value
    return pool[number % len(pool)] if number % 7 else value


def kind_of(case: schemathesis.Case) -> object:
    """What a case that schemathesis derives from the schema is there for; None for one that was drawn."""
    if case.meta is None or case.meta.phase.name is not TestPhase.COVERAGE:
        return None
    data = case.meta.phase.data
    return data.scenario, data.parameter_location, case.meta.generation.mode


def ask(case: schemathesis.Case, api: Served, asked: Counter[object]) -> None:
    """Send one request, check the answer, remember what it made."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        case.path_parameters = real(case.path_parameters)
        case.query = real(case.query)
        case.body = real(case.body)
        if "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = str(uuid4())
    # A file is any bytes: what is wrong with it is found by whoever reads it, later.
    excluded = [negative_data_rejection] if case.media_type not in {None, "application/json"} else []
    if asked[ignored_auth] >= WITHOUT_TOKEN:
        excluded.append(ignored_auth)
    answer = case.call_and_validate(
        base_url=api.base_url,
        headers={"Authorization": f"Bearer {api.token_for(case.path)}"},
        checks=CHECKS,
        excluded_checks=excluded,
    )
    asked[ignored_auth] += answer.status_code < HTTPStatus.BAD_REQUEST
    if answer.status_code == HTTPStatus.CREATED and case.path in MADE_BY:
        POOLS[MADE_BY[case.path]].append(answer.json()["id"])


def operations_of(name: str) -> dict[str, Callable[..., None]]:
    """A test for each operation, under a name of its own: pytest-xdist would run those that are called alike once.

    The cases of an operation are made when its test runs. schemathesis' own collector makes them all beforehand, which
    would take every worker fifteen seconds and three gigabytes, also those that get other files.
    """
    found = {}
    for path, methods in _read(name)["paths"].items():
        for method, operation in methods.items():
            found[f"test_{operation['operationId']}"] = _test_of(name, path, method)
    return found


@contextmanager
def _untraced() -> Iterator[None]:
    """This thread without coverage's tracer: it only asks, and the function answers in threads of the server."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def _test_of(name: str, path: str, method: str) -> Callable[..., None]:
    def test(api: Served) -> None:
        asked: Counter[object] = Counter()

        def check(case: schemathesis.Case) -> None:
            kind = kind_of(case)
            asked[kind] += 1
            if kind is None or asked[kind] <= OF_A_KIND:
                ask(case, api, asked)

        schema = document(name)
        config = HypothesisTestConfig(
            project=schema.config,
            modes=list(HypothesisTestMode),
            seed=1,
            explicit_settings=FEWER if path in LARGE else SETTINGS,
        )
        with _untraced():
            create_test(operation=schema[path][method], test_func=check, config=config)()

    return test
