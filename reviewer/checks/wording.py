"""How messages put several things into one sentence."""

from __future__ import annotations


def listed(words: list[str]) -> str:
    """Return words as people list them: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
