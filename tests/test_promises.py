"""Every promise of docs/promises.md names the tests that keep it, and each of them is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (\d+) \| .+ \| (.+) \|$", re.MULTILINE)
COMPLAINTS, WISHES = 29, 14


@cache
def known() -> frozenset[str]:
    """Return the name of every test function."""
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(
        name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    )


def rows() -> list[tuple[str, str]]:
    return ROW.findall((ROOT / "docs" / "promises.md").read_text(encoding="utf-8"))


def test_all_complaints_and_wishes_are_answered() -> None:
    numbers = [int(number) for number, _ in rows()]
    assert numbers == [*range(1, COMPLAINTS + 1), *range(1, WISHES + 1)]


@pytest.mark.parametrize(("number", "named"), rows(), ids=lambda each: each[:12])
def test_promise_is_kept_by_tests_that_exist(number: str, named: str) -> None:
    names = re.findall(r"`(test_\w+)`", named)
    assert names, f"row {number} names no test"
    assert [name for name in names if name not in known()] == []
