"""From outcomes and findings to the scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.runner import Outcome, State
from reviewer.config.choices import ImportedResults
from reviewer.finding import Finding, Pillar, Severity, Status
from reviewer.record import Record
from reviewer.scorecard import PillarInput, Scorecard, score_pillar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.config.config import Config
    from reviewer.engine.delta import Hit
    from reviewer.engine.findings import Assembler

_OPEN = frozenset({Status.INTRODUCED, Status.EXISTING})


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


def counted(findings: Iterable[Finding], config: Config) -> list[Counted]:
    """Return what counts at the head; fixed problems and those gone unknown do not."""
    with_imported = config.imported_results is ImportedResults.GATE_AND_SCORE
    return [
        Counted(each.id, each.pillar, each.severity, each.suppressed is not None)
        for each in findings
        if each.status in _OPEN and (with_imported or not each.is_imported)
    ]


def counted_at_base(hits: Iterable[Hit], findings: Iterable[Finding], assembler: Assembler) -> list[Counted]:
    """Return what counts at the base: its own ``hits``, and of other tools what was there before.

    Nobody ran those on the base: what ``findings`` of the head say of it is all that is known.
    """
    before = (each for each in findings if each.is_imported and each.status is Status.EXISTING)
    own = [
        Counted(
            each.check.id,
            each.check.pillar,
            assembler.severity(each),
            assembler.base.accepting(each) is not None,
        )
        for each in hits
    ]
    return [*own, *counted(before, assembler.config)]
