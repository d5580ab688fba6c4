"""Writes fixed files into the working tree: all of them, or none when one must not be written."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from reviewer.change.errors import UnknownRevisionError
from reviewer.change.tree import MissingFileError, UnreadableFileError, blob_sha
from reviewer.errors import UsageError
from reviewer.escape import visible
from reviewer.files import replace_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from reviewer.change.git import GitRepository
    from reviewer.change.tree import Tree

_NAMED = 5
"""So many files are named in a message; the rest is counted."""


def refuse_dirty(repository: GitRepository, tree: Tree, paths: Iterable[str]) -> None:
    """Raise ``UsageError`` when a file is not as the last commit has it: its state could not be had back."""
    try:
        commit: Tree | None = repository.tree(repository.resolve("HEAD"))
    except UnknownRevisionError:
        commit = None
    dirty = [each for each in sorted(paths) if commit is None or _content(commit, each) != tree.read(each)]
    if dirty:
        named = ", ".join(dirty[:_NAMED])
        more = f" and {len(dirty) - _NAMED} more" if len(dirty) > _NAMED else ""
        message = (
            f"--fix would edit what is not committed yet: {named}{more}. Commit it first, or add"
            " --allow-dirty; nothing was changed."
        )
        raise UsageError(message)


def write(root: Path, tree: Tree, files: Mapping[str, bytes]) -> None:
    """Replace the files. Raises ``UsageError`` before the first when one of them must not be written."""
    for path in files:
        _check(root, path, tree.blob_id(path))
    for path, content in files.items():
        try:
            replace_bytes(root / path, content)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None


def diff(tree: Tree, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the lines of a unified diff of what ``files`` change, ready to print."""
    for path, content in sorted(files.items()):
        old, new = (_lines(each) for each in (tree.read(path), content))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""):
            yield visible(line)


def _content(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except (MissingFileError, UnreadableFileError):
        return None


def _check(root: Path, path: str, reviewed: str) -> None:
    """A file behind a link may be another's; one that changed meanwhile is not the one that was reviewed.

    ``reviewed`` is the id of the content that was.
    """
    place = root / path
    if any(each.is_symlink() for each in (place, *list(place.parents)[: path.count("/")])):
        raise UsageError(f"--fix does not write through the symbolic link {path}; nothing was changed.")
    try:
        same = blob_sha(place.read_bytes()) == reviewed
    except OSError as error:
        message = f"{path} cannot be read any more: {error.strerror or error}; nothing was changed."
        raise UsageError(message) from None
    if not same:
        raise UsageError(f"{path} was edited while it was reviewed: run --fix again; nothing was changed.")


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8-sig", "replace").removesuffix("\n")
    return [line.removesuffix("\r") for line in text.split("\n")] if text else []
