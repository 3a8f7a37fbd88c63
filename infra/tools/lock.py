"""Compiles the locks from pyproject.toml; kept versions stay unless `--upgrade` is given.

    python -m infra.tools.lock
    python -m infra.tools.lock --upgrade

Four files with the same versions: `layers/dependencies/requirements.txt`, what runs in the cloud; `requirements.txt`,
that and the tools; and `functions/storage_*/requirements.txt`, what each container image holds. None names an index:
whoever installs has pip configured for theirs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
RUNTIME = PROJECT / "layers" / "dependencies" / "requirements.txt"
EVERYTHING = PROJECT / "requirements.txt"
SPEECH = PROJECT / "functions" / "storage_voice" / "requirements.txt"
DOCUMENTS = PROJECT / "functions" / "storage_documents" / "requirements.txt"
# Of no use on a CPU, and larger than all the rest together (facts/domain.md §3.1).
UNWANTED = frozenset({"triton"})
LOCKS = (RUNTIME, EVERYTHING, SPEECH, DOCUMENTS)
EXTRAS = ("documents", "migrations", "local", "dev")
HEADER = """\
# Compiled from pyproject.toml by `make lock`: do not edit. {what}
# No hashes: an index may serve wheels built on the spot (awslambdaric has none for some systems), whose hashes differ.
"""


def compile_lock(target: Path, what: str, *, extras: tuple[str, ...] = (), within: Path | None = None) -> None:
    """Write one lock.

    Args:
        target: the file; the versions it names are kept where they still fit.
        what: a sentence for its header.
        extras: optional dependencies of pyproject.toml to add.
        within: another lock whose versions must be used.

    Raises:
        subprocess.CalledProcessError: the dependencies cannot be satisfied; pip-compile has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "requirements.txt"
        output.write_text(target.read_text() if target.exists() else "")
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--strip-extras", "--no-header"]
        command += ["--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"]
        command += ["--no-emit-options", *(f"--extra={extra}" for extra in extras)]
        command += [f"--constraint={within}"] if within else []
        subprocess.run([*command, f"--output-file={output}", "pyproject.toml"], cwd=PROJECT, check=True)
        lines = [line for line in output.read_text().splitlines() if line and not line.startswith("#")]
    # `torch==2.13.0+cpu` is how one index calls it; without the suffix the pin fits wherever it comes from.
    pins = [line.partition("+")[0] for line in lines if line.partition("==")[0] not in UNWANTED]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(HEADER.format(what=what) + "\n".join(pins) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.tools.lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    chosen = parser.parse_args(arguments)
    if chosen.upgrade:
        for lock in LOCKS:
            lock.unlink(missing_ok=True)
    compile_lock(RUNTIME, "What functions need in the cloud.")
    compile_lock(EVERYTHING, "That, and what the laptop and CI need.", extras=EXTRAS, within=RUNTIME)
    compile_lock(
        SPEECH, "What the image of storage_voice holds; also `.venv-speech`.", extras=("speech",), within=EVERYTHING
    )
    compile_lock(DOCUMENTS, "What the image of storage_documents holds.", extras=("documents",), within=EVERYTHING)
    for lock in LOCKS:
        print(f"{lock.relative_to(PROJECT)}: {lock.read_text().count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
