"""What the routes of one HTTP function share: the ways in, and what is asked at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.access import Permission, Principal, Role, require
from salon.identity.edge.answers import replay
from salon.identity.edge.calls import ReadCall, WriteCall
from salon.identity.edge.quotas import CHANGES, READS, SESSIONS, Quota
from salon.identity.tokens import JWT_SECRETS, Audience, Claims, IssuedTokens, Link, SigningKeys, Tokens, bearer_of
from salon.identity.use_cases.sessions import authenticate, open_visitor_session, renew_session
from salon.platform import correlation
from salon.platform.clock import Clock
from salon.platform.db import Database, ReadSession
from salon.platform.errors import Conflict, Refusal, TooManyRequests, Unauthenticated
from salon.platform.http_problems import Answered, status_of
from salon.platform.http_request import current_request
from salon.platform.idempotency import Kept, claim_key, keep_answer, purge_expired
from salon.platform.metrics import API_CONFLICT, API_REFUSED, LogMetrics, Metrics
from salon.platform.rate_buckets import NOBODY, Bucket, take_all
from salon.platform.rate_limits import Limit
from salon.platform.settings import ApiSettings

_PURGE_EVERY = 16  # mutations, on average


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
                raise Answered(replay(claim, request))
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
