"""Voice messages in the dialogue: nothing is done on words that were hardly heard, and what they did is taken back.

Below `voice_echo_below` an engine is wrong often enough that a visit would be given away by mistake. So whatever could
do harm is asked about first; the words of a question are said back, and answered at once. Sure words can be wrong too:
right after a voice message «я этого не говорила», or a bare «нет», takes back what it has done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from salon.booking.domain import Booking
from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose
from salon.messaging.domain import EventKind, InboundEvent
from salon.messaging.domain.doubts import (
    asks_something,
    could_do_harm,
    is_bare_no,
    protests,
    says_rightly,
    says_wrongly,
)
from salon.messaging.domain.fitting import numbered_choice
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.use_cases import choose_talk, dialogue, feedback_talk
from salon.messaging.use_cases.my_bookings import changeable
from salon.messaging.use_cases.say import Reply, retire_buttons, say
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.tapping import carry_out
from salon.messaging.use_cases.undo_talk import is_way_back
from salon.understanding.use_cases import understand

_LABELS = {Tap.HEARD_YES: "voice-heard-yes", Tap.HEARD_NO: "button-no"}


@dataclass(frozen=True, slots=True)
class _Stands:
    """What a message may change: the visits ahead, and whether news are wanted."""

    bookings: dict[UUID, Booking]
    wants_news: bool


def on_text(talk: Talk, text: str, *, is_sure: bool = True, is_spoken: bool = False) -> None:
    """Answer what somebody wrote or said.

    Args:
        talk: the turn.
        text: the words.
        is_sure: they were typed, or heard well.
        is_spoken: they came as a voice message.
    """
    state = talk.state
    if state.doubted or state.undo:
        talk.remember(replace(state, doubted="", doubted_tap=None, undo=()))
    if state.doubted:
        is_right = _is_right(text, state.numbered)
        if is_right is not None:
            _settle(talk, state.doubted, state.doubted_tap, is_right=is_right)
            return
    elif _take_back(talk, text, state.undo):
        return
    if is_sure:
        _answer(talk, text, None, is_spoken=is_spoken)
    elif not _ask_whether_heard(talk, text):  # past the turn's own reply: a footnote belongs to the answer
        say(talk.session, talk.conversation, Reply(talk.texts.say("voice-heard", words=text)), talk.now)
        _answer(talk, text, None, is_spoken=is_spoken)


def on_tap(talk: Talk, event: InboundEvent) -> None:
    """Somebody tapped a button; one that says whether a voice message was heard rightly has that message answered."""
    state, tapped = talk.state, read_tap(event.payload)
    if state.doubted or state.undo:
        talk.remember(replace(state, doubted="", doubted_tap=None, undo=()))
    if tapped is None or tapped.tap not in _LABELS:
        dialogue.on_tap(talk, event)
        return
    if not state.doubted:
        talk.say("button-stale", buttons=talk.menu())
        return
    _settle(talk, state.doubted, state.doubted_tap, is_right=tapped.tap is Tap.HEARD_YES)
    if event.message_id:
        chosen = talk.texts.say("tap-chosen", choice=talk.texts.say(_LABELS[tapped.tap]))
        retire_buttons(talk.session, talk.conversation, event.message_id, chosen, talk.now)


def _is_right(text: str, numbered: tuple[str, ...]) -> bool | None:
    """Whether it was heard rightly, as the person says; None when they speak of something else."""
    tapped = read_tap(numbered_choice(text, numbered))
    if tapped is not None and tapped.tap in _LABELS:
        return tapped.tap is Tap.HEARD_YES
    if says_rightly(text):
        return True
    return False if says_wrongly(text) else None


def _settle(talk: Talk, words: str, chosen: str | None, *, is_right: bool) -> None:
    if is_right:
        _answer(talk, words, chosen, is_spoken=True)
    else:
        talk.say("voice-misheard")


def _ask_whether_heard(talk: Talk, text: str) -> bool:
    """«Услышала: «отмени». Всё верно?»; False for words that can do no harm."""
    chosen = None if feedback_talk.expects_rating(talk) else choose_talk.chosen_by_place(talk, text)
    if chosen is None and not could_do_harm(understand(text, dialogue.context_of(talk)), talk.state):
        return False
    buttons = tuple(talk.button(label, TapPayload(tap)) for tap, label in _LABELS.items())
    talk.say("voice-whether-heard", words=text, buttons=(buttons,))
    talk.remember(replace(talk.state, doubted=text, doubted_tap=chosen.encode() if chosen else None))
    return True


def _answer(talk: Talk, text: str, chosen: str | None, *, is_spoken: bool) -> None:
    before = _standing(talk) if is_spoken else None
    if chosen is not None:
        dialogue.on_tap(talk, InboundEvent(talk.conversation.channel, "", EventKind.CALLBACK, payload=chosen))
    else:
        dialogue.on_text(talk, text)
    undo = _way_back(before, _standing(talk)) if before is not None else ()
    if undo:
        talk.remember(replace(talk.state, undo=undo))


def _take_back(talk: Talk, text: str, undo: tuple[str, ...]) -> bool:
    """Whether the message says that the one before was never said; what that did is undone, then."""
    back = talk.state.no if is_way_back(talk.state.no) else None
    if protests(text):
        payloads = undo or ((back,) if back else ())
    elif is_bare_no(text) and not asks_something(replace(talk.state, no=None if back else talk.state.no)):
        payloads = undo
    else:
        return False
    found = [tapped for tapped in map(read_tap, payloads) if tapped is not None]
    if found:
        talk.remember(replace(talk.state, yes=None, no=None, listed=()))
    for tapped in found:
        carry_out(talk, tapped)
    return bool(found)


def _standing(talk: Talk) -> _Stands:
    news = clients.has_consent(talk.session, talk.conversation.client_id, ConsentPurpose.MARKETING)
    return _Stands({one.id: one for one in changeable(talk)}, news)


def _way_back(before: _Stands, after: _Stands) -> tuple[str, ...]:
    """What undoes all that has changed, as our buttons would."""
    gone = [one for one in before.bookings.values() if one.id not in after.bookings]
    made = [one for one in after.bookings.values() if one.id not in before.bookings]
    taps = [_tap_of(one, Tap.RESTORE, Tap.RESTORE_VISIT, gone) for one in gone]
    taps += [_tap_of(one, Tap.CANCEL, Tap.CANCEL_VISIT, made) for one in made]
    for one in before.bookings.values():
        now = after.bookings.get(one.id)
        if now is not None and one.slot_id is not None and now.slot_id != one.slot_id:
            taps.append(TapPayload(Tap.MOVE, one.id, other=one.slot_id))
    if before.wants_news and not after.wants_news:
        taps.append(TapPayload(Tap.NEWS_YES))
    return tuple(dict.fromkeys(tap.encode() for tap in taps))


def _tap_of(one: Booking, alone: Tap, together: Tap, changed: list[Booking]) -> TapPayload:
    """One booking of a visit by itself, several of one visit at once."""
    is_visit = one.visit_id is not None and sum(other.visit_id == one.visit_id for other in changed) > 1
    return TapPayload(together, one.visit_id) if is_visit else TapPayload(alone, one.id)
