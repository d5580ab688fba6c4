"""Every regular expression of the package on text made to let it backtrack: it must not take for ever.

Python's engine tries alternatives one after the other: with two repetitions that match the same text, or one inside
the other, the time is cubic or exponential. On texts of this size such a pattern needs hours; a sound one, even
where it is quadratic, needs a moment.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from itertools import product
from typing import Any

import pytest

import reviewer
from reviewer.deadline import Deadline, OutOfTimeError

REPEATS = 1_000
HOPELESS_SECONDS = 5


def patterns() -> dict[str, re.Pattern[str]]:
    """Return every compiled pattern that a module of the package holds, by its name."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, each in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(each, re.Pattern):
                    found[f"{module.name}.{name}.{number}"] = each
    return {name: pattern for name, pattern in found.items() if isinstance(pattern.pattern, str)}


PATTERNS = patterns()


def attacks(pattern: str) -> list[str]:
    """Return texts that repeat what the pattern is made of and end in what it does not expect."""
    letters = dict.fromkeys(["a", "1", " ", "\n", *re.findall(r"[^\w\s?+*|()\[\]{}^]", pattern)][:9])
    units = [*letters, *("".join(pair) for pair in product(letters, repeat=2) if pair[0] != pair[1])]
    starts = ["", *re.findall(r"\w{2,}|[\"'<#/]", pattern)[:2]]
    return [f"{start}{unit * REPEATS}\0" for start in starts for unit in units]


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_backtracks_without_end(name: str) -> None:
    pattern = PATTERNS[name]
    for text in attacks(pattern.pattern):
        with Deadline.after(HOPELESS_SECONDS).enforced():
            pattern.search(text)
            pattern.fullmatch(text)


def test_patterns_written_where_they_are_used_are_none() -> None:
    """A pattern in a call would escape this test: all are compiled under a name, or plain."""
    assert len(PATTERNS) > 100


def test_the_attack_finds_a_bad_pattern() -> None:
    bad = re.compile(r"^(a+)+$")
    with pytest.raises(OutOfTimeError), Deadline.after(1).enforced():
        list(map(bad.search, attacks(bad.pattern)))
