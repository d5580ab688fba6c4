"""The five scores and how they come about.

A score depends on findings alone, never on how much clean code surrounds them:
``score = floor(10000 / (100 + penalty))``. See ``docs/score.md``.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.finding import Pillar, Severity
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TARGETS: Mapping[Pillar, int] = MappingProxyType(
    {
        Pillar.SECURITY: 95,
        Pillar.RELIABILITY: 95,
        Pillar.PERFORMANCE: 90,
        Pillar.COST_OPTIMIZATION: 85,
        Pillar.OPERATIONAL_EXCELLENCE: 90,
    }
)
WEIGHTS: Mapping[Severity, int] = MappingProxyType(
    {Severity.CRITICAL: 50, Severity.HIGH: 20, Severity.MEDIUM: 7, Severity.LOW: 2}
)
REPEAT_FACTOR = Fraction(1, 4)
REPEAT_CAP = 4
"""The first finding of a check weighs fully, each of the next four a quarter, further ones nothing."""


class Driver(Record):
    """What one check takes from a score: ``count`` findings of one severity make up ``penalty``."""

    id: str
    severity: Severity
    count: int
    penalty: Fraction


class PillarInput(Record):
    """What happened in one pillar at one revision; ``findings`` are the open ones, by check and severity."""

    findings: tuple[tuple[str, Severity], ...]
    passed: int
    not_evaluated: int
    accepted: int


class PillarScore(Record):
    """One line of the scorecard.

    ``score`` and ``base`` are 0 to 100, or ``None`` for "not assessed". ``meets`` compares ``score`` with
    ``target``.
    ``drivers`` come heaviest first.
    """

    pillar: Pillar
    score: int | None
    base: int | None
    target: int
    penalty: Fraction
    passed: int
    findings: int
    not_evaluated: int
    accepted: int
    drivers: tuple[Driver, ...]

    @property
    def meets(self) -> bool | None:
        """Tell whether the target is met; ``None`` when not assessed."""
        return None if self.score is None else self.score >= self.target

    @property
    def is_approximate(self) -> bool:
        """Tell whether more than half of the applicable evaluations could not be decided."""
        return self.not_evaluated > self.passed + self.findings

    @property
    def best_fix(self) -> tuple[Driver, int] | None:
        """Return the heaviest driver and the score without it."""
        if not self.drivers:
            return None
        return self.drivers[0], score_of(self.penalty - self.drivers[0].penalty)


class Scorecard(Record):
    """The five lines, in the order of :class:`Pillar`."""

    pillars: tuple[PillarScore, ...]

    def __getitem__(self, pillar: Pillar) -> PillarScore:
        """Return the line of ``pillar``."""
        return self.pillars[list(Pillar).index(pillar)]

    @property
    def headline(self) -> str:
        """Return the scorecard as a sentence; there is no blended overall score."""
        assessed = [each for each in self.pillars if each.score is not None]
        if not assessed:
            return "No pillar was assessed."
        met = sum(1 for each in assessed if each.meets)
        noun = "pillar meets its target" if len(assessed) == 1 else "assessed pillars meet their target"
        return f"{met} of {len(assessed)} {noun}."


def score_of(penalty: Fraction) -> int:
    """Return the score, 0 to 100, for a penalty; exact, without floating point."""
    return int(Fraction(10000) / (100 + penalty))


def drivers_of(findings: Iterable[tuple[str, Severity]]) -> tuple[Driver, ...]:
    """Return what each check contributes, heaviest first, then by id."""
    counts = Counter(findings)
    drivers = (
        Driver(check, severity, count, WEIGHTS[severity] * (1 + min(count - 1, REPEAT_CAP) * REPEAT_FACTOR))
        for (check, severity), count in counts.items()
    )
    return tuple(sorted(drivers, key=lambda each: (-each.penalty, each.id)))


def score_pillar(pillar: Pillar, head: PillarInput, base: PillarInput | None) -> PillarScore:
    """Return one line from what happened at the head and, for a change, at the base."""
    drivers = drivers_of(head.findings)
    return PillarScore(
        pillar=pillar,
        score=_score(head),
        base=None if base is None else _score(base),
        target=TARGETS[pillar],
        penalty=_penalty(drivers),
        passed=head.passed,
        findings=len(head.findings),
        not_evaluated=head.not_evaluated,
        accepted=head.accepted,
        drivers=drivers,
    )


def _penalty(drivers: Iterable[Driver]) -> Fraction:
    return sum((each.penalty for each in drivers), Fraction(0))


def _score(inputs: PillarInput) -> int | None:
    """Nothing passed and nothing failed means not assessed: that is never shown as 100."""
    if not inputs.passed and not inputs.findings:
        return None
    return score_of(_penalty(drivers_of(inputs.findings)))
