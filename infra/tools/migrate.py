"""Prepares a database and brings it up to date: extension, application role, tables.

    DATABASE_ADMIN_URL=postgresql://owner:…@host/db DATABASE_APP_PASSWORD=… python -m infra.tools.migrate
    python -m infra.tools.migrate --revision 0003

Without DATABASE_APP_PASSWORD the role must be there already. A managed PostgreSQL makes extension and role by its API.
"""

from __future__ import annotations

import argparse
import os
import sys

from infra.migrations import database


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.migrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--revision", default="head", help="how far, default: all")
    parser.add_argument("--down", action="store_true", help="go down to the revision: this drops tables")
    chosen = parser.parse_args(arguments)
    try:
        url = database.admin_url()
        if chosen.down:
            if chosen.revision == "head":
                parser.error("--down wants a --revision; base empties the database")
            database.migrate_down(url, chosen.revision)
        else:
            password = os.environ.get("DATABASE_APP_PASSWORD")
            if password:
                database.prepare(url, password)
            database.migrate(url, chosen.revision)
    except database.DatabaseNotReady as error:
        print(error, file=sys.stderr)
        return os.EX_CONFIG
    print(f"The database is at {chosen.revision}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
