"""The tenant's accounts at messengers: how they stand at their providers, and what is done to keep them standing.

Providers forget us: MAX unsubscribes a webhook after eight hours of failures, Meta disables one after an hour, tokens
of Instagram run out (facts/channels.md §2.3, §5.1, §5.2). A call of a provider lies between two transactions, never in
one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.domain import AccountStatus, Actor, ChannelAccountView, ChannelProblem, system
from salon.identity.errors import ChannelAccountIncomplete, ChannelAccountTaken
from salon.identity.use_cases import mark_account_rejected, read_credentials
from salon.identity.use_cases.channels import (
    get_channel_account,
    list_accounts_to_check,
    note_check_failed,
    note_checked,
    note_confirmation,
    note_webhook,
    replace_token,
)
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RequestRejected, RetryLater
from salon.messaging.ports import AccountKeeper, AccountReport, Problem, ProblemKind
from salon.messaging.templates.repository import note_templates
from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.errors import Conflict, Fault
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.single_flight import single_flight

log = logger(__name__)
TIMER = "timer_channels"
EVERY = timedelta(hours=23)
AGAIN_AFTER = timedelta(minutes=45)
"""An account of which the last check learnt too little is looked at again so soon."""

LEASE = timedelta(minutes=6)
BATCH = 300
BUDGET = timedelta(seconds=200)
"""A run begins no check after so long: the function may take five minutes, and one check lasts many calls."""

RENEW_BEFORE = timedelta(days=10)
"""A token that runs out sooner is renewed: ten daily tries before it would matter."""

_SECRETS = ("verify_token", "confirmation", "external_id", "business_id", "app_id")
_TAKEN = Problem(
    ProblemKind.WRONG_ACCOUNT,
    "Another salon, or another entry of this one, speaks for this account already.",
    is_fatal=True,
)
_AGAIN_FOR = (ProblemKind.UNREACHABLE, ProblemKind.CHECK_FAILED)
_MENDED_BY_REGISTERING = frozenset({ProblemKind.NO_WEBHOOK, ProblemKind.WEBHOOK_OFF, ProblemKind.EVENTS_MISSING})


class PublicUrlMissing(Conflict):
    """Nobody has said where this cloud is reached from outside."""

    code = "PUBLIC_URL_MISSING"

    def __init__(self) -> None:
        super().__init__("Set PUBLIC_URL to the address, https://…, under which the providers reach this cloud.")


class ProviderRefused(Conflict):
    """The provider did not do what it was asked; its own words say why."""

    code = "PROVIDER_REFUSED"


class ProviderUnreachable(Fault):
    """The provider did not answer; trying again may help."""

    code = "PROVIDER_UNREACHABLE"


def credentials_of(session: ReadSession, account_id: UUID) -> ChannelCredentials:
    """What an adapter needs to speak for an account.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    stored = read_credentials(session, account_id)
    return ChannelCredentials(
        token=str(stored.get("token", "")),
        webhook_secrets=tuple(stored.get("webhook_secrets", ())),
        **{name: str(stored.get(name) or "") for name in _SECRETS},
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """An account, opened for its keeper."""

    account: ChannelAccountView
    credentials: ChannelCredentials
    keeper: AccountKeeper
    url: str


class AccountDesk:
    """What a person, and a timer, has done to an account at its provider."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        keepers: Mapping[Channel, AccountKeeper],
        public_url: str | None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._keepers = keepers
        self._public_url = (public_url or "").rstrip("/")

    def register(self, tenant_id: UUID, account_id: UUID, *, actor: Actor) -> ChannelAccountView:
        """Have the provider send this account's events to us. Repeatable.

        Raises:
            ChannelAccountNotFound: the tenant has none of this id.
            ChannelAccountIncomplete: it has no token.
            PublicUrlMissing: nobody has said where we are.
            ProviderRefused, ProviderUnreachable: see there.
        """
        opened = self._open(tenant_id, account_id)
        if not opened.url:
            raise PublicUrlMissing
        try:
            asked = opened.keeper.prepare_handshake(opened.credentials)
            if asked.confirmation:
                with self._database.transaction(tenant_id) as session:
                    note_confirmation(session, account_id, asked.confirmation, self._clock.now())
            opened.keeper.register(opened.url, opened.credentials)
        except DeliveryFailed as failure:
            self._refuse(tenant_id, account_id, failure, actor)
        with self._database.transaction(tenant_id) as session:
            note_webhook(session, account_id, opened.url, actor=actor, now=self._clock.now())
        return self.check(tenant_id, account_id)

    def unregister(self, tenant_id: UUID, account_id: UUID, *, actor: Actor) -> ChannelAccountView:
        """Have the provider send no more events to us. Repeatable.

        Raises:
            ChannelAccountNotFound, ChannelAccountIncomplete, ProviderRefused, ProviderUnreachable: as `register`.
        """
        opened = self._open(tenant_id, account_id)
        try:
            opened.keeper.unregister(opened.account.webhook_url or opened.url, opened.credentials)
        except DeliveryFailed as failure:
            self._refuse(tenant_id, account_id, failure, actor)
        with self._database.transaction(tenant_id) as session:
            note_webhook(session, account_id, None, actor=actor, now=self._clock.now())
            return get_channel_account(session, account_id)

    def check(self, tenant_id: UUID, account_id: UUID) -> ChannelAccountView:
        """Ask the provider how the account stands, and remember what is wrong.

        Raises:
            ChannelAccountNotFound: the tenant has none of this id.
        """
        return self._check(tenant_id, account_id)[0]

    def look_after(self, tenant_id: UUID, account_id: UUID, *, actor: Actor) -> ChannelAccountView:
        """Check, and mend what needs no person: a lost subscription, a token that is about to run out.

        Raises:
            ChannelAccountNotFound: the tenant has none of this id.
            PublicUrlMissing, ProviderRefused, ProviderUnreachable: mending failed; the problems are stored.
        """
        account, report = self._check(tenant_id, account_id)
        kinds = {problem.kind for problem in report.problems}
        if ProblemKind.TOKEN_EXPIRES in kinds or self._runs_out(account):
            self._renew(tenant_id, account_id, actor)
        if account.webhook_url and kinds & _MENDED_BY_REGISTERING and ProblemKind.TOKEN_REJECTED not in kinds:
            log.warning("channel.subscription_lost", account_id=str(account_id), channel=account.channel)
            self._metrics.count(figures.CHANNEL_MENDED, channel=account.channel, kind="webhook")
            account = self.register(tenant_id, account_id, actor=actor)
        fatal = sum(1 for problem in account.problems if problem.is_fatal)
        self._metrics.gauge(figures.CHANNEL_PROBLEMS, fatal, channel=account.channel)
        return account

    def step_back(self, tenant_id: UUID, account_id: UUID, why: str) -> None:
        """Let the others go first, because looking after this account broke off; it is tried again within the hour."""
        what = f"Looking after the account broke off ({why}); what else is said here may be old."
        problem = ChannelProblem(kind=ProblemKind.CHECK_FAILED, what=what, is_fatal=False)
        with self._database.transaction(tenant_id) as session:
            note_check_failed(session, account_id, problem, now=self._clock.now())

    def _check(self, tenant_id: UUID, account_id: UUID) -> tuple[ChannelAccountView, AccountReport]:
        with self._database.read(tenant_id) as session:
            account = get_channel_account(session, account_id)
            credentials = credentials_of(session, account_id)
        missing = _missing(account, credentials)
        report = AccountReport(problems=missing)
        if credentials.token:
            asked = self._keepers[Channel(account.channel)].check(self._url(account), credentials)
            report = AccountReport(
                external_id=asked.external_id,
                name=asked.name,
                problems=(*missing, *_wrong_account(account, asked), *asked.problems),
                webhook_url=asked.webhook_url,
                templates=asked.templates,
            )
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            unapproved = note_templates(session, account_id, report.templates, now)
            problems = [*report.problems, *(_template_problem(name) for name in unapproved)]
            external_id = "" if _wrong_account(account, report) else report.external_id
            try:
                with session.begin_nested():
                    _note(session, account_id, external_id, report.name, problems, now=now)
            except ChannelAccountTaken:
                problems.insert(0, _TAKEN)
                _note(session, account_id, "", report.name, problems, now=now)
            return get_channel_account(session, account_id), report

    def _renew(self, tenant_id: UUID, account_id: UUID, actor: Actor) -> None:
        opened = self._open(tenant_id, account_id)
        try:
            fresh = opened.keeper.refresh(opened.credentials)
        except DeliveryFailed as failure:
            log.warning("channel.token_not_renewed", account_id=str(account_id), reason=failure.code)
            self._metrics.count(figures.SEND_FAILED, channel=opened.account.channel, outcome="token_not_renewed")
            return
        if fresh is None:
            return
        with self._database.transaction(tenant_id) as session:
            replace_token(session, account_id, fresh.token, fresh.expires_at, actor=actor, now=self._clock.now())
        self._metrics.count(figures.CHANNEL_MENDED, channel=opened.account.channel, kind="token")

    def _runs_out(self, account: ChannelAccountView) -> bool:
        expires_at = account.token_expires_at
        return expires_at is not None and expires_at - self._clock.now() < RENEW_BEFORE

    def _open(self, tenant_id: UUID, account_id: UUID) -> _Opened:
        with self._database.read(tenant_id) as session:
            account = get_channel_account(session, account_id)
            credentials = credentials_of(session, account_id)
        if not credentials.token:
            raise ChannelAccountIncomplete("token")
        return _Opened(account, credentials, self._keepers[Channel(account.channel)], self._url(account))

    def _url(self, account: ChannelAccountView) -> str:
        return f"{self._public_url}/webhooks/{account.channel}/{account.account_key}" if self._public_url else ""

    def _refuse(self, tenant_id: UUID, account_id: UUID, failure: DeliveryFailed, actor: Actor) -> None:
        log.warning("channel.provider_refused", account_id=str(account_id), reason=failure.code)
        if isinstance(failure, RetryLater):
            raise ProviderUnreachable(str(failure)) from None
        if isinstance(failure, AccountRejected):
            with self._database.transaction(tenant_id) as session:
                mark_account_rejected(session, account_id, actor=actor, now=self._clock.now())
        if isinstance(failure, AccountRejected | RequestRejected):
            raise ProviderRefused(f"The provider refused: {failure}") from None
        raise failure


class LookAfterAccounts:
    """Looks after every account once a day; a timer runs it every ten minutes, so that no run has all of them."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, *, desk: AccountDesk) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._desk = desk

    def __call__(self) -> int:
        """Look after the accounts that are due, each by itself, while there is time; how many stand well."""
        with single_flight(self._database, TIMER, clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            with self._database.without_tenant() as session:
                now = self._clock.now()
                until = now + BUDGET
                due = list_accounts_to_check(
                    session, before=now - EVERY, again_before=now - AGAIN_AFTER, again_for=_AGAIN_FOR, limit=BATCH
                )
            well = 0
            for tenant_id, account_id in due:
                if self._clock.now() >= until:
                    break  # the rest is still due the next time, and first in line
                well += self._look_after(tenant_id, account_id)
            return well

    def _look_after(self, tenant_id: UUID, account_id: UUID) -> bool:
        with correlation.bind(tenant_id=str(tenant_id)):
            try:
                account = self._desk.look_after(tenant_id, account_id, actor=system(TIMER))
            except Exception as error:  # noqa: BLE001 - one account's trouble must not keep the others from being looked after
                log.warning("channel.not_checked", account_id=str(account_id), reason=type(error).__name__)
                self._metrics.count(figures.CHANNEL_UNCHECKED)
                self._step_back(tenant_id, account_id, type(error).__name__)
                return False
            for problem in account.problems:
                log.warning("channel.problem", account_id=str(account_id), channel=account.channel, kind=problem.kind)
            return not any(problem.is_fatal for problem in account.problems)

    def _step_back(self, tenant_id: UUID, account_id: UUID, why: str) -> None:
        try:
            self._desk.step_back(tenant_id, account_id, why)
        except Exception:  # as above
            log.exception("channel.did_not_step_back", account_id=str(account_id))


def _missing(account: ChannelAccountView, credentials: ChannelCredentials) -> tuple[Problem, ...]:
    """What an account cannot work without, before anybody is asked."""
    found = []
    if not credentials.token:
        found.append(Problem(ProblemKind.SETTING_MISSING, "The account has no token.", is_fatal=True))
    if not any(credentials.webhook_secrets):
        what = "There is no webhook secret (for WhatsApp and Instagram: the app secret); every event is refused."
        found.append(Problem(ProblemKind.SECRET_MISSING, what, is_fatal=True))
    if account.channel in {Channel.WHATSAPP, Channel.INSTAGRAM} and not credentials.verify_token:
        found.append(Problem(ProblemKind.SETTING_MISSING, "There is no verify token for the handshake.", is_fatal=True))
    if account.channel in {Channel.WHATSAPP, Channel.VK} and not account.external_id:
        what = "`external_id` is needed: " + (
            "the phone number id." if account.channel == Channel.WHATSAPP else "the group's id."
        )
        found.append(Problem(ProblemKind.SETTING_MISSING, what, is_fatal=True))
    if account.channel == Channel.WHATSAPP and not credentials.business_id:
        what = "`business_id`, the WhatsApp business account, is needed to subscribe and to read templates."
        found.append(Problem(ProblemKind.SETTING_MISSING, what))
    if account.status is AccountStatus.REJECTED:
        what = "The provider has rejected the token; give a new one."
        found.append(Problem(ProblemKind.TOKEN_REJECTED, what, is_fatal=True))
    return tuple(found)


def _note(
    session: WriteSession, account_id: UUID, external_id: str, name: str, problems: Sequence[Problem], *, now: datetime
) -> None:
    found = [ChannelProblem(kind=one.kind, what=one.what, is_fatal=one.is_fatal) for one in problems]
    note_checked(session, account_id, external_id=external_id, name=name, problems=found, now=now)


def _wrong_account(account: ChannelAccountView, report: AccountReport) -> tuple[Problem, ...]:
    if not account.external_id or not report.external_id or account.external_id == report.external_id:
        return ()
    what = f"The token belongs to the account {report.external_id}, not to {account.external_id}."
    return (Problem(ProblemKind.WRONG_ACCOUNT, what, is_fatal=True),)


def _template_problem(name: str) -> Problem:
    return Problem(ProblemKind.TEMPLATE_NOT_APPROVED, f"The template {name} is not approved; it is not used.")
