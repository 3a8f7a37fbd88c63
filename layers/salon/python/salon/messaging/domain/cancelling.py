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
_NOT_BACK = re.compile(r"\bне\s+(?:надо\s+|нужно\s+|хочу\s+)?(?:верн|возвр|восстан)\w*", re.IGNORECASE)
_BACK_NAMED = re.compile(
    r"\b(?:верн(?:и|ите|уть)|восстанов(?:и|ите|ить))\b(?:\W+(?:мне|мою|нашу|эту|обратно|пожалуйста))*\W+запис\w+",
    re.IGNORECASE,
)


def is_plain_cancelling(text: str) -> bool:
    """Whether nothing but cancelling can be meant: «отмени», «не смогу завтра», «не приду к Ольге, заболела»."""
    if _ORDER.search(text):
        return True
    said = [clause for clause in _CLAUSES.split(text) if _UNABLE.search(clause)]
    return bool(said) and not _COMES.search(text) and all(map(_is_plain, said))


def wants_back(text: str) -> bool:
    """Right after a cancellation: «верни», «ой, не надо», «нет, не отменяй»."""
    return _BACK.search(text) is not None and _NOT_BACK.search(text) is None


def names_what_to_bring_back(text: str) -> bool:
    """«Верните запись», said at any time."""
    return _BACK_NAMED.search(text) is not None and _NOT_BACK.search(text) is None


def _is_plain(clause: str) -> bool:
    words = re.findall(r"[\w:-]+", _PLACE.sub(" ", clause))
    return all(_PLAIN.fullmatch(word) for word in words)
