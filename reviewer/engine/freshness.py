"""What the reader must know about the age of the tables that checks judge by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.data import checked_on
from reviewer.escape import code
from reviewer.review import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MAX_AGE_DAYS = 120
_NAMED = 3
"""So many tables are named; the rest is counted."""


def outdated(today: date) -> Iterator[Notice]:
    """Yield a notice when tables were last checked more than 120 days before ``today``."""
    ages = {name: (today - day).days for name, day in checked_on().items()}
    old = sorted((name for name, age in ages.items() if age > MAX_AGE_DAYS), key=lambda name: -ages[name])
    if not old:
        return
    named = ", ".join(code(name) for name in old[:_NAMED])
    more = f" and {len(old) - _NAMED} more" if len(old) > _NAMED else ""
    are = "tables were" if len(old) > 1 else "table was"
    yield Notice(
        f"Reference data is more than {MAX_AGE_DAYS} days old: the {are} last checked on "
        f"{checked_on()[old[0]]} ({named}{more}). What AWS has changed since is not known to this release: "
        "update EKS Review, or add newer versions to `kubernetes-versions` in the configuration."
    )
