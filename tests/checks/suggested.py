"""The code of one file with every fix of a check applied."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes


def with_fixes(check_id: str, code: str, **config: Any) -> str:
    """Return ``main.tf`` after all fixes that the check offers for it."""
    code = dedent(code)
    fixes = [each.fix for outcome in outcomes(check_id, code, **config) for each in outcome.problems]
    edits = [edit for fix in fixes if fix is not None for edit in fix.edits]
    assert edits, "the check offers no fix"
    return apply_edits(code, edits)
