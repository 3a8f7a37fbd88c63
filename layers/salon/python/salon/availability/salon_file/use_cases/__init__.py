"""What a person does with the file of a salon: reads one, exports the salon, imports it."""

from __future__ import annotations

from salon.availability.salon_file.schemas import render
from salon.availability.salon_file.use_cases.exporting import export_salon
from salon.availability.salon_file.use_cases.importing import import_salon
from salon.availability.salon_file.use_cases.reading import read_salon_file

__all__ = ["export_salon", "import_salon", "read_salon_file", "render"]
