"""What nodes boot: the AMI type of a group, and the images that data sources look up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_IMAGE = re.compile(r"/aws/service/(?:eks/|bottlerocket/|ami-windows)|amazon-eks-|bottlerocket-aws-k8s-")
_VERSION = re.compile(
    r"(?:/aws/service/eks/optimized-ami/|/aws/service/bottlerocket/aws-k8s-|EKS_Optimized-"
    r"|bottlerocket-aws-k8s-|amazon-eks-(?:[\w-]*-)?)(\d+\.\d+)(?![\d.]*\w)"
)


class NodeImage(View):
    """An image: the AMI type of ``group``, or the name that a data source looks it up by."""

    attribute: str
    value: Value
    group: NodeGroup | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the AMI type of every node group, then every image of EKS that a data source looks up."""
        for group in NodeGroup.find(context):
            fact = group.fact("ami_type")
            yield cls(group.instance, group.address, fact.argument, fact.value, group)
        for module in context.root.walk():
            for instance in module.resources_of("data.aws_ssm_parameter", "data.aws_ami"):
                yield from cls._looked_up(instance)

    @classmethod
    def _looked_up(cls, instance: Instance) -> Iterator[Self]:
        if instance.type == "aws_ssm_parameter":
            names = [("name", instance.body.attr("name"))]
        else:
            filters = [each for each in instance.body.blocks("filter") if each.attr("name").data == "name"]
            names = [
                ("filter.values", value) for each in filters for value in _known_elements(each.attr("values"))
            ]
            names.append(("name_regex", instance.body.attr("name_regex")))
        for attribute, value in names:
            if isinstance(value.data, str) and _IMAGE.search(value.data):
                yield cls(instance, instance.address, attribute, value)

    @property
    def part_of(self) -> View | None:
        """Return the node group; None for what a data source looks up."""
        return self.group

    @property
    def kubernetes_version(self) -> tuple[int, int] | None:
        """Return the version that the looked-up name is for, when it says one."""
        match = (
            _VERSION.search(self.value.data) if isinstance(self.value.data, str) and not self.group else None
        )
        return (int(match[1].split(".")[0]), int(match[1].split(".")[1])) if match else None


def _known_elements(values: Value) -> tuple[Value, ...]:
    return values.data if isinstance(values.data, tuple) else ()
