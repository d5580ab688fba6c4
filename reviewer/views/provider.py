"""Which AWS provider configuration a resource uses, through aliases and ``providers`` of module calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import BlockBody
from reviewer.views.declaration import Declared, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context

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


class AwsProvider(Declared):
    """A configuration of the AWS provider in the root module."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every configuration."""
        for name, body in aws_providers(context.root):
            instance = declared(context.root, body.block, f"provider.{name}")
            yield cls(instance, instance.address)

    def owns_resources(self, context: Context) -> bool:
        """Tell whether any resource, or a module whose code is elsewhere, is made with this configuration."""
        for module in context.root.walk():
            for instance in module.resources():
                if instance.kind == "resource" and instance.type.startswith("aws_") and self._makes(instance):
                    return True
            for call in module.calls():
                if module.local_source(call.block) is None and self._makes(call):
                    return True
        return False

    def _makes(self, instance: Instance) -> bool:
        body = provider_of(instance)
        return body is not None and body.block is self.instance.block
