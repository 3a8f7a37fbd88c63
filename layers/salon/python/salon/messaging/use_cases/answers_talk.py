"""Answers to what is often asked beside booking: cancelling, Wi-Fi, discounts; and whoever wants no calls."""

from __future__ import annotations

from salon.clients import use_cases as clients
from salon.messaging.domain.cancelling import is_plain_cancelling
from salon.messaging.domain.questions import Asked, is_bare_email, is_question_of_terms, question_in
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.people.domain import Notice, NoticeKind
from salon.messaging.people.use_cases import tell_salon
from salon.messaging.use_cases.talk import Talk
from salon.understanding.domain import Intent, Understood

_MAY_ASK = {
    Asked.CANCEL_TERMS: frozenset((Intent.CANCEL, Intent.RESCHEDULE, Intent.PRICES)),
    Asked.WIFI: frozenset(Intent) - {Intent.BOOK, Intent.CANCEL, Intent.RESCHEDULE},
    Asked.DISCOUNT: frozenset((Intent.PRICES, Intent.SERVICES)),
    Asked.NO_CALLS: frozenset((Intent.STOP, Intent.COMPLAINT, Intent.PERSON)),
}
"""What a message with such a question may look like beside OTHER; anything else wants more than an answer."""


def take_question(talk: Talk, understood: Understood) -> bool:
    """Answer a question of these kinds; False for any other message."""
    asked, text = question_in(understood.text), understood.text
    if asked is None or not _is_only_asked(asked, understood):
        return False
    match asked:
        case Asked.CANCEL_TERMS:
            _tell_terms(talk)
        case Asked.WIFI:
            talk.say("clarify-wifi")
        case Asked.DISCOUNT:
            _offer_person(talk, "clarify-discount")
        case Asked.NO_CALLS:
            _take_no_calls(talk, text)
    return True


def _is_only_asked(asked: Asked, understood: Understood) -> bool:
    """«Отмените, это же бесплатно?» cancels, «по акции на чистку в пятницу» books."""
    if asked is Asked.CANCEL_TERMS and is_plain_cancelling(understood.text) and understood.intent is Intent.CANCEL:
        return is_question_of_terms(understood.text)
    if asked is Asked.DISCOUNT and understood.when is not None:
        return False
    return understood.intent is Intent.OTHER or understood.intent in _MAY_ASK[asked]


def _tell_terms(talk: Talk) -> None:
    policy = talk.policy
    fee = policy.late_cancel_fee_percent if policy.cancel_free_hours else 0
    text_id = "clarify-cancel-terms-fee" if fee else "clarify-cancel-terms"
    talk.say(text_id, hours=policy.cancel_free_hours, fee=fee, phone=talk.phone)


def _offer_person(talk: Talk, text_id: str) -> None:
    talk.say(text_id, phone=talk.phone, buttons=((talk.button("clarify-person", TapPayload(Tap.PERSON)),),))


def _take_no_calls(talk: Talk, words: str) -> None:
    """The salon's people hear of it: it is they who call."""
    notice = Notice(
        kind=NoticeKind.HANDOVER,
        text_id="clarify-notice-no-calls",
        arguments={"client": talk.client.display_name or "—", "words": words},
        sealed_for=talk.conversation.client_id,
        conversation_id=talk.conversation.id,
    )
    told = tell_salon(talk.session, notice, talk.now)
    talk.say("clarify-no-calls" if told else "clarify-no-calls-nobody", phone=talk.phone)


def take_email(talk: Talk, understood: Understood) -> bool:
    """An address that was written is kept; whether the message was nothing but that."""
    if understood.email is None:
        return False
    clients.set_email(talk.session, talk.conversation.client_id, understood.email, actor=talk.actor, now=talk.now)
    if understood.phone or not is_bare_email(understood):
        return False
    talk.say("clarify-email-saved")
    return True
