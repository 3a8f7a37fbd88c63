"""The edge of the HTTP APIs: who asks, may they, how often, once; one transaction around one use case.

A route opens it and does its work inside::

    @resolver.post("/v1/things", status_code=201, responses=changes(ThingTaken, status=201))
    def post_thing(body: ThingIn) -> ThingOut:
        with api.write(Permission.THINGS_WRITE) as call:
            thing = make_thing(call.session, body.name, actor=call.actor, now=call.now)
            return call.answer(ThingOut.of(thing))

The order is: the token's signature, the limits (counted in a transaction of their own), then in the route's transaction
the session's row, the permission, the idempotency key, the work in a savepoint, the answer. A refusal of the work rolls
the savepoint back and is kept as the answer; a fault rolls everything back, so that a repeat tries again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from pydantic_core import to_jsonable_python

from salon.identity.access import Permission, Principal, Role, require
from salon.identity.domain import Actor
from salon.identity.errors import PermissionDenied, SessionRevoked, TokenExpired, TokenInvalid, TokenMissing
from salon.identity.tokens import JWT_SECRETS, Audience, Claims, IssuedTokens, Link, SigningKeys, Tokens, bearer_of
from salon.identity.use_cases.sessions import authenticate, open_visitor_session, renew_session
from salon.platform import correlation
from salon.platform.clock import Clock
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.errors import Conflict, Refusal, SalonError, TooManyRequests, Unauthenticated
from salon.platform.http import PROBLEM, Answered, problem, refusals, status_of
from salon.platform.http_request import (
    HttpRequest,
    IdempotencyKeyInvalid,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    current_request,
)
from salon.platform.idempotency import Kept, claim_key, keep_answer, purge_expired
from salon.platform.metrics import API_CONFLICT, API_REFUSED, LogMetrics, Metrics
from salon.platform.rate_buckets import NOBODY, Bucket, take_all
from salon.platform.rate_limits import Limit
from salon.platform.settings import ApiSettings

REPLAYED_HEADER = "Idempotent-Replayed"
_PURGE_EVERY = 16  # mutations, on average
Out = TypeVar("Out")


class Take(Protocol):
    """Which of the settings' limits a request counts against."""

    def __call__(self, settings: ApiSettings) -> int:
        """Requests a minute."""
        ...


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit by name: requests of one address, and of one session, are counted apart."""

    name: str
    per_minute: Take


READS = Quota("read", lambda settings: settings.reads_per_minute)
BOOKINGS = Quota("book", lambda settings: settings.bookings_per_minute)
CHANGES = Quota("change", lambda settings: settings.changes_per_minute)
SESSIONS = Quota("session", lambda settings: settings.sessions_per_minute)
CONSOLE = Quota("console", lambda settings: settings.console_per_minute)


_ADMISSION: tuple[type[Refusal], ...] = (
    TokenMissing,
    TokenInvalid,
    TokenExpired,
    SessionRevoked,
    PermissionDenied,
    TooManyRequests,
)


def reads(*classes: type[Refusal], status: int = HTTPStatus.OK) -> dict[int, Any]:
    """`responses=` of a route that opens `Api.read` or `Api.touch`: these refusals and the edge's own."""
    return {status: {"description": HTTPStatus(status).phrase}, **refusals(*_ADMISSION, *classes)}


