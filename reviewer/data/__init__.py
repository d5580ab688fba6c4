"""Dated tables of facts that code should not hold. Each file names its source and the day it was checked."""

from __future__ import annotations

from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return the table ``name`` (the file ``name.yaml`` here). Tables are read-only and read once."""
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return MappingProxyType(yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader, chosen above
