"""Providers and provisioners that depend on the machine which runs Terraform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import Unknown
from reviewer.views.declaration import Declared, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import BlockBody, Body
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_PROVIDERS = frozenset({"kubernetes", "helm", "kubectl"})
_RESOURCES = frozenset({"null_resource", "terraform_data"})
_TOOL = re.compile(r"(?<![\w./-])(kubectl|helm|eksctl|aws\s+eks)\b(?!\s*[:=])")


class OperatorTool(Declared):
    """A provider of Kubernetes, or a resource that runs commands."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every such provider and resource."""
        for module in context.root.walk():
            for block in module.declarations.providers:
                if block.labels[0] in _PROVIDERS:
                    alias = block.attributes.get("alias")
                    name = f"provider.{block.labels[0]}"
                    address = f"{name}.{alias.expression.text.strip(chr(34))}" if alias else name
                    instance = declared(module, block, address)
                    yield cls(instance, instance.address)
            for each in module.resources_of(*_RESOURCES):
                yield cls(each, each.address)

    @property
    def is_provider(self) -> bool:
        """Tell whether it is a provider."""
        return self.instance.kind == "provider"

    def kubeconfig(self) -> tuple[str, Value] | None:
        """Return the argument that names a kubeconfig on the machine, and its value; None without one.

        An empty path names none: modules switch it off like that.
        """
        for body in self._bodies():
            for name in ("config_path", "config_paths", "config_context"):
                value = body.attr(name)
                if value.is_unknown or value.data:
                    return name, value
        return None

    def _bodies(self) -> Iterator[Body]:
        """Yield the provider's block and, for helm, the ``kubernetes`` block or object in it."""
        body = self.instance.body
        yield body
        if self.instance.type == "helm":
            nested = body.attr("kubernetes")
            if not nested.is_null and not isinstance(nested.data, Unknown):
                yield ValueBody(nested)
            yield from body.blocks("kubernetes")

    def commands(self) -> Iterator[tuple[str, Range]]:
        """Yield the tools that ``local-exec`` provisioners run, and where."""
        for block in self.instance.block.nested("provisioner"):
            attribute = block.attributes.get("command") if block.labels == ("local-exec",) else None
            match = _TOOL.search(attribute.expression.text) if attribute else None
            if attribute is not None and match is not None:
                yield " ".join(match[1].split()), attribute.expression

    @property
    def body(self) -> BlockBody:
        """Return the arguments."""
        return self.instance.body
