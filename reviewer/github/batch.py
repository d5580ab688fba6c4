"""Runs the small changes of a plan, many per request, and counts only what GitHub says was done."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from reviewer.github.changes import (
    Change,
    Classifier,
    DeleteSummary,
    EditComment,
    EditSummary,
    Hide,
    Resolve,
    Show,
    Unresolve,
)
from reviewer.github.queries import mutation
from reviewer.github.state import graphql_error
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.github.gateway import Gateway

BATCH = 20
"""Mutations per request: GitHub ends a request after ten seconds."""
_DONE: dict[type[Change], tuple[str, str]] = {
    EditComment: ("Edited", "inline comment"),
    EditSummary: ("Edited", "summary comment"),
    DeleteSummary: ("Removed", "duplicate summary comment"),
    Hide: ("Minimised", "inline comment"),
    Show: ("Brought back", "inline comment"),
    Resolve: ("Resolved", "thread"),
    Unresolve: ("Reopened", "thread"),
}
_TOLERATED = {"NOT_FOUND"}
"""A person may have deleted the comment in the meantime."""


class _Error(msgspec.Struct):
    type: str = ""
    path: list[Any] = []


class _Answer(msgspec.Struct):
    errors: list[_Error] = []


def run_changes(gateway: Gateway, changes: Sequence[Change]) -> list[str]:
    """Run all changes and return the log. Raises :class:`GithubError` when one is refused."""
    done: Counter[type[Change]] = Counter()
    refused: list[Resolve] = []
    for start in range(0, len(changes), BATCH):
        if start:
            gateway.rest()
        for change, error in _run(gateway, changes[start : start + BATCH]):
            if error is None:
                done[type(change)] += 1
            elif isinstance(change, Resolve):
                refused.append(change)
            elif isinstance(change, Unresolve) or error in _TOLERATED:
                continue
            else:
                raise graphql_error("A comment could not be changed", {error})
    log = [f"{_DONE[kind][0]} {plural(count, _DONE[kind][1])}." for kind, count in done.items()]
    if refused:
        threads = plural(len(refused), "thread")
        log.append(f"GitHub did not let {threads} be resolved: that needs `contents: write`.")
        log += run_changes(gateway, [Hide(each.comment, Classifier.RESOLVED) for each in refused])
    return log


def _run(gateway: Gateway, changes: Sequence[Change]) -> Iterator[tuple[Change, str | None]]:
    """Yield each change with the type of its error, ``None`` when it was done."""
    mutations = [change.mutation for change in changes]
    variables = {f"i{number}": arguments for number, (_, arguments) in enumerate(mutations)}
    answer = gateway.graphql(mutation([name for name, _ in mutations]), variables, _Answer)
    failed = {}
    for error in answer.errors:
        if not error.path:
            raise graphql_error("The comments could not be changed", {error.type})
        failed[error.path[0]] = error.type
    for number, change in enumerate(changes):
        yield change, failed.get(f"m{number}")
