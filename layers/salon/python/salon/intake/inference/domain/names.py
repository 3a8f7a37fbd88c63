"""The name of an item as people would write it, and its brand, out of what a supplier printed and a machine read."""

from __future__ import annotations

import re
from collections.abc import Collection

_TORN_M = re.compile(r"(?:rn|RN)(?=[а-яА-Я])|(?<=[а-я])rn")
_DIGIT_IN_WORD = re.compile(r"(?<=[а-яА-Я]{2})[0368](?=[а-яА-Я])")
_LETTERS = str.maketrans("0368", "озбв")
_LATIN_TWINS = "aAeEoOpPcCxXyYkKmMtTHBbn"
_CYRILLIC_TWINS = "аАеЕоОрРсСхХуУкКмМтТНВьп"
_TO_CYRILLIC = str.maketrans(_LATIN_TWINS, _CYRILLIC_TWINS)
_TO_LATIN = str.maketrans("аАеЕоОрРсСхХуУкКмМтТНВ", "aAeEoOpPcCxXyYkKmMtTHB")

_SHORT: tuple[tuple[str, str], ...] = (
    (r"кр(?:ем)?-?к(?:раска|ра|р|а)(?=[ .]|$)\.?", "крем-краска"),
    (r"д/\s?(?=[а-я])", "для "),
    (r"п/(?=\s?(?:окраш|мыт)\w*)", "после "),
    (r"шамп\.", "шампунь"),
    (r"бальз\.", "бальзам"),
    (r"конд(?:иц)?\.", "кондиционер"),
    (r"перч\.", "перчатки"),
    (r"нитр(?:ил)?\.", "нитриловые"),
    (r"латекс\.", "латексные"),
    (r"винил\.", "виниловые"),
    (r"окисл?\.", "окислитель"),
    (r"окс\.\s?(?=эм)", "окислительная "),
    (r"эм(?:ульс?)?\.", "эмульсия"),
    (r"салф\.", "салфетки"),
    (r"полот\.", "полотенца"),
    (r"прост\.", "простыни"),
    (r"воротн\.", "воротнички"),
    (r"пудр\.", "пудра"),
    (r"дез\.?\s?ср-?во", "дезинфицирующее средство"),
    (r"ср-во", "средство"),
    (r"жидк\.|ж-ть", "жидкость"),
    (r"сыв-?(?:ка|\.)", "сыворотка"),
    (r"г/л(?![\w])", "гель-лак"),
    (r"вол\.", "волос"),
    (r"(?:р-р|разм?\.|р\.)\s?(?=(?:xs|xl|[smlхмл])(?!\w))", "размер "),
)
_SHORT_FORMS = tuple((re.compile(rf"(?<![\w/-]){short}", re.IGNORECASE), full) for short, full in _SHORT)
_SIZE = re.compile(r"(?<=размер )([хмл]{1,2})(?!\w)", re.IGNORECASE)
_SIZES = str.maketrans("хмлХМЛ", "XMLXML")
_CODES = re.compile(
    r"(?<!\w)(?:арт(?:икул)?\.?|код|sku|art\.?)\s*[:№#]?\s*[\w/-]*\d[\w/-]*|(?<![\w/.,-])\d{8,14}(?![\w/])|"
    r"[\[{][\w\s-]*\d[\w\s-]*[\]}]|^\s*(?:\d{5,7}|[A-ZА-Я]{1,4}-\d{3,})\s+(?=\S)",
    re.IGNORECASE,
)
_JUNK = re.compile(r"[|_~^`\\{}\[\]¦•·=<>©®™°*]+|(?<!\w)['\".,;:!?-]+(?!\w)")
_EMPTY = re.compile(r"\(\s*[.,;:/-]*\s*\)|\s[,;:/](?=\s|$)")
_SPACES = re.compile(r"\s+")
_QUOTED = re.compile(r"[«\"“„]\s*([^«»\"“”„]{3,40}?)\s*[»\"“”]")
_LATIN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’&-]*")
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]+")
_SHORTEST_BRAND = 3
_LONGEST_BRAND_WORDS = 3

