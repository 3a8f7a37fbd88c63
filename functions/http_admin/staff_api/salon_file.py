"""A whole salon as one file: out, in, and what an import would do."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel

from salon.availability.domain import SlotsGenerated
from salon.availability.salon_file import use_cases as salon_file
from salon.availability.salon_file.domain import ImportReport, Thing
from salon.availability.salon_file.errors import SalonFileInvalid, SalonFileRefused
from salon.availability.salon_file.schemas import SalonFile
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import Items
from staff_api.sections import check_section


class ImportView(BaseModel):
    """What an import did, or, as a dry run, would do."""

    is_dry_run: bool
    things: Items[Thing]
    slots: SlotsGenerated

    @classmethod
    def of(cls, report: ImportReport) -> ImportView:
        """The view of a report."""
        return cls(is_dry_run=report.is_dry_run, things=Items(items=list(report.things)), slots=report.slots)


def add_salon_file_routes(resolver: ApiResolver, api: Api) -> None:
    """`/salon-file`."""

    @resolver.get("/admin/v1/salon-file", tags=["salon file"], responses=reads())
    def export_salon() -> SalonFile:
        """Everything the salon is made of; no clients, no bookings, nothing secret."""
        with api.read(Permission.SALON_EXPORT) as call:
            return salon_file.export_salon(call.session)

    @resolver.post("/admin/v1/salon-file", tags=["salon file"], responses=changes(SalonFileInvalid, SalonFileRefused))
    def import_salon(file: Annotated[SalonFile, Body()], *, dry_run: Annotated[bool, Query()] = False) -> ImportView:
        """All of the file or nothing of it; things are told apart by their names, so a second time changes nothing."""
        with api.write(Permission.SALON_IMPORT) as call:
            report = salon_file.import_salon(
                call.session,
                file,
                actor=call.actor,
                now=call.now,
                is_dry_run=dry_run,
                check_section=check_section,
            )
            return call.answer(ImportView.of(report))
