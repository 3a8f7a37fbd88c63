"""A stateful fake of the WhatsApp Cloud API, with the people on the other side of it.

The product cannot tell it from the real one: only the Graph API's base URL differs, and its own address stands in the
list of media hosts::

    fake = FakeWhatsapp()
    fake.add_account("EAAG-token", external_id="1055", app_id="77", app_secret="s3cret", business_id="2077")
    fake.add_template("visit_soon", "Ждём вас {{1}} в {{2}}", buttons=("Приду", "Перенести"))
    anna = fake.add_person("Анна", "Лебедева", phone="79990000001")
    with fake.running() as base_url:
        WhatsappKeeper(base_url).register("http://127.0.0.1:8000/webhooks/whatsapp/…", credentials)
        fake.say(anna, "Хочу на стрижку завтра")
        offer = fake.wait_for_message(anna, "Выберите")
        fake.tap(anna, offer.external_id, "15:00")
"""

from salon.integrations.whatsapp.fake.server import FakeWhatsapp

__all__ = ["FakeWhatsapp"]
