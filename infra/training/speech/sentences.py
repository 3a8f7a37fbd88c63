"""The sentences of the speech model: a grammar of what people say to a salon, in two halves that share no template.

Pure standard library, the same for the same seed. A sentence is what is said (with commas and «ё», which change how
it sounds) and what is to be written: lower case, no punctuation, «е» for «ё», numbers in words.
"""

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.training.speech import phrases
from infra.training.speech.templates import HELD_OUT_TEMPLATES, TRAINING_TEMPLATES
from infra.training.speech.words import DEEDS, number

_SLOT = re.compile(r"\{(\w+)\}")
_NOT_WRITTEN = re.compile(r"[^а-яa-z0-9\- ]+")
_TEMPLATES_END, _CHATS_END, _PIECES_END = 0.32, 0.54, 0.80  # where each share ends; salads are the rest
_CHATS = Path(__file__).parents[1] / "corpus" / "utterances.jsonl"
_SAYABLE = re.compile(r"[а-яё ,.!?—–-]+", re.IGNORECASE)
_WORDS = re.compile(r"[а-я]+(?:[- ][а-я]+)*")
_LONGEST_CHAT, _COMMON = 12, 3  # words; templates in which a word must occur, or it may be a slip of the typist's
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence.

    Attributes:
        spoken: What the synthesiser is given.
        written: What the model shall answer.
        template: The template it came from; a kind in angle brackets when it came from none.
    """

    spoken: str
    written: str
    template: str


def written(text: str) -> str:
    """Return a text as the model writes it."""
    plain = _NOT_WRITTEN.sub(" ", text.lower().replace("ё", "е"))
    return _SPACES.sub(" ", plain).strip()


@cache
def everyday_words() -> tuple[str, ...]:
    """Return the thousand everyday words, in the order of the alphabet."""
    return tuple(sorted(set((Path(__file__).parent / "everyday.txt").read_text(encoding="utf-8").split())))


@cache
def chats() -> tuple[str, ...]:
    """Return what the corpus of intents says in its training part, without slips, and nothing of the examination's."""
    rows = [json.loads(line) for line in _CHATS.read_text(encoding="utf-8").splitlines()]
    spoken = {
        row["text"]: row["template"] for row in rows if row["part"] == "train" and _SAYABLE.fullmatch(row["text"])
    }
    where = defaultdict(set)
    for text, template in spoken.items():
        for word in written(text).split():
            where[word].add(template)
    known = set(everyday_words()) | {word for word, templates in where.items() if len(templates) >= _COMMON}
    examined = [re.compile(_SLOT.sub(".+", written_template)) for written_template in HELD_OUT_TEMPLATES]
    return tuple(
        text
        for text in spoken
        if _WORDS.fullmatch(written(text))
        and len(words := written(text).split()) <= _LONGEST_CHAT
        and known.issuperset(words)
        and not any(template.fullmatch(" ".join(words)) for template in examined)
    )


def fill(template: str, rng: random.Random) -> str:
    """Put words into a template's slots."""

    def chosen(match: re.Match[str]) -> str:
        slot = match[1]
        if slot in {"service", "service_acc", "service_gen"}:
            return phrases.service(rng, {"service": 0, "service_acc": 1, "service_gen": 2}[slot])
        if slot in {"name", "name_acc", "name_gen", "name_dat", "name_ins"}:
            return phrases.person(rng)[("name", "name_acc", "name_gen", "name_dat", "name_ins").index(slot)]
        makers = {"when": phrases.when, "date": phrases.date, "time": phrases.time, "phone": phrases.phone}
        if slot in makers:
            return makers[slot](rng)
        if slot == "minutes":
            return rng.choice(("пять", "десять", "пятнадцать", "двадцать", "тридцать", "сорок", "полчаса и")) + " минут"
        return rng.choice(DEEDS)

    return _SLOT.sub(chosen, template)


