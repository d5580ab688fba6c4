"""Publishes a review that a run without rights has made: the second half of the flow for forks.

The report comes from a job that ran a stranger's workflow, so it is a claim. It goes to the pull request that
has the run's commit as its head. Size and types are checked by :mod:`reviewer.report.json`. What it says of
known checks is replaced by what this version knows. It brings no suggestion, because nobody here has proven
one, and it sets no status.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from reviewer.checks import CHECKS
from reviewer.errors import UsageError
from reviewer.github.event import Event, PullRequest
from reviewer.github.remote import merge_base
from reviewer.report import json
from reviewer.report.json import InvalidReportError

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.finding import Finding
    from reviewer.github.gateway import Gateway
    from reviewer.review import Review

MAX_BYTES = 8 * 1024 * 1024
"""A review of a very large pull request has one megabyte."""


class _Ref(msgspec.Struct):
    sha: str
    ref: str


class _Pull(msgspec.Struct):
    number: int
    state: str
    head: _Ref
    base: _Ref


def read_report(path: Path) -> Review:
    """Return the review in a report file. Raises :class:`UsageError` that says what is wrong with it."""
    try:
        content = _content(path)
    except OSError as error:
        raise UsageError(f"The report {path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"The report {path} is larger than {MAX_BYTES:,} bytes.")
    try:
        review = json.load(content.decode("utf-8"))
    except (InvalidReportError, UnicodeDecodeError) as error:
        raise UsageError(f"The report {path} cannot be used: {error}") from None
    return replace(review, findings=tuple(_known(finding) for finding in review.findings))


def _content(path: Path) -> bytes:
    """Read a file that an artifact may have brought: a pipe would never end, a link could lead anywhere."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read(MAX_BYTES + 1)


def find_pull(gateway: Gateway, event: Event, review: Review) -> PullRequest | None:
    """Return the open pull request whose head is the commit of the run, ``None`` when there is none any more.

    GitHub leaves the pull requests of a fork out of the event, so they are looked up by the fork's branch. Of
    several from one branch it is the one that the review compared with the base of.
    """
    path = f"/repos/{event.repository}/pulls"
    head = quote(event.head_label or "", safe=":")
    if not head:
        return None
    pulls = gateway.get(path, list[_Pull], head=head, state="open", per_page="100")
    found = [each for each in pulls if each.head.sha == event.head and each.state == "open"]
    if len(found) > 1:
        found = [each for each in found if _is_compared(gateway, event, each, review)]
    return PullRequest(found[0].number, found[0].base.ref, event.head_repository) if found else None


def _is_compared(gateway: Gateway, event: Event, pull: _Pull, review: Review) -> bool:
    return merge_base(gateway, event.repository, pull.base.sha, event.head) == review.base


def check_head(event: Event, review: Review) -> None:
    """Raise :class:`UsageError` when the report is not about the commit of the event."""
    if review.head != event.head:
        named = (review.head or "no commit")[:40]
        raise UsageError(
            f"The report is about {named}, and the run was of {event.head}: it is not published."
        )


def _known(finding: Finding) -> Finding:
    check = CHECKS.get(finding.id)
    if check is None:
        return replace(finding, docs="", suggestion=None)
    return replace(
        finding,
        name=check.name,
        title=check.title,
        pillar=check.pillar,
        docs=check.docs,
        suggestion=None,
        source="eks-review",
    )