_TRADE_WORDS = (
    "acid acrygel acrylic air amino and aqua argan art base basic bio black bleach blond blonde blue body bond "
    "botox box brow brush bubble builder care classic clay clean cleaner cleanser clear co coat cold color colour "
    "complex conditioner control cool cover cream creme crème cuticle deep degreaser dehydrator derma detox "
    "developer diamond disinfectant dry dryer edition effect elastic energy enzyme express extension extra eye "
    "eyelash eyeshadow face fast fiber fibre film fix flex foam foot for foundation free french fresh fruit gel "
    "gloss gloves glue gold gray green haarfarbe hair hand hard heat henna hold home hot hyaluronic ice intense "
    "keratin kg kit lash led lift light lightening line lipstick liquid long lotion lux luxe magic mascara mask "
    "mat matt matte max medium men micro milk mini mint mist ml mm moisture mousse mud nail natural nature "
    "neutral nitrile no non nude oil one organic oxid oxidant oxide oxy oxygen paint palette paste peel perfect "
    "perfume perm permanent peroxide pink plex plus polish poly polygel powder power premium prep primer pro prof "
    "professional protect protein pure purple push rapid red remover repair repairing rgb rubber salt sanitizer "
    "satin scissors scrub sea self sensitive serum set shampoo shellac shine silk silver skin smart smooth soak "
    "soft spa spray star step straight strip strong style styling sugar sun super system tea the therapy thermo "
    "tint titan titanium tonic top total touch toxic treatment trimmer ultra ultrabond up usb uv vegan velvet vit "
    "vitamin vol volume water wave wax wet white wipe with yellow zero "
)
GENERIC = frozenset(_TRADE_WORDS.split())
"""English words of the trade that are nobody's name."""


def repaired(text: str) -> str:
    """The text with letters of the wrong alphabet put right word by word, not in capitals, short forms written out."""
    text = _TORN_M.sub("м", text)
    text = _DIGIT_IN_WORD.sub(lambda digit: digit[0].translate(_LETTERS), text)
    text = _WORD.sub(lambda word: _one_alphabet(word[0]), text)
    russian = re.findall(r"[А-Яа-яЁё]{2,}", text)
    if len(russian) > 1 and 2 * sum(len(word) for word in russian if word.isupper()) > sum(map(len, russian)):
        text = re.sub(r"[А-ЯЁ][А-Яа-яЁё]+", lambda word: word[0].lower(), text)
    for short, full in _SHORT_FORMS:
        text = short.sub(full + (" " if not full.endswith(" ") and not short.pattern.endswith(")") else ""), text)
    return _SPACES.sub(" ", _SIZE.sub(lambda size: size[1].translate(_SIZES), text)).strip()


def clean_name(text: str) -> str:
    """The name without article codes and without what no person would print; its pack was taken out before."""
    text = _CODES.sub(" ", re.sub(r"(?<=\d)\*(?=\d)", "х", text))
    text = _JUNK.sub(" ", text)
    for _ in range(2):
        text = _EMPTY.sub(" ", text)
    text = _SPACES.sub(" ", re.sub(r"\(\s+", "(", re.sub(r"\s+([),;])", r"\1", text))).strip(" .,;:/-+'\"(")
    text = text + ")" * max(0, text.count("(") - text.count(")"))
    return text[:1].upper() + text[1:]


def find_brand(text: str, known: Collection[str] = ()) -> str | None:
    """The brand in a name: one of the known ones, a word in quotation marks, the first foreign word, or a quotation.

    Args:
        text: the name, repaired.
        known: brands that the asker knows, as they are to be answered.
    """
    low = _bare(text)
    for brand in sorted(known, key=len, reverse=True):
        if _bare(brand) in low:
            return brand
    quoted = next((one[1] for one in _QUOTED.finditer(text) if _names(one[1])), None)
    if quoted and " " not in quoted:
        return quoted
    for found in _LATIN.finditer(text):
        word = found[0].strip("-'’&")
        if word[:1].isupper() and len(word) >= _SHORTEST_BRAND and word.lower() not in GENERIC:
            return word
    return quoted


def twinless(text: str) -> str:
    """Lower case in one alphabet, so that a word is the same word whichever alphabet its letters were read in."""
    return _SPACES.sub(" ", re.sub(r"[^\w%/.,]+", " ", text.translate(_TO_CYRILLIC).lower().replace("ё", "е"))).strip()


def _bare(text: str) -> str:
    return f" {_SPACES.sub(' ', re.sub(r'[^a-zа-я0-9]+', ' ', twinless(text))).strip()} "


def _names(quoted: str) -> bool:
    return quoted[:1].isupper() and not re.search(r"\d", quoted) and len(quoted.split()) <= _LONGEST_BRAND_WORDS


def _one_alphabet(word: str) -> str:
    """A word of two alphabets in Cyrillic where every letter allows it, for that is what is misread, else in Latin."""
    if word.isascii() or not any(letter.isascii() for letter in word):
        return word
    russian = word.translate(_TO_CYRILLIC)
    if not any(letter.isascii() for letter in russian):
        return russian
    latin = word.translate(_TO_LATIN)
    return latin if latin.isascii() else word
