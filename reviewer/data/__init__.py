"""Dated tables of facts that code should not hold. Each file names its source and the day it was checked."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


_FOLDER = Path(__file__).parent
_CHECKED = re.compile(r"^updated: (\d{4}-\d\d-\d\d)$", re.MULTILINE)


@cache
def checked_on() -> Mapping[str, date]:
    """Return the day on which each table was last checked against its sources, by the table's name."""
    found = {each.stem: _CHECKED.search(each.read_text(encoding="utf-8")) for each in _FOLDER.glob("*.yaml")}
    return MappingProxyType(
        {name: date.fromisoformat(match[1]) for name, match in sorted(found.items()) if match}
    )


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return the table ``name`` (the file ``name.yaml`` here). Tables are read-only and read once."""
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return MappingProxyType(yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader, chosen above