def changes(*classes: type[Refusal], status: int = HTTPStatus.OK) -> dict[int, Any]:
    """`responses=` of a route that opens `Api.write`: these refusals and the edge's own."""
    keys = (IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyKeyReused)
    return reads(*keys, *classes, status=status)


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A request that was let in, to read."""

    session: ReadSession
    principal: Principal
    now: datetime

    @property
    def actor(self) -> Actor:
        """Who asks, for the audit log."""
        return self.principal.actor


@dataclass(slots=True)
class WriteCall:
    """A request that was let in, to change something. `answer` says what it came to, exactly once."""

    session: WriteSession
    principal: Principal
    now: datetime
    _content: Any = field(default=None, init=False)
    _is_answered: bool = field(default=False, init=False)

    @property
    def actor(self) -> Actor:
        """Who asks, for the audit log."""
        return self.principal.actor

    def answer(self, content: Out) -> Out:
        """Keep this as the answer to the request and to its repeats; gives it back, for the route to return."""
        self._content, self._is_answered = to_jsonable_python(content), True
        return content

    @property
    def content(self) -> Any:
        """What was answered, as plain JSON values.

        Raises:
            SalonError: nothing was: the route forgot to.
        """
        if not self._is_answered:
            raise SalonError("A route that changes something says call.answer(…).")
        return self._content


class Api:
    """What the routes of one HTTP function share."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tokens: Tokens,
        settings: ApiSettings,
        metrics: Metrics | None = None,
        *,
        quota: Quota | None = None,
    ) -> None:
        """Put the edge together.

        Args:
            database: whose transactions the routes work in.
            clock: the one clock of the function.
            tokens: verifies and issues.
            settings: the limits.
            metrics: counts what was refused.
            quota: one limit for every request, instead of READS and CHANGES: the staff API takes CONSOLE.
        """
        self.clock = clock
        self.metrics = metrics or LogMetrics()
        self._database = database
        self._tokens = tokens
        self._settings = settings
        self._quota = quota

    @property
    def database(self) -> Database:
        """For work that is more than one transaction, because the network lies between them."""
        return self._database

    @property
    def tokens(self) -> Tokens:
        """Issues and verifies: for whoever lets people in who have no token yet."""
        return self._tokens

    def admit_anybody(self, quota: Quota, *more: Bucket) -> datetime:
        """Count a request of somebody who has no token, by address and by what else is given; the current instant.

        Raises:
            TooManyRequests: that was enough.
        """
        now = self.clock.now()
        self._take([*self._buckets(quota, None), *more], now)
        return now

    def limit(self, *buckets: Bucket, now: datetime) -> None:
        """Count a request against these as well, once it is known whom it concerns.

        Raises:
            TooManyRequests: that was enough.
        """
        self._take(list(buckets), now)

    def client_address(self) -> str:
        """The caller's address as limits take it: IPv6 by its /64; empty when the gateway names none."""
        return current_request().client_ip(self._settings.trusted_proxies)

    def ping(self) -> None:
        """For `/readyz`: whether PostgreSQL answers and the signing keys are there."""
        self._database.ping()
        self._tokens.pseudonym("")

    @contextmanager
    def read(self, *permissions: Permission, quota: Quota = READS) -> Iterator[ReadCall]:
        """A read-only transaction for whoever has one of the permissions.

        Raises:
            Unauthenticated, PermissionDenied, TooManyRequests: not let in.
        """
        claims, now = self._admit(quota)
        with (
            correlation.bind(tenant_id=claims.tenant_id),
            self._counted(),
            self._database.read(claims.tenant_id) as session,
        ):
            principal = authenticate(session, claims, now=now)
            require(principal, *permissions)
            yield ReadCall(session, principal, now)

    @contextmanager
    def touch(self, *permissions: Permission, quota: Quota = READS) -> Iterator[WriteCall]:
        """A writing transaction for a request that needs no key, because its repeat changes nothing more.

        For a GET that keeps what it has shown, and for ending things.

        Raises:
            Unauthenticated, PermissionDenied, TooManyRequests: not let in.
        """
        claims, now = self._admit(quota)
        with (
            correlation.bind(tenant_id=claims.tenant_id),
            self._counted(),
            self._database.transaction(claims.tenant_id) as session,
        ):
            principal = authenticate(session, claims, now=now)
            require(principal, *permissions)
            yield WriteCall(session, principal, now)

    @contextmanager
    def write(self, *permissions: Permission, quota: Quota = CHANGES) -> Iterator[WriteCall]:
        """A writing transaction that is carried out once for each `Idempotency-Key`.

        Raises:
            Unauthenticated, PermissionDenied, TooManyRequests: not let in.
            IdempotencyKeyRequired, IdempotencyKeyInvalid, IdempotencyKeyReused: the key.
            Answered: the request was carried out before; nothing is done, the answer of then is sent.
        """
        request = current_request()
        claims, now = self._admit(quota)
        refusal: Refusal | None = None
        with (
            correlation.bind(tenant_id=claims.tenant_id),
            self._counted(),
            self._database.transaction(claims.tenant_id) as session,
        ):
            principal = authenticate(session, claims, now=now)
            require(principal, *permissions)
            claim = claim_key(
                session,
                actor=principal.key,
                key=request.idempotency_key(),
                payload_hash=request.payload_hash(),
                now=now,
            )
            if isinstance(claim, Kept):
                raise Answered(_replay(claim, request))
            call = WriteCall(session, principal, now)
            try:
                with session.begin_nested():
                    yield call
            except (TooManyRequests, Unauthenticated):
                raise  # for now only: the same request may succeed later, so nothing is kept
            except Refusal as error:
                kept = {"code": error.code, "detail": str(error), "headers": dict(request.answer_headers)}
                keep_answer(session, claim, status=int(status_of(type(error))), content=kept)
                refusal = error
            else:
                kept = {"body": call.content, "headers": dict(request.answer_headers)}
                keep_answer(session, claim, status=request.status, content=kept)
            if claim.int % _PURGE_EVERY == 0:
                purge_expired(session, now=now)
        if refusal is not None:
            self._count(refusal)
            raise refusal

    @contextmanager
    def link(self, key: str, subject_id: UUID) -> Iterator[tuple[ReadSession, datetime]]:
        """A read-only transaction for whoever has the link to one thing; the session, and now.

        Raises:
            TokenInvalid: the key does not open it.
            TooManyRequests: this address has looked often enough.
        """
        now = self.clock.now()
        self._take(self._buckets(READS, None), now)
        tenant_id = self._tokens.open_link(key, subject_id)
        with correlation.bind(tenant_id=tenant_id), self._counted(), self._database.read(tenant_id) as session:
            yield session, now

    def link_key(self, principal: Principal, subject_id: UUID, opens: Link = Link.LOOK) -> str:
        """The key of a link to something of the principal's tenant."""
        return self._tokens.link_key(principal.tenant_id, subject_id, opens)

    def reopen(self, key: str, subject_id: UUID, owner_of: Callable[[ReadSession], UUID]) -> IssuedTokens:
        """A new visitor's session for whoever has the key to manage something, as the client whose it is.

        A session lasts a day and a visit may lie weeks ahead: this is the way back to it.

        Args:
            key: of the link, for `Link.MANAGE`.
            subject_id: what it is to manage.
            owner_of: finds its client, in the transaction; refuses when it is not there.

        Raises:
            TokenInvalid: the key does not open it.
            TooManyRequests: this address has opened enough.
        """
        now = self.clock.now()
        self._take(self._buckets(SESSIONS, None), now)
        tenant_id = self._tokens.open_link(key, subject_id, Link.MANAGE)
        with correlation.bind(tenant_id=tenant_id), self._counted(), self._database.transaction(tenant_id) as session:
            return open_visitor_session(session, self._tokens, now=now, client_id=owner_of(session))

    def open_session(self, tenant_id: UUID) -> IssuedTokens:
        """Let an anonymous visitor in; limited by address alone, over all tenants.

        Raises:
            TenantNotFound: there is no such business.
            TooManyRequests: this address has opened enough.
        """
        now = self.clock.now()
        self._take(self._buckets(SESSIONS, None), now)
        with correlation.bind(tenant_id=tenant_id), self._database.transaction(tenant_id) as session:
            return open_visitor_session(session, self._tokens, now=now)

    def renew(self, renewal_token: str) -> IssuedTokens:
        """New tokens of a living session, whoever it belongs to.

        Raises:
            TokenInvalid, TokenExpired, SessionRevoked: there is none.
            TooManyRequests: this address has renewed enough.
        """
        now = self.clock.now()
        self._take(self._buckets(SESSIONS, None), now)
        claims = self._tokens.verify(renewal_token, now=now, audience=Audience.RENEWAL)
        with correlation.bind(tenant_id=claims.tenant_id), self._database.read(claims.tenant_id) as session:
            return renew_session(session, self._tokens, claims, now=now)

    def _admit(self, quota: Quota) -> tuple[Claims, datetime]:
        """Check the signature and count the request; whoever shows no good token is counted by address."""
        now, request = self.clock.now(), current_request()
        try:
            claims = self._tokens.verify(bearer_of(request.headers), now=now)
        except Unauthenticated:
            self._take(self._buckets(quota, None), now)
            raise
        self._take(self._buckets(self._quota or quota, claims), now)
        return claims, now

    def _buckets(self, quota: Quota, claims: Claims | None) -> list[Bucket]:
        """The address's bucket first, then the session's: everybody takes them in this order.

        A salon's front desks share one address, so a console's session is counted alone.
        """
        limit = Limit.per_minute(quota.per_minute(self._settings))
        address = self.client_address()
        found = []
        if address and (claims is None or claims.role is Role.USER):
            found.append(Bucket(f"{quota.name}:ip:{self._tokens.pseudonym(address)}", limit))
        if claims is not None:
            found.append(Bucket(f"{quota.name}:session:{claims.session_id}", limit))
        return found

    def _take(self, buckets: list[Bucket], now: datetime) -> None:
        if not buckets:
            return
        with self._database.transaction(NOBODY) as session:
            wait_s = take_all(session, buckets, now=now)
        if wait_s:
            refusal = TooManyRequests(wait_s)
            self._count(refusal)
            raise refusal

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except Refusal as refusal:
            self._count(refusal)
            raise

    def _count(self, refusal: Refusal) -> None:
        route = current_request().route or "none"
        self.metrics.count(API_REFUSED, route=route, reason=refusal.code)
        if isinstance(refusal, Conflict):
            self.metrics.count(API_CONFLICT, route=route, reason=refusal.code)


