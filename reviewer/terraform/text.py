"""A source text and ranges in it: the one coordinate system of the project."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from reviewer.record import Record


@dataclass(frozen=True, slots=True, eq=False)
class SourceText:
    r"""The decoded text of one file.

    ``path`` is repository-relative and POSIX. ``text`` keeps its line ends; a byte order mark is not part of
    it. Lines are separated by ``\n`` alone, as git and GitHub count them.
    """

    path: str
    text: str = field(repr=False)
    line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the line starts once; every position is found by bisection."""
        starts = [0]
        find = self.text.find
        position = find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = find("\n", position + 1)
        object.__setattr__(self, "line_starts", tuple(starts))

    def line_of(self, offset: int) -> int:
        """Return the 1-based line that holds the character at ``offset``."""
        return bisect_right(self.line_starts, offset)

    def column_of(self, offset: int) -> int:
        """Return the 1-based column, in characters, of ``offset``."""
        return offset - self.line_starts[self.line_of(offset) - 1] + 1

    @property
    def line_count(self) -> int:
        """Return the number of lines; a final newline starts no further line."""
        return len(self.line_starts) - (1 if self.text.endswith("\n") else 0)

    def line(self, number: int) -> str:
        """Return line ``number`` (1-based) without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Range(Record):
    """Characters ``start`` to ``end`` (exclusive) of one source text."""

    source: SourceText
    start: int
    end: int

    @property
    def path(self) -> str:
        """Return the path of the file."""
        return self.source.path

    @property
    def line(self) -> int:
        """Return the first line, 1-based."""
        return self.source.line_of(self.start)

    @property
    def end_line(self) -> int:
        """Return the last line that holds a character of the range, 1-based."""
        return self.source.line_of(max(self.start, self.end - 1))

    @property
    def column(self) -> int:
        """Return the first column, 1-based."""
        return self.source.column_of(self.start)

    @property
    def text(self) -> str:
        """Return the characters themselves."""
        return self.source.text[self.start : self.end]

    def contains(self, other: Range) -> bool:
        """Tell whether ``other`` lies wholly inside this range of the same text."""
        return self.source is other.source and self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        """Return ``path:line``, the form every message uses."""
        return f"{self.path}:{self.line}"


def character_offsets(text: str) -> list[int]:
    """Return, for every byte offset of the UTF-8 text, the character offset."""
    offsets: list[int] = []
    for index, character in enumerate(text):
        offsets.extend([index] * len(character.encode()))
    offsets.append(len(text))
    return offsets
