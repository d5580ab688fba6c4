"""Reading a change from a git repository, which may be hostile: nothing of it is ever run."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reviewer.change import arguments
from reviewer.change.diff import ChangedFile, parse_diff
from reviewer.change.errors import (
    GitFailedError,
    MissingDirectoryError,
    NoDefaultBranchError,
    NoMergeBaseError,
    NotARepositoryError,
    NoWorkingTreeError,
    ShallowCloneError,
    UnknownRevisionError,
    UnmergedError,
)
from reviewer.change.index import Entry, EntryKind, IndexedTree
from reviewer.change.isolated import borrow_working_tree, make_git_directory
from reviewer.change.objects import ObjectReader
from reviewer.change.process import Git, find_git
from reviewer.change.tree import decode_path
from reviewer.change.working import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

__all__ = ["GitRepository", "GitTree", "WorkingTree"]

_DEFAULT_BRANCHES = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)
_KINDS = {b"100644": EntryKind.FILE, b"100755": EntryKind.FILE, b"120000": EntryKind.LINK}
_UNMERGED = re.compile(rb"^\* Unmerged path (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where git keeps what; ``root`` is the top of the working tree, None for a bare repository."""

    shallow: bool
    object_format: str
    git_directory: Path
    objects: Path
    index: Path
    exclude: Path
    root: Path | None


class GitRepository:
    """One repository, opened for the time of a review. Use it in a ``with`` statement, or close it."""

    def __init__(self, git: Git, layout: _Layout) -> None:
        self._git = git
        self._layout = layout
        self._objects: ObjectReader | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open the repository that holds ``directory``; starts one process.

        Raises ``GitNotInstalledError``, ``MissingDirectoryError``, ``NotARepositoryError``.
        """
        if not directory.is_dir():
            raise MissingDirectoryError(str(directory))
        git = Git(find_git(), directory.resolve(), {})
        return cls(git, _locate(git, directory))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the object process and remove what was written beside the repository."""
        if self._objects is not None:
            self._objects.close()
            self._objects = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    @property
    def root(self) -> Path | None:
        """Return the top folder of the working tree; None for a bare repository."""
        return self._layout.root

    def resolve(self, name: str) -> str:
        """Return the SHA of the commit that a branch, tag or SHA leads to, or raise ``UnknownRevisionError``.

        The name goes to git as input, never as an argument: ``--output=x`` is a name nobody has.
        """
        sha = self.objects().commit(name)
        if sha is None:
            raise UnknownRevisionError(name, shallow=self._layout.shallow)
        return sha

    def default_branch(self) -> str:
        """Return the full name of the branch that changes are made against."""
        for name in _DEFAULT_BRANCHES:
            if self.objects().commit(name) is not None:
                return name
        raise NoDefaultBranchError

    def merge_base(self, base: str, head: str) -> str:
        """Return the SHA of the commit where two commits (SHAs) went separate ways."""
        result = self._git.run("merge-base", base, head, accept=(0, 1))
        if result.returncode == 0:
            return result.stdout.decode("ascii").strip()
        if self._layout.shallow:
            raise ShallowCloneError(base, head)
        raise NoMergeBaseError(base, head)

    def tree(self, commit: str) -> GitTree:
        """Return the files of a commit (SHA)."""
        return GitTree(self, commit)

    def working_tree(self) -> WorkingTree:
        """Return the files as they lie in the working tree, untracked ones that are not ignored included."""
        return WorkingTree(self._working_git(), self.objects)

    def diff(self, base: str, head: str | None) -> tuple[ChangedFile, ...]:
        """Return what changed between two commits (SHAs), or up to the tracked files of the working tree."""
        if head is not None:
            return parse_diff(self.isolated().run("diff", *arguments.DIFF, base, head, "--").stdout)
        text = self._working_git().run("diff", *arguments.DIFF, base, "--").stdout
        unmerged = _UNMERGED.search(text)
        if unmerged:
            raise UnmergedError(decode_path(unmerged.group(1)))
        return parse_diff(text)

    def objects(self) -> ObjectReader:
        """Return the one process that resolves names and reads files, started on first use."""
        if self._objects is None:
            self._objects = ObjectReader(self._git)
        return self._objects

    def isolated(self) -> Git:
        """Return git in a directory without any of this repository's configuration, but with its objects."""
        place = self._isolated_directory()
        return Git(
            self._git.executable,
            place,
            {"GIT_DIR": str(place), "GIT_OBJECT_DIRECTORY": str(self._layout.objects)},
        )

    def _isolated_directory(self) -> Path:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="eks-review-", ignore_cleanup_errors=True)
            make_git_directory(Path(self._scratch.name, "git"), self._layout.object_format)
        return Path(self._scratch.name, "git")

    def _working_git(self) -> Git:
        """Return the isolated git, looking at the working tree through a copy of its index."""
        layout = self._layout
        if layout.root is None:
            raise NoWorkingTreeError
        isolated = self.isolated()
        index = isolated.directory / "index"
        if not index.exists():
            index = borrow_working_tree(
                isolated.directory, layout.git_directory, layout.index, layout.exclude
            )
        extra = {**isolated.extra, "GIT_WORK_TREE": str(layout.root), "GIT_INDEX_FILE": str(index)}
        return Git(isolated.executable, layout.root, extra)


class GitTree(IndexedTree):
    """The files of one commit, listed by one process and read through the repository's object process."""

    def __init__(self, repository: GitRepository, commit: str) -> None:
        self._repository = repository
        self._commit = commit

    @property
    def revision(self) -> str:
        """Return the commit SHA."""
        return self._commit

    def _entries(self) -> Iterable[tuple[str, Entry]]:
        listing = self._repository.isolated().run("ls-tree", "-r", "-z", "--full-tree", self._commit).stdout
        for record in listing.split(b"\0")[:-1]:
            description, _, raw = record.partition(b"\t")
            mode, _, sha = description.split(b" ")
            kind = _KINDS.get(mode, EntryKind.SUBMODULE)
            yield decode_path(raw), Entry(kind, raw, sha.decode("ascii"))

    def _read_link(self, entry: Entry) -> str:
        return decode_path(self._read_file(decode_path(entry.raw), entry))

    def _read_file(self, path: str, entry: Entry) -> bytes:
        return self._repository.objects().blob(entry.blob, path)

    def _id_of(self, path: str, entry: Entry) -> str:  # noqa: ARG002
        return entry.blob

    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        result = self._repository.isolated().run(
            "grep",
            *arguments.search(needles),
            self._commit,
            "--",
            *arguments.pathspecs(suffixes),
            accept=(0, 1),
        )
        prefix = len(self._commit) + 1
        return (decode_path(name[prefix:]) for name in result.stdout.split(b"\0")[:-1])


def _locate(git: Git, directory: Path) -> _Layout:
    """Ask git where things are; the last answer is missing for a bare repository."""
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
        )
    except GitFailedError as error:
        if "not a git repository" in str(error):
            raise NotARepositoryError(str(directory)) from None
        raise
    shallow, object_format, *places = answer.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]
    git_directory, objects, index, exclude, *up = places
    root = (git.directory / up[0]).resolve() if up else None
    return _Layout(
        shallow == "true",
        object_format,
        Path(git_directory),
        Path(objects),
        Path(index),
        Path(exclude),
        root,
    )
