"""Where the data that functions share lie: the project's folder `shared/`, packed beside the layer in the cloud."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from salon.platform.errors import SalonError

PACKED = Path(__file__).resolve().parents[2] / "salon_data"


@lru_cache(maxsize=16)
def shared_path(name: str) -> Path:
    """The folder or file `name` of the shared data.

    Raises:
        SalonError: it is neither packed with the layer nor in a `shared` folder above it.
    """
    candidates = [PACKED / name, *(parent / "shared" / name for parent in Path(__file__).resolve().parents)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise SalonError(f"The shared data lack {name}; was the layer built by `make build`?")
