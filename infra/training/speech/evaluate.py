"""Examines the model on what it never heard: ``python -m infra.training.speech.evaluate``, then ``.score``.

Sentences of templates that the training did not have are said by voices that it did not have, roughened by noises
that it did not have, sent through Opus in OGG as messengers do, and given to ``whisper.load_model(...).transcribe``
as the speech function gives them. What was heard goes to a file of lines; ``score`` compares it with what was said.
"""

import argparse
import json
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper

from infra.training.speech import augment
from infra.training.speech.say import read, write
from infra.training.speech.sentences import held_out_sentence, training_sentence, written
from infra.training.speech.synthesise import (
    HELD_OUT_VARIANTS,
    RATE,
    TRAINING_VARIANTS,
    Samples,
    random_voice,
    speak,
    trimmed,
)

PROMPT = "Маникюр, педикюр, стрижка, окрашивание, брови, ресницы, массаж. Анна, Мария, Юлия, Анастасия, Ольга, Игорь."
FESTIVAL = "voice_msu_ru_nsh_clunits"
Roughen = Callable[[Samples, np.random.Generator], Samples]


def _as_said(words: Samples, rng: np.random.Generator) -> Samples:
    return augment.surrounded(words, int(RATE * rng.uniform(0.1, 0.8)), int(RATE * rng.uniform(0.1, 1.5))).samples


def _noisy(words: Samples, rng: np.random.Generator) -> Samples:
    sound = _as_said(words, rng)
    kind = augment.HELD_OUT_NOISES[rng.integers(len(augment.HELD_OUT_NOISES))]
    return augment.with_noise(sound, kind(len(sound), rng), rng.uniform(8, 20), float((words**2).mean()))


def _room(words: Samples, rng: np.random.Generator) -> Samples:
    return augment.reverberated(_noisy(words, rng), rng, rng.uniform(0.2, 0.5))


def _telephone(words: Samples, rng: np.random.Generator) -> Samples:
    return augment.telephone(_as_said(words, rng))


def _late(words: Samples, rng: np.random.Generator) -> Samples:
    return augment.surrounded(words, int(RATE * rng.uniform(2, 4)), int(RATE * rng.uniform(2, 4))).samples


def _opus(sound: Samples, bit_rate: int) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.ogg"
        write(path, sound / max(float(np.abs(sound).max()), 1e-6) * 0.5, bit_rate=bit_rate)
        return read(path)


def festival(text: str) -> Samples:
    """Say a sentence with another synthesiser, cut from a man's recorded speech (Debian's festvox-ru)."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "said.txt", Path(folder) / "said.wav"
        source.write_text(text + "\n", encoding="utf-8")
        subprocess.run(["text2wave", "-eval", f"({FESTIVAL})", str(source), "-o", str(target)], check=True)
        return trimmed(read(target))


# Name: how it sounds, the bit rate of Opus (None: not encoded), options of ``transcribe``.
_CONDITIONS: dict[str, tuple[Roughen, int | None, dict[str, Any]]] = {
    "clean": (_as_said, None, {}),
    "opus_16k": (_as_said, 16_000, {}),
    "opus_16k_prompt": (_as_said, 16_000, {"initial_prompt": PROMPT, "temperature": (0.0, 0.4)}),
    "without_timestamps": (_as_said, None, {"without_timestamps": True}),
    "noise_8_to_20_db": (_noisy, 16_000, {}),
    "noise_and_room": (_room, 16_000, {}),
    "telephone_opus_12k": (_telephone, 12_000, {}),
    "silence_around": (_late, 16_000, {}),
}

# For comparison: whether the templates and the voices are those of the training; the fillings are new in any case.
_KNOWN = {"trained_on": (True, True), "only_voices_new": (True, False), "only_templates_new": (False, True)}


class Examination:
    """The model, and what it is asked; every condition draws from a seed of its own."""

    def __init__(self, model: Path, seed: int) -> None:
        self.whisper = whisper.load_model(str(model), device="cpu")
        self.seed = seed

    def ask(self, sound: Samples, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Transcribe as the speech function does; return the text and what the model thinks of it."""
        given = {"temperature": 0.0, "condition_on_previous_text": False} | (options or {})
        started = time.perf_counter()
        answer = self.whisper.transcribe(sound, language="ru", fp16=False, **given)
        parts = answer["segments"]
        return {
            "heard": written(answer["text"]),
            "no_speech": max((part["no_speech_prob"] for part in parts), default=1.0),
            "log_probability": float(np.mean([part["avg_logprob"] for part in parts])) if parts else 0.0,
            "elapsed_s": round(time.perf_counter() - started, 3),
            "seconds": round(len(sound) / RATE, 2),
        }

    def rows(self, name: str, count: int) -> Iterator[dict[str, Any]]:
        """Yield the answers of one condition."""
        rng = random.Random(f"{self.seed} {name}")  # noqa: S311 - evaluation data, not secrets
        noise = np.random.default_rng(rng.getrandbits(32))
        for number in range(count):
            if name == "no_words":
                yield {"voice": None, "said": "", **self.ask(_wordless(number, noise))}
            elif name == "other_synthesiser":
                sentence = held_out_sentence(rng)
                sound = _opus(_as_said(festival(sentence.spoken), noise), 16_000)
                yield {"voice": FESTIVAL, "said": sentence.written, **self.ask(sound)}
            else:
                yield self._spoken(name, rng, noise)

    def _spoken(self, name: str, rng: random.Random, noise: np.random.Generator) -> dict[str, Any]:
        known_templates, known_voices = _KNOWN.get(name, (False, False))
        sentence = training_sentence(rng) if known_templates else held_out_sentence(rng)
        voice = random_voice(rng, TRAINING_VARIANTS if known_voices else HELD_OUT_VARIANTS)
        roughen, bit_rate, options = _CONDITIONS["clean" if name in _KNOWN else name]
        sound = roughen(speak(sentence.spoken, voice), noise)
        if bit_rate:
            sound = _opus(sound, bit_rate)
        return {"voice": voice.name, "said": sentence.written} | self.ask(sound, options)


def _wordless(number: int, noise: np.random.Generator) -> Samples:
    """Every fourth time silence, else a noise that the training did not have."""
    kind = augment.HELD_OUT_NOISES[number % len(augment.HELD_OUT_NOISES)]
    loudness = 0.0 if number % 4 == 0 else 10 ** noise.uniform(-3, -1)
    return (kind(RATE * 3, noise) * loudness * 0.3).astype(np.float32)


def main() -> None:
    """Write one JSON line for each utterance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("shared/models/speech_ru_demo/1/model.pt"))
    parser.add_argument("--out", type=Path, default=Path(".local/speech/heard.jsonl"))
    parser.add_argument("--count", type=int, default=150, help="utterances a condition")
    parser.add_argument("--conditions", nargs="*", help="some of them only; the others stay the same")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    names = given.conditions or [*_CONDITIONS, *_KNOWN, "other_synthesiser", "no_words"]
    if "other_synthesiser" in names and not shutil.which("text2wave"):
        names.remove("other_synthesiser")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    examination = Examination(given.model, given.seed)
    with given.out.open("w", encoding="utf-8") as target:
        for name in names:
            right = 0
            for row in examination.rows(name, given.count):
                target.write(json.dumps({"condition": name, **row}, ensure_ascii=False) + "\n")
                right += row["said"] == row["heard"]
            print(f"{name}: {right} of {given.count} word for word", flush=True)


if __name__ == "__main__":
    main()
