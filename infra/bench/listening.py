"""What a process of `.venv-speech` runs for the bench; the answer is the last line of standard output, as JSON.

    listening.py function <checkpoint> <rounds> <file>…    our adapters: decoding and whisper, as storage_voice has them
    listening.py command <checkpoint> <rounds> <file>…     openai-whisper's own command line on the same files
    listening.py likewise <checkpoint> <rounds> <file>…    the same with one beam and one temperature, like ours
    listening.py random <size> <checkpoint>                makes a checkpoint of a published size with random weights

The whisper command line needs ffmpeg to read a file; here `whisper.audio.load_audio` is replaced by our own decoding,
and nothing else of it: not its defaults (five beams, six temperatures), its model loading, its writing of a result.
What is timed of it is `transcribe`, once for each file, reading included.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
THREADS = 1
SIZES = {"small": (80, 1500, 768, 12, 12, 51865, 448, 768, 12, 12)}
"""The published dimensions: mel bands; the encoder's context, width, heads, layers; vocabulary; the decoder's."""


def function(checkpoint: str, rounds: int, files: list[str]) -> dict[str, Any]:
    """Listen to each file `rounds` times after once for nothing, as the function does."""
    started = time.perf_counter()
    import av
    import torch
    import whisper

    del av, torch, whisper
    imported = time.perf_counter()
    from salon.integrations.av.adapter import AvDecoder
    from salon.integrations.whisper.adapter import WhisperRecogniser
    from salon.integrations.whisper.weights import Weights

    decoder = AvDecoder(max_bytes=16_000_000, max_seconds=60)
    recogniser = WhisperRecogniser(Weights(Path(checkpoint), "bench"), threads=THREADS)
    before_loading = time.perf_counter()
    recogniser.prepare()
    loaded = time.perf_counter()
    first: float | None = None
    heard: dict[str, list[float]] = {file: [] for file in files}
    texts = {}
    seconds = {}
    for _ in range(rounds + 1):
        for file in files:
            begun = time.perf_counter()
            audio = decoder.decode(Path(file).read_bytes(), mime="audio/ogg")
            found = recogniser.recognise(audio, prompt="", timeout_s=600)
            took = time.perf_counter() - begun
            first = took if first is None else first
            heard[file].append(took)
            texts[file], seconds[file] = found.text, audio.seconds
    return {
        "import_s": imported - started,
        "load_s": loaded - before_loading,
        "first_s": first,
        "heard_s": {file: times[1:] for file, times in heard.items()},
        "seconds": seconds,
        "texts": texts,
        "memory_mb": most_memory_mb(),
    }


def command(checkpoint: str, rounds: int, files: list[str], *, likewise: bool) -> dict[str, Any]:
    """Run whisper's command line over the files, and time what it does with each."""
    import numpy as np
    import whisper.audio
    from whisper import transcribe as transcribing

    from salon.integrations.av.adapter import AvDecoder
    from salon.integrations.av.loudness import Loudness

    decoder = AvDecoder(max_bytes=16_000_000, max_seconds=60, loudness=Loudness(silent_dbfs=-200, below_peak_db=500))

    def load_audio(file: str, sr: int = 16_000) -> Any:
        del sr
        return np.frombuffer(decoder.decode(Path(file).read_bytes(), mime="").samples, dtype=np.float32)

    heard: dict[str, list[float]] = {file: [] for file in files}
    texts = {}
    module: Any = sys.modules["whisper.transcribe"]
    original = module.transcribe

    def timed(model: Any, audio: str, **settings: Any) -> Any:
        begun = time.perf_counter()
        found = original(model, audio, **settings)
        heard[audio].append(time.perf_counter() - begun)
        texts[audio] = found["text"].strip()
        return found

    del transcribing
    whisper.audio.load_audio = load_audio
    module.transcribe = timed
    with tempfile.TemporaryDirectory() as folder:
        options = ["--model", checkpoint, "--language", "ru", "--fp16", "False", "--threads", str(THREADS)]
        options += ["--output_dir", folder, "--output_format", "json", "--verbose", "False"]
        if likewise:
            options += ["--beam_size", "None", "--best_of", "None", "--temperature_increment_on_fallback", "None"]
        sys.argv = ["whisper", *files * (rounds + 1), *options]
        module.cli()
    return {"heard_s": {file: times[1:] for file, times in heard.items()}, "texts": texts}


def random(size: str, checkpoint: str) -> dict[str, Any]:
    """A checkpoint of the size of a published one; how long and how much memory it takes does not depend on weights."""
    import torch
    from whisper.model import ModelDimensions, Whisper

    dims = ModelDimensions(*SIZES[size])
    torch.manual_seed(1)
    state = {name: value.half() for name, value in Whisper(dims).state_dict().items()}
    torch.save({"dims": vars(dims), "model_state_dict": state}, checkpoint)
    return {"parameters": sum(value.numel() for value in state.values())}


def most_memory_mb() -> float:
    """The most memory that this process has had; 0 where the system does not tell."""
    try:
        with Path("/proc/self/status").open(encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    except FileNotFoundError:
        return 0.0


def main() -> None:
    """Do what the command line says."""
    sys.path.insert(0, str(PROJECT / "layers/salon/python"))
    what, *rest = sys.argv[1:]
    if what == "random":
        found = random(*rest)
    else:
        checkpoint, rounds, *files = rest
        if what == "function":
            found = function(checkpoint, int(rounds), files)
        else:
            found = command(checkpoint, int(rounds), files, likewise=what == "likewise")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
