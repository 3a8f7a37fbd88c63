from __future__ import annotations

from uuid import UUID

import pytest

from salon.clients.domain import ClientSecrets, Contact, normalise_phone
from salon.clients.errors import PhoneInvalid


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8 (903) 123-45-67", "+79031234567"),
        ("+7 903 123 45 67", "+79031234567"),
        ("79031234567", "+79031234567"),
        ("9031234567", "+79031234567"),
        ("495 123-45-67", "+74951234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("+971 50 123 4567", "+971501234567"),
    ],
)
def test_one_number_has_one_form(text, number):
    assert normalise_phone(text) == number


@pytest.mark.parametrize("text", ["", "нет", "12345", "+7903123", "8903123456789", "+0123456789", "1" * 16])
def test_what_is_no_number_is_refused_and_not_repeated(text):
    with pytest.raises(PhoneInvalid) as refused:
        normalise_phone(text)
    assert not text or text not in str(refused.value)


def test_personal_data_does_not_show_in_a_log_by_accident():
    secrets = ClientSecrets(phone="+79031234567", email="masha@example.test", notes="аллергия")
    contact = Contact(
        id=UUID(int=1),
        client_id=UUID(int=2),
        channel="vk",
        account_id=UUID(int=3),
        external_user_id="u-42",
        chat_id="c-42",
    )
    shown = f"{secrets!r} {contact!r}"
    assert not any(word in shown for word in ("7903", "masha", "аллергия", "u-42", "c-42"))
