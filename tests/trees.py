"""Trees made of text, for tests that need no repository."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from reviewer.change.tree import MissingFileError, OverlayTree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class EmptyTree:
    """A revision without files."""

    revision = None

    def paths(self) -> Sequence[str]:
        return ()

    def files_in(self, folder: str) -> Sequence[str]:
        del folder
        return ()

    def read(self, path: str) -> bytes:
        raise MissingFileError(path)

    def blob_id(self, path: str) -> str:
        raise MissingFileError(path)

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        del needles, suffixes
        return ()


def tree(files: Mapping[str, str]) -> OverlayTree:
    """Return a tree of the given files; common indentation is removed."""
    return OverlayTree(EmptyTree(), {path: dedent(text).encode() for path, text in files.items()})
