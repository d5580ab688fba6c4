"""The fake GitHub's pull request: a real git repository decides what its diff shows."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BOT = "github-actions[bot]"
HUMAN = "octocat"
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass
class Comment:
    """A comment of any kind."""

    id: int
    author: str
    body: str
    prefix: str
    is_minimized: bool = False
    classifier: str | None = None

    @property
    def node_id(self) -> str:
        return f"{self.prefix}_{self.id}"


@dataclass
class Thread:
    """A thread of a review; ``line`` is where it stands now, ``None`` when outdated."""

    id: int
    path: str
    line: int | None
    start_line: int | None
    commit: str
    comments: list[Comment]
    is_resolved: bool = False

    @property
    def node_id(self) -> str:
        return f"PRRT_{self.id}"

    @property
    def root(self) -> Comment:
        return self.comments[0]


@dataclass
class Review:
    """A submitted review."""

    id: int
    author: str
    body: str
    commit: str
    event: str
    comments: list[Comment]


@dataclass
class Status:
    """A commit status."""

    sha: str
    context: str
    state: str
    description: str
    target_url: str


@dataclass
class File:
    """A file of the diff with the patch as the API gives it."""

    path: str
    status: str
    patch: str | None


@dataclass
class FakePull:
    """Pull request number 7 of ``acme/platform``: ``head`` against the branch ``base``."""

    repository: Path
    base: str
    head: str
    number: int = 7
    label: str = "stranger:change"
    state: str = "OPEN"
    is_draft: bool = False
    siblings: list[tuple[int, str]] = field(default_factory=list)
    """Other pull requests from the same branch, as number and base."""
    body_limit: int = 65_536
    reviews: list[Review] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    issue_comments: list[Comment] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    hidden_patches: set[str] = field(default_factory=set)
    ids: count[int] = field(default_factory=lambda: count(1000))

    def git(self, *arguments: str) -> str:
        result = subprocess.run(
            ["git", "-c", "core.quotePath=false", *arguments],
            cwd=self.repository,
            check=True,
            capture_output=True,
            text=True,
        )
        return result.stdout

    def files(self) -> list[File]:
        """Return the three-dot diff, one entry per file."""
        text = self.git("diff", "-M", "--no-color", f"{self.base}...{self.head}")
        return [self._file(part) for part in re.split(r"^(?=diff --git )", text, flags=re.MULTILINE) if part]

    def _file(self, part: str) -> File:
        renamed = re.search(r"^rename to (.*)$", part, re.MULTILINE)
        new = re.search(r"^\+\+\+ (\"?b/.*)$", part, re.MULTILINE)
        old = re.search(r"^--- (\"?a/.*)$", part, re.MULTILINE)
        named = renamed or new or old
        assert named is not None, part
        path = _unquoted(named[1].rstrip("\t"))
        path = path if renamed else path[2:]
        hunk = part.find("\n@@ ")
        patch = part[hunk + 1 :].rstrip("\n") if hunk >= 0 and path not in self.hidden_patches else None
        status = "renamed" if renamed else "added" if "\nnew file" in part else "modified"
        return File(path, "removed" if "\ndeleted file" in part else status, patch)

    def hunk_of(self, path: str, line: int) -> tuple[int, int] | None:
        """Return the span of the hunk that shows ``line`` of the head file, context included."""
        for file in self.files():
            if file.path == path and file.patch:
                for _, _, first, length in _HUNK.findall(file.patch):
                    span = (int(first), int(first) + int(length or 1) - 1)
                    if span[0] <= line <= span[1]:
                        return span
        return None

    def commits(self) -> set[str]:
        """Return the commits of the pull request."""
        return set(self.git("rev-list", f"{self.base}..{self.head}").split())

    def push(self, head: str) -> None:
        """Move the head and let every thread follow its line, or become outdated."""
        old, self.head = self.head, head
        for thread in self.threads:
            self._follow(thread, old)

    def _follow(self, thread: Thread, old: str) -> None:
        if thread.line is None:
            return
        renames = re.findall(
            r"^R\d+\t(.*)\t(.*)$", self.git("diff", "-M", "--name-status", old, self.head), re.MULTILINE
        )
        new_path = dict(renames).get(thread.path, thread.path)
        lines = [thread.start_line or thread.line, thread.line]
        moved = [self._moved(old, thread.path, new_path, line) for line in lines]
        thread.path = new_path
        if None in moved or self.hunk_of(new_path, moved[1] or 0) is None:
            thread.line = thread.start_line = None
        else:
            thread.start_line = moved[0] if thread.start_line else None
            thread.line = moved[1]

    def _moved(self, old: str, old_path: str, new_path: str, line: int) -> int | None:
        try:
            patch = self.git("diff", "-U0", f"{old}:{old_path}", f"{self.head}:{new_path}")
        except subprocess.CalledProcessError:
            return None
        shift = 0
        for first, length, _, new_length in _HUNK.findall(patch):
            start, removed, added = int(first), int(length or 1), int(new_length or 1)
            if removed and start <= line < start + removed:
                return None
            if start < line or (removed and start + removed <= line):
                shift += added - removed
        return line + shift

    def blob(self, oid: str) -> bytes | None:
        """Return the content of a git object."""
        done = subprocess.run(
            ["git", "cat-file", "blob", oid], cwd=self.repository, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else None

    def say(self, body: str, author: str = HUMAN) -> Comment:
        """Add a comment to the conversation as somebody."""
        comment = Comment(next(self.ids), author, body, "IC")
        self.issue_comments.append(comment)
        return comment

    def reply(self, thread: Thread, body: str, author: str = HUMAN) -> None:
        thread.comments.append(Comment(next(self.ids), author, body, "PRRC"))

    def find(self, node_id: str) -> Comment | None:
        """Return the comment with a node id."""
        everything = [
            *self.issue_comments,
            *(comment for thread in self.threads for comment in thread.comments),
        ]
        return next((comment for comment in everything if comment.node_id == node_id), None)


def _unquoted(path: str) -> str:
    """Read a path as git quotes it when it holds a line end or a quotation mark."""
    if not path.startswith('"'):
        return path
    return path[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
