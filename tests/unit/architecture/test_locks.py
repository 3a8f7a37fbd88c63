"""The locks agree with pyproject.toml and with each other: `make lock` was run."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from infra.tools.lock import EVERYTHING, EXTRAS, PROJECT, RUNTIME, SPEECH, UNWANTED

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
OPTIONAL = DECLARED["optional-dependencies"]


def pins(lock):
    """Package → version; fails on any line that is neither a pin nor a comment."""
    lines = [line for line in lock.read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==\S+( ; .+)?", line)] == []
    return {canonicalize_name(line.split("==")[0]): Version(line.split("==")[1].split(" ")[0]) for line in lines}


def wanted(*groups):
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        (RUNTIME, wanted(DECLARED["dependencies"])),
        (EVERYTHING, wanted(DECLARED["dependencies"], *(OPTIONAL[extra] for extra in EXTRAS))),
        (SPEECH, wanted(DECLARED["dependencies"], OPTIONAL["speech"])),
    ],
    ids=["layer", "everything", "speech"],
)
def test_every_dependency_is_pinned_within_its_range(lock, requirements):
    pinned = pins(lock)
    missing = [str(each) for each in requirements if canonicalize_name(each.name) not in pinned]
    assert missing == []
    outside = [str(each) for each in requirements if pinned[canonicalize_name(each.name)] not in each.specifier]
    assert outside == []


def test_the_layers_lock_is_part_of_the_whole():
    everything = pins(EVERYTHING)
    assert {name: everything.get(name) for name in pins(RUNTIME)} == pins(RUNTIME)


def test_the_image_has_the_layers_packages_and_the_tests_have_the_images():
    image, everything = pins(SPEECH), pins(EVERYTHING)
    assert {name: image.get(name) for name in pins(RUNTIME)} == pins(RUNTIME)
    assert {name: everything[name] for name in image.keys() & everything.keys()} == {
        name: image[name] for name in image.keys() & everything.keys()
    }


def test_no_other_environment_than_the_images_has_torch():
    heavy = {"torch", "openai-whisper", "av", "onnxruntime"}
    assert heavy <= set(pins(SPEECH))
    assert not (heavy | UNWANTED) & set(pins(EVERYTHING))
    assert not UNWANTED & set(pins(SPEECH))


def test_tools_stay_out_of_the_layer():
    tools = {canonicalize_name(each.name) for each in wanted(*OPTIONAL.values())}
    assert tools & set(pins(RUNTIME)) <= {"pyyaml"}  # chalice brings it too


def test_the_locks_hold_every_extra():
    assert {*EXTRAS, "speech"} == set(OPTIONAL)
