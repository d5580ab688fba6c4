"""What a change did to which lines: git's diff as values, numbered exactly as git and GitHub number lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, overload

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from reviewer.change.errors import MalformedDiffError
from reviewer.change.headers import FileHeader, read_header
from reviewer.change.sections import Budget, sections
from reviewer.change.tree import decode_path
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class FileStatus(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"


class Hunk(Record):
    """A run of changed lines with their context. Source is the base, target the head; lines are 1-based.

    The texts of the lines are not kept: whoever needs one reads it from its file.
    """

    source_start: int
    source_length: int
    target_start: int
    target_length: int
    added_lines: frozenset[int]
    """Head lines that the change added."""
    removed_lines: frozenset[int]
    """Base lines that the change removed."""

    @property
    def target_lines(self) -> range:
        """Return the head lines that the diff shows (GitHub's RIGHT side), added and context."""
        return range(self.target_start, self.target_start + self.target_length)


class Hunks(Sequence[Hunk]):
    """The hunks of one file, read when they are first asked for: those of most files never are.

    Everything here raises ``MalformedDiffError`` when they cannot be read.
    """

    def __init__(self, read: Callable[[], tuple[Hunk, ...]]) -> None:
        self._read: Callable[[], tuple[Hunk, ...]] = read

    @cached_property
    def _all(self) -> tuple[Hunk, ...]:
        found = self._read()
        self._read = tuple  # the text that they were read from is needed no longer
        return found

    @overload
    def __getitem__(self, index: int) -> Hunk: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Hunk, ...]: ...

    def __getitem__(self, index: int | slice) -> Hunk | tuple[Hunk, ...]:
        """Return one hunk or some of them."""
        return self._all[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence holds the same hunks."""
        return self._all == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        """Return the hash of the hunks."""
        return hash(self._all)


class ChangedFile(Record):
    """One file of the change.

    ``path`` is that of the head, or of the base for a removed file; ``old_path`` that of the base, None for
    an added file. ``binary`` means that the content changed and no lines can be shown for it: a binary file,
    one of more than 2 MiB, or a symbolic link. ``changed_lines`` counts the lines added and removed. Where
    they are too many there are no hunks, and ``left_out`` tells why. Any other file without hunks kept its
    content.
    """

    path: str
    old_path: str | None
    status: FileStatus
    binary: bool
    hunks: Sequence[Hunk]
    changed_lines: int = 0
    left_out: str = ""

    @property
    def shows_lines(self) -> bool:
        """Tell whether the hunks hold every line that differs."""
        return not self.binary and not self.left_out

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the path, and the old one of a file that was renamed."""
        return (self.path,) if self.old_path in {None, self.path} else (self.path, str(self.old_path))


_HUNK = re.compile(rb"^@@ ", re.MULTILINE)


def parse_diff(
    pieces: Iterable[bytes], *, source_prefix: str = "a/", target_prefix: str = "b/"
) -> tuple[ChangedFile, ...]:
    """Return the changed files of the output of ``git diff``, sorted by path. Submodules are left out.

    The prefixes are those that git was told to put before the paths. Raises ``MalformedDiffError``.
    """
    prefixes = (source_prefix.encode(), target_prefix.encode())
    budget = Budget()
    files = [file for section in sections(pieces) for file in _parse_section(section, prefixes, budget)]
    return join_type_changes(files)


def parse_hunks(text: str) -> tuple[Hunk, ...]:
    """Return the hunks of one file's patch without file headers, as GitHub's API gives it."""
    # Not splitlines(): it takes a form feed, U+2028 or a lone \r for the end of a line, and git does not.
    lines = (f"{line}\n" for line in text.removesuffix("\n").split("\n"))
    try:
        patch = PatchSet(chain(["--- a\n", "+++ b\n"], lines))
    except (UnidiffParseError, ValueError) as error:  # Python reads no number of thousands of digits
        raise MalformedDiffError(str(error).splitlines()[0][:200]) from None
    return tuple(_convert(hunk) for file in patch for hunk in file)


def added_file(path: str, content: bytes | None) -> ChangedFile:
    """Return the change that adds a whole file; ``None`` stands for a content that no lines are shown of."""
    if content is None:
        return ChangedFile(path, None, FileStatus.ADDED, binary=True, hunks=())
    count = content.count(b"\n") + (not content.endswith(b"\n")) if content else 0
    left_out = Budget().refuse(count, 0)
    return ChangedFile(
        path,
        None,
        FileStatus.ADDED,
        binary=False,
        hunks=Hunks(partial(_all_added, count)) if count and not left_out else (),
        changed_lines=count,
        left_out=left_out,
    )


def join_type_changes(files: Sequence[ChangedFile]) -> tuple[ChangedFile, ...]:
    """Return the files sorted by path, with a removal and an addition of one path made one change of content.

    That is how git shows a file that became a symbolic link, or the other way round.
    """
    joined: dict[str, ChangedFile] = {}
    for file in files:
        joined[file.path] = (
            ChangedFile(file.path, file.path, FileStatus.MODIFIED, binary=True, hunks=())
            if file.path in joined
            else file
        )
    return tuple(joined[path] for path in sorted(joined))


def _convert(hunk: ParsedHunk) -> Hunk:
    return Hunk(
        hunk.source_start,
        hunk.source_length,
        hunk.target_start,
        hunk.target_length,
        frozenset(line.target_line_no for line in hunk if line.is_added and line.target_line_no),
        frozenset(line.source_line_no for line in hunk if line.is_removed and line.source_line_no),
    )


def _parse_section(section: bytes, prefixes: tuple[bytes, bytes], budget: Budget) -> Iterator[ChangedFile]:
    """Yield the one file of a section, unless it is a submodule or nothing but its time stamp changed."""
    first_hunk = _HUNK.search(section)
    header = read_header(section[: first_hunk.start()] if first_hunk else section, prefixes)
    if header is None:
        return
    body = section[first_hunk.start() :] if first_hunk else b""
    shown = b"" if header.link else body
    changed_lines = shown.count(b"\n+") + shown.count(b"\n-")
    left_out = budget.refuse(changed_lines, len(shown))
    yield ChangedFile(
        path=decode_path(header.target or header.source or b""),
        old_path=None if header.source is None else decode_path(header.source),
        status=_status(header),
        binary=header.binary or (header.link and bool(body)),
        hunks=Hunks(partial(_read_hunks, shown)) if shown and not left_out else (),
        changed_lines=changed_lines,
        left_out=left_out,
    )


def _read_hunks(text: bytes) -> tuple[Hunk, ...]:
    return parse_hunks(text.decode("utf-8", "replace"))


def _all_added(count: int) -> tuple[Hunk, ...]:
    return (Hunk(0, 0, 1, count, frozenset(range(1, count + 1)), frozenset()),)


def _status(header: FileHeader) -> FileStatus:
    if header.source is None:
        return FileStatus.ADDED
    if header.target is None:
        return FileStatus.REMOVED
    return FileStatus.MODIFIED if header.source == header.target else FileStatus.RENAMED
