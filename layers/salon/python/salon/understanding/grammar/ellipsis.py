"""Puts back the noun that a speaker leaves out: «не в эту субботу, а в следующую», «…давайте на следующей в среду»."""

from salon.understanding.grammar.tokens import Token

_NOUNS = frozenset("WeoKMJyghσ%c")
"""What «следующий» can belong to."""
_OF_A_WEEK = frozenset({"следующей", "будущей", "ближайшей", "этой"})


def complete(tokens: list[Token]) -> list[Token]:
    """Repeat the weekday, week, month or weekend named before, where a word that needs one stands alone."""
    completed: list[Token] = []
    noun: Token | None = None
    for place, token in enumerate(tokens):
        completed.append(token)
        if token.cls in _NOUNS:
            noun = token if token.cls in "WeoK" else noun
        elif (token.cls in "EZB" and (meant := _shared_noun(tokens, place))) or (
            (token.cls == "Z" or _is_pointed(tokens, place))
            and _stands_alone(tokens, place)
            and (meant := _noun_for(token, tokens, place, noun))
        ):
            completed.append(Token(meant.cls, meant.value, meant.text, token.end, token.end))
    return completed


def _shared_noun(tokens: list[Token], place: int) -> Token | None:
    """«в эту или следующую пятницу»: the noun comes with the second."""
    ahead = [token for token in tokens[place + 1 : place + 5] if token.cls not in "vn,"]
    if len(ahead) > 2 and ahead[0].cls in "lj" and ahead[1].cls in "EZB" and ahead[2].cls in "WeoK":  # noqa: PLR2004 - «или следующую пятницу»
        return ahead[2]
    return None


def _is_pointed(tokens: list[Token], place: int) -> bool:
    """«не в этот», «давайте в эту»."""
    if tokens[place].cls != "E" or place < 2 or tokens[place - 1].cls not in "vn":  # noqa: PLR2004 - two words before
        return False
    after = tokens[place + 1].cls if place + 1 < len(tokens) else ";"
    return tokens[place - 2].cls in "Iλ" and after in ",;vnka"


def _stands_alone(tokens: list[Token], place: int) -> bool:
    after = [token.cls for token in tokens[place + 1 : place + 3]] or [";"]
    if after == ["h", "v"]:
        return True  # «в следующую часов в двенадцать»
    return after[0] not in _NOUNS and after[0] not in "_#F"


def _noun_for(token: Token, tokens: list[Token], place: int, noun: Token | None) -> Token | None:
    before = tokens[place - 1].cls if place else ""
    if before == "n" and token.text in _OF_A_WEEK:
        return Token("e", None, "неделе", token.end, token.end)
    return noun if before in {"v", "n"} else None
