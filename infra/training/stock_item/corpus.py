"""Makes the corpus of stock lines out of templates: `python -m infra.training.stock_item.corpus [--check]`.

`templates.txt` holds one template a line, in sections by category. Within each category a digest of the text decides
whether a template serves for training, for calibration (dev) or for testing; brands are made of syllables, and a digest
of the brand decides the same. No two parts share a template or a Latin brand. Everything is drawn from the template's
digest, so that the same templates always give the same lines. What is in a pack is drawn first and then written in one
of the ways that suppliers write it, without the grammar that reads it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates.txt"
LINES = HERE / "lines.jsonl"
MOST = 5
SHARES = {"test": 0.13, "dev": 0.11}
_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_METERED = {
    "hair_dye": "ml", "oxidant": "ml", "bleach": "g", "shampoo": "ml", "conditioner": "ml", "hair_mask": "ml",
    "hair_treatment": "ml",
}  # fmt: skip
_BOXES = frozenset({"уп", "кор"})
_BEGIN = ("Ve", "Lu", "No", "Ka", "Mi", "So", "Ta", "Ri", "Ale", "Fio", "Gra", "Dra", "Bel", "Cor", "Zan", "Pra",
          "Ori", "Qua", "Sil", "Tro", "Ul", "Vas", "Ner", "Har", "Jo", "Eva", "Do")  # fmt: skip
_MIDDLE = ("lmo", "met", "ren", "vio", "da", "nti", "rel", "so", "bri", "gra", "lu", "mi", "ste", "va", "zo", "ri", "")
_END = ("ra", "tta", "lle", "nix", "va", "len", "ro", "ssa", "dor", "na", "lis", "que", "mir", "tis", "vel", "x")
_SYLLABLES = ("бур", "кол", "ва", "тре", "мон", "ди", "сак", "пле", "но", "гри", "чу", "за", "ло", "фер", "ты", "хо")
RUSSIAN_BRANDS = ("Лунара", "Рябинка", "Белозерка", "Травница", "Северяна", "Медовея", "Росянка", "Ольхова")
"""These stand in few templates and serve for every part."""

_SLOTS: dict[str, tuple[str, ...]] = {
    "l": ("Pro", "Expert Line", "Color Lux", "Silk Touch", "Art", "Complex", "Premium", "Natural", "Repair", "De Luxe"),
    "q": RUSSIAN_BRANDS,
    "c": ("светлый блондин", "тёмно-русый", "медный", "пепельный", "шатен", "чёрный", "золотистый", "фиолетовый",
          "жемчужный", "махагон", "бежевый", "св.кор. натуральный"),
    "c2": ("красный", "нюд", "молочный", "чёрный", "пудровый", "бордо", "голубой", "лиловый"),
    "c3": ("коричневый", "графит", "тёмно-коричневый", "светло-коричневый", "шоколад", "чёрный"),
    "p": ("1,5%", "1.9%", "3%", "3 %", "6%", "6,0%", "9%", "12%"),
    "vol": ("5 vol", "10 vol.", "20 vol", "30vol", "40 Vol"),
    "z": ("S", "M", "L", "XS", "XL", "М"),
    "d": ("70х200 см", "30*40 см", "20х20", "45х90 см", "80*200", "40х70 см", "10х10 см"),
    "f": ('5.5"', "6.0", "5,75", "№6"),
}  # fmt: skip
_TWINS = {"а": "a", "е": "e", "о": "0", "р": "p", "с": "c", "у": "y", "х": "x", "к": "k", "и": "н", "н": "и", "л": "п",
          "п": "л", "ш": "m", "щ": "ш", "т": "т", "ы": "ьi", "з": "3", "в": "8", "г": "r", "м": "rn", "д": "л",
          "ц": "u", "ж": "ж", "й": "и", "я": "л", "б": "6", "ю": "io", "ч": "ч", "э": "з"}  # fmt: skip
_DIGIT_TWINS = {"0": "О", "3": "З", "1": "l", "6": "б"}


@dataclass(frozen=True, slots=True)
class Template:
    """One line of the file: what it is, its text, what may be in the pack, and the units it is invoiced in."""

    category: str
    text: str
    base: str
    sizes: tuple[int, ...]
    units: tuple[str, ...]

    @property
    def id(self) -> str:
        """A digest of category and text."""
        return hashlib.sha256(f"{self.category}\n{self.text}".encode()).hexdigest()[:12]


def templates() -> dict[str, list[Template]]:
    """Every template, by part."""
    sections: dict[str, list[Template]] = {}
    category, base = "", ""
    sizes: tuple[int, ...] = ()
    units: tuple[str, ...] = ()
    for line in TEMPLATES.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("# "):
            continue
        if head := re.fullmatch(r"\[(\w+)\] (\w+): ([\d ]+); (.+)", line):
            category, base = head[1], head[2]
            sizes, units = tuple(map(int, head[3].split())), tuple(head[4].split())
            continue
        text, _, own = line.partition(" :: ")
        found = Template(category, text.strip(), base if "{v}" in text or "{m}" in text else "-", sizes, units)
        if own:
            kind, _, numbers = own.partition(": ")
            found = Template(category, text.strip(), kind, tuple(map(int, numbers.split())), units)
        sections.setdefault(category, []).append(found)
    parts: dict[str, list[Template]] = {"train": [], "dev": [], "test": []}
    for members in sections.values():
        ranked = sorted(members, key=lambda one: one.id)
        tests = round(len(ranked) * SHARES["test"])
        devs = tests + round(len(ranked) * SHARES["dev"])
        parts["test"] += ranked[:tests]
        parts["dev"] += ranked[tests:devs]
        parts["train"] += ranked[devs:]
    return parts


def lines() -> list[dict[str, Any]]:
    """The corpus: name, unit, category, base unit, pack, brand, template, part."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for part, members in templates().items():
        for template in members:
            draw = random.Random(template.id)  # noqa: S311 - made data, the same every time
            for _ in range(MOST if "{" in template.text or "|" in template.text else 2):
                row = _written(draw, template, part)
                rows.setdefault((row["name"], row["unit"]), row)
    return list(rows.values())


