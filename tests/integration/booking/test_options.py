"""Options, incentives and notes: what comes with a booking besides its slot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.availability.errors import SlotAlreadyTaken, SlotTooShort
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.booking.errors import NoteTooLong
from salon.catalog import use_cases as catalog
from salon.catalog.domain import OptionPrice, PriceItem, PriceListDetails, ServiceOptionDetails
from salon.catalog.errors import OptionNotFound, OptionsExclusive
from salon.clients import use_cases as clients
from salon.clients.errors import ClientErased
from salon.identity.domain import Actor, ActorKind
from salon.platform.money import Money
from support.consistency import find_contradictions
from support.factories import ACTOR, make_salon

pytestmark = pytest.mark.database
CLIENT = Actor(ActorKind.CLIENT, "somebody")


@pytest.fixture(autouse=True)
def consistent(owner_engine):
    yield
    assert find_contradictions(owner_engine) == {}


@pytest.fixture
def salon(database, tenant_id, clock):
    """Anna and Boris, slots of an hour every half hour from 12:00 to 18:00."""
    return make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"), granularity_min=30, days=2)


@pytest.fixture
def options(salon, act):
    """Long hair (half an hour, 500 ₽), short hair (15 minutes less), a mask (300 ₽ in any length)."""
    made = {}
    for name, choice, extra_min in (("long", "hair", 30), ("short", "hair", -15), ("mask", "", 0)):
        details = ServiceOptionDetails(name=name, choice=choice, extra_min=extra_min)
        made[name] = act(catalog.create_option, salon.service.id, details, actor=ACTOR, now=salon.now).id
    details = PriceListDetails(
        name="Прайс",
        valid_from=salon.now.date(),
        items=(PriceItem(salon.service.id, Money(250_000)),),
        option_items=(OptionPrice(made["long"], Money(50_000)), OptionPrice(made["mask"], Money(30_000))),
    )
    act(catalog.publish_price_list, details, actor=ACTOR, now=salon.now)
    return made


@pytest.fixture
def hold(salon, act):
    def call(slot, client_id, **more):
        more = {"actor": ACTOR, "now": salon.now, "channel": "site"} | more
        return act(booking.hold_slot, slot_id=slot.id, client_id=client_id, **more)

    return call


def of(salon, person):
    return [slot for slot in salon.slots() if slot.staff_id == person.id]


def busy_until(owner_engine, booking_id):
    with owner_engine.connect() as owner:
        return owner.scalar(text("SELECT ends_at FROM busy_intervals WHERE booking_id = :id"), {"id": booking_id})


class TestOptions:
    def test_they_change_length_and_price_and_stay_with_the_booking(self, salon, act, options, hold, owner_engine):
        slot = of(salon, salon.staff[0])[0]
        held = hold(slot, salon.client(), option_ids=[options["long"], options["mask"]])
        assert (held.extra_min, held.price) == (30, Money(330_000))
        assert held.ends_at == slot.ends_at + timedelta(minutes=30) == busy_until(owner_engine, held.id)
        chosen = {one.option_id: (one.extra_min, one.price) for one in act(booking.list_booked_options, held.id)}
        assert chosen == {options["long"]: (30, Money(50_000)), options["mask"]: (0, Money(30_000))}
        assert salon.booking(held.id) == held
        (free, *_) = of(salon, salon.staff[0])
        assert free.starts_at == held.ends_at

    def test_less_time_is_free_for_others(self, salon, options, hold):
        slot, half_an_hour_later, hour_later, *_ = of(salon, salon.staff[0])
        hold(slot, salon.client(), option_ids=[options["short"]])
        with pytest.raises(SlotAlreadyTaken):
            hold(half_an_hour_later, salon.client())
        hold(hour_later, salon.client())

    def test_the_day_must_be_long_enough(self, salon, options, hold):
        last = [slot for slot in of(salon, salon.staff[0]) if slot.starts_at.date() == salon.now.date()][-1]
        with pytest.raises(SlotTooShort):
            hold(last, salon.client(), option_ids=[options["long"]])
        assert hold(last, salon.client(), option_ids=[options["short"]]).ends_at < last.ends_at

    def test_what_cannot_be_had_together_is_refused(self, salon, options, hold):
        slot = salon.slots()[0]
        with pytest.raises(OptionsExclusive):
            hold(slot, salon.client(), option_ids=[options["long"], options["short"]])
        with pytest.raises(OptionNotFound):
            hold(slot, salon.client(), option_ids=[salon.tenant_id])
        assert salon.slot(slot.id).taken == 0

    def test_a_second_tap_with_others_takes_the_place_of_the_first(self, salon, options, hold):
        slot, client_id = salon.slots()[0], salon.client()
        first = hold(slot, client_id, option_ids=[options["mask"]])
        assert hold(slot, client_id, option_ids=[options["mask"]]) == first
        second = hold(slot, client_id, option_ids=[options["long"]])
        assert (second.id != first.id, second.extra_min) == (True, 30)
        gone = salon.booking(first.id)
        assert (gone.status, gone.cancel_reason) == (BookingStatus.CANCELLED, CancelReason.DUPLICATE)
        assert salon.slot(slot.id).held == 1

    def test_a_client_s_hold_lasts_no_longer_for_it(self, salon, options, hold):
        slot, client_id = salon.slots()[0], salon.client()
        first = hold(slot, client_id, actor=CLIENT)
        later = salon.now + timedelta(minutes=9)
        second = hold(slot, client_id, actor=CLIENT, now=later, option_ids=[options["mask"]])
        assert (second.id != first.id, second.hold_expires_at) == (True, first.hold_expires_at)
        third = hold(slot, client_id, now=later)  # the salon may keep it as long as it likes
        assert third.hold_expires_at == later + timedelta(minutes=10)

    def test_a_refusal_of_others_leaves_the_first(self, salon, database, options, hold):
        anna = of(salon, salon.staff[0])
        client_id = salon.client()
        first = hold(anna[0], client_id, option_ids=[options["mask"]])
        hold(anna[2], salon.client())
        wanted = {"slot_id": anna[0].id, "client_id": client_id, "channel": "site", "actor": CLIENT, "now": salon.now}
        with database.transaction(salon.tenant_id) as session:
            with pytest.raises(SlotAlreadyTaken):
                booking.hold_slot(session, **wanted, option_ids=[options["long"]])
            with pytest.raises(OptionNotFound):
                booking.hold_slot(session, **wanted, option_ids=[salon.tenant_id])
        assert salon.booking(first.id) == first
        assert salon.slot(anna[0].id).held == 1

    def test_they_move_with_the_booking_at_the_other_s_price(self, salon, act, options, hold, owner_engine):
        anna, boris = (of(salon, person) for person in salon.staff)
        held = hold(anna[0], salon.client(), option_ids=[options["long"]])
        act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        move = {"actor": ACTOR, "now": salon.now}
        later = act(booking.reschedule_booking, held.id, slot_id=anna[1].id, **move)
        assert (later.ends_at, later.price) == (anna[1].ends_at + timedelta(minutes=30), Money(300_000))
        dearer = PriceListDetails(
            name="Новый",
            valid_from=salon.now.date() + timedelta(days=1),
            items=(PriceItem(salon.service.id, Money(400_000)),),
            option_items=(OptionPrice(options["long"], Money(60_000)),),
        )
        act(catalog.publish_price_list, dearer, actor=ACTOR, now=salon.now)
        tomorrow = boris[-1]
        with pytest.raises(SlotTooShort):
            act(booking.reschedule_booking, held.id, slot_id=tomorrow.id, **move)
        assert salon.booking(held.id) == later
        moved = act(booking.reschedule_booking, held.id, slot_id=boris[-2].id, **move)
        assert (moved.price, moved.extra_min) == (Money(460_000), 30)
        assert busy_until(owner_engine, held.id) == moved.ends_at == boris[-2].ends_at + timedelta(minutes=30)

    def test_cancelled_and_restored_it_is_as_long_as_before(self, salon, act, options, hold, owner_engine):
        slot = salon.slots()[0]
        held = hold(slot, salon.client(), option_ids=[options["long"]])
        made = act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        act(booking.cancel_booking, held.id, reason=CancelReason.SALON, actor=ACTOR, now=salon.now)
        assert busy_until(owner_engine, held.id) is None
        restored = act(booking.restore_booking, held.id, actor=ACTOR, now=salon.now)
        assert restored.ends_at == made.ends_at == busy_until(owner_engine, held.id)


@pytest.mark.usefixtures("options")  # the prices
class TestIncentive:
    def test_it_is_taken_off_and_left_behind_by_a_client_who_moves(self, salon, act, hold):
        slots = of(salon, salon.staff[0])
        held = hold(slots[0], salon.client(), incentive_minor=20_000)
        assert (held.price, held.list_price) == (Money(230_000), Money(250_000))
        by_salon = act(booking.reschedule_booking, held.id, slot_id=slots[2].id, actor=ACTOR, now=salon.now)
        assert by_salon.price == Money(230_000)
        moved = act(booking.reschedule_booking, held.id, slot_id=slots[4].id, actor=CLIENT, now=salon.now)
        assert (moved.price, moved.incentive_minor) == (Money(250_000), 0)
        offered = {"actor": CLIENT, "now": salon.now, "incentive_minor": 5_000}
        again = act(booking.reschedule_booking, held.id, slot_id=slots[6].id, **offered)
        assert (again.price, again.incentive_minor) == (Money(245_000), 5_000)

    def test_it_may_be_granted_later_and_never_pays_the_client(self, salon, act, hold):
        held = hold(salon.slots()[0], salon.client())
        less = {"actor": ACTOR, "now": salon.now}
        assert act(booking.grant_incentive, held.id, incentive_minor=10_000, **less).price == Money(240_000)
        free = act(booking.grant_incentive, held.id, incentive_minor=900_000, **less)
        assert (free.price, free.incentive_minor, free.version) == (Money(0), 250_000, 3)
        assert act(booking.grant_incentive, held.id, incentive_minor=900_000, **less) == free


class TestNote:
    def test_only_the_client_s_key_opens_it(self, salon, act, hold, owner_engine):
        client_id = salon.client()
        held = hold(salon.slots()[0], client_id, note=" У меня аллергия на аммиак ")
        assert held.has_note
        assert act(booking.read_note, held.id) == "У меня аллергия на аммиак"
        with owner_engine.connect() as owner:
            sealed = owner.scalar(text("SELECT note FROM bookings"))
            spoken = owner.scalar(text("SELECT string_agg(payload::text, '') FROM outbox"))
        assert "аллергия".encode() not in sealed
        assert "аллергия" not in spoken
        act(booking.write_note, held.id, "Придёт с собакой", actor=ACTOR, now=salon.now)
        assert act(booking.read_note, held.id) == "Придёт с собакой"
        act(clients.erase_client, client_id, actor=ACTOR, now=salon.now)
        with pytest.raises(ClientErased):
            act(booking.read_note, held.id)
        with pytest.raises(ClientErased):
            act(booking.write_note, held.id, "Придёт без собаки", actor=ACTOR, now=salon.now)

    def test_none_is_none_and_too_much_is_refused(self, salon, act, hold):
        slot, client_id = salon.slots()[0], salon.client()
        with pytest.raises(NoteTooLong):
            hold(slot, client_id, note="а" * 1001)
        held = hold(slot, client_id, note="  ")
        assert not held.has_note
        assert act(booking.read_note, held.id) is None


def test_where_it_came_from_is_kept(salon, hold, owner_engine):
    ids = {"session_id": salon.tenant_id, "exposure_id": salon.location.id, "variant": "packing-2"}
    held = hold(salon.slots()[0], salon.client(), **ids)
    assert salon.booking(held.id) == held
    assert (held.session_id, held.exposure_id, held.variant) == tuple(ids.values())
    with owner_engine.connect() as owner:
        told = owner.scalar(text("SELECT payload FROM outbox WHERE kind = 'booking.created'"))
    assert told["exposure_id"] == str(salon.location.id)
    assert "variant" not in told  # a free text; whoever wants it looks at the booking or the exposure


def test_nothing_is_booked_for_a_client_who_was_erased(salon, act, hold):
    client_id = salon.client()
    slots = salon.slots()
    held = hold(slots[0], client_id)
    act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
    act(booking.cancel_booking, held.id, reason=CancelReason.SALON, actor=ACTOR, now=salon.now)
    act(clients.erase_client, client_id, actor=ACTOR, now=salon.now)
    for note in (None, "Без сахара"):
        with pytest.raises(ClientErased):
            hold(slots[4], client_id, note=note)
    with pytest.raises(ClientErased):
        act(booking.restore_booking, held.id, actor=ACTOR, now=salon.now)
