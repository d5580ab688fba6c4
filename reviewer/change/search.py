"""Searching many files with one git process."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from reviewer.change import arguments
from reviewer.change.tree import contains_any, decode_path, encoded
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.change.process import Git

MAX_BYTES = 16 * 1024 * 1024
"""Of matching lines. Where there are more, the names of the files alone are asked for."""


class _TooMuchError(Exception):
    """More lines match than are kept."""


class Foreseen(Record):
    """What will be searched for, all of it in files of some suffixes: one process finds all of it."""

    needles: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()

    def covers(self, needles: Sequence[str], suffixes: Sequence[str]) -> bool:
        """Tell whether the answer to a search is a part of this one."""
        return bool(suffixes) and self.needles.issuperset(needles) and self.suffixes.issuperset(suffixes)


class Found(Record):
    """The matching lines of every file by its path, together, as bytes."""

    lines: Mapping[str, bytes]

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterator[str]:
        """Yield the paths whose lines hold one of the needles."""
        wanted = encoded(needles)
        for path, text in self.lines.items():
            if path.endswith(tuple(suffixes)) and contains_any(text, wanted):
                yield path


class Search(Record):
    """Searching one tree: ``options`` select it, and ``prefix`` stands before every path git names."""

    git: Git
    options: tuple[str, ...]
    prefix: bytes = b""

    def names(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterator[str]:
        """Yield the files with one of ``suffixes`` that hold one of ``needles``; starts one process."""
        given = [*arguments.names_with(needles), *self._among(suffixes)]
        result = self.git.run("grep", *given, accept=(0, 1))
        return (self._path(name) for name in result.stdout.split(b"\0")[:-1])

    def lines(self, foreseen: Foreseen) -> Found | None:
        """Return the lines of all that is foreseen, or None when they are too many; starts one process."""
        needles, suffixes = sorted(foreseen.needles), sorted(foreseen.suffixes)
        given = [*arguments.lines_with(needles), *self._among(suffixes)]
        try:
            with self.git.stream("grep", *given, accept=(0, 1)) as pieces:
                output = b"".join(_limited(pieces))
        except _TooMuchError:
            return None
        found: defaultdict[str, bytearray] = defaultdict(bytearray)
        for path, line in _records(output):
            found[self._path(path)] += line
        return Found({path: bytes(text) for path, text in found.items()})

    def _among(self, suffixes: Sequence[str]) -> list[str]:
        return [*self.options, "--", *arguments.pathspecs(suffixes)]

    def _path(self, name: bytes) -> str:
        return decode_path(name.removeprefix(self.prefix))


def _limited(pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BYTES:
            raise _TooMuchError
        yield piece


def _records(output: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each path with a line of that file and its end. A path may hold a line end, a line a NUL."""
    start = 0
    while (middle := output.find(b"\0", start)) >= 0:
        end = output.find(b"\n", middle) + 1 or len(output)
        yield output[start:middle], output[middle + 1 : end]
        start = end
