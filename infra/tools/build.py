"""Packs what is deployed into build/, from where `sam build` and the deployment to Yandex Cloud take it.

    python -m infra.tools.build

The layer gets the data that functions share (`salon_data` beside `salon`), caches and tests stay behind, and the code
is compiled when this Python is the functions' own: a cold start without `.pyc` takes three times as long.
"""

from __future__ import annotations

import compileall
import py_compile
import shutil
import sys
from pathlib import Path

from infra.local.template import FUNCTION, read_template

PROJECT = Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build"
TREES = {
    "functions": "functions",
    "layers/salon": "layers/salon",
    "layers/dependencies": "layers/dependencies",
    "shared": "layers/salon/python/salon_data",
}
FILES = ("template.yaml", "samconfig.toml")
# The demonstration model for speech is for laptops; images are baked with weights of their own. Of the console what
# web.sh has built is deployed, not its sources.
LEFT_BEHIND = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "node_modules", "*.egg-info", ".*", "speech_ru_demo", "web"
)


def build(project: Path = PROJECT, target: Path = BUILD) -> int:
    """Pack into an empty `target`; returns how many files there are."""
    shutil.rmtree(target, ignore_errors=True)
    for source, destination in TREES.items():
        shutil.copytree(project / source, target / destination, ignore=LEFT_BEHIND)
    for name in FILES:
        shutil.copy2(project / name, target / name)
    if runs_functions(target / "template.yaml"):
        for folder in ("functions", "layers"):
            # Unchecked: the archive sets every file's time anew, and nobody edits a deployed source.
            compileall.compile_dir(
                target / folder,
                quiet=1,
                stripdir=str(target),
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
    return sum(path.is_file() for path in target.rglob("*"))


def runs_functions(template: Path) -> bool:
    """Whether this Python is the one that template.yaml gives the functions; images have their own."""
    functions = [item for item in read_template(template)["Resources"].values() if item["Type"] == FUNCTION]
    runtimes = {item["Properties"]["Runtime"] for item in functions if "Runtime" in item["Properties"]}
    return runtimes == {f"python{sys.version_info.major}.{sys.version_info.minor}"}


def main() -> int:
    """The command."""
    files = build()
    print(f"build/: {files} files. Next: cd build && sam build && sam deploy --config-env dev")
    if not runs_functions(BUILD / "template.yaml"):
        print("The functions run on another Python than this: nothing was compiled, cold starts will be slower.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
