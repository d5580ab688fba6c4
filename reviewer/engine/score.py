"""From outcomes and findings to the scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.runner import Outcome, State
from reviewer.finding import Pillar, Severity
from reviewer.record import Record
from reviewer.scorecard import PillarInput, Scorecard, score_pillar

if TYPE_CHECKING:
    from collections.abc import Iterable


class Counted(Record):
    """What of a problem counts for the score."""

    check: str
    pillar: Pillar
    severity: Severity
    accepted: bool


class Tally(Record):
    """All evaluations and problems of one revision."""

    outcomes: tuple[Outcome, ...]
    problems: tuple[Counted, ...]

    def of(self, pillar: Pillar) -> PillarInput:
        """Return what happened in one pillar."""
        states = [each.state for each in self.outcomes if each.check.pillar is pillar]
        problems = [each for each in self.problems if each.pillar is pillar]
        return PillarInput(
            findings=tuple((each.check, each.severity) for each in problems if not each.accepted),
            passed=states.count(State.PASS),
            not_evaluated=states.count(State.NOT_EVALUATED),
            accepted=sum(1 for each in problems if each.accepted),
        )


def scorecard(head: Tally, base: Tally | None) -> Scorecard:
    """Return the five lines; ``base`` is None for an audit."""
    return Scorecard(
        tuple(score_pillar(each, head.of(each), base.of(each) if base else None) for each in Pillar)
    )


def tally(outcomes: Iterable[Outcome], problems: Iterable[Counted]) -> Tally:
    """Return the evaluations and problems of one revision."""
    return Tally(tuple(outcomes), tuple(problems))
