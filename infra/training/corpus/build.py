"""Makes the corpus of utterances out of templates: `python -m infra.training.corpus.build [--check]`.

`intents/<intent>.txt` holds one template a line, or a plain sentence, which is a template too. `(a|b|)` is a choice,
`{slot}` one of `slots.json`, `when? ` before a line says what the dialogue had just asked, and in `ambiguous.txt` the
two intents that a person would have to choose between stand first. A template's id is a digest of its text, and decides
alone whether it serves for training, for calibration (dev) or for testing: no two parts share a template, nor a
sentence. Everything is drawn from the id, so that the same templates always give the same utterances.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "intents"
UTTERANCES = HERE / "utterances.jsonl"
PARTS = (("test", 9), ("dev", 9), ("train", 82))
"""Per cent of the templates."""

MOST = 36
_EXPECTING = re.compile(r"(service|when|staff)\? ")
_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_COURTESIES = frozenset({"thanks", "greeting", "confirm", "reject", "stop", "other"})
_BEFORE = (
    "подскажите,", "скажите пожалуйста,", "а", "ну", "слушайте,", "девушки, подскажите,", "так,", "ой,", "и ещё,",
    "это снова я,", "извините,", "хочу спросить,", "ещё вопрос:",
)  # fmt: skip
_AFTER = (
    ", спасибо", ", заранее спасибо", "? спасибо", ", буду благодарна", ", очень надо", ", а то никак", ", ладно?",
    ", ок?", ", если не сложно", " 🙏", ", хорошего дня", ", жду ответа",
)  # fmt: skip
_FILES = {"book_answers": "book"}


@dataclass(frozen=True, slots=True)
class Template:
    """One line of a file: what it means, what had been asked, and the text with its choices."""

    intents: tuple[str, ...]
    text: str
    expecting: str | None

    @property
    def id(self) -> str:
        """A digest of all it says."""
        said = f"{'|'.join(self.intents)}\n{self.expecting}\n{self.text}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def part(self) -> str:
        """What it serves for."""
        place = int(self.id, 16) % 100
        for name, share in PARTS:
            if place < share:
                return name
            place -= share
        raise AssertionError("the shares are 100 per cent")


def templates() -> list[Template]:
    """Every template, each once."""
    found: dict[str, Template] = {}
    for path in sorted(TEMPLATES.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                template = _template(_FILES.get(path.stem, path.stem), line)
                found.setdefault(template.id, template)
    return list(found.values())


def _template(intent: str, line: str) -> Template:
    intents: tuple[str, ...] = (intent,)
    if intent == "ambiguous":
        head, _, line = line.partition(" ")
        intents = tuple(head.split("|"))
    asked = _EXPECTING.match(line)
    return Template(intents, line[asked.end() :] if asked else line, asked[1] if asked else None)


def utterances() -> list[dict[str, Any]]:
    """The corpus: text, intent (two of them where it is ambiguous), template, part, and what had been asked."""
    slots: dict[str, list[str]] = json.loads((HERE / "slots.json").read_text(encoding="utf-8"))
    owner: dict[str, str] = {}
    rows: dict[str, dict[str, Any]] = {}
    order = {name: place for place, (name, _) in enumerate(PARTS)}
    for template in sorted(templates(), key=lambda one: (order[one.part], one.intents, one.text, one.expecting or "")):
        for text in _written(template, slots):
            if owner.setdefault(skeleton(text), template.part) != template.part:
                continue  # another template says the same, and it serves for something else
            row: dict[str, Any] = {"text": text, "intent": template.intents[0], "template": template.id}
            row["part"] = template.part
            if len(template.intents) > 1:
                row["or"] = template.intents[1]
            if template.expecting:
                row["expecting"] = template.expecting
            rows.setdefault(f"{text}\n{template.id}", row)
    return list(rows.values())


def skeleton(text: str) -> str:
    """What is left of a sentence when case and punctuation do not count."""
    return " ".join(re.findall(r"[а-яa-z0-9]+", text.lower().replace("ё", "е"))) or text


def _written(template: Template, slots: dict[str, list[str]]) -> Iterator[str]:
    draw = random.Random(template.id)  # noqa: S311 - made data, the same every time
    choices = [match[1].split("|") for match in _CHOICE.finditer(template.text)]
    ways = prod(len(options) for options in choices) * 10 ** len(_SLOT.findall(template.text))
    widest = max((len(options) for options in choices), default=1)
    decks = [_Deck(draw, options) for options in choices]
    named = {name: _Deck(draw, options) for name, options in slots.items()}
    for _ in range(min(ways, MOST, max(widest, round(3 + ways**0.3)))):
        drawn = iter([deck.take() for deck in decks])
        said = _CHOICE.sub(lambda _: next(drawn), template.text)  # noqa: B023 - used up within the turn
        said = _SLOT.sub(lambda slot: named[slot[1]].take(), said)
        plain = re.sub(r"\s+([,.!?])", r"\1", re.sub(r"\s+", " ", said)).strip(" ,") or said.strip()
        if template.intents[0] not in _COURTESIES and template.expecting is None:
            plain = _polite(draw, plain)
        yield _careless(draw, plain) if draw.random() < 0.45 else plain  # noqa: PLR2004 - about as many as in chats


class _Deck:
    """Options in a drawn order, each as often as the others."""

    def __init__(self, draw: random.Random, options: list[str]) -> None:
        self._draw, self._options, self._left = draw, list(options), list[str]()

    def take(self) -> str:
        """The next one."""
        if not self._left:
            self._left = list(self._options)
            self._draw.shuffle(self._left)
        return self._left.pop()


def _polite(draw: random.Random, text: str) -> str:
    """Sometimes with the small words that people put around what they want, and that mean nothing by themselves."""
    if draw.random() < 0.08:  # noqa: PLR2004 - the shares are guesses
        text = f"{draw.choice(_BEFORE)} {text[0].lower()}{text[1:]}"
    if draw.random() < 0.08:  # noqa: PLR2004 - as above
        text = f"{text.rstrip(' .!?)')}{draw.choice(_AFTER)}"
    return text


def _careless(draw: random.Random, text: str) -> str:
    """As it is typed on the way: without capitals and marks, sometimes with a slip in a long word."""
    text = text.lower().replace("ё", "е")
    if draw.random() < 0.6:  # noqa: PLR2004 - the shares of slips are guesses
        text = re.sub(r"(?<=[а-я])[,!.]+(?=\s|$)", "", text)
    if draw.random() < 0.5:  # noqa: PLR2004 - as above
        text = text.rstrip("?")
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 5 and word.isalpha()]  # noqa: PLR2004 - as above
    if long and draw.random() < 0.35:  # noqa: PLR2004 - as above
        place = draw.choice(long)
        words[place] = _slip(draw, words[place])
    return " ".join(words) or text


def _slip(draw: random.Random, word: str) -> str:
    at = draw.randrange(1, len(word) - 1)
    match draw.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case 2:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            near = {"о": "а", "а": "о", "е": "и", "и": "е", "т": "д", "д": "т", "с": "з", "з": "с"}
            return "".join(near.get(letter, letter) if place == at else letter for place, letter in enumerate(word))


def document() -> str:
    """The corpus as it is committed."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in utterances())


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.training.corpus.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is out of date")
    chosen = parser.parse_args(arguments)
    wanted = document()
    if chosen.check:
        return int(not UTTERANCES.exists() or UTTERANCES.read_text(encoding="utf-8") != wanted)
    UTTERANCES.write_text(wanted, encoding="utf-8")
    print(f"{UTTERANCES.name}: {wanted.count(chr(10))} utterances of {len(templates())} templates")
    return 0


if __name__ == "__main__":
    sys.exit(main())
