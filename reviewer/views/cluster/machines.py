"""The instance types that a node group, or a launch template, asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.cluster.instance_type import InstanceType
from reviewer.views.cluster.launch_template import template_of
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.fact import from_data
from reviewer.views.inputs import has_blocks
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


_OWN_TEMPLATES = ("launch_template_id", "launch_template_name")
"""Arguments of modules that name a launch template of the user's."""


class Machines(View):
    """``types`` is a list, a single type, or null; what EKS takes when none is written.

    ``group`` is None for a launch template.
    """

    attribute: str
    types: Value
    group: NodeGroup | None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every node group, and the launch templates that node groups use."""
        groups = tuple(NodeGroup.find(context))
        for group in groups:
            fact = group.types
            types = _default() if fact.value.is_null and _takes_default(group) else fact.value
            yield cls(group.instance, group.address, fact.argument, types, group)
        seen = set()
        for group in groups:
            template = _template(group)
            if template is not None and template.address not in seen and template.body.has("instance_type"):
                seen.add(template.address)
                yield cls(
                    template, template.address, "instance_type", template.body.attr("instance_type"), None
                )

    @property
    def part_of(self) -> View | None:
        """Return the node group; None for a launch template."""
        return self.group

    def known(self) -> tuple[tuple[InstanceType, Value], ...]:
        """Return the types that are known, each with the value that names it."""
        elements = () if isinstance(self.types.data, Unknown) else self.types.elements()
        pairs = ((InstanceType.of(each.data), each) for each in elements)
        return tuple((kind, each) for kind, each in pairs if kind is not None)

    @property
    def is_default(self) -> bool:
        """Tell whether no type is written, and EKS or the module chooses one."""
        return not self.types.origins

    def is_complete(self) -> bool:
        """Tell whether all types are known."""
        return self.types.is_wholly_known

    def is_for_large_work(self) -> bool:
        """Tell whether labels or taints keep the group for work that needs large machines."""
        if self.group is None:
            return False
        words = table("instance_types")["large_work"]
        texts = [str(self.group.name)]
        for value in (self.group.fact("labels").value, *(taint.attr("key") for taint in self.group.taints())):
            texts.extend(_texts(value))
        return any(word in text.lower() for text in texts for word in words)


def _takes_default(group: NodeGroup) -> bool:
    """Tell whether EKS chooses the type of a group: no launch template of the user's can name one."""
    if not group.is_managed or has_blocks(group.bodies[0], "launch_template"):
        return False
    return not any(body.has(name) for body in group.bodies for name in _OWN_TEMPLATES)


def _default() -> Value:
    return from_data([table("instance_types")["default"]])


def _texts(value: Value) -> list[str]:
    found = [str(each.data) for each in value.walk() if isinstance(each.data, str)]
    keys = list(value.data) if isinstance(value.data, dict) else []
    return found + keys


def _template(group: NodeGroup) -> Instance | None:
    if group.source not in {"aws_eks_node_group", "aws_autoscaling_group"}:
        return None
    try:
        return template_of(group)
    except UndecidedError:
        return None
