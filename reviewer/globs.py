"""Path patterns as in ``.gitignore``: ``**`` is any number of folders, ``*`` stops at a slash."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_WILDCARD = frozenset("*?[")


def matches(pattern: str, path: str) -> bool:
    """Tell whether a repository-relative POSIX ``path`` matches ``pattern``.

    A pattern ending in a slash means everything below that folder; a leading ``./`` or ``/`` means nothing.
    One without any slash is looked for at every depth, so ``*.tfvars`` finds ``prod/a.tfvars``.
    """
    wanted = pattern.removeprefix("./").removeprefix("/")
    if wanted.endswith("/"):
        wanted += "**"
    elif "/" not in pattern:
        wanted = f"**/{wanted}"
    return _matches(wanted.split("/"), path.split("/"))


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """Tell whether ``path`` matches one of ``patterns``."""
    return any(matches(pattern, path) for pattern in patterns)


def _matches(patterns: Sequence[str], parts: Sequence[str]) -> bool:
    """Match folder by folder, going back only to the last ``**``: never exponential."""
    pattern_at = part_at = 0
    star, resume = -1, 0
    while part_at < len(parts):
        if pattern_at < len(patterns) and patterns[pattern_at] == "**":
            star, resume = pattern_at, part_at
            pattern_at += 1
        elif pattern_at < len(patterns) and is_like(parts[part_at], patterns[pattern_at]):
            pattern_at += 1
            part_at += 1
        elif star >= 0:
            resume += 1
            pattern_at, part_at = star + 1, resume
        else:
            return False
    return all(pattern == "**" for pattern in patterns[pattern_at:])


def is_like(name: str, pattern: str) -> bool:
    """Tell whether a name is what a pattern without folders says.

    Most patterns have no wildcards, and :mod:`fnmatch` makes a regular expression of each.
    """
    return fnmatch.fnmatchcase(name, pattern) if _WILDCARD.intersection(pattern) else name == pattern


def all_like(names: Collection[str], pattern: str) -> Sequence[str]:
    """Return the names that are what a pattern without folders says, in their order."""
    if _WILDCARD.intersection(pattern):
        return fnmatch.filter(names, pattern)
    return (pattern,) if pattern in names else ()
