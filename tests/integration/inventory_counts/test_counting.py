"""Counting: by one and by two, blind, against the ledger of the moment, posted, undone, given up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Event, Thread

import pytest

from salon.inventory.consumption import use_cases as consumption
from salon.inventory.counts import use_cases as counts
from salon.inventory.counts.domain import CauseKind, CountStatus, Hint, Section, SectionKind
from salon.inventory.counts.errors import (
    CountEmpty,
    CountersComplete,
    CountExpired,
    CountNotFound,
    CountNotOpen,
    CountOutdated,
    CountSenseless,
    CountStillOpen,
    CountUnsettled,
    EntrySenseless,
    ItemNotCounted,
    SecondLookNotYours,
)
from salon.inventory.counts.timers import ExpireCounts
from salon.inventory.items.domain import BaseUnit
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source, WriteOffReason
from salon.inventory.ledger.errors import MovedAndCounted, StockBeyondBelief
from salon.inventory.ledger.repository import posting
from salon.platform.clock import FrozenClock
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.fixtures import NOW, make_tenant
from support.stock_world import make_stock_world

pytestmark = pytest.mark.database
CATEGORY, SHELF = SectionKind.CATEGORY, SectionKind.SHELF


class TestComparing:
    def test_packs_and_what_is_opened_against_the_ledger(self, world, desk, paint):
        count, found = desk.counted(paint, "8", "30")

        assert (found.expected, found.counted, found.variance, found.variance_minor) == (600, 510, -90, -900)
        assert found.is_flagged
        desk.post(count)
        assert world.on_hand(paint) == 510
        assert world.movements(paint)[-1] == ("correction", -90)
        [fact] = world.facts("stock.counted")
        assert (fact.shortage_minor, fact.surplus_minor, fact.flagged) == (900, 0, 1)

    def test_what_moves_after_an_item_was_counted_is_no_variance(self, world, desk, paint):
        oil = world.item("Масло")
        world.receive(oil, "100")
        world.norm("Краска 6/0", "40")
        world.norm("Масло", "10")
        visit, later = world.visit(), world.visit()
        count = desk.open()
        world.complete(visit.id)
        desk.enter(count, paint, "9", "20")
        world.after(minutes=1)
        world.now = max(world.now, later.ends_at + timedelta(minutes=5))
        world.complete(later.id)  # its end lies before: but only what ended before an entry is part of it
        desk.enter(count, oil, "1", "20")
        report = desk.close(count)

        assert desk.line(report, oil).variance == 0
        assert desk.line(report, oil).expected == 80

    def test_what_is_recorded_late_and_had_happened_before_is_part_of_what_was_expected(self, world, desk, paint):
        """The visit was over, and its fact still on the way, when the shelf was looked at."""
        world.norm("Краска 6/0", "40")
        visit = world.visit()
        world.after(minutes=5)
        count = desk.open()
        desk.enter(count, paint, "9", "20")
        world.complete(visit.id)
        assert desk.line(desk.close(count), paint).variance == 0

    def test_an_invoice_that_is_taken_back_after_the_count_was_never_expected(self, world, desk, paint):
        wrong = world.receive(paint, "120")
        world.after(minutes=1)
        count = desk.open()
        desk.enter(count, paint, "10")
        world.do(ledger.reverse, Source("invoice_draft", wrong))
        assert desk.line(desk.close(count), paint).variance == 0

    def test_an_entry_of_an_earlier_moment_is_compared_with_that_moment(self, world, desk, paint):
        count = desk.open()
        seen_at = world.after(minutes=10)
        world.after(minutes=10)
        world.receive(paint, "60")
        desk.enter(count, paint, "10", counted_at=seen_at)
        assert desk.line(desk.close(count), paint).variance == 0
        for wrong in (count.opened_at - timedelta(seconds=1), world.now + timedelta(hours=1)):
            again = desk.open()
            with pytest.raises(EntrySenseless):
                desk.enter(again, paint, "10", counted_at=wrong)

    @pytest.mark.parametrize(("packs", "remainder"), [("-1", "0"), ("1", "-0.1"), ("NaN", "0"), ("1", "0.00001")])
    def test_what_cannot_be_seen_is_refused(self, desk, paint, packs, remainder):
        with pytest.raises(EntrySenseless):
            desk.enter(desk.open(), paint, packs, remainder)
        with pytest.raises(EntrySenseless):
            desk.enter(desk.open(), paint, "999999999", "0")

    @pytest.mark.concurrency
    @pytest.mark.parametrize("at_the_moment", [True, False])
    def test_sales_go_on_while_it_is_counted(self, world, desk, paint, at_the_moment):
        """A thread takes tube after tube off a real shelf, before, while and after somebody looks at it.

        The negative control compares with the ledger of the end, as a count without moments would.
        """
        world.receive(paint, "60000")
        world.after(minutes=1)
        count, shelf = desk.open(), {"tubes": Decimal(1010)}
        begun, looked = Event(), Event()

        def sell():
            after = 10
            while after:
                with world.database.transaction(world.tenant_id) as session:
                    posting.lock_head(session)
                    ledger.post(session, [tube(world, paint)], actor=ACTOR, now=world.now)
                    shelf["tubes"] -= 1
                begun.set()
                after -= looked.is_set()

        seller = Thread(target=sell)
        seller.start()
        assert begun.wait(30)
        for _ in range(5):
            with world.database.transaction(world.tenant_id) as session:
                posting.lock_head(session)  # the shelf stands still for as long as somebody looks at it
                more = {"item_id": paint.id, "packs": shelf["tubes"], "actor": ACTOR, "now": world.now}
                counts.enter_count(session, count.id, **more)
        looked.set()
        seller.join()
        found = desk.line(desk.close(count), paint)
        if at_the_moment:
            assert found.variance == 0
        else:
            assert found.counted - world.on_hand(paint) >= 600


def tube(world, paint):
    return Movement(
        item_id=paint.id,
        location_id=world.location_id,
        kind=MovementKind.CONSUMPTION,
        quantity=Decimal(-60),
        source=Source("booking", new_id()),
        occurred_at=world.now,
    )


def test_a_difference_that_no_salon_is_worth_is_refused_before_it_is_frozen(world, desk):
    jewel = world.item("Алмаз", BaseUnit.PIECE, 1)
    world.receive(jewel, "1", 10**11)
    count = desk.open()
    desk.enter(count, jewel, "1000000000")
    with pytest.raises(StockBeyondBelief):
        desk.close(count)
    desk.enter(count, jewel, "2")
    assert desk.line(desk.close(count), jewel).variance_minor == 10**11
    with pytest.raises(StockBeyondBelief):
        world.receive(jewel, "0.0001", 10**11)


class TestTwo:
    def test_each_counts_alone_and_what_differs_is_counted_again(self, world, desk, paint):
        foil = world.item("Фольга", BaseUnit.PIECE, 1)
        world.receive(foil, "20")
        count = desk.open(people=2)
        desk.enter(count, paint, "9", by="one")
        desk.enter(count, foil, "20", by="one")
        desk.enter(count, foil, "20", by="two")
        with pytest.raises(CountUnsettled):
            desk.close(count)
        desk.enter(count, paint, "10", by="two")
        assert world.read(counts.list_recounts, count.id) == [paint.id]
        with pytest.raises(CountersComplete):
            desk.enter(count, foil, "20", by="three")
        desk.enter(count, paint, "9", "50", by="three", may_settle=True)
        report = desk.close(count)
        assert (desk.line(report, paint).counted, desk.line(report, foil).counted) == (590, 20)

    def test_what_two_differ_about_is_not_settled_by_one_of_them(self, world, desk, paint):
        count = desk.open(people=2)
        desk.enter(count, paint, "9", by="one")
        desk.enter(count, paint, "5", by="two")
        with pytest.raises(SecondLookNotYours):
            desk.enter(count, paint, "9", by="three")
        desk.enter(count, paint, "8", by="one", may_settle=True)  # one of the two: no judge in an own cause
        assert world.read(counts.list_recounts, count.id) == [paint.id]
        with pytest.raises(CountUnsettled):
            desk.close(count)
        desk.enter(count, paint, "8", by="two")  # now they agree
        assert world.read(counts.list_recounts, count.id) == []
        desk.enter(count, paint, "7", by="two")
        desk.enter(count, paint, "6", by="three", may_settle=True)
        with pytest.raises(SecondLookNotYours):  # it is decided
            desk.enter(count, paint, "8", by="one", may_settle=True)
        assert desk.line(desk.close(count), paint).counted == 360
        desk.do(counts.reopen_count, count.id)
        desk.enter(count, paint, "8", by="one", may_settle_own=True)  # an owner, of a salon of two
        assert desk.line(desk.close(count), paint).counted == 480

    def test_nearly_the_same_of_something_opened_is_the_same_and_use_in_between_is_no_difference(
        self, world, desk, paint
    ):
        world.norm("Краска 6/0", "40")
        count = desk.open(people=2)
        desk.enter(count, paint, "10", by="one")
        visit = world.visit()
        world.after(minutes=1)
        world.complete(visit.id)
        desk.enter(count, paint, "9", "22", by="two")
        assert world.read(counts.list_recounts, count.id) == []
        found = desk.line(desk.close(count), paint)
        assert (found.counted, found.expected) == (562, 560)
        assert not found.is_flagged  # 2 ml are a twentieth of the 40 that were used

    def test_what_one_of_two_has_not_counted_may_be_left_out(self, world, desk, paint):
        foil = world.item("Фольга", BaseUnit.PIECE, 1)
        world.receive(foil, "20")
        count = desk.open(people=2)
        desk.enter(count, foil, "20", by="one")
        desk.enter(count, foil, "20", by="two")
        desk.enter(count, paint, "1", by="one")
        report = desk.close(count, leave_out_unsettled=True)
        assert [line.place.item_id for line in report.lines] == [foil.id]
        assert report.not_counted == (paint.id,)
        desk.post(count)
        assert world.on_hand(paint) == 600

    def test_one_person_counts_alone(self, desk, paint):
        count = desk.open()
        desk.enter(count, paint, "9", by="one")
        desk.enter(count, paint, "10", by="one")  # what was said before is replaced
        with pytest.raises(CountersComplete):
            desk.enter(count, paint, "7", by="two")
        assert desk.line(desk.close(count), paint).counted == 600


class TestBlind:
    def test_nobody_is_shown_what_is_expected_or_what_the_other_saw(self, world, desk, paint):
        count = desk.open(people=2)
        desk.enter(count, paint, "9", by="one")
        sheet = world.read(counts.get_sheet, count.id, counter_id="two", may_see_expected=True)
        [line] = sheet.lines
        assert (line.mine, line.expected, line.counted_by) == (None, None, 1)
        with pytest.raises(CountStillOpen):
            world.read(counts.get_report, count.id)
        assert world.read(counts.list_history, item_id=paint.id) == []
        desk.enter(count, paint, "10", by="two")
        desk.enter(count, paint, "10", by="one")
        desk.close(count)
        desk.do(counts.reopen_count, count.id)  # what it had found is hidden again
        with pytest.raises(CountStillOpen):
            world.read(counts.get_report, count.id)
        assert world.read(counts.list_history, item_id=paint.id) == []

    @pytest.mark.usefixtures("paint")
    def test_a_count_that_is_not_blind_shows_it_to_whoever_may_know(self, world, desk):
        count = desk.open(is_blind=False)
        for may, expected in ((True, 600), (False, None)):
            sheet = world.read(counts.get_sheet, count.id, counter_id="one", may_see_expected=may)
            assert [line.expected for line in sheet.lines] == [expected]


class TestSections:
    def test_a_category_or_a_shelf_is_counted_by_itself(self, world, desk, paint):
        oil, foil = world.item("Масло", category="Уход"), world.item("Фольга", BaseUnit.PIECE, 1)
        world.do(counts.put_on_shelf, world.location_id, [foil.id], "Верхняя")
        count = desk.open(sections=[Section(CATEGORY, "Уход"), Section(SHELF, "Верхняя")])
        sheet = world.read(counts.get_sheet, count.id, counter_id="one", may_see_expected=False)
        assert {line.item_id for line in sheet.lines} == {oil.id, foil.id}
        with pytest.raises(ItemNotCounted):
            desk.enter(count, paint, "1")
        world.do(counts.put_on_shelf, world.location_id, [foil.id], None)
        with pytest.raises(ItemNotCounted):
            desk.enter(count, foil, "1")

    def test_what_lies_there_unknown_to_the_ledger_can_be_entered(self, world, desk, paint):
        found = world.item("Находка")
        count = desk.open()
        assert found.id not in {
            line.item_id
            for line in world.read(counts.get_sheet, count.id, counter_id="one", may_see_expected=False).lines
        }
        desk.enter(count, found, "1")
        report = desk.close(count)
        assert (desk.line(report, found).variance, desk.line(report, found).variance_minor) == (60, None)
        assert report.not_counted == (paint.id,)
        desk.post(count)
        assert (world.on_hand(found), world.on_hand(paint)) == (60, 600)

    def test_senseless_counts_are_refused(self, desk):
        section = Section(CATEGORY, "Краска")
        for wrong in ({"people": 3}, {"sections": [section, section]}, {"sections": [Section(SHELF, " ")]}):
            with pytest.raises(CountSenseless):
                desk.open(**wrong)


class TestLife:
    def test_posted_it_can_be_reversed_and_not_posted_again(self, world, desk, paint):
        count, _ = desk.counted(paint, "9")
        desk.post(count)
        with pytest.raises(CountNotOpen):
            desk.post(count)
        desk.do(counts.reverse_count, count.id, reason="Ошиблись полкой")
        assert world.on_hand(paint) == 600
        assert world.read(counts.get_count, count.id).status is CountStatus.REVERSED
        with pytest.raises(CountNotOpen):
            desk.do(counts.reverse_count, count.id, reason="Ещё раз")

    def test_closed_it_can_be_reopened_and_each_closing_is_kept(self, world, desk, paint, owner_engine):
        count, first = desk.counted(paint, "9")
        desk.do(counts.reopen_count, count.id)
        desk.enter(count, paint, "10")
        assert desk.line(desk.close(count), paint).variance == 0
        assert first.variance == -60
        desk.post(count)
        assert world.movements(paint)[-1][0] == "receipt"  # nothing to correct
        with owner_engine.connect() as owner:
            assert owner.exec_driver_sql("SELECT count(*) FROM stock_snapshots").scalar_one() == 2
        [(kept, status)] = world.read(counts.list_history, item_id=paint.id)
        assert (kept.closing, status) == (2, CountStatus.POSTED)

    def test_two_counts_never_correct_the_same_thing_twice(self, world, desk, paint):
        one, _ = desk.counted(paint, "9")
        other, _ = desk.counted(paint, "9")
        desk.post(one)
        with pytest.raises(CountOutdated):
            desk.post(other)
        assert world.on_hand(paint) == 540
        third, found = desk.counted(paint, "8")
        assert found.variance == -60
        desk.post(third)
        with pytest.raises(CountOutdated):
            desk.do(counts.reverse_count, one.id, reason="Поздно")
        desk.do(counts.cancel_count, other.id, reason="Лишний")
        assert world.read(counts.get_count, other.id).status is CountStatus.CANCELLED

    def test_what_became_known_after_the_closing_asks_for_another_closing(self, world, desk, paint):
        world.norm("Краска 6/0", "40")
        visit = world.visit()
        world.after(minutes=5)
        count, found = desk.counted(paint, "9", "20")
        assert (found.variance, found.causes[0].hint) == (-40, Hint.VISITS_NOT_CLOSED)
        world.complete(visit.id)
        with pytest.raises(CountOutdated):
            desk.post(count)
        desk.do(counts.reopen_count, count.id)
        assert desk.line(desk.close(count), paint).variance == 0

    def test_a_count_that_was_left_open_expires(self, world, desk, paint):
        count, kept = desk.open(), desk.open()
        world.after(hours=49)
        with pytest.raises(CountExpired):
            desk.enter(count, paint, "9")
        desk.do(counts.cancel_count, kept.id, reason="Забыли")
        assert ExpireCounts(world.database, FrozenClock(world.now))() == 1
        assert world.read(counts.get_count, count.id).status is CountStatus.EXPIRED
        assert ExpireCounts(world.database, FrozenClock(world.now))() == 0

    def test_nothing_and_no_reason_are_refused(self, world, desk, paint):
        with pytest.raises(CountEmpty):
            desk.close(desk.open())
        count, _ = desk.counted(paint, "9")
        with pytest.raises(CountSenseless):
            desk.do(counts.post_count, count.id, reason=" ")
        desk.post(count, leave_out=[paint.id])
        assert world.on_hand(paint) == 600

    @pytest.mark.parametrize("statement", ["UPDATE {} SET counted_at = now()", "DELETE FROM {}", "TRUNCATE {}"])
    @pytest.mark.parametrize("table", ["stock_count_entries", "stock_snapshots"])
    def test_what_was_seen_and_frozen_is_never_changed(self, desk, paint, owner_engine, table, statement):
        desk.counted(paint, "9")
        with owner_engine.connect() as owner, pytest.raises(Exception, match="append-only"):
            owner.exec_driver_sql(statement.format(table))


class TestCauses:
    def test_over_use_by_one_person_is_laid_at_their_door(self, world, desk, paint):
        world.norm("Краска 6/0", "40")
        anna, boris = (person.id for person in world.salon.staff)
        for staff_id, said in ((anna, None), (anna, None), (anna, "60"), (boris, None), (boris, "40")):
            visit = world.visit(staff_id=staff_id)
            if said is not None:
                world.do(consumption.say_consumption, visit.id, actuals={paint.id: Decimal(said)}, hair_length=None)
            world.complete(visit.id)
        # The ledger: 4 × 40 + 60 = 220 used of 600. Anna took 20 more in two visits of which she said nothing.
        world.after(minutes=5)
        _, found = desk.counted(paint, "5", "35")
        assert (found.variance, found.used) == (-45, 220)
        assert [(cause.kind, cause.staff_id, cause.quantity) for cause in found.causes] == [
            (CauseKind.OVER_USE, anna, 40),
            (CauseKind.UNEXPLAINED, None, 5),
        ]

    def test_a_line_of_an_invoice_that_never_came(self, world, desk, paint):
        missing = world.receive(paint, "720")
        world.after(minutes=1)
        _, found = desk.counted(paint, "10")
        received = [cause for cause in found.causes if cause.kind is CauseKind.RECEIVING]
        assert [(cause.hint, cause.source_id) for cause in received] == [(Hint.NOT_DELIVERED, missing)]
        assert CauseKind.UNEXPLAINED not in {cause.kind for cause in found.causes}

    def test_neighbours_that_were_taken_for_each_other(self, world, desk, paint):
        other = world.item("Краска 6/1", category="Краска")
        world.receive(other, "600")
        world.after(minutes=1)
        count = desk.open()
        desk.enter(count, paint, "8")
        desk.enter(count, other, "12")
        report = desk.close(count)
        first = desk.line(report, paint).causes[0]
        assert (first.hint, first.other_item_id) == (Hint.SWAPPED, other.id)

    def test_visits_under_way_and_norms_that_were_not_known(self, world, desk, paint):
        world.norm("Краска 6/0", "40")
        visit = world.visit()
        world.now = visit.starts_at + timedelta(minutes=30)
        _, found = desk.counted(paint, "9", "20")
        assert [(cause.hint, cause.quantity) for cause in found.causes] == [(Hint.VISITS_UNDER_WAY, 40)]
        world.now = visit.ends_at
        world.complete(visit.id, heard=False)

    def test_nothing_known_is_said_to_be_unexplained(self, desk, paint):
        _, found = desk.counted(paint, "9", "37")
        assert [(cause.kind, cause.quantity) for cause in found.causes] == [(CauseKind.UNEXPLAINED, 23)]


def test_another_tenant_knows_nothing_of_it(world, desk, paint, database):
    count, _ = desk.counted(paint, "9")
    other = make_stock_world(database, make_tenant(database, NOW, "Другой салон"), now=NOW)
    with pytest.raises(CountNotFound):
        other.read(counts.get_count, count.id)
    with pytest.raises(CountNotFound):
        other.do(counts.post_count, count.id, reason="Чужой")
    assert other.read(counts.list_counts) == []
    assert other.read(counts.list_history) == []
    assert world.read(counts.list_counts)[0].id == count.id


class TestTakingBackWhatWasCounted:
    """A write-off that was taken back after a count has settled the stock would give the goods a second time."""

    def write_off(self, world, paint, quantity):
        with world.database.transaction(world.tenant_id) as session:
            [posted] = ledger.write_off_stock(
                session,
                location_id=world.location_id,
                lines=[ledger.StockLine(item_id=paint.id, quantity=Decimal(quantity))],
                reason=WriteOffReason.DAMAGED,
                note=None,
                actor=ACTOR,
                now=world.now,
            )
        return posted.source.id

    def take_back(self, desk, write_off_id, **more):
        return desk.do(ledger.take_back, Source(ledger.WRITE_OFF, write_off_id), reason="Нашлось", **more)

    @pytest.mark.parametrize("found", ["5", "7"])
    def test_whether_the_count_had_to_correct_it_or_not(self, world, desk, paint, found):
        gone = self.write_off(world, paint, "300")
        count, _ = desk.counted(paint, found)
        desk.post(count)
        with pytest.raises(MovedAndCounted) as refused:
            self.take_back(desk, gone)

        assert refused.value.item_ids == (paint.id,)
        self.take_back(desk, gone, despite_count=True)
        assert world.on_hand(paint) == int(found) * 60 + 300

    def test_what_was_written_off_after_the_counting_is_no_concern_of_the_count(self, world, desk, paint):
        count = desk.open()
        desk.enter(count, paint, "8")
        world.after(minutes=1)
        gone = self.write_off(world, paint, "60")
        desk.close(count)
        desk.post(count)
        self.take_back(desk, gone)

        assert world.on_hand(paint) == 480

    def test_a_count_that_was_taken_back_settles_nothing(self, world, desk, paint):
        gone = self.write_off(world, paint, "300")
        count, _ = desk.counted(paint, "7")
        desk.post(count)
        desk.do(counts.reverse_count, count.id, reason="Не тот шкаф")
        self.take_back(desk, gone)

        assert world.on_hand(paint) == 600
