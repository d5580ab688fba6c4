"""What a tree lists: its entries by path, and where its symbolic links lead."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.change.tree import (
    MissingFileError,
    UnreadableFileError,
    by_folder,
)
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_MAX_LINKS = 40  # as Linux does: a longer chain of symbolic links is taken for a loop


class EntryKind(Enum):
    """What stands at a path."""

    FILE = auto()
    LINK = auto()
    SUBMODULE = auto()
    SPECIAL = auto()
    """A device, a socket, a pipe: nothing that a repository can hold."""
    AMBIGUOUS = auto()
    """Two paths that differ only in bytes that are not UTF-8."""


_UNREADABLE = {
    EntryKind.SUBMODULE: "it is a submodule",
    EntryKind.SPECIAL: "it is not a regular file",
    EntryKind.AMBIGUOUS: "another file has the same name once it is written as UTF-8",
}


class Entry(Record):
    """One path of a tree: ``raw`` in bytes; ``blob`` is the id of a content that is read from git."""

    kind: EntryKind
    raw: bytes
    blob: str = ""


class Index:
    """The entries of one tree. ``read_link`` returns the text of a symbolic link; it is called lazily."""

    def __init__(self, entries: Iterable[tuple[str, Entry]], read_link: Callable[[Entry], str]) -> None:
        self.entries: dict[str, Entry] = {}
        for path, entry in entries:
            known = self.entries.setdefault(path, entry)
            if known is not entry:
                self.entries[path] = Entry(EntryKind.AMBIGUOUS, entry.raw)
        self._read_link = read_link

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Return the symbolic links that end at a regular file inside the tree."""
        found = (path for path, entry in self.entries.items() if entry.kind is EntryKind.LINK)
        return tuple(path for path in found if self._is_readable(path))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return what can be read, sorted."""
        files = (path for path, entry in self.entries.items() if entry.kind is EntryKind.FILE)
        return tuple(sorted([*files, *self.links]))

    def files_in(self, folder: str) -> tuple[str, ...]:
        """Return the paths directly in ``folder``, which may be, or be under, a symbolic link to a folder."""
        found = self._folders.get(folder)
        if found is not None or not self._has_links:
            return found or ()
        try:
            real = self._follow(folder)
        except (MissingFileError, UnreadableFileError):
            return ()
        return tuple(f"{folder}/{path.rpartition('/')[2]}" for path in self._folders.get(real, ()))

    def resolve(self, path: str) -> tuple[str, Entry]:
        """Return the regular file that ``path`` stands for: itself, or the end of its symbolic links."""
        entry = self.entries.get(path)
        if entry is not None and entry.kind is EntryKind.FILE:
            return path, entry
        if entry is None and not self._has_links:
            raise MissingFileError(path)
        real = self._follow(path)
        target = self.entries.get(real)
        if target is None and real == path:
            raise MissingFileError(path)
        if target is None:
            raise UnreadableFileError(path, "the symbolic link leads to a folder")
        if target.kind is not EntryKind.FILE:
            raise UnreadableFileError(path, _UNREADABLE[target.kind])
        return real, target

    def _is_readable(self, path: str) -> bool:
        try:
            self.resolve(path)
        except (MissingFileError, UnreadableFileError):
            return False
        return True

    def _follow(self, path: str) -> str:
        """Return where ``path`` really is, one component after the other, never leaving the tree."""
        if any(part in {"", ".", ".."} for part in path.split("/")):
            raise MissingFileError(path)
        todo = deque(path.split("/"))
        done: list[str] = []
        links = 0
        while todo:
            part = todo.popleft()
            if part == ".." and not done:
                raise UnreadableFileError(path, "the symbolic link leads out of the repository")
            if part == "..":
                done.pop()
            elif part not in {"", "."}:
                done.append(part)
            entry = self.entries.get("/".join(done))
            if entry is None:
                self._expect_folder("/".join(done), path, linked=links > 0)
            elif entry.kind is EntryKind.LINK:
                links += 1
                done.pop()
                todo.extendleft(reversed(self._target(entry, path, links)))
        return "/".join(done)

    def _target(self, entry: Entry, path: str, links: int) -> list[str]:
        if links > _MAX_LINKS:
            raise UnreadableFileError(path, "the symbolic link leads to itself")
        target = self._read_link(entry)
        if target.startswith("/"):
            raise UnreadableFileError(path, "the symbolic link leads out of the repository")
        return target.split("/")

    def _expect_folder(self, place: str, path: str, *, linked: bool) -> None:
        if place in self._all_folders:
            return
        if linked:
            raise UnreadableFileError(path, "the symbolic link leads to nothing")
        raise MissingFileError(path)

    @cached_property
    def _folders(self) -> Mapping[str, tuple[str, ...]]:
        return by_folder(self.paths)

    @cached_property
    def _has_links(self) -> bool:
        return any(entry.kind is EntryKind.LINK for entry in self.entries.values())

    @cached_property
    def _all_folders(self) -> frozenset[str]:
        """Return every folder of the tree with its ancestors; ``""`` is the root."""
        folders = {""}
        for path in self.entries:
            folder = path.rpartition("/")[0]
            while folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)