def _written(draw: random.Random, template: Template, part: str) -> dict[str, Any]:
    brand = _brand(draw, part)
    unit = draw.choice(template.units)
    pack, base, quantity, packs = _pack(draw, template, unit)
    if packs is None:
        unit, packs = draw.choice(("кор", "уп")), int(pack.partition("|")[0])
        pack = pack.partition("|")[2]
    said = {"b": brand, "v": pack, "m": pack, "n": str(draw.randrange(1, 400)), "k": str(quantity)}
    text = _CHOICE.sub(lambda choice: draw.choice(choice[1].split("|")), template.text)

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        if name == "s":
            return _shade(draw)
        if name == "g":
            return "".join(draw.choices(_SYLLABLES, k=draw.randrange(2, 4)))
        return said[name] if name in said else draw.choice(_SLOTS[name])

    said["q"] = draw.choice(_SLOTS["q"])
    text = re.sub(r"\s+", " ", _SLOT.sub(fill, text)).replace("()", "").strip(" ,")
    row: dict[str, Any] = {"name": _styled(draw, text), "unit": unit, "category": template.category}
    row |= {"base_unit": base, "pack_quantity": quantity, "packs_per_unit": packs}
    if "{b}" in template.text or "{q}" in template.text:
        row["brand"] = brand.split()[0] if "{b}" in template.text else said["q"]
        row["brand"] = row["brand"].upper() if row["name"].isupper() else row["brand"]
    if template.base == "?":
        row["is_pack_judged"] = False
    return row | {"template": template.id, "part": part}


def _pack(draw: random.Random, template: Template, unit: str) -> tuple[str, str, int | None, int | None]:
    """The pack as it is written, its base unit, how much is in it, and how many are sold as one (None: see text)."""
    if template.base in {"-", "?"}:
        metered = _METERED.get(template.category, "pcs")
        unknown = metered != "pcs" or unit in _BOXES
        pieces = 2 if unit == "пар" else None if unknown else 1
        return "", "pcs" if unit == "пар" else metered, pieces, 1
    if template.base == "no":
        return "", "pcs", draw.choice((10, 20, 50, 100)), 1
    size = draw.choice(template.sizes)
    if template.base in {"pcs", "pairs"}:
        return _pieces(draw, size, is_pairs=template.base == "pairs"), "pcs", size, 1
    base = template.base
    amount = _amount(draw, size, base)
    many = draw.choice((5, 6, 10, 12, 24))
    if "{m}" in template.text:
        size = draw.choice((5, 7, 8, 10, 13, 20))
        holder = draw.choice(("амп. по ", "ампул по ", "шт х ", "х", "x", "*", " x "))
        return f"{many}{' ' if holder[0].isalpha() else ''}{holder}{size} мл", "ml", size, many
    chance = draw.random()
    if chance < 0.08:  # noqa: PLR2004 - the shares are guesses
        ways = (
            f"{many}х{amount}",
            f"{many} x {amount}",
            f"{amount}*{many}",
            f"{many} шт х {amount}",
            f"{amount} х {many}шт",
        )
        return f"{many}|{draw.choice(ways)}", base, size, None
    if chance < 0.14:  # noqa: PLR2004 - as above
        boxed = draw.choice((f"({many} шт/кор)", f"(уп. {many} шт)", f"(в кор. {many} шт.)", f"{many} шт/уп"))
        return f"{amount} {boxed}", base, size, many if unit in _BOXES else 1
    return amount, base, size, 1


