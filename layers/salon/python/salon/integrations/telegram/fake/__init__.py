"""A stateful fake of the Bot API, with the people on the other side of it.

The product cannot tell it from the real one: only its base URL differs. Tests, the local cloud and the chat
simulator drive the people::

    fake = FakeTelegram(webhook_base_delay_s=0.05)
    fake.add_bot("1001:salon", username="salon_bot", name="Салон «Верба»")
    anna = fake.add_person("Анна", "Лебедева", phone="79990000001")
    with fake.running() as base_url:
        adapter = TelegramAdapter(base_url)
        adapter.register_webhook("http://127.0.0.1:8000/tg", "s3cret", credentials)
        fake.start(anna)
        fake.say(anna, "Хочу на стрижку завтра")
        offer = fake.wait_for_message(anna, "Выберите")
        fake.tap(anna, offer.message_id, "15:00")
"""

from salon.integrations.fakes import Account as Bot
from salon.integrations.fakes import ApiCall, Chat, FaultKind, Message, Person
from salon.integrations.telegram.fake.server import FakeTelegram

__all__ = ["ApiCall", "Bot", "Chat", "FakeTelegram", "FaultKind", "Message", "Person"]
