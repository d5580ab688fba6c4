"""Kubernetes versions as people and modules write them, and the variables that hold them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.terraform.instance import ModuleInstance
    from reviewer.terraform.value import Value

_MINOR = re.compile(r"v?(\d+)\.(\d+)(?:\.\d+)?")
_VERSION_NAME = re.compile(r"(?:\w+_)?(?:kubernetes|k8s|eks|cluster)_version")
_OTHER_THING = re.compile(r"node|worker|ami_|module|redis|aurora|rds|db_|msk|opensearch|kafka|docdb|valkey")


def is_version_name(name: str) -> bool:
    """Tell whether a variable of this name holds the Kubernetes version of a cluster."""
    return _VERSION_NAME.fullmatch(name) is not None and _OTHER_THING.search(name) is None


def version_variables(module: ModuleInstance) -> tuple[str, ...]:
    """Return the names of a module's variables that hold the Kubernetes version of a cluster."""
    return tuple(name for name in module.declarations.variables if is_version_name(name))


def minor_of(value: Value) -> tuple[int, int] | None:
    """Return major and minor of a version such as ``"1.34"``; None when it is unknown or no version."""
    match = _MINOR.fullmatch(str(value.data)) if isinstance(value.data, str | int | Decimal) else None
    return (int(match[1]), int(match[2])) if match else None
