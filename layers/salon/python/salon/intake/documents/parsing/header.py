"""What stands around the table: kind, number, date, supplier, totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rapidfuzz import fuzz

from salon.intake.documents.domain import DocumentKind, Flag, Read, SupplierRead
from salon.intake.documents.parsing.boxed import number_right
from salon.intake.documents.parsing.figures import digits_for
from salon.intake.documents.parsing.names import box_of, certainty
from salon.intake.documents.parsing.rows import Row, bounds
from salon.intake.documents.parsing.words import Page
from salon.platform.money import to_minor

_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_DATE = re.compile(r"(?<!\d)([0-3]?\d)\s?[.,/]\s?([01]?\d)\s?[.,/]\s?(20\d\d|\d\d)(?!\d)")
_LONG_DATE = re.compile(r"[«\"'“]?\s*(?<!\d)([0-3]?\d)\s*[»\"'”]?\s+([а-яё]{2,9})\s+(20\d\d)", re.IGNORECASE)
_NO = r"(?:№|No|Ne|N[°ºo]?|Nº|М№|Хе|Не|Ме)\.?"
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
    r"|(?:ИП|Индивидуальный предприниматель)\s+[А-ЯЁ][а-яё\-]+(?:\s+[А-ЯЁ](?:[а-яё]+|\.)){1,2}\.?)"
)
_SELLER = re.compile(r"поставщик|продавец|грузоотправитель|исполнитель|отпустил|организация", re.IGNORECASE)
_BUYER = re.compile(r"покупател|плательщик|грузополучател|заказчик|клиент", re.IGNORECASE)
_TOTAL = re.compile(
    r"(всего\s+к\s+оплат|итого\s+к\s+оплат|всего\s+по\s+накл|всего\s+наименован|на\s+сумму|итог|всего|к\s+оплате|сумма\s+по)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?<![\d.,])(\d{1,3}(?: \d{3})+|\d+)\s?[.,\-]\s?(\d{2})(?!\d)")


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
        year = int(match[3])
        found = _date(int(match[1]), int(match[2]), year if year > 99 else 2000 + year)  # noqa: PLR2004 - two digits
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
    return found if 2000 <= year <= 2099 else None  # noqa: PLR2004 - no older paper


def _number_and_date(page: Page, rows: Sequence[Row], kind: DocumentKind) -> tuple[Read[str | None], Read[date | None]]:
    titles = ("счет-фактура", "накладная", "товарный чек", "чек", "реализация", "заказ")
    best: tuple[float, int] | None = None
    for i, row in enumerate(rows):
        low = row.text.lower()
        score = max(fuzz.partial_ratio(title, low) for title in titles)
        numbered = bool(_NUMBERED.search(row.text) and re.search(r"№\s*\S*\d|\d", row.text))
        dated = date_in(row.text) is not None
        if score >= 85 and (numbered or dated):  # noqa: PLR2004 - one letter of «накладная»
            rank = (
                numbered * 2 + dated * 2 + score / 100 + ("исправлен" not in low) - ("приложение" in low) * 2 - i / 1000
            )
            if best is None or rank > best[0]:
                best = (rank, i)
    number: Read[str | None] = Read(None, 0.0)
    on: Read[date | None] = Read(None, 0.0)
    if best is not None:
        row = rows[best[1]]
        number = _number_in(page, row)
        found = date_in(row.text)
        if found:
            on = Read(found, round(certainty(row.words), 3), box_of(row.cell, page))
    if number.value is None:
        number = _boxed_number(page, rows, number)
    if on.value is None:
        for row in rows:
            found = date_in(row.text)
            if found and not re.search(r"постановл|доверенн|договор", row.text, re.IGNORECASE):
                on = Read(found, round(certainty(row.words), 3), box_of(row.cell, page))
                break
    del kind
    return number, on


def _number_in(page: Page, row: Row) -> Read[str | None]:
    for match in _NUMBERED.finditer(row.text):
        text = match[1].strip("-/.")
        if not re.search(r"\d", digits_for(text)) or text.lower().startswith("от"):
            continue
        words = [word for word in row.words if text in word.text] or list(row.words)
        text = text if page.is_exact else number_right(text)
        sure = certainty(words[:1])
        flags = () if page.is_exact or sure >= 0.6 else (Flag.NUMBER_UNSURE,)  # noqa: PLR2004 - half of such are wrong
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
            return Read(text, round(certainty(words or row.words), 3), box_of(bounds(words or row.words), page))
    return fallback


def _supplier(page: Page, rows: Sequence[Row]) -> SupplierRead:
    name: Read[str] = Read("", 0.0, None, (Flag.SUPPLIER_UNSURE,))
    inn: Read[str | None] = Read(None, 0.0)
    ranked_names, ranked_inns = [], []
    buyer_from = None
    for i, row in enumerate(rows):
        low = row.text.lower()
        buyer, seller = _BUYER.search(low), _SELLER.search(low)
        if buyer and not seller and buyer_from is None:
            buyer_from = i
        limit = buyer.start() if buyer and (not seller or seller.start() < buyer.start()) else len(row.text)
        part = row.text[:limit] if limit else ""
        weight = (3.0 if seller else 0.0) - (4.0 if buyer and not seller else 0.0) - i / 100
        if buyer_from is not None and i > buyer_from and not seller:
            weight -= 1.5
        ranked_names += [(weight, i, match[1]) for match in _FIRM.finditer(part)]
        for match in _INN.finditer(re.sub(r"(?<=\d)[оОoO](?=\d)", "0", part)):
            near = 2.0 if re.search(r"инн|ihh|uhh|инh", part[: match.start()].lower()[-30:]) else -1.0
            ranked_inns.append((weight + near, i, match[1]))
    if ranked_names:
        _, i, text = max(ranked_names, key=lambda item: item[0])
        sure = certainty(rows[i].words)
        name = Read(_firm(text), round(sure, 3), box_of(rows[i].cell, page))
    if ranked_inns:
        _, i, text = max(ranked_inns, key=lambda item: item[0])
        flags = () if is_inn(text) else (Flag.INN_INVALID,)
        inn = Read(text, round(certainty(rows[i].words), 3), box_of(rows[i].cell, page), flags)
    return SupplierRead(name, inn)


def _firm(text: str) -> str:
    text = re.sub(r"^(?:000|OOO|ОО0|0ОО)(?=\W)", "ООО", text.strip())
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
        text = re.sub(r"(?<=\d)\s?([.,])\s?(?=\d\d\b)", r"\1", row.text)
        title = _TOTAL.search(text)
        if not title or re.search(r"инн|смена|скидк|кол-?во", text, re.IGNORECASE):
            continue
        sums = [money_of(match) for match in _MONEY.finditer(text[title.start() :])]
        if not sums and i + 1 < len(rows) and re.fullmatch(r"[=\s\d.,]+", rows[i + 1].text):
            sums = [money_of(match) for match in _MONEY.finditer(rows[i + 1].text)]
        if sums:
            low = title[1].lower()
            rank = 3 if "оплат" in low or "сумму" in low else 2
            found.append((rank, Read(to_minor(sums[-1]), round(certainty(row.words), 3), box_of(row.cell, page))))
    return found


def money_of(match: re.Match[str]) -> Decimal:
    """The figure that was matched."""
    return Decimal(f"{match[1].replace(' ', '')}.{match[2]}")
