"""Asking for a language is told from what only sounds like it; a few English words are read."""

from __future__ import annotations

import pytest

from salon.messaging.domain.languages import in_russian, looks_english, wanted_language

ENGLISH = (
    "English",
    "in English please",
    "English, please!",
    "/english",
    "/en",
    "/EN@probe_bot",
    "do you speak English?",
    "Говорите по-английски?",
    "можно на английском?",
    "I don’t speak Russian",
)
RUSSIAN = (
    "по-русски",
    "По русски, пожалуйста",
    "русский",
    "/ru",
    "/russian",
    "давайте на русском",
    "in Russian, please",
)
NEITHER = (
    "Русский маникюр",
    "английская чёлка",
    "не по-русски",
    "I speak English and Russian",
    "english breakfast",
    "/entrance",
    "/start en",
    "запишите меня на русский маникюр завтра",
    "",
)


@pytest.mark.parametrize(
    ("said", "language"),
    [*((one, "en") for one in ENGLISH), *((one, "ru") for one in RUSSIAN), *((one, None) for one in NEITHER)],
)
def test_only_a_message_that_says_nothing_else_asks_for_a_language(said, language):
    wanted = wanted_language(said)
    assert (wanted.language if wanted else None) == language


def test_a_name_that_may_mean_something_else_says_so():
    named = {
        said: wanted_language(said).named for said in ("русский", "хочу русский", "на русском", "in English", "/ru")
    }
    assert named == {"русский": "русский", "хочу русский": "русский", "на русском": "", "in English": "", "/ru": ""}


def test_what_is_read_in_english_is_whole_messages_only():
    assert in_russian("My bookings, please!") == "мои записи"
    assert in_russian("I’m late") == "опаздываю"
    assert in_russian("Book my flight to Cancel Street") == "Book my flight to Cancel Street"
    assert in_russian("хочу на стрижку") == "хочу на стрижку"


def test_english_is_seen_by_its_letters():
    assert [looks_english(said) for said in ("I want a haircut", "ok", "Anna завтра", "https://a.bc", "+7 900")] == [
        True,
        False,
        False,
        False,
        False,
    ]
