"""The catalogue: one module per issue of the document, one function per check."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.checks.check import Check, CheckDefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = (
    "region",
    "kubernetes_version",
    "security_groups",
    "iam",
    "secrets",
    "single_point_of_failure",
    "scaling",
    "logging",
    "metrics",
    "provisioning",
    "tags",
    "deployment",
    "backup",
    "compliance",
    "network_policies",
    "test_coverage",
    "best_practices",
    "documentation",
    "upgrades",
)
"""The modules of checks, in the order of the document's issues."""


def _collect() -> Mapping[str, Check]:
    """Return every check by id. A duplicate id or name is an error at import."""
    found: dict[str, Check] = {}
    names: set[str] = set()
    for module in MODULES:
        for each in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(each, Check):
                if each.id in found or each.name in names:
                    message = f"{each.id} ({each.name}) is defined twice"
                    raise CheckDefinitionError(message)
                found[each.id] = each
                names.add(each.name)
    return MappingProxyType(found)


CHECKS: Mapping[str, Check] = _collect()
