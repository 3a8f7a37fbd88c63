from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from salon.availability.packing import DEFAULT_WEIGHTS
from salon.availability.simulate.demand import OPENS, RICH, STANDARD, Request, draw_day
from salon.availability.simulate.diary import Diary
from salon.availability.simulate.optimum import Optimum, find_optimum
from salon.availability.simulate.play import Game, Outcome
from salon.availability.simulate.policies import Packed, adjacent, earliest, every, nearest
from salon.availability.simulate.report import as_json, as_table, ratio, shares_of
from salon.availability.simulate.shifting import find_plans
from salon.availability.simulate.tune import neighbour, seed_of_day, seed_of_tuning_day, tune
from salon.availability.simulate.ways import EVERYTHING, OURS, WAYS, DayResult, Job, game_of, play_day

ONE = replace(STANDARD, shifts=((OPENS, OPENS + 240),))
YES = (True, True, True)


def ask(number, minutes, wish, tolerance=0, staff=(0,), **more):
    values = {"at": number / 100, "named": len(staff) == 1, "early": tolerance, "late": tolerance, **more}
    return Request(number=number, minutes=minutes, wish=OPENS + wish, staff=staff, **values)


def booked(game):
    return {number: start - OPENS for number, (_, start, _) in game.diary.booked.items()}


class TestDemand:
    days = tuple(draw_day(STANDARD, 1.0, f"seen/{day}") for day in range(300))
    requests = tuple(request for day in days for request in day)

    def test_is_that_of_the_fact_sheet(self):
        minutes = [request.minutes for request in self.requests]
        assert sum(minutes) / len(minutes) == pytest.approx(79, abs=1.5)
        assert (min(minutes), max(minutes)) == (30, 180)
        assert sum(minutes) / (300 * STANDARD.capacity) == pytest.approx(1.0, abs=0.04)

        def share(has):
            return sum(map(has, self.requests)) / len(self.requests)

        assert [share(lambda r, t=t: r.late == t) for t in (30, 90, 240)] == pytest.approx([0.2, 0.5, 0.3], abs=0.02)
        assert share(lambda r: r.named) == pytest.approx(0.5, abs=0.02)
        assert share(lambda r: r.cancels_at is not None) == pytest.approx(0.1, abs=0.02)
        assert share(lambda r: r.joins) == pytest.approx(0.6, abs=0.02)
        evening, morning = share(lambda r: r.wish >= OPENS + 420), share(lambda r: r.wish < OPENS + 180)
        assert evening > 1.2 * morning

    def test_the_same_seed_is_the_same_day_and_another_another(self):
        assert draw_day(STANDARD, 1.0, "seen/0") == self.days[0] != self.days[1]

    def test_tuning_days_are_no_test_days(self):
        seeds = {seed_of_day(1, "standard", 1.0, day) for day in range(400)}
        assert not seeds & {seed_of_tuning_day(1, day) for day in range(400)}

    def test_the_rich_one_has_walk_ins_at_the_end_and_respects_skills(self):
        requests = [request for day in range(40) for request in draw_day(RICH, 1.0, str(day))]
        walk_ins = [request for request in requests if request.early == 0]
        assert 0.05 < len(walk_ins) / len(requests) < 0.15
        assert min(request.at for request in walk_ins) > 1.4
        for request in requests:
            known = [RICH.skills[staff] for staff in request.staff]
            assert all(skills is None or request.minutes in skills for skills in known)


class TestPolicies:
    day = (ask(1, 60, 60, 0), ask(2, 60, 180, 240))

    def messages(self, policy, request=ask(9, 60, 165)):  # noqa: B008 - a constant
        diary = Diary(ONE)
        diary.put(ask(1, 60, 45), 0, OPENS + 45)
        return [[place.start - OPENS for place in message] for message in policy(diary, request)]

    def test_earliest_first(self):
        assert self.messages(earliest)[0] == [105, 135, 165]

    def test_nearest_to_the_wish(self):
        assert self.messages(nearest)[0] == [165, 135, 105]

    def test_all_times_of_a_grid(self):
        assert self.messages(every(30)) == [[120, 150, 180]]

    def test_only_what_touches_something(self):
        assert self.messages(adjacent) == [[105, 180]]

    def test_ours_leads_with_what_packs_and_never_shows_a_start_twice(self):
        messages = self.messages(Packed(ONE))
        assert messages[0][0] in {105, 180}
        shown = [start for message in messages for start in message]
        assert len(shown) == len(set(shown))
        assert 1 <= max(map(len, messages)) <= 3

    def test_ours_with_the_nearest_shows_it_first(self):
        assert self.messages(Packed(ONE, with_nearest=True))[0][0] == 165


