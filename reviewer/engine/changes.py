"""The change as the engine needs it: changed code lines on both sides, and files that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.change.diff import ChangedFile, FileStatus
from reviewer.engine.roots import folder_of, has_configuration
from reviewer.engine.touched import code_lines
from reviewer.record import Record
from reviewer.review import NotAnalysed
from reviewer.terraform.module import is_terraform
from reviewer.views.changed_lines import ChangedLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewer.change.change import Change
    from reviewer.terraform.configuration import Configuration

MAX_CHANGED_LINES = 500_000
"""Added and removed lines of all files that are reviewed."""


class Sides(Record, eq=False):
    """Changed code lines at the head and at the base; ``files`` are the changed files that are reviewed."""

    files: tuple[ChangedFile, ...]
    head: ChangedLines
    base: ChangedLines
    not_analysed: tuple[NotAnalysed, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Return every changed path, old names included."""
        return tuple(
            dict.fromkeys(path for each in self.files for path in (each.path, each.old_path) if path)
        )

    @property
    def renamed(self) -> dict[str, str]:
        """Return the path at the head of each file that had another at the base."""
        return {each.old_path: each.path for each in self.files if each.old_path not in {None, each.path}}


def sides(
    change: Change, head: Configuration, base: Configuration, is_relevant: Callable[[str], bool]
) -> Sides:
    """Find the changed lines of the relevant files. Comments, blank lines and layout are not code."""
    # A file that was renamed out of Terraform's sight takes its resources with it: its old name counts, too.
    files = tuple(_limited(each for each in change.files if any(map(is_relevant, each.paths))))
    whole = {each.path for each in files if _counts_whole(each, base)}
    head_lines = {each.path: _lines(head, each.path, _added(each), each.path in whole) for each in files}
    base_lines = {
        each.old_path: _lines(base, each.old_path, _removed(each), each.path in whole)
        for each in files
        if each.old_path
    }
    return Sides(
        files,
        ChangedLines(
            {path: lines for path, lines in head_lines.items() if lines},
            {each.path: frozenset(_added(each)) for each in files},
        ),
        ChangedLines(
            {path: lines for path, lines in base_lines.items() if lines},
            {each.old_path: frozenset(_removed(each)) for each in files if each.old_path},
        ),
        tuple(_not_analysed(head, files)),
    )


def _limited(files: Iterable[ChangedFile]) -> Iterator[ChangedFile]:
    """Yield the files, without the lines of those that come after more changed lines than are looked at."""
    lines = 0
    for file in files:
        lines += 0 if file.left_out else file.changed_lines
        if lines > MAX_CHANGED_LINES and not file.left_out:
            reason = f"the reviewed files have more than {MAX_CHANGED_LINES:,} changed lines"
            yield replace(file, hunks=(), left_out=reason)
        else:
            yield file


def _added(file: ChangedFile) -> Iterable[int]:
    return (line for hunk in file.hunks for line in hunk.added_lines)


def _removed(file: ChangedFile) -> Iterable[int]:
    return (line for hunk in file.hunks for line in hunk.removed_lines)


def _counts_whole(file: ChangedFile, base: Configuration) -> bool:
    """Tell whether every line of a file counts as changed, although the diff does not show them all.

    Git shows no lines for a file that became a symbolic link to another one. A rename shows only the edited
    ones, and still brings every resource when it makes a file Terraform's, or puts it into another module;
    a module whose folder was renamed stays the same.
    """
    if file.binary:
        return True
    if file.old_path is None or file.old_path == file.path:
        return False
    if not (is_terraform(file.path) and is_terraform(file.old_path)):
        return True
    folder = folder_of(file.path)
    return folder != folder_of(file.old_path) and has_configuration(base, folder)


def _lines(configuration: Configuration, path: str, lines: Iterable[int], whole: bool) -> frozenset[int]:  # noqa: FBT001 - a fact
    if not is_terraform(path):
        return frozenset(lines)
    source = configuration.file(path)
    return source.code_lines if whole else code_lines(source, lines)


def _not_analysed(head: Configuration, files: Iterable[ChangedFile]) -> Iterable[NotAnalysed]:
    """Yield what of the changed files could not be read, wholly or in part."""
    for file in files:
        if file.left_out:
            yield NotAnalysed(file.path, f"not analysed: {file.left_out}")
        if file.status is FileStatus.REMOVED or not is_terraform(file.path):
            continue
        for diagnostic in head.file(file.path).diagnostics:
            yield NotAnalysed(file.path, f"line {diagnostic.line}: {diagnostic.message}")
