"""The command line: which parts are measured, and what is refused."""

import pytest

from infra.bench.__main__ import PARTS, main, run
from infra.bench.blueprint import PROJECT
from infra.bench.reading import PHRASES


@pytest.mark.parametrize("parts", ["speed", "import,speed", ""])
def test_a_part_that_does_not_exist_is_refused_with_those_that_do(parts, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--only", parts])
    assert exit_.value.code == 2
    complaint = capsys.readouterr().err
    assert all(part in complaint for part in PARTS)


def test_nothing_is_measured_unasked():
    assert run((), effort=None) == {}


def test_the_phrases_to_read_are_there():
    assert PHRASES.is_relative_to(PROJECT)
    assert len(PHRASES.read_text("utf-8").splitlines()) >= 220
