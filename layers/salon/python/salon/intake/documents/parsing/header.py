"""What stands around the table: kind, number, date, supplier, totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz
from rapidfuzz.distance import Hamming

from salon.intake.documents.domain import DocumentKind, Flag, Read, SupplierRead
from salon.intake.documents.parsing.boxed import is_ambiguous, number_right
from salon.intake.documents.parsing.figures import digits_for
from salon.intake.documents.parsing.names import box_of, certainty
from salon.intake.documents.parsing.rows import Row, bounds
from salon.intake.documents.parsing.words import Page
from salon.platform.money import to_minor

_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_DATE = re.compile(
    r"(?<!\d)([0-3]?\d)\s?(?:[.,]\s?([01]?\d)\s?[.,]\s?(20\d\d)|\.\s?([01]?\d)\s?\.\s?(\d\d)"
    r"|/([01]?\d)/(20\d\d|\d\d))(?!\d)"  # «5/4, 15 мл» is no date
)
_LONG_DATE = re.compile(r"[«\"'“]?\s*(?<!\d)([0-3]?\d)\s*[»\"'”]?\s+([а-яё]{2,9})\s+(20\d\d)", re.IGNORECASE)
_NO = r"(?:№|(?<!\w)(?:No|Ne|N[°ºo]|Nº|N(?=[\s.])|М№|Хе|Не|Ме))\.?"
_NUMBERED = re.compile(rf"{_NO}\s*([A-ZА-ЯЁa-zа-я0-9][\wА-Яа-яЁё/\-]*)", re.IGNORECASE)
_TITLES = (
    (DocumentKind.UPD, ("счет-фактура", "счёт-фактура", "универсальный передаточный", "передаточный документ")),
    (DocumentKind.TORG12, ("товарная накладная", "расходная накладная", "приходная накладная", "торг-12", "накладная")),
    (DocumentKind.SALES_RECEIPT, ("товарный чек",)),
    (DocumentKind.CASH_RECEIPT, ("кассовый чек", "чек №", "приход")),
)
_INN = re.compile(r"(?<!\d)(\d{12}|\d{10})(?!\d)")
_FORM = r"(?:ООО|OOO|000|ООО|ОО0|0ОО|ИП|ПАО|ЗАО|АО|AO|ОАО|А0|ип)"
_FIRM = re.compile(
    rf"((?:{_FORM})\s*[«\"'“„<]+[^»\"'”>]{{2,60}}[»\"'”>]+"
    r"|(?<!\w)(?:ИП|ИN|UN|UП|Индивидуальный предприниматель)[\s‘'`]+[А-ЯЁ][а-яё\-]+"
    r"(?:[\s‘'`]*[А-ЯЁABCEHKMOPTXY0](?:[а-яё]+|[.,])){1,2})"
)
_CAPTION = re.compile(r"организация\W{0,3}грузоотправитель", re.IGNORECASE)  # of a blank line, wherever the paper bends
_INN_TITLE = re.compile(r"[иiuaа][нhn][нhn]", re.IGNORECASE)
_MISREAD = 2  # digits of two printings of one number
_ENTREPRENEUR = re.compile(r"^(?:ИП|ИN|UN|UП)[\s‘'`]+")
_CYRILLIC = str.maketrans("ABCEHKMOPTXYN0", "АВСЕНКМОРТХУИО")
_BANK = re.compile(r"банк|\bбик\b", re.IGNORECASE)
_SELLER = re.compile(
    r"поставщик|продавец|грузоотправитель|исполнитель|отпустил|организация|от кого|^\W*[оo][тt]\s",
    re.IGNORECASE,
)
_BUYER = re.compile(r"покупател|плательщик|грузополучател|заказчик|клиент|^\W*кому", re.IGNORECASE)
_TOTAL = re.compile(
    r"(всего\s+к\s+оплат|итого\s+к\s+оплат|всего\s+по\s+накл|всего\s+наименован|на\s+сумму|итог|всего|к\s+оплате|сумма\s+по)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?<![\d.,])(\d{1,3}(?: \d{3})+|\d+)\s?[.,\-]\s?(\d{2})(?!\d)")
_GROUPED = re.compile(r"(?<=\d)(?:['’`‘](?=\d{3}(?!\d))|,(?=\d{3}(?:,\d{3})*\.\d\d(?!\d)))")  # «11'258.60», «20,665.00»
_OF_PAGE = re.compile(r"(?:по|на)\s+(?:этой\s+)?(?:странице|листу|листе)", re.IGNORECASE)
_MARKED = re.compile(r"^([^\d=]*[A-ZА-ЯЁa-zа-яё]{2}[^\d=]*)=\s?(\d[\d ]*[.,]\s?\d\d)\W{0,2}$")
_TAXED = re.compile(r"[НHN][ДAАЛL][СC]", re.IGNORECASE)
_UNTAXED = re.compile(r"без|5e3|6e3", re.IGNORECASE)
_CARRIAGE = re.compile(r"^\W*доставк", re.IGNORECASE)
_OTHER_PAPER = re.compile(r"постановл|госкомстат|утвержд|доверенн|договор|годен|срок", re.IGNORECASE)
_OTHER_NUMBER = re.compile(r"основани|отгрузк|доверенн|договор|транспорт|платежно|платёжно", re.IGNORECASE)
_APPENDED = re.compile(r"\s+приложение\s.*$", re.IGNORECASE)
_LOOKALIKE = str.maketrans("abcehkmoptxy3ё", "авсенкмортхузе")
_SLIP = re.compile(rf"\W*(?:че\w|\wек)\s*{_NO}\s*\d", re.IGNORECASE)  # «Чех № 294»
_NUMBERED_TITLES = ("счет-фактура", "счет на оплату", "накладная", "товарный чек", "чек", "реализация", "заказ")
_TITLE_LIKE = 85.0  # one letter of «накладная»
_LAST_YEAR = 2049
"""«98» is 1998: the year of a form, not of a document."""


@dataclass(frozen=True, slots=True)
class Header:
    """What was found around the lines."""

    kind: DocumentKind
    number: Read[str | None]
    date: Read[date | None]
    supplier: SupplierRead


def header_of(page: Page, rows: Sequence[Row], *, is_receipt: bool) -> Header:
    """Kind, number, date and supplier of the first page."""
    text = "\n".join(row.text for row in rows)
    kind = DocumentKind.CASH_RECEIPT if is_receipt else kind_of(text)
    number, on = _number_and_date(page, rows, kind)
    return Header(kind, number, on, _supplier(page, rows))


def kind_of(text: str) -> DocumentKind:
    """By the title; letters may be misread."""
    low = text.lower()
    scored = [
        (max(fuzz.partial_ratio(title, low) - 0.01 * i for title in titles), kind)
        for i, (kind, titles) in enumerate(_TITLES)
    ]
    sales = fuzz.partial_ratio("товарный чек", low)
    if sales >= 90 and fuzz.partial_ratio("счет-фактура", low) < sales:  # noqa: PLR2004 - «товарная накладная» scores 67
        return DocumentKind.SALES_RECEIPT
    best, kind = max(scored, key=lambda pair: pair[0])
    return kind if best >= 80 else DocumentKind.UNKNOWN  # noqa: PLR2004 - two letters of a title


def date_in(text: str) -> date | None:
    """The first date of a text."""
    for match in _LONG_DATE.finditer(text):
        month = _month(match[2])
        if month:
            return _date(int(match[1]), month, int(match[3]))
    for match in _DATE.finditer(text):
        month, year = (int(part) for part in match.groups()[1:] if part is not None)
        found = _date(int(match[1]), month, year if year > 99 else 2000 + year)  # noqa: PLR2004 - two digits
        if found:
            return found
    return None


def _month(word: str) -> int | None:
    low = word.lower()
    scores = [(fuzz.ratio(low, f"{stem}{'я' if stem == 'ма' else 'а' if stem in {'март', 'август'} else 'я'}"), i)
              for i, stem in enumerate(_MONTHS, 1)]  # fmt: skip
    best, month = max(scores)
    return month if best >= 70 else None  # noqa: PLR2004 - one or two letters


def _date(day: int, month: int, year: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 2000 <= year <= _LAST_YEAR else None  # noqa: PLR2004 - no older paper


def _number_and_date(page: Page, rows: Sequence[Row], kind: DocumentKind) -> tuple[Read[str | None], Read[date | None]]:
    number: Read[str | None] = Read(None, 0.0)
    on: Read[date | None] = Read(None, 0.0)
    titled = _titled(rows, kind)
    if titled is not None:
        row, text = titled
        number = _number_in(page, row, text)
        found = date_in(text)
        if found:
            on = Read(found, round(certainty(row.words), 3), box_of(row.cell, page))
    if number.value is None:
        number = _boxed_number(page, rows, number)
    if on.value is None:
        for row in rows:
            found = date_in(row.text)
            if found and not _OTHER_PAPER.search(row.text):
                on = Read(found, round(certainty(row.words), 3), box_of(row.cell, page))
                break
    return number, on


def _titled(rows: Sequence[Row], kind: DocumentKind) -> tuple[Row, str] | None:
    """The row of the title, and what of it is the title: «Счёт-фактура № 5 от … | Приложение № 1 к постановлению …»."""
    best: tuple[float, Row, str] | None = None
    for i, row in enumerate(rows):
        text = _APPENDED.sub("", row.text)
        low = text.lower().translate(_LOOKALIKE)
        score = max(fuzz.partial_ratio(title, low) for title in _NUMBERED_TITLES)
        if kind is DocumentKind.CASH_RECEIPT and _SLIP.match(text):
            score = max(score, _TITLE_LIKE)
        numbered = bool(_NUMBERED.search(text) and re.search(r"№\s*\S*\d|\d", text))
        dated = date_in(text) is not None
        if score < _TITLE_LIKE or not (numbered or dated) or _OTHER_NUMBER.search(text):
            continue
        rank = numbered * 2 + dated * 2 + score / 100 + ("исправлен" not in low) - ("приложение" in low) * 2 - i / 100
        if best is None or rank > best[0]:
            best = (rank, row, text)
    return best[1:] if best else None


def _number_in(page: Page, row: Row, said: str) -> Read[str | None]:
    for match in _NUMBERED.finditer(said):
        text = match[1].strip("-/.")
        if not re.search(r"\d", digits_for(text)) or text.lower().startswith("от"):
            continue
        words = [word for word in row.words if text in word.text] or list(row.words)
        text = text if page.is_exact else number_right(text)
        sure = certainty(words[:1])
        is_sure = sure >= 0.6 and not is_ambiguous(text)  # noqa: PLR2004 - half of such are wrong
        flags = () if page.is_exact or is_sure else (Flag.NUMBER_UNSURE,)
        return Read(text, round(sure, 3), box_of(bounds(words[:1]), page), flags)
    return Read(None, 0.0)


def _boxed_number(page: Page, rows: Sequence[Row], fallback: Read[str | None]) -> Read[str | None]:
    """«Номер документа | Дата составления» above «3468 | 05.03.2026», or a title followed by both."""
    for row in rows:
        if not date_in(row.text) or re.search(r"постановл|доверенн|договор|чек|утвержд", row.text, re.IGNORECASE):
            continue
        match = _LONG_DATE.search(row.text) or _DATE.search(row.text)
        before = row.text[: match.start()] if match else ""
        tokens = [token for token in before.split() if re.search(r"\d", token)]
        if tokens:
            text = tokens[-1].strip(".,|[]()«»\"'")
            words = [word for word in row.words if text in word.text]
            text = text if page.is_exact else number_right(text)
            flags = (Flag.NUMBER_UNSURE,) if not page.is_exact and is_ambiguous(text) else ()
            return Read(text, round(certainty(words or row.words), 3), box_of(bounds(words or row.words), page), flags)
    return fallback


def _supplier(page: Page, rows: Sequence[Row]) -> SupplierRead:
    name: Read[str] = Read("", 0.0, None, (Flag.SUPPLIER_UNSURE,))
    inn: Read[str | None] = Read(None, 0.0)
    ranked_names, ranked_inns = [], []
    buyer_from = None
    for i, row in enumerate(rows):
        low = _CAPTION.sub(lambda found: " " * len(found[0]), row.text.lower())
        buyer, seller = _BUYER.search(low), _SELLER.search(low)
        if buyer and not seller and buyer_from is None:
            buyer_from = i
        limit = buyer.start() if buyer and (not seller or seller.start() < buyer.start()) else len(row.text)
        part = row.text[:limit] if limit else ""
        weight = (3.0 if seller else 0.0) - (4.0 if buyer and not seller else 0.0) - i / 100
        if buyer_from is not None and i > buyer_from and not seller:
            weight -= 1.5
        ranked_names += [(weight - 3.0 * bool(_BANK.search(part)), i, match[1]) for match in _FIRM.finditer(part)]
        for match in _INN.finditer(re.sub(r"(?<=\d)[оОoO](?=\d)", "0", part)):
            near = 2.0 if _INN_TITLE.search(part[: match.start()][-30:]) else -1.0
            ranked_inns.append((weight + near, i, match[1]))
    if ranked_names:
        _, i, text = max(ranked_names, key=lambda item: item[0])
        sure = certainty(rows[i].words)
        name = Read(_firm(text), round(sure, 3), box_of(rows[i].cell, page))
    if ranked_inns:
        _, i, text = max(ranked_inns, key=lambda item: item[0])
        if not is_inn(text):
            i, text = next(((k, other) for _, k, other in ranked_inns if _is_rightly(other, text)), (i, text))
        flags = () if is_inn(text) else (Flag.INN_INVALID,)
        inn = Read(text, round(certainty(rows[i].words), 3), box_of(rows[i].cell, page), flags)
    return SupplierRead(name, inn)


def _is_rightly(inn: str, misread: str) -> bool:
    """Whether it is the same number as printed elsewhere, its check digits right."""
    return len(inn) == len(misread) and is_inn(inn) and Hamming.distance(inn, misread) <= _MISREAD


def _firm(text: str) -> str:
    text = re.sub(r"^(?:000|OOO|ОО0|0ОО)(?=\W)", "ООО", text.strip())
    if _ENTREPRENEUR.match(text):
        text = re.sub(r"[\s‘'`]+", " ", _ENTREPRENEUR.sub("ИП ", text))
        return re.sub(r"(?<!\w)(\w)[.,]", lambda found: f"{found[1].translate(_CYRILLIC)}.", text)
    return re.sub(r"^(?:AO|А0)(?=\W)", "АО", text)


def is_inn(text: str) -> bool:
    """Whether the check digits of an INN fit (приказ ФНС ММВ-7-6/435@)."""
    if not re.fullmatch(r"\d{10}|\d{12}", text):
        return False
    digits = [int(digit) for digit in text]

    def check(weights: Sequence[int]) -> int:
        return sum(weight * digit for weight, digit in zip(weights, digits, strict=False)) % 11 % 10

    if len(digits) == 10:  # noqa: PLR2004 - of a firm
        return check((2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[9]
    return (
        check((7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[10] and check((3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[11]
    )


def totals_in(page: Page, rows: Sequence[Row]) -> list[tuple[int, Read[int | None]]]:
    """Sums that the text calls the total, with a rank: the higher the likelier."""
    found: list[tuple[int, Read[int | None]]] = []
    for i, row in enumerate(rows):
        text = _plain(row.text)
        title = _TOTAL.search(text)
        if not title or re.search(r"инн|смена|скидк|кол-?во", text, re.IGNORECASE) or _OF_PAGE.search(text):
            continue
        sums = [money_of(match) for match in _MONEY.finditer(text[title.start() :])]
        if not sums and i + 1 < len(rows) and re.fullmatch(r"[=\s\d.,]+", rows[i + 1].text):
            sums = [money_of(match) for match in _MONEY.finditer(rows[i + 1].text)]
        if sums:
            low = title[1].lower()
            rank = 3 if "оплат" in low or "сумму" in low else 2
            found.append((rank, Read(to_minor(sums[-1]), round(certainty(row.words), 3), box_of(row.cell, page))))
    return [*found, *_marked_totals(page, rows)]


def _marked_totals(page: Page, rows: Sequence[Row]) -> list[tuple[int, Read[int | None]]]:
    """«ATO =31091.04» of a till: sums with a sign of their own, whatever their titles were read as.

    What was paid in cash is one without its change.
    """
    found: list[tuple[int, Read[int | None]]] = []
    cash: Read[int | None] | None = None
    for row in rows:
        match = _MARKED.match(_plain(row.text))
        if not match or _TOTAL.search(match[1]) or (_TAXED.search(match[1]) and not _UNTAXED.search(match[1])):
            continue
        sums = [money_of(each) for each in _MONEY.finditer(match[2])]
        if len(sums) != 1:
            continue
        read: Read[int | None] = Read(to_minor(sums[0]), round(certainty(row.words), 3), box_of(row.cell, page))
        title = match[1].lower().translate(_LOOKALIKE)
        if re.match(r"\W*налич", title):
            cash = read
        elif "сдача" not in title:
            found.append((1, read))
        elif cash is not None and cash.value and read.value is not None and cash.value > read.value:
            found.append((1, replace(cash, value=cash.value - read.value)))
            cash = None
    return [*found, (1, cash)] if cash is not None else found


def carriage_in(text: str) -> int | None:
    """What the delivery costs, kopecks, where it is a sum under the table of goods; None where it is not."""
    for row in text.splitlines():
        sums = [money_of(match) for match in _MONEY.finditer(_plain(row))] if _CARRIAGE.search(row) else []
        if len(sums) == 1:
            return to_minor(sums[0])
    return None


def _plain(text: str) -> str:
    """With sums written in one way: «11'258.60» and «20,665 . 00» as «11 258.60» and «20 665.00»."""
    return _GROUPED.sub(" ", re.sub(r"(?<=\d)\s?([.,])\s?(?=\d\d\b)", r"\1", text))


def money_of(match: re.Match[str]) -> Decimal:
    """The figure that was matched."""
    return Decimal(f"{match[1].replace(' ', '')}.{match[2]}")
