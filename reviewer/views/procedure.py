"""What a repository says about how the platform is upgraded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.change.tree import MissingFileError, UnreadableFileError

if TYPE_CHECKING:
    from reviewer.checks.context import Context

_UPGRADE = re.compile(r"upgrad", re.IGNORECASE)
_ROLLBACK = re.compile(r"roll(?:ing)?[ -]?back", re.IGNORECASE)


def upgrade_document(context: Context) -> tuple[bool, bool]:
    """Tell whether there is a document on upgrades, and whether it says how to go back."""
    found = rollback = False
    for path in context.tree.containing(("upgrad", "Upgrad", "UPGRAD"), (".md", ".adoc", ".rst")):
        try:
            text = context.tree.read(path).decode(errors="replace")
        except (MissingFileError, UnreadableFileError):
            continue
        headings = [line for line in text.splitlines() if line.startswith(("#", "="))]
        if _UPGRADE.search(path) or any(map(_UPGRADE.search, headings)):
            found = True
            rollback = rollback or _ROLLBACK.search(text) is not None
    return found, rollback
