"""Checks in Python that are installed beside this program, for those who build their own image.

They are found by the entry point group ``eks_review.checks`` and in the environment's own folders alone: what
lies in a workspace is never imported.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.checks.check import Check
from reviewer.errors import UsageError
from reviewer.own.policy import ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import EntryPoint

GROUP = "eks_review.checks"


@cache
def installed_checks() -> Mapping[str, Check]:
    """Return the installed checks by id. Raises :class:`UsageError` when one cannot be used."""
    folders = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    files = (each for folder in folders for each in Path(folder).glob("*.dist-info/entry_points.txt"))
    # Most packages have none of ours; reading the metadata of all takes longer than a small review.
    ours = sorted(each.parent for each in files if GROUP in each.read_text(encoding="utf-8"))
    return MappingProxyType(collect(_points(ours)) if ours else {})


def _points(distributions: Iterable[Path]) -> Iterator[EntryPoint]:
    # Imported late: to read metadata takes half an email client, which most environments have no use for.
    from importlib.metadata import Distribution

    points = (point for each in distributions for point in Distribution.at(each).entry_points)
    return (each for each in points if each.group == GROUP)


def collect(points: Iterable[EntryPoint]) -> dict[str, Check]:
    """Return the checks that entry points name: each a check, a list of them, or a module that holds some."""
    found: dict[str, Check] = {}
    for point in points:
        for check in _checks_of(point):
            if ID.fullmatch(check.id) is None:
                raise _unusable(point, f"{check.id} is not an id such as OWN-NAMING-1")
            if check.id in found:
                raise _unusable(point, f"{check.id} exists already")
            if check.name in {each.name for each in (*CHECKS.values(), *found.values())}:
                raise _unusable(point, f"the name {check.name} exists already")
            found[check.id] = check
    return found


def _checks_of(point: EntryPoint) -> list[Check]:
    try:
        loaded = point.load()
    except Exception as error:
        raise _unusable(point, f"{type(error).__name__}: {error}") from error
    if isinstance(loaded, ModuleType):
        return [each for each in vars(loaded).values() if isinstance(each, Check)]
    checks = [loaded] if isinstance(loaded, Check) else loaded
    if not isinstance(checks, Iterable):
        raise _unusable(point, "it is neither a check, nor a list of checks, nor a module")
    found = list(checks)
    if not all(isinstance(each, Check) for each in found):
        raise _unusable(point, "it holds something that is no check")
    return found


def _unusable(point: EntryPoint, reason: str) -> UsageError:
    return UsageError(f"the installed checks {point.name!r} ({point.value}) cannot be used: {reason}")
