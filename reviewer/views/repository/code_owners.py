"""Who must review a path, as GitHub reads CODEOWNERS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import globs
from reviewer.views.repository_files import read_text

if TYPE_CHECKING:
    from reviewer.views.context import Context

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order. Source: GitHub documentation, "About code owners"."""


def has_owner(context: Context, path: str) -> bool:
    """Tell whether the last line that matches a path names an owner."""
    source = next((found for place in PLACES if (found := read_text(context.root, place)) is not None), None)
    owned = False
    for line in source.text.splitlines() if source is not None else ():
        pattern, *owners = line.partition(" #")[0].split() or [""]
        if pattern and not pattern.startswith("#") and _matches(pattern, path):
            owned = bool(owners)
    return owned


def _matches(pattern: str, path: str) -> bool:
    """Tell whether a pattern matches a path or a folder above it."""
    if pattern == "*":
        return True
    return globs.matches(pattern, path) or globs.matches(f"{pattern.rstrip('/')}/**", path)
