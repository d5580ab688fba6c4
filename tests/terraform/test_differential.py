"""Thousands of random expressions, judged by the real Terraform.

Never a wrong value, never a value that Terraform does not know; unknown where Terraform knows in a few cases, counted.
``EXPRESSIONS_SEED=7 pytest tests/terraform/test_differential.py`` asks other questions.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings

from reviewer.terraform.value import EvaluationError, Unknown, Value
from tests.terraform.expressions import evaluate
from tests.terraform.grammar import expressions
from tests.terraform.oracle import NEEDS_TERRAFORM, UNKNOWN_PRELUDE, Outcome, Verdict, judge, plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SEED = int(os.environ.get("EXPRESSIONS_SEED", "2026"))
EXAMPLES = 4_500
"""More than half of what is made is distinct."""

LEAST = 2_000
MOST_UNKNOWN = 0.03

FILES: Mapping[str, str | bytes] = {
    "hello.txt": "hello ä\n",
    "binary.bin": b"\xff\xfe\x00",
    "sub/a.yaml": "a: 1\n",
}
_INFINITE = ("infinity", "not a finite number")
"""Terraform computes with infinity, but cannot write a plan that holds it."""


@NEEDS_TERRAFORM
def test_generated_expressions_are_worth_what_terraform_says(tmp_path: Path) -> None:
    for path, content in FILES.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    values = {each: _value(each, tmp_path) for each in _generated()}
    values = {each: value for each, value in values.items() if not _is_infinite(value)}

    outcomes = plan({each: each for each in values}, UNKNOWN_PRELUDE, FILES)

    verdicts = {each: judge(value, outcomes[each]) for each, value in values.items()}
    wrong = {
        each: f"{verdict.value}: {_shown(values[each])}, and Terraform says {outcomes[each]}"
        for each, verdict in verdicts.items()
        if verdict in {Verdict.WRONG, Verdict.MORE}
    }
    unknown = [each for each, verdict in verdicts.items() if _is_missed(verdict, outcomes[each])]
    answered = Counter(outcome.error is None for outcome in outcomes.values())[True]
    assert wrong == {}
    assert len(values) >= LEAST
    assert len(unknown) <= MOST_UNKNOWN * answered, unknown


def _generated() -> list[str]:
    """Return the expressions, each once, in a fixed order."""
    found: dict[str, None] = {}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(expressions())
    def collect(expression: str) -> None:
        found[expression] = None

    collect()
    return list(found)


def _value(expression: str, folder: Path) -> Value | None:
    try:
        return evaluate(expression, folder)
    except EvaluationError:
        return None


def _is_infinite(value: Value | None) -> bool:
    inside = value.walk() if value else ()
    reasons = [each.data.reason for each in inside if isinstance(each.data, Unknown)]
    return any(word in reason for reason in reasons for word in _INFINITE)


def _is_missed(verdict: Verdict, outcome: Outcome) -> bool:
    return verdict is Verdict.LESS and outcome.error is None


def _shown(value: Value | None) -> str:
    return "an error" if value is None else str([each.data for each in value.walk()])[:500]
