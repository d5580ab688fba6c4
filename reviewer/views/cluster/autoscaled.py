"""Resources whose count an autoscaler may change: node groups, Auto Scaling groups and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.escape import code
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.component.component import find_component
from reviewer.views.fact import Fact
from reviewer.views.kubernetes.workload import Workload, scaler_minimum
from reviewer.views.tags import keys
from reviewer.views.text import starts_with
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

_AUTOSCALER_TAG = "k8s.io/cluster-autoscaler/"


class Autoscaled(View):
    """A resource with a count. ``path`` is what ``ignore_changes`` must hold."""

    path: str
    part: NodeGroup | Workload

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield raw node groups, Auto Scaling groups and typed deployments; modules ignore the count."""
        for group in NodeGroup.find(context):
            if group.source == "aws_eks_node_group":
                yield cls(group.instance, group.address, "scaling_config[0].desired_size", group)
            elif group.source == "aws_autoscaling_group":
                yield cls(group.instance, group.address, "desired_capacity", group)
        for workload in Workload.find(context):
            if workload.kind == "Deployment" and not workload.root.is_manifest:
                yield cls(workload.instance, workload.address, "spec[0].replicas", workload)

    @property
    def label(self) -> str:
        """Return the name of the group or deployment."""
        return self.part.label

    @property
    def count(self) -> Fact:
        """Return the count that stands in the code."""
        if isinstance(self.part, NodeGroup):
            return self.part.fact("desired_size")
        spec = self.part.root.part("spec")
        body = spec.body if spec is not None else self.instance.body
        value = self.part.replicas
        return Fact("spec.replicas", value, written=not value.is_null, body=body, header=self.header)

    @property
    def ignores_count(self) -> bool:
        """Tell whether ``ignore_changes`` covers the count, or everything around it."""
        covered = ("all", self.path, self.path.partition("[")[0])
        for lifecycle in self.instance.block.nested("lifecycle"):
            ignored = lifecycle.attributes.get("ignore_changes")
            text = ignored.expression.text.replace(" ", "") if ignored is not None else ""
            names = [each.strip().strip('"') for each in text.strip("[]\n").replace("\n", ",").split(",")]
            # Brackets of an index at the end of the list are stripped with those of the list.
            if any(name in covered or name.startswith(self.path) for name in names):
                return True
        return False

    def scaler(self, context: Context) -> str | None:
        """Return what scales it, as people call it; None when nothing does.

        Raises :class:`UndecidedError` when that is not known. Karpenter does not: it makes nodes of its own,
        and leaves the size of groups alone.
        """
        if isinstance(self.part, Workload):
            return "the autoscaler" if scaler_minimum(context, self.part) is not None else None
        least, most = (
            convert(self.part.fact(each).value, NUMBER).require() for each in ("min_size", "max_size")
        )
        if least == most:
            return None
        tags = self.instance.body.blocks("tag").known
        if any(starts_with(each.attr("key"), _AUTOSCALER_TAG) for each in tags):
            return "the autoscaler"
        if any(each.startswith(_AUTOSCALER_TAG) for each in keys(self.instance.body.attr("tags"))):
            return "the autoscaler"
        evidence = find_component(context, "cluster-autoscaler")
        return f"the Cluster Autoscaler ({code(evidence.what)})" if evidence is not None else None
