"""Accounts that are looked after: the real keepers before the providers' fakes, the real timer, a clock that is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from salon.identity.domain import ChannelAccountView
from salon.identity.use_cases.channels import get_channel_account
from salon.integrations.fakes import FaultKind
from salon.integrations.instagram.keeper import InstagramKeeper
from salon.integrations.whatsapp.keeper import WhatsappKeeper
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.ports import AccountReport, ProblemKind
from salon.messaging.templates.domain import TemplateDetails, TemplateStatus
from salon.messaging.templates.repository import list_templates, put_template
from salon.messaging.use_cases.accounts import AccountDesk, LookAfterAccounts, credentials_of
from salon.platform.clock import FrozenClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from support.benches.meta import MetaHook
from support.messengers import have_account, make_fake
from support.salon_world import ACTOR

pytestmark = pytest.mark.database
KEEPERS = {Channel.WHATSAPP: WhatsappKeeper, Channel.INSTAGRAM: InstagramKeeper}


class Observed:
    """A real keeper whose checks are counted, and take their time or break when a test says so."""

    def __init__(self, keeper: Any, clock: FrozenClock) -> None:
        self._keeper = keeper
        self._clock = clock
        self.checked = 0
        self.lasts = timedelta()
        self.breaks = False

    def check(self, url: str, credentials: ChannelCredentials) -> AccountReport:
        """Ask the provider."""
        self.checked += 1
        self._clock.advance(self.lasts)
        if self.breaks:
            raise KeyError("a field that nobody has foreseen")
        return self._keeper.check(url, credentials)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keeper, name)


@dataclass
class Office:
    """An account at a messenger, registered there, and the timer that looks after it."""

    database: Database
    tenant_id: UUID
    account_id: UUID
    clock: FrozenClock
    fake: Any
    keeper: Observed
    desk: AccountDesk
    timer: LookAfterAccounts
    metrics: MemoryMetrics

    def account(self) -> ChannelAccountView:
        """As it is stored."""
        with self.database.read(self.tenant_id) as session:
            return get_channel_account(session, self.account_id)

    def problems(self) -> set[str]:
        """What the last check found."""
        return {problem.kind for problem in self.account().problems}

    def templates(self) -> list[TemplateStatus]:
        """How the texts stand that reminders go out by."""
        with self.database.read(self.tenant_id) as session:
            return [template.status for template in list_templates(session, self.account_id)]

    def token(self) -> str:
        """What we speak for the account with."""
        with self.database.read(self.tenant_id) as session:
            return credentials_of(session, self.account_id).token

    def checks(self) -> int:
        """Run the timer; how many accounts it has looked at."""
        before = self.account().checked_at
        self.timer()
        return int(self.account().checked_at != before)


@contextmanager
def open_office(channel: Channel, database: Database, tenant_id: UUID, clock: FrozenClock) -> Iterator[Office]:
    """All of it, standing well."""
    with ExitStack() as stack:
        fake: Any = make_fake(channel, clock=clock)
        base = stack.enter_context(fake.running())
        keeper = Observed(KEEPERS[channel](base, total_timeout_s=2.0, clock=clock), clock)
        stack.callback(keeper.close)
        with database.transaction(tenant_id) as session:
            account_id = have_account(session, fake, channel, clock.now())
            credentials = credentials_of(session, account_id)
        hook = stack.enter_context(MetaHook(credentials.verify_token))
        metrics = MemoryMetrics()
        desk = AccountDesk(database, clock, metrics, keepers={channel: keeper}, public_url=hook.url)
        desk.register(tenant_id, account_id, actor=ACTOR)
        timer = LookAfterAccounts(database, clock, metrics, desk=desk)
        office = Office(database, tenant_id, account_id, clock, fake, keeper, desk, timer, metrics)
        assert office.problems() == set()
        yield office


@pytest.fixture
def whatsapp(database, tenant_id, clock):
    with open_office(Channel.WHATSAPP, database, tenant_id, clock) as office:
        yield office


@pytest.fixture
def instagram(database, tenant_id, clock):
    with open_office(Channel.INSTAGRAM, database, tenant_id, clock) as office:
        yield office


@pytest.fixture(params=[Channel.WHATSAPP, Channel.INSTAGRAM])
def office(request, database, tenant_id, clock):
    with open_office(request.param, database, tenant_id, clock) as office:
        yield office


@pytest.fixture
def with_template(whatsapp) -> Office:
    """A salon whose reminders go out after the window has closed."""
    whatsapp.fake.add_template("visit_soon", "{{1}}, ждём вас", status="APPROVED")
    with whatsapp.database.transaction(whatsapp.tenant_id) as session:
        details = TemplateDetails(name="visit_soon", provider_language="ru")
        chosen = {"purpose": "reminder", "language": "ru", "details": details}
        put_template(session, account_id=whatsapp.account_id, **chosen, now=whatsapp.clock.now())
    whatsapp.desk.check(whatsapp.tenant_id, whatsapp.account_id)
    assert whatsapp.templates() == [TemplateStatus.APPROVED]
    return whatsapp


@pytest.mark.parametrize(
    ("fault", "methods"),
    [
        (FaultKind.SERVER_ERROR, frozenset({"GET /message_templates"})),
        (FaultKind.SERVER_ERROR, None),
        (FaultKind.UNAUTHORIZED, None),
    ],
)
def test_texts_stand_while_nobody_says_otherwise(with_template, fault, methods):
    office = with_template
    office.fake.fail_next(fault, times=None, methods=methods)
    office.desk.check(office.tenant_id, office.account_id)
    assert office.problems() & {ProblemKind.UNREACHABLE, ProblemKind.TOKEN_REJECTED}
    assert office.templates() == [TemplateStatus.APPROVED]

    office.fake.clear_faults()
    office.fake.add_template("visit_soon", "{{1}}, ждём вас", status="PAUSED")
    office.desk.check(office.tenant_id, office.account_id)
    assert office.templates() == [TemplateStatus.PAUSED]
    assert office.problems() == {ProblemKind.TEMPLATE_NOT_APPROVED}


def test_who_did_not_answer_is_asked_again_within_the_hour(whatsapp):
    whatsapp.clock.advance(timedelta(hours=24))
    whatsapp.fake.fail_next(FaultKind.SERVER_ERROR, times=None, methods=None)
    assert whatsapp.checks() == 1
    assert whatsapp.problems() == {ProblemKind.UNREACHABLE}
    whatsapp.fake.clear_faults()

    whatsapp.clock.advance(timedelta(minutes=20))
    assert whatsapp.checks() == 0
    whatsapp.clock.advance(timedelta(minutes=30))
    assert whatsapp.checks() == 1
    assert whatsapp.problems() == set()
    whatsapp.clock.advance(timedelta(hours=3))
    assert whatsapp.checks() == 0  # who has answered has a day's peace


def test_a_webhook_that_was_switched_off_is_switched_on(office):
    office.fake.app_subscription(office.fake.the_bot())["active"] = False
    office.desk.check(office.tenant_id, office.account_id)
    assert office.problems() == {ProblemKind.WEBHOOK_OFF}

    office.clock.advance(timedelta(hours=24))
    assert office.timer() == 1
    assert office.problems() == set()
    assert office.fake.app_subscription(office.fake.the_bot())["active"] is True
    assert office.metrics.total("channel_mended") == 1


def test_a_subscription_that_was_lost_is_taken_out_again(instagram):
    instagram.fake.the_bot().settings["is_subscribed"] = False
    instagram.clock.advance(timedelta(hours=24))
    assert instagram.timer() == 1
    assert instagram.problems() == set()
    assert instagram.fake.the_bot().settings["is_subscribed"] is True


def test_mending_that_does_not_work_is_tried_again_within_the_hour(instagram):
    instagram.fake.the_bot().settings["is_subscribed"] = False
    instagram.fake.fail_next(FaultKind.SERVER_ERROR, times=None, methods=frozenset({"POST /subscribed_apps"}))
    instagram.clock.advance(timedelta(hours=24))
    assert instagram.timer() == 0
    assert instagram.problems() == {ProblemKind.NO_WEBHOOK, ProblemKind.CHECK_FAILED}

    instagram.fake.clear_faults()
    instagram.clock.advance(timedelta(minutes=50))
    assert instagram.timer() == 1
    assert instagram.problems() == set()


def test_nobody_subscribes_what_a_person_has_taken_down(instagram):
    instagram.desk.unregister(instagram.tenant_id, instagram.account_id, actor=ACTOR)
    instagram.clock.advance(timedelta(hours=24))
    calls = len(instagram.fake.calls_of("POST /subscribed_apps"))
    assert instagram.timer() == 0
    assert instagram.problems() == {ProblemKind.NO_WEBHOOK}
    assert len(instagram.fake.calls_of("POST /subscribed_apps")) == calls


def test_a_token_that_runs_out_is_renewed_in_time(instagram):
    old = instagram.fake.the_bot().token
    ends_at = instagram.clock.now() + timedelta(days=12)
    instagram.fake.the_bot().settings["token_expires_at"] = int(ends_at.timestamp())
    instagram.clock.advance(timedelta(hours=24))
    instagram.timer()
    assert instagram.token() == old

    instagram.clock.advance(timedelta(hours=24))
    instagram.timer()
    assert instagram.token() != old
    assert instagram.account().token_expires_at == instagram.clock.now() + timedelta(days=60)
    instagram.desk.check(instagram.tenant_id, instagram.account_id)
    assert instagram.problems() == set()


def test_a_check_that_breaks_off_keeps_nobody_waiting(whatsapp):
    office = whatsapp
    office.clock.advance(timedelta(hours=24))
    office.keeper.breaks = True
    assert office.timer() == 0
    assert office.account().checked_at == office.clock.now()
    assert office.problems() == {ProblemKind.CHECK_FAILED}
    assert office.timer() == 0
    assert office.keeper.checked == 2  # when it was registered, and once by the timer

    office.keeper.breaks = False
    office.clock.advance(timedelta(minutes=50))
    assert office.timer() == 1
    assert office.problems() == set()


def test_a_run_begins_nothing_when_its_time_is_up_and_the_next_goes_on(whatsapp):
    for number in (2, 3, 4):
        with whatsapp.database.transaction(whatsapp.tenant_id) as session:
            have_account(session, whatsapp.fake, Channel.WHATSAPP, whatsapp.clock.now(), number=number)
    whatsapp.clock.advance(timedelta(hours=24))
    whatsapp.keeper.lasts = timedelta(seconds=101)
    before = whatsapp.keeper.checked
    whatsapp.timer()
    assert whatsapp.keeper.checked - before == 2
    whatsapp.timer()
    assert whatsapp.keeper.checked - before == 4
    whatsapp.timer()
    assert whatsapp.keeper.checked - before == 4
