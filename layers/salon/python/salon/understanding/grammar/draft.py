"""What a message says about date and time, gathered and not weighed yet; and whether anything was left over."""

from dataclasses import dataclass, field
from itertools import pairwise

from salon.understanding.grammar.clock import LONGEST_VISIT
from salon.understanding.grammar.engine import Day, Span
from salon.understanding.grammar.tokens import Point, Token

LEFT_OVER = frozenset("NOWMRfqFYKJZB&x05cH/αρωσφκχξνGLeou%")
"""Classes that no rule took and that look like time: they are reported, never dropped."""
_TELLING = frozenset("WMR&/%σξω")
"""Those that speak of time even when nothing else in the message does."""
_ATOM_DIMENSIONS = {"D": "date", "2": "date", "3": "date", "T": "time", "6": "time", "P": "time", "7": "time"}
_LEAST_NOUN = 4
_MOST_THINGS = 10
_COUNTED_ENDINGS = ("а", "я", "ы", "и", "ов", "ев", "ей", "ек", "ок", "ий")
_NO_NOUNS = frozenset(("пожалуйста", "меня", "нужна", "хотела", "хотели", "подскажи", "когда", "тоже", "моя", "себя"))
_END = Token(";", None, "", 10**6, 10**6)


@dataclass(slots=True)
class Draft:
    """The atoms of a message by kind, and the doubts about them."""

    days: list[Day] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    lists: list[list[Day]] = field(default_factory=list)
    excluded: list[Day] = field(default_factory=list)
    past: list[Day] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    ranges: list[tuple[Point | None, ...]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    finish: list[Point] = field(default_factory=list)
    duties: list[tuple[Point, bool]] = field(default_factory=list)
    shifts: list[tuple[int | None, int | None]] = field(default_factory=list)
    asap: bool = False
    approx: bool = False
    doubts: list[str] = field(default_factory=list)

    def doubt(self, *entries: str) -> None:
        """Write doubts down, each once."""
        self.doubts += [entry for entry in entries if entry not in self.doubts]


def correct(tokens: list[Token]) -> list[Token]:
    """Let what follows «ой нет», «лучше», «точнее» replace what it corrects."""
    kept: list[Token] = []
    seen: set[str] = set()
    replaced: set[str] = set()
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        dimension = _ATOM_DIMENSIONS.get(token.cls)
        if token.cls in "Cμ" and _corrects(tokens, index):
            replaced |= seen
        elif dimension is None or dimension not in replaced:
            kept.append(token)
            if dimension:
                seen.add(dimension)
    return kept[::-1]


def _corrects(tokens: list[Token], index: int) -> bool:
    rest = [later.cls for later in tokens[index + 1 : index + 4]]
    if tokens[index].text == "лучше":
        return bool(rest) and any(cls in _ATOM_DIMENSIONS for cls in rest[:2])
    return True


def is_empty(draft: Draft) -> bool:
    """Whether the message has nothing to do with time."""
    return not any(
        (draft.days, draft.spans, draft.lists, draft.excluded, draft.past, draft.points, draft.ranges, draft.parts,
         draft.finish, draft.shifts, draft.asap, draft.doubts, draft.duties)
    )  # fmt: skip


def collect(tokens: list[Token]) -> Draft:
    """Gather the atoms and report what was left over."""
    draft = Draft()
    for index, token in enumerate(tokens):
        _take(draft, token, tokens[index - 1] if index else None)
    firm = [point for point in draft.points if not point.loose or point.hour > LONGEST_VISIT]
    if len(draft.points) > 1 and firm:
        draft.points = firm
    elif draft.ranges and not firm:
        draft.points = []
    _settle_finish(draft, tokens)
    unread = any(_is_unread(token, after, draft) for token, after in pairwise([*tokens, _END]))
    if unread and (not is_empty(draft) or any(token.cls in _TELLING for token in tokens)):
        draft.doubt("unread")
    has_wish = draft.days or draft.points or draft.ranges or draft.lists or draft.spans
    if has_wish and any(token.cls == "t" for token in tokens):
        draft.doubt("condition")
    if (draft.days or draft.spans or draft.parts) and any(token.cls == "A" for token in tokens):
        draft.approx = True
    if (has_wish or draft.parts) and any(token.cls == "U" for token in tokens):
        draft.doubt("negation")
    spoken = [token for token in tokens if token.cls not in "hmc"]
    if any(_is_stranded(token, after) for token, after in pairwise(spoken)):
        draft.doubt("unread")
    return draft


def _is_unread(token: Token, after: Token, draft: Draft) -> bool:
    """Tell whether something that looks like time was left over; «2 маникюра» beside an hour is no time."""
    if token.cls != "N":
        return token.cls in LEFT_OVER
    if token.text.isdecimal() and len(token.text) > 2 and (token.value % 100 > 59 or token.value > 2359):  # noqa: PLR2004 - no clock shows it
        return bool(token.value < 0)
    counts = after.cls == "_" and (not after.text or _is_noun(after.text) or token.value == 1)
    near = after.start - token.end <= 1 and token.value <= _MOST_THINGS
    return not (counts and near and (draft.points or draft.ranges or draft.parts))


def _is_noun(word: str) -> bool:
    """Tell whether a word looks like what a number counts."""
    return len(word) >= _LEAST_NOUN and word.endswith(_COUNTED_ENDINGS) and word not in _NO_NOUNS


def _settle_finish(draft: Draft, tokens: list[Token]) -> None:
    """What has to be reached elsewhere, «в шесть за ребёнком», is when to be done, unless that was said as well."""
    if not draft.duties or draft.finish:
        return
    point, is_loose = draft.duties[0]
    draft.finish = [point]
    if is_loose and not any(token.cls == "V" for token in tokens):
        draft.doubt("time")


def _is_stranded(token: Token, after: Token) -> bool:
    """A «до», «после», «с», «не» that no rule took changes what follows: never read it as if it were not there."""
    return token.cls in "Idpszrubx<>" and after.cls in "D23T6" and token.value is None


_PLACES = {
    "D": "days", "2": "spans", "3": "lists", "!": "past", "T": "points", "6": "ranges", "7": "finish", "8": "shifts",
    "η": "duties",
}  # fmt: skip


_BEFORE_OR_AFTER = {"раньше", "ранее", "позже", "позднее"}
_OF_AN_HOUR = frozenset({"утра", "ночи"})
_SETTLES_EARLIER = set("T6P")
"""A time after «пораньше» says how early: «пораньше, часов в девять». Before it, it does not: «в шесть… а попозже?»"""


def _take(draft: Draft, token: Token, before: Token | None) -> None:
    if token.cls in _SETTLES_EARLIER:
        draft.doubts = [doubt for doubt in draft.doubts if doubt not in {"earlier", "later"}]
    if place := _PLACES.get(token.cls):
        getattr(draft, place).append(token.value)
    elif token.cls == "4":
        draft.excluded += token.value
    elif token.cls == "P":
        _take_part(draft, token, before)
    elif token.cls == "X":
        draft.asap = True
    elif token.cls == "θ":
        draft.doubt(token.value)
    elif token.cls == "ε" and before is not None:
        draft.doubt("earlier" if token.text.startswith("ран") else "later")
    elif token.cls in {"Q", "S"}:
        draft.doubt("earlier" if token.cls == "Q" else "later")


def _take_part(draft: Draft, token: Token, before: Token | None) -> None:
    if before is not None and (before.cls in "I<>dps" or before.text in _BEFORE_OR_AFTER):
        draft.doubt("daypart")
        return
    if before is not None and before.cls == "_" and token.text in _OF_AN_HOUR:
        draft.doubt("unread")  # «в шчсть утра»
    if token.value not in draft.parts:
        draft.parts.append(token.value)
