"""Speech: how long a recording takes to be written down, beside whisper's own command line; cold start; memory.

Inside the measured time: decoding a recording and recognising it, in a warm process of `.venv-speech` with one thread,
divided by how long the recording is (`rtf`, the real-time factor: below 1 is quicker than it was said). Outside: the
queue, the bucket and the database. The other side is `whisper FILE… --model … --language ru` with the same weights and
files (`infra.bench.listening` says how it reads a file without ffmpeg).

Whisper always works on thirty seconds, however short a recording is, so the factor of a short one is the worse.
`speech.small` has random weights in the dimensions of the production default: memory and the time to load do not depend
on what the weights are, and `longest` is what a recording costs that makes no sense to it, with all tokens and both
temperatures used up.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from infra.bench.figures import Figure, Measured, median
from infra.local.salon_cloud import SPEECH_PYTHON
from salon.integrations.whisper.weights import find_weights
from salon.platform.settings_speech import SpeechSettings
from salon.platform.shared_data import shared_path

LISTENING = Path(__file__).with_name("listening.py")
PROJECT = Path(__file__).resolve().parents[2]
RECORDINGS = PROJECT / "tests/support/voice"
MEMORY_MB = 2_048.0
RATIO = 1.1
SECONDS = 600


def measure(*, rounds: int, with_small: bool) -> Measured:
    """Listen to the recordings of the tests.

    Args:
        rounds: how often to each.
        with_small: also with the production default's dimensions; half a gigabyte on disk, half a minute.

    Raises:
        RuntimeError: `.venv-speech` is missing, or a process of it failed.
        RecogniserRefused: there is no demonstration model.
    """
    weights = find_weights(SpeechSettings.load({}).model, [shared_path("models")])
    files = [str(path) for path in sorted(RECORDINGS.glob("*.ogg")) if path.stem not in {"noise", "silence"}]
    ours = run("function", str(weights.path), str(rounds), *files)
    theirs, likewise = (run(what, str(weights.path), str(rounds), *files) for what in ("command", "likewise"))
    factor, peer, fair = (rtf(found["heard_s"], ours["seconds"]) for found in (ours, theirs, likewise))
    same = sum(plain(ours["texts"][file]) == plain(theirs["texts"][file]) for file in files)
    figures = [
        Figure(name="speech.rtf", measured=factor, unit="x", peer=f"whisper command line {peer:.2f} x"),
        Figure(
            name="speech.rtf.ratio",
            measured=factor / fair,
            unit="x",
            target=RATIO,
            peer=f"the same with our settings {fair:.2f} x",
        ),
        *_cold("speech", ours),
    ]
    lengths = f"{min(ours['seconds'].values()):.1f} to {max(ours['seconds'].values()):.1f} s"
    notes = [
        f"{weights.version}, {len(files)} recordings of {lengths}, median of {rounds} rounds, one thread",
        f"the command line by itself: five beams, up to six temperatures; the same words in {same} of {len(files)}",
        "it reads files by PyAV here: there is no ffmpeg",
    ]
    if with_small:
        figures += _small(files[0])
    return Measured(figures, notes)


def rtf(heard_s: dict[str, list[float]], seconds: dict[str, float]) -> float:
    """Time over length, the median over recordings of each one's median."""
    return median([median(times) / seconds[file] for file, times in heard_s.items()])


def plain(text: str) -> str:
    """Words without their punctuation and case."""
    return "".join(character for character in text.lower() if character.isalnum() or character == " ").strip()


def run(what: str, *arguments: str) -> dict[str, Any]:
    """Start a fresh process of `.venv-speech`; what it found.

    Raises:
        RuntimeError: there is no such environment, or the process failed; with the end of what it said.
    """
    if not SPEECH_PYTHON.exists():
        raise RuntimeError(f"{SPEECH_PYTHON} is missing: run `make setup`")
    done = subprocess.run(
        [str(SPEECH_PYTHON), str(LISTENING), what, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"listening.py {what} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _small(file: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="salon-bench-") as folder:
        checkpoint = str(Path(folder) / "small.pt")
        run("random", "small", checkpoint)
        found = run("function", checkpoint, "1", file)
    longest = Figure(name="speech.small.longest", measured=found["heard_s"][file][0] * 1000, unit="ms")
    return [longest, *_cold("speech.small", found)]


def _cold(name: str, found: dict[str, Any]) -> list[Figure]:
    """What the first message of a process waits for, and what the process holds."""
    parts = {part: found[f"{part}_s"] * 1000 for part in ("import", "load", "first")}
    told = ", ".join(f"{part} {milliseconds:.0f} ms" for part, milliseconds in parts.items())
    figures = [Figure(name=f"{name}.cold", measured=sum(parts.values()), unit="ms", peer=told)]
    if found["memory_mb"]:
        figures.append(Figure(name=f"{name}.memory", measured=found["memory_mb"], unit="MB", target=MEMORY_MB))
    return figures
