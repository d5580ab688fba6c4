"""Reviews on this machine: what the ``review``, ``audit`` and ``demo`` commands share."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer import config_file
from reviewer.change.change import from_directories, from_git
from reviewer.change.directory import DirectoryTree
from reviewer.change.errors import ChangeError
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError, Tree
from reviewer.checks import CHECKS
from reviewer.config import DEFAULT_PATH, Config, merged
from reviewer.pipeline import Progress, audit, review

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from reviewer.review import Review


class UsageError(Exception):
    """The command was used in a way that cannot work; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for. ``overrides`` are configuration fields that options set."""

    directory: Path
    config: Path | None
    overrides: Mapping[str, object]
    today: date


def check_names() -> Mapping[str, str]:
    """Return the name of every check by its id."""
    return {each.id: each.name for each in CHECKS.values()}


def review_local(
    request: Request, base: str | None, head: str | None, progress: Progress | None = None
) -> Review:
    """Review a change of the repository that holds the directory."""
    with GitRepository.open(request.directory) as repository:
        change = from_git(repository, base, head)
        return review(change, _configured(change.head, request), today=request.today, progress=progress)


def review_directories(base: Path, head: Path, request: Request) -> Review:
    """Review the difference of two directories."""
    change = from_directories(base, head)
    return review(change, _configured(change.head, request), today=request.today)


def audit_local(request: Request) -> Review:
    """Audit everything under the directory; in a repository, the files that git does not ignore."""
    with _tree(request.directory) as (tree, path):
        return audit(tree, _configured(tree, request), today=request.today, path=path)


@contextmanager
def _tree(directory: Path) -> Iterator[tuple[Tree, str]]:
    """Open the tree a directory is in, and tell where in it the directory is."""
    if not directory.is_dir():
        message = f"{directory} is not a directory."
        raise UsageError(message)
    try:
        repository = GitRepository.open(directory)
    except ChangeError:
        yield DirectoryTree(directory), ""
        return
    with repository:
        if repository.root is None:
            yield DirectoryTree(directory), ""
            return
        inside = directory.resolve().relative_to(repository.root.resolve()).as_posix()
        yield repository.working_tree(), "" if inside == "." else inside


def _configured(tree: Tree, request: Request) -> Config:
    """Return the configuration of the named file or the tree's root, with the options on top."""
    if request.config is not None:
        try:
            text = request.config.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{request.config}: the configuration cannot be read: {error}"
            raise UsageError(message) from error
        config = config_file.load(text, str(request.config), check_names())
    else:
        config = _from_tree(tree)
    return merged(config, **request.overrides)


def _from_tree(tree: Tree) -> Config:
    try:
        content = tree.read(DEFAULT_PATH)
    except MissingFileError:
        return Config()
    return config_file.load(content.decode("utf-8", "replace"), DEFAULT_PATH, check_names())
