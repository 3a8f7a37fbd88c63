"""A stateful fake of VK: communities, their Callback API, and the people who write to them.

The product cannot tell it from the real one: only its base URL differs. `integrations.fakes` says how it is driven::

    fake = FakeVk(webhook_base_delay_s=0.05)
    fake.add_account("vk1.a.token", external_id="7001", name="Салон «Верба»")
    anna = fake.add_person("Анна", "Лебедева")
    with fake.running() as base_url:
        VkKeeper(base_url).register("http://127.0.0.1:8000/vk/main", credentials)
        fake.start(anna)
        fake.say(anna, "Хочу на стрижку завтра")
"""

from salon.integrations.vk.fake.server import FakeVk

__all__ = ["FakeVk"]
