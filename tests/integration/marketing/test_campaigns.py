"""Campaigns: who is meant, said once, only to whoever agreed, not too often, not at night; and what a crash leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import event, text

from salon.booking.feedback import use_cases as feedback
from salon.clients import use_cases as clients
from salon.messaging.campaigns import repository, use_cases
from salon.messaging.campaigns.domain import (
    CampaignDetails,
    CampaignKind,
    CampaignStatus,
    Segment,
    SkipReason,
    Wording,
)
from salon.messaging.campaigns.errors import CampaignNotInState, CampaignOutdated, CampaignSenseless
from salon.messaging.campaigns.timers import PlanAndSendCampaigns
from salon.messaging.campaigns.use_cases.sending import send_message
from salon.messaging.use_cases import marketing_talk
from support.fixtures import make_tenant
from support.races import drop_row_locks, race
from support.salon_world import ACTOR, make_salon

pytestmark = pytest.mark.database
MESSAGES = "SELECT status, reason FROM campaign_messages ORDER BY created_at, client_id"
WORDS = {"ru": Wording(text="{name}, ждём вас! {salon}")}


def start(town, kind=CampaignKind.ONE_OFF, *, segment=None, send_at="2026-03-11 12:00", **more):
    """A campaign that runs."""
    details = CampaignDetails(
        name="Проба",
        kind=kind,
        segment=segment or Segment(),
        wording=more.pop("wording", WORDS),
        send_at=town.moment(send_at) if kind is CampaignKind.ONE_OFF else None,
        **more,
    )
    made = town.do(use_cases.create_campaign, details, actor=ACTOR, now=town.clock.now())
    return town.do(use_cases.start_campaign, made.id, actor=ACTOR, now=town.clock.now())


def results(town, campaign):
    with town.database.read(town.world.tenant_id) as session:
        return use_cases.read_results(session, campaign.id)


class TestOneOff:
    def test_it_is_said_once_at_its_time_through_the_marketing_queue(self, town):
        anna = town.person(1, name="Анна", consents=True)
        campaign = start(town, template_purpose="march_news")
        assert town.campaigns() == 0  # not its time yet
        assert town.rows(MESSAGES) == []
        town.at("2026-03-11 12:00")
        assert (town.campaigns(), town.campaigns()) == (1, 0)

        assert anna.texts() == ["Анна, ждём вас! Салон «Проба»\n\nЧтобы не получать — напишите «стоп»."]
        assert anna.said()[0]["template"]["values"] == ["Анна", "Салон «Проба»"]
        sent = "SELECT queue, not_after - created_at FROM outbox WHERE kind = 'message.send'"
        assert town.rows(sent) == [("mk", timedelta(days=2))]
        assert town.rows("SELECT purpose FROM message_log") == [("marketing",)]
        assert town.rows("SELECT status FROM campaigns") == [("finished",)]
        assert results(town, campaign).sent == 1

    def test_who_is_not_written_to_and_why(self, town):
        town.person(1)
        blocked = town.person(2, consents=True)
        town.do(clients.mark_blocked, blocked.contact_id, actor=ACTOR, now=town.clock.now())
        town.person(3, has_chat=False, consents=False)
        nobody = town.person(4, consents=True)
        start(town)
        town.at("2026-03-11 12:00")
        with town.database.transaction(town.world.tenant_id) as session:
            planning = session.scalars(text("SELECT id FROM campaigns")).one()
            use_cases.plan_chunk(session, planning, now=town.clock.now())
        town.do(clients.erase_client, nobody.id, actor=ACTOR, now=town.clock.now())
        assert town.campaigns() == 0
        found = sorted(town.rows("SELECT reason, count(*) FROM campaign_messages GROUP BY reason"))
        assert found == [("erased", 1), ("no_consent", 2), ("unreachable", 1)]

    def test_consent_counts_when_it_is_sent_not_when_it_was_planned(self, town):
        anna = town.person(1, consents=True)
        start(town, send_at="2026-03-11 23:00")
        town.at("2026-03-11 23:00")
        town.campaigns()
        assert town.rows(MESSAGES) == [("planned", None)]  # it is night
        town.at("2026-03-12 08:00")
        anna.consent(is_given=False)
        town.at("2026-03-12 09:00")
        assert town.campaigns() == 0
        assert town.rows(MESSAGES) == [("skipped", "no_consent")]

    def test_stop_cancels_what_is_planned(self, town):
        anna = town.person(1, consents=True)
        start(town, send_at="2026-03-11 23:00")
        town.at("2026-03-11 23:00")
        town.campaigns()
        anna.turn(marketing_talk.stop_news)
        assert town.rows(MESSAGES) == [("cancelled", "OPTED_OUT")]

    def test_the_clients_own_night_is_kept(self, town):
        far = town.person(1, consents=True)
        town.do(
            clients.change_client,
            far.id,
            display_name="Мария",
            language="ru",
            timezone="Asia/Vladivostok",
            actor=ACTOR,
            now=town.clock.now(),
        )
        start(town, send_at="2026-03-11 16:00")  # eleven at night there
        town.at("2026-03-11 16:00")
        assert town.campaigns() == 0
        town.at("2026-03-12 02:00")  # nine in the morning there
        assert town.campaigns() == 1

    def test_the_caps_hold_over_all_campaigns(self, town):
        town.settings(marketing_per_week=2, marketing_per_month=3)
        town.person(1, consents=True)
        sent = []
        for day in ("11", "12", "13", "19", "21", "31"):
            start(town, send_at=f"2026-03-{day} 12:00")
            town.at(f"2026-03-{day} 12:00")
            sent.append(town.campaigns())
        assert sent == [1, 1, 0, 1, 0, 0]
        assert {row[1] for row in town.rows(MESSAGES)} == {None, SkipReason.TOO_OFTEN}
        town.at("2026-04-11 12:00")
        start(town, send_at="2026-04-11 12:00")
        assert town.campaigns() == 1

    def test_a_segment_is_taken_at_its_time_and_not_again(self, town):
        start(town)
        town.at("2026-03-11 12:00")
        town.person(1, consents=True)
        town.campaigns()
        town.clock.advance(timedelta(hours=1))
        town.person(2, consents=True)
        town.campaigns()
        assert town.rows("SELECT count(*) FROM campaign_messages") == [(1,)]


class TestOccasions:
    @pytest.mark.parametrize(
        ("birth_day", "day", "said"),
        [("03-13", "2026-03-12", 0), ("03-13", "2026-03-13", 1), ("03-13", "2026-03-14", 0), (None, "2026-03-13", 0)],
    )
    def test_a_birthday_at_eleven_once_a_year(self, town, birth_day, day, said):
        anna = town.person(1, consents=True)
        town.do(clients.set_birth_day, anna.id, birth_day, actor=ACTOR, now=town.clock.now())
        start(town, CampaignKind.BIRTHDAY)
        town.at(f"{day} 10:59")
        assert town.campaigns() == 0
        town.at(f"{day} 11:00")
        assert (town.campaigns(), town.campaigns()) == (said, 0)
        assert town.rows("SELECT occasion FROM campaign_messages WHERE status = 'sent'") == [("2026",)] * said

    def test_the_29th_of_february_is_kept_on_the_28th_in_common_years(self, town):
        leap = town.person(1, consents=True)
        town.do(clients.set_birth_day, leap.id, "02-29", actor=ACTOR, now=town.clock.now())
        start(town, CampaignKind.BIRTHDAY)
        sent = []
        for day in ("2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29"):
            town.at(f"{day} 11:00")
            sent.append(town.campaigns())
        assert sent == [1, 0, 0, 1]
        assert town.rows("SELECT occasion FROM campaign_messages ORDER BY occasion") == [("2027",), ("2028",)]

    def test_days_before_the_birthday(self, town):
        anna = town.person(1, consents=True)
        town.do(clients.set_birth_day, anna.id, "01-02", actor=ACTOR, now=town.clock.now())
        start(town, CampaignKind.BIRTHDAY, segment=Segment(birthday_within_days=5))
        town.at("2026-12-28 11:00")
        assert town.campaigns() == 1
        assert town.rows("SELECT occasion FROM campaign_messages") == [("2027",)]

    def test_a_birthday_that_the_timer_slept_over_is_past(self, town):
        anna = town.person(1, consents=True)
        town.do(clients.set_birth_day, anna.id, "03-12", actor=ACTOR, now=town.clock.now())
        start(town, CampaignKind.BIRTHDAY)
        town.campaigns()
        town.at("2026-03-13 12:00")
        assert town.campaigns() == 0
        assert town.rows(MESSAGES) == [("skipped", "too_late")]

    def test_win_back_once_for_each_absence_and_never_with_a_visit_ahead(self, town):
        anna, booked, new = (town.person(number, consents=True) for number in (1, 2, 3))
        del new  # never came
        anna.came("2026-03-11 12:00")
        booked.came("2026-03-11 14:00")
        campaign = start(town, CampaignKind.WIN_BACK, segment=Segment(idle_days=7))
        town.at("2026-03-18 10:00")
        assert town.campaigns() == 0  # a day short
        booked.book("2026-03-24 12:00")
        town.at("2026-03-19 12:00")
        assert town.campaigns() == 1
        assert anna.texts() != []
        town.at("2026-03-20 12:00")
        assert town.campaigns() == 0
        anna.came("2026-03-21 12:00")
        town.settings(marketing_per_week=7)
        town.at("2026-03-29 12:00")
        assert town.campaigns() == 1
        occasions = "SELECT occasion FROM campaign_messages WHERE client_id = :id AND status = 'sent' ORDER BY 1"
        assert town.rows(occasions, id=anna.id) == [("2026-03-11",), ("2026-03-21",)]
        assert results(town, campaign).sent == 2

    def test_whoever_books_before_it_is_said_is_not_called_back(self, town):
        anna = town.person(1, consents=True)
        anna.came("2026-03-11 12:00")
        start(town, CampaignKind.WIN_BACK, segment=Segment(idle_days=7))
        town.at("2026-03-19 08:00")
        town.campaigns()
        assert town.rows(MESSAGES) == [("planned", None)]
        anna.book("2026-03-20 12:00")
        town.at("2026-03-19 11:00")
        assert town.campaigns() == 0
        assert town.rows(MESSAGES) == [("skipped", "came_back")]


class TestSegments:
    @pytest.fixture
    def people(self, town):
        """Anna's cut on the 11th, five stars; Olga's nails on the 12th and 13th, two stars; one who never came."""
        cut, nails, new = town.person(1, consents=True), town.person(2), town.person(3, has_chat=False)
        made = cut.came("2026-03-11 12:00")
        town.do(feedback.rate_visit, made.id, 5, channel="telegram", actor=ACTOR, now=town.clock.now())
        nails.came("2026-03-12 12:00", service="Маникюр", staff="Ольга")
        made = nails.came("2026-03-13 12:00", service="Маникюр", staff="Ольга")
        town.do(feedback.rate_visit, made.id, 2, channel="telegram", actor=ACTOR, now=town.clock.now())
        town.do(clients.set_birth_day, new.id, "03-20", actor=ACTOR, now=town.clock.now())
        return {"cut": cut.id, "nails": nails.id, "new": new.id}

    def meant(self, town, segment) -> tuple[set, int]:
        details = CampaignDetails(name="Проба", kind=CampaignKind.ONE_OFF, segment=segment, wording=WORDS)
        made = town.do(use_cases.create_campaign, details, actor=ACTOR, now=town.clock.now())
        with town.database.read(town.world.tenant_id) as session:
            found = use_cases.preview_campaign(session, made.id, now=town.clock.now())
            assert use_cases.get_campaign(session, made.id).segment == segment  # read back as it was written
        assert found.count == len(found.client_ids)
        return set(found.client_ids), found.reachable

    def test_each_part_narrows_it(self, town, people):
        cut, nails, new = people["cut"], people["nails"], people["new"]
        world = town.world
        for segment, expected in (
            (Segment(), {cut, nails, new}),
            (Segment(last_visit_before=date(2026, 3, 12)), {cut}),
            (Segment(last_visit_after=date(2026, 3, 12)), {nails}),
            (Segment(service_ids=(world.services["Стрижка"],)), {cut}),
            (Segment(staff_ids=(world.staff["Ольга"], world.staff["Мария"])), {nails}),
            (Segment(location_ids=(world.location_id,)), {cut, nails}),
            (Segment(location_ids=(world.account_id,)), set()),
            (Segment(min_visits=2), {nails}),
            (Segment(min_rating=4), {cut}),
            (Segment(max_rating=3), {nails}),
            (Segment(language="en"), set()),
            (Segment(idle_days=1), {cut}),
            (Segment(birthday_within_days=7), {new}),
            (Segment(birthday_within_days=6), set()),
            (Segment(language="ru", min_rating=5, service_ids=(world.services["Маникюр"],)), set()),
        ):
            found, reachable = self.meant(town, segment)
            assert found == expected, segment
            assert reachable == len(found & {cut})

    def test_merged_and_erased_people_are_counted_once_or_not_at_all(self, town, people):
        with town.database.transaction(town.world.tenant_id) as session:
            session.execute(
                text("UPDATE clients SET merged_into_id = :into WHERE id = :id"),
                {"into": people["cut"], "id": people["new"]},
            )
        town.do(clients.erase_client, people["nails"], actor=ACTOR, now=town.clock.now())
        assert self.meant(town, Segment()) == ({people["cut"]}, 1)


class TestLife:
    def test_a_draft_is_edited_started_paused_and_finished(self, town):
        campaign = start(town)
        details = CampaignDetails(name="Другая", kind=CampaignKind.ONE_OFF, wording=WORDS)

        def do(use_case, *args, **named):
            return town.do(use_case, campaign.id, *args, actor=ACTOR, now=town.clock.now(), **named)

        for refused, more in ((use_cases.start_campaign, ()), (use_cases.change_campaign, (details,))):
            with pytest.raises(CampaignNotInState):
                do(refused, *more)
        paused = do(use_cases.pause_campaign)
        with pytest.raises(CampaignOutdated):
            do(use_cases.change_campaign, details, version=paused.version - 1)
        assert do(use_cases.change_campaign, details, version=paused.version).name == "Другая"
        with pytest.raises(CampaignSenseless):
            do(use_cases.start_campaign)  # it no longer says when
        assert do(use_cases.finish_campaign).status is CampaignStatus.FINISHED
        assert do(use_cases.finish_campaign).status is CampaignStatus.FINISHED
        with pytest.raises(CampaignNotInState):
            do(use_cases.start_campaign)

    def test_a_paused_campaign_says_nothing_and_a_finished_one_forgets_what_it_planned(self, town):
        town.person(1, consents=True)
        campaign = start(town, send_at="2026-03-11 23:00")
        town.at("2026-03-11 23:00")
        town.campaigns()
        town.do(use_cases.pause_campaign, campaign.id, actor=ACTOR, now=town.clock.now())
        town.at("2026-03-12 10:00")
        assert town.campaigns() == 0
        assert town.rows(MESSAGES) == [("planned", None)]
        town.do(use_cases.start_campaign, campaign.id, actor=ACTOR, now=town.clock.now())
        town.do(use_cases.finish_campaign, campaign.id, actor=ACTOR, now=town.clock.now())
        assert town.campaigns() == 0
        assert town.rows(MESSAGES) == [("cancelled", "FINISHED")]

    def test_results_count_what_was_skipped_and_what_was_read(self, town):
        for number in range(1, 5):
            town.person(number, consents=number > 1)
        campaign = start(town)
        town.at("2026-03-11 12:00")
        town.campaigns()
        with town.database.transaction(town.world.tenant_id) as session:
            first, second, _ = session.scalars(text("SELECT id FROM message_log WHERE purpose = 'marketing'")).all()
            session.execute(text("UPDATE message_log SET status = 'read' WHERE id = :id"), {"id": first})
            session.execute(text("UPDATE message_log SET status = 'failed' WHERE id = :id"), {"id": second})
        found = results(town, campaign)
        assert (found.sent, found.skipped, found.delivered, found.read, found.failed) == (3, {"no_consent": 1}, 1, 1, 1)


class Killed(BaseException):
    """The process died."""


class Faulty:
    """A database in which one transaction, the n-th, fails before its commit."""

    def __init__(self, real, *, at, error):
        self._real, self._left, self._error = real, at, error
        self.read, self.without_tenant = real.read, real.without_tenant

    @contextmanager
    def transaction(self, tenant_id):
        with self._real.transaction(tenant_id) as session:
            yield session
            self._left -= 1
            if self._left == 0:
                raise self._error


class Slow:
    """A database in which every transaction takes a minute and a half."""

    def __init__(self, real, clock):
        self._real, self._clock = real, clock
        self.read, self.without_tenant = real.read, real.without_tenant

    @contextmanager
    def transaction(self, tenant_id):
        with self._real.transaction(tenant_id) as session:
            yield session
        self._clock.advance(timedelta(seconds=90))


class TestTimer:
    def test_planning_leaves_time_to_send(self, town):
        person = town.person(1, consents=True)
        for _ in range(4):
            start(town)
        town.at("2026-03-11 12:00")
        assert PlanAndSendCampaigns(Slow(town.database, town.clock), town.clock)() == 1
        assert len(person.said()) == 1
        assert town.rows("SELECT count(*) FROM campaigns WHERE planned_at IS NULL") == [(2,)]

    def test_a_run_that_died_between_two_messages_repeats_nothing(self, town):
        people = [town.person(number, consents=True) for number in range(1, 6)]
        start(town)
        town.at("2026-03-11 12:00")
        dying = Faulty(town.database, at=4, error=Killed())  # one transaction plans, the third message is lost
        with pytest.raises(Killed):
            PlanAndSendCampaigns(dying, town.clock)()
        assert sum(len(person.said()) for person in people) == 2
        assert town.campaigns() == 3
        assert [len(person.said()) for person in people] == [1] * 5

    def test_planning_goes_on_where_a_dead_run_left_it(self, town):
        people = [town.person(number, consents=True) for number in range(1, 6)]
        campaign = start(town)
        town.at("2026-03-11 12:00")
        with town.database.transaction(town.world.tenant_id) as session:
            assert use_cases.plan_chunk(session, campaign.id, now=town.clock.now(), limit=2) == people[1].id
        assert town.campaigns() == 5
        assert town.rows("SELECT count(*) FROM campaign_messages") == [(5,)]

    def test_one_failing_message_does_not_hold_up_the_others(self, town):
        people = [town.person(number, consents=True) for number in (1, 2)]
        start(town)
        town.at("2026-03-11 12:00")
        assert PlanAndSendCampaigns(Faulty(town.database, at=2, error=RuntimeError("boom")), town.clock)() == 1
        assert sorted(len(person.said()) for person in people) == [0, 1]
        assert town.campaigns() == 0
        town.clock.advance(timedelta(minutes=30))
        assert town.campaigns() == 1
        assert [len(person.said()) for person in people] == [1, 1]

    def test_a_salon_with_many_to_write_to_does_not_stand_before_the_others(self, town):
        for number in range(1, 4):
            town.person(number, consents=True)
        start(town)
        elsewhere = make_tenant(town.database, town.clock.now())
        other = type(town)(town.database, make_salon(town.database, elsewhere, town.clock, days=1), town.clock)
        other.person(9, consents=True)
        start(other, send_at="2026-03-11 12:01")
        town.at("2026-03-11 12:01")
        for one in (town, other):
            [(campaign_id,)] = one.rows("SELECT id FROM campaigns")
            one.do(use_cases.plan_chunk, campaign_id, now=town.clock.now())
        with town.database.without_tenant() as session:
            tenants = [tenant for tenant, _ in repository.list_due(session, until=town.clock.now(), limit=2)]
        assert set(tenants) == {town.world.tenant_id, elsewhere}
        assert town.campaigns() == 4

    @pytest.mark.concurrency
    @pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "control"])
    def test_two_campaigns_at_once_keep_the_cap(self, town, is_locked):
        """Two messages to one person, sent by two workers at the same moment."""
        town.person(1, consents=True)
        for _ in range(2):
            start(town)
        town.at("2026-03-11 12:00")
        for (campaign_id,) in town.rows("SELECT id FROM campaigns"):
            town.do(use_cases.plan_chunk, campaign_id, now=town.clock.now())
        ids = [row[0] for row in town.rows("SELECT id FROM campaign_messages")]
        if not is_locked:  # the negative control: without row locks both count before either has sent
            meet = Barrier(2)
            drop_row_locks(town.database.engine)

            @event.listens_for(town.database.engine, "after_cursor_execute")
            def counted(_connection, _cursor, statement, *_):
                if statement.startswith("SELECT count") and "campaign_messages" in statement:
                    meet.wait(10)

        def send(message_id):
            with town.database.transaction(town.world.tenant_id) as session:
                return str(send_message(session, message_id, town.clock.now()))

        found = sorted(race(*(partial(send, message_id) for message_id in ids)))
        assert found == (["sent", "skipped"] if is_locked else ["sent", "sent"])


def test_what_a_campaign_may_not_say(town):
    for changed, part in (
        ({"wording": {"ru": Wording(text="Привет, {nobody}")}}, "wording.ru"),
        ({"wording": {}}, "wording"),
        ({"kind": CampaignKind.WIN_BACK}, "segment.idle_days"),
    ):
        details = replace(CampaignDetails(name="Проба", kind=CampaignKind.ONE_OFF, wording=WORDS), **changed)
        with pytest.raises(CampaignSenseless) as refused:
            town.do(use_cases.create_campaign, details, actor=ACTOR, now=town.clock.now())
        assert refused.value.part == part


def test_the_timer_runs_once_at_a_time(town):
    town.person(1, consents=True)
    start(town)
    town.at("2026-03-11 12:00")
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(lambda _: PlanAndSendCampaigns(town.database, town.clock)(), range(3))) == 1
