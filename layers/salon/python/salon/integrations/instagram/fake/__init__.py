"""A stateful fake of Instagram Messaging, with the people on the other side of it.

The product cannot tell it from the real one: only the Graph API's base URL differs, and its own address stands in the
list of media hosts::

    fake = FakeInstagram()
    fake.add_account("IGAA-token", external_id="17841", username="verba", app_id="77", app_secret="s3cret")
    anna = fake.add_person("Анна", "Лебедева", username="anna.l")
    with fake.running() as base_url:
        InstagramKeeper(base_url).register("http://127.0.0.1:8000/webhooks/instagram/…", credentials)
        fake.say(anna, "Хочу на стрижку завтра")
        offer = fake.wait_for_message(anna, "Выберите")
        fake.tap(anna, offer.external_id, "15:00")
"""

from salon.integrations.instagram.fake.server import FakeInstagram

__all__ = ["FakeInstagram"]
