"""The score: its arithmetic row by row, and what must hold for every set of findings."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.finding import Pillar, Severity
from reviewer.scorecard import (
    TARGETS,
    WEIGHTS,
    Driver,
    PillarInput,
    Scorecard,
    drivers_of,
    score_of,
    score_pillar,
)

CRITICAL, HIGH, MEDIUM, LOW = Severity
CHECKS = [f"EKS-A-{number}" for number in range(101, 107)]
# One severity per check, as in the catalogue.
FINDINGS = st.lists(
    st.sampled_from([(check, list(Severity)[int(check[-1]) % 4]) for check in CHECKS]), max_size=40
)


def pillar_score(*findings: tuple[str, Severity], pillar: Pillar = Pillar.SECURITY) -> int:
    score = score_pillar(pillar, PillarInput(findings, 1, 0, 0), None).score
    assert score is not None
    return score


def different(*severities: Severity) -> tuple[tuple[str, Severity], ...]:
    """Return findings of as many different checks."""
    return tuple((f"EKS-A-{number}", severity) for number, severity in enumerate(severities))


@pytest.mark.parametrize(
    ("findings", "penalty", "score", "meets"),
    [
        (different(), 0, 100, [True, True, True]),
        (different(LOW, LOW), 4, 96, [True, True, True]),
        (different(LOW, LOW, LOW), 6, 94, [False, True, True]),
        (different(MEDIUM), 7, 93, [False, True, True]),
        (different(MEDIUM, LOW, LOW), 11, 90, [False, True, True]),
        (different(MEDIUM, MEDIUM), 14, 87, [False, False, True]),
        (different(MEDIUM, MEDIUM, MEDIUM), 21, 82, [False, False, False]),
        (different(HIGH), 20, 83, [False, False, False]),
        (different(CRITICAL), 50, 66, [False, False, False]),
        (different(CRITICAL, HIGH, HIGH, MEDIUM), 97, 50, [False, False, False]),
    ],
)
def test_the_documented_table(
    findings: tuple[tuple[str, Severity], ...], penalty: int, score: int, meets: list[bool]
) -> None:
    pillars = (Pillar.SECURITY, Pillar.PERFORMANCE, Pillar.COST_OPTIMIZATION)
    results = [score_pillar(pillar, PillarInput(findings, 1, 0, 0), None) for pillar in pillars]

    assert [each.penalty for each in results] == [penalty] * 3
    assert [each.score for each in results] == [score] * 3
    assert [each.meets for each in results] == meets


def test_the_targets() -> None:
    assert [TARGETS[pillar] for pillar in Pillar] == [95, 95, 90, 85, 90]


@pytest.mark.parametrize(
    ("count", "penalty"),
    [(1, 20), (2, 25), (3, 30), (4, 35), (5, 40), (6, 40), (40, 40)],
)
def test_a_repeated_pattern_costs_at_most_twice_its_weight(count: int, penalty: int) -> None:
    assert drivers_of([("EKS-A-101", HIGH)] * count) == (Driver("EKS-A-101", HIGH, count, Fraction(penalty)),)


def test_quarters_of_odd_weights_are_exact() -> None:
    assert drivers_of([("EKS-A-101", MEDIUM)] * 2)[0].penalty == Fraction(35, 4)


@pytest.mark.parametrize(
    ("penalty", "score"),
    [
        (Fraction(25), 80),
        (Fraction(100, 4), 80),
        (Fraction(0), 100),
        (Fraction(100, 99), 99),
        (Fraction(100, 99) + Fraction(1, 10**12), 98),
        (Fraction(100), 50),
        (Fraction(9900), 1),
        (Fraction(9901), 0),
    ],
)
def test_the_floor_is_exact(penalty: Fraction, score: int) -> None:
    assert score_of(penalty) == score


@given(st.fractions(min_value=0, max_value=10**6))
def test_the_score_is_the_floor_of_the_formula(penalty: Fraction) -> None:
    score = score_of(penalty)

    assert 0 <= score <= 100
    assert score * (100 + penalty) <= 10_000 < (score + 1) * (100 + penalty)


@given(FINDINGS, st.data())
def test_one_finding_more_never_raises_a_score(
    findings: list[tuple[str, Severity]], data: st.DataObject
) -> None:
    more = data.draw(st.sampled_from([(check, list(Severity)[int(check[-1]) % 4]) for check in CHECKS]))

    assert pillar_score(*findings, more) <= pillar_score(*findings)


@given(FINDINGS, st.data())
def test_the_order_of_findings_does_not_matter(
    findings: list[tuple[str, Severity]], data: st.DataObject
) -> None:
    assert drivers_of(data.draw(st.permutations(findings))) == drivers_of(findings)


@given(FINDINGS)
def test_the_drivers_make_up_the_penalty_and_come_heaviest_first(
    findings: list[tuple[str, Severity]],
) -> None:
    line = score_pillar(Pillar.SECURITY, PillarInput(tuple(findings), 1, 0, 0), None)

    assert sum((each.penalty for each in line.drivers), Fraction(0)) == line.penalty
    assert sum(each.count for each in line.drivers) == line.findings == len(findings)
    assert [each.penalty for each in line.drivers] == sorted(
        (each.penalty for each in line.drivers), reverse=True
    )
    assert all(WEIGHTS[each.severity] <= each.penalty <= 2 * WEIGHTS[each.severity] for each in line.drivers)


@given(FINDINGS)
def test_fixing_the_best_fix_gives_the_score_that_is_promised(findings: list[tuple[str, Severity]]) -> None:
    best = score_pillar(Pillar.SECURITY, PillarInput(tuple(findings), 1, 0, 0), None).best_fix
    if best is None:
        assert findings == []
    else:
        assert pillar_score(*(each for each in findings if each[0] != best[0].id)) == best[1]


@given(FINDINGS, st.integers(0, 500), st.integers(0, 500))
def test_clean_code_around_changes_nothing(
    findings: list[tuple[str, Severity]], one: int, other: int
) -> None:
    scores = {
        score_pillar(Pillar.SECURITY, PillarInput((*findings, ("EKS-B-101", LOW)), passed, 3, 2), None).score
        for passed in (one, other)
    }

    assert len(scores) == 1


def test_nothing_passed_and_nothing_found_is_not_assessed_and_never_100() -> None:
    line = score_pillar(
        Pillar.SECURITY, PillarInput((), 0, 7, 0), PillarInput((("EKS-A-101", CRITICAL),), 0, 0, 0)
    )

    assert (line.score, line.meets, line.base) == (None, None, 66)


def test_what_is_accepted_alone_is_not_assessed_either() -> None:
    assert score_pillar(Pillar.SECURITY, PillarInput((), 0, 0, 2), None).score is None


@pytest.mark.parametrize(
    ("passed", "findings", "undecided", "approximate"),
    [(5, 0, 5, False), (5, 0, 6, True), (4, 1, 5, False), (4, 1, 6, True), (0, 0, 0, False)],
)
def test_more_than_half_undecided_is_approximate(
    passed: int,
    findings: int,
    undecided: int,
    approximate: bool,  # noqa: FBT001 - a column of the table
) -> None:
    inputs = PillarInput((("EKS-A-101", LOW),) * findings, passed, undecided, 0)

    assert score_pillar(Pillar.SECURITY, inputs, None).is_approximate is approximate


@pytest.mark.parametrize(
    ("findings", "headline"),
    [
        ([[], None, None, None, None], "1 of 1 pillar meets its target."),
        ([[LOW], [MEDIUM], None, None, [MEDIUM]], "2 of 3 assessed pillars meet their target."),
        ([None] * 5, "No pillar was assessed."),
    ],
)
def test_the_headline_counts_assessed_pillars_only(
    findings: list[list[Severity] | None], headline: str
) -> None:
    lines = [
        score_pillar(pillar, PillarInput(different(*(each or [])), 0 if each is None else 1, 0, 0), None)
        for pillar, each in zip(Pillar, findings, strict=True)
    ]
    card = Scorecard(tuple(lines))

    assert card.headline == headline
    assert card[Pillar.COST_OPTIMIZATION].pillar is Pillar.COST_OPTIMIZATION
