"""A change that adds files, without a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.change import Change
from reviewer.change.diff import added_file
from tests.trees import EmptyTree, tree

if TYPE_CHECKING:
    from collections.abc import Mapping


def change_of(files: Mapping[str, str]) -> Change:
    """Return the change that adds ``files`` to an empty repository."""
    return Change(
        EmptyTree(), tree(files), tuple(added_file(path, files[path].encode()) for path in sorted(files))
    )
