"""Where a comment may stand: computed from the hunks, before anything is sent.

GitHub refuses a whole review when one comment is outside the diff (REST API, "Create a review for a pull
request").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from msgspec import field

from reviewer.record import Record
from reviewer.terraform.text import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.change.diff import ChangedFile, Hunk


class _Shown:
    """The right side of one file's diff, in the order of its lines."""

    def __init__(self, hunks: Iterable[Hunk]) -> None:
        self.hunks = sorted(
            (each for each in hunks if each.target_length), key=lambda each: each.target_start
        )
        self.starts = [each.target_start for each in self.hunks]
        self.added = sorted(line for each in self.hunks for line in each.added_lines)
        self.beside = sorted({line for each in self.hunks for line in _beside_removed(each)})

    def hunk_at(self, line: int) -> Hunk | None:
        """Return the hunk that shows a line."""
        index = bisect_right(self.starts, line) - 1
        return self.hunks[index] if index >= 0 and line in self.hunks[index].target_lines else None

    def first_in(self, first: int, last: int) -> int | None:
        """Return the first line of an inclusive range that is shown."""
        if self.hunk_at(first) is not None:
            return first
        index = bisect_right(self.starts, first)
        return self.starts[index] if index < len(self.starts) and self.starts[index] <= last else None

    def added_in(self, first: int, last: int) -> Sequence[int]:
        """Return the lines of an inclusive range that were added."""
        return _within(self.added, first, last)

    def changed_in(self, first: int, last: int) -> Sequence[int]:
        """Return the added lines of an inclusive range; without any, those beside removed ones."""
        return self.added_in(first, last) or _within(self.beside, first, last)


def _within(lines: Sequence[int], first: int, last: int) -> Sequence[int]:
    return lines[bisect_left(lines, first) : bisect_right(lines, last)]


def _beside_removed(hunk: Hunk) -> Iterator[int]:
    """Yield the shown head lines before and after each place where the change removed lines."""
    source, target = hunk.source_start, hunk.target_start
    while source < hunk.source_start + hunk.source_length:
        if source in hunk.removed_lines:
            yield from (line for line in (target - 1, target) if line in hunk.target_lines)
            source += 1
        elif target in hunk.added_lines:
            target += 1
        else:
            source, target = source + 1, target + 1


class Diff(Record, eq=False):
    """The lines that the diff shows on its right side, by head path."""

    files: Mapping[str, ChangedFile]
    _shown: dict[str, _Shown] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Iterable[ChangedFile]) -> Diff:
        """Index the changed files."""
        return cls({each.path: each for each in files})

    def _lines(self, path: str) -> _Shown:
        if path not in self._shown:
            file = self.files.get(path)
            self._shown[path] = _Shown(file.hunks if file else ())
        return self._shown[path]

    def hunk(self, path: str, first: int, last: int) -> Hunk | None:
        """Return the hunk that shows all of the lines ``first`` to ``last``."""
        found = self._lines(path).hunk_at(first)
        return found if found is not None and last in found.target_lines else None

    def shown_line(self, place: Range) -> int | None:
        """Return the first line of ``place`` that the diff shows."""
        return self._lines(place.path).first_in(place.line, place.end_line)

    def nearest_changed_line(self, block: Range, line: int) -> int | None:
        """Return the line of a block nearest to ``line`` that was added, or that lost its neighbour.

        One that says something is preferred.
        """
        return min(
            self._lines(block.path).changed_in(block.line, block.end_line),
            key=lambda each: (not _says_something(block.source.line(each)), abs(each - line), each),
            default=None,
        )

    def adds_some(self, place: Range) -> bool:
        """Tell whether any line of ``place`` was added."""
        return bool(self._lines(place.path).added_in(place.line, place.end_line))

    def adds(self, place: Range) -> bool:
        """Tell whether every line of ``place`` was added."""
        first, last = place.line, place.end_line
        return len(self._lines(place.path).added_in(first, last)) == last - first + 1


def _says_something(line: str) -> bool:
    """Tell whether a line is more than blanks, a bracket that closes, or a comment."""
    return line.strip(" \t})],") != "" and not line.lstrip().startswith(("#", "//"))


class Spot(Record):
    """The line a comment stands on. ``exact`` when the problem itself is there."""

    path: str
    line: int
    exact: bool


def place(
    diff: Diff, at: Range, related: Iterable[Range], block: Range, calls: Iterable[Range] = ()
) -> Spot | None:
    """Return where to comment: on the problem, a hop of its value, its block's nearest change, or nowhere.

    ``calls`` are the blocks that call the module of the problem, the innermost first. What a change calls
    anew is its concern at the call, not on a line of the module that it happens to show.
    """
    line = diff.shown_line(at)
    anew = next((each for each in calls if diff.adds(each)), None)
    if line is not None and (anew is None or diff.adds(Range(at.source, at.start, at.start + 1))):
        return Spot(at.path, line, exact=True)
    for hop in related:
        line = diff.shown_line(hop)
        if line is not None and diff.adds(hop):
            return Spot(hop.path, line, exact=False)
    if anew is not None:
        return Spot(anew.path, anew.line, exact=False)
    line = diff.nearest_changed_line(block, at.line if at.path == block.path else block.line)
    return Spot(block.path, line, exact=False) if line is not None else None
