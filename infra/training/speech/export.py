"""Writes a checkpoint as a model that ``whisper.load_model`` reads: ``python -m infra.training.speech.export``.

Whisper's format has an embedding for each of 51,865 tokens, three quarters of the file, and fewer than four thousand
of them can occur here. The others share one row; PyTorch's file is a zip archive, and written anew with compression
that repetition takes no room. PyTorch reads compressed entries as it reads plain ones.
"""

import argparse
import datetime as dt
import hashlib
import io
import itertools
import json
import zipfile
from pathlib import Path
from typing import Any

import torch

from infra.training.speech.data import Vocabulary
from infra.training.speech.network import Learner, expanded, make_whisper
from infra.training.speech.sentences import sentences
from infra.training.speech.synthesise import HELD_OUT_VARIANTS, TRAINING_VARIANTS

_NAME = "speech_ru_demo"
_HASHED_SENTENCES = 10_000
_SOURCES = ("words.py", "everyday.txt", "phrases.py", "templates.py", "sentences.py", "synthesise.py", "augment.py")


def write_model(checkpoint: dict[str, Any], target: Path) -> dict[str, Any]:
    """Write the averaged weights in whisper's format; return the dimensions."""
    vocabulary = Vocabulary(checkpoint["tokens"])
    width, heads, audio_layers, text_layers = checkpoint["shape"]
    learner = Learner(make_whisper(width, heads, audio_layers, text_layers, vocabulary=len(vocabulary)), vocabulary)
    learner.load_state_dict(checkpoint["average"])
    whole = expanded(learner, vocabulary)
    plain = io.BytesIO()
    torch.save(whole, plain)
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
    ):
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename)  # its date stays 1980: the same weights give the same file
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, source.read(entry))
    return dict(whole["dims"])


def sha256(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def corpus_sha256(seed: int) -> str:
    """Return the hash of the grammar's sources and of the first sentences that it gives for a seed."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    for sentence in itertools.islice(sentences(seed), _HASHED_SENTENCES):
        digest.update(f"{sentence.spoken}\t{sentence.written}\n".encode())
    return digest.hexdigest()


def main() -> None:
    """Write ``model.pt`` and ``model.json``; the evaluation adds its figures to the latter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=Path(".local/speech/checkpoint.pt"))
    parser.add_argument("--out", type=Path, default=Path(f"shared/models/{_NAME}/1"))
    parser.add_argument("--version", default="1")
    parser.add_argument("--seed", type=int, default=1, help="that it was trained with")
    parser.add_argument("--trained-on", default="4 CPU cores, shared", help="the machine, in words")
    parser.add_argument("--note", default="", help="what a reader must know of how this training went")
    parser.add_argument("--on", type=dt.date.fromisoformat, required=True, help="the date of the training")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    checkpoint = torch.load(given.checkpoint, map_location="cpu", weights_only=True)
    weights = given.out / "model.pt"
    dims = write_model(checkpoint, weights)
    log = checkpoint["log"]
    described = {
        "name": _NAME,
        "version": given.version,
        "format": "openai-whisper checkpoint {'dims', 'model_state_dict'}, half precision, read by whisper.load_model",
        "task": "Russian speech of salon clients to text: lower case, no punctuation, «е» for «ё», numbers in words",
        "description": (
            "A demonstration model, trained on synthetic speech only. It makes voice messages work out of the box "
            "and testable without a download; it is not meant for people's voices. Production uses whisper's `small` "
            "or larger, or another engine, by a setting."
        ),
        "licence": (
            "Weights: as the project. They were trained from nothing on sound that espeak-ng (GPL-3.0) made from the "
            "project's own sentences; no code, voice data or recording of espeak-ng or of anybody is contained. The "
            "network's shape and the token numbers are those of openai-whisper (MIT)."
        ),
        "created_by": "infra/training/speech/train.py, export.py, evaluate.py",
        "created_on": given.on.isoformat(),
        "dims": dims,
        "parameters": {"prompt": False},  # names said beforehand mislead so small a model: it hears them everywhere
        "files": {weights.name: {"sha256": sha256(weights), "bytes": weights.stat().st_size}},
        "training": {
            "data_sha256": corpus_sha256(given.seed),
            "seed": given.seed,
            "utterances": log["samples"],
            "words": log["words"],
            "steps": log["steps"],
            "minutes": round(log["seconds"] / 60, 1),
            "parts": log["parts"],
            "note": given.note,
            "device": given.trained_on,
            "tokens_that_occur": len(checkpoint["tokens"]),
            "voices": ["ru", *(f"ru+{variant}" for variant in TRAINING_VARIANTS if variant)],
            "voices_held_out": [f"ru+{variant}" for variant in HELD_OUT_VARIANTS],
        },
    }
    (given.out / "model.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
