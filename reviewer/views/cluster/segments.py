"""The node groups of a root module together: what sets them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import BlockBody
from reviewer.views.cluster.launch_template import template_of
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.context import Context


class Segments(View):
    """All groups of a root module; the first one gives the address."""

    groups: tuple[NodeGroup, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield one subject when there are node groups."""
        groups = tuple(NodeGroup.find(context))
        if groups:
            yield cls(groups[0].instance, groups[0].address, groups)

    @property
    def header(self) -> Range:
        """Return the first line of the first group."""
        return self.groups[0].header

    def are_one_per_zone(self) -> bool:
        """Tell whether each group has one subnet: groups that differ only in their zone."""
        subnets = [each.fact("subnets").value for each in self.groups]
        return all(isinstance(each.data, tuple) and len(each.data) == 1 for each in subnets)


def is_segmented(group: NodeGroup) -> bool:
    """Tell whether a taint, a label or a security group of its own sets a group apart."""
    if group.fact("labels").value.require() or group.taints():
        return True
    if group.fact("security_groups").value.elements():
        return True
    if not isinstance(group.bodies[0], BlockBody) or group.source != "aws_eks_node_group":
        return False
    template = template_of(group)
    return template is not None and not template.body.attr("vpc_security_group_ids").is_null
