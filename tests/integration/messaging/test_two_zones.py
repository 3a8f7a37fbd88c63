"""A tenant with branches in two time zones: a button's time is the branch's, and so is what is booked."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from salon.availability.domain import RuleDetails, RuleKind
from salon.availability.use_cases import create_rule, generate_slots
from salon.catalog.domain import LocationDetails, Skill, StaffDetails
from salon.catalog.use_cases import assign_skills, create_location, create_staff, offer_services
from support.salon_world import ACTOR, Chat, make_salon

pytestmark = pytest.mark.database


@pytest.mark.parametrize("name", ["А-Владивосток", "Я-Владивосток"])
def test_the_time_on_the_button_is_the_time_that_is_booked(database, tenant_id, clock, name):
    world = make_salon(database, tenant_id, clock)
    now, service = clock.now(), world.services["Стрижка"]
    with database.transaction(tenant_id) as session:
        far = create_location(
            session, LocationDetails(name=name, timezone="Asia/Vladivostok", address="—"), actor=ACTOR, now=now
        )
        person = create_staff(session, StaffDetails(location_id=far.id, name="Павел"), actor=ACTOR, now=now)
        assign_skills(session, person.id, [Skill(service_id=service)], actor=ACTOR, now=now)
        offer_services(session, far.id, [service], actor=ACTOR, now=now)
        hours = RuleDetails(
            location_id=far.id,
            kind=RuleKind.WEEKLY,
            days_of_week=frozenset(range(1, 8)),
            start_time=time(9),
            end_time=time(21),
            slot_granularity_min=30,
        )
        create_rule(session, hours, actor=ACTOR, now=now, refresh=False)
        today = now.date()
        generate_slots(session, location_id=far.id, from_on=today, to_on=today + timedelta(days=5), now=now)
    chat = Chat(database, world, clock, "http://127.0.0.1:9")

    offers = chat.say("стрижка к Павлу послезавтра в 12")
    noon = next(button for button in chat.buttons(offers) if "12:00" in button["text"])
    confirmation = chat.send(chat.tap(noon["payload"]))

    assert any("в 12:00" in message["text"] for message in confirmation)
    moved = chat.say("перенеси на час позже")
    assert "в 13:00" in moved[-1]["text"]
