"""What started the run: the runner's environment and the event file, read once into an :class:`Event`."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import msgspec

from reviewer.errors import UsageError
from reviewer.github import payloads
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""GitHub caps webhook payloads at 25 MB; a file beyond this is none."""

Payload = TypeVar("Payload", bound=msgspec.Struct)

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\Z")
_WORKFLOWS = "https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows"


class EventKind(StrEnum):
    """The events the action works on, by the names GitHub gives them."""

    PULL_REQUEST = "pull_request"
    PULL_REQUEST_TARGET = "pull_request_target"
    MERGE_GROUP = "merge_group"
    PUSH = "push"
    WORKFLOW_DISPATCH = "workflow_dispatch"
    SCHEDULE = "schedule"
    WORKFLOW_RUN = "workflow_run"

    @property
    def is_audit(self) -> bool:
        """Tell whether the event has no change of its own, so that everything is looked at."""
        return self in {EventKind.WORKFLOW_DISPATCH, EventKind.SCHEDULE}


class PullRequest(Record):
    """The pull request of an event. ``head_repository`` is ``None`` when the fork was deleted."""

    number: int
    base_ref: str
    head_repository: str | None


class Servers(Record):
    """The addresses of this GitHub: github.com, an Enterprise Server or a data residency host."""

    api: str
    graphql: str
    web: str


class Event(Record):
    """One run. ``base`` and ``head`` are commit SHAs; ``base`` is ``None`` for an audit and for a new branch.

    ``head`` is the pull request's own head, never the merge commit: lines of the merge commit are not the
    lines of the pull request, and a status on it is never shown. ``head_label`` is the ``owner:branch`` and
    ``head_repository`` the repository that a ``workflow_run`` was started from.
    """

    kind: EventKind
    repository: str
    base: str | None
    head: str
    default_branch: str | None
    pull: PullRequest | None
    servers: Servers
    workspace: Path
    run_id: str
    is_deletion: bool = False
    head_label: str | None = None
    head_repository: str | None = None

    @property
    def is_fork(self) -> bool:
        """Tell whether the pull request comes from another repository."""
        return self.pull is not None and self.pull.head_repository != self.repository

    @property
    def run_url(self) -> str:
        """Return the web address of this run."""
        return f"{self.servers.web}/{self.repository}/actions/runs/{self.run_id}"


class _Facts(Record):
    """What an event file contributes to an :class:`Event`."""

    base: str | None
    head: str
    default_branch: str | None = None
    pull: PullRequest | None = None
    is_deletion: bool = False
    head_label: str | None = None
    head_repository: str | None = None


def read_event(environment: Mapping[str, str]) -> Event:
    """Return the event of this run. Raises :class:`UsageError` naming what is missing or malformed."""
    kind = _kind(_need(environment, "GITHUB_EVENT_NAME"))
    repository = _need(environment, "GITHUB_REPOSITORY")
    if not _REPOSITORY.match(repository):
        raise UsageError(f"GITHUB_REPOSITORY is {repository!r}; expected owner/name.")
    facts = _facts(kind, environment)
    return Event(
        kind=kind,
        repository=repository,
        base=facts.base,
        head=facts.head,
        default_branch=facts.default_branch,
        pull=facts.pull,
        servers=_servers(environment),
        workspace=Path(_need(environment, "GITHUB_WORKSPACE")),
        run_id=environment.get("GITHUB_RUN_ID", ""),
        is_deletion=facts.is_deletion,
        head_label=facts.head_label,
        head_repository=facts.head_repository,
    )


def _kind(name: str) -> EventKind:
    try:
        return EventKind(name)
    except ValueError:
        known = ", ".join(EventKind)
        raise UsageError(
            f"The event `{name}` is not supported; this action runs on {known}. See {_WORKFLOWS}"
        ) from None


