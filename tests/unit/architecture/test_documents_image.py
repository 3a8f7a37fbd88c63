"""The image of storage_documents: nothing builds it here, so its parts are held against what they speak of."""

from __future__ import annotations

import re
import tomllib

from infra.tools import triggers
from infra.tools.build import TREES
from infra.tools.triggers import PROJECT
from salon.platform.settings import RetentionSettings
from salon.platform.settings_documents import DocumentSettings, UploadSettings

FOLDER = PROJECT / "functions" / "storage_documents"
TEXT = (FOLDER / "Dockerfile").read_text()
LINES = [line for line in re.sub(r"\\\n\s*", "", TEXT).splitlines() if line and not line.startswith("#")]
TEMPLATE = triggers.template()
FUNCTION = next(one for one in triggers.functions(TEMPLATE) if one.name == "storage_documents")


def test_what_is_copied_is_in_the_folder_that_make_build_makes():
    packed = {destination.split("/")[0] for destination in TREES.values()}
    for line in LINES:
        if line.startswith("COPY ") and "--from=" not in line:
            source = line.split()[1]
            assert source.split("/")[0] in packed
            assert list(PROJECT.glob(source)), source


def test_it_runs_as_nobody_on_the_functions_python_with_its_languages():
    bases = {line.split()[1] for line in LINES if line.startswith("FROM ")}
    assert bases == {"python:3.12-slim-bookworm"}
    last = LINES[max(index for index, line in enumerate(LINES) if line.startswith("FROM")) :]
    assert [line for line in last if line.startswith("USER")] == ["USER 10001"]
    assert not any("apt-get" in line for line in last)
    assert all(f"tesseract-ocr-{language}" in TEXT for language in ("rus", "eng", "osd"))
    (folder,) = re.findall(r"TESSDATA_PREFIX=(\S+)", TEXT)
    assert f"COPY --from=languages {folder} {folder}" in LINES
    assert (FOLDER / "entry.py").exists()


def test_every_engines_package_is_in_its_lock():
    extra = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["documents"]
    wanted = {re.split(r"[<>=!\[; ]", one)[0].lower() for one in extra}
    locked = {line.partition("==")[0].lower() for line in (FOLDER / "requirements.txt").read_text().splitlines()}
    assert wanted - locked == set()


def test_a_job_is_leased_for_as_long_as_its_function_runs():
    assert FUNCTION.environment["DOCUMENT_LEASE_S"] == triggers.resolve(TEMPLATE, FUNCTION.properties["Timeout"])
    assert DocumentSettings().document_lease_s == float(FUNCTION.environment["DOCUMENT_LEASE_S"])
    assert FUNCTION.properties["MemorySize"] == 2048


def test_files_are_kept_as_long_as_their_rows_and_taken_as_large_as_they_are_read():
    rules = TEMPLATE["Resources"]["MediaBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules}
    assert {days["documents/"], days["previews/"]} == {RetentionSettings().retention_documents_days}
    assert UploadSettings().upload_max_bytes == DocumentSettings().document_max_bytes
