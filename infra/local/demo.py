"""`make demo`: the whole cloud on this machine, with a salon in it and a page to chat with it.

python -m infra.local.demo              # until Ctrl-C
python -m infra.local.demo --forget     # remove everything that it keeps
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pg8000.exceptions import InterfaceError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from infra.local.cloud import STATE
from infra.local.processes import LocalCloudError

if TYPE_CHECKING:
    from infra.local.salon_cloud import RealBot, SalonCloud

HTTP_PORT, SIMULATOR_PORT, TELEGRAM_PORT = 8080, 8081, 8082


def main() -> int:
    """Run the demo until it is stopped; the exit status."""
    options = _options()
    if options.forget:
        return _forget(options.state)
    from infra.local.salon_cloud import SalonCloud
    from infra.local.simulator.server import start_simulator
    from infra.local.supervisor import stop_signals
    from infra.migrations.database import DatabaseNotReady

    print("Starting the local cloud (Ctrl-C stops everything):", flush=True)
    try:
        salon = SalonCloud(
            options.state,
            http_port=options.port,
            telegram_port=options.telegram_port,
            database_url=os.environ.get("DATABASE_URL"),
            real_bot=_real_bot(),
            progress=lambda line: print(f"  {line}", flush=True),
        )
        with stop_signals(), salon:
            simulator = start_simulator(salon.fakes, options.simulator_port, salon.desk())
            try:
                print(_where_to_look(salon, simulator.url, options.state), flush=True)
                salon.cloud.run_until_stopped()
            finally:
                print("Stopping …", flush=True)
                simulator.stop()
    except KeyboardInterrupt:
        print("Stopped while starting; nothing is left running.")
        return 130
    except (LocalCloudError, DatabaseNotReady) as error:
        print(f"The demo could not run: {error}", file=sys.stderr)
        return 1
    except (ArgumentError, DBAPIError, InterfaceError) as error:
        print(f"The demo could not reach the database of DATABASE_URL: {_first_line(error)}", file=sys.stderr)
        return 1
    except (OSError, OverflowError) as error:
        print(f"The demo could not run, perhaps a port or the state folder is taken: {error}", file=sys.stderr)
        return 1
    print("Stopped; nothing is left running. The database is kept in", options.state)
    return 0


def _where_to_look(salon: SalonCloud, simulator: str, state: Path) -> str:
    from infra.local.demo_people import OWNER_EMAIL

    own_database = "DATABASE_URL" in os.environ  # whose password is not ours to print
    database = make_url(salon.admin_url()).set(drivername="postgresql").render_as_string(hide_password=own_database)
    messengers = ", ".join(f"{channel} {fake.base_url}" for channel, fake in salon.fakes.items())
    return f"""
  Chat with the salon   {simulator}
                        try «Хочу на стрижку к Анне завтра вечером», tap a time, then «перенеси на час позже»
                        or hand in an invoice: the button «Отправить накладную (как администратор)»
  Console of the salon  {salon.console_url}/
                        sign in as {OWNER_EMAIL}, password {salon.people.password if salon.people else "?"}
  API                   {salon.cloud.http_url}/healthz
  Messengers (fakes)    {messengers}
  LocalStack            {salon.cloud.endpoint_url}
  PostgreSQL            {database}
  Logs of functions     {state}/logs/
  Run one function      make invoke FUNCTION=timer_sweep EVENT=events/timer_sweep/aws_tick.json
"""


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _real_bot() -> RealBot | None:
    """The bot named by TELEGRAM_BOT_TOKEN and PUBLIC_URL; None for the simulator."""
    from infra.local.salon_cloud import RealBot

    token, public_url = os.environ.get("TELEGRAM_BOT_TOKEN"), os.environ.get("PUBLIC_URL", "")
    if not token:
        return None
    if not public_url.startswith("https://"):
        sys.exit("Telegram delivers to https only: set PUBLIC_URL to an https address that leads to the local API.")
    return RealBot(token, public_url.rstrip("/"))


def _forget(state: Path) -> int:
    from infra.local.supervisor import Supervisor

    if not state.exists():
        print(f"There is nothing in {state}.")
        return 0
    try:
        Supervisor(state).stop()
    except LocalCloudError as error:  # a demo runs on this folder
        print(f"Nothing was forgotten: {error}", file=sys.stderr)
        return 1
    shutil.rmtree(state)
    print(f"Forgot everything in {state}.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.demo", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=HTTP_PORT, help="of the API (default %(default)s)")
    parser.add_argument("--simulator-port", type=int, default=SIMULATOR_PORT, help="of the page (default %(default)s)")
    parser.add_argument("--telegram-port", type=int, default=TELEGRAM_PORT, help="of the fake (default %(default)s)")
    parser.add_argument("--state", type=Path, default=STATE, help="folder for everything that is kept")
    parser.add_argument("--forget", action="store_true", help="remove the state folder and end")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
