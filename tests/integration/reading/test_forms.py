"""Every form that a document comes in is the same document: picture formats, several pages, one process's memory."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from salon.intake.documents.domain import Limits, SourceKind
from salon.intake.documents.evaluation import cases_in, compare
from salon.intake.documents.reading import read_document
from salon.integrations.documents import open_engines
from support.documents.papers import make_paper
from support.documents.writing import shots, write

_MOST_MEGABYTES = 1_500


@pytest.fixture(scope="module")
def engines():
    return open_engines()


def _read(data: bytes, engines):
    return read_document(data, engines=engines, limits=Limits(), tell=lambda _percent: None).document


@pytest.mark.parametrize("form", ["png", "webp", "heic", "exif"])
def test_a_picture_of_any_format_is_read(tmp_path, engines, form):
    paper = make_paper("sales_receipt", "forms", lines=(3, 4))
    (tmp_path / "inv00.json").write_text(json.dumps(paper.truth(), ensure_ascii=False), encoding="utf-8")
    write(paper, form, tmp_path / f"inv00_{form}", seed=1)
    [case] = cases_in(tmp_path)
    document = _read(case.path.read_bytes(), engines)
    found, misses = compare(case, document, 0.0)

    assert (found.numeric, found.totals_right) == (found.lines, 1), misses
    [page] = document.pages
    assert (page.width < page.height, page.turned) == (True, 0)  # the tag of a sideways picture is obeyed


@pytest.fixture(scope="module")
def two_pages():
    paper = make_paper("sales_receipt", "pages b", lines=(20, 20))
    pictures = [Image.open(io.BytesIO(each)) for each in shots(paper, "clean", 1)]
    assert len(pictures) == 2
    return paper, pictures


@pytest.mark.parametrize(("form", "source"), [("TIFF", SourceKind.PHOTO), ("PDF", SourceKind.SCAN)])
def test_lines_go_on_from_page_to_page(engines, two_pages, form, source):
    paper, (first, second) = two_pages
    file = io.BytesIO()
    more = {"compression": "jpeg"} if form == "TIFF" else {"resolution": 200}
    first.save(file, form, save_all=True, append_images=[second], **more)
    document = _read(file.getvalue(), engines)
    truth = paper.truth()

    assert document.source is source
    assert [float(line.sum_minor.value) / 100 for line in document.lines] == [line["sum"] for line in truth["items"]]
    assert {line.sum_minor.box.page for line in document.lines} == {0, 1}
    assert document.total_minor.value == round(truth["total"] * 100)


_READ_ONE = """
import os, re, sys
from pathlib import Path
from salon.intake.documents.domain import Limits
from salon.intake.documents.reading import read_document
from salon.integrations.documents import open_engines

data = Path(sys.argv[1]).read_bytes()
lines = len(read_document(data, engines=open_engines(), limits=Limits(), tell=lambda percent: None).document.lines)
stats = {int(task): Path(f"/proc/self/task/{task}/stat").read_text() for task in os.listdir("/proc/self/task")}
ticks = {task: int(stat.rsplit(")", 1)[1].split()[11]) for task, stat in stats.items()}
own = ticks.pop(os.getpid())
most = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])  # ru_maxrss is the parent's, too
print(lines, most // 1024, sum(ticks.values()), own)
"""


@pytest.mark.parametrize("form", ["16 bits", "transparent"])
def test_the_largest_picture_that_is_accepted_takes_one_thread_and_little_memory(tmp_path, form):
    paper = make_paper("sales_receipt", "forms", lines=(3, 4))
    page = Image.open(io.BytesIO(shots(paper, "clean", 1)[0]))
    factor = (Limits().max_pixels / (page.width * page.height)) ** 0.5
    page = page.resize((int(page.width * factor), int(page.height * factor)), Image.Resampling.BILINEAR)
    if form == "transparent":
        page = page.convert("RGBA")  # the most bytes a pixel
    else:
        page = Image.fromarray(np.asarray(page.convert("L"), dtype=np.uint16) * 257)
    path = tmp_path / "large.png"
    page.save(path, compress_level=1)
    environment = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
    done = subprocess.run(
        [sys.executable, "-c", _READ_ONE, str(path)], env=environment, check=True, capture_output=True, text=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    lines, megabytes, others, own = map(int, done.stdout.split())

    assert lines == len(paper.truth()["items"])
    assert 100 < megabytes < _MOST_MEGABYTES
    assert others < 0.5 * own  # threads of OpenMP's would spin beside the one that reads, as long as it reads