class TestGame:
    def test_a_client_takes_the_nearest_acceptable_start(self):
        game = Game(ONE, every(15))
        game.play([ask(1, 60, 75, 30)])
        assert booked(game) == {1: 75}

    def test_a_visit_where_it_is_not_free_is_refused_loudly(self):
        diary = Diary(ONE)
        diary.put(ask(1, 60, 0), 0, OPENS)
        with pytest.raises(ValueError, match="not free"):
            diary.put(ask(2, 60, 30), 0, OPENS + 30)

    def test_a_cancelled_place_goes_to_the_waiting_list(self):
        day = [ask(1, 240, 0, cancels_at=1.1), ask(2, 60, 30, joins=True), ask(3, 60, 120), ask(4, 120, 60, joins=True)]
        without, with_list = Game(ONE, every(15)), Game(ONE, every(15), Packed(ONE))
        assert (without.play(day).sold, without.refused) == (0, {2, 3, 4})
        assert (with_list.play(day).sold, with_list.refused) == (120, {2, 3})  # the longest first; 3 did not join
        assert booked(with_list) == {4: 60}

    def test_who_cancels_a_place_on_the_list_is_not_given_one(self):
        day = [ask(1, 240, 0, cancels_at=1.2), ask(2, 60, 30, joins=True, cancels_at=1.1)]
        assert Game(ONE, every(15), Packed(ONE)).play(day) == Outcome(0, 0, 0, 0, 0)

    def test_a_no_show_is_not_sold(self):
        assert Game(ONE, every(15)).play([ask(1, 60, 0, no_show=True)]).sold == 0

    @pytest.mark.parametrize(
        ("answers", "tolerance", "moved"), [(YES, 60, 1), ((False,), 60, 0), (YES, 30, 0), ((False, True), 60, 0)]
    )
    def test_a_flexible_client_moves_for_a_long_service_only_by_consent_and_within_the_tolerance(
        self, answers, tolerance, moved
    ):
        game = Game(ONE, every(15), Packed(ONE), shifts=True)
        # 1 stands at 60; a visit of 180 minutes fits only when it moves to the very beginning.
        outcome = game.play([ask(1, 60, 60, tolerance, answers=answers), ask(2, 180, 60, joins=True)])
        assert outcome.moved == moved
        assert booked(game) == ({1: 0, 2: 60} if moved else {1: 60})

    def test_a_shift_goes_no_further_than_an_hour(self):
        wide = replace(ONE, shifts=((OPENS, OPENS + 300),))
        game = Game(wide, every(15), Packed(wide), shifts=True)
        game.play([ask(1, 60, 90, 240, answers=YES), ask(2, 225, 75, joins=True)])
        assert booked(game) == {1: 90}

    def test_a_displaced_visit_may_push_out_another(self):
        two = replace(STANDARD, shifts=((OPENS, OPENS + 120), (OPENS, OPENS + 120)))
        diary = Diary(two)
        diary.put(ask(1, 60, 0, 60, staff=(0, 1)), 0, OPENS)
        diary.put(ask(2, 60, 0, 60, staff=(1,)), 1, OPENS)
        before = dict(diary.booked)

        class AnyTime:
            def suits(self, *_):
                return True

        plans = list(find_plans(diary, ask(3, 120, 0, staff=(0,)), (OPENS, OPENS), (), AnyTime()))
        assert [move.number for move in plans[0].moves] == [1]
        assert (plans[0].staff, plans[0].moves[0].staff, plans[0].moves[0].start) == (0, 1, OPENS + 60)
        assert diary.booked == before

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("scenario", [STANDARD, RICH])
    def test_every_visit_suits_its_client_and_none_overlap(self, way, scenario):
        for day in range(3):
            requests = draw_day(scenario, 1.2, f"sound/{day}")
            game = game_of(way, scenario)
            outcome = game.play(requests)
            for staff in range(len(scenario.shifts)):
                visits = sorted(
                    (start, start + r.minutes) for who, start, r in game.diary.booked.values() if who == staff
                )
                assert all(end <= start for (_, end), (start, _) in pairwise(visits))
            for who, start, request in game.diary.booked.values():
                assert request.accepts(start)
                assert abs(start - game.promised[request.number]) <= 60  # however often it was moved
                assert who in request.staff
                assert request.cancels_at is None
            left = {r.number for r in requests if r.cancels_at is None} - game.diary.booked.keys()
            assert left == game.refused
            assert 0 <= outcome.sold <= scenario.capacity


