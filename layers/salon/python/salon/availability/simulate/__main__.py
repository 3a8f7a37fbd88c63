"""`python -m salon.availability.simulate --days 400 --seed 1`: what the packing score is worth."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from multiprocessing import get_context
from time import monotonic

from salon.availability.simulate.demand import SCENARIOS
from salon.availability.simulate.optimum import OrtoolsMissing
from salon.availability.simulate.report import as_json, as_table
from salon.availability.simulate.tune import Play, seed_of_day, tune
from salon.availability.simulate.ways import WAYS, DayResult, Job, play_day

LOADS = (0.6, 0.8, 1.0, 1.2, 1.5)
FULL_OPTIMUM = 1.0
"""The load at which the optimum is looked for on every day."""


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, as a person writes it."""
    parser = argparse.ArgumentParser(
        prog="python -m salon.availability.simulate",
        description="Plays the demand of facts/domain.md §4.3 against ways of offering times, on days that were not "
        "used to choose the weights. What the model assumes is written in simulate/demand.py.",
    )
    parser.add_argument("--days", type=int, default=400, help="days for each load (400)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other days (1)")
    parser.add_argument(
        "--loads", type=float, nargs="+", default=LOADS, help="demand as a share of capacity (0.6 0.8 1.0 1.2 1.5)"
    )
    parser.add_argument(
        "--scenario",
        choices=sorted(SCENARIOS),
        default="standard",
        help="rich: walk-ins, no-shows, shifts of different lengths, skills, durations off the grid",
    )
    parser.add_argument("--cancellations", type=float, help="share of the clients who cancel (0.1)")
    parser.add_argument(
        "--optimum-days", type=int, help="days with CP-SAT's optimum; unset: every day at load 1.0, a quarter elsewhere"
    )
    parser.add_argument("--optimum-seconds", type=float, default=1.0, help="CP-SAT's time for one day (1)")
    parser.add_argument("--processes", type=int, default=2, help="processes at work (2)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--tune", action="store_true", help="choose the weights again on tuning days, and print them")
    parser.add_argument("--tune-steps", type=int, default=60, help="neighbours that --tune tries (60)")
    return parser.parse_args(arguments)


@contextmanager
def _player(processes: int) -> Iterator[Play]:
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield lambda jobs: list(pool.map(play_day, jobs, chunksize=5))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _play_load(options: argparse.Namespace, load: float, play: Play) -> list[DayResult]:
    quarter = options.days if load == FULL_OPTIMUM else -(-options.days // 4)
    wanted = quarter if options.optimum_days is None else options.optimum_days
    jobs = [
        Job(
            options.scenario,
            options.cancellations,
            load,
            seed_of_day(options.seed, options.scenario, load, day),
            tuple(WAYS),
            options.optimum_seconds if day < wanted else 0.0,
        )
        for day in range(options.days)
    ]
    return play(jobs)


def main(arguments: Sequence[str]) -> int:
    """Run the command; 2 when something it needs is missing."""
    options = read_arguments(arguments)
    if find_spec("ortools") is None and options.optimum_days != 0 and not options.tune:
        _say(str(OrtoolsMissing()))
        return 2
    with _player(options.processes) as play:
        if options.tune:
            tuned = tune(play, days=options.days, seed=options.seed, steps=options.tune_steps, say=_say)
            print(json.dumps({"weights": asdict(tuned.weights), "value": round(tuned.value, 4)}))
            return 0
        results: dict[float, list[DayResult]] = {}
        began = monotonic()
        for load in options.loads:
            results[load] = _play_load(options, load, play)
            _say(f"load {load} done, {monotonic() - began:.0f} s")
            if not options.json:
                print(as_table(load, results[load]), end="\n\n", flush=True)
    if options.json:
        print(json.dumps(as_json(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
