"""Which findings the baseline accepts, and what became of its entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import baseline
from reviewer.baseline import Baseline
from reviewer.config.choices import NewSuppressions
from reviewer.engine.concerned import is_under
from reviewer.review import EVERYTHING, BaselineEntry, BaselineUse, Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.change.change import Change
    from reviewer.change.tree import Tree
    from reviewer.engine.settings import Settings
    from reviewer.finding import Finding


def marked_in_review(
    findings: Iterable[Finding], change: Change, settings: Settings
) -> tuple[tuple[Finding, ...], BaselineUse | None]:
    """Return the findings, those marked that the baseline accepts, and what the change does to it.

    The baseline of the base holds, so that nobody accepts their own problems; unless suppressions count at
    once.
    """
    base, head = (_read(tree, settings) for tree in (change.base, change.head))
    at_once = settings.config.new_suppressions is NewSuppressions.AT_ONCE
    holding = head if at_once else base
    marked = baseline.marked(findings, holding)
    return marked, _used(holding, baseline.added(base, head), baseline.fixed(marked, holding))


def marked_in_audit(
    findings: Iterable[Finding], tree: Tree, path: str, settings: Settings, coverage: Coverage
) -> tuple[tuple[Finding, ...], BaselineUse | None]:
    """Return the findings, those marked that the baseline accepts, and which of its entries are stale.

    An entry is stale only if the audit of ``path`` could have found its problem.
    """
    holding = _read(tree, settings)
    marked = baseline.marked(findings, holding)
    ran = {each.id for each in settings.checks}
    undecided = {(each.id, each.address) for each in coverage.not_evaluated}
    unread = {"" if each.path == EVERYTHING else each.path for each in coverage.files_not_analysed}

    def is_judged(entry: BaselineEntry) -> bool:
        is_unread = any(is_under(entry.path, each) for each in unread)
        is_seen = is_under(entry.path, path) and not is_unread
        return is_seen and entry.id in ran and (entry.id, entry.address) not in undecided

    return marked, _used(holding, (), baseline.stale(marked, holding, is_judged))


def _read(tree: Tree, settings: Settings) -> Baseline:
    """Return the baseline of a revision; an empty one where nobody wants it."""
    path = settings.config.baseline
    return baseline.read(tree, path) if settings.given.with_baseline else Baseline(path)


def _used(
    holding: Baseline, added: tuple[BaselineEntry, ...], stale: tuple[BaselineEntry, ...]
) -> BaselineUse | None:
    if not holding.entries and not added:
        return None
    return BaselineUse(holding.path, len(holding.entries), added, stale)
