"""Run the chat simulator alone: `python -m infra.local.simulator --webhook URL --secret S --token T`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

_LAYER = Path(__file__).resolve().parents[3] / "layers" / "salon" / "python"
_PEOPLE = (
    ("Анна", "Лебедева", "79990000101"),
    ("Мария", "Соколова", "79990000102"),
    ("Ольга", "Виноградова", "79990000103"),
    ("Тимур", "Ахметов", "79990000104"),
    ("Екатерина", "Белова", ""),
)


def main() -> None:
    """Serve until interrupted."""
    options = _options()
    if str(_LAYER) not in sys.path:
        sys.path.insert(0, str(_LAYER))
    from infra.local.simulator.server import start_simulator
    from salon.integrations.telegram.fake import FakeTelegram

    fake = FakeTelegram(state_file=options.state)
    bot = fake.add_bot(options.token, username=options.username, name=options.name)
    if options.webhook:
        fake.set_webhook(options.webhook, options.secret, bot=bot)
    if not fake.state.people:
        for first_name, last_name, phone in _PEOPLE:
            fake.add_person(first_name, last_name, phone=phone)
    base_url = fake.start_server(options.telegram_port)
    simulator = start_simulator({"telegram": fake}, options.port)
    print(f"Bot API:   {base_url}   (the product's TELEGRAM_API_BASE)")
    print(f"Simulator: {simulator.url}", flush=True)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    simulator.stop()
    fake.stop_server()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="of the page")
    parser.add_argument("--telegram-port", type=int, default=8082, help="of the Bot API")
    parser.add_argument("--webhook", default="", help="where updates go; otherwise the product calls setWebhook")
    parser.add_argument("--secret", default="", help="the webhook's secret")
    parser.add_argument("--token", default="1001:demo", help="the bot's token")
    parser.add_argument("--name", default="Салон «Верба»", help="the bot's name")
    parser.add_argument("--username", default="verba_salon_bot", help="the bot's user name")
    parser.add_argument("--state", type=Path, default=None, help="a file to keep the chats in between runs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
