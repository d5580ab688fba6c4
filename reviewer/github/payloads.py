"""The parts of GitHub's event files that are read. Unknown fields are ignored, as GitHub adds new ones."""

from __future__ import annotations

import msgspec


class Repository(msgspec.Struct):
    """The repository of the event."""

    full_name: str
    default_branch: str | None = None


class HeadRepository(msgspec.Struct):
    """The repository of the head; a fork has its own."""

    full_name: str


class Base(msgspec.Struct):
    """What the pull request goes to: ``sha`` is the tip of the branch, not the merge base."""

    sha: str
    ref: str


class Head(msgspec.Struct):
    """What the pull request brings; a deleted fork leaves no repository."""

    sha: str
    repo: HeadRepository | None = None


class Pull(msgspec.Struct):
    """A pull request."""

    number: int
    base: Base
    head: Head


class Group(msgspec.Struct):
    """A group of the merge queue."""

    base_sha: str
    head_sha: str


class PullPayload(msgspec.Struct):
    """``pull_request`` and ``pull_request_target``."""

    pull_request: Pull


class GroupPayload(msgspec.Struct):
    """``merge_group``."""

    merge_group: Group


class PushPayload(msgspec.Struct):
    """``push``."""

    before: str
    after: str
    repository: Repository
    deleted: bool = False


class Run(msgspec.Struct):
    """The workflow run that has ended; its pull requests are left out for forks."""

    head_sha: str
    head_branch: str | None = None
    head_repository: HeadRepository | None = None


class RunPayload(msgspec.Struct):
    """``workflow_run``."""

    workflow_run: Run


class AuditPayload(msgspec.Struct):
    """``schedule`` and ``workflow_dispatch``."""

    repository: Repository | None = None
