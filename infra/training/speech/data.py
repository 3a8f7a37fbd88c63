"""Endless batches: sentences, said, roughened, as log-mel spectrograms and tokens in whisper's own form.

The tokens are whisper's multilingual ones. Only some thousands of the 51,865 can occur, so that the loss is computed
over those and one stand-in for all others (``Vocabulary``).
"""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info
from whisper.audio import log_mel_spectrogram
from whisper.tokenizer import Tokenizer, get_tokenizer

from infra.training.speech.augment import Clip, augmented, surrounded, wordless
from infra.training.speech.phrases import chance, person, service
from infra.training.speech.sentences import chats, everyday_words, sentences, short_sentence, training_sentence, written
from infra.training.speech.synthesise import RATE, Samples, random_voice, speak, trimmed
from infra.training.speech.words import DIMINUTIVES, MEN, STRANGERS, WOMEN, inflected

VOCABULARY_SIZE = 51_865
LETTERS = " абвгдежзийклмнопрстуфхцчшщъыьэюя-"  # of the auxiliary head; 0 is the blank
IGNORED = -100
FRAMES_A_SECOND = 100
_LONGEST_FRAMES = 2_000
_TIMESTAMP_STEP = 5  # in 20 ms: the end of the words is told to a tenth of a second
_PROMPT_KEPT = 40
_LARGEST_BATCH = 64
_FRAME_STEP, _TOKEN_STEP = 20, 4  # few different shapes: the arithmetic library prepares each anew
_POOL = 384
_TIMESTAMPED_SHARE, _PROMPTED_SHARE, _WORDLESS_SHARE, _ZERO_PADDED_SHARE = 0.4, 0.2, 0.04, 0.8


def make_tokenizer() -> Tokenizer:
    """Return whisper's tokenizer as decoding uses it for Russian."""
    return get_tokenizer(True, language="ru", task="transcribe", num_languages=99)


class Vocabulary:
    """The tokens that occur, numbered without gaps; number 0 stands for every other token.

    Attributes:
        tokens: Whisper's number of each compact number from 1 on.
    """

    def __init__(self, tokens: list[int]) -> None:
        self.tokens = tokens
        self._compact = {token: place for place, token in enumerate(tokens, start=1)}

    def __len__(self) -> int:
        return len(self.tokens) + 1

    @property
    def others(self) -> int:
        """How many tokens number 0 stands for."""
        return VOCABULARY_SIZE - len(self.tokens)

    def compact(self, tokens: list[int]) -> list[int]:
        return [self._compact.get(token, 0) for token in tokens]

    @classmethod
    def of_corpus(cls, tokenizer: Tokenizer, seed: int, count: int = 60_000, also: Iterable[int] = ()) -> "Vocabulary":
        """Collect what the grammar says, every name in every case, and the tokens of control and time.

        Args:
            tokenizer: Whisper's.
            seed: Of the sentences drawn.
            count: How many of them.
            also: Tokens that a checkpoint knows already.
        """
        seen: set[int] = set(also)
        texts = {sentence.written for sentence in itertools.islice(sentences(seed), count)}
        texts.update(written(word) for word in (*everyday_words(), *chats()))
        for name in (*WOMEN, *MEN, *DIMINUTIVES, *STRANGERS):
            texts.update(written(form) for form in inflected(name))
        for text in texts:
            seen.update(tokenizer.encode(" " + text))
        special = {
            tokenizer.eot, tokenizer.sot, tokenizer.sot_prev, tokenizer.transcribe, tokenizer.no_speech,
            tokenizer.no_timestamps, tokenizer.language_token,
        }  # fmt: skip
        first = tokenizer.timestamp_begin
        return cls(sorted(seen | special | set(range(first, first + 1_501))))


@dataclass(slots=True)
class Example:
    """One utterance: its spectrogram, what to write, and where in the sound the words are (in seconds)."""

    mel: Tensor
    text: str
    start_s: float
    end_s: float