def _polite(text: str, rng: random.Random) -> str:
    if phrases.chance(rng, 0.22):
        text = f"{rng.choice(phrases.HELLOS)}{rng.choice((',', ''))} {text}"
    if phrases.chance(rng, 0.12):
        text = f"{rng.choice(phrases.HESITATIONS)}{rng.choice((',', ''))} {text}"
    if phrases.chance(rng, 0.15):
        text = f"{text}{rng.choice((',', ''))} {rng.choice(phrases.PLEASES)}"
    if phrases.chance(rng, 0.08):
        parts = text.split(" ")
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(phrases.HESITATIONS))
        text = " ".join(parts)
    return text + rng.choice(("", "", ".", "?"))


def _salad(rng: random.Random) -> str:
    """Return everyday words in no order: the ear must work where the grammar cannot help."""
    count = rng.choice((1, 1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8))
    chosen = [rng.choice(everyday_words()) for _ in range(count)]
    if phrases.chance(rng, 0.2):
        chosen[rng.randrange(count)] = phrases.invented_word(rng)
    return " ".join(chosen)


def _pieces(rng: random.Random) -> str:
    """Return dates, names, services and words in any order."""
    makers = (
        phrases.date, phrases.time, phrases.when, _name,
        lambda r: f"к {phrases.person(r)[3]}", lambda r: f"у {phrases.person(r)[2]}",
        lambda r: phrases.service(r, r.randrange(3)), lambda r: f"на {phrases.service(r, 1)}",
        lambda r: r.choice(everyday_words()), lambda r: r.choice(everyday_words()), lambda r: r.choice(DEEDS),
        lambda r: number(r.randrange(1_000)), lambda r: number(r.randrange(60)),
    )  # fmt: skip
    return " ".join(rng.choice(makers)(rng) for _ in range(rng.choice((1, 2, 2, 3, 3, 4))))


def training_sentence(rng: random.Random) -> Sentence:
    """Draw a sentence to train on."""
    kind = rng.random()
    if kind < _TEMPLATES_END:
        template = rng.choice(TRAINING_TEMPLATES)
        spoken = _polite(fill(template, rng), rng)
    elif kind < _CHATS_END:
        template, spoken = "<chat>", rng.choice(chats())
    elif kind < _PIECES_END:
        template, spoken = "<pieces>", _pieces(rng)
    else:
        template, spoken = "<salad>", _salad(rng)
    text = written(spoken)
    if phrases.chance(rng, 0.15):  # people who type leave the dots out, and the voice then says «е»
        spoken = spoken.replace("ё", "е")
    return Sentence(spoken, text, template)


def short_sentence(rng: random.Random) -> Sentence:
    """Draw one to three words, to begin with."""
    if phrases.chance(rng, 0.4):
        maker = rng.choice((phrases.date, phrases.time, lambda r: phrases.service(r, r.randrange(3)), _name))
        spoken = maker(rng)
    else:
        spoken = " ".join(rng.choice(everyday_words()) for _ in range(rng.choice((1, 2, 2, 3))))
    return Sentence(spoken, written(spoken), "<short>")


def _name(rng: random.Random) -> str:
    return rng.choice(phrases.person(rng))


def held_out_sentence(rng: random.Random) -> Sentence:
    """Draw a sentence to evaluate on: its template is none of those trained on."""
    template = rng.choice(HELD_OUT_TEMPLATES)
    spoken = fill(template, rng)
    return Sentence(spoken, written(spoken), template)


def sentences(seed: int, *, held_out: bool = False) -> Iterator[Sentence]:
    """Yield sentences without end, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - training data, not secrets
    draw = held_out_sentence if held_out else training_sentence
    while True:
        yield draw(rng)


def main() -> None:
    """Print some sentences, to read what the grammar says."""
    parser = argparse.ArgumentParser(description="Prints sentences of the grammar, one a line.")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    given = parser.parse_args()
    for _, sentence in zip(range(given.count), sentences(given.seed, held_out=given.held_out), strict=False):
        print(sentence.spoken)


if __name__ == "__main__":
    main()
