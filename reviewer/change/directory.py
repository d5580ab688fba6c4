"""Plain directories without git: an audit of a folder, and the bundled example with its base and head."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change import arguments
from reviewer.change.diff import ChangedFile, parse_diff
from reviewer.change.errors import MissingDirectoryError, UnreadableDirectoryError
from reviewer.change.files import FileTree
from reviewer.change.index import Entry, EntryKind
from reviewer.change.isolated import make_git_directory
from reviewer.change.process import Git, find_git
from reviewer.change.tree import (
    decode_path,
    encoded,
    has_suffix,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SKIPPED_FOLDERS = frozenset({b".git", b".terraform"})
"""Git's own files; downloaded modules and providers."""


class DirectoryTree(FileTree):
    """The files under a directory."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise MissingDirectoryError(str(root))
        super().__init__(root.resolve())

    def _entries(self) -> Iterable[tuple[str, Entry]]:
        folders = [b""]
        while folders:
            folder = folders.pop()
            for raw, is_folder in self._list(folder):
                if is_folder:
                    folders.append(raw)
                    continue
                kind = self._kind_of(raw)
                if kind is not None:
                    yield decode_path(raw), Entry(kind, raw)

    def _list(self, folder: bytes) -> list[tuple[bytes, bool]]:
        """Return the paths in a folder and whether each is a folder."""
        prefix = folder + b"/" if folder else b""
        try:
            with os.scandir(self._place(folder)) as found:
                return [
                    (prefix + entry.name, entry.is_dir(follow_symlinks=False))
                    for entry in found
                    if entry.name not in _SKIPPED_FOLDERS
                ]
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
            raise UnreadableDirectoryError(decode_path(folder) or ".", reason) from None

    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        entries = self._index.entries.items()
        files = (path for path, entry in entries if entry.kind is EntryKind.FILE)
        wanted = encoded(needles)
        return [path for path in files if has_suffix(path, suffixes) and self._contains(path, wanted)]


def diff_directories(base: Path, head: Path) -> tuple[ChangedFile, ...]:
    """Return what changed from one directory to another, as git would show it; starts one process."""
    for directory in (base, head):
        if not directory.is_dir():
            raise MissingDirectoryError(str(directory))
    source, target = str(base.resolve()), str(head.resolve())
    with tempfile.TemporaryDirectory(prefix="eks-review-", ignore_cleanup_errors=True) as scratch:
        place = Path(scratch, "git")
        make_git_directory(place)
        git = Git(find_git(), place, {"GIT_DIR": str(place)})
        options = ("--no-index", *arguments.DIFF, "--", source, target)
        with git.stream("diff", *options, accept=(0, 1)) as output:
            files = parse_diff(output, source_prefix=f"a{source}/", target_prefix=f"b{target}/")
    return tuple(file for file in files if _is_listed(file.path))


def _is_listed(path: str) -> bool:
    return _SKIPPED_FOLDERS.isdisjoint(os.fsencode(path).split(b"/"))
