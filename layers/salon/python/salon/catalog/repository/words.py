"""What is known of the words that people type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from salon.platform.shared_data import shared_path


@lru_cache(maxsize=1)
def keyboard_layout() -> Mapping[str, str]:
    """Latin keys to the Russian letters on them, from the lexicon."""
    lexicon = json.loads((shared_path("lexicon") / "ru" / "keyboard.json").read_text(encoding="utf-8"))
    return dict(zip(lexicon["layout_from"], lexicon["layout_to"], strict=True))