@dataclass(slots=True)
class Batch:
    """Utterances of about one length.

    Attributes:
        mel: ``(batch, 80, frames)``, with what whisper would pad with after each one's own frames.
        inputs: Compact tokens that the decoder reads.
        targets: Compact tokens that it shall answer, ``IGNORED`` where it is not asked.
        positions: The place of each input token, as whisper numbers it.
        centres: Where in the sound each answer is said, in encoder positions; -1 where there is no such place.
        letters: The text in the auxiliary head's letters, one utterance after the other.
        letter_counts: How many of them belong to each utterance.
        lengths: Encoder positions of each utterance.
        words: Words in the batch, to report.
    """

    mel: Tensor
    inputs: Tensor
    targets: Tensor
    positions: Tensor
    centres: Tensor
    letters: Tensor
    letter_counts: Tensor
    lengths: Tensor
    words: int


def spectrogram(samples: Samples) -> Tensor:
    """Return whisper's own spectrogram of the sound's frames, before any padding."""
    mel = log_mel_spectrogram(torch.from_numpy(samples), 80, padding=RATE // 10)
    return mel[:, : len(samples) * FRAMES_A_SECOND // RATE]


class Utterances(IterableDataset[Batch]):  # type: ignore[misc]  # PyTorch lives in another environment
    """Batches without end; each worker process speaks with its own seed."""

    def __init__(self, vocabulary: Vocabulary, *, seed: int, frames: int, short: int = 0) -> None:
        """Take the random seed, the frames in a batch, and how many short utterances each worker begins with."""
        self.vocabulary, self.seed, self.frames, self.short = vocabulary, seed, frames, short

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        worker = get_worker_info()
        seed = self.seed * 1_000 + (worker.id if worker else 0)
        rng, noise = random.Random(seed), np.random.default_rng(seed)  # noqa: S311 - training data
        encoder = Encoder(self.vocabulary, rng)
        said = examples(rng, noise, short=self.short)
        while True:
            pool = sorted(itertools.islice(said, _POOL), key=lambda example: example.mel.shape[1])
            batches = self._split(pool)
            rng.shuffle(batches)
            yield from (encoder.collate(batch) for batch in batches)

    def _split(self, pool: list[Example]) -> list[list[Example]]:
        """Cut utterances in the order of their length into batches of about as many frames."""
        batches: list[list[Example]] = [[]]
        for example in pool:
            if (len(batches[-1]) + 1) * example.mel.shape[1] > self.frames or len(batches[-1]) == _LARGEST_BATCH:
                batches.append([])
            batches[-1].append(example)
        return [batch for batch in batches if batch]


def examples(rng: random.Random, noise: np.random.Generator, *, short: int = 0) -> Iterator[Example]:
    """Say training sentences without end, several with one voice before the next is taken.

    The first ``short`` of them are a few words each, half of them clean: letters are learnt from those far sooner.
    """
    babble: Samples | None = None
    said = 0
    while True:
        voice = random_voice(rng)
        tempo = rng.uniform(0.9, 1.1) if chance(rng, 0.5) else 1.0
        for _ in range(rng.randint(1, 4)):
            if rng.random() < _WORDLESS_SHARE:
                yield Example(spectrogram(wordless(noise)), "", 0.0, 0.0)
                continue
            said += 1
            sentence = training_sentence(rng) if said > short else short_sentence(rng)
            words = trimmed(speak(sentence.spoken, voice, tempo=tempo))
            if len(words) < RATE // 10:
                continue
            if said <= short and said % 2:
                yield _example(surrounded(words, 800, 800), sentence.written)
                continue
            for _ in range(2):  # to speak takes longer than to roughen
                yield _example(augmented(words, noise, babble), sentence.written)
            babble = words


def _example(clip: Clip, text: str) -> Example:
    samples = clip.samples[: _LONGEST_FRAMES * RATE // FRAMES_A_SECOND]
    return Example(spectrogram(samples), text, clip.start / RATE, clip.end / RATE)


class Encoder:
    """Turns utterances into tensors, with whisper's prefixes."""

    def __init__(self, vocabulary: Vocabulary, rng: random.Random) -> None:
        self.vocabulary, self.rng, self.tokenizer = vocabulary, rng, make_tokenizer()

    def collate(self, utterances: list[Example]) -> Batch:
        frames = (max(example.mel.shape[1] for example in utterances) // _FRAME_STEP + 1) * _FRAME_STEP
        mel = torch.zeros(len(utterances), 80, frames)
        rows = []
        for row, example in enumerate(utterances):
            size = example.mel.shape[1]
            mel[row, :, :size] = example.mel
            if self.rng.random() > _ZERO_PADDED_SHARE:  # as when silence is appended before the spectrogram
                mel[row, :, size:] = example.mel.max() - 2.0
            rows.append(self._tokens(example))
        width = -(-max(len(row[0]) for row in rows) // _TOKEN_STEP) * _TOKEN_STEP
        inputs, targets, positions, centres = (
            torch.stack([torch.tensor(row[part] + [filler] * (width - len(row[part]))) for row in rows])
            for part, filler in ((0, 0), (1, IGNORED), (2, 0), (3, -1.0))
        )
        letters = [
            [LETTERS.index(letter) + 1 for letter in example.text if letter in LETTERS] for example in utterances
        ]
        return Batch(
            mel, inputs, targets, positions, centres,
            torch.tensor(list(itertools.chain.from_iterable(letters)), dtype=torch.long),
            torch.tensor([len(text) for text in letters]),
            torch.tensor([max(example.mel.shape[1] // 2, 1) for example in utterances]),
            sum(len(example.text.split()) for example in utterances),
        )  # fmt: skip

    def _tokens(self, example: Example) -> tuple[list[int], list[int], list[int], list[float]]:
        whisper = self.tokenizer
        timed = self.rng.random() < _TIMESTAMPED_SHARE
        text = whisper.encode(" " + example.text) if example.text else []
        first = whisper.timestamp_begin
        opening = [first] if timed else [whisper.no_timestamps]
        ending = round(example.end_s * 50 / _TIMESTAMP_STEP + 0.5) * _TIMESTAMP_STEP
        closing = [first + ending] if timed and text else []
        prompt, skipped = self._prompt()
        control = [*prompt, whisper.sot, whisper.language_token, whisper.transcribe]
        line = [*control, *opening, *text, *closing, whisper.eot]
        asked = [False] * len(line)
        asked[len(control) + (0 if timed else 1) :] = [True] * len(line[len(control) + (0 if timed else 1) :])
        wanted = list(line)
        at_start = len(prompt) + 1  # what follows <|startoftranscript|>: the language, or that nobody speaks
        asked[at_start] = True
        if not text:
            wanted[at_start] = whisper.no_speech
            if not timed:  # decoding never lets the first token be the end: after a forced one, stop
                line.insert(-1, self.rng.choice(self.vocabulary.tokens))
                wanted, asked = [*wanted[:-1], 0, whisper.eot], [*asked[:-1], False, True]
        places = [-1.0] * len(line)
        if text:
            span = (example.end_s - example.start_s) * 50
            ends = np.cumsum([max(len(whisper.encoding.decode_single_token_bytes(token)), 1) for token in text])
            for number, end in enumerate(ends):
                before = ends[number - 1] if number else 0
                places[len(control) + 1 + number] = example.start_s * 50 + span * float(before + end) / 2 / float(
                    ends[-1]
                )
        numbers = self.vocabulary.compact(wanted)
        targets = [number if ask else IGNORED for number, ask in zip(numbers, asked, strict=True)]
        kept = min(len(prompt), _PROMPT_KEPT)
        positions = [at if at < kept else at + skipped for at in range(len(line) - 1)]
        return self.vocabulary.compact(line)[:-1], targets[1:], positions, places[1:]

    def _prompt(self) -> tuple[list[int], int]:
        """Return a prompt's first tokens, and how many more a longer one would have had."""
        if self.rng.random() > _PROMPTED_SHARE:
            return [], 0
        parts = [
            self.rng.choice((service(self.rng, 0), person(self.rng)[0], self.rng.choice(everyday_words())))
            for _ in range(self.rng.randint(1, 12))
        ]
        text = self.rng.choice((", ", ". ", " ")).join(
            part.capitalize() if chance(self.rng, 0.7) else part for part in parts
        )
        tokens = [self.tokenizer.sot_prev, *self.tokenizer.encode(" " + text)[: _PROMPT_KEPT - 1]]
        return tokens, self.rng.choice((0, 0, self.rng.randint(0, 180))) if len(tokens) >= _PROMPT_KEPT else 0
