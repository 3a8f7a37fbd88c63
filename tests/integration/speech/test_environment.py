"""Runs tests/speech in `.venv-speech`, once for all of its files: importing torch takes seconds."""

from __future__ import annotations

import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from infra.local.salon_cloud import SPEECH_PYTHON

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "speech"
FILES = sorted(path.stem for path in FOLDER.rglob("test_*.py"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """What the other pytest said, and its report by file: (tests, failures)."""
    if not SPEECH_PYTHON.exists():
        pytest.fail(".venv-speech is missing: run `make setup`")
    report = tmp_path_factory.mktemp("speech") / "report.xml"
    # Under `make test` its coverage is gathered with ours: parallel data files beside the one that is named.
    measured = ["-m", "coverage", "run"] if "COVERAGE_FILE" in os.environ else []
    command = [str(SPEECH_PYTHON), *measured, "-m", "pytest", "-q", f"--confcutdir={FOLDER}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--junit-xml", str(report), str(FOLDER)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    by_file: dict[str, tuple[int, int]] = {}
    cases = ET.parse(report).getroot().iter("testcase") if report.exists() else ()  # noqa: S314 - pytest's own
    for case in cases:
        file = next(part for part in case.get("classname", "").split(".") if part.startswith("test_"))
        tests, failures = by_file.get(file, (0, 0))
        is_failed = case.find("failure") is not None or case.find("error") is not None
        by_file[file] = (tests + 1, failures + is_failed)
    return done.stdout, by_file


@pytest.mark.parametrize("file", FILES)
def test_in_the_environment_of_the_function(finished, file):
    output, by_file = finished
    tests, failures = by_file.get(file, (0, 0))
    assert (tests > 0, failures) == (True, 0), output
