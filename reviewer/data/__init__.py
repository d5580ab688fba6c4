"""Dated tables of facts that code should not hold. Each file names its source and the day it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml


@cache
def table(name: str) -> Mapping[str, Any]:
    """Return the table ``name`` (a file ``name.yaml`` beside this one). Tables are read-only and read once."""
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return MappingProxyType(yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader, chosen above
