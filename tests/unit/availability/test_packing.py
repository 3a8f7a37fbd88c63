from __future__ import annotations

from dataclasses import fields, replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.availability.packing import (
    DEFAULT_WEIGHTS,
    Candidate,
    Contest,
    Durations,
    PackingWeights,
    above_threshold,
    cost,
    pick_message,
    rank,
    round_wish,
)

DURATIONS = Durations((30, 60, 120), (1, 2, 1))
BARE = PackingWeights(**{weight.name: 0.0 for weight in fields(PackingWeights)})
OPENS, CLOSES = 600, 1200


def at(start, minutes=60, free_from=OPENS, free_until=CLOSES, **more):
    return Candidate(start, start + minutes, free_from, free_until, **more)


class TestDurations:
    def test_say_what_fits_into_a_gap(self):
        assert [DURATIONS.share_fitting(gap) for gap in (-5, 0, 29, 30, 59, 60, 119, 120, 500)] == [
            0, 0, 0, 0.25, 0.25, 0.75, 0.75, 1, 1
        ]  # fmt: skip
        assert (DURATIONS.shortest, DURATIONS.mean) == (30, 67.5)

    def test_without_shares_every_length_is_as_likely(self):
        assert Durations((40, 20)).share_fitting(20) == 0.5

    def test_a_length_that_nobody_asks_for_is_not_the_shortest(self):
        assert Durations((10, 60), (0, 3)).shortest == 60

    @pytest.mark.parametrize(
        ("minutes", "shares"), [((), ()), ((0,), ()), ((30, 60), (1,)), ((30, 60), (2, -1)), ((30,), (0,))]
    )
    def test_that_make_no_sense_are_refused(self, minutes, shares):
        with pytest.raises(ValueError, match="durations"):
            Durations(minutes, shares)


class TestCost:
    def test_a_gap_that_nothing_fits_costs_most_and_one_that_anything_fits_nothing(self):
        weights = replace(BARE, fragment=90.0, fragment_power=1.0)
        left = [cost(at(OPENS + gap), weights, DURATIONS) for gap in (0, 15, 30, 60, 120)]
        assert left == [0, 90, 67.5, 22.5, 0]

    def test_both_sides_of_a_visit_are_charged(self):
        weights = replace(BARE, fragment=90.0, fragment_power=1.0)
        assert cost(at(615, free_until=690), weights, DURATIONS) == 180

    def test_the_salons_own_services_decide_what_a_useless_gap_is(self):
        weights = replace(BARE, fragment=90.0, fragment_power=1.0)
        gap = at(OPENS + 45)
        assert cost(gap, weights, Durations((60, 90))) > cost(gap, weights, Durations((15, 45)))

    @pytest.mark.parametrize(("start", "points"), [(OPENS, 0), (800, 45), (CLOSES - 60, 0)])
    def test_a_start_that_touches_nothing_is_detached(self, start, points):
        assert cost(at(start), replace(BARE, detached=45.0), DURATIONS) == points

    @pytest.mark.parametrize(
        ("weights", "worse", "better"),
        [
            ({"distance": 1.0}, {"distance": 90}, {"distance": 15}),
            ({"balance": 1.0}, {"load": 0.9}, {"load": 0.1}),
            ({"off_peak": 1.0}, {"density": 1.0}, {"density": 0.2}),
            ({"contest": 1.0}, {"contested": 1.0}, {"contested": 0.25}),
        ],
    )
    def test_each_weight_counts_its_own_matter(self, weights, worse, better):
        weights = replace(BARE, **weights)
        assert cost(at(700, **worse), weights, DURATIONS) > cost(at(700, **better), weights, DURATIONS)
        assert cost(at(700, **worse), BARE, DURATIONS) == cost(at(700, **better), BARE, DURATIONS)

    @given(st.integers(OPENS, CLOSES - 60), st.integers(0, 240))
    def test_moving_the_whole_day_changes_nothing(self, start, by):
        here = at(start)
        there = Candidate(start + by, start + 60 + by, OPENS + by, CLOSES + by)
        assert cost(here, DEFAULT_WEIGHTS, DURATIONS) == cost(there, DEFAULT_WEIGHTS, DURATIONS)

    @given(st.integers(OPENS, CLOSES - 60), st.integers(0, 240))
    def test_further_from_the_wish_never_costs_less(self, start, away):
        near, far = at(start, distance=away), at(start, distance=away + 15)
        assert cost(far, DEFAULT_WEIGHTS, DURATIONS) > cost(near, DEFAULT_WEIGHTS, DURATIONS)