class TestOptimum:
    def test_knows_what_comes(self):
        # Whoever takes the first at its wish loses the two that follow: only one who knows them does not.
        day = [ask(1, 60, 60, 60), ask(2, 120, 0), ask(3, 60, 120), ask(4, 60, 180, cancels_at=1.1)]
        assert find_optimum(ONE, day, seconds=5, gap=0) == Optimum(180, 180)
        assert find_optimum(ONE, [*day[1:], ask(5, 60, 180)], seconds=5, gap=0) == Optimum(240, 240)

    @pytest.mark.parametrize("scenario", [STANDARD, RICH])
    def test_nobody_sells_more(self, scenario):
        requests = draw_day(scenario, 0.8, "bound")
        most = find_optimum(scenario, requests, seconds=5, gap=0.02)
        sold = [game_of(way, scenario).play(requests).sold for way in WAYS]
        assert max(sold) <= most.bound
        assert most.found <= most.bound <= scenario.capacity

    def test_of_nobody_is_nothing(self):
        assert find_optimum(ONE, [], seconds=1, gap=0) == Optimum(0, 0)


class TestFigures:
    days = tuple(play_day(Job("standard", None, 1.0, f"figures/{day}", tuple(WAYS), 0.3)) for day in range(25))

    def test_ours_sells_more_than_earliest_first_and_shifts_more_still(self):
        shares = shares_of(self.days)
        assert shares.of["earliest"].value < shares.of[OURS].value < shares.of[EVERYTHING].value <= 1
        assert shares.of_bound <= shares.of[EVERYTHING].value

    def test_the_object_for_machines(self):
        found = as_json({1.0: self.days})["loads"]["1.0"]
        assert found["ours_vs_earliest"] > 0.03
        assert found["waitlist_vs_earliest"] > found["ours_vs_earliest"]
        assert 0.8 < found["share_of_optimum"] < 1
        assert found["distance_minutes"] > 0
        assert json.loads(json.dumps(found)) == found

    def test_the_table_for_people_has_a_line_for_each_way(self):
        table = as_table(1.0, self.days)
        assert all(name in table for name in WAYS.values())
        assert "25 days" in table
        without = [replace(day, optimum=None) for day in self.days]
        assert "CP-SAT" in table
        assert "CP-SAT" not in as_table(1.0, without)
        assert as_json({1.0: without})["loads"]["1.0"]["share_of_optimum"] is None

    def test_a_ratio_with_its_interval(self):
        assert ratio([2, 4, 6], [1, 2, 3]).value == 2
        assert ratio([2, 4, 6], [1, 2, 3]).margin == 0
        # By hand: ratio 1, residuals ±1, s² = 4/3, mean 2, n 4: 1.96 · √(4/3/4) / 2.
        assert ratio([3, 1, 3, 1], [2, 2, 2, 2]).margin == pytest.approx(0.5658, abs=1e-4)
        assert ratio([1], [2]).value == 0.5
        assert ratio([], []).value == 0


class TestTune:
    def test_keeps_what_is_worth_more(self):
        said = []
        tuned = tune(lambda jobs: [play_day(job) for job in jobs], days=2, seed=3, steps=4, say=said.append)
        first = float(said[0].rsplit(" ", 1)[1])
        assert tuned.value >= round(first, 4) - 1e-4
        assert len(said) == 1 or tuned.weights != DEFAULT_WEIGHTS

    def test_a_neighbour_differs_and_makes_sense(self):
        assert neighbour(DEFAULT_WEIGHTS, Random(1)) != DEFAULT_WEIGHTS


def test_a_day_result_crosses_processes():
    import pickle

    result = play_day(Job("rich", 0.0, 0.6, "pickled", ("earliest", OURS)))
    assert isinstance(pickle.loads(pickle.dumps(result)), DayResult)  # noqa: S301 - our own bytes
    assert result.optimum is None
