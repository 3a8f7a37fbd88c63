"""A whole salon as one file: out, in, again; and what is told when it cannot be had."""

from __future__ import annotations

import copy
import json
from datetime import date
from uuid import UUID

import pytest

from infra.tools.schemas import FOLDER
from salon.availability.salon_file.domain import Outcome
from salon.availability.salon_file.errors import SalonFileRefused
from salon.availability.salon_file.use_cases import read_salon_file, render
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.platform.errors import Invalid
from salon.platform.money import Money
from salon.platform.shared_data import shared_path
from support.factories import ACTOR

from .conftest import EVERYTHING

pytestmark = pytest.mark.database


def edited(**changes):
    """EVERYTHING with something else at the ends of paths such as `staff__0__title`."""
    content = copy.deepcopy(EVERYTHING)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdecimal() else step for step in path.split("__"))
        target = content
        for step in steps:
            target = target[step]
        target[last] = value
    return content


def outcomes(report):
    return {outcome: number for outcome, number in report.counts.items() if number}


class TestRoundTrip:
    def test_what_comes_out_is_what_went_in(self, salon):
        report = salon.load(EVERYTHING)
        unchanged = [thing.place for thing in report.things if thing.outcome is Outcome.UNCHANGED]
        assert [words.partition(",")[0] for words in unchanged] == [
            "locations 2 «Восток»", "locations 3 «Север»", "staff 3 «Борис»",  # without hours before and after
        ]  # fmt: skip
        assert report.slots.created > 100
        assert salon.export() == render(read_salon_file(ordered(EVERYTHING)))

    def test_out_of_one_salon_into_another_and_out_again(self, salon, another):
        salon.load(EVERYTHING)
        first = salon.export()
        other = another()
        other.load(json.dumps(first))
        assert other.export() == first

    def test_the_demo_salon_too(self, salon, another):
        salon.load((shared_path("demo") / "salon.json").read_bytes())
        first = salon.export()
        other = another()
        other.load(first)
        assert other.export() == first
        assert len(first["services"]) == 15

    def test_nobodys_name_but_the_staffs_is_in_it(self, salon, clock):
        salon.load(EVERYTHING)
        with salon.database.transaction(salon.tenant_id) as session:
            client = clients.create_client(session, display_name="Пелагея Тайная", actor=ACTOR, now=clock.now())
            clients.set_phone(session, client.id, "+7 900 765-43-21", actor=ACTOR, now=clock.now())
        assert "Пелагея" not in json.dumps(salon.export(), ensure_ascii=False)


def ordered(content):
    """In the order of an export: by name, prices by day."""
    content = copy.deepcopy(content)
    for kind in ("services", "locations", "staff"):
        content[kind].sort(key=lambda one: one["name"])
    content["resources"].sort(key=lambda one: (one["location"], one["name"]))
    return content


