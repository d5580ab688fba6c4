"""The working tree: what the next commit could hold, untracked files included."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.change import arguments
from reviewer.change.diff import ChangedFile, added_file
from reviewer.change.errors import UnmergedError
from reviewer.change.files import FileTree
from reviewer.change.index import Entry, EntryKind
from reviewer.change.search import Search
from reviewer.change.tree import MissingFileError, UnreadableFileError, decode_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reviewer.change.objects import ObjectReader
    from reviewer.change.process import Git
    from reviewer.change.search import Foreseen, Found

_SPARSE = b"S"
_DELETED = b"R"
_UNTRACKED = b"?"
_UNMERGED = b"M"
_TRACKED_KINDS = {b"120000": EntryKind.LINK, b"160000": EntryKind.SUBMODULE}
_BINARY_PROBE_BYTES = 8000  # git takes a file with a NUL byte among its first 8,000 bytes for binary


class WorkingTree(FileTree):
    """The tracked files as they lie on disk, and untracked ones that are not ignored; listed by one process.

    Files that a sparse checkout leaves out are read from git.
    """

    def __init__(self, git: Git, objects: Callable[[], ObjectReader]) -> None:
        super().__init__(git.directory)
        self._git = git
        self._objects = objects

    def untracked_changes(self) -> tuple[ChangedFile, ...]:
        """Return the untracked files as added files, which ``git diff`` does not show."""
        untracked = (decode_path(raw) for tag, _, raw in self._listing if tag == _UNTRACKED)
        entries = self._index.entries
        return tuple(added_file(path, self._shown(path)) for path in untracked if path in entries)

    @cached_property
    def _listing(self) -> tuple[tuple[bytes, bytes, bytes], ...]:
        """Return (tag, mode with id, path) of everything; a deleted file comes twice, once tagged as that.

        Raises ``UnmergedError``: a file full of conflict markers is nobody's proposal.
        """
        output = self._git.run("ls-files", *arguments.LIST_WORKING_TREE).stdout
        lines = tuple(_parse(record) for record in output.split(b"\0")[:-1])
        for tag, _, raw in lines:
            if tag == _UNMERGED:
                raise UnmergedError(decode_path(raw))
        return lines

    def _entries(self) -> Iterable[tuple[str, Entry]]:
        deleted = {raw for tag, _, raw in self._listing if tag == _DELETED}
        for tag, description, raw in self._listing:
            if raw not in deleted:
                entry = self._entry(tag, description, raw)
                if entry is not None:
                    yield decode_path(raw), entry

    def _entry(self, tag: bytes, description: bytes, raw: bytes) -> Entry | None:
        """Return the entry of one line; None for a nested repository, which is no part of this one."""
        if tag == _UNTRACKED:
            kind = None if raw.endswith(b"/") else self._kind_of(raw)
            return None if kind is None else Entry(kind, raw)
        mode, sha, _ = description.split(b" ")
        blob = sha.decode("ascii") if tag == _SPARSE else ""
        return Entry(_TRACKED_KINDS.get(mode, EntryKind.FILE), raw, blob)

    def _read_link(self, entry: Entry) -> str:
        if entry.blob:
            return decode_path(self._read_file(decode_path(entry.raw), entry))
        return super()._read_link(entry)

    def _read_file(self, path: str, entry: Entry) -> bytes:
        if entry.blob:
            return self._objects().blob(entry.blob, path)
        return super()._read_file(path, entry)

    def _shown(self, path: str) -> bytes | None:
        """Return the content whose lines a diff would show, None if it would show none."""
        if self._index.entries[path].kind is not EntryKind.FILE:
            return None
        try:
            content = self.read(path)
        except (MissingFileError, UnreadableFileError):
            return None
        return None if b"\0" in content[:_BINARY_PROBE_BYTES] else content

    @property
    def _with_git(self) -> Search:
        return Search(self._git, ("--untracked",))

    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        return self._with_git.names(needles, suffixes)

    def _lines(self, foreseen: Foreseen) -> Found | None:
        return self._with_git.lines(foreseen)


def _parse(record: bytes) -> tuple[bytes, bytes, bytes]:
    """Return tag, description and path of ``H 100644 <sha> 0<tab>path`` or ``? path``."""
    tag, _, rest = record.partition(b" ")
    if tag == _UNTRACKED:
        return tag, b"", rest
    description, _, raw = rest.partition(b"\t")
    return tag, description, raw
