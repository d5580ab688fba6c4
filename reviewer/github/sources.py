"""The review of an event: read from the checkout in the workspace, or through the API where there is none.

The configuration comes from the base, never from the change: nobody switches off the check of their own pull
request. The head is the pull request's own head commit, never the merge commit that GitHub makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer import pipeline
from reviewer.change.change import from_git
from reviewer.change.errors import (
    ChangeError,
    MissingDirectoryError,
    NotARepositoryError,
    ShallowCloneError,
    UnknownRevisionError,
)
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError
from reviewer.config.config import DEFAULT_PATH, merged
from reviewer.engine.foreseen import foreseen
from reviewer.engine.settings import Given
from reviewer.github.callouts import callouts, read_configuration
from reviewer.github.errors import TruncatedListingError
from reviewer.github.event import EventKind
from reviewer.github.imports import read_imports
from reviewer.own.catalogue import checks_of
from reviewer.plan_files import read_plans
from reviewer.record import Record
from reviewer.review import Mode, Notice
from reviewer.terraform.plan.plan import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from reviewer.change.change import Change
    from reviewer.change.tree import Tree
    from reviewer.config.config import Config
    from reviewer.github.event import Event
    from reviewer.github.gateway import Gateway
    from reviewer.github.inputs import Inputs
    from reviewer.review import Review
    from reviewer.terraform.plan.plan import Plan

_NO_CHECKOUT = (NotARepositoryError, MissingDirectoryError, ShallowCloneError, UnknownRevisionError)
"""The workspace holds no repository, or not the commits that are compared."""


_UNSAFE_CHECKOUT = Notice(
    "This job has a token that can write, and the files of this pull request in its workspace: a build step"
    " could hand one to the other. EKS Review did not read them. Remove the checkout from the workflow on"
    " `pull_request_target`; the review needs none."
)


class NoSourceError(ChangeError):
    """Neither a checkout nor the API gives the change."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}. Check it out with `actions/checkout`, `fetch-depth: 0` and"
            " `ref: ${{ github.event.pull_request.head.sha || github.sha }}`, or pass `github-token`:"
            " then it is read through the API"
        )


def review_event(
    event: Event, inputs: Inputs, today: date, connect: Callable[[], Gateway]
) -> tuple[Review, Config]:
    """Return the review of ``event`` and the configuration that held.

    On ``pull_request_target`` the job's token can write, so no checkout is read: it may hold the files of a
    stranger. Raises :class:`ChangeError`, ``GithubError``, ``InvalidConfigError`` and ``UsageError``.
    """
    given = Given(
        read_imports(event.workspace, inputs.import_sarif), read_plans(inputs.plan_file, event.workspace)
    )
    notices: tuple[Notice, ...] = ()
    if event.kind is not EventKind.PULL_REQUEST_TARGET:
        try:
            return _from_checkout(event, inputs, given, today)
        except _NO_CHECKOUT as error:
            reason = str(error)
    else:
        reason = "On `pull_request_target` no checkout is read, because the job's token can write"
        notices = (_UNSAFE_CHECKOUT,) if _holds_head(event) else ()
    if not inputs.token:
        raise NoSourceError(reason)
    review, config = _from_api(connect(), event, inputs, given, today)
    return replace(review, notices=(*notices, *review.notices)), config


def _holds_head(event: Event) -> bool:
    """Tell whether the workspace holds the head of the pull request, or GitHub's merge of it."""
    try:
        with GitRepository.open(event.workspace) as repository:
            return any(_resolved(repository, name) == event.head for name in ("HEAD", "HEAD^2"))
    except ChangeError:
        return False


def _resolved(repository: GitRepository, name: str) -> str | None:
    try:
        return repository.resolve(name)
    except ChangeError:
        return None


