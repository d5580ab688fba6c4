"""Path patterns."""

from __future__ import annotations

import time

import pytest

from reviewer.globs import matches, matches_any


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("examples/**", "examples/a/b.tf", True),
        ("examples/**", "my/examples/b.tf", False),
        ("examples/", "examples/a.tf", True),
        ("./examples/*", "examples/a.tf", True),
        ("examples/*", "examples/a/b.tf", False),
        ("*.tfvars", "prod/eu/a.tfvars", True),
        ("*.tfvars", "a.tfvars.json", False),
        ("/a.tf", "a.tf", True),
        ("/a.tf", "b/a.tf", False),
        ("**/modules/*.tf", "modules/a.tf", True),
        ("**/modules/*.tf", "x/y/modules/a.tf", True),
        ("a/**/b.tf", "a/b.tf", True),
        ("a/**/b.tf", "a/x/y/b.tf", True),
        ("a/**/b.tf", "a/x/c.tf", False),
        ("pr-[0-9].tf", "pr-7.tf", True),
        ("A.tf", "a.tf", False),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert matches(pattern, path) is expected


def test_any_of_several() -> None:
    assert matches_any(["a/", "*.json"], "x/y.json")
    assert not matches_any([], "x")


def test_a_hostile_pattern_takes_no_time() -> None:
    start = time.perf_counter()

    assert not matches("**/" * 200 + "x", "a/" * 500 + "y")
    assert not matches("*a" * 30 + "b", "a" * 3000)
    assert time.perf_counter() - start < 2
