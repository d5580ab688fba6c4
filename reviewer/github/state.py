"""What of the action's own stands on a pull request now: read with one query, and more only to page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer.github import answers, markers
from reviewer.github.errors import (
    GithubError,
    NotFoundError,
    ReadOnlyError,
    UnavailableError,
    UnprocessableError,
)
from reviewer.github.queries import PULL_REQUEST
from reviewer.record import Record
from reviewer.report.markdown import SUMMARY_MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.github.gateway import Gateway

MAX_PAGES = 50
"""Of a hundred threads and comments each; a cursor that never ends stops here."""


class OwnComment(Record):
    """An inline comment of an earlier run, the first of its thread.

    ``line`` and ``start_line`` are where GitHub shows the thread now; ``line`` is ``None`` when it is
    outdated and ``start_line`` is ``None`` for a single line. ``is_answered`` means somebody replied.
    """

    id: str
    thread: str
    body: str
    url: str
    path: str
    line: int | None
    start_line: int | None
    fingerprint: str
    is_hidden: bool
    is_resolved: bool
    is_answered: bool
    can_resolve: bool
    can_unresolve: bool


class OwnSummary(Record):
    """A sticky summary of an earlier run."""

    id: str
    body: str
    url: str


class OwnReview(Record):
    """A review of an earlier run, or of this one when its answer was lost, and its number of comments."""

    body: str
    url: str
    comments: int


class CommitStatus(Record):
    """A commit status: ``success``, ``failure``, ``error`` or ``pending``, and its description."""

    state: str
    description: str


class PullState(Record):
    """The pull request and the action's own texts on it, oldest first."""

    head: str
    base_ref: str
    is_open: bool
    is_draft: bool
    status: CommitStatus | None
    comments: tuple[OwnComment, ...]
    summaries: tuple[OwnSummary, ...]
    reviews: tuple[OwnReview, ...]


def read_state(gateway: Gateway, repository: str, number: int, status_context: str = "") -> PullState:
    """Return the state of a pull request, all pages of it. Raises :class:`GithubError`."""
    pulls = list(_pages(gateway, repository, number, status_context))
    first = pulls[0]
    return PullState(
        head=first.head_ref_oid,
        base_ref=first.base_ref_name,
        is_open=first.state == "OPEN",
        is_draft=first.is_draft,
        status=_status(first),
        comments=tuple(_own_comments(each.review_threads for each in pulls)),
        summaries=tuple(_own_summaries(each.comments for each in pulls)),
        reviews=tuple(
            OwnReview(each.body, each.url, each.comments.total_count)
            for each in (first.reviews.nodes if first.reviews else [])
            if each and each.viewer_did_author
        ),
    )


def _pages(gateway: Gateway, repository: str, number: int, status_context: str) -> Iterator[answers.Pull]:
    owner, name = repository.split("/")
    variables: dict[str, Any] = {"owner": owner, "name": name, "number": number, "context": status_context}
    variables |= {"withStatus": bool(status_context), "withThreads": True, "withComments": True}
    for _ in range(MAX_PAGES):
        pull = _pull(gateway.graphql(PULL_REQUEST, variables, answers.Answer))
        yield pull
        threads = pull.review_threads.page_info if pull.review_threads else answers.Page(has_next_page=False)
        comments = pull.comments.page_info if pull.comments else answers.Page(has_next_page=False)
        if not threads.has_next_page and not comments.has_next_page:
            return
        variables |= {
            "withStatus": False,
            "withThreads": threads.has_next_page,
            "threadsAfter": threads.end_cursor,
            "withComments": comments.has_next_page,
            "commentsAfter": comments.end_cursor,
        }
    raise UnavailableError(f"The conversation of pull request {number} does not end after {MAX_PAGES} pages.")


def _pull(answer: answers.Answer) -> answers.Pull:
    """Only the status may be unreadable (it needs ``statuses: read``): half a state would post twice."""
    repository = answer.data.repository if answer.data else None
    faults = [each for each in answer.errors if not each.is_about_status]
    if faults or repository is None or repository.pull_request is None:
        raise graphql_error("The state of the pull request cannot be read", {each.type for each in faults})
    return repository.pull_request


def graphql_error(what: str, types: set[str]) -> GithubError:
    """Return the error for the error types of a GraphQL answer."""
    if "FORBIDDEN" in types or "INSUFFICIENT_SCOPES" in types:
        return ReadOnlyError(f"{what}: the token may not do this.")
    if "NOT_FOUND" in types:
        return NotFoundError(f"{what}: GitHub does not find it, or the token may not see it.")
    if "UNPROCESSABLE" in types:
        return UnprocessableError(f"{what}: GitHub refused the content.")
    named = ", ".join(sorted(types - {""})) or "no reason given"
    return UnavailableError(f"{what}: GitHub answered with an error ({named}).")


def _status(pull: answers.Pull) -> CommitStatus | None:
    for node in pull.commits.nodes if pull.commits else []:
        if node.commit.oid == pull.head_ref_oid and node.commit.status and node.commit.status.context:
            context = node.commit.status.context
            return CommitStatus(context.state.lower(), context.description or "")
    return None


def _own_comments(pages: Iterable[answers.Threads | None]) -> Iterator[OwnComment]:
    for thread in (thread for page in pages if page for thread in page.nodes if thread):
        comment = thread.comments.nodes[0] if thread.comments.nodes else None
        if comment is None or not comment.viewer_did_author:
            continue
        fingerprint = markers.fingerprint(comment.body)
        if fingerprint is not None:
            yield OwnComment(
                id=comment.id,
                thread=thread.id,
                body=comment.body,
                url=comment.url,
                path=thread.path,
                line=thread.line,
                start_line=thread.start_line,
                fingerprint=fingerprint,
                is_hidden=comment.is_minimized,
                is_resolved=thread.is_resolved,
                is_answered=thread.comments.total_count > 1,
                can_resolve=thread.viewer_can_resolve,
                can_unresolve=thread.viewer_can_unresolve,
            )


def _own_summaries(pages: Iterable[answers.Comments | None]) -> Iterator[OwnSummary]:
    for comment in (comment for page in pages if page for comment in page.nodes if comment):
        if comment.viewer_did_author and comment.body.startswith(SUMMARY_MARKER):
            yield OwnSummary(comment.id, comment.body, comment.url)
