"""Wraps every tenant's key by the current master key, the first of MASTER_KEYS.

    MASTER_KEYS=new:…,old:… python -m infra.tools.rotate_master_key --here

Deploy the functions with both keys first (template.yaml, MasterKeys), run this, then deploy with the new one alone.
It may be broken off and run again: what is wrapped by the current key already is left alone. No data are touched.
"""

from __future__ import annotations

import argparse
import os
import sys

from infra.local.processes import LocalCloudError
from infra.tools import surroundings
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.keys import list_tenants, rewrap_tenant_key
from salon.platform.rate_buckets import NOBODY
from salon.platform.settings import DatabaseSettings
from salon.platform.wiring_light import master_keys


def rotate(database: Database) -> tuple[int, int]:
    """Work through all tenants, a transaction each; how many keys were wrapped anew, and of how many tenants."""
    with database.without_tenant() as session:
        tenants = [NOBODY, *list_tenants(session)]  # nobody's key is what e-mails are looked up by
    rewrapped = 0
    for tenant_id in tenants:
        with database.transaction(tenant_id) as session:
            rewrapped += rewrap_tenant_key(session)
    return rewrapped, len(tenants) - 1


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.rotate_master_key",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    surroundings.add_options(parser)
    chosen = parser.parse_args(arguments)
    try:
        surroundings.enter(chosen)
        rewrapped, tenants = rotate(Database(DatabaseSettings.load(), master=master_keys()))
    except (LocalCloudError, SalonError) as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    print(f"{rewrapped} of {tenants} tenants' keys wrapped by the current master key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
