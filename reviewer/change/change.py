"""The change under review: two trees and the files that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.diff import ChangedFile, join_type_changes
from reviewer.change.directory import DirectoryTree, diff_directories
from reviewer.change.search import Foreseen
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reviewer.change.git import GitRepository, GitTree
    from reviewer.change.tree import Tree
    from reviewer.change.working import WorkingTree


class Change(Record):
    """``files`` leads from ``base`` to ``head``, sorted by path."""

    base: Tree
    head: Tree
    files: tuple[ChangedFile, ...]


def from_git(
    repository: GitRepository,
    base: str | None = None,
    head: str | None = None,
    *,
    foreseen: Callable[[], Foreseen] = Foreseen,
) -> Change:
    """Return the change from the merge base of ``base`` and ``head`` to ``head``, as a pull request shows it.

    ``base`` None is the default branch; ``head`` None is the working tree, compared from the merge base of
    its commit. The trees read through ``repository``, which must stay open as long as they are used; large
    ones search for all that is ``foreseen`` at once.
    """
    fork, head_commit = repository.fork(base or repository.default_branch(), head or "HEAD")
    base_tree = repository.tree(fork)
    head_tree: GitTree | WorkingTree
    if head is not None:
        head_tree, files = repository.tree(head_commit), repository.diff(fork, head_commit)
    else:
        head_tree = repository.working_tree()
        files = join_type_changes([*repository.diff(fork, None), *head_tree.untracked_changes()])
    head_tree.foresee(foreseen)
    base_tree.share_searches(head_tree, [path for each in files for path in each.paths])
    return Change(base_tree, head_tree, files)


def from_directories(base: Path, head: Path) -> Change:
    """Return the change between two directories."""
    return Change(DirectoryTree(base), DirectoryTree(head), diff_directories(base, head))
