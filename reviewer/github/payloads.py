"""The parts of GitHub's event files that are read. Unknown fields are ignored, as GitHub adds new ones."""

from __future__ import annotations

import msgspec


class Repository(msgspec.Struct):
    full_name: str
    default_branch: str | None = None


class HeadRepository(msgspec.Struct):
    full_name: str


class Base(msgspec.Struct):
    sha: str
    ref: str


class Head(msgspec.Struct):
    sha: str
    repo: HeadRepository | None = None


class Pull(msgspec.Struct):
    number: int
    base: Base
    head: Head
    state: str = "open"
    draft: bool = False


class Group(msgspec.Struct):
    base_sha: str
    head_sha: str


class PullPayload(msgspec.Struct):
    pull_request: Pull


class GroupPayload(msgspec.Struct):
    merge_group: Group


class PushPayload(msgspec.Struct):
    before: str
    after: str
    repository: Repository
    deleted: bool = False


class Run(msgspec.Struct):
    head_sha: str
    head_branch: str | None = None
    head_repository: HeadRepository | None = None


class RunPayload(msgspec.Struct):
    workflow_run: Run


class AuditPayload(msgspec.Struct):
    repository: Repository | None = None
