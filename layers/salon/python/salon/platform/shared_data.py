"""Where the data that functions share lie: the project's folder `shared/`, packed beside the layer in the cloud."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from salon.platform.errors import SalonError


class SharedDataMissing(SalonError):
    """The shared data are neither packed with the layer nor in a folder above it."""

    code = "SHARED_DATA_MISSING"


@lru_cache(maxsize=16)
def shared_path(name: str, start: Path = Path(__file__)) -> Path:
    """The folder or file `name` of the shared data.

    Args:
        name: below `shared/`, for example `texts`.
        start: where the code lies; `<layer>/python/salon/<module>/<file>`.

    Raises:
        SharedDataMissing: it is neither packed with the layer nor in a `shared` folder above it.
    """
    above = start.resolve().parents
    candidates = [above[2] / "salon_data" / name, *(folder / "shared" / name for folder in above)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    raise SharedDataMissing(f"The shared data lack {name}; was the layer built by `make build`?")
