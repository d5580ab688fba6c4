"""CloudWatch log groups: resources, those that modules make, and those that EKS makes by itself."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.fact import Fact, is_false, is_true
from reviewer.views.inputs import Inputs, majors_of
from reviewer.views.module_source import is_vpc_module, module_source
from reviewer.views.text import UNNAMED, shape, starts_with
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

_NAME_ATTRIBUTES = ("name", "id", "cluster_name", "cluster_id")
"""Attributes of the resource and outputs of the modules that are the cluster's name."""


class Origin(Enum):
    """What makes a log group."""

    RESOURCE = "aws_cloudwatch_log_group"
    CLUSTER = "cluster"
    VPC = "module-vpc"


class LogGroup(View):
    """A log group. ``cluster`` is set for the group that comes with a cluster's control-plane logs."""

    origin: Origin
    cluster: Cluster | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the log groups that are declared, and one for each cluster and VPC that may make its own."""
        for module in context.root.walk():
            for instance in module.resources_of(Origin.RESOURCE.value):
                yield cls(instance, instance.address, Origin.RESOURCE)
            for call in module.calls():
                if is_vpc_module(call):
                    yield cls(call, call.address, Origin.VPC)
        for cluster in Cluster.find(context):
            yield cls(cluster.instance, cluster.address, Origin.CLUSTER, cluster)

    def exists(self) -> bool:
        """Tell whether there is such a group at all: a cluster or VPC may write no logs."""
        if self.cluster is not None:
            return bool(self.cluster.fact("log_types").value.elements())
        if self.origin is Origin.VPC:
            to_logs = self.fact("destination").value.test(lambda kind: kind == "cloud-watch-logs")
            return (
                self.fact("enabled").value.test(is_true)
                and to_logs
                and self.fact("managed").value.test(is_true)
            )
        return True

    def fact(self, name: str) -> Fact:
        """Return ``retention``, and for a VPC ``enabled``, ``destination`` and ``managed``."""
        if self.cluster is not None and name == "retention":
            return self.cluster.fact("log_retention")
        inputs = table("log_group_inputs")
        source = module_source(self.instance) if self.origin is Origin.VPC else None
        majors = majors_of(source, self.instance.body, inputs, self.origin.value) if source else ()
        facts, body = inputs["facts"], self.instance.body
        return Inputs(facts, self.origin.value, majors, (body,), self.header, self.address).fact(name)

    @property
    def is_of_eks(self) -> bool:
        """Tell whether the name is certainly that of a group of an EKS cluster."""
        return self.cluster is not None or starts_with(self.instance.body.attr("name"), "/aws/eks/")

    @property
    def label(self) -> str:
        """Return the group's name when it is known, else its address."""
        if self.cluster is not None:
            label = self.cluster.label
            return f"/aws/eks/{'…' if label == self.cluster.address else label}/cluster"
        name = self.instance.body.attr("name").data
        return name if isinstance(name, str) and self.origin is Origin.RESOURCE else self.address


def makes_group(cluster: Cluster) -> bool:
    """Tell whether the module that makes a cluster makes its log group, too."""
    if cluster.source == "module-eks":
        return not cluster.fact("create_log_group").value.test(is_false)
    return cluster.source == "cloudposse"


def is_declared(cluster: Cluster, context: Context) -> bool:
    """Tell whether the log group of a cluster's control plane is declared beside it.

    Raises :class:`UndecidedError` when a group may or may not be the one: its name is not known.
    """
    undecided = ""
    for group in LogGroup.find(context):
        if group.origin is not Origin.RESOURCE:
            continue
        same = _is_of(group.instance, cluster)
        if same:
            return True
        if same is None:
            undecided = f"whether `{group.address}` is the log group of `{cluster.address}` is not known"
    if undecided:
        raise UndecidedError(undecided)
    return False


def _is_of(group: Instance, cluster: Cluster) -> bool | None:
    """Tell whether a group's name is ``/aws/eks/<cluster>/cluster``; None when that cannot be told."""
    name = group.body.attr("name")
    if name.is_null:
        return False
    written = shape(name)
    wanted = cluster.fact("name").value
    names = {shape(wanted), *(f"${{{cluster.address}.{each}}}" for each in _NAME_ATTRIBUTES)} - {UNNAMED}
    if written in {f"/aws/eks/{each}/cluster" for each in names}:
        return True
    if not name.is_unknown and not wanted.is_unknown:
        return False
    return None if written.startswith(("/aws/eks/", "${")) else False
