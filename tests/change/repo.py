"""A real git repository for a test, made without any of the machine's git settings."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-11-23T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-23T00:00:00Z",
    "GIT_ALLOW_PROTOCOL": "file",
}


def run_git(directory: Path, *arguments: str, check: bool = True) -> str:
    """Run git and return what it prints."""
    result = subprocess.run(
        ["git", *arguments], cwd=directory, env=_ENVIRONMENT, capture_output=True, check=False
    )
    if check and result.returncode:
        raise AssertionError(result.stderr.decode(errors="replace"))
    return result.stdout.decode("utf-8", "surrogateescape").strip()


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository in ``root`` whose default branch is ``main``."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> Repo:
        root.mkdir(parents=True, exist_ok=True)
        run_git(root, "init", "--quiet", "--initial-branch=main")
        return cls(root)

    def git(self, *arguments: str, check: bool = True) -> str:
        return run_git(self.root, *arguments, check=check)

    def write(self, path: str | bytes, content: str | bytes = "") -> None:
        place = self.root / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def link(self, path: str, target: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def commit(self, files: dict[str, str | bytes] | None = None) -> str:
        """Write the files, commit everything, and return the commit's SHA."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message=a change")
        return self.git("rev-parse", "HEAD")

    def config(self, key: str, value: str) -> None:
        self.git("config", key, value)
