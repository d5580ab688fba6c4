"""How messages put several things into one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Return words as people list them: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
