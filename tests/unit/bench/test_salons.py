"""The busy salon and the requests to it: what is measured is what the figures say."""

import random
from collections import defaultdict
from itertools import pairwise

import pytest

from infra.bench.busy import SERVICES, fill_diaries, fullness
from infra.bench.desk import misspelt
from infra.bench.edge import mix
from infra.bench.salon import DAYS
from infra.bench.visitor import Caller, RequestFailed, Visited, memory_mb, request_event


@pytest.mark.parametrize("step_min", [15, 30])
def test_the_diaries_are_about_sixty_percent_full_and_nobody_is_in_two_places(step_min):
    visits = fill_diaries(step_min)
    assert 0.55 < fullness(visits) < 0.66
    assert visits == fill_diaries(step_min)
    assert {visit.day for visit in visits} == set(range(DAYS))
    taken = defaultdict(list)
    for visit in visits:
        _, minutes, after, needs_chair, _ = SERVICES[visit.service]
        assert (visit.chair is not None) == needs_chair
        assert visit.start % step_min == 0
        assert 600 <= visit.start <= 1320 - minutes
        for whose in (("person", visit.person), ("chair", visit.chair)):
            if whose[1] is not None:
                taken[visit.day, *whose].append((visit.start, visit.start + minutes + after))
    for times in taken.values():
        times.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(times))


def test_a_misspelt_name_is_a_name_with_one_word_spelt_wrong():
    chance = random.Random(1)
    seen = {misspelt("Анна Кузнецов", chance) for _ in range(200)}
    assert len(seen) > 10
    assert "Ана Кузнецов" in seen
    for name in seen - {"Анна Кузнецов"}:  # two equal letters swapped are the same word
        words = name.split()
        assert (words[0] == "Анна") != (words[1] == "Кузнецов")
    assert misspelt("а до", chance) == "а до"


def test_a_request_has_what_a_gateway_sends():
    event = request_event("GET", "/v1/slots?on=2026-03-12&id=1&id=2", "token", None, key="k")
    assert event["path"] == "/v1/slots"
    assert event["multiValueQueryStringParameters"] == {"on": ["2026-03-12"], "id": ["1", "2"]}
    assert event["headers"]["Authorization"] == "Bearer token"
    assert event["multiValueHeaders"]["Idempotency-Key"] == ["k"]
    assert event["body"] is None


def test_each_request_is_timed_under_its_name_and_a_refusal_stops_the_measurement():
    answers = iter([{"statusCode": 201, "body": '{"id": "7"}'}, {"statusCode": 409, "body": '{"code": "SLOT_FULL"}'}])
    keys = []

    def handler(event, _context):
        keys.append(event["headers"]["Idempotency-Key"])
        return next(answers)

    caller = Caller(handler)
    assert caller.send("hold", "POST", "/v1/bookings", body={}) == {"id": "7"}
    with pytest.raises(RequestFailed, match="SLOT_FULL"):
        caller.send("hold", "POST", "/v1/bookings", body={})
    answers = iter([{"statusCode": 409, "body": "{}"}])
    assert caller.send("hold", "POST", "/v1/bookings", body={}, may_be_taken=True) is None
    assert len(set(keys)) == 3
    assert {name: len(times) for name, times in caller.found.times.items()} == {"hold": 1, "taken": 1}


def test_the_extrapolation_is_requests_times_the_mean_time():
    alone = Visited({"slots": [10.0, 30.0], "hold": [20.0, 20.0]}, seconds=0.1, cpu_seconds=0.04)
    together = [Visited({"slots": [20.0] * 10}, seconds=0.5), Visited({"slots": [20.0] * 10}, seconds=0.25)]
    found = {figure.name: figure.measured for figure in mix(alone, together, 0.02)}
    assert found == {
        "http.mix.mean": pytest.approx(20),
        "http.mix.rate": pytest.approx(50),
        "http.mix.rate_of_2": pytest.approx(60),
        "http.mix.cpu": pytest.approx(10),
        "http.instances": pytest.approx(100),
        "http.mix.postgres_cpu": pytest.approx(5),
        "http.postgres_cores": pytest.approx(25),
    }
    assert not [figure for figure in mix(alone, together, None) if "postgres" in figure.name]


def test_memory_is_told_in_megabytes():
    assert 5 < memory_mb() < 20_000 or memory_mb() == 0
