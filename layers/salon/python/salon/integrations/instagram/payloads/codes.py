"""What Instagram's error codes mean for us (facts §5.6): a subcode decides where there is one that we know."""

from __future__ import annotations

from salon.integrations.meta.answers import ACCOUNT, POLICY, RECIPIENT, REQUEST, RETRY, WINDOW, GraphError, Verdict
from salon.messaging.domain import FailureClass

MESSAGE_ACCESS_OFF = 2534041
_MINUTES_S = 180.0
_PATIENCE = Verdict(FailureClass.RETRY, _MINUTES_S, whole_account=True)
_NO_ACCESS = Verdict(
    FailureClass.ACCOUNT, about="the account does not allow message access: Settings, Messages, Connected tools"
)

_BY_SUBCODE: dict[tuple[int, int], Verdict] = {
    **dict.fromkeys(((10, 2534022), (10, 2018278)), WINDOW),
    **dict.fromkeys(((551, 1545041), (10, 2018108), (200, 1545041), (100, 2534014)), RECIPIENT),
    (200, MESSAGE_ACCESS_OFF): _NO_ACCESS,
    (2, 1545133): RETRY,
    (613, 2534040): _PATIENCE,
}
_ARCHIVED = 2534001  # the thread is; with whatever code
_BY_CODE: dict[int, Verdict] = {
    **dict.fromkeys((551, 230), RECIPIENT),
    **dict.fromkeys((0, 3, 10, 190, 200), ACCOUNT),
    **dict.fromkeys((1, 2), RETRY),
    **dict.fromkeys((4, 17, 32, 613, 80002, 80006), _PATIENCE),
    100: REQUEST,
    368: POLICY,
}


def judge(error: GraphError) -> Verdict | None:
    """What to do about a code and its subcode; None for what nobody knows."""
    if _ARCHIVED in {error.code, error.subcode}:
        return RECIPIENT
    return _BY_SUBCODE.get((error.code, error.subcode)) or _BY_CODE.get(error.code)
