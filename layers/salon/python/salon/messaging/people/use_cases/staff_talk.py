"""Somebody of the salon writes in the messenger: commands, buttons, and words for the client whom they have taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from uuid import UUID

from salon.clients import use_cases as clients
from salon.identity import use_cases as identity
from salon.identity.domain import Actor, ActorKind
from salon.messaging.domain import EventKind, InboundEvent, Purpose, phrases
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.people import repository
from salon.messaging.people.domain import (
    Handover,
    HandoverStatus,
    LoggedMessage,
    ReadPurpose,
    StaffContact,
    commands_binding,
    looks_like_binding,
)
from salon.messaging.people.errors import BindingTriesExceeded, HandoverClosed, HandoverNotFound, HandoverTaken
from salon.messaging.people.use_cases.binding import bind_by_code, find_staff, is_issued, may_answer, unbind, void_code
from salon.messaging.people.use_cases.handovers import (
    answer,
    list_handovers,
    name_of,
    read_conversation,
    return_to_bot,
    take,
)
from salon.messaging.people.use_cases.relaying import file_of
from salon.messaging.use_cases.say import Reply, retire_buttons, say
from salon.messaging.use_cases.talk import Rows, Talk
from salon.messaging.use_cases.words import salon_language
from salon.platform.errors import Refusal

TAPS = frozenset({Tap.HANDOVER_TAKE, Tap.HANDOVER_RETURN, Tap.HANDOVER_SHOW})
SHOWN = 8
"""Hand-overs in one list, and messages of one conversation."""
MAX_LINE = 300
_COMMAND = re.compile(r"/(?P<name>\w+)(?:@\w+)?(?:\s+(?P<rest>.*))?", re.DOTALL)
_NUMBER = re.compile(r"\s*№?\s*(\d{1,9})\s*", re.ASCII)


def take_turn(talk: Talk, event: InboundEvent, words: str, media_key: str | None = None) -> bool:
    """The whole turn of one of the salon's people; False where it is nothing of theirs: then it is the dialogue's.

    Args:
        talk: the turn.
        event: what came in; a change of an earlier message is nothing for a client.
        words: what was said, typed or spoken.
        media_key: what came with it, where that may be sent on to a client.
    """
    match event.kind:
        case EventKind.CALLBACK:
            tapped = read_tap(event.payload)
            if tapped is None or tapped.tap not in TAPS:
                return False
            chosen = on_tap(talk, tapped)
            if chosen and event.message_id:
                text = talk.texts.say("tap-chosen", choice=chosen)
                retire_buttons(talk.session, talk.conversation, event.message_id, text, talk.now)
            return True
        case EventKind.START:
            return commands_binding(event.start_param or "") and handle(talk, event.start_param or "")
        case EventKind.MESSAGE if words or media_key is not None:
            return handle(talk, words, media_key=media_key)
        case _:
            return False


def handle(talk: Talk, said: str | TapPayload, *, media_key: str | None = None) -> bool:
    """Do what somebody of the salon wrote or tapped; False when it is nothing of theirs: the dialogue goes on.

    A code that binds a chat is taken from anybody; what only looks like one (a car's number plate) is a message as any
    other. While a person has taken a conversation, whatever they write that
    is no command goes to that client, with what came with it (`media_key`).
    """
    if isinstance(said, TapPayload):
        if said.tap not in TAPS:
            return False
        on_tap(talk, said)
        return True
    code = looks_like_binding(said)
    is_command = commands_binding(said)
    if code is not None and (is_command or is_issued(talk.session, talk.conversation, code, talk.now)):
        _bind(talk, code, is_counted=not is_command)
        return True
    contact = find_staff(talk.session, talk.conversation.id)
    if contact is None:
        return False
    found = _COMMAND.fullmatch(said.strip())
    command = _COMMANDS.get(found["name"].lower()) if found else None
    if found is not None and command is not None:
        talk.speak(salon_language(talk.session))
        command(talk, contact, found["rest"] or "")
        return True
    if contact.handover_id is None:
        return False
    talk.speak(salon_language(talk.session))
    if found is not None:  # a command that we do not know is not for a client's eyes
        _help(talk, contact, "")
    else:
        _answer(talk, contact, contact.handover_id, said, media_key)
    return True


def void_said_in_group(talk: Talk, words: str) -> bool:
    """A code that was written in a group is no secret any more: it is voided; whether there was one."""
    if not void_code(talk.session, str(talk.conversation.id), words, talk.now):
        return False
    talk.say("people-bind-in-group")
    return True


def on_tap(talk: Talk, tapped: TapPayload) -> str | None:
    """A button of a notice; what was chosen, in words, when the notice should say so from now on."""
    contact = find_staff(talk.session, talk.conversation.id)
    if contact is None or tapped.subject is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    talk.speak(salon_language(talk.session))
    if not may_answer(contact):
        talk.say("people-not-allowed")
        return None
    try:
        handover = repository.get_handover(talk.session, tapped.subject)
    except HandoverNotFound:
        talk.say("button-stale")
        return None
    match tapped.tap:
        case Tap.HANDOVER_TAKE:
            return _take(talk, contact, handover)
        case Tap.HANDOVER_RETURN:
            return _return(talk, contact, handover)
        case _:
            _show(talk, contact, handover)
            return None


def _bind(talk: Talk, code: str, *, is_counted: bool) -> None:
    """A code was written; the person hears what came of it."""
    if not code:
        talk.say("people-bind-how")
        return
    try:
        contact = bind_by_code(talk.session, talk.conversation, code, talk.now, is_counted=is_counted)
    except BindingTriesExceeded as refusal:
        talk.say("people-bind-tries", minutes=-(-refusal.retry_after_s // 60))
    except Refusal as refusal:
        talk.say("people-bind-refused", why=refusal.code.lower())
    else:
        talk.say("people-bound", name=contact.name, role=contact.role)


def _help(talk: Talk, contact: StaffContact, _: str) -> None:
    talk.say("people-help" if may_answer(contact) else "people-help-short")


def _unbind(talk: Talk, contact: StaffContact, _: str) -> None:
    unbind(talk.session, talk.conversation.id, actor=_actor(contact), now=talk.now)
    talk.say("people-unbound")


def _inbox(talk: Talk, contact: StaffContact, _: str) -> None:
    """What waits, the oldest first, and what this person has; without names: the list is about several clients."""
    if not may_answer(contact):
        talk.say("people-not-allowed")
        return
    mine = list_handovers(
        talk.session, statuses={HandoverStatus.TAKEN}, taken_by=contact.user_id, limit=SHOWN, oldest_first=True
    )
    waiting = list_handovers(talk.session, statuses={HandoverStatus.OPEN}, limit=SHOWN, oldest_first=True)
    shown = [one for one in (*mine, *waiting) if one.conversation_id != talk.conversation.id]
    if not shown:
        talk.say("people-inbox-empty")
        return
    lines = [talk.texts.say("people-inbox")]
    for one in shown:
        local = talk.local(one.opened_at)
        lines.append(
            talk.texts.say(
                "people-inbox-line",
                number=one.number,
                reason=one.reason,
                channel=one.channel,
                when=f"{talk.phrases.short_day(local.date(), talk.today)} {phrases.clock(local)}",
                messages=one.messages,
                mine="current" if one.id == contact.handover_id else "mine" if one.taken_by else "no",
            )
        )
    buttons = tuple(
        (talk.button("people-button-number", TapPayload(Tap.HANDOVER_SHOW, one.id), number=one.number),)
        for one in shown[:SHOWN]
    )
    talk.reply("\n".join(lines), buttons)


def _take_by_number(talk: Talk, contact: StaffContact, rest: str) -> None:
    """«/take 12»; «/take» alone takes whoever has waited longest."""
    if not may_answer(contact):
        talk.say("people-not-allowed")
        return
    handover = _numbered(talk, rest) if rest.strip() else _longest_waiting(talk)
    if handover is None:
        talk.say("people-no-such" if rest.strip() else "people-inbox-empty")
    else:
        _take(talk, contact, handover)


def _return_by_number(talk: Talk, contact: StaffContact, rest: str) -> None:
    """«/return 12»; «/return» alone returns the conversation that this chat's words go to."""
    if rest.strip():
        handover = _numbered(talk, rest)
    else:
        handover = repository.get_handover(talk.session, contact.handover_id) if contact.handover_id else None
    if handover is None:
        talk.say("people-no-such" if rest.strip() else "people-nothing-taken")
    else:
        _return(talk, contact, handover)


def _take(talk: Talk, contact: StaffContact, handover: Handover) -> str | None:
    """Take it, or go over to it when it is this person's already."""
    if handover.conversation_id == talk.conversation.id:
        talk.say("people-own-conversation")
        return None
    try:
        taken = take(talk.session, handover.id, user_id=contact.user_id, now=talk.now)
    except HandoverClosed:
        talk.say("people-closed", number=handover.number)
        return None
    except HandoverTaken as refusal:
        talk.say("people-taken-by", number=handover.number, name=_user_name(talk, refusal.taken_by))
        return None
    repository.set_current(talk.session, contact.id, taken.id)
    back = talk.button("people-button-return", TapPayload(Tap.HANDOVER_RETURN, taken.id))
    _reply_about(talk, taken, "people-taken", _excerpt(talk, contact, taken), ((back,),))
    return talk.texts.say("people-chosen-take", number=taken.number)


def _return(talk: Talk, contact: StaffContact, handover: Handover) -> str | None:
    if handover.taken_by != contact.user_id:
        talk.say("people-not-yours" if may_answer(contact) else "people-not-allowed", number=handover.number)
        return None
    try:
        return_to_bot(talk.session, handover.id, user_id=contact.user_id, now=talk.now)
    except HandoverClosed:
        talk.say("people-closed", number=handover.number)
        return None
    talk.say("people-returned", number=handover.number)
    return talk.texts.say("people-chosen-return", number=handover.number)


def _show(talk: Talk, contact: StaffContact, handover: Handover) -> None:
    """Who it is, what was said last, and what can be done."""
    buttons: Rows = ()
    if handover.status is HandoverStatus.CLOSED:
        talk.say("people-closed", number=handover.number)
        return
    if handover.conversation_id == talk.conversation.id:
        talk.say("people-own-conversation")
        return
    if handover.taken_by == contact.user_id:
        here = talk.button("people-button-answer", TapPayload(Tap.HANDOVER_TAKE, handover.id))
        back = talk.button("people-button-return", TapPayload(Tap.HANDOVER_RETURN, handover.id))
        buttons = ((back,),) if contact.handover_id == handover.id else ((here, back),)
    elif handover.taken_by is None:
        buttons = ((talk.button("people-button-take", TapPayload(Tap.HANDOVER_TAKE, handover.id)),),)
    _reply_about(talk, handover, "people-shown", _excerpt(talk, contact, handover), buttons)


def _answer(talk: Talk, contact: StaffContact, handover_id: UUID, text: str, media_key: str | None) -> None:
    """Words for the client; nothing is said back unless they cannot be sent."""
    number = repository.get_handover(talk.session, handover_id).number
    file = file_of(media_key)
    try:
        answer(talk.session, handover_id, text, user_id=contact.user_id, now=talk.now, file=file)
    except HandoverClosed:
        talk.say("people-closed", number=number)
    except HandoverTaken as refusal:
        talk.say("people-taken-by", number=number, name=_user_name(talk, refusal.taken_by))
    else:
        return
    repository.set_current(talk.session, contact.id, None)


def _excerpt(talk: Talk, contact: StaffContact, handover: Handover) -> str:
    """The last messages, the oldest first; that they were read is kept."""
    recent = read_conversation(
        talk.session,
        handover.conversation_id,
        purpose=ReadPurpose.HANDOVER,
        actor=_actor(contact),
        now=talk.now,
        limit=SHOWN,
    )
    client = name_of(clients.get_client(talk.session, handover.client_id))
    return "\n".join(_line(talk, one, client) for one in reversed(recent)) or "—"


def _line(talk: Talk, one: LoggedMessage, client: str) -> str:
    if one.direction == "in":
        who = client
    elif one.user_id is not None:
        who = _user_name(talk, one.user_id)
    else:
        who = talk.texts.say("people-assistant")
    words = one.text if len(one.text) <= MAX_LINE else f"{one.text[:MAX_LINE]}…"
    return talk.texts.say("people-line", who=who, words=words or talk.texts.say("people-media"))


def _reply_about(talk: Talk, handover: Handover, text_id: str, excerpt: str, buttons: Rows) -> None:
    """An answer that tells of a client, sealed with that client's key."""
    client = clients.get_client(talk.session, handover.client_id)
    words = talk.texts.say(
        text_id,
        number=handover.number,
        name=name_of(client),
        channel=handover.channel,
        reason=handover.reason,
        excerpt=excerpt,
    )
    reply = Reply(words, buttons)
    say(talk.session, talk.conversation, reply, talk.now, purpose=Purpose.NOTICE, sealed_for=handover.client_id)


def _numbered(talk: Talk, rest: str) -> Handover | None:
    found = _NUMBER.fullmatch(rest)
    return repository.find_by_number(talk.session, int(found[1])) if found else None


def _longest_waiting(talk: Talk) -> Handover | None:
    waiting = list_handovers(talk.session, statuses={HandoverStatus.OPEN}, limit=2, oldest_first=True)
    return next((one for one in waiting if one.conversation_id != talk.conversation.id), None)


def _user_name(talk: Talk, user_id: UUID) -> str:
    return identity.get_user(talk.session, user_id).name


def _actor(contact: StaffContact) -> Actor:
    return Actor(ActorKind.USER, str(contact.user_id))


_COMMANDS: Mapping[str, Callable[[Talk, StaffContact, str], None]] = {
    "inbox": _inbox,
    "входящие": _inbox,
    "take": _take_by_number,
    "взять": _take_by_number,
    "return": _return_by_number,
    "вернуть": _return_by_number,
    "unbind": _unbind,
    "отвязать": _unbind,
    "help": _help,
    "помощь": _help,
}
