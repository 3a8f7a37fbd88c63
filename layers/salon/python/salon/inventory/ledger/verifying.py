"""`python -m salon.inventory verify`: prove every tenant's ledger, or name the first link that is broken.

    python -m salon.inventory verify                           every tenant
    python -m salon.inventory verify --tenant ID --expect 17:9f…   one, against a head that was kept elsewhere
    python -m salon.inventory verify --anchor heads.json       every tenant against the heads in the file, which is then
                                                               written anew: run it daily, and keep the file elsewhere

It reads as the application does: of all tenants it learns the ids alone, and looks at each in a transaction of its own.
The exit status is 0 when everything holds, 1 when something is broken, 2 when it could not be looked at.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO
from uuid import UUID

from salon.inventory.ledger.domain import Head
from salon.inventory.ledger.use_cases import Verdict, list_tenants, verify_ledger
from salon.platform.db import Database
from salon.platform.errors import Invalid, SalonError
from salon.platform.settings import DatabaseSettings

HOLDS, BROKEN, NOT_LOOKED_AT = 0, 1, 2


def main(argv: list[str], *, database: Database | None = None, out: TextIO | None = None) -> int:
    """The command.

    Args:
        argv: what follows `verify`.
        database: to look at; None takes the one that the settings name.
        out: where to print; None takes standard output.
    """
    out = out or sys.stdout
    arguments = _parser().parse_args(argv)
    if arguments.expect is not None and arguments.tenant is None:
        _parser().error("--expect is of one tenant: say --tenant as well")
    try:
        expected = _expected(arguments)
        database = database or Database(DatabaseSettings.load())
        verdicts = _verify(database, arguments.tenant, expected)
    except (SalonError, OSError, ValueError) as error:
        out.write(f"{error}\n")
        return NOT_LOOKED_AT
    _print(verdicts, out, as_json=arguments.json)
    if any(verdict.broken for verdict in verdicts.values()):
        return BROKEN
    if arguments.anchor is not None:
        _keep(arguments.anchor, expected, verdicts)
    return HOLDS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m salon.inventory verify", description="Prove the ledger.")
    parser.add_argument("--tenant", type=UUID, help="this tenant only")
    parser.add_argument("--expect", metavar="SEQ:HASH", help="a head of the tenant, kept elsewhere")
    parser.add_argument("--anchor", type=Path, metavar="FILE", help="heads of all tenants: compared, then written anew")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _expected(arguments: argparse.Namespace) -> dict[UUID, Head]:
    """Heads that were kept elsewhere."""
    if arguments.expect is not None:
        return {arguments.tenant: Head.parse(arguments.expect)}
    if arguments.anchor is None or not arguments.anchor.exists():
        return {}
    kept = json.loads(arguments.anchor.read_text())
    if not isinstance(kept, dict):
        raise Invalid("The file of heads holds one JSON object.")
    return {UUID(tenant): Head.parse(str(head)) for tenant, head in kept.items()}


def _verify(database: Database, tenant_id: UUID | None, expected: Mapping[UUID, Head]) -> dict[UUID, Verdict]:
    if tenant_id is not None:
        tenants = [tenant_id]
    else:
        with database.without_tenant() as session:
            known = set(list_tenants(session))
        tenants = sorted({*known, *expected})  # a tenant that has vanished has lost its ledger too
    verdicts = {}
    for tenant in tenants:
        with database.read(tenant) as session:
            verdicts[tenant] = verify_ledger(session, expected.get(tenant))
    return verdicts


def _print(verdicts: Mapping[UUID, Verdict], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        found = [
            {
                "tenant_id": str(tenant),
                "holds": verdict.broken is None,
                "head": str(verdict.head) if verdict.head.seq else None,
                "broken": None
                if verdict.broken is None
                else {"kind": verdict.broken.kind.value, "seq": verdict.broken.seq, "what": verdict.broken.what},
            }
            for tenant, verdict in verdicts.items()
        ]
        out.write(json.dumps({"tenants": found}, indent=2) + "\n")
        return
    for tenant, verdict in verdicts.items():
        if verdict.broken is not None:
            out.write(f"{tenant}: BROKEN: {verdict.broken.what}\n")
        elif verdict.head.seq:
            out.write(f"{tenant}: {verdict.head.seq} rows hold; head {verdict.head}\n")
        else:
            out.write(f"{tenant}: nothing was posted\n")


def _keep(path: Path, before: Mapping[UUID, Head], verdicts: Mapping[UUID, Verdict]) -> None:
    """Write the heads; a tenant that was not looked at keeps its old one."""
    heads = {**before, **{tenant: verdict.head for tenant, verdict in verdicts.items() if verdict.head.seq}}
    written = {str(tenant): str(head) for tenant, head in sorted(heads.items())}
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(written, indent=2) + "\n")
    beside.replace(path)
