"""The examples in the checks' docstrings are their first tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.checks import CHECKS
from reviewer.checks.check import FixKind
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import Found, outcomes, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.check import Check, Example

ALL = [pytest.param(each, id=each.id) for each in CHECKS.values()]
FIXABLE = [pytest.param(each, id=each.id) for each in CHECKS.values() if each.fix is not FixKind.NONE]


def marked_lines(example: Example) -> Iterator[tuple[str, int]]:
    """Yield the file and line of every ``fails`` marker."""
    for name, code in example.files:
        for number, line in enumerate(code.splitlines(), start=1):
            if line.rstrip().endswith(("# fails", "<!-- fails -->", "// fails")):
                yield name, number


def run_example(check: Check, example: Example) -> list[Found]:
    return problems(check.id, dict(example.files), enable=(check.id,))


@pytest.mark.parametrize("check", ALL)
def test_bad_example_fires_on_the_marked_lines(check: Check) -> None:
    marked = set(marked_lines(check.documentation.bad))
    assert marked, "mark the line where the problem stands with `# fails`"
    assert {(each.path, each.line) for each in run_example(check, check.documentation.bad)} == marked


@pytest.mark.parametrize("check", ALL)
def test_good_example_is_silent_and_seen(check: Check) -> None:
    found = outcomes(check.id, dict(check.documentation.good.files), enable=(check.id,))
    assert found, "the good example has no subject for the check"
    assert [each.problems for each in found if each.problems] == []
    assert any(each.state.value == "pass" for each in found), [each.reason for each in found]


@pytest.mark.parametrize("check", FIXABLE)
def test_bad_example_is_silent_with_its_fix_applied(check: Check) -> None:
    files = dict(check.documentation.bad.files)
    found = [each for outcome in outcomes(check.id, files, enable=(check.id,)) for each in outcome.problems]
    fixes = [each.fix for each in found if each.fix is not None]
    assert fixes, f"{check.id} says that it can fix, so its bad example must show it"
    edits = [edit for fix in fixes for edit in fix.edits]
    files |= {
        path: apply_edits(text, [each for each in edits if each.range.path == path])
        for path, text in files.items()
    }
    assert problems(check.id, files, enable=(check.id,)) == []
