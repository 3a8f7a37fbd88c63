"""Trains the speech model: ``python -m infra.training.speech.train --minutes 60``.

Speech is synthesised and roughened while the network learns, so that nothing is heard twice in the same way. The time
given is the budget: the learning rate falls to nothing at its end, and a checkpoint every few minutes allows to go on.

On a GPU one process learns and ``--workers`` others speak. On a CPU ``--processes`` of one thread each speak and learn
for themselves on weights that they share and change without waiting for each other («Hogwild»): threads that meet
after every product stand still together on a machine with other work to do.
"""

import argparse
import copy
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, multiprocessing
from torch.utils.data import DataLoader

from infra.training.speech.data import Batch, Utterances, Vocabulary, make_tokenizer
from infra.training.speech.network import Learner, make_whisper

_WARM_UP_STEPS = 60  # of each process
_REPORT_SECONDS = 60.0
_AVERAGE_SECONDS = 40.0
_NEWBORN_SPREAD = 0.5
_LARGEST_GRADIENT = 1.0
_GUIDE_UNTIL_SAMPLES = 120_000
_HEARD, _STEPS, _WORDS, _TEXT, _LETTERS, _ASTRAY = range(6)  # columns of the shared counts


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(".local/speech/checkpoint.pt"), help="the checkpoint's file")
    parser.add_argument("--resume", action="store_true", help="go on from --out, where it exists")
    parser.add_argument("--minutes", type=float, default=120.0, help="how long to train now")
    parser.add_argument("--save-minutes", type=float, default=3.0, help="time between checkpoints")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--processes", type=int, default=3, help="that learn, on a CPU")
    parser.add_argument("--workers", type=int, default=12, help="processes that speak, on a GPU")
    parser.add_argument("--frames", type=int, default=4_000, help="in a batch; 10 ms each (a GPU takes 40,000)")
    parser.add_argument(
        "--short", type=int, default=25_000, help="utterances of few words that the training begins with"
    )
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--audio-layers", type=int, default=4)
    parser.add_argument("--text-layers", type=int, default=2)
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class Task:
    """What every process that learns shares.

    Attributes:
        learner: The network; its weights lie in shared memory.
        counts: A row for each process: utterances, steps, words, and the sums of the three losses.
        given: The command line.
        part: How many times the training was started; each speaks with a seed of its own.
        started: When, by the monotonic clock of the machine.
    """

    learner: Learner
    counts: Tensor
    given: argparse.Namespace
    part: int
    started: float


def study(index: int, task: Task, tick: Callable[[], None] | None = None) -> None:
    """Learn until the time is up."""
    learner, counts, given, started = task.learner, task.counts, task.given, task.started
    cpu = given.device == "cpu"
    if cpu:
        torch.set_num_threads(1)
    matrices = [weight for weight in learner.parameters() if weight.ndim > 1]
    plain = [weight for weight in learner.parameters() if weight.ndim <= 1]  # biases and norms
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
        lr=given.rate, betas=(0.9, 0.98), fused=True,
    )  # fmt: skip
    learner.train()
    mine = counts[index]
    for step, batch in enumerate(_batches(index, task), start=1):
        share = (time.monotonic() - started) / (given.minutes * 60)
        orphan = (parent := multiprocessing.parent_process()) is not None and not parent.is_alive()
        if share >= 1 or orphan:
            return
        for group in optimiser.param_groups:
            group["lr"] = given.rate * min(1.0, step / _WARM_UP_STEPS) * (0.5 + 0.5 * math.cos(math.pi * share))
        early = max(0.0, 1 - float(counts[:, _HEARD].sum()) / _GUIDE_UNTIL_SAMPLES)
        with torch.autocast(given.device, dtype=torch.bfloat16):
            text, letters, guide = learner.losses(moved(batch, given.device))
        optimiser.zero_grad(set_to_none=True)
        (text + letters + (0.1 + 0.9 * early) * guide).backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), _LARGEST_GRADIENT)
        optimiser.step()
        losses = (float(text.detach()), float(letters.detach()), float(guide.detach()))
        mine += torch.tensor([len(batch.mel), 1, batch.words, *losses], dtype=torch.float64)
        if tick:
            tick()


def _batches(index: int, task: Task) -> Iterator[Batch]:
    given, heard = task.given, int(task.counts[:, _HEARD].sum())
    cpu = given.device == "cpu"
    speakers = given.processes if cpu else max(given.workers, 1)
    seed = (given.seed * 100 + task.part) * 100 + index
    short = max(0, given.short - heard) // speakers
    corpus = Utterances(task.learner.vocabulary, seed=seed, frames=given.frames, short=short)
    if cpu:
        return iter(corpus)
    return iter(DataLoader(corpus, batch_size=None, num_workers=given.workers, prefetch_factor=8))


def moved(batch: Batch, device: str) -> Batch:
    """Bring a batch to the device."""
    for name in ("mel", "inputs", "targets", "positions", "centres", "letters", "letter_counts", "lengths"):
        setattr(batch, name, getattr(batch, name).to(device, non_blocking=True))
    return batch