def _from_checkout(event: Event, inputs: Inputs, given: Given, today: date) -> tuple[Review, Config]:
    with GitRepository.open(event.workspace) as repository:
        if event.kind.is_audit:
            tree = repository.tree(repository.resolve(event.head))
            _refuse_committed(given.plans, tree, event.workspace)
            return _audit(tree, _configuration_in(tree, inputs), inputs, given, today)
        base = repository.resolve(event.base or repository.default_branch())
        trusted = repository.tree(base)
        change = from_git(repository, base, event.head, foreseen=foreseen)
        _refuse_committed(given.plans, change.head, event.workspace)
        return _review(change, _Rules(trusted, _configuration_in(trusted, inputs)), inputs, given, today)


def _from_api(
    gateway: Gateway, event: Event, inputs: Inputs, given: Given, today: date
) -> tuple[Review, Config]:
    from reviewer.github.blobs import BlobStore
    from reviewer.github.remote import RemoteTree, read_file, remote_change

    base = event.head if event.kind.is_audit else event.base or event.default_branch
    if base is None:
        raise NoSourceError("The event does not say what to compare with")
    text = read_file(gateway, event.repository, base, inputs.config)
    # It lists its files only when something asks for them: for the policies that the configuration names.
    trusted = RemoteTree(gateway, event.repository, base, BlobStore(gateway, event.repository))
    rules = _Rules(trusted, text)
    try:
        if event.kind.is_audit:
            _refuse_committed(given.plans, trusted, event.workspace)
            return _audit(trusted, text, inputs, given, today)
        change = remote_change(gateway, event.repository, base, event.head)
        _refuse_committed(given.plans, change.head, event.workspace)
        return _review(change, rules, inputs, given, today)
    except TruncatedListingError as error:
        config = _configured(text, inputs)
        mode = Mode.AUDIT if event.kind.is_audit else Mode.REVIEW
        return pipeline.unseen(mode, event.head, str(error), config, today=today), config


def _refuse_committed(plans: Iterable[Plan], tree: Tree, workspace: Path) -> None:
    """Refuse a plan in the commit under review: whoever wrote the change may have made it up."""
    for plan in plans:
        place, root = (workspace / plan.name).resolve(), workspace.resolve()
        if place.is_relative_to(root) and place.relative_to(root).as_posix() in tree.paths():
            raise PlanError(
                plan.name,
                "the plan is a file of the commit under review: whoever wrote the change may have made it up",
                "Make the plan in the workflow, at a path that is not committed.",
            )


class _Rules(Record):
    """What decides how a change is reviewed, of the base branch: its files and its configuration's text."""

    tree: Tree
    text: str | None


def _review(
    change: Change, rules: _Rules, inputs: Inputs, given: Given, today: date
) -> tuple[Review, Config]:
    config = _configured(rules.text, inputs)
    with checks_of(rules.tree, config) as checks:
        review = pipeline.review(change, config, today=today, checks=checks, given=given)
    notices = (*_without_file(rules.text, inputs), *callouts(change, inputs.config, rules.text))
    return replace(review, notices=(*notices, *review.notices)), config


def _audit(tree: Tree, text: str | None, inputs: Inputs, given: Given, today: date) -> tuple[Review, Config]:
    config = _configured(text, inputs)
    with checks_of(tree, config) as checks:
        review = pipeline.audit(tree, config, today=today, checks=checks, given=given)
    return replace(review, notices=(*_without_file(text, inputs), *review.notices)), config


def _without_file(text: str | None, inputs: Inputs) -> Iterator[Notice]:
    """Yield that a file which the workflow names is not there: its settings may be stricter than none."""
    if text is None and inputs.config != DEFAULT_PATH:
        message = "The input `config` names a file that the base branch does not have: the defaults hold."
        yield Notice(message, inputs.config)


def _configuration_in(tree: Tree, inputs: Inputs) -> str | None:
    try:
        return tree.read(inputs.config).decode("utf-8", "replace")
    except MissingFileError:
        return None


def _configured(text: str | None, inputs: Inputs) -> Config:
    """Return the configuration file with the inputs on top; the defaults when there is none."""
    config = read_configuration(text, inputs.config)
    return merged(config, fail_on=inputs.fail_on, gate=inputs.gate, max_comments=inputs.max_comments)