class TestAgain:
    def test_a_second_import_changes_nothing(self, salon):
        salon.load(EVERYTHING)
        before = [salon.rows(f"SELECT id, t::text FROM {table} t ORDER BY id") for table in TABLES]  # noqa: S608 - a fixed list of tables
        report = salon.load(EVERYTHING)
        assert outcomes(report) == {Outcome.UNCHANGED: len(report.things)}
        assert report.slots.created == report.slots.changed == report.slots.removed == 0
        assert [salon.rows(f"SELECT id, t::text FROM {table} t ORDER BY id") for table in TABLES] == before  # noqa: S608 - as above

    @pytest.mark.parametrize(
        ("changes", "changed"),
        [
            ({"tenant__name": "Лютик"}, "tenant «Лютик»"),
            ({"settings__booking": {"horizon_days": 20}}, "settings, booking"),
            ({"services__0__duration_min": 130}, "services 1 «Окрашивание»"),
            ({"services__0__options__2__extra_min": 20}, "services 1 «Окрашивание», options 3 «Уход»"),
            ({"services__0__options__3__is_active": True}, "services 1 «Окрашивание», options 4 «Ампула»"),
            ({"services__3__is_active": True}, "services 4 «Завивка»"),
            ({"services__2__pools": []}, "services 3 «Стрижка»"),
            ({"templates__0__cycle_days": 5}, "templates 1 «2/2»"),
            ({"locations__2__services": []}, "locations 3 «Север»"),
            ({"locations__1__is_active": True}, "locations 2 «Восток»"),
            ({"locations__0__hours__0__to": "20:00"}, "locations 1 «Центр», hours, shifts, breaks, time off"),
            ({"resources__2__is_active": True}, "resources 3 «Кресло 2»"),
            ({"resources__0__pool": "Кресла"}, "resources 1 «Климазон 1»"),
            ({"staff__0__title": "стилист"}, "staff 1 «Анна»"),
            ({"staff__0__skills": {}}, "staff 1 «Анна»"),
            ({"staff__2__is_active": True}, "staff 3 «Борис»"),
            ({"staff__2__location": "Север"}, "staff 3 «Борис»"),
            ({"staff__0__breaks": []}, "staff 1 «Анна», hours, shifts, breaks, time off"),
            ({"price_lists__1__valid_to": "2026-12-31"}, "price lists 2 «Основной» from 2026-01-01"),
            ({"norms__1__quantity": 91}, "norms 2 «Краска» of «Окрашивание»"),
        ],
    )
    def test_one_change_changes_one_thing(self, salon, changes, changed):
        salon.load(EVERYTHING)
        content = edited(**changes)
        report = salon.load(content)
        assert [thing.place for thing in report.things if thing.outcome is Outcome.CHANGED] == [changed]
        assert outcomes(report) == {Outcome.UNCHANGED: len(report.things) - 1, Outcome.CHANGED: 1}
        assert outcomes(salon.load(content)) == {Outcome.UNCHANGED: len(report.things)}

    def test_slots_follow_the_hours(self, salon):
        salon.load(EVERYTHING)
        free = "SELECT count(*) FROM slot_instances WHERE staff_id IS NULL"
        [(before,)] = salon.rows(free)
        without = salon.load(edited(locations__0__hours=[]), refresh=False)
        assert without.slots.removed == 0
        assert salon.rows(free) == [(before,)]
        assert salon.rows("SELECT count(*) FROM outbox WHERE kind = 'catalog.changed'") == [(1,)]
        salon.load(EVERYTHING)
        report = salon.load(edited(locations__0__hours=[]))
        assert report.slots.removed >= before > 0
        assert salon.rows(free) == [(0,)]
        assert salon.rows("SELECT count(*) FROM outbox WHERE kind = 'catalog.changed'") == [(1,)]

    def test_what_the_file_does_not_mention_stays(self, salon):
        salon.load(EVERYTHING)
        before = salon.export()
        first = {"name": "Анна", "location": "Север", "skills": {"Стрижка": 75}}
        report = salon.load({"version": 1, "staff": [first]})
        assert outcomes(report) == {Outcome.UNCHANGED: 1}
        assert salon.export() == before

    def test_new_prices_follow_the_old_ones(self, salon):
        salon.load(EVERYTHING)
        summer = {"name": "Летний", "valid_from": "2026-06-01", "prices": {"Стрижка": {"": 260_000}}}
        salon.load({"version": 1, "price_lists": [summer]})
        corrected = {**summer, "prices": {"Стрижка": {"": 270_000}}}
        assert outcomes(salon.load({"version": 1, "price_lists": [corrected]})) == {Outcome.CHANGED: 1}
        lists = {one["name"]: one for one in salon.export()["price_lists"]}
        assert lists["Основной"]["valid_to"] == "2026-05-31"
        with salon.database.read(salon.tenant_id) as session:
            found = {place.name: place.id for place in catalog.list_locations(session)}
            prices = catalog.price_list_of(session, found["Центр"], date(2026, 6, 1))
        assert set(prices.values()) == {Money(270_000)}


TABLES = (
    "tenants", "tenant_settings", "locations", "staff", "services", "service_options", "staff_services",
    "location_services", "resource_pools", "resources", "service_resources", "price_lists", "price_list_items",
    "option_prices", "consumption_norms", "rule_templates", "availability_rules", "slot_instances", "outbox",
)  # fmt: skip


class TestDryRun:
    def test_says_what_would_happen_and_changes_nothing(self, salon):
        empty = salon.export()
        report = salon.load(EVERYTHING, is_dry_run=True)
        assert report.is_dry_run
        assert report.counts[Outcome.CREATED] > 20
        assert report.counts[Outcome.REFUSED] == 0
        assert salon.export() == empty
        assert salon.rows("SELECT count(*) FROM audit_log WHERE action LIKE 'catalog.%'") == [(0,)]

    def test_says_all_that_would_be_refused(self, salon):
        report = salon.load(WRONG, is_dry_run=True)
        assert report.problems == WHY


