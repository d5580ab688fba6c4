"""What a change did to which lines: git's diff as values, numbered exactly as git and GitHub number lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from unidiff.constants import LINE_TYPE_ADDED, LINE_TYPE_CONTEXT, LINE_TYPE_REMOVED
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from reviewer.change.errors import MalformedDiffError
from reviewer.change.headers import FileHeader, read_header
from reviewer.change.tree import decode_path
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class LineKind(StrEnum):
    """What happened to a line."""

    CONTEXT = "context"
    ADDED = "added"
    REMOVED = "removed"


class FileStatus(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"


class DiffLine(Record):
    r"""One line of a hunk. Numbers are 1-based; ``text`` is without its ``\\n`` and keeps a ``\\r``."""

    kind: LineKind
    source_line: int | None
    target_line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with their context. Source is the base, target the head."""

    source_start: int
    source_length: int
    target_start: int
    target_length: int
    lines: tuple[DiffLine, ...]
    added_lines: frozenset[int] = field(init=False, repr=False, compare=False)
    """Head lines that the change added."""
    removed_lines: frozenset[int] = field(init=False, repr=False, compare=False)
    """Base lines that the change removed."""

    def __post_init__(self) -> None:
        """Collect the changed lines once: placing a finding asks for them over and over."""
        added = (line.target_line for line in self.lines if line.kind is LineKind.ADDED)
        removed = (line.source_line for line in self.lines if line.kind is LineKind.REMOVED)
        object.__setattr__(self, "added_lines", frozenset(added))
        object.__setattr__(self, "removed_lines", frozenset(removed))

    @property
    def target_lines(self) -> range:
        """Return the head lines that the diff shows (GitHub's RIGHT side), added and context."""
        return range(self.target_start, self.target_start + self.target_length)


class ChangedFile(Record):
    """One file of the change.

    ``path`` is that of the head, or of the base for a removed file; ``old_path`` that of the base, None for
    an added file. ``binary`` means that the content changed and no lines can be shown for it: a binary file,
    one of more than 2 MiB, or a symbolic link. A file that is not binary and has no hunks kept its content.
    """

    path: str
    old_path: str | None
    status: FileStatus
    binary: bool
    hunks: tuple[Hunk, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the path, and the old one of a file that was renamed."""
        return (self.path,) if self.old_path in {None, self.path} else (self.path, str(self.old_path))


_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNK = re.compile(rb"^@@ ", re.MULTILINE)
_KINDS = {
    LINE_TYPE_CONTEXT: LineKind.CONTEXT,
    LINE_TYPE_ADDED: LineKind.ADDED,
    LINE_TYPE_REMOVED: LineKind.REMOVED,
}


def parse_diff(
    text: bytes | str, *, source_prefix: str = "a/", target_prefix: str = "b/"
) -> tuple[ChangedFile, ...]:
    """Return the changed files of a ``git diff``, sorted by path. Submodules are left out.

    The prefixes are those that git was told to put before the paths. Raises ``MalformedDiffError``.
    """
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    starts = [match.start() for match in _SECTION.finditer(raw)]
    if raw.strip() and not starts:
        raise MalformedDiffError("it has no 'diff --git' line")
    sections = (raw[start:end] for start, end in pairwise([*starts, len(raw)]))
    prefixes = (source_prefix.encode(), target_prefix.encode())
    files = [file for section in sections for file in _parse_section(section, prefixes)]
    return join_type_changes(files)


def parse_hunks(text: str) -> tuple[Hunk, ...]:
    """Return the hunks of one file's patch without file headers, as GitHub's API gives it."""
    # Not splitlines(): it takes a form feed, U+2028 or a lone \r for the end of a line, and git does not.
    lines = [f"{line}\n" for line in text.removesuffix("\n").split("\n")]
    try:
        patch = PatchSet(["--- a\n", "+++ b\n", *lines])
    except (UnidiffParseError, ValueError) as error:  # Python reads no number of thousands of digits
        raise MalformedDiffError(str(error).splitlines()[0][:200]) from None
    return tuple(_convert(hunk) for file in patch for hunk in file)


def added_file(path: str, content: bytes | None) -> ChangedFile:
    """Return the change that adds a whole file; ``None`` stands for a content that no lines are shown of."""
    if content is None:
        return ChangedFile(path, None, FileStatus.ADDED, binary=True, hunks=())
    text = content.decode("utf-8", "replace")
    lines = text.removesuffix("\n").split("\n") if text else []
    shown = tuple(DiffLine(LineKind.ADDED, None, number, line) for number, line in enumerate(lines, 1))
    hunks = (Hunk(0, 0, 1, len(shown), shown),) if shown else ()
    return ChangedFile(path, None, FileStatus.ADDED, binary=False, hunks=hunks)


def join_type_changes(files: Sequence[ChangedFile]) -> tuple[ChangedFile, ...]:
    """Return the files sorted by path, with a removal and an addition of one path made one change of content.

    That is how git shows a file that became a symbolic link, or the other way round.
    """
    joined: dict[str, ChangedFile] = {}
    for file in files:
        known = joined.get(file.path)
        if known is not None:
            file = ChangedFile(file.path, file.path, FileStatus.MODIFIED, binary=True, hunks=())  # noqa: PLW2901
        joined[file.path] = file
    return tuple(joined[path] for path in sorted(joined))


def _convert(hunk: ParsedHunk) -> Hunk:
    return Hunk(
        hunk.source_start,
        hunk.source_length,
        hunk.target_start,
        hunk.target_length,
        tuple(
            DiffLine(
                _KINDS[line.line_type],
                line.source_line_no,
                line.target_line_no,
                line.value.removesuffix("\n"),
            )
            for line in hunk
            if line.line_type in _KINDS
        ),
    )


def _parse_section(section: bytes, prefixes: tuple[bytes, bytes]) -> Iterator[ChangedFile]:
    """Yield the one file of a section, unless it is a submodule or nothing but its time stamp changed."""
    first_hunk = _HUNK.search(section)
    header = read_header(section[: first_hunk.start()] if first_hunk else section, prefixes)
    if header is None:
        return
    body = section[first_hunk.start() :].decode("utf-8", "replace") if first_hunk else ""
    yield ChangedFile(
        path=decode_path(header.target or header.source or b""),
        old_path=None if header.source is None else decode_path(header.source),
        status=_status(header),
        binary=header.binary or (header.link and bool(body)),
        hunks=() if header.link or not body else parse_hunks(body),
    )


def _status(header: FileHeader) -> FileStatus:
    if header.source is None:
        return FileStatus.ADDED
    if header.target is None:
        return FileStatus.REMOVED
    return FileStatus.MODIFIED if header.source == header.target else FileStatus.RENAMED
