"""The whole way from tokens to the wishes about date and time."""

from dataclasses import replace

from salon.understanding.domain import When
from salon.understanding.grammar.assemble import assemble
from salon.understanding.grammar.clock import CLOCK_RULES
from salon.understanding.grammar.dates import DATE_RULES
from salon.understanding.grammar.draft import correct
from salon.understanding.grammar.ellipsis import complete
from salon.understanding.grammar.engine import Env, rewrite
from salon.understanding.grammar.spans import SPAN_RULES
from salon.understanding.grammar.times import NUMBER_RULES, RANGE_RULES
from salon.understanding.grammar.tokens import Token


def parse_when(tokens: list[Token], env: Env, *, truncated: bool = False) -> When | None:
    """Read date and time out of classified tokens.

    Args:
        tokens: What ``tokenise`` made of the message.
        env: The moment, the zone, the opening hours.
        truncated: The message went on after what was read; the answer says so.
    """
    tokens = complete(tokens)
    for rules in (CLOCK_RULES, DATE_RULES, NUMBER_RULES, RANGE_RULES, SPAN_RULES):
        tokens = rewrite(tokens, rules, env)
    if env.expecting == "when":
        tokens = rewrite([*_lone_number(tokens)], NUMBER_RULES + RANGE_RULES, env)
    found = assemble(correct(tokens), env)
    if found is not None and truncated:
        return replace(found, ambiguous=(*found.ambiguous, "truncated"))
    return found


def _lone_number(tokens: list[Token]) -> list[Token]:
    """The answer «15» to «во сколько?» is a time: read it as «в 15»."""
    if [token.cls for token in tokens if token.cls not in ",;_"] != ["N"]:
        return tokens
    number = next(token for token in tokens if token.cls == "N")
    return [Token("v", None, "в", number.start, number.start), number]
