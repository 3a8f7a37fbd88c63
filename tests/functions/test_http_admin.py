"""http_admin as the gateways call it: everything a salon is made of lives its whole life through the staff API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salon.identity.access import Role
from support.cloud import open_cloud
from support.console import sign_in

pytestmark = pytest.mark.database
NOBODY = "01900000-0000-7000-8000-00000000dead"
TODAY = datetime.now(UTC).date()
GENEROUS = {"ConsolePerMinute": "100000"}


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


def at(ahead: int, hour: int = 0) -> str:
    return f"{day(ahead)}T{hour:02d}:00:00Z"


@pytest.fixture
def cloud(moto, furnished_url):
    with open_cloud("aws", furnished_url, moto, **GENEROUS) as cloud:
        yield cloud


@pytest.fixture
def world(furnished):
    return furnished.first


@pytest.fixture
def owner(cloud, salons, world):
    return sign_in(cloud, salons, world.tenant_id)


@pytest.fixture
def staff_of(cloud, salons, world):
    """Sign in as this role; a stylist by name."""
    return lambda role, name=None: sign_in(cloud, salons, world.tenant_id, role, world.staff.get(name))


@pytest.fixture
def stranger(cloud, salons, furnished):
    """The owner of the other salon."""
    return sign_in(cloud, salons, furnished.second.tenant_id)


@pytest.fixture
def client(owner):
    return owner.do("POST", "/clients", {"display_name": "Лукерья Пробная", "phone": "+7 900 000-01-01"}, status=201)


@pytest.fixture
def free(owner, world):
    """Free slots of a service from tomorrow on."""

    def find(service="Стрижка", ahead=1, staff=None):
        more = f"&staff_id={world.staff[staff]}" if staff else ""
        query = f"service_id={world.services[service]}&from_at={at(ahead)}&to_at={at(ahead + 1)}{more}"
        return owner.do("GET", f"/slots?{query}")["items"]

    return find


def test_both_clouds_answer(moto, furnished_url, salons, world):
    for flavour in ("aws", "yandex"):
        with open_cloud(flavour, furnished_url, moto) as cloud:
            manager = sign_in(cloud, salons, world.tenant_id, Role.MANAGER)
            assert manager.do("GET", "/me")["role"] == "manager"
            assert cloud.request("http_admin", "GET", "/admin/v1/me").status == 401


def test_a_salon_is_built_from_nothing_and_sells(owner):
    place = owner.do("POST", "/locations", {"name": "Новый", "timezone": "Asia/Dubai"}, status=201)["id"]
    chairs = owner.do("POST", "/pools", {"kind": "chair", "name": "Кресла"}, status=201)["id"]
    owner.do("POST", "/resources", {"location_id": place, "pool_id": chairs, "name": "Кресло 1"}, status=201)
    cut = {"name": "Каре", "duration_min": 60, "processing_from_min": 20, "processing_min": 20}
    service = owner.do("POST", "/services", cut, status=201)["id"]
    owner.do("PUT", f"/services/{service}/pools", {"ids": [chairs]})
    long = {"choice": "длина", "name": "длинные", "extra_min": 30}
    option = owner.do("POST", f"/services/{service}/options", long, status=201)["id"]
    staff = [
        owner.do("POST", "/staff", {"location_id": place, "name": name}, status=201)["id"] for name in ("Ада", "Ева")
    ]
    for person in staff:
        owner.do("PUT", f"/staff/{person}/skills", {"skills": [{"service_id": service}]})
    owner.do("PUT", f"/locations/{place}/services", {"ids": [service]})
    prices = {
        "name": "Дубай",
        "location_id": place,
        "valid_from": day(0),
        "items": [{"service_id": service, "price": {"minor": 300_000, "currency": "AED"}}],
        "option_items": [{"option_id": option, "price": {"minor": 50_000, "currency": "AED"}}],
    }
    owner.do("POST", "/price-lists", prices, status=201)
    hours = {"location_id": place, "kind": "weekly", "days_of_week": [1, 2, 3, 4, 5, 6, 7]}
    owner.do("POST", "/availabilities", {**hours, "start_time": "10:00", "end_time": "14:00"}, status=201)
    client = owner.do("POST", "/clients", {"display_name": "Проба"}, status=201)["id"]

    found = owner.do("GET", f"/slots?service_id={service}&from_at={at(2)}&to_at={at(3)}")["items"]
    assert {slot["staff_id"] for slot in found} == set(staff)
    assert found[0]["starts_at"].startswith(f"{day(2)}T06:00")  # ten in Dubai
    held = {"slot_id": found[0]["id"], "client_id": client, "option_ids": [option]}
    made = owner.do("POST", "/bookings", held, status=201)

    assert (made["status"], made["price"]) == ("confirmed", {"minor": 350_000, "currency": "AED"})
    assert made["ends_at"].startswith(f"{day(2)}T07:30")
    left = owner.do("GET", f"/slots?service_id={service}&from_at={at(2)}&to_at={at(3)}")["items"]
    assert min(slot["starts_at"] for slot in left) >= made["ends_at"]  # one chair for the two of them


def test_a_booking_lives_its_whole_life(owner, client, free):
    first, second = free()[0], free()[8]
    made = owner.do("POST", "/bookings", {"slot_id": first["id"], "client_id": client["id"]}, status=201)
    one = f"/bookings/{made['id']}"

    moved = owner.do("PATCH", one, {"slot_id": second["id"]})
    assert (moved["starts_at"], moved["version"]) == (second["starts_at"], made["version"] + 1)
    assert owner.do("PATCH", one, {"status": "cancelled"})["cancel_reason"] == "salon"
    assert owner.refused("PATCH", one, {"status": "cancelled"}) == (409, "BOOKING_ALREADY_CANCELLED")
    assert owner.do("PATCH", one, {"status": "confirmed"})["status"] == "confirmed"
    assert owner.refused("PATCH", one, {"status": "completed"}) == (409, "VISIT_NOT_BEGUN")
    assert owner.refused("PATCH", one, {})[0] == 422
    assert owner.do("PUT", f"{one}/note", {"note": "Любит чай"}) == owner.do("GET", f"{one}/note")
    history = [change["change"] for change in owner.do("GET", f"{one}/history")["items"]]
    assert history == [
        "booking.created",
        "booking.confirmed",
        "booking.rescheduled",
        "booking.cancelled",
        "booking.restored",
    ]
    on_slot = owner.do("GET", f"/slots/{second['id']}/history")["items"]
    assert on_slot[0]["change"] == "booking.rescheduled"
    assert owner.refused("POST", "/bookings", {"slot_id": second["id"], "client_id": client["id"]}) == (
        409,
        "ALREADY_BOOKED",
    )
    other = owner.do("POST", "/clients", {"display_name": "Другая"}, status=201)["id"]
    assert owner.refused("POST", "/bookings", {"slot_id": second["id"], "client_id": other}) == (409, "SLOT_FULL")


def test_lists_go_on_where_the_page_ended(owner, client, free):
    made = [
        owner.do("POST", "/bookings", {"slot_id": free(ahead=ahead)[0]["id"], "client_id": client["id"]}, status=201)
        for ahead in (1, 2, 3)
    ]

    first = owner.do("GET", f"/bookings?client_id={client['id']}&limit=2")
    rest = owner.do("GET", f"/bookings?client_id={client['id']}&limit=2&cursor={first['next_cursor']}")

    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in made]
    assert rest["next_cursor"] is None
    assert owner.refused("GET", "/bookings?cursor=nonsense") == (400, "CURSOR_INVALID")
    assert owner.do("GET", f"/bookings?from_at={day(2)}T00:00:00")["items"] == made_after(made, f"{day(1)}T21")
    assert owner.do("GET", f"/bookings?from_at={day(2)}T00:00:00&timezone=Asia/Kamchatka")["items"] == made_after(
        made, f"{day(1)}T12"
    )
    assert owner.refused("GET", "/bookings?from_at=yesterday")[0] == 422
    cancelled = owner.do("GET", "/bookings?status=cancelled&status=expired")
    assert cancelled["items"] == []


def made_after(made, instant):
    """Of bookings, those that begin at this instant (UTC) or later."""
    return [one for one in made if one["starts_at"] >= instant]


def test_the_diary_is_read_by_day_and_week_and_a_stylist_sees_the_own_one(staff_of, owner, client, free, world):
    mine, theirs = free(staff="Анна")[0], free(staff="Мария")[8]
    for slot in (mine, theirs):
        owner.do("POST", "/bookings", {"slot_id": slot["id"], "client_id": client["id"]}, status=201)
    anna = staff_of(Role.STYLIST, "Анна")

    query = f"/schedule?location_id={world.location_id}&on={day(1)}"
    whole, week = owner.do("GET", query), owner.do("GET", query.replace(day(1), day(0)) + "&view=week")
    own = anna.do("GET", f"{query}&staff_id={world.staff['Мария']}")

    assert len(whole["entries"]) == 2 <= len(week["entries"])
    assert [entry["staff_name"] for entry in own["entries"]] == ["Анна"]
    assert own["entries"][0]["client_name"] == "Лукерья Пробная"
    booked = {entry["staff_name"]: entry["booking"]["id"] for entry in whole["entries"]}
    for not_hers in (booked["Мария"], NOBODY):  # who is told 403 for one of them knows which bookings there are
        for body in ({"status": "no_show"}, {"status": "cancelled"}):
            assert anna.refused("PATCH", f"/bookings/{not_hers}", body) == (404, "BOOKING_NOT_FOUND")
    assert anna.refused("PATCH", f"/bookings/{booked['Анна']}", {"status": "cancelled"}) == (403, "PERMISSION_DENIED")
    assert anna.refused("PATCH", f"/bookings/{booked['Анна']}", {"status": "completed"}) == (409, "VISIT_NOT_BEGUN")


def test_rules_move_slots_at_once(owner, free, world):
    shift = {"location_id": str(world.location_id), "staff_id": str(world.staff["Анна"]), "on": day(3)}
    before = free(ahead=3, staff="Анна")
    owner.do("PUT", "/shifts", {**shift, "hours": ["12:00", "14:00"]})
    assert 0 < len(free(ahead=3, staff="Анна")) < len(before)
    query = "&".join(f"{name}={value}" for name, value in shift.items())
    assert owner.do("DELETE", f"/shifts?{query}")["count"] >= 1
    assert len(free(ahead=3, staff="Анна")) == len(before)

    off = owner.do("POST", "/time-off", {"staff_id": shift["staff_id"], "from_on": day(3), "to_on": day(3)}, status=201)
    assert free(ahead=3, staff="Анна") == []
    assert [one["id"] for one in owner.do("GET", "/time-off")["items"]] == [off["id"]]
    owner.do("DELETE", f"/time-off/{off['id']}")
    assert len(free(ahead=3, staff="Анна")) == len(before)

    pattern = {
        "name": "2/2",
        "cycle_days": 4,
        "entries": [{"day": n, "start": "10:00", "end": "22:00"} for n in (1, 2)],
    }
    template = owner.do("POST", "/rule-templates", pattern, status=201)["id"]
    given = {**{name: shift[name] for name in ("location_id", "staff_id")}, "from_on": day(1), "to_on": day(8)}
    owner.do("POST", f"/rule-templates/{template}/apply", {**given, "anchor_on": day(1)})
    assert [bool(free(ahead=ahead, staff="Анна")) for ahead in (1, 2, 3, 4, 5)] == [True, True, False, False, True]
    owner.do("POST", f"/rule-templates/{template}/unapply", given)
    assert free(ahead=3, staff="Анна")

    slot = free(ahead=3, staff="Анна")[0]
    owner.do("POST", f"/slots/{slot['id']}/block")
    generate = {"location_id": shift["location_id"], "from_on": day(3), "to_on": day(3)}
    owner.do("POST", "/slots/generate", generate)
    assert slot["id"] not in {one["id"] for one in free(ahead=3, staff="Анна")}
    owner.do("POST", f"/slots/{slot['id']}/unblock")
    assert slot["id"] in {one["id"] for one in free(ahead=3, staff="Анна")}


def test_overlapping_rules_are_refused_by_name(owner, world):
    rule = owner.do("GET", f"/availabilities?location_id={world.location_id}")["items"][0]
    again = {name: rule[name] for name in ("location_id", "kind", "days_of_week", "start_time", "end_time")}

    answer = owner.ask("POST", "/availabilities", again)

    assert (answer.status, answer.json()["code"]) == (409, "RULES_OVERLAP")
    assert rule["id"] in answer.json()["detail"]
    assert owner.refused("POST", "/availabilities", {**again, "end_time": None}) == (400, "RULE_SENSELESS")


def test_someone_is_ill_and_their_clients_are_asked(owner, client, free, world):
    slot = free(staff="Анна")[4]
    made = owner.do("POST", "/bookings", {"slot_id": slot["id"], "client_id": client["id"]}, status=201)
    away = {"staff_id": str(world.staff["Анна"]), "from_at": at(1), "to_at": at(2)}

    [affected] = owner.do("POST", "/absences/plan", away)["items"]
    report = owner.do("POST", "/absences", {**away, "mode": "move"})

    assert affected["outcome"] == "same_time"
    assert affected["booking"]["id"] == made["id"]
    assert report["moved"] == 1
    assert owner.do("GET", f"/bookings/{made['id']}")["staff_id"] == str(world.staff["Мария"])


def test_the_waiting_list_offers_what_gets_free(owner, client, free, world):
    slots = free("Маникюр", ahead=2)
    body = {"client_id": client["id"], "service_id": str(world.services["Маникюр"]), "from_at": at(2), "to_at": at(3)}
    entry = owner.do("POST", "/waitlist", body, status=201)
    assert entry["status"] == "waiting"
    assert owner.do("POST", "/waitlist", body, status=201)["id"] == entry["id"]
    assert owner.refused("POST", f"/waitlist/{entry['id']}/accept") == (409, "NOTHING_OFFERED")
    assert [one["id"] for one in owner.do("GET", "/waitlist?status=waiting")["items"]] == [entry["id"]]
    assert owner.do("DELETE", f"/waitlist/{entry['id']}")["status"] == "withdrawn"
    assert slots


def test_visits_in_a_row_and_series(owner, client, free, world):
    wishes = [{"service_id": str(world.services[name])} for name in ("Стрижка", "Маникюр")]
    found = owner.do("POST", "/visits/find", {"wishes": wishes, "from_at": at(4), "to_at": at(5)})["items"]
    visit = owner.do("POST", "/visits", {"slot_ids": found[0]["slot_ids"], "client_id": client["id"]}, status=201)
    assert [one["status"] for one in visit["bookings"]] == ["confirmed", "confirmed"]
    cancelled = owner.do("POST", f"/visits/{visit['id']}/cancel", {})
    assert {one["status"] for one in cancelled["bookings"]} == {"cancelled"}

    wish = {
        "client_id": client["id"],
        "location_id": str(world.location_id),
        "service_id": str(world.services["Стрижка"]),
        "first_on": day(2),
        "local_time": "12:00",
        "every_days": 1,
        "occurrences": 2,
    }
    made = owner.do("POST", "/series", wish, status=201)
    assert (len(made["bookings"]), made["misses"]) == (2, [])
    gone = owner.do("POST", f"/series/{made['series']['id']}/cancel", {})["items"]
    assert len(gone) == len(made["bookings"])


def test_clients_are_searched_by_post_and_erased(owner, client):
    assert owner.do("POST", "/clients/search", {"text": "лукеря пробнай"})["items"][0]["id"] == client["id"]
    assert owner.do("POST", "/clients/search", {"text": "8 900 000 01 01"})["items"][0]["id"] == client["id"]
    one = owner.do("GET", f"/clients/{client['id']}")
    assert (one["phone"], one["is_erased"]) == ("+79000000101", False)
    changed = {"display_name": "Лукерья Иная", "email": "proba@example.test"}
    owner.do("PUT", f"/clients/{client['id']}", changed)
    assert owner.do("GET", f"/clients/{client['id']}")["email"] == "proba@example.test"
    owner.do("DELETE", f"/clients/{client['id']}")
    assert owner.do("GET", f"/clients/{client['id']}")["phone"] is None
    assert owner.do("POST", "/clients/search", {"text": "Лукерья"})["items"] == []
    assert owner.refused("PUT", f"/clients/{client['id']}", changed) == (409, "CLIENT_ERASED")


def test_prices_are_versions(owner, world):
    item = {"service_id": str(world.services["Стрижка"]), "price": {"minor": 999_00}}
    later = {"name": "Весна", "valid_from": day(30), "items": [item]}
    made = owner.do("POST", "/price-lists", later, status=201)
    assert owner.refused("POST", "/price-lists", later) == (409, "PRICE_LISTS_OVERLAP")
    owner.do("PUT", f"/price-lists/{made['id']}", {**later, "name": "Весна, исправлено"})
    [valid] = owner.do("GET", f"/price-lists?on={day(31)}")["items"]
    assert valid["name"] == "Весна, исправлено"
    [now_valid] = owner.do("GET", f"/price-lists?on={day(0)}")["items"]
    assert now_valid["valid_to"] == day(29)
    assert owner.refused("DELETE", f"/price-lists/{now_valid['id']}") == (409, "PRICE_LIST_IN_USE")
    owner.do("DELETE", f"/price-lists/{made['id']}")
    norm = {"service_id": item["service_id"], "item": "Шампунь", "quantity": "15.5", "unit": "ml"}
    made = owner.do("POST", "/norms", norm, status=201)
    assert owner.refused("POST", "/norms", norm) == (409, "NORM_TWICE")
    owner.do("DELETE", f"/norms/{made['id']}")


def test_the_business_its_settings_and_its_people(owner, staff_of):
    business = owner.do("GET", "/tenant")
    assert owner.do("PUT", "/tenant", {**business, "name": "Иначе"})["name"] == "Иначе"
    assert owner.refused("PUT", "/tenant", {**business, "locale": "xx"}) == (400, "INVALID")
    written = owner.do("PUT", "/settings/booking", {"content": {"hold_minutes": 5}, "version": 0})
    assert owner.do("GET", "/settings/booking") == written
    assert owner.refused("PUT", "/settings/booking", {"content": {}, "version": 0}) == (409, "SETTINGS_OUTDATED")
    assert owner.refused("PUT", "/settings/nonsense", {"content": {}}) == (404, "SECTION_NOT_FOUND")
    assert owner.refused("PUT", "/settings/booking", {"content": {"hold_minuets": 5}})[0] == 400

    user = owner.do("POST", "/users", {"name": "Админ", "role": "admin"}, status=201)
    assert owner.refused("POST", "/users", {"name": "Мастер", "role": "stylist"}) == (400, "ROLE_UNSUITABLE")
    assert owner.refused("DELETE", f"/users/{owner.user_id}") == (409, "LAST_OWNER")
    admin = staff_of(Role.ADMIN)
    assert admin.refused("PUT", f"/users/{user['id']}", {"name": "Админ", "role": "owner"}) == (403, "ROLE_NOT_YOURS")
    owner.do("DELETE", f"/users/{admin.user_id}")
    assert admin.refused("GET", "/me") == (401, "SESSION_REVOKED")
    owner.do("POST", f"/users/{admin.user_id}/activate")
    audit = owner.do("GET", "/audit?subject=user&limit=2")
    assert audit["items"][0]["action"] == "user.activated"
    assert owner.do("GET", f"/audit?subject=user&cursor={audit['next_cursor']}")["items"]
    owner.do("DELETE", "/sessions/current")
    assert owner.refused("GET", "/me") == (401, "SESSION_REVOKED")


def test_another_salons_things_are_not_there(stranger, owner, client, free):
    made = owner.do("POST", "/bookings", {"slot_id": free()[0]["id"], "client_id": client["id"]}, status=201)

    assert stranger.refused("GET", f"/clients/{client['id']}") == (404, "CLIENT_NOT_FOUND")
    assert stranger.refused("GET", f"/bookings/{made['id']}") == (404, "BOOKING_NOT_FOUND")
    assert stranger.refused("PATCH", f"/bookings/{made['id']}", {"status": "cancelled"}) == (404, "BOOKING_NOT_FOUND")
    assert stranger.refused("GET", f"/slots/{made['slot_id']}") == (404, "SLOT_NOT_FOUND")
    assert stranger.do("POST", "/clients/search", {"text": "Лукерья"})["items"] == []
    assert stranger.do("GET", "/bookings")["items"] == []


def test_what_is_not_there_is_404_and_a_misspelt_field_is_not_ignored(owner):
    for path in ("locations", "services", "staff", "bookings", "clients", "slots", "series", "visits", "waitlist"):
        status, code = owner.refused("GET", f"/{path}/{NOBODY}")
        assert (status, code.endswith("_NOT_FOUND")) == (404, True)
    assert owner.refused("POST", "/locations", {"name": "А", "timezone": "Europe/Moscow", "adress": "?"})[0] == 422
    assert owner.refused("POST", "/locations", {"name": " ", "timezone": "Europe/Moscow"}) == (400, "INVALID")
    assert owner.refused("GET", "/nowhere") == (404, "NOT_FOUND")


def test_a_repeated_request_is_carried_out_once(owner):
    body = {"display_name": "Однажды"}
    first = owner.ask("POST", "/clients", body, **{"Idempotency-Key": "k-1"})
    again = owner.ask("POST", "/clients", body, **{"Idempotency-Key": "k-1"})
    other = owner.ask("POST", "/clients", {"display_name": "Иначе"}, **{"Idempotency-Key": "k-1"})

    assert (first.status, again.status, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_salon_goes_out_as_a_file_and_comes_in_elsewhere(owner, stranger):
    file = owner.do("GET", "/salon-file")
    again = owner.do("POST", "/salon-file?dry_run=true", file)
    assert {thing["outcome"] for thing in again["things"]["items"]} == {"unchanged"}

    bad = {**file, "staff": [{**file["staff"][0], "location": "нигде"}]}
    assert owner.refused("POST", "/salon-file", bad) == (409, "SALON_FILE_REFUSED")
    came = stranger.do("POST", "/salon-file", {**file, "tenant": None})
    assert not came["is_dry_run"]
    names = {one["name"] for one in stranger.do("GET", "/services")["items"]}
    assert {service["name"] for service in file["services"]} <= names


def test_the_front_desk_gives_away_no_more_than_the_salon_s_own_figure(owner, staff_of, client, free):
    cut = free(staff="Анна")
    made = owner.do("POST", "/bookings", {"slot_id": cut[4]["id"], "client_id": client["id"]}, status=201)
    owner.do("PUT", "/settings/shifts", {"content": {"incentive_minor": 20_000, "notice_min": 0}, "version": 0})
    question = {"booking_id": made["id"], "new_slot_id": cut[5]["id"]}
    desk = staff_of(Role.FRONTDESK)

    too_much = desk.refused("POST", "/shift-proposals", {**question, "incentive_minor": 20_001})
    assert too_much == (403, "PERMISSION_DENIED")
    asked = desk.do("POST", "/shift-proposals", {**question, "incentive_minor": 20_000}, status=201)
    assert asked["incentive_minor"] == 20_000
    owner.do("DELETE", f"/shift-proposals/{asked['id']}")
    other = owner.do("POST", "/clients", {"display_name": "Другая"}, status=201)["id"]
    made = owner.do("POST", "/bookings", {"slot_id": cut[0]["id"], "client_id": other}, status=201)
    question = {"booking_id": made["id"], "new_slot_id": cut[1]["id"], "incentive_minor": 20_001}
    assert owner.do("POST", "/shift-proposals", question, status=201)["incentive_minor"] == 20_001


EDGES = ("0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31")


@pytest.mark.parametrize("edge", EDGES)
def test_days_beyond_the_calendar_are_told_so(owner, world, edge):
    place, service, anna = str(world.location_id), str(world.services["Стрижка"]), str(world.staff["Анна"])
    window = {"from_at": f"{edge}T00:00:00+14:00", "to_at": f"{edge}T23:00:00-12:00"}
    rule = {"location_id": place, "kind": "exception", "is_closed": True, "valid_from": edge, "valid_to": edge}
    asked = [
        ("GET", f"/schedule?location_id={place}&on={edge}&view=week", None),
        ("GET", f"/reports/offers?from_at={edge}T00:00:00Z&to_at={edge}T23:00:00Z", None),
        ("GET", f"/slots?service_id={service}&from_at={edge}T00:00:00&to_at={day(1)}T00:00:00Z", None),
        ("GET", f"/bookings?from_at={edge}T00:00:00&location_id={place}", None),
        ("POST", "/slots/generate", {"location_id": place, "from_on": edge, "to_on": edge}),
        ("POST", "/shift-proposals/find", {"service_id": service, **window}),
        ("POST", "/absences/plan", {"staff_id": anna, **window}),
        ("POST", "/time-off", {"staff_id": anna, "from_on": edge, "to_on": edge}),
        ("POST", "/availabilities", rule),
        ("POST", "/price-lists", {"name": "Прайс", "valid_from": edge}),
    ]

    refused = {path.partition("?")[0]: owner.refused(method, path, body) for method, path, body in asked}

    assert refused == dict.fromkeys(refused, (422, "VALIDATION_FAILED"))
    assert len(refused) == len(asked)


def test_the_last_days_of_the_calendar_are_answered(owner, world):
    place = str(world.location_id)
    for edge in ("1970-01-01", "2200-12-31"):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            week = f"/schedule?location_id={place}&on={edge}&view=week&timezone={zone}"
            assert owner.do("GET", week)["entries"] == []
        owner.do("POST", "/slots/generate", {"location_id": place, "from_on": edge, "to_on": edge})


def test_what_is_stored_goes_out_as_a_file_and_what_would_not_is_refused(owner, world):
    place, service = str(world.location_id), str(world.services["Стрижка"])
    longest = "Я" * 200
    owner.do(
        "POST",
        "/services",
        {
            "name": longest, "category": longest, "synonyms": [f"{number:03}{longest[3:]}" for number in range(50)],
            "duration_min": 1440, "buffer_before_min": 1440, "buffer_after_min": 1440, "min_notice_min": 43_200,
        },
        status=201,
    )  # fmt: skip
    details = {"name": longest, "location_id": place, "title": longest, "speciality": longest, "grade": "Я" * 100}
    owner.do("POST", "/staff", details, status=201)
    new_place = {"name": longest, "timezone": "Europe/Moscow", "address": "Я" * 1000, "phone": "8" * 50}
    owner.do("POST", "/locations", new_place, status=201)
    owner.do("POST", f"/services/{service}/options", {"name": "Я" * 109, "choice": "Я" * 109}, status=201)
    owner.do("PUT", "/tenant", {"name": longest})
    short = {"name": "Новая", "duration_min": 30}
    senseless = [
        *({**short, name: wrong} for name in ("name", "category") for wrong in ("Я" * 201,)),
        *({**short, "synonyms": wrong} for wrong in (["Я" * 201], [""], ["Я"] * 51)),
        *(
            {**short, name: wrong}
            for name in ("duration_min", "buffer_before_min", "buffer_after_min", "processing_min")
            for wrong in (1441, 2**31, 2**63, 10**400)
        ),
        *({**short, "min_notice_min": wrong} for wrong in (43_201, 2**63)),
    ]

    for body in senseless:
        assert owner.refused("POST", "/services", body)[0] in {400, 422}, body
    for more in ({"title": "Я" * 201}, {"speciality": "Я" * 201}, {"grade": "Я" * 101}, {"grade": ""}):
        assert owner.refused("POST", "/staff", {**details, **more})[0] == 400, more
    for more in ({"address": "Я" * 1001}, {"phone": "8" * 51}):
        assert owner.refused("POST", "/locations", {**new_place, **more})[0] == 400, more
    assert owner.refused("POST", f"/services/{service}/options", {"name": "Я" * 110, "choice": "Я" * 109})[0] == 400
    for path, body in (
        ("/pools", {"name": "Я" * 201, "kind": "chair"}),
        ("/users", {"name": "Я" * 201, "role": "admin"}),
    ):
        assert owner.refused("POST", path, body)[0] in {400, 422}, path
    assert owner.refused("PUT", "/tenant", {"name": "Я" * 201})[0] == 422
    file = owner.do("GET", "/salon-file")
    checked = owner.do("POST", "/salon-file?dry_run=true", file)
    assert {thing["outcome"] for thing in checked["things"]["items"]} == {"unchanged"}


@pytest.mark.parametrize("zone", ["posix/Europe/Moscow", "right/Europe/Moscow", "localtime", "posixrules", "Factory"])
def test_a_zone_that_only_some_clocks_know_is_refused(owner, zone):
    assert owner.refused("POST", "/locations", {"name": "Центр", "timezone": zone}) == (400, "UNKNOWN_TIMEZONE")


def test_an_owner_is_signed_out_by_an_owner_only(owner, staff_of):
    admin, other = staff_of(Role.ADMIN), staff_of(Role.OWNER)

    assert admin.refused("DELETE", f"/users/{owner.user_id}/sessions") == (403, "ROLE_NOT_YOURS")
    assert owner.do("GET", "/me")["role"] == "owner"
    admin.do("DELETE", f"/users/{staff_of(Role.MANAGER).user_id}/sessions")
    other.do("DELETE", f"/users/{owner.user_id}/sessions")
    assert owner.refused("GET", "/me") == (401, "SESSION_REVOKED")


def test_somebody_of_a_closed_branch_is_not_away(owner):
    place = owner.do("POST", "/locations", {"name": "Пустая", "timezone": "Europe/Moscow"}, status=201)["id"]
    alone = owner.do("POST", "/staff", {"name": "Одна", "location_id": place}, status=201)["id"]
    owner.do("DELETE", f"/locations/{place}")

    for days in ({"from_on": day(1), "to_on": day(2)}, {"from_on": day(1)}):
        assert owner.refused("POST", "/time-off", {"staff_id": alone, **days}) == (400, "RULE_SENSELESS")


def test_an_address_that_is_no_text_is_refused(owner):
    for path in ("/audit?subject=%00", "/settings/a%00b", "/audit?%00=x"):
        assert owner.refused("GET", path) == (422, "VALIDATION_FAILED")
