"""Reading a change from a git repository, which may be hostile: nothing of it is ever run."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reviewer.change import arguments
from reviewer.change.diff import ChangedFile, parse_diff
from reviewer.change.errors import (
    GitFailedError,
    IncompleteCloneError,
    MissingDirectoryError,
    NoDefaultBranchError,
    NoMergeBaseError,
    NoWorkingTreeError,
    ShallowCloneError,
    UnknownRevisionError,
)
from reviewer.change.index import Entry, EntryKind
from reviewer.change.indexed import IndexedTree
from reviewer.change.isolated import borrow_working_tree, make_git_directory
from reviewer.change.layout import Layout, locate
from reviewer.change.objects import ObjectReader
from reviewer.change.process import Git, find_git
from reviewer.change.search import Search
from reviewer.change.tree import decode_path
from reviewer.change.working import WorkingTree

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from reviewer.change.search import Foreseen, Found


_NAME = re.compile(r"(?![-^])(?!.*\.\.)[^\0\n]+")
"""What may be the name of a commit: no option, no range, no exclusion; no branch can have such a name."""

_LISTED = re.compile(rb"(\d+) \S+ (\S+)\t([^\0]+)\0")
_KINDS = {b"100644": EntryKind.FILE, b"100755": EntryKind.FILE, b"120000": EntryKind.LINK}


class GitRepository:
    """One repository, opened for the time of a review. Use it in a ``with`` statement, or close it."""

    def __init__(self, git: Git, layout: Layout) -> None:
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
        return cls(git, locate(git, directory))

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
        """Return the SHA of the commit that a name leads to, or raise ``UnknownRevisionError``."""
        if not _NAME.fullmatch(name):
            raise UnknownRevisionError(name, shallow=self._layout.shallow)
        result = self._git.run(
            *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"),
            accept=(0, 1, 128),
        )
        if result.returncode:
            raise UnknownRevisionError(name, shallow=self._layout.shallow)
        return result.stdout.decode("ascii").strip()

    def default_branch(self) -> str:
        """Return the full name of the branch that changes are made against."""
        if not self._layout.default_branches:
            raise NoDefaultBranchError
        return self._layout.default_branches[0]

    def merge_base(self, base: str, head: str) -> str:
        """Return the SHA of the commit where two branches went separate ways."""
        return self.fork(base, head)[0]

    def fork(self, base: str, head: str) -> tuple[str, str]:
        """Return the SHAs of the merge base of two names and of ``head``; starts one process.

        Raises ``UnknownRevisionError``, ``NoMergeBaseError``, ``ShallowCloneError``.
        """
        plain = _NAME.fullmatch(base) and _NAME.fullmatch(head)
        result = self._compare(base, head, accept=(0, 128)) if plain else None
        if result is None or result.returncode:
            # One of them is not known: asking for each alone tells which.
            result = self._compare(self.resolve(base), self.resolve(head), accept=(0,))
        commits = result.stdout.decode("ascii").split()
        merge_bases = [commit.removeprefix("^") for commit in commits if commit.startswith("^")]
        if merge_bases:
            return merge_bases[0], commits[0]
        raise (ShallowCloneError if self._layout.shallow else NoMergeBaseError)(base, head)

    def _compare(self, base: str, head: str, accept: Sequence[int]) -> subprocess.CompletedProcess[bytes]:
        """Ask for head, base and ``^`` their merge bases, best first: that is what ``A...B`` stands for."""
        both = f"{base}^{{commit}}...{head}^{{commit}}"
        return self._git.run("rev-parse", "--revs-only", both, "--", accept=accept)

    def tree(self, commit: str) -> GitTree:
        """Return the files of a commit (SHA)."""
        return GitTree(self, commit)

    def working_tree(self) -> WorkingTree:
        """Return the files as they lie in the working tree, untracked ones that are not ignored included."""
        return WorkingTree(self._working_git(), self.objects)

    def diff(self, base: str, head: str | None) -> tuple[ChangedFile, ...]:
        """Return what changed between two commits (SHAs), or up to the tracked files of the working tree."""
        git = self._working_git() if head is None else self.isolated()
        commits = [base] if head is None else [base, head]
        try:
            with git.stream("diff", *arguments.DIFF, *commits, "--") as output:
                return parse_diff(output)
        except GitFailedError as error:
            if "unable to read" in str(error):
                raise IncompleteCloneError from None
            raise

    def objects(self) -> ObjectReader:
        """Return the one process that reads files, started on first use."""
        if self._objects is None:
            self._objects = ObjectReader(self.isolated())
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
        for mode, sha, raw in _LISTED.findall(listing):
            yield decode_path(raw), Entry(_KINDS.get(mode, EntryKind.SUBMODULE), raw, sha.decode("ascii"))

    def _read_link(self, entry: Entry) -> str:
        return decode_path(self._read_file(decode_path(entry.raw), entry))

    def _read_file(self, path: str, entry: Entry) -> bytes:
        return self._repository.objects().blob(entry.blob, path)

    def _id_of(self, path: str, entry: Entry) -> str:
        del path  # a working tree has to read it
        return entry.blob

    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        return self._with_git.names(needles, suffixes)

    def _lines(self, foreseen: Foreseen) -> Found | None:
        return self._with_git.lines(foreseen)

    @property
    def _with_git(self) -> Search:
        return Search(self._repository.isolated(), (self._commit,), f"{self._commit}:".encode())
