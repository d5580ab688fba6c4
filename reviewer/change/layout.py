"""Where a repository keeps what: asked with one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change.errors import GitFailedError, NotARepositoryError
from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.change.process import Git

_DEFAULT_BRANCHES = (
    "refs/remotes/origin/[H]EAD",
    "refs/remotes/origin/[m]ain",
    "refs/remotes/origin/[m]aster",
    "refs/heads/[m]ain",
    "refs/heads/[m]aster",
)
"""The most telling first; each a pattern, so that git lists it where it exists and says nothing where not."""


class Layout(Record):
    """Where git keeps what; ``root`` is the top of the working tree, None for a bare repository."""

    shallow: bool
    object_format: str
    git_directory: Path
    objects: Path
    index: Path
    exclude: Path
    root: Path | None
    default_branches: tuple[str, ...]


def locate(git: Git, directory: Path) -> Layout:
    """Ask git where things are. For a bare repository the way up to the root is missing from the answer."""
    try:
        answer = git.run(
            "rev-parse",
            "--path-format=absolute",
            "--is-shallow-repository",
            "--show-object-format",
            "--absolute-git-dir",
            *("--git-path", "objects"),
            *("--git-path", "index"),
            *("--git-path", "info/exclude"),
            "--show-cdup",
            "--symbolic-full-name",
            *(f"--glob={pattern}" for pattern in _DEFAULT_BRANCHES),
        )
    except GitFailedError as error:
        if "not a git repository" in str(error):
            raise NotARepositoryError(str(directory)) from None
        raise
    lines = answer.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
    shallow, object_format, git_directory, objects, index, exclude, *rest = lines
    up = rest[0] if rest and not rest[0].startswith("refs/") else None
    return Layout(
        shallow == "true",
        object_format,
        Path(git_directory),
        Path(objects),
        Path(index),
        Path(exclude),
        None if up is None else (git.directory / up).resolve(),
        tuple(line for line in rest if line.startswith("refs/")),
    )