class Training:
    """The network, its running average, and how far it has come."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        stored: dict[str, Any] = {}
        if given.resume and given.out.exists():
            stored = torch.load(given.out, map_location="cpu", weights_only=True)
        torch.manual_seed(given.seed)
        vocabulary = Vocabulary.of_corpus(make_tokenizer(), given.seed, also=stored.get("tokens", ()))
        shape = stored.get("shape", [given.width, given.heads, given.audio_layers, given.text_layers])
        width, heads, audio_layers, text_layers = self.shape = [int(size) for size in shape]
        whisper = make_whisper(width, heads, audio_layers, text_layers, vocabulary=len(vocabulary))
        self.learner = Learner(whisper, vocabulary).to(given.device)
        if stored:
            self.learner.load_state_dict(_grown(stored["average"], stored["tokens"], vocabulary))
        self.average = copy.deepcopy(self.learner).eval().requires_grad_(requires_grad=False)
        self.log: dict[str, Any] = stored.get("log", {"samples": 0, "steps": 0, "seconds": 0.0, "words": 0, "parts": 0})
        self.log["parts"] += 1
        self.counts = torch.zeros(max(given.processes, 1), 6, dtype=torch.float64)
        self.counts[0, :3] = torch.tensor([self.log["samples"], self.log["steps"], self.log["words"]])
        self.started = self.averaged = self.saved = self.reported = time.monotonic()
        self.seconds_before = self.log["seconds"]
        self._last = self.counts.sum(0)

    def run(self) -> None:
        """Learn in this process on a GPU, in several on a CPU."""
        if self.given.device != "cpu":
            study(0, self._task(), self.tick)
        else:
            self.learner.share_memory()
            self.counts.share_memory_()
            context = multiprocessing.start_processes(
                study, (self._task(),), nprocs=self.given.processes, join=False, start_method="spawn"
            )
            while not context.join(timeout=1.0):
                self.tick()
        self.tick(last=True)

    def _task(self) -> Task:
        return Task(self.learner, self.counts, self.given, self.log["parts"], self.started)

    def tick(self, *, last: bool = False) -> None:
        """Average, report and save, each when its time has come."""
        now = time.monotonic()
        # The average reaches back a growing time, so that it is never behind by more than a fifth of the training.
        reach = min(_AVERAGE_SECONDS, 1 + (now - self.started) / 5)
        averages, weights = list(self.average.parameters()), list(self.learner.parameters())
        torch._foreach_lerp_(
            averages, [weight.detach() for weight in weights], 1 - math.exp((self.averaged - now) / reach)
        )
        self.averaged = now
        if last or now - self.reported > _REPORT_SECONDS:
            self._report(now)
        if last or now - self.saved > self.given.save_minutes * 60:
            self.saved = now
            self.save()

    def _report(self, now: float) -> None:
        total = self.counts.sum(0)
        new = total - self._last
        text, letters, astray = (new[_TEXT:] / new[_STEPS].clamp(min=1)).tolist()
        rate = float(new[_HEARD]) / max(now - self.reported, 1e-6)
        self._last, self.reported = total, now
        self.log |= {
            "samples": int(total[_HEARD]), "steps": int(total[_STEPS]), "words": int(total[_WORDS]),
            "seconds": self.seconds_before + now - self.started,
        }  # fmt: skip
        print(f"{(now - self.started) / 60:6.1f} min {self.log['samples']:8d} heard {self.log['steps']:6d} steps"
              f" {rate:6.1f}/s  text {text:.3f}  letters {letters:.3f}  astray {astray:.3f}", flush=True)  # fmt: skip

    def save(self) -> None:
        """Write the checkpoint, whole or not at all; going on begins from the average."""
        self.given.out.parent.mkdir(parents=True, exist_ok=True)
        beside = self.given.out.with_suffix(".part")
        tokens = self.learner.vocabulary.tokens
        stored = {"average": self.average.state_dict(), "tokens": tokens, "shape": self.shape, "log": self.log}
        torch.save(stored, beside)
        beside.replace(self.given.out)


def _grown(state: dict[str, Tensor], known: list[int], vocabulary: Vocabulary) -> dict[str, Tensor]:
    """Give tokens that the grammar has learnt since a row each, like that of all others with a little noise."""
    if known == vocabulary.tokens:
        return state
    name = "whisper.decoder.token_embedding.weight"
    old = state[name]
    new = old[:1] + torch.randn(len(vocabulary), old.shape[1]) * old.std() * _NEWBORN_SPREAD
    new[0] = old[0]
    new[vocabulary.compact(known)] = old[1:]
    return state | {name: new}


def main() -> None:
    """Train until the time is up."""
    training = Training(parse())
    weights = sum(weight.numel() for weight in training.learner.parameters())
    print(
        f"{weights / 1e6:.2f} M weights, {len(training.learner.vocabulary)} tokens, {training.given.device}", flush=True
    )
    training.run()
    print(json.dumps(training.log))


if __name__ == "__main__":
    main()