class TestWeights:
    @pytest.mark.parametrize("value", [-1.0, inf, nan])
    def test_that_make_no_sense_are_refused(self, value):
        with pytest.raises(ValueError, match="detached"):
            PackingWeights(detached=value)

    def test_the_wish_counts_for_more_in_each_further_message(self):
        weights = replace(BARE, distance=0.5, nearer=4.0)
        assert [weights.in_round(number).distance for number in (1, 2, 3)] == [0.5, 2.0, 8.0]
        assert replace(weights.in_round(3), distance=0.5) == weights


class TestContest:
    def test_the_last_one_free_at_the_peak_is_contested_most(self):
        quiet, peak = 0.5, 1.0
        contest = Contest(OPENS, [[(600, 660)], [(600, 630), (645, 660)]], [quiet, peak, peak, quiet])
        assert contest.between(615, 630) == peak / 2  # two are free
        assert contest.between(630, 645) == peak  # one is
        assert contest.between(600, 660) == (quiet / 2 + peak / 2 + peak + quiet / 2) / 4

    def test_who_is_free_for_a_part_of_a_quarter_is_not_there_to_help(self):
        contest = Contest(OPENS, [[(600, 630)], [(605, 625)]], [1.0, 1.0])
        assert contest.between(600, 630) == 1

    def test_outside_the_day_nothing_is_contested(self):
        contest = Contest(OPENS, [[(500, 800)]], [1.0])
        assert (contest.between(500, 560), contest.between(700, 760), contest.between(590, 610)) == (0, 0, 1)


class TestRank:
    def test_best_first_and_the_index_leads_back(self):
        candidates = [at(800), at(OPENS), at(OPENS + 15)]
        ranked = rank(candidates, DEFAULT_WEIGHTS, DURATIONS)
        assert [scored.index for scored in ranked] == [1, 0, 2]
        assert all(candidates[scored.index] is scored.candidate for scored in ranked)

    def test_equal_costs_by_start_then_by_order(self):
        candidates = [at(800), at(700), at(700, free_from=650)]
        assert [scored.index for scored in rank(candidates, BARE, DURATIONS)] == [1, 2, 0]


class TestThreshold:
    ranked = rank(
        [at(OPENS + gap) for gap in (0, 15, 30, 120)], replace(BARE, fragment=90.0, fragment_power=1.0), DURATIONS
    )

    def test_what_costs_much_more_than_the_best_is_not_shown_first(self):
        shown = above_threshold(self.ranked, replace(BARE, threshold=30.0), at_least=1)
        assert [scored.start for scored in shown] == [OPENS, OPENS + 120]

    def test_it_never_hides_the_last_starts(self):
        assert above_threshold(self.ranked, replace(BARE, threshold=0.0), at_least=5) == self.ranked
        assert above_threshold([], BARE) == []


class TestMessage:
    def pick(self, *candidates, count=3, **weights):
        weights = replace(BARE, **weights)
        ranked = rank(candidates, weights, DURATIONS)
        return [scored.start for scored in pick_message(ranked, weights, count)]

    def test_starts_lie_apart_and_are_no_more_than_asked_for(self):
        assert self.pick(at(600), at(615), at(630), at(645), at(660), count=3) == [600, 630, 660]
        assert self.pick(at(600), at(615), count=3) == [600]
        assert self.pick() == []

    def test_a_nearer_start_that_packs_worse_waits_for_a_later_message(self):
        best = at(OPENS, distance=120)
        nearer = at(705, distance=15)
        farther = at(900, distance=180)
        assert self.pick(best, nearer, farther, detached=45.0, band=10.0) == [600, 900]
        assert self.pick(best, nearer, farther, detached=45.0, band=50.0) == [600, 705, 900]

    def test_without_a_wish_the_band_leaves_nothing_out(self):
        assert self.pick(at(OPENS), at(705), at(900), detached=45.0, band=0.0) == [600, 705, 900]


class TestRoundWish:
    def test_seventeen_minutes_past_nine_is_between_two_quarters(self):
        assert round_wish(9 * 60 + 17, 15) == (9 * 60 + 15, 9 * 60 + 30)

    def test_a_time_on_the_grid_is_itself(self):
        assert round_wish(9 * 60 + 15, 15) == (9 * 60 + 15,)

    def test_a_grid_has_a_step(self):
        with pytest.raises(ValueError, match="granularity"):
            round_wish(10, 0)

    @given(st.integers(-2000, 2000), st.integers(1, 120))
    def test_neighbours_lie_on_the_grid_on_both_sides(self, minute, step):
        around = round_wish(minute, step)
        assert all(start % step == 0 for start in around)
        assert around[0] <= minute <= around[-1]
        assert around[-1] - around[0] in {0, step}
