"""The whole review on one screen: a change goes in, findings, scorecard, coverage and verdict come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.checks import CHECKS
from reviewer.config.choices import Incomplete
from reviewer.deadline import Deadline
from reviewer.engine.assembly import assemble_audit, assemble_review
from reviewer.engine.changes import sides
from reviewer.engine.concerned import companions, is_relevant, is_under, root_pairs
from reviewer.engine.in_time import Progress, review_in_time
from reviewer.engine.plans import at_base, plans_by_root, unused
from reviewer.engine.root import audit_root, review_root
from reviewer.engine.roots import affected_roots, folder_of
from reviewer.engine.runs import audit_runs, runs
from reviewer.engine.score import scorecard, tally
from reviewer.engine.settings import Given, Settings
from reviewer.review import (
    EVERYTHING,
    Conclusion,
    Coverage,
    Mode,
    NotAnalysed,
    Review,
    Verdict,
)
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.module_outputs import passed_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reviewer.change.change import Change
    from reviewer.change.tree import Tree
    from reviewer.checks.check import Check
    from reviewer.config.config import Config


def review(  # noqa: PLR0913 - the settings of one run
    change: Change,
    config: Config,
    *,
    today: date,
    given: Given | None = None,
    checks: Mapping[str, Check] = CHECKS,
    progress: Progress | None = None,
) -> Review:
    """Review a change, with what is ``given`` besides its code.

    Raises ``PlanError`` for a plan that was made from other code than that of the head.
    """
    settings = _settings(checks, config, today, given)
    deadline = settings.deadline
    sources = Sources()
    head = Configuration(change.head, sources, config.var_files, passed_on=passed_on)
    base = Configuration(change.base, sources, config.var_files, passed_on=passed_on)
    with deadline.enforced():
        changed = sides(change, head, base, lambda path: is_relevant(path, settings, (head, base)))
        pairs = root_pairs(head, base, changed.files, settings)
        planned = plans_by_root(head, settings.given.plans, [folder for folder, _ in pairs])
        head = head.with_plans(planned)
        base = base.with_plans(at_base(planned, head, pairs))
        todo = runs(head, base, pairs, changed.files)
    roots = review_in_time(
        todo,
        lambda run: review_root(run, changed, settings),
        deadline,
        (head, base),
        progress,
    )
    with deadline.to_finish().enforced():
        result = assemble_review(change, settings, (head, base), changed, roots)
        return replace(result, notices=(*result.notices, *unused(planned, [folder for folder, _ in pairs])))


def audit(  # noqa: PLR0913 - the settings of one run
    tree: Tree,
    config: Config,
    *,
    today: date,
    path: str = "",
    given: Given | None = None,
    checks: Mapping[str, Check] = CHECKS,
    progress: Progress | None = None,
) -> Review:
    """Evaluate everything under ``path``; every block counts as touched. Raises as :func:`review` does."""
    settings = _settings(checks, config, today, given)
    deadline = settings.deadline
    configuration = Configuration(tree, Sources(), config.var_files, passed_on=passed_on)
    with deadline.enforced():
        inside = [each for each in tree.paths() if is_under(each, path) and not config.excludes(each)]
        folders = dict.fromkeys(folder_of(each) for each in inside if each.endswith(CONFIGURATION_SUFFIXES))
        affected = affected_roots(configuration, folders)
        planned = plans_by_root(configuration, settings.given.plans, affected)
        configuration = configuration.with_plans(planned)
        todo = audit_runs(configuration, affected, inside)
    roots = review_in_time(
        todo,
        lambda run: audit_root(run, settings),
        deadline,
        (configuration,),
        progress,
    )
    with deadline.to_finish().enforced():
        result = assemble_audit(configuration, settings, path, inside, roots)
        return replace(result, notices=(*result.notices, *unused(planned, affected)))


def unseen(mode: Mode, head: str, reason: str, config: Config, *, today: date) -> Review:
    """Return the review of what could not be listed at all: incomplete, never clean."""
    is_failure = config.incomplete is Incomplete.FAIL
    return Review(
        mode=mode,
        base=None,
        head=head,
        today=today,
        verdict=Verdict(
            Conclusion.ERROR if is_failure else Conclusion.SUCCESS, f"The review is incomplete. {reason}"
        ),
        findings=(),
        scorecard=scorecard(tally((), ()), None),
        coverage=Coverage(0, 0, (NotAnalysed(EVERYTHING, reason),), 0, 0, ()),
    )


def _settings(checks: Mapping[str, Check], config: Config, today: date, given: Given | None) -> Settings:
    """Return what is the same for every root module; the time begins to run."""
    enabled = tuple(
        each for each in checks.values() if config.is_enabled(each.id, each.name, each.default_on, "")
    )
    names = {each.id: each.name for each in checks.values()}
    deadline = Deadline.after(config.time_budget)
    return Settings(config, enabled, companions(enabled), today, names, deadline, given or Given())
