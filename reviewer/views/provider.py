"""Which AWS provider configuration a resource uses, through aliases and ``providers`` of module calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.terraform.body import BlockBody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance, ModuleInstance
    from reviewer.terraform.syntax import Block

_PASSED = re.compile(r"[\"']?(aws(?:\.[\w-]+)?)[\"']?\s*[=:]\s*[\"']?(aws(?:\.[\w-]+)?)\b")


def aws_providers(module: ModuleInstance) -> Iterator[tuple[str, BlockBody]]:
    """Yield the AWS provider configurations of a module: ``aws`` or ``aws.<alias>``, and the block."""
    for block in module.declarations.providers:
        if block.labels == ("aws",):
            alias = block.attributes.get("alias")
            name = f"aws.{alias.expression.text.strip(chr(34))}" if alias else "aws"
            yield name, module.body(block)


def provider_name(instance: Instance) -> str:
    """Return what a resource's ``provider`` argument says, ``aws`` without one."""
    attribute = instance.block.attributes.get("provider")
    return attribute.expression.text.strip('"') if attribute else "aws"


def provider_of(instance: Instance) -> BlockBody | None:
    """Return the AWS provider configuration that a block uses; None when the code does not hold it."""
    if instance.kind == "module":
        return _configured(instance.module, _handed_on(instance.block).get("aws", "aws"))
    return _configured(instance.module, provider_name(instance))


def _configured(module: ModuleInstance, name: str) -> BlockBody | None:
    own = dict(aws_providers(module)).get(name)
    if own is not None or module.parent is None:
        return own
    return _configured(module.parent, _passed(module).get(name, "aws"))


def _passed(module: ModuleInstance) -> dict[str, str]:
    """Return the caller's name of each provider that a module is given."""
    return _handed_on(module.arguments.block) if isinstance(module.arguments, BlockBody) else {}


def _handed_on(call: Block) -> dict[str, str]:
    attribute = call.attributes.get("providers")
    return dict(_PASSED.findall(attribute.expression.text)) if attribute else {}
