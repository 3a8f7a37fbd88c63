"""Whether a message cancels outright, only sounds as if it might, or takes a cancellation back. Pure.

Understanding hears «не смогу» and «не приду» as cancelling, which they are when nothing else is said: «не смогу
завтра», «не приду на стрижку, заболела». With any other word they are about something else: «не смогу дозвониться»,
«не приду раньше шести», «не приду одна». A visit that is given away by mistake is worse than a question, so whatever
is not plain is asked about.
"""

from __future__ import annotations

import re

_ORDER = re.compile(
    r"\bотмен(?:и|ите|ить|яй|яйте|ять|яю|яем|яется|а|у|ю|им)\b|\bаннулир\w*|\bне ждите\b"
    r"|\bотказываюсь\b|\bоткаж(?:усь|емся)\b|\bотказаться\b"
    r"|\b(?:сними\w*|снять|удали\w*|убери\w*|убрать)\b(?:\W+\w+){0,3}?\W+запис\w*"
    r"|^\W*(?:(?:я|мы)\s+)?передумал[аи]?\W*$",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:скорее\s+всего|(?<!не )может|возможно|наверно\w*|видимо|боюсь|прид[её]тся|думаю|подумываю|подумаю|не\s+знаю"
    r"|не\s+уверен\w*|вдруг|вероятно|собираюсь|напишу|сообщу|передумал\w*\s+отмен\w+|не\s+могу\s+отмен\w+)\b",
    re.IGNORECASE,
)
"""Somebody thinks about it, or will say later."""

_REPORTED = re.compile(
    r"\b(?:сказал|говор[ия]|велел|просил|попросил|просит|посоветовал|совету|требу|хочет|хотят|предлага|предложил)\w*"
    r"(?:\W+\w+){0,2}?\W+отмен\w*",
    re.IGNORECASE,
)
"""«Муж сказал отмени»: what somebody else says is no order to us."""

_UNABLE = re.compile(
    r"\bне\s+(?:смогу|сможем|могу|можем|приду|придем|придём|получится|получается|выйдет|успею|буду)\b", re.IGNORECASE
)
_CLAUSES = re.compile(r"[,;.!?\n()…—–]+|\s-\s|\b(?:и|но|а|так как|потому что|поскольку|из-за)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:к|ко|на)\s+(?:(?:мо\w+|сво\w+|эт\w+|наш\w+|ваш\w+|\w+(?:ую|ий|ый|ой|ое|ие|ые))\s+)?(?!час\b|полчаса\b)\w+",
    re.IGNORECASE,
)
"""«К Ольге», «на женскую стрижку»: what a visit is; «на час раньше» is not."""

_PLAIN = re.compile(
    r"я|мы|у|меня|нас|мне|нам|к|ко|сожалению|вам|в|во|на|это|эту|этот|этой|то|же|не|никак|точно|вообще|совсем|уже|тоже"
    r"|теперь|увы|ой|пожалуйста|извин\w*|прост\w*|простит\w*|жаль|здравствуйте|добрый|привет\w*|девочки|день|вечер|утро"
    r"|прийти|придти|приходить|приехать|подъехать|подойти|попасть|явиться|быть|присутствовать|посетить"
    r"|смогу|сможем|могу|можем|приду|придем|придём|получится|получается|выйдет|успею|буду"
    r"|сегодня|завтра|послезавтра|утром|дн[её]м|вечером|ночью|понедельник|вторник|сред[уы]|четверг|пятниц[уы]"
    r"|суббот[уы]|воскресенье|выходн\w+|недел[еюи]|ближайш\w+|следующ\w+|эти|этих|раз|назначенн\w+|врем[яени]+"
    r"|январ\w+|феврал\w+|март\w*|апрел\w+|ма[йея]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+"
    r"|\d{1,2}(?:-?го|-?е)?|\d{1,2}:\d{2}|час\w*|числ[оа]"
    r"|запис\w+|визит\w*|при[её]м\w*|процедур\w*|салон\w*|вас"
    r"|забол\w+|болею|болит|больн\w+|температур\w*|простуд\w*|простыл\w*|плохо|самочувстви\w*|ребен\w*|ребён\w*"
    r"|уезжаю|уехал\w*|командировк\w*|работ\w+|дела|обстоятельств\w*",
    re.IGNORECASE,
)
_COMES = re.compile(r"(?<!не )\b(?:приду|прид[её]м|приеду|подойду|подъеду)\b", re.IGNORECASE)

