"""Where a comment may stand: computed from the hunks, before anything is sent.

GitHub refuses a whole review when one comment is outside the diff (REST API, "Create a review for a pull
request").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.text import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.change.diff import ChangedFile, Hunk


class Diff(Record, eq=False):
    """The lines that the diff shows on its right side, by head path."""

    files: Mapping[str, ChangedFile]

    @classmethod
    def of(cls, files: Iterable[ChangedFile]) -> Diff:
        """Index the changed files."""
        return cls({each.path: each for each in files})

    def hunk(self, path: str, first: int, last: int) -> Hunk | None:
        """Return the hunk that shows all of the lines ``first`` to ``last``."""
        file = self.files.get(path)
        hunks = file.hunks if file else ()
        return next(
            (each for each in hunks if first in each.target_lines and last in each.target_lines), None
        )

    def shown_line(self, place: Range) -> int | None:
        """Return the first line of ``place`` that the diff shows."""
        file = self.files.get(place.path)
        if file is None:
            return None
        last = place.end_line
        first = place.line
        starts = (max(first, hunk.target_lines.start) for hunk in file.hunks)
        ends = (min(last + 1, hunk.target_lines.stop) for hunk in file.hunks)
        return min((start for start, end in zip(starts, ends, strict=True) if start < end), default=None)

    def nearest_changed_line(self, block: Range, line: int) -> int | None:
        """Return the added line of a block nearest to ``line``, preferring one that says something."""
        file = self.files.get(block.path)
        if file is None:
            return None
        first, last = block.line, block.end_line
        inside = (each for hunk in file.hunks for each in hunk.added_lines if first <= each <= last)
        return min(
            inside,
            key=lambda each: (not _says_something(block.source.line(each)), abs(each - line), each),
            default=None,
        )

    def adds(self, place: Range) -> bool:
        """Tell whether every line of ``place`` was added."""
        file = self.files.get(place.path)
        added = (
            frozenset[int]().union(*(hunk.added_lines for hunk in file.hunks)) if file else frozenset[int]()
        )
        return all(line in added for line in range(place.line, place.end_line + 1))


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
