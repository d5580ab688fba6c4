"""The catalogue: one function per check, in modules by topic; each module says of which issue it is."""

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
    "nodes_and_addons",
    "security_groups",
    "cluster_exposure",
    "iam_policies",
    "iam_roles",
    "cluster_access",
    "secrets",
    "encryption_at_rest",
    "single_point_of_failure",
    "workload_disruption",
    "scaling",
    "logging",
    "metrics",
    "machines",
    "consumption",
    "tags",
    "deployment",
    "terraform_state",
    "version_pinning",
    "backup",
    "compliance",
    "network_policies",
    "test_coverage",
    "best_practices",
    "documentation",
    "node_updates",
    "upgrade_path",
)
"""The modules of checks, in the order of the document's issues."""


def _collect() -> Mapping[str, Check]:
    """Return every check by id, as the document has them. A duplicate id or name is an error at import."""
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
    return MappingProxyType({each.id: each for each in sorted(found.values(), key=_place)})


def _place(check: Check) -> tuple[int, int, str]:
    """Return where the document has the check's issue, and its id."""
    section, issue = check.issue.split(".")
    return int(section), int(issue), check.id


CHECKS: Mapping[str, Check] = _collect()
