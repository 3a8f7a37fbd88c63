"""Tells a time to be done by from a time to begin: «к семи чтобы всё было готово», «должны доделать до пяти».

What says so often stands away from the hour, with the service's name between them, so no rule over neighbours sees it.
Here the sentence is looked through once, and a finishing mark is put right before its hour, for the rules to take.
"""

from functools import lru_cache
from typing import NamedTuple

from salon.understanding.grammar.tokens import Token
from salon.understanding.repository import Lexicon

_DEADLINES = "kd>"
_TIMES = "vn"
_HOUR_STARTS = "NTFfqhAw"
_NOT_AN_HOUR = "Mcye#go"
_OF_AN_HOUR = "NThmFOqfPy0"
_REACH = 9
"""Tokens between the word of completion and its hour."""
_BE = frozenset({"быть", "была", "был", "были", "было", "будет", "будут"})
_INFINITIVES = ("ть", "ти", "чь", "ться")
_PASTS = ("л", "ли", "ла", "лось", "лась", "лись")
_SHORT_FORMS = frozenset(
    ("", "а", "о", "ы", "ой", "ою", "ым", "ыми", "ной", "ным", "ая", "ую", "ое", "ый", "ность", "ности")
)
_BEFORE, _AFTER = 9, 4
"""How far from «готова» what makes it a wish may stand: «чтобы…», «должна…», «была…»."""


class CompletionWords(NamedTuple):
    """What a lexicon says of being done.

    ``states`` are beginnings («готов», «сделан»), ``acts`` beginnings of verbs, ``purposes`` «чтобы», ``duties``
    «надо», ``wholes`` «всё», ``arrivals`` beginnings of what is said of coming, booking and beginning, ``hosts`` of
    what is the salon's own.
    """

    states: tuple[str, ...]
    acts: tuple[str, ...]
    purposes: frozenset[str]
    duties: frozenset[str]
    wholes: frozenset[str]
    arrivals: tuple[str, ...]
    hosts: tuple[str, ...]


@lru_cache(maxsize=4)
def completion_words(lexicon: Lexicon) -> CompletionWords:
    """Compile what a lexicon says of being done, once."""
    data = lexicon.calendar["completion"]
    return CompletionWords(
        tuple(data["states"]),
        tuple(data["acts"]),
        frozenset(data["purposes"]),
        frozenset(data["duties"]),
        frozenset(data["wholes"]),
        tuple(data["arrivals"]),
        tuple(data["hosts"]),
    )


def mark_completion(tokens: list[Token], words: CompletionWords) -> list[Token]:
    """Put a finishing mark before each hour that something has to be over by, a doubt where it may be so."""
    marks: dict[int, str] = {}
    moved: set[int] = set()
    begin = 0
    for end in [*(place for place, token in enumerate(tokens) if token.cls == ";"), len(tokens)]:
        hours = [place for place in range(begin, end) if _is_hour(tokens, place, end)]
        if any(tokens[place].cls in _DEADLINES for place in hours):
            found = _said_done(tokens, range(begin, end), hours, words)
            moved.update(place for place in found.values() if tokens[place].cls == "V")
            marks |= dict.fromkeys(found, "V") or _implied(tokens, range(begin, end), hours, words)
        elif any(_is_done(tokens, place, words) for place in range(begin, end)):
            parts = (place for place in range(begin, end) if tokens[place].cls == "P")
            marks |= {place: "θ" for place in parts if tokens[place].text.startswith(("к ", "до "))}
        begin = end + 1
    marked: list[Token] = []
    for place, token in enumerate(tokens):
        if place in marks:
            marked.append(Token(marks[place], None if marks[place] == "V" else "time", "", token.start, token.start))
        marked.append(Token("_", None, token.text, token.start, token.end) if place in moved else token)
    return marked


def _said_done(tokens: list[Token], sentence: range, hours: list[int], words: CompletionWords) -> dict[int, int]:
    """Return the hours that a word of completion belongs to, and that word's place."""
    found: dict[int, int] = {}
    for place in sentence:
        if not _is_done(tokens, place, words):
            continue
        hour = min(hours, key=lambda other: (abs(other - place), other))
        if tokens[hour].cls in _DEADLINES and _is_about(tokens, place, hour, words):
            found[hour] = place
    return found