_BACK = re.compile(
    r"\bверн(?:и|ите|уть)\b(?!\W+(?:мне\W+)?(?:мои\W+)?(?:деньг|предоплат|рассылк|подписк|новост))|\bвосстанов\w*"
    r"|\bне\s+(?:\w+\s+){0,2}отмен\w*|\bотмен\w*\s+(?:мою\s+|эту\s+)?отмену\b|\bзачем\s+(?:вы\s+)?отменил\w*"
    r"|\b(?:ой|нет|стоп|стойте|подождите|погодите|ошиб\w+|случайно)\W+(?:это\W+)?не\s+(?:надо|нужно)\b"
    r"|^\W*не\s+(?:надо|нужно)(?:\s+было)?\W*$"
    r"|\b(?:ошиблась|ошибся|по ошибке|случайно|нечаянно)\b|\bпередумал[аи]?\b"
    r"|\bвс[её][\s-]*таки\s+(?:я\s+)?(?:приду|буду|смогу)\b|\bоставьте?\b",
    re.IGNORECASE,
)
_UNHEARD = re.compile(
    r"\bне\s+(?:(?:это|этого|так)\s+)?(?:говорил\w*|просил\w*|имел\w*\s+в\s+виду)\b"
    r"|\bне\s+(?:так|то|правильно|верно)\b(?:\W+(?:меня|вы|ты)){0,2}\W+(?:услышал|понял|расслышал|сделал)\w*"
    r"|\b(?:ослышал|неправильно\s+(?:меня\s+)?(?:услышал|понял))\w*|^\W*(?:нет\W+)?не\s+то\W*$",
    re.IGNORECASE,
)
_COMES_AFTER_ALL = re.compile(
    r"(?:(?:ой|ай|да|нет|не[ае]т|я|мы|шучу|пошутил[аи]?|вс[её]|таки|равно|ведь|же|точно|конечно|обязательно|извин\w*"
    r"|прост\w*|пожалуйста|отбой|ладно|ок|хорошо|завтра|сегодня|вовремя|тогда|ну|значит)\W+)*"
    r"(?:приду|прид[её]м|приеду|приедем|подойду|подъеду)"
    r"(?:\W+(?:я|мы|вс[её]|таки|завтра|сегодня|точно|обязательно|вовремя|конечно|же|извин\w*|прост\w*|пожалуйста))*",
    re.IGNORECASE,
)
_NOT_BACK = re.compile(r"\bне\s+(?:надо\s+|нужно\s+|хочу\s+)?(?:верн|возвр|восстан)\w*", re.IGNORECASE)
_BACK_NAMED = re.compile(
    r"\b(?:верн(?:и|ите|уть)|восстанов(?:и|ите|ить))\b(?:\W+(?:мне|мою|нашу|эту|обратно|пожалуйста))*\W+запис\w+",
    re.IGNORECASE,
)


def is_plain_cancelling(text: str) -> bool:
    """Whether nothing but cancelling can be meant: «отмени», «не смогу завтра», «не приду к Ольге, заболела»."""
    if _ORDER.search(text):
        return not _HEDGED.search(text) and not _REPORTED.search(text)
    said = [clause for clause in _CLAUSES.split(text) if _UNABLE.search(clause)]
    return bool(said) and not _COMES.search(text) and all(map(_is_plain, said))


def wants_back(text: str) -> bool:
    """Right after a cancellation: «верни», «ой, не надо», «нет, не отменяй», «да приду я», «я этого не говорила»."""
    if _COMES_AFTER_ALL.fullmatch(text.strip(" .,!?;:()\n")):
        return True
    is_said = _BACK.search(text) or _UNHEARD.search(text)
    return is_said is not None and _NOT_BACK.search(text) is None


_AS_IT_WAS = re.compile(
    r"\bверн(?:и|ите|уть)\b(?:\W+(?:вс[её]|запись|обратно|назад|время|пожалуйста|мне|мою|на|старое|прежнее))*"
    r"(?:\W+как\s+было)?\W*$|\bкак\s+было\b|\bне\s+(?:надо|нужно)\s+(?:было\s+)?перен\w+|\bне\s+перенос\w+",
    re.IGNORECASE,
)


def wants_as_it_was(text: str) -> bool:
    """Right after a move: «верни как было», «не надо было переносить»."""
    return _AS_IT_WAS.search(text) is not None


def names_what_to_bring_back(text: str) -> bool:
    """«Верните запись», said at any time."""
    return _BACK_NAMED.search(text) is not None and _NOT_BACK.search(text) is None


def _is_plain(clause: str) -> bool:
    words = re.findall(r"[\w:-]+", _PLACE.sub(" ", clause))
    return all(_PLAIN.fullmatch(word) for word in words)
