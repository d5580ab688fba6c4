"""Brings a review onto its pull request. The verdict is decided before, and nothing here changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.github.errors import GithubError
from reviewer.github.plan import status_of
from reviewer.github.writer import Publication, Target, Writer, post_status

if TYPE_CHECKING:
    from reviewer.github.event import Event
    from reviewer.github.gateway import Gateway
    from reviewer.github.state import PullState
    from reviewer.review import Review

SHORT_SHA = 7


def publish(target: Target, review: Review) -> Publication:
    """Write what the pull request still lacks. Never raises for what GitHub does: the result says it."""
    try:
        state = target.state()
    except GithubError as error:
        return Publication(review, problem=f"Nothing was posted. {error}")
    obstacle = _obstacle(target, state)
    if obstacle:
        return Publication(review, log=(f"Nothing was posted: {obstacle}",))
    if state.is_draft and not target.options.comment_on_drafts:
        return _quiet(target, review, state)
    return Writer(target, review, state).write()


def _quiet(target: Target, review: Review, state: PullState) -> Publication:
    """Leave a draft without comments, as its repository wants it; a commit status is set all the same."""
    quiet = replace(target, options=replace(target.options, comment=False))
    result = Writer(quiet, review, state).write()
    why = "No comment was posted: the pull request is a draft, and `comment-on-drafts` is off."
    return replace(result, log=(why, *result.log))


def publish_status(gateway: Gateway, event: Event, status_context: str, review: Review) -> Publication:
    """Set the commit status where there is no pull request: in a merge queue, or on a push."""
    try:
        post_status(gateway, event, status_context, status_of(review))
    except GithubError as error:
        return Publication(review, problem=f"The commit status was not set. {error}")
    return Publication(review, log=(f"Set the commit status `{status_context}`.",))


def _obstacle(target: Target, state: PullState) -> str:
    """A push moves lines and another base is another change; the run of either posts its own review."""
    head, base = target.event.head, target.pull.base_ref
    if state.head != head:
        return (
            f"the head moved from {head[:SHORT_SHA]} to {state.head[:SHORT_SHA]} while this run worked;"
            " the run of the newer commit posts its own review."
        )
    if state.base_ref != base:
        return (
            f"the pull request now goes to the branch {state.base_ref}, and this run compared with {base};"
            " the run of the `edited` event posts the review for the new base."
        )
    return "" if state.is_open else "the pull request is closed."
