"""Kubernetes versions as people and modules write them, and the variables that hold them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewer.terraform.configuration import is_automatic
from reviewer.terraform.module import VARIABLES_SUFFIXES

if TYPE_CHECKING:
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
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


def is_literal(value: Value, block: Block) -> bool:
    """Tell whether a version is written as text inside a block, not taken from anywhere else."""
    supplier = value.supplier
    if supplier is None or value.is_unknown or len(value.origins) > 1:
        return False
    return block.range.contains(supplier) and supplier.text.startswith('"')


def number_variables(root: ModuleInstance, value: Value) -> tuple[Block, ...]:
    """Return the variables of type ``number`` that hold a version; others only have a part in finding it."""
    names = {each.text.removeprefix("var.") for each in value.origins if each.text.startswith("var.")}
    return tuple(
        block
        for module in root.walk()
        for name, block in module.declarations.variables.items()
        if name in names and _is_number(block) and _is_same(module.variable(name), value)
    )


def _is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same version, or unknown for the same reason."""
    if one.is_unknown or other.is_unknown:
        return one.reference is not None and one.reference == other.reference
    return minor_of(one) == minor_of(other)


def _is_number(block: Block) -> bool:
    kind = block.attributes.get("type")
    return kind is not None and kind.expression.text == "number"


def environment_files(root: ModuleInstance) -> tuple[str, ...]:
    """Return the files of variables that are there for one environment each: those that must be named."""
    folder = f"{root.folder}/" if root.folder else ""
    return tuple(
        path
        for path in root.configuration.tree.paths()
        if path.startswith(folder)
        and path.endswith(VARIABLES_SUFFIXES)
        and not is_automatic(path)
        and not path.rpartition("/")[2].startswith("terraform.tfvars")
    )
