"""The files of one revision, wherever they come from: git, the working tree or a plain directory."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from reviewer.change.errors import ChangeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_FILE_BYTES = 1_000_000
"""A larger file is not read: hand-written Terraform is far smaller, and a pull request is hostile input."""


class MissingFileError(ChangeError):
    """The tree has no file of this path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} does not exist in this revision")
        self.path = path


class UnreadableFileError(ChangeError):
    """The tree has this path, but its content cannot be used; ``reason`` says why, without the path."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path!r} cannot be read: {reason}")
        self.path = path
        self.reason = reason

    @classmethod
    def too_large(cls, path: str, size: int) -> UnreadableFileError:
        """Return the error for a file of ``size`` bytes, more than ``MAX_FILE_BYTES``."""
        return cls(path, f"it has {size:,} bytes, and the limit is {MAX_FILE_BYTES:,}")


class Tree(Protocol):
    """The files of one revision, read-only. Paths are POSIX and relative to the root of the repository."""

    @property
    def revision(self) -> str | None:
        """Return the commit SHA; None for a working tree or a directory."""

    def paths(self) -> Sequence[str]:
        """Return every regular file, and every symbolic link to one inside the tree, sorted."""

    def files_in(self, folder: str) -> Sequence[str]:
        """Return the paths directly in ``folder``, sorted; ``""`` is the root. Unknown folders are empty."""

    def read(self, path: str) -> bytes:
        """Return the content of one file.

        Raises ``MissingFileError``, or ``UnreadableFileError`` for a file above ``MAX_FILE_BYTES``, a
        symbolic link that does not end at a regular file inside the tree, and a submodule.
        """

    def blob_id(self, path: str) -> str:
        """Return git's blob SHA of the content: equal ids mean equal content. Raises like ``read``."""

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        """Return the paths whose text contains one of the literal strings ``needles``, sorted.

        Only those that end in one of ``suffixes``; with no suffixes, any.
        """


class OverlayTree:
    """A tree with some files replaced or added: what the head would be with a suggestion applied."""

    __slots__ = ("_files", "_tree")

    def __init__(self, tree: Tree, files: Mapping[str, bytes]) -> None:
        self._tree = tree
        self._files = dict(files)

    @property
    def revision(self) -> str | None:
        """Return None: no commit has this content."""
        return None

    def paths(self) -> Sequence[str]:
        """Return the paths of both, sorted."""
        return sorted({*self._tree.paths(), *self._files})

    def files_in(self, folder: str) -> Sequence[str]:
        """Return the paths of both that are directly in ``folder``, sorted."""
        here = (path for path in self._files if path.rpartition("/")[0] == folder)
        return sorted({*self._tree.files_in(folder), *here})

    def read(self, path: str) -> bytes:
        """Return the replaced content, or that of the tree below."""
        content = self._files.get(path)
        return self._tree.read(path) if content is None else content

    def blob_id(self, path: str) -> str:
        """Return the id of the replaced content, or that of the tree below."""
        content = self._files.get(path)
        return self._tree.blob_id(path) if content is None else blob_sha(content)

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        """Return the matching paths, with the replaced contents taken for the files they replace."""
        below = {path for path in self._tree.containing(needles, suffixes) if path not in self._files}
        wanted = encoded(needles)
        own = {
            path
            for path, content in self._files.items()
            if has_suffix(path, suffixes) and contains_any(content, wanted)
        }
        return sorted(below | own)


def blob_sha(content: bytes) -> str:
    """Return the SHA-1 that git gives a blob of this content, in hexadecimal."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def decode_path(raw: bytes) -> str:
    r"""Return a path as text. A byte that is not UTF-8 becomes ``\xff``, so that it can always be printed."""
    return raw.decode("utf-8", "backslashreplace")


def has_suffix(path: str, suffixes: Sequence[str]) -> bool:
    """Return whether ``path`` ends in one of ``suffixes``; with no suffixes every path does."""
    return not suffixes or path.endswith(tuple(suffixes))


def encoded(needles: Iterable[str]) -> tuple[bytes, ...]:
    """Return the strings as files hold them, in UTF-8."""
    return tuple(needle.encode() for needle in needles)


def contains_any(content: bytes, needles: Iterable[bytes]) -> bool:
    """Return whether the bytes contain one of the needles."""
    return any(needle in content for needle in needles)


def by_folder(paths: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the paths grouped by the folder that directly holds them, in their order."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        folders[path.rpartition("/")[0]].append(path)
    return {folder: tuple(files) for folder, files in folders.items()}
