"""Which language a client is answered in: their messenger's at first, and whichever they ask for."""

from __future__ import annotations

from dataclasses import replace

from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.use_cases.business import LOCALES
from salon.messaging.domain.dialogue import Topic
from salon.messaging.domain.languages import ENGLISH, RUSSIAN, Wanted, in_russian, looks_english, wanted_language
from salon.messaging.use_cases import booking_talk
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.words import salon_language
from salon.platform.db import ReadSession


def first_language(session: ReadSession, told: str | None) -> str:
    """What somebody new is answered in: what their messenger speaks, else what the salon does.

    Args:
        session: of the tenant.
        told: the messenger's language as it tells it, `en-GB`; None where it tells nothing.
    """
    spoken = (told or "").lower().replace("_", "-").partition("-")[0]
    return spoken if spoken in LOCALES else salon_language(session)


def take_language_wish(talk: Talk, text: str) -> bool:
    """«In English, please»: from now on, then; what was being chosen is offered again. False for another matter."""
    wanted = wanted_language(text)
    if wanted is None or _is_of_the_salon(talk, wanted):
        return False
    talk.remember(replace(talk.state, yes=None, no=None, misses=0))
    if wanted.language == talk.client.language:
        talk.say("language-same", buttons=talk.menu())
        return True
    clients.change_client(
        talk.session,
        talk.client.id,
        display_name=talk.client.display_name,
        language=wanted.language,
        timezone=talk.client.timezone,
        actor=talk.actor,
        now=talk.now,
    )
    talk.forget_client()
    state = talk.state
    if state.topic is Topic.BOOK and (state.shown or state.chains):
        talk.say("language-now")
        talk.remember(replace(state, shown=(), chains=(), nonce=""))
        booking_talk.continue_booking(talk)
    else:
        talk.say("language-now", buttons=talk.menu())
    return True


def plain_words(talk: Talk, text: str) -> str:
    """What a client wrote, for understanding: a few English words are read for those who speak English."""
    return in_russian(text) if talk.client.language == ENGLISH else text


def offer_english(talk: Talk, text: str, said: str) -> str:
    """`said` to a message that was not understood; where it looks English while Russian is spoken, how to change that.

    WhatsApp and Instagram do not tell what somebody speaks.
    """
    is_offered = talk.client.language == RUSSIAN and looks_english(text)
    return f"{talk.texts.say('language-offer')}\n\n{said}" if is_offered else said


def _is_of_the_salon(talk: Talk, wanted: Wanted) -> bool:
    """Whether something of the salon's is called so: to a salon that does «русский маникюр» it may be the answer."""
    if not wanted.named:
        return False
    lexicon = catalog.list_lexicon(talk.session)
    names = [name for thing in (*lexicon.services, *lexicon.staff) for name in (thing.name, *thing.synonyms)]
    return any(wanted.named in name.casefold() for name in names)
