"""An EKS cluster: the resource, five generations of the community module and Cloud Posse's, as one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from reviewer.data import table
from reviewer.views.fact import is_false
from reviewer.views.inputs import Inputs, has_blocks, majors_of
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context
    from reviewer.views.fact import Fact

MODULES: Mapping[str, str] = {
    "terraform-aws-modules/eks/aws": "module-eks",
    "cloudposse/eks-cluster/aws": "cloudposse",
}


class Cluster(View):
    """``source`` is ``aws_eks_cluster``, ``module-eks`` or ``cloudposse``.

    ``majors`` are the major versions of the module that the call's constraint admits and its arguments fit;
    empty for the resource, and for a version older or newer than those known.
    """

    source: str
    majors: tuple[int, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every cluster; a module call that is switched off (``create = false``) makes none."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_eks_cluster"):
                yield cls(instance, instance.address, "aws_eks_cluster")
            for call in module.calls():
                cluster = cls.of_call(call)
                if cluster is not None and cluster.is_created:
                    yield cluster

    @classmethod
    def of_call(cls, call: Instance) -> Self | None:
        """Return the cluster that a call of a known module makes, be it switched off."""
        source = module_source(call)
        kind = MODULES.get(source.name) if source and not source.submodule else None
        if source is None or kind is None:
            return None
        return cls(call, call.address, kind, majors_of(source, call.body, table("cluster_inputs"), kind))

    @property
    def body(self) -> Body:
        """Return the arguments of the resource or the call."""
        return self.instance.body

    @property
    def is_created(self) -> bool:
        """Tell whether the module is not switched off."""
        return not is_false(self.fact("create").value.data)

    @property
    def label(self) -> str:
        """Return the cluster's name when it is known, else its address."""
        return self.name_or_address(self.fact("name").value)

    @property
    def is_local(self) -> bool:
        """Tell whether it is a local cluster on AWS Outposts, which has rules of its own."""
        return not self.body.attr("outpost_config").is_null or has_blocks(self.body, "outpost_config")

    def fact(self, name: str) -> Fact:
        """Return a fact of ``data/cluster_inputs.yaml``, whatever the source calls it.

        Null as an argument of a module is handed on to the resource: then the resource's default holds.
        """
        inputs = self._inputs(self.source)
        fact = inputs.fact(name)
        null = inputs.written_null(name) if not fact.written and self.source != "aws_eks_cluster" else None
        if null is None:
            return fact
        value = self._inputs("aws_eks_cluster").default(name)
        supplier = null.value.supplier
        return replace(null, value=value if supplier is None else value.at(supplier))

    def _inputs(self, source: str) -> Inputs:
        majors = self.majors if source == self.source else ()
        bodies = (self.body,)
        return Inputs(table("cluster_inputs")["facts"], source, majors, bodies, self.header, self.address)


def earlier(cluster: Cluster, context: Context) -> Cluster | None:
    """Return the same cluster before the change: by address, by name, or as the only one; else None."""
    if context.base is None:
        return None
    before = list(Cluster.find(context.base))
    name = cluster.fact("name").value.data
    for each in before:
        if each.address == cluster.address:
            return each
    for each in before:
        if isinstance(name, str) and each.fact("name").value.data == name:
            return each
    return before[0] if len(before) == 1 and len(list(Cluster.find(context))) == 1 else None
