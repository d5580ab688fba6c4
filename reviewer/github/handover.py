"""Publishes a review that a run without rights has made: the second half of the flow for forks.

The report comes from a job that ran a stranger's workflow, so it is a claim. It goes to the pull request that
has the run's commit as its head. Size and types are checked by :mod:`reviewer.report.json`. What it says of
known checks is replaced by what this version knows. It brings no suggestion, because nobody here has proven
one, and it sets no status.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from reviewer.checks import CHECKS
from reviewer.errors import UsageError
from reviewer.github.event import Event, PullRequest
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
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The report {path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"The report {path} is larger than {MAX_BYTES:,} bytes.")
    try:
        review = json.load(content.decode("utf-8"))
    except (InvalidReportError, UnicodeDecodeError) as error:
        raise UsageError(f"The report {path} cannot be used: {error}") from None
    return replace(review, findings=tuple(_known(finding) for finding in review.findings))


def find_pull(gateway: Gateway, event: Event) -> PullRequest | None:
    """Return the open pull request whose head is the commit of the run, ``None`` when there is none any more.

    GitHub leaves the pull requests of a fork out of the event, so they are looked up by the fork's branch.
    """
    path = f"/repos/{event.repository}/pulls"
    head = quote(event.head_label or "", safe=":")
    if not head:
        return None
    pulls = gateway.get(path, list[_Pull], head=head, state="open", per_page="100")
    found = next((each for each in pulls if each.head.sha == event.head), None)
    if found is None:
        return None
    return PullRequest(
        number=found.number,
        base_ref=found.base.ref,
        head_repository=event.head_repository,
    )


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
