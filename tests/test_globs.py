"""Path patterns."""

from __future__ import annotations

import pytest

from reviewer import globs
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


def test_a_hostile_pattern_is_compared_once_for_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going back to every ``**`` would compare more often than there are atoms in the world."""
    compared: list[str] = []

    def is_like(name: str, pattern: str) -> bool:
        compared.append(name)
        return name == pattern

    monkeypatch.setattr(globs, "is_like", is_like)

    assert not matches("**/" * 200 + "x", "a/" * 500 + "y")
    assert compared == ["a"] * 500 + ["y"]


def test_a_hostile_name_is_read_once() -> None:
    """:mod:`fnmatch` gives back nothing that a star has taken; an engine that did would never end here."""
    assert not matches("*a" * 30 + "b", "a" * 3000)
