"""Reading the plan files that ``--plan`` and the input ``plan-file`` name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from reviewer.terraform.plan.plan import MAX_BYTES, PlanError, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reviewer.terraform.plan.plan import Plan

_NAME_IT = (
    "Name the output of `terraform show -json`, as in `--plan plan.json` or `--plan infra/prod=plan.json`."
)


def read_plans(named: Iterable[str], start: Path) -> tuple[Plan, ...]:
    """Return the plans; each of ``named`` is a file below ``start``, with ``FOLDER=`` before it or not.

    Raises :class:`PlanError` for a file that cannot be read, or is no plan.
    """
    return tuple(_plan(each, start) for each in named)


def _plan(named: str, start: Path) -> Plan:
    folder, equals, path = named.rpartition("=")
    if not equals or (start / named).exists():
        return read_plan(_content(start, named), named)
    inside = posixpath.normpath(folder or ".")
    if inside.startswith(("/", "..")):
        raise PlanError(named, f"{folder!r} is not a folder of the repository", _NAME_IT)
    return read_plan(_content(start, path), path, "" if inside == "." else inside)


def _content(start: Path, path: str) -> bytes:
    """Return the file, or as much of it as shows that it is too large."""
    try:
        place = start / path
        if place.exists() and not place.is_file():
            raise PlanError(path, "the plan cannot be read (it is not a file)", _NAME_IT)
        with place.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PlanError(path, f"the plan cannot be read ({reason})", _NAME_IT) from None
