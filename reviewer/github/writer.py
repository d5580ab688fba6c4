"""Writes a plan onto its pull request, step by step, and says what was really done.

The order of the writes loses no finding: the review with the inline comments goes first; what GitHub does not
take inline goes to the summary, which is written after it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from reviewer.finding import Finding, Placement
from reviewer.github.batch import run_changes
from reviewer.github.diff_lines import commentable, takes
from reviewer.github.errors import GithubError, RejectedError, UnavailableError, UnprocessableError
from reviewer.github.plan import Limits, NewReview, Options, Plan, Rendering, plan
from reviewer.github.remarks import Remark
from reviewer.github.state import PullState, read_state
from reviewer.record import Record
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.github.event import Event, PullRequest
    from reviewer.github.gateway import Gateway
    from reviewer.github.state import CommitStatus
    from reviewer.review import Review

SHORTER = (20_000, 5_000)
"""Characters of a summary to try when GitHub refuses a longer one: its real limit has moved before."""


class Publication(Record):
    """What came of it. ``review`` has every finding's final place, ``url`` is where to read it, or empty.

    ``log`` says what was done; ``problem`` is one sentence when something was refused or failed, else empty.
    """

    review: Review
    url: str = ""
    log: tuple[str, ...] = ()
    problem: str = ""


class Target(Record):
    """Where to publish and how."""

    gateway: Gateway
    event: Event
    pull: PullRequest
    options: Options
    rendering: Rendering

    @property
    def path(self) -> str:
        """Return the start of the addresses of this repository."""
        return f"/repos/{self.event.repository}"

    def state(self) -> PullState:
        """Return what stands on the pull request now."""
        return read_state(self.gateway, self.event.repository, self.pull.number, self.options.status_context)


class _Created(msgspec.Struct):
    html_url: str


class Writer:
    """One run's writes, in order, with a log of what was really done."""

    def __init__(self, target: Target, review: Review, state: PullState) -> None:
        self._target = target
        self._gateway = target.gateway
        self._review = review
        self._state = state
        self._limits = Limits()
        self._plan = self._replan()
        self._url = next((each.url for each in state.summaries), "")
        self._log: list[str] = []
        self._problems: list[str] = []

    def write(self) -> Publication:
        """Run every step; a refused or failed one ends the writing, but the commit status is always tried."""
        steps = (
            self._write_review,
            partial(self._shortened, self._write_summary),
            partial(self._shortened, self._write_changes),
        )
        try:
            for step in steps:
                step()
        except GithubError as error:
            self._problems.append(f"Not everything was posted. {error}")
        try:
            self._write_status()
        except GithubError as error:
            self._problems.append(f"The commit status was not set. {error}")
        if self._plan.is_empty and not self._problems:
            self._log.append("Nothing to post: everything stands as it should.")
        if self._target.options.comment:
            self._log.append(_balance(self._plan.review))
        return Publication(self._plan.review, self._url, tuple(self._log), " ".join(self._problems))

    def _replan(self) -> Plan:
        return plan(self._review, self._state, self._target.options, self._target.rendering, self._limits)

    def _write_review(self) -> None:
        """Post the review; if refused, once more without what the diff does not show, then not at all."""
        for may_retry in (True, False):
            new = self._plan.new_review
            if new is None:
                return
            try:
                self._url = self._post_review(new)
            except RejectedError as error:
                misplaced = self._misplaced() if may_retry else frozenset()
                self._bar(misplaced or {each.fingerprint for each in new.comments}, str(error))
            except UnavailableError as error:
                self._bar({each.fingerprint for each in new.comments}, str(error))
            else:
                self._log.append(
                    f"Posted a review with {plural(len(new.comments), 'inline comment')}: {self._url}"
                )
                return

    def _bar(self, fingerprints: set[str] | frozenset[str], why: str) -> None:
        self._limits = replace(self._limits, barred=self._limits.barred | fingerprints)
        self._plan = self._replan()
        self._problems.append(
            f"{plural(len(fingerprints), 'finding')} moved from the lines to the summary. {why}"
        )

    def _misplaced(self) -> frozenset[str]:
        """Return the findings whose lines GitHub's own diff does not show; all when it cannot be read."""
        inline = [each for each in self._plan.review.findings if each.placement is Placement.INLINE]
        try:
            spans = commentable(self._gateway, self._target.event.repository, self._target.pull.number)
        except GithubError:
            return frozenset(each.fingerprint for each in inline)
        return frozenset(
            each.fingerprint for each in inline if not takes(spans, each.path, *Remark(each).lines)
        )

    def _post_review(self, new: NewReview) -> str:
        body = {
            "commit_id": self._target.event.head,
            "event": "COMMENT",
            "body": new.body,
            "comments": [each.request for each in new.comments],
        }
        path = f"{self._target.path}/pulls/{self._target.pull.number}/reviews"
        return self._gateway.post(path, body, _Created, find=lambda: self._posted_review(new)).html_url

    def _posted_review(self, new: NewReview) -> _Created | None:
        """Find this very review if it came through; one left without its comments does not count."""
        reviews = self._target.state().reviews
        return next(
            (_Created(each.url) for each in reviews if new.marker in each.body and each.comments), None
        )

    def _shortened(self, write: Callable[[], None]) -> None:
        """Write; if the content is refused, again with less and less in the summary."""
        for limit in SHORTER:
            try:
                return write()
            except UnprocessableError:
                self._limits = replace(self._limits, summary=limit)
                self._plan = self._replan()
                self._log.append(f"GitHub refused the summary; trying one of {limit:,} characters.")
        return write()

    def _write_summary(self) -> None:
        body = self._plan.new_summary
        if body is None:
            return
        path = f"{self._target.path}/issues/{self._target.pull.number}/comments"
        created = self._gateway.post(path, {"body": body}, _Created, find=self._posted_summary)
        self._url = self._url or created.html_url
        self._log.append(f"Posted the summary: {created.html_url}")

    def _posted_summary(self) -> _Created | None:
        return next((_Created(each.url) for each in self._target.state().summaries), None)

    def _write_changes(self) -> None:
        if self._plan.changes:
            self._log.extend(run_changes(self._gateway, self._plan.changes))

    def _write_status(self) -> None:
        if self._plan.status is not None:
            context = self._target.options.status_context
            post_status(self._gateway, self._target.event, context, self._plan.status)
            self._log.append(f"Set the commit status `{context}`.")


def _balance(review: Review) -> str:
    """Every finding is somewhere; who reads the log can add it up."""
    inline = sum(1 for each in review.findings if each.placement is Placement.INLINE)
    accepted = sum(1 for each in review.findings if _is_accepted(each))
    summary = len(review.findings) - inline - accepted
    total = plural(len(review.findings), "finding")
    return f"{total} = {inline} inline + {summary} in the summary + {accepted} accepted."


def _is_accepted(finding: Finding) -> bool:
    return finding.placement is Placement.SUMMARY and finding.suppressed is not None


def post_status(gateway: Gateway, event: Event, status_context: str, status: CommitStatus) -> None:
    """Set a commit status on the head. Setting it twice is harmless: the newest of a context counts."""
    body = {
        "state": status.state,
        "context": status_context,
        "description": status.description,
        "target_url": event.run_url,
    }
    gateway.post(f"/repos/{event.repository}/statuses/{event.head}", body, msgspec.Raw, find=None)
