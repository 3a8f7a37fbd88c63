"""What visits use goes through the ledger once, whatever comes twice, late, together, or is undone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import event, text

from salon.booking import use_cases as booking
from salon.booking.errors import BookingNotFound
from salon.catalog import use_cases as catalog
from salon.catalog.domain import NormDetails, NormUnit
from salon.identity.use_cases import write_settings
from salon.inventory.consumption import repository
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.consumption.domain import HairLength, LineState
from salon.inventory.consumption.errors import ActualSenseless, ConsumptionCounted, ItemUnitUnfit
from salon.inventory.counts import use_cases as counts
from salon.inventory.counts.errors import CountOutdated
from salon.inventory.items.domain import BaseUnit
from salon.inventory.items.errors import ItemNotFound
from salon.inventory.ledger import use_cases as ledger
from salon.platform.db import Database
from salon.platform.ids import new_id
from support.fixtures import NOW, make_tenant
from support.races import drop_row_locks, race
from support.stock_world import make_stock_world

pytestmark = pytest.mark.database
ML, PCS, GRAM = NormUnit.MILLILITRE, NormUnit.PIECE, NormUnit.GRAM


@pytest.fixture
def paint(world):
    """A paint of which a visit takes 40 ml, and 600 ml of it for 60 roubles."""
    item = world.item()
    world.norm("краска  6/0", "40")
    world.receive(item, "600", 6_000)
    return item


class Crash(Exception):
    """The process dies."""


@dataclass
class Fuse:
    """How many statements pass before it blows; None for all."""

    left: int | None = None


@contextmanager
def breaking(engine):
    fuse = Fuse()

    def count(*_):
        if fuse.left == 0:
            raise Crash
        if fuse.left is not None:
            fuse.left -= 1

    event.listen(engine, "before_cursor_execute", count)
    yield fuse
    event.remove(engine, "before_cursor_execute", count)


def say(world, booking_id, actuals, hair_length=None):
    return world.do(
        consumption.say_consumption,
        booking_id,
        actuals={item.id: Decimal(quantity) for item, quantity in actuals.items()},
        hair_length=hair_length,
    )


class TestOnce:
    def test_a_completed_visit_uses_its_norms_once(self, world, paint):
        visit = world.visit()
        world.complete(visit.id)
        world.hear_all(visit.id)

        assert world.on_hand(paint) == 560
        told = world.facts("visit.consumed")
        assert [(one.booking_id, one.staff_id, one.service_id) for one in told] == [
            (visit.id, visit.staff_id, visit.service_id)
        ]
        assert [(used.item_id, used.quantity, used.cost_minor) for used in told[0].items] == [(paint.id, 40, 400)]

    def test_undone_it_is_given_back_and_completed_again_it_is_used_again(self, world, paint):
        visit = world.visit()
        world.complete(visit.id)
        world.reopen(visit.id)
        assert world.on_hand(paint) == 600
        world.complete(visit.id)
        world.hear_all(visit.id)

        assert world.on_hand(paint) == 560
        assert [kind for kind, _ in world.movements(paint)] == ["receipt", "consumption", "reversal", "consumption"]
        assert len(world.facts("visit.consumption_reversed")) == 1

    def test_facts_in_the_wrong_order_come_to_the_same(self, world, paint):
        visit = world.visit()
        for change in (booking.complete_booking, booking.reopen_booking, booking.complete_booking):
            world.do(change, visit.id)
        first, second, third = world.visit_facts(visit.id)
        for fact in (third, first, second, first, third):
            world.hear(fact)

        assert world.movements(paint)[1:] == [("consumption", -40)]

    def test_a_visit_that_was_undone_before_anybody_heard_uses_nothing(self, world, paint):
        visit = world.visit()
        world.complete(visit.id, heard=False)
        world.reopen(visit.id, heard=False)
        world.hear_all(visit.id)

        assert world.movements(paint) == [("receipt", 600)]

    def test_a_completion_in_between_that_nobody_heard_of_is_noticed(self, world, paint):
        """The norms may be others by now, and the completion is another one."""
        visit = world.visit()
        world.complete(visit.id)
        [norm] = world.read(catalog.list_norms)
        doubled = NormDetails(service_id=visit.service_id, item=norm.item, quantity=Decimal(80), unit=ML)
        world.do(catalog.change_norm, norm.id, doubled)
        world.reopen(visit.id, heard=False)
        world.complete(visit.id)

        assert world.on_hand(paint) == 520

    def test_a_crash_before_any_statement_leaves_nothing_half_done(self, world, paint):
        visit = world.visit()
        world.complete(visit.id, heard=False)
        [fact] = world.visit_facts(visit.id)
        crashes = 0
        with breaking(world.database.engine) as fuse:
            while True:
                fuse.left = crashes
                try:
                    world.hear(fact)
                except Crash:
                    crashes += 1
                else:
                    break
                fuse.left = None
                assert world.movements(paint) == [("receipt", 600)]
        assert crashes > 10
        world.hear(fact)
        assert world.movements(paint)[1:] == [("consumption", -40)]
        assert len(world.facts("visit.consumed")) == 1

    @pytest.mark.concurrency
    def test_many_who_hear_at_once_post_once(self, world, paint):
        visit = world.visit()
        world.complete(visit.id, heard=False)
        [fact] = world.visit_facts(visit.id)

        race(*[lambda: world.hear(fact)] * 8)

        assert world.movements(paint)[1:] == [("consumption", -40)]

    @pytest.mark.concurrency
    def test_without_the_lock_on_the_visit_they_get_in_each_others_way(
        self, world, paint, engine, database_settings, master_keys
    ):
        """The negative control: generations would be counted twice, and the ledger alone has to refuse."""
        visit = world.visit()
        world.complete(visit.id, heard=False)
        [fact] = world.visit_facts(visit.id)
        drop_row_locks(engine)
        unlocked = Database(database_settings, engine=engine, master=lambda: master_keys)
        world.salon = replace(world.salon, database=unlocked)
        trouble = 0
        for _ in range(10):
            try:
                race(*[partial(world.hear, fact)] * 8)
            except Exception:  # noqa: BLE001 - whatever it is, it is not what the guarded run does
                trouble += 1
            if trouble or len(world.movements(paint)) > 2:
                break
            world.reopen(visit.id)
            world.complete(visit.id, heard=False)
            fact = world.visit_facts(visit.id)[-1]
        assert trouble or len(world.movements(paint)) > 2


class TestNorms:
    def test_several_services_of_a_visit_are_several_bookings(self, world, paint):
        for visit in (world.visit(), world.visit()):
            world.complete(visit.id)
        assert world.on_hand(paint) == 520

    def test_an_option_and_a_person_go_before_the_general_norm(self, world, paint):
        long, tint = world.option("Длинные", "длина волос"), world.option("Тонирование")
        anna = world.salon.staff[0].id
        world.norm("Краска 6/0", "70", option_id=long)
        world.norm("Краска 6/0", "15", option_id=tint)
        world.norm("Краска 6/0", "12", option_id=tint, staff_id=anna)
        world.norm("Краска 6/0", "35", staff_id=anna)
        boris = world.salon.staff[1].id
        used = {}
        for name, staff_id, options in (
            ("general", boris, ()),
            ("hers", anna, ()),
            ("long", anna, (long,)),
            ("both", boris, (long, tint)),
            ("hers, both", anna, (long, tint)),
        ):
            before = world.on_hand(paint)
            world.complete(world.visit(options, staff_id).id)
            used[name] = before - world.on_hand(paint)
        assert used == {"general": 40, "hers": 35, "long": 70, "both": 85, "hers, both": 82}

    def test_the_length_of_the_hair_stretches_what_is_measured_and_not_what_is_counted(self, world, paint):
        gloves = world.item("Перчатки", BaseUnit.PIECE, 100)
        world.norm("перчатки", "2", PCS)
        content = {"factors": {"extra": "2.5"}}
        world.do(lambda session, **who: write_settings(session, "consumption", content, **who))
        visit = world.visit()
        say(world, visit.id, {}, HairLength.EXTRA)
        world.complete(visit.id)

        assert (world.on_hand(paint), world.on_hand(gloves)) == (500, -2)

    def test_units_are_turned_into_those_of_the_item(self, world):
        tube = world.item("Тюбик", BaseUnit.MILLILITRE, 60)
        wax = world.item("Воск", BaseUnit.GRAM, 400)
        foil = world.item("Фольга", BaseUnit.PIECE, 100)
        world.norm("Тюбик", "0.5", PCS)
        world.norm("Воск", "10", ML)
        world.norm("Фольга", "3", GRAM)
        visit = world.visit()
        world.complete(visit.id)

        states = {line.item_text: line.state for line in world.read(consumption.get_consumption, visit.id).lines}
        assert states == {
            "Тюбик": LineState.POSTED,
            "Воск": LineState.OTHER_UNIT,
            "Фольга": LineState.OTHER_UNIT,
        }
        assert (world.on_hand(tube), world.on_hand(wax), world.on_hand(foil)) == (-30, 0, 0)
        content = {"grams_per_ml": "0.9"}
        world.do(lambda session, **who: write_settings(session, "consumption", content, **who))
        assert [one.norm.item for one in world.read(consumption.list_unlinked)] == ["Фольга"]


class TestActuals:
    def test_what_was_said_stands_in_the_place_of_the_norm(self, world, paint):
        oil = world.item("Масло")
        visit = world.visit()
        say(world, visit.id, {paint: "55.5", oil: "3"})
        assert world.on_hand(paint) == 600
        world.complete(visit.id)
        assert (world.on_hand(paint), world.on_hand(oil)) == (Decimal("544.5"), -3)

        view = say(world, visit.id, {paint: "0"})
        assert view.is_posted
        assert view.generation == 2
        assert (world.on_hand(paint), world.on_hand(oil)) == (600, 0)
        before = world.movements(paint)
        say(world, visit.id, {paint: "0"})  # the same words again
        assert world.movements(paint) == before

    def test_what_was_counted_since_is_not_explained_away(self, world, paint):
        visit, other = world.visit(), world.item("Фольга", BaseUnit.PIECE, 1)
        world.receive(other, "100")
        world.complete(visit.id)
        world.after(minutes=1)
        count = world.do(counts.open_count, location_id=world.location_id)
        world.do(counts.enter_count, count.id, item_id=paint.id, packs=Decimal(0), remainder=Decimal(500))
        world.do(counts.close_count, count.id)
        say(world, visit.id, {paint: "50"})  # nothing is corrected yet
        say(world, visit.id, {})
        world.do(counts.post_count, count.id, reason="Пересчитали")
        for actuals, hair_length in (({paint: "100"}, None), ({}, HairLength.LONG)):
            with pytest.raises(ConsumptionCounted):
                say(world, visit.id, actuals, hair_length)
        say(world, visit.id, {other: "3"})
        assert (world.on_hand(paint), world.on_hand(other)) == (500, 97)
        world.do(counts.reverse_count, count.id, reason="Ошиблись")
        say(world, visit.id, {paint: "100"})
        assert (world.on_hand(paint), world.on_hand(other)) == (500, 100)

    def test_norms_that_changed_since_change_nothing_of_a_past_visit(self, world, paint):
        oil = world.item("Масло")
        visit = world.visit()
        world.complete(visit.id)
        [norm] = world.read(catalog.list_norms)
        more = NormDetails(service_id=visit.service_id, item=norm.item, quantity=Decimal(400), unit=ML)
        world.do(catalog.change_norm, norm.id, more)
        say(world, visit.id, {oil: "5"}, HairLength.LONG)

        assert (world.on_hand(paint), world.on_hand(oil)) == (540, -5)

    @pytest.mark.parametrize("quantity", ["-1", "NaN", "1000001", "0.00001"])
    def test_nonsense_is_refused(self, world, paint, quantity):
        visit = world.visit()
        with pytest.raises(ActualSenseless):
            say(world, visit.id, {paint: quantity})

    def test_unknown_things_are_refused(self, world, paint):
        visit = world.visit()
        with pytest.raises(BookingNotFound):
            say(world, new_id(), {paint: "1"})
        with pytest.raises(ItemNotFound):
            world.do(consumption.say_consumption, visit.id, actuals={new_id(): Decimal(1)}, hair_length=None)
        too_many = {new_id(): Decimal(1) for _ in range(101)}
        with pytest.raises(ActualSenseless):
            world.do(consumption.say_consumption, visit.id, actuals=too_many, hair_length=None)


def count(world, item, remainder, **how):
    """A posted count of one item; what it is of the ledger now is what was on the shelf."""
    world.after(minutes=1)
    opened = world.do(counts.open_count, location_id=world.location_id)
    world.do(counts.enter_count, opened.id, item_id=item.id, packs=Decimal(0), remainder=Decimal(remainder))
    world.do(counts.close_count, opened.id)
    world.do(counts.post_count, opened.id, reason="Пересчитали", **how)
    return opened.id


class TestCounted:
    """What was counted stays as it was counted, whenever the visits from before are closed or undone."""

    def test_counted_in_the_evening_and_closed_in_the_morning_it_is_taken_once(self, world, paint):
        world.minimum(paint, 550, 900)
        visit = world.visit()
        evening = count(world, paint, 560)
        world.after(hours=12)
        world.complete(visit.id)
        assert world.on_hand(paint) == 560
        assert world.movements(paint)[1:] == [("correction", -40), ("consumption", -40), ("correction", 40)]
        [told] = world.facts("visit.consumed")
        assert [(used.quantity, used.cost_minor) for used in told.items] == [(40, 400)]
        assert world.facts("stock.below_minimum") == []  # not for a moment in between

        world.reopen(visit.id)
        assert world.on_hand(paint) == 560
        world.complete(visit.id)
        world.hear_all(visit.id)
        assert world.on_hand(paint) == 560
        world.do(counts.reverse_count, evening, reason="Не то")
        assert world.on_hand(paint) == 560  # one visit, and no count
        world.reopen(visit.id)
        assert world.on_hand(paint) == 600
        assert world.read(ledger.verify_ledger).broken is None

    def test_closed_before_the_count_and_undone_after_it_is_not_given_back(self, world, paint):
        visit = world.visit()
        world.complete(visit.id)
        evening = count(world, paint, 540)
        world.reopen(visit.id)
        assert world.on_hand(paint) == 540
        world.complete(visit.id)
        assert world.on_hand(paint) == 540
        world.reopen(visit.id)
        world.do(counts.reverse_count, evening, reason="Не то")
        assert world.on_hand(paint) == 600

    def test_a_visit_after_the_count_is_taken_and_given_back(self, world, paint):
        count(world, paint, 590)
        visit = world.visit()
        assert visit.ends_at > world.salon.now
        world.complete(visit.id)
        assert world.on_hand(paint) == 550
        world.reopen(visit.id)
        assert world.on_hand(paint) == 590

    def test_what_was_left_out_or_not_counted_there_is_not_settled(self, world, paint):
        oil = world.item("Масло", pack=1)
        world.norm("Масло", "5")
        visit = world.visit()
        count(world, paint, 560, leave_out=[paint.id])
        world.complete(visit.id)
        assert (world.on_hand(paint), world.on_hand(oil)) == (560, -5)

    def test_a_later_count_stands_on_the_one_before(self, world, paint):
        visit = world.visit()
        first, second = count(world, paint, 600), count(world, paint, 590)
        third = count(world, paint, 590)
        world.complete(visit.id)
        assert world.on_hand(paint) == 590
        for one in (first, second):
            with pytest.raises(CountOutdated):
                world.do(counts.reverse_count, one, reason="Не то")
        for one, left in ((third, 590), (second, 600), (first, 560)):
            world.do(counts.reverse_count, one, reason="Не то")
            assert world.on_hand(paint) == left

    def test_a_late_visit_does_not_disturb_a_count_under_way(self, world, paint):
        visit = world.visit()
        count(world, paint, 560)
        world.after(minutes=1)
        later = world.do(counts.open_count, location_id=world.location_id)
        world.do(counts.enter_count, later.id, item_id=paint.id, packs=Decimal(0), remainder=Decimal(550))
        world.do(counts.close_count, later.id)
        world.complete(visit.id)
        world.do(counts.post_count, later.id, reason="Ещё раз")
        assert world.on_hand(paint) == 550

    def test_what_a_norm_caught_up_with_was_counted_as_well(self, world, paint):
        norm = world.norm("Оксид 6%", "60")
        oxide = world.item("Оксидант 6 %", BaseUnit.MILLILITRE, 1000)
        world.receive(oxide, "1000")
        visit = world.visit()
        count(world, oxide, 940)
        world.after(minutes=1)
        world.complete(visit.id)
        world.do(consumption.link_norm, norm.id, item_id=oxide.id, by_length=None)
        assert (world.on_hand(oxide), world.on_hand(paint)) == (940, 560)
        [line] = [one for one in world.read(consumption.get_consumption, visit.id).lines if one.item_id == oxide.id]
        assert (line.state, line.used) == (LineState.POSTED, 60)


class TestLinking:
    def test_a_norm_of_nothing_known_is_listed_and_caught_up_with(self, world, paint):
        norm = world.norm("Оксид 6%", "60")
        visits = [world.visit(), world.visit()]
        for visit in visits:
            world.complete(visit.id)
        oxide = world.item("Оксидант 6 %", BaseUnit.MILLILITRE, 1000)
        [lost] = world.read(consumption.list_unlinked)
        assert (lost.norm.id, lost.visits, lost.item_id) == (norm.id, 2, None)
        assert lost.proposals[0].id == oxide.id

        outcome = world.do(consumption.link_norm, norm.id, item_id=oxide.id, by_length=None, limit=1)
        assert (outcome.visits, outcome.is_more) == (1, True)
        world.do(consumption.link_norm, norm.id, item_id=oxide.id, by_length=None)
        again = world.do(consumption.link_norm, norm.id, item_id=oxide.id, by_length=None)
        assert (again.visits, again.is_more) == (0, False)
        assert world.on_hand(oxide) == -120
        assert world.on_hand(paint) == 520
        assert world.read(consumption.list_unlinked) == []
        world.reopen(visits[0].id)  # what was caught up with is given back as well
        assert (world.on_hand(oxide), world.on_hand(paint)) == (-60, 560)

    def test_a_link_goes_before_the_name_and_ends_with_the_words(self, world, paint):
        other = world.item("Другая краска")
        [norm] = world.read(catalog.list_norms)
        world.do(consumption.link_norm, norm.id, item_id=other.id, by_length=False)
        visit = world.visit()
        say(world, visit.id, {}, HairLength.EXTRA)
        world.complete(visit.id)
        assert (world.on_hand(paint), world.on_hand(other)) == (600, -40)
        words = NormDetails(service_id=visit.service_id, item="Краска 6/0", quantity=Decimal(40), unit=ML)
        world.do(catalog.change_norm, norm.id, words)
        assert world.read(catalog.get_norm, norm.id).item_id is None

    @pytest.mark.usefixtures("paint")
    def test_a_unit_that_says_nothing_about_the_item_is_refused(self, world):
        foil = world.item("Фольга", BaseUnit.PIECE, 100)
        [norm] = world.read(catalog.list_norms)
        with pytest.raises(ItemUnitUnfit):
            world.do(consumption.link_norm, norm.id, item_id=foil.id, by_length=None)


def test_another_tenant_sees_and_uses_nothing_of_it(world, paint, database):
    visit = world.visit()
    world.complete(visit.id)
    other = make_stock_world(database, make_tenant(database, NOW, "Другой салон"), now=NOW)
    with pytest.raises(BookingNotFound):
        other.read(consumption.get_consumption, visit.id)
    with database.transaction(other.tenant_id) as session:
        assert repository.find_visit(session, visit.id) is None
        assert session.execute(text("SELECT count(*) FROM consumption_lines")).scalar_one() == 0
    with pytest.raises(BookingNotFound):
        other.do(consumption.settle_visit, visit.id)
    assert world.on_hand(paint) == 560


def test_below_the_minimum_is_told_once_for_a_crossing(world, paint):
    world.minimum(paint, 550, 900)
    for _ in range(3):
        world.complete(world.visit().id)
    assert [(one.item_id, one.on_hand) for one in world.facts("stock.below_minimum")] == [(paint.id, 520)]
    world.receive(paint, "100")
    world.complete(world.visit().id)
    world.complete(world.visit().id)
    assert [one.on_hand for one in world.facts("stock.below_minimum")] == [520, 540]
