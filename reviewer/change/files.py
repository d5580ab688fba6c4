"""Trees whose files lie in a directory that others can write to."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from reviewer.change.index import Entry, EntryKind
from reviewer.change.indexed import IndexedTree
from reviewer.change.tree import (
    MAX_FILE_BYTES,
    MissingFileError,
    UnreadableFileError,
    blob_sha,
    decode_path,
)

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOWHERE = "/"


class FileTree(IndexedTree):
    """What the working tree and a plain directory have in common: reading under ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)
        self._ids: dict[bytes, str] = {}

    @property
    def revision(self) -> None:
        """Return None: no commit has exactly these files."""
        return

    def _kind_of(self, raw: bytes) -> EntryKind | None:
        """Return what lies at a path, without following a symbolic link; None if there is nothing."""
        try:
            mode = os.lstat(self._place(raw)).st_mode
        except OSError:
            return None
        if stat.S_ISREG(mode):
            return EntryKind.FILE
        return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.SPECIAL

    def _read_link(self, entry: Entry) -> str:
        try:
            return decode_path(os.readlink(self._place(entry.raw)))  # noqa: PTH115 - the path is bytes
        except OSError:
            return _NOWHERE

    def _read_file(self, path: str, entry: Entry) -> bytes:
        """Read a regular file. No link is followed, no pipe or device waited for, no large file read."""
        try:
            handle = os.open(self._place(entry.raw), _FLAGS)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    raise UnreadableFileError(path, "it is not a regular file")
                if status.st_size > MAX_FILE_BYTES:
                    raise UnreadableFileError.too_large(path, status.st_size)
                return file.read(MAX_FILE_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            raise MissingFileError(path) from None
        except OSError as error:
            raise UnreadableFileError(path, error.strerror or "it cannot be opened") from None

    def _id_of(self, path: str, entry: Entry) -> str:
        known = self._ids.get(entry.raw)
        if known is None:
            known = self._ids[entry.raw] = blob_sha(self._read_file(path, entry))
        return known

    def _place(self, raw: bytes) -> bytes:
        return self._root + b"/" + raw