def _implied(tokens: list[Token], sentence: range, hours: list[int], words: CompletionWords) -> dict[int, str]:
    """«к восьми должна быть красивая», «до шести чтобы уже всё»; a mere «чтобы к шести» is asked about."""
    said = [tokens[place] for place in sentence]
    if any(token.cls in "Vδψλ" or token.text.startswith(words.arrivals + words.hosts) for token in said):
        return {}
    hour = next(place for place in hours if tokens[place].cls in _DEADLINES)
    if tokens[hour].cls == "k" and _leads_elsewhere(tokens[hour + 1 : sentence.stop]):
        return {hour: "θ"}
    texts = [token.text for token in said]
    if (words.duties | words.purposes) & set(texts) and "быть" in texts:
        after = "".join(token.cls for token in said[texts.index("быть") + 1 :])
        return {hour: "V" if after.startswith(("_", "n_", "v_")) else "θ"}
    purpose = next((place for place in sentence if tokens[place].text in words.purposes), None)
    if purpose is None:
        return {}
    if words.wholes & {token.text for token in tokens[purpose + 1 : purpose + 3]}:
        return {hour: "V"}
    return {hour: "θ"} if purpose < hour else {}


def _leads_elsewhere(after: list[Token]) -> bool:
    """«мне к трём в аэропорт»: after the hour comes a place to be at; whether that is the salon is asked."""
    rest = "".join(token.cls for token in after).lstrip(_OF_AN_HOUR)
    return rest.startswith(("v_", "_v_"))


def _is_hour(tokens: list[Token], place: int, end: int) -> bool:
    """Whether a preposition stands before an hour: «до 20 августа» is a day."""
    after = [token.cls for token in tokens[place + 1 : min(place + 3, end)]]
    if tokens[place].cls not in _DEADLINES + _TIMES or not after or after[0] not in _HOUR_STARTS:
        return False
    is_by_day = tokens[min(place + 2, end - 1)].text == "дня"
    return after[0] != "N" or len(after) == 1 or is_by_day or after[1] not in _NOT_AN_HOUR


def _is_done(tokens: list[Token], place: int, words: CompletionWords) -> bool:
    """Whether a word says, in its company, that something is over by then."""
    token = tokens[place]
    if token.cls == "V":
        return not any(other.cls in "Qρ" for other in tokens[max(0, place - 2) : place + 4])
    if token.cls not in "_ψ":
        return False
    if any(token.text.startswith(state) and token.text[len(state) :] in _SHORT_FORMS for state in words.states):
        return _is_wished(tokens, place, words)
    if not token.text.startswith(words.acts):
        return False
    before = {other.text for other in tokens[max(0, place - _REACH) : place]}
    if token.text.endswith(_PASTS):
        return bool(before & words.purposes)
    return any(other.text == "все" for other in tokens[max(0, place - 1) : place + 3]) or bool(
        before & {"должны", "должен"}
    )


def _is_wished(tokens: list[Token], place: int, words: CompletionWords) -> bool:
    """Whether «готова» is what is wished for; not «готова подъехать», nor «к пяти, я готова»."""
    following = tokens[place + 1].text if place + 1 < len(tokens) else ""
    if following.endswith(_INFINITIVES) and following not in _BE:
        return False
    if tokens[place].text.endswith(("ность", "ности")):
        return True
    company = words.purposes | words.duties | _BE
    return any(
        token.text in company and all(other.cls != "," for other in tokens[min(at, place) : max(at, place)])
        for at, token in enumerate(tokens)
        if -_BEFORE <= at - place <= _AFTER
    )


def _is_about(tokens: list[Token], place: int, hour: int, words: CompletionWords) -> bool:
    """Whether the word of completion and the hour belong together: near, and no coming or booking between them."""
    low, high = min(place, hour), max(place, hour)
    between = tokens[low:high]
    if high - low > _REACH or any(token.cls in "λμ" or token.text.startswith(words.arrivals) for token in between):
        return False
    is_apart = hour < place and tokens[hour].cls == "k" and any(token.text in words.purposes for token in between)
    if is_apart and tokens[place].text.startswith(words.acts):  # «к семи, чтобы сделали маникюр»
        return bool(words.wholes & {token.text for token in tokens[low : place + 3]})
    return True