def _replay(kept: Kept, request: HttpRequest) -> Response[Any]:
    """The answer of then; a refusal gets this request's own id, so that it can be asked about."""
    headers: Mapping[str, str] = {**kept.content.get("headers", {}), REPLAYED_HEADER: "true"}
    for name, value in headers.items():
        request.add_header(name, value)
    if "code" in kept.content:
        found = problem(HTTPStatus(kept.status), kept.content["code"], kept.content["detail"])
        return Response(kept.status, PROBLEM, found.model_dump_json(exclude_none=True))
    return Response(kept.status, "application/json", json.dumps(kept.content["body"], ensure_ascii=False))


def open_api(*, quota: Quota | None = None) -> Api:
    """The edge on the real adapters; for the functions' bootstraps.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    from salon.platform.clock import SystemClock
    from salon.platform.secrets import secret_store
    from salon.platform.settings import SecretSettings, TokenSettings
    from salon.platform.wiring import open_database

    store = secret_store(SecretSettings.load())
    access_for = timedelta(minutes=TokenSettings.load().access_token_minutes)
    tokens = Tokens(lambda: SigningKeys.parse(store.get(JWT_SECRETS)), access_for=access_for)
    return Api(open_database(), SystemClock(), tokens, ApiSettings.load(), LogMetrics(), quota=quota)
