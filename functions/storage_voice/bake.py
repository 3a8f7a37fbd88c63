"""Fetches whisper's published weights into an image while it is built: `bake.py --into FOLDER small …`.

`FOLDER/<name>/<first letters of the hash>/model.pt` with `model.json` beside it: the layout of `shared/models`, so that
a version can be named by a setting and is found in transcripts and metrics.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

DIGITS = 8


def describe(name: str, digest: str) -> dict[str, object]:
    """What `model.json` says of a published checkpoint."""
    return {
        "name": name,
        "version": digest[:DIGITS],
        "kind": "whisper",
        "files": {"model.pt": digest},
        "parameters": {"prompt": True},
        "training": {"source": "openai-whisper, MIT; fetched by its own package, which compares the hash"},
    }


def bake(name: str, into: Path, whisper: Any) -> Path:
    """Fetch one model.

    Args:
        name: whisper's own, `small`.
        into: where models are kept.
        whisper: the package, which knows where its weights are and compares their hashes.

    Raises:
        SystemExit: whisper publishes none of this name.
        RuntimeError: what arrived has another hash.
    """
    url = whisper._MODELS.get(name)  # noqa: SLF001 - its one list of what is published, with the hashes in the addresses
    if url is None:
        raise SystemExit(f"There is no model {name}; there are: {', '.join(whisper.available_models())}")
    digest = url.split("/")[-2]
    folder = into / name / digest[:DIGITS]
    folder.mkdir(parents=True, exist_ok=True)
    fetched = Path(whisper._download(url, str(folder), in_memory=False))  # noqa: SLF001 - as above
    checkpoint = fetched.rename(folder / "model.pt")
    (folder / "model.json").write_text(json.dumps(describe(name, digest), indent=1) + "\n")
    return checkpoint


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("names", nargs="+")
    chosen = parser.parse_args()
    import whisper

    for name in chosen.names:
        print(bake(name, chosen.into, whisper))  # noqa: T201 - the build's log


if __name__ == "__main__":
    main()