def _amount(draw: random.Random, size: int, base: str) -> str:
    words = ("мл", "мл", "мл", "мл.", "ml", "ML", "Мл") if base == "ml" else ("г", "гр", "гр.", "г.", "g", "гр")
    whole, large = size / 1000, ("л", "л.", "L", "литр" if size == 1000 else "л") if base == "ml" else ("кг", "кг.")  # noqa: PLR2004 - ml in a litre
    if size >= 1000 and draw.random() < 0.5 or size in {250, 500} and draw.random() < 0.15:  # noqa: PLR2004, RUF021 - sizes and odds
        number = f"{whole:g}".replace(".", draw.choice(",."))
        return f"{number}{draw.choice(' ,').replace(',', '')}{draw.choice(large)}"
    number = f"{size // 1000} {size % 1000:03}" if size >= 1000 and draw.random() < 0.2 else str(size)  # noqa: PLR2004 - as above
    return f"{number}{draw.choice((' ', ' ', ''))}{draw.choice(words)}"


def _pieces(draw: random.Random, size: int, *, is_pairs: bool) -> str:
    ways = [f"{size} шт", f"{size}шт", f"{size} шт.", f"({size} шт)", f"уп. {size} шт", f"{size} шт/уп",
            f"{size} шт. в уп.", f"({size} шт/уп)", f"уп/{size}", f"упак. {size} штук", f", {size} шт"]  # fmt: skip
    if is_pairs:
        ways += [f"{size // 2} пар", f"({size // 2} пар)", f"{size // 2} пар/уп", f"{size} шт/{size // 2} пар"] * 2
    return draw.choice(ways)


def _brand(draw: random.Random, part: str) -> str:
    while True:
        name = draw.choice(_BEGIN) + draw.choice(_MIDDLE) + draw.choice(_END)
        place = crc32(name.encode()) % 10
        if part == {0: "dev", 1: "test"}.get(place, "train"):
            break
    chance = draw.random()
    if chance < 0.25:  # noqa: PLR2004 - the shares are guesses
        return name.upper()
    return f"{name} {draw.choice(('Pro', 'Professional', 'Care', 'Lab'))}" if chance > 0.85 else name  # noqa: PLR2004 - odds


def _shade(draw: random.Random) -> str:
    level, tone = draw.randrange(1, 13), draw.randrange(0, 90)
    return draw.choice((f"{level}/{tone}", f"{level}.{tone}", f"{level}-{tone}", f"{level}/{tone:02}", f"{level}.0"))


def _styled(draw: random.Random, text: str) -> str:
    """As one supplier or another prints it: an article code before it, a country behind it, all in capitals."""
    if draw.random() < 0.06:  # noqa: PLR2004 - the shares are guesses
        code = draw.randrange(1000, 99999)
        text = f"{draw.choice((f'арт. {code}', f'{code:06}', f'[{code}]', f'NR-{code}'))} {text}"
    if draw.random() < 0.06:  # noqa: PLR2004 - as above
        text = f"{text} {draw.choice(('(Италия)', 'РФ', 'Корея', '(Россия)', 'п/проф', 'ТМ'))}"
    if draw.random() < 0.06:  # noqa: PLR2004 - as above
        text = text.upper()
    return text


def noised(text: str, draw: random.Random, rate: float) -> str:
    """The text as a bad photograph is read: letters taken for others, lost, torn apart, and dirt between them.

    Args:
        text: a name.
        draw: where chance comes from.
        rate: what share of letters suffers; digits suffer a third as often, and only into letters alike.
    """
    out: list[str] = []
    for letter in text:
        chance = draw.random()
        if letter.isdigit():
            out.append(_DIGIT_TWINS.get(letter, letter) if chance < rate / 3 else letter)
        elif letter == " ":
            out.append("" if chance < rate / 3 else f" {draw.choice('|._-')} " if chance < rate / 2 else " ")
        elif letter.isalpha() and chance < rate:
            twin = _TWINS.get(letter.lower(), letter)
            if twin == letter.lower() or draw.random() < 0.3:  # noqa: PLR2004 - a guess
                twin = draw.choice(("", "", draw.choice("абвегиклмнопрстуь")))
            out.append(twin.upper() if letter.isupper() else twin)
        else:
            out.append(letter)
    return "".join(out)


def document() -> str:
    """The corpus as it is committed."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines())


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.training.stock_item.corpus", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the file is out of date")
    chosen = parser.parse_args(arguments)
    wanted = document()
    if chosen.check:
        return int(not LINES.exists() or LINES.read_text(encoding="utf-8") != wanted)
    LINES.write_text(wanted, encoding="utf-8")
    print(f"{LINES.name}: {wanted.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
