"""A stateful fake of MAX: bots, their subscriptions, and the people who write to them.

The product cannot tell it from the real one: only its base URL differs. `integrations.fakes` says how it is driven::

    fake = FakeMax(webhook_base_delay_s=0.05)
    fake.add_account("max-token", external_id="277639678", name="Салон «Верба»")
    anna = fake.add_person("Анна", "Лебедева", phone="79990000001")
    with fake.running() as base_url:
        MaxKeeper(base_url).register("http://127.0.0.1:8000/max/main", credentials)
        fake.start(anna)
        fake.say(anna, "Хочу на стрижку завтра")
"""

from salon.integrations.max.fake.server import FakeMax

__all__ = ["FakeMax"]
