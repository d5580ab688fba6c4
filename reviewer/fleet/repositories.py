"""Which repositories there are, and which of them a shard audits."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from reviewer.errors import UsageError
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_SHARDS = 256
"""As many jobs as a matrix of GitHub Actions can have."""


class Shard(Record):
    """The ``number``-th of ``count`` shards, from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard that a text such as ``2/8`` names. Raises :class:`UsageError`."""
        match = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text)
        number, count = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= number <= count <= MAX_SHARDS:
            raise UsageError(
                f"--shard {text!r} is not a shard such as 2/8, with at most {MAX_SHARDS} of them"
            )
        return cls(number, count)

    def of(self, repositories: Sequence[Repository]) -> tuple[Repository, ...]:
        """Return every ``count``-th repository in the order of their names: shards are equally large."""
        ordered = sorted(repositories, key=lambda each: each.name)
        return tuple(ordered[self.number - 1 :: self.count])


class Repository(Record):
    """A repository by the name that reports give it, and where its checkout should be."""

    name: str
    place: Path


def repositories(place: Path) -> tuple[Repository, ...]:
    """Return the repositories at ``place``: the folders in a folder, or the lines of a list.

    A line names a folder relative to the list; blank lines and what follows ``#`` do not count. Raises
    :class:`UsageError`.
    """
    if place.is_dir():
        found = [Repository(each.name, each) for each in place.iterdir() if each.is_dir()]
        found = [each for each in found if not each.name.startswith(".")]
    else:
        found = list(_listed(place))
    if not found:
        raise UsageError(f"{place}: there are no repositories")
    return tuple(sorted(found, key=lambda each: each.name))


def _listed(place: Path) -> tuple[Repository, ...]:
    try:
        lines = place.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not valid UTF-8"
        raise UsageError(f"{place}: the list of repositories cannot be read: {reason}") from None
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        name = posixpath.normpath(written)
        if name.startswith(("/", "..")):
            raise UsageError(f"{place}:{number}: {name!r} is not a folder below that of the list")
        if name in found:
            raise UsageError(f"{place}:{number}: {name!r} stands on line {found[name]} already")
        found[name] = number
    return tuple(Repository(name, place.parent / name) for name in found)