# Well-formed, and impossible.
WRONG = edited(
    locations__2__services=["Стрижка", "Массаж"],
    locations__0__timezone="Europe/Moskva",
    services__0__processing_min=120,
    services__2__options=[{"name": "Быстро", "extra_min": -60}],
    staff__0__location="Центр",
    staff__2__location="Юг",
    staff__1__shifts=[],
    resources__0__pool="Кабинеты",
    templates__0__entries=[{"day": 5, "from": "10:00", "to": "20:00"}],
    norms=[{"service": "Стрижка", "item": "Вода", "quantity": "0.0001", "unit": "ml"}],
)
WRONG = {**WRONG, "staff": WRONG["staff"][2:], "price_lists": WRONG["price_lists"][:1]}
WHY = (
    "services 1 «Окрашивание»: A visit would come to 120 minutes; it takes 161 at least and a day at most.",
    "services 3 «Стрижка», options 1 «Быстро»: A visit would come to 0 minutes; it takes 1 at least and a day at most.",
    "templates 1 «2/2»: An entry's day lies within the cycle.",
    "locations 1 «Центр»: Unknown time zone 'Europe/Moskva'; use an IANA name such as Europe/Moscow.",
    "locations 3 «Север»: neither the file nor the salon has a service «Массаж».",
    "resources 1 «Климазон 1»: location «Центр» was refused.",
    "resources 2 «Кресло 1»: location «Центр» was refused.",
    "resources 3 «Кресло 2»: location «Центр» was refused.",
    "resources 4 «Кресло 1»: location «Север» was refused.",
    "staff 1 «Борис»: neither the file nor the salon has a location «Юг».",
    "norms 1 «Вода» of «Стрижка»: A norm is given to a thousandth at most.",
)

MORNING = {"from": "09:00", "to": "12:00"}


class TestRefusals:
    def test_nothing_is_half_imported(self, salon):
        empty = salon.export()
        with pytest.raises(SalonFileRefused) as refused:
            salon.load(WRONG)
        assert refused.value.problems == WHY
        assert salon.export() == empty

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (
                {"staff__1__shifts": [{"days": [1, 2], **MORNING}, {"days": [2], "from": "11:00", "to": "18:00"}]},
                "shifts 2: covers some of the hours of shifts 1.",
            ),
            ({"staff__1__shifts": [{"days": [1]}]}, "shifts 1: Working time needs hours."),
            ({"staff__1__shifts": [{"location": "Юг", "days": [1], **MORNING}]}, "shifts 1: neither"),
            ({"locations__0__hours__0__location": "Север"}, "hours 1: the hours of a branch are its own."),
        ],
    )  # fmt: skip
    def test_hours_that_make_no_sense_are_named(self, salon, changes, problem):
        report = salon.load(edited(**changes), is_dry_run=True)
        assert len(report.problems) == 1
        assert problem in report.problems[0]

    def test_new_hours_meet_those_that_stay(self, salon):
        salon.load(EVERYTHING)
        person = {"name": "Анна", "location": "Север", "skills": {"Стрижка": 75}}
        hours = [{"days": [7], "from": "20:00", "to": "22:00"}]
        report = salon.load({"version": 1, "staff": [{**person, "hours": hours}]}, is_dry_run=True)
        assert "hours 1: covers some of the hours of one that stays." in report.problems[0]

    def test_prices_that_have_begun_are_not_rewritten(self, salon):
        salon.load(EVERYTHING)
        report = salon.load(edited(price_lists__1__prices={"Стрижка": {"": 1}}), is_dry_run=True)
        assert len(report.problems) == 1
        assert "has begun; publish a new version from a later day" in report.problems[0]

    def test_settings_are_shown_to_their_owner(self, salon):
        seen = {}

        def check(section, values):
            seen[section] = values
            raise Invalid("Nobody pays a deposit here.")

        report = salon.load(EVERYTHING, is_dry_run=True, check_section=check)
        assert seen == EVERYTHING["settings"]
        assert report.problems == ("settings, booking: Nobody pays a deposit here.",)


def test_an_import_is_audited_by_figures(salon):
    report = salon.load(EVERYTHING)
    [(subject_id, data)] = salon.rows("SELECT subject_id, data FROM audit_log WHERE action = 'salon_file.imported'")
    assert subject_id == salon.tenant_id
    assert data["created"] == report.counts[Outcome.CREATED]


def test_people_can_be_booked_at_once(salon):
    salon.load(EVERYTHING)
    [(anna,)] = salon.rows("SELECT id FROM staff WHERE grade = 'top'")
    assert isinstance(anna, UUID)
    places = salon.rows(
        "SELECT DISTINCT l.name FROM slot_instances s JOIN locations l ON l.id = s.location_id WHERE staff_id = :anna"
        " ORDER BY 1",
        anna=anna,
    )
    assert places == [("Север",), ("Центр",)]


def test_the_published_schema_is_about_this_file():
    schema = json.loads((FOLDER / "files" / "salon.json").read_text(encoding="utf-8"))
    assert set(EVERYTHING) <= set(schema["properties"])
    assert schema["required"] == ["version"]
    assert schema["additionalProperties"] is False
