"""Latin letters read for Cyrillic ones and the other way round: «Macka 750 mn» is «Маска 750 мл».

A model of two languages chooses the alphabet word by word, and for words of letters that both have it often errs. A
word is put into the alphabet in which it is a word of the trade, or that of its neighbours.
"""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import fuzz, process

_TO_CYRILLIC = str.maketrans({
    "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "K": "К", "M": "М", "O": "О", "P": "Р", "T": "Т", "X": "Х",
    "Y": "У", "a": "а", "b": "ь", "c": "с", "e": "е", "o": "о", "p": "р", "x": "х", "y": "у", "k": "к", "m": "м",
    "n": "л", "r": "г", "u": "и", "t": "т", "h": "н", "N": "Л", "i": "і", "d": "д", "w": "ш", "W": "Ш", "s": "з",
    "g": "д", "3": "з", "6": "б", "j": "ј", "l": "л", "v": "у", "z": "г", "q": "д", "R": "Я", "U": "И", "I": "П",
    "J": "Л", "S": "З", "F": "Г", "f": "г", "D": "О", "L": "Ь", "V": "У", "é": "е",
})  # fmt: skip
_TO_LATIN = str.maketrans({
    "А": "A", "В": "B", "С": "C", "Е": "E", "Н": "H", "К": "K", "М": "M", "О": "O", "Р": "P", "Т": "T", "Х": "X",
    "У": "Y", "а": "a", "с": "c", "е": "e", "о": "o", "р": "p", "х": "x", "у": "y", "к": "k", "и": "u", "г": "r",
    "п": "n", "ь": "b", "т": "t", "м": "m", "н": "h", "І": "I", "Ѕ": "S", "ѕ": "s", "ј": "j",
})  # fmt: skip
_LOOKALIKE_LATIN = frozenset("ABCEHKMOPTXYaceopxykmnrubthN36")
_LOOKALIKE_CYRILLIC = frozenset("АВСЕНКМОРТХУасеорхукигпьтмн")
_VOLUMES = {
    "mn": "мл", "мn": "мл", "mл": "мл", "ml": "мл", "мп": "мл", "ma": "мл", "mi": "мл", "mr": "мг", "r": "г",
    "rp": "гр",
    "kr": "кг", "kг": "кг", "кr": "кг", "wt": "шт", "шr": "шт", "ut": "шт", "n": "л", "m": "м", "cm": "см", "mm": "мм",
    "mkm": "мкм", "мkм": "мкм", "mкm": "мкм", "mkм": "мкм", "yn": "уп", "nap": "пар", "см.": "см", "лл": "мл",
}  # fmt: skip
_TRADE_WORDS = """
маска масло краска крем лак гель топ база бальзам шампунь кондиционер оксид окислитель оксидант активатор краситель
порошок пудра тоник тонер лосьон сыворотка пилка пилки баф кисть кисти перчатки фольга полотенца полотенце салфетки
воротнички воротничок пеньюар пеньюары шапочка шапочки простыни простыня воск паста сахарная жидкость снятия
дегидратор праймер бонд ремувер кутикулы ногтей волос бровей ресниц лица тела рук ног для без под над при после
окрашивания окрашенных поврежденных повреждённых сухих жирных нормальных всех типов сильной экстрасильной фиксации
эластичной мусс пена спрей стайлинг укладки термозащита блеск защита цвета объем объём восстановление увлажнение
увлажняющий увлажняющая питательный питательная восстанавливающий восстанавливающая осветляющий осветляющая
осветлитель обесцвечивающий обесцвечивающая тонирующий тонирующая крем-краска гель-лак шампунь-пилинг стойкий
стойкая каучуковая камуфлирующая плёночный пленочный плёнка пленка одноразовые одноразовый одноразовая нитриловые
виниловые латексные чёрные черные белые голубые розовые прозрачные профессиональная профессиональный
профессиональные парикмахерская парикмахерские алюминиевая тон цвет оттенок светло-русый тёмно-русый русый блондин
коричневый холодный тёплый каштан шоколад медный красный рыжий пепельный бежевый перламутровый натуральный чёрный
черный серебристый узкая широкая плоская апельсиновые палочки ватные диски спонжи безворсовые маникюрные ножницы
кусачки щипчики пинцет бумеранг прямая полукруглая липкого слоя экстракт экстрактом ромашки алоэ гиалуроновой
кислотой кератин коллаген персик миндаль рулон рулоне набор комплект штук пара пар упаковка флакон банка туба мл шт
уп кг гр см мм мкм литр антисептик дезинфицирующее средство стерилизации пакеты крафт-пакеты маски медицинские
бигуди зажимы заколки невидимки шпильки расческа расчёска щетка щётка брашинг карандаш тушь помада хна гелевая
полигель акрил акриловая пыль втирка слайдеры стразы фреза фрезы насадка косметическая очищающий очищающая скраб
пилинг мыло мочевина ацетона ароматом с по из на от и полиэтиленовый ножные ручек вода мицеллярная патчи альгинатная
тёмно темно светло шатен золотистый золотистая пепельный пепельная жемчужный бежевая фиолетовый махагон бургунд графит
ультра блонд ресницы брови бигуди парафин альгинатная сыворотки кисточка кисточки щеточка щёточка шлифовальный алмазная
волосы кожа кожи лицо ноги стоп стопы уход уходовая восстановления роста мужской мужская детский детская сухой сухая
клей тальк кофе чай лампа лампы лезвия лезвие бахилы тапочки палочка расходник расходные материалы станок станки бритва
машинка триммер фен плойка утюжок щипцы насадки чехол сумка коврик подставка поднос миска мисочка мерный стакан дозатор
банка флакончик пульверизатор распылитель игла иглы картридж картриджи гранулы парафин парафиновая хлопковые хлопковый
ботокс кожный крокодилы карбоновая карбоновый хвостиком горячий
бумажные бумажный бумага спанлейс шарлотта накидка фартук халат полоски депиляции шугаринг шугаринга эпиляции
колпачок скребок ламинирования завивки состав нейтрализатор фиксаж эмульсия концентрат ампулы ампула лечебный
профилактический против выпадения перхоти дыня ваниль лаванда кокос мята
пакет микс файлы сменные ногтевой бескислотный бескислотная белая белый прозрачный прозрачная морская
"""
_INNER_WORDS = """
тона тонов пакета упаковки наборе рулона изгиб грит пене кончиков мелирования азулен картридже производитель
производителя профессионального применения россия завод бытовой химии ванн
"""
_INNER = frozenset(_INNER_WORDS.split())
_TRADE = frozenset(_TRADE_WORDS.split()) | _INNER
_LONG = tuple(sorted(word for word in _TRADE if len(word) >= 5))  # noqa: PLR2004 - short ones are like too much
_ENGLISH_WORDS = """
black blond blonde brown rubber cover color silk turbo repair matt gloss strong soft forte basic ultra hyaluron scalp
expert nuance cream extreme nature natura texture amber pure care acme matte moon nano ombre prep top tone premium
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_TAKEN_FOR = _LOOKALIKE_LATIN | {"w", "W"}
_NEAR = 82
_LIKE = 70
_AGAIN = str.maketrans({"x": "к", "s": "в", "B": "В", "r": "г", "u": "и"})  # what else a letter is taken for


def may_be_latin(word: str) -> bool:
    """Whether a Cyrillic word may be a Latin brand that was misread: no word of the trade, and written like a name."""
    bare = word.strip(".,;:()«»\"'|[]")
    if len(bare) < 4 or not re.search("[А-Яа-яЁё]", bare) or re.search(r"\d", bare):  # noqa: PLR2004 - «тон», «для»
        return False
    return not is_known(bare) and (bare[:1].isupper() or bool(re.search(r"[^А-Яа-яЁё\-/]", bare)))


_GARBLED = re.compile(
    r"[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]"  # two alphabets in one word
    r"|[A-Za-zА-Яа-яЁё]\d[A-WYZa-wyzА-ФЦ-Яа-фц-яЁё]"  # «Ba3a», but «2х5х7»
    r"|[A-Za-zА-Яа-яЁё]{2}\d{1,2}[A-Za-zа-яё]{2}"  # «Не11ит1»
    r"|[À-ÿ]|[$@#{}]|\d[А-Яа-яЁё]{4,}|\bJ[lnI1]"  # «$4мама», «Jlocton»
    r"|\b[a-z][A-Z]\b|[A-Za-zА-Яа-яЁё]!$"  # «aS»: a mark of a stamp; «ге!»: no name is called out
    r"|[а-яё][А-ЯЁ]|[A-Za-zА-Яа-яЁё][!?;$@#{}\[\]|<>=]+&?[A-Za-zА-Яа-яЁё]"
    r"|[А-Яа-яЁё\d]&|&[А-Яа-яЁё\d]"  # «&» stands between Latin letters
)


_STRAY = re.compile(r"(?<![\d)°] )(?<!\d)(?<!\S)[a-zа-яё](?<![всиоакcoaku])(?!\S)")
_TWO_HUMPS = re.compile(r"(?:[А-ЯЁ][а-яё]{3,}){2}")  # «МастерЛакс»: a brand


def is_garbled(text: str) -> bool:
    """Whether a word of it is written as no word is."""
    if any(re.fullmatch(r"[\\/|_~^<>=]+", word) for word in text.split(" ")):
        return True
    parts = re.split(r"[\s\-/()+]", text)
    return any(_GARBLED.search(part) and not _TWO_HUMPS.fullmatch(part.strip('«»",.;:')) for part in parts)


def has_stray(name: str) -> bool:
    """Whether a letter stands by itself that is no preposition, and no unit behind a figure: «Вербена р Лаб»."""
    return bool(_STRAY.search(name))


def put_right(name: str) -> str:
    """The name with each word in its own alphabet."""
    words = name.split(" ")
    words = [_mixed(word) for word in words]
    for i, word in enumerate(words):
        before, after = (words[i - 1] if i else ""), (words[i + 1] if i + 1 < len(words) else "")
        words[i] = _word(word, before, after)
    return " ".join(words)


def _word(word: str, before: str, after: str) -> str:
    bare = word.strip(".,;:()«»\"'")
    if not bare:
        return word
    if re.search(r"\d[)\]]?$", before) and bare.lower() in _VOLUMES:
        return word.replace(bare, _VOLUMES[bare.lower()])
    attached = re.fullmatch(r"(\d+(?:[.,]\d+)?)([A-Za-zА-Яа-я]{1,3})", bare)
    if attached and attached[2].lower() in _VOLUMES:
        return word.replace(bare, attached[1] + _VOLUMES[attached[2].lower()])
    if bare == "№" and _is_latin(after) and not re.match(r"\d", after):
        return word.replace("№", "No")
    if _is_latin(bare) and len(bare) > 1:
        russian = _in_trade(bare)
        return word.replace(bare, russian) if russian else word
    if _is_cyrillic(bare) and bare.lower() not in _TRADE and set(bare) <= _LOOKALIKE_CYRILLIC and len(bare) > 1:
        if _is_latin(before) and (_is_latin(after) or not _is_cyrillic(after)):
            return word.replace(bare, bare.translate(_TO_LATIN))
    elif (
        bare.lower() in {"тор", "топ"}
        and set(bare) <= _LOOKALIKE_CYRILLIC
        and _is_latin(before)
        and (_is_latin(after) or after == "№")
    ):
        return word.replace(bare, bare.replace("п", "p").translate(_TO_LATIN))
    return word


@cache
def _in_trade(word: str) -> str | None:
    """The Russian word of the trade that a Latin one was; None when it is none."""
    candidate = word.translate(_TO_CYRILLIC)
    low = candidate.lower()
    found = None
    if low in _TRADE and set(word) <= _LOOKALIKE_LATIN:
        found = low
    elif len(low) >= 5 and not word.isascii():  # noqa: PLR2004 - short ones are like too much
        found = None
    elif len(low) >= 5:  # noqa: PLR2004 - as above
        found = _nearest(word, _NEAR)
    if found is None:
        return None
    return found.capitalize() if word[:1].isupper() else found


def _nearest(word: str, least: float) -> str | None:
    """The word of the trade that is likest to a Latin one in Russian letters."""
    texts = {
        again.translate(also).translate(_TO_CYRILLIC).lower()
        for again in (word, word.translate(_AGAIN), re.sub("b[il1I!|]", "ы", word), re.sub("cp|qp", "ф", word))
        for also in ({}, {ord("n"): "п"})
    }
    hits = [process.extractOne(text, _LONG, scorer=fuzz.ratio, score_cutoff=least) for text in sorted(texts)]
    return max(((hit[1], hit[0]) for hit in hits if hit), default=(0.0, None))[1]


@cache
def may_be_russian(word: str) -> bool:
    """Whether a Latin word may be a Russian one that was misread: brands are not so like the words of the trade."""
    bare = word.strip(".,;:()«»\"'|[]")
    is_word = re.fullmatch(r"[A-Za-z]+(?:-[A-Za-z]+[!]?)?", bare)  # «Kpacpt-naketb!» is «Крафт-пакеты»
    return len(bare) >= 4 and bool(is_word) and _nearest(bare, _LIKE) is not None  # noqa: PLR2004 - letters


def is_lookalike(word: str) -> bool:
    """Whether a Latin word is of nothing but letters that Russian ones are taken for: «Onamupuka», «war».

    Names of brands hardly ever are, and small words of a name are Russian.
    """
    bare = word.strip(".,;:()«»\"'|[]")
    is_short = re.fullmatch(r"[a-z]{2,5}", bare) and bare not in _VOLUMES
    is_long = re.fullmatch(r"[A-Z][A-Za-z]{5,}|[A-Z][a-z]{2,3}", bare) and bare.lower() not in _ENGLISH
    return bool(is_short or is_long) and set(bare) <= _TAKEN_FOR and bare.lower() not in _ENGLISH


def is_small_latin(word: str) -> bool:
    """Whether a Latin word of small letters stands where brands do not: «onyap.L» is «опудр.L»."""
    return bool(re.match(r"[a-z]{4,}|[a-z]{2,3}\.[a-z]{2}", word)) and re.split(r"[^a-z]", word)[0] not in _ENGLISH


def is_known(word: str) -> bool:
    """Whether it is a word of the trade, or is made of such."""
    bare = word.strip(".,;:()«»\"'|[]").lower()
    return bare in _TRADE or all(part in _TRADE for part in re.split("[-/]", bare))


def may_begin(word: str) -> bool:
    """Whether a name may begin with it, though its letters are small: «тонов (пакет 30 г)» is the end of another."""
    bare = word.strip(".,;:()«»\"'|[]")
    return is_known(word) and not (bare[:1].islower() and bare.lower() in _INNER)


def is_unknown(word: str) -> bool:
    """Whether it is a Russian word, and none of the trade."""
    bare = word.strip(".,;:()«»\"'|[]").lower()
    return len(bare) >= 4 and _is_cyrillic(bare) and not is_known(bare)  # noqa: PLR2004 - short ones are abbreviations


def _mixed(word: str) -> str:
    """A word of both alphabets into the one that most of its letters are of beyond doubt."""
    has_latin, has_cyrillic = re.search("[A-Za-z]", word), re.search("[А-Яа-яЁё]", word)
    if not (has_latin and has_cyrillic) or re.search(
        r"[A-Za-z]{3,}[\-/][А-Яа-я]{2,}|[А-Яа-я]{3,}[\-/][A-Za-z]{2,}", word
    ):
        return word
    only_cyrillic = sum(bool(re.match("[А-Яа-яЁё]", letter)) and letter not in _LOOKALIKE_CYRILLIC for letter in word)
    only_latin = sum(bool(re.match("[A-Za-z]", letter)) and letter not in _LOOKALIKE_LATIN for letter in word)
    if only_cyrillic >= only_latin:
        return re.sub("[A-Za-z]", lambda match: match[0].translate(_TO_CYRILLIC), word)
    return word.translate(_TO_LATIN)


def _is_latin(word: str) -> bool:
    return bool(re.search("[A-Za-z]", word)) and not re.search("[А-Яа-яЁё]", word)


def _is_cyrillic(word: str) -> bool:
    return bool(re.search("[А-Яа-яЁё]", word)) and not re.search("[A-Za-z]", word)
