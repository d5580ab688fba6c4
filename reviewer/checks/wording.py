"""What messages of several checks have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_ALLOWED = "a public network that `allowed-cidrs` of the configuration does not list"
"""What a network is that is neither the whole internet nor one of the administrators' own."""


def listed(words: Sequence[str]) -> str:
    """Return words as people list them: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