def _need(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise UsageError(f"{name} is not set: this command runs inside a GitHub Actions job.")
    return value


def _facts(kind: EventKind, environment: Mapping[str, str]) -> _Facts:
    path = Path(_need(environment, "GITHUB_EVENT_PATH"))
    payload = _payload(path)
    if kind in {EventKind.PULL_REQUEST, EventKind.PULL_REQUEST_TARGET}:
        return _pull_facts(_decode(path, payload, payloads.PullPayload).pull_request)
    if kind is EventKind.MERGE_GROUP:
        group = _decode(path, payload, payloads.GroupPayload).merge_group
        return _Facts(
            _sha(group.base_sha, "merge_group.base_sha"), _sha(group.head_sha, "merge_group.head_sha")
        )
    if kind is EventKind.PUSH:
        return _push_facts(_decode(path, payload, payloads.PushPayload))
    if kind is EventKind.WORKFLOW_RUN:
        return _run_facts(_decode(path, payload, payloads.RunPayload).workflow_run)
    audit = _decode(path, payload, payloads.AuditPayload)
    return _Facts(
        base=None,
        head=_sha(_need(environment, "GITHUB_SHA"), "GITHUB_SHA"),
        default_branch=audit.repository.default_branch if audit.repository else None,
    )


def _payload(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            payload = file.read(MAX_EVENT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The event file {path} cannot be read: {error.strerror or error}.") from None
    if len(payload) > MAX_EVENT_BYTES:
        raise UsageError(
            f"The event file {path} is larger than {MAX_EVENT_BYTES} bytes; it is not one of GitHub's."
        )
    return payload


def _decode(path: Path, payload: bytes, shape: type[Payload]) -> Payload:
    try:
        return msgspec.json.decode(payload, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"The event file {path} is malformed: {error}") from None


def _pull_facts(pull: payloads.Pull) -> _Facts:
    return _Facts(
        base=_sha(pull.base.sha, "pull_request.base.sha"),
        head=_sha(pull.head.sha, "pull_request.head.sha"),
        pull=PullRequest(
            number=pull.number,
            base_ref=pull.base.ref,
            head_repository=pull.head.repo.full_name if pull.head.repo else None,
        ),
    )


def _push_facts(push: payloads.PushPayload) -> _Facts:
    """A new branch has an all-zero ``before``, a deleted one an all-zero ``after``."""
    before, after = _sha(push.before, "before"), _sha(push.after, "after")
    return _Facts(
        base=before if before.strip("0") else None,
        head=after,
        default_branch=push.repository.default_branch,
        is_deletion=push.deleted or not after.strip("0"),
    )


def _run_facts(run: payloads.Run) -> _Facts:
    repository = run.head_repository.full_name if run.head_repository else None
    label = f"{repository.partition('/')[0]}:{run.head_branch}" if repository and run.head_branch else None
    head = _sha(run.head_sha, "workflow_run.head_sha")
    return _Facts(base=None, head=head, head_label=label, head_repository=repository)


def _sha(text: str, where: str) -> str:
    """Checked because it is handed to git and put into addresses."""
    if not _SHA.match(text):
        raise UsageError(f"{where} is {text[:80]!r}, which is not a commit SHA.")
    return text


def _servers(environment: Mapping[str, str]) -> Servers:
    api = _address(environment, "GITHUB_API_URL", "https://api.github.com")
    graphql = _address(environment, "GITHUB_GRAPHQL_URL", "https://api.github.com/graphql")
    # The token goes to one host only. PyGithub sends both kinds of requests over one connection.
    if urlsplit(api)[:2] != urlsplit(graphql)[:2]:
        raise UsageError("GITHUB_API_URL and GITHUB_GRAPHQL_URL name different hosts.")
    return Servers(api, graphql, _address(environment, "GITHUB_SERVER_URL", "https://github.com"))


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    address = environment.get(name) or default
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise UsageError(f"{name} is {address!r}; expected an http(s) address.")
    return address.rstrip("/")
