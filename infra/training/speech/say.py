"""Says a sentence into a file, for tests and demonstrations: ``python -m infra.training.speech.say TEXT FILE``.

The file's name decides the format: ``.ogg`` is Opus as messengers send it, ``.wav`` is 16-bit PCM. With an empty text
the file is silence or noise. Needs espeak-ng and PyAV (``requirements.txt`` beside this file).
"""

import argparse
import fractions
import wave
from pathlib import Path

import numpy as np

from infra.training.speech.synthesise import RATE, Samples, Voice, resampled, speak

_OPUS_RATE = 48_000


def say(
    text: str, voice: Voice, *, lead_s: float = 0.3, trail_s: float = 0.5, noise: float = 0.0, seed: int = 1
) -> Samples:
    """Return a sentence between two silences, with white noise of the given root mean square; 16 kHz, mono.

    Raises:
        SynthesiserMissing: espeak-ng or the voice is not installed.
    """
    words = speak(text, voice) if text else np.zeros(RATE * 2, np.float32)
    sound = np.concatenate([np.zeros(int(lead_s * RATE), np.float32), words, np.zeros(int(trail_s * RATE), np.float32)])
    if noise:
        sound = sound + np.random.default_rng(seed).normal(0.0, noise, len(sound)).astype(np.float32)
    clipped: Samples = np.clip(sound, -1.0, 1.0).astype(np.float32)
    return clipped


def write(path: Path, samples: Samples, *, bit_rate: int = 16_000) -> None:
    """Write 16 kHz mono samples as WAV or as Opus in OGG, by the file's name.

    Raises:
        ValueError: The name ends in neither ``.wav`` nor ``.ogg``, ``.opus``.
    """
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as target:
            target.setnchannels(1)
            target.setsampwidth(2)
            target.setframerate(RATE)
            target.writeframes((samples * 32_767).astype("<i2").tobytes())
    elif path.suffix in {".ogg", ".opus"}:
        _write_opus(path, samples, bit_rate)
    else:
        raise ValueError(f"cannot write {path.suffix or 'a file without an ending'}: use .wav or .ogg")


def _write_opus(path: Path, samples: Samples, bit_rate: int) -> None:
    import av

    data = (np.clip(resampled(samples, RATE, _OPUS_RATE), -1, 1) * 32_767).astype(np.int16)
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=_OPUS_RATE, layout="mono")
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(data[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = _OPUS_RATE
        frame.pts = 0
        frame.time_base = fractions.Fraction(1, _OPUS_RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read(path: Path) -> Samples:
    """Decode a file that PyAV knows to 16 kHz mono samples."""
    import av

    parts: list[Samples] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            parts.extend(part.to_ndarray()[0] for part in resampler.resample(frame))
        parts.extend(part.to_ndarray()[0] for part in resampler.resample(None))
    return np.concatenate(parts).astype(np.float32)


def main() -> None:
    """Parse the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text")
    parser.add_argument("file", type=Path)
    parser.add_argument("--variant", default="f4", help="an espeak-ng variant, or '' for the plain Russian voice")
    parser.add_argument("--speed", type=int, default=165, help="words a minute")
    parser.add_argument("--pitch", type=int, default=50, help="0 to 99")
    parser.add_argument("--noise", type=float, default=0.0, help="root mean square of white noise, 1.0 is full scale")
    parser.add_argument("--lead", type=float, default=0.3, help="seconds of silence before")
    parser.add_argument("--trail", type=float, default=0.5, help="seconds of silence after")
    parser.add_argument("--bit-rate", type=int, default=16_000, help="of Opus, bits a second")
    given = parser.parse_args()
    voice = Voice(variant=given.variant, speed=given.speed, pitch=given.pitch)
    sound = say(given.text, voice, lead_s=given.lead, trail_s=given.trail, noise=given.noise)
    write(given.file, sound, bit_rate=given.bit_rate)
    print(f"{given.file}: {len(sound) / RATE:.1f} s, {given.file.stat().st_size} bytes, {voice.name}")


if __name__ == "__main__":
    main()
