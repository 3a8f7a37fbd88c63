"""What WhatsApp's error codes mean for us, in an answer as in a status (facts §4.6)."""

from __future__ import annotations

from salon.integrations.meta.answers import ACCOUNT, POLICY, RECIPIENT, REQUEST, RETRY, WINDOW, GraphError, Verdict
from salon.messaging.domain import FailureClass

PAIR_PAUSE_S = 6.0  # one message per six seconds to one person, in the long run
_HOURS_S = 4 * 3600.0
_DAY_S = 24 * 3600.0
_PERMISSIONS = range(200, 300)

_WHOLE_NUMBER = Verdict(FailureClass.RETRY, 1.0, whole_account=True)
_PAIR = Verdict(FailureClass.RETRY, PAIR_PAUSE_S, is_least=True)
_LONG_PAUSE = Verdict(
    FailureClass.RETRY, _HOURS_S, whole_account=True, about="the number has to rest for hours", is_least=True
)
_NOT_TODAY = Verdict(FailureClass.RETRY, _DAY_S, about="this person gets enough marketing for now", is_least=True)

_VERDICTS: dict[int, Verdict] = {
    **dict.fromkeys((1, 2, 131000, 131016, 131057, 135000, 131052, 131053), RETRY),
    **dict.fromkeys((4, 80007, 130429), _WHOLE_NUMBER),
    131056: _PAIR,
    **dict.fromkeys((131048, 131064, 133016), _LONG_PAUSE),
    131049: _NOT_TODAY,
    131047: WINDOW,
    **dict.fromkeys((131026, 131021, 131030, 131062), RECIPIENT),
    # Of an experiment, or no marketing any more: this message never, but the person's reminders still arrive.
    **dict.fromkeys((130472, 131050), REQUEST),
    **dict.fromkeys((100, 131008, 131009, 131051, 131063, 137000), REQUEST),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069), REQUEST),
    **dict.fromkeys((0, 3, 10, 190, 131005), ACCOUNT),
    **dict.fromkeys((368, 131031, 130497, 131037, 131042, 131044, 131045), POLICY),
}


def judge(error: GraphError) -> Verdict | None:
    """What to do about a code; None for one that nobody knows."""
    if error.code in _PERMISSIONS:
        return ACCOUNT
    return _VERDICTS.get(error.code)
