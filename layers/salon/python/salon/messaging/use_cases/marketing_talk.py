"""Agreeing in chat: to our keeping what one tells us, and to being written to about news; and taking that back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.clients import use_cases as clients
from salon.clients.consents.use_cases import may_ask_for_marketing, note_marketing_asked
from salon.clients.domain import ConsentPurpose, wording_version
from salon.clients.events import ConsentChanged
from salon.messaging.domain.remarks import asks_for_news, plain_answer
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.talk import Talk
from salon.platform.db import WriteSession
from salon.platform.facts import Fact

REASON = "OPTED_OUT"


def tell_about_personal_data(talk: Talk) -> bool:
    """Say once, to somebody new and beneath the answer, that going on means agreeing; whether it is said.

    What they agree to by writing on is noted at once, with the words that they were shown.
    """
    client_id = talk.conversation.client_id
    if clients.find_consent(talk.session, client_id, ConsentPurpose.PERSONAL_DATA) is not None:
        return False
    url = habits_of(talk.session).privacy_url
    said = talk.texts.say("consent-personal-data-link", url=url) if url else talk.texts.say("consent-personal-data")
    _note(talk, ConsentPurpose.PERSONAL_DATA, said, is_given=True)
    talk.add_footnote(said)
    return True


def ask_for_marketing(talk: Talk) -> bool:
    """Ask whether somebody wants our news, at a moment that is good for them; whether they were asked.

    Nobody is asked who agreed, and nobody twice in half a year.
    """
    client_id = talk.conversation.client_id
    if not habits_of(talk.session).asks_marketing:
        return False
    if not may_ask_for_marketing(talk.session, client_id, now=talk.now):
        return False
    note_marketing_asked(talk.session, client_id, now=talk.now)
    yes, no = TapPayload(Tap.NEWS_YES), TapPayload(Tap.NEWS_NO)
    talk.remember(replace(talk.state, news_asked=True))
    talk.say("consent-marketing", buttons=((talk.button("news-yes", yes), talk.button("news-no", no)),))
    return True


def accept_news(talk: Talk) -> str | None:
    """«Да, пишите»."""
    _note(talk, ConsentPurpose.MARKETING, talk.texts.say("consent-marketing"), is_given=True)
    talk.say("news-thanks")
    return talk.texts.say("news-yes")


def decline_news(talk: Talk) -> str | None:
    """«Нет»; whoever had agreed before is not written to any more either."""
    withdraw_news(talk)
    talk.say("news-declined")
    return talk.texts.say("news-no")


def stop_news(talk: Talk) -> None:
    """«Стоп», «отписаться»: nothing more, what waits is cancelled; it is said what still comes."""
    withdraw_news(talk)
    talk.say("news-stopped")


def take_news_wish(talk: Talk, text: str) -> bool:
    """Whether the message is about our news: «подпишите обратно», or a plain yes or no to whether they are wanted.

    Consent is not guessed: «отлично» after the question is no yes.
    """
    wants = plain_answer(text) if talk.state.news_asked else None
    if talk.state.news_asked:
        talk.remember(replace(talk.state, news_asked=False))
    if wants is not None:
        (accept_news if wants else decline_news)(talk)
        return True
    if not asks_for_news(text):
        return False
    _note(talk, ConsentPurpose.MARKETING, talk.texts.say("consent-marketing"), is_given=True)
    talk.say("news-again")
    return True


def on_consent_changed(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber: somebody took back their consent to marketing, wherever it was: what waits is cancelled."""
    if not isinstance(fact, ConsentChanged) or fact.purpose is not ConsentPurpose.MARKETING or fact.is_given:
        return
    if not clients.has_consent(session, fact.client_id, ConsentPurpose.MARKETING):  # they may have agreed again
        cancel_marketing(session, fact.client_id, now)


def cancel_marketing(session: WriteSession, client_id: UUID, now: datetime) -> int:
    """Cancel every message of marketing that is planned for a person or waits to be sent; how many."""
    from salon.messaging.campaigns import repository as campaigns  # here: few ask for it

    same = clients.list_same_person(session, client_id)
    return campaigns.cancel_for_clients(session, same, reason=REASON, now=now)


def withdraw_news(talk: Talk) -> None:
    """No more news, and what waits is cancelled; nothing is said."""
    _note(talk, ConsentPurpose.MARKETING, talk.texts.say("consent-marketing"), is_given=False)
    cancel_marketing(talk.session, talk.conversation.client_id, talk.now)


def withdraw_personal_data(talk: Talk) -> None:
    """They no longer agree to our keeping what one tells us; that is noted, a person decides what follows."""
    _note(talk, ConsentPurpose.PERSONAL_DATA, talk.texts.say("consent-personal-data"), is_given=False)


def _note(talk: Talk, purpose: ConsentPurpose, said: str, *, is_given: bool) -> None:
    clients.set_consent(
        talk.session,
        talk.conversation.client_id,
        purpose,
        is_given=is_given,
        channel=talk.conversation.channel,
        wording_version=wording_version(purpose, language=talk.client.language, text=said),
        actor=talk.actor,
        now=talk.now,
    )
