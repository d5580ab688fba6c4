"""The review of an event, read from the checkout in the workspace.

The configuration comes from the base, never from the change: nobody switches off the check of their own pull
request. The head is the pull request's own head commit, never the merge commit that GitHub makes of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer import config_file, pipeline
from reviewer.change.change import from_git
from reviewer.change.errors import ChangeError, NotARepositoryError
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError
from reviewer.checks import CHECKS
from reviewer.config import DEFAULT_PATH, Config, merged
from reviewer.github.event import EventKind
from reviewer.report.escape import code
from reviewer.review import Notice

if TYPE_CHECKING:
    from datetime import date

    from reviewer.change.change import Change
    from reviewer.change.tree import Tree
    from reviewer.github.event import Event
    from reviewer.github.inputs import Inputs
    from reviewer.review import Review

CHECKOUT = (
    "Check out the change before this action: `actions/checkout` with"
    " `ref: ${{ github.event.pull_request.head.sha || github.sha }}` and `fetch-depth: 0`."
)


class UnsafeCheckoutError(ChangeError):
    """The event has a powerful token, and the files of a stranger must not be read beside it."""

    def __init__(self) -> None:
        super().__init__(
            "on `pull_request_target` this version reads no checkout, because the job's token can write;"
            " run it on `pull_request`, or publish its report from a `workflow_run` job"
        )


class NoCheckoutError(ChangeError):
    """There is nothing in the workspace."""

    def __init__(self) -> None:
        super().__init__(f"the workspace holds no git repository. {CHECKOUT}")


def review_event(event: Event, inputs: Inputs, today: date) -> tuple[Review, Config]:
    """Return the review of ``event`` and the configuration that held.

    Raises :class:`ChangeError` and ``InvalidConfigError``.
    """
    if event.kind is EventKind.PULL_REQUEST_TARGET:
        raise UnsafeCheckoutError
    try:
        repository = GitRepository.open(event.workspace)
    except NotARepositoryError:
        raise NoCheckoutError from None
    with repository:
        if event.kind.is_audit:
            tree = repository.tree(repository.resolve(event.head))
            config = configured(tree, inputs)
            return pipeline.audit(tree, config, today=today), config
        base = repository.resolve(event.base or repository.default_branch())
        change = from_git(repository, base, event.head)
        config = configured(repository.tree(base), inputs)
        review = pipeline.review(change, config, today=today)
        return with_notices(review, change, inputs), config


def configured(base: Tree, inputs: Inputs) -> Config:
    """Return the configuration file of the base with the inputs on top; the defaults when there is none."""
    names = {check.id: check.name for check in CHECKS.values()}
    try:
        text = base.read(inputs.config).decode("utf-8", "replace")
    except MissingFileError:
        config = Config()
    else:
        config = config_file.load(text, inputs.config, names)
    return merged(config, fail_on=inputs.fail_on, gate=inputs.gate, max_comments=inputs.max_comments)


def with_notices(review: Review, change: Change, inputs: Inputs) -> Review:
    """Return the review with what a reader must know about the configuration."""
    notices = []
    changed = {path for file in change.files for path in (file.path, file.old_path)}
    if inputs.config in changed:
        notices.append(
            Notice(
                f"This change edits {code(inputs.config)}. The review ran with the file of the base branch;"
                " the new one holds once it is merged.",
                inputs.config,
            )
        )
    elif inputs.config != DEFAULT_PATH and inputs.config not in change.base.paths():
        notices.append(Notice(f"{code(inputs.config)} is not on the base branch: the defaults hold."))
    return replace(review, notices=(*notices, *review.notices))
