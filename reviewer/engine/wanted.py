"""What the configuration wants to hear of: a rule for folders switches a check off for some files only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.checks.check import Check
    from reviewer.checks.runner import Outcome
    from reviewer.config.config import Config
    from reviewer.engine.delta import Hit


def wanted_hits(hits: Iterable[Hit], config: Config) -> list[Hit]:
    """Return the problems without those of checks that are off for the file they stand in."""
    return [each for each in hits if _is_on(each.check, config, each.problem.at.path)]


def wanted_outcomes(outcomes: Iterable[Outcome], config: Config) -> list[Outcome]:
    """Return the outcomes without those of checks that are off for the file of their subject."""
    if not config.paths:
        return list(outcomes)
    return [each for each in outcomes if _is_on(each.check, config, each.subject.header.path)]


def _is_on(check: Check, config: Config, path: str) -> bool:
    return config.is_enabled(check.id, check.name, check.default_on, path)
