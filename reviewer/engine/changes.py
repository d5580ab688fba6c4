"""The change as the engine needs it: changed code lines on both sides, and files that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.change.diff import ChangedFile, FileStatus
from reviewer.engine.touched import ChangedLines, code_lines
from reviewer.review import NotAnalysed
from reviewer.terraform.configuration import Configuration, is_terraform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewer.change.change import Change


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
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


def sides(
    change: Change, head: Configuration, base: Configuration, is_relevant: Callable[[str], bool]
) -> Sides:
    """Find the changed lines of the relevant files. Comments, blank lines and layout are not code."""
    # A file that was renamed out of Terraform's sight takes its resources with it: its old name counts, too.
    files = tuple(
        each
        for each in change.files
        if is_relevant(each.path) or (each.old_path is not None and is_relevant(each.old_path))
    )
    head_lines = {each.path: _lines(head, each.path, each, _added(each)) for each in files}
    base_lines = {
        each.old_path: _lines(base, each.old_path, each, _removed(each)) for each in files if each.old_path
    }
    return Sides(
        files,
        ChangedLines({path: lines for path, lines in head_lines.items() if lines}),
        ChangedLines({path: lines for path, lines in base_lines.items() if lines}),
        tuple(_not_analysed(head, files)),
    )


def _added(file: ChangedFile) -> Iterable[int]:
    return (line for hunk in file.hunks for line in hunk.added_lines)


def _removed(file: ChangedFile) -> Iterable[int]:
    return (line for hunk in file.hunks for line in hunk.removed_lines)


def _lines(
    configuration: Configuration, path: str, file: ChangedFile, lines: Iterable[int]
) -> frozenset[int]:
    if not is_terraform(path):
        return frozenset(lines)
    source = configuration.file(path)
    # Such as a file that became a symbolic link to another one: git shows no lines, so all may have changed.
    return source.code_lines if file.binary else code_lines(source, lines)


def _not_analysed(head: Configuration, files: Iterable[ChangedFile]) -> Iterable[NotAnalysed]:
    """Yield changed Terraform files of the head that could not be read, wholly or in part."""
    for file in files:
        if file.status is FileStatus.REMOVED or not is_terraform(file.path):
            continue
        for diagnostic in head.file(file.path).diagnostics:
            yield NotAnalysed(file.path, f"line {diagnostic.line}: {diagnostic.message}")
