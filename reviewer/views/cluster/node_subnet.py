"""Subnets that nodes use, with their ranges of addresses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Self

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import Unknown, Value
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.kubernetes.kubernetes_object import kubernetes_objects
from reviewer.views.module_source import is_vpc_module
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

_POD_NETWORKS = ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "ENIConfig", "ENABLE_PREFIX_DELEGATION", "pod_subnets")
SECOND_RANGES = ("aws_vpc_ipv4_cidr_block_association", "secondary_cidr_blocks")


class NodeSubnet(View):
    """One range: the ``cidr_block`` of a subnet, or an element of ``private_subnets`` of the VPC module."""

    attribute: str
    cidr: Value

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the ranges of the subnets that node groups take their nodes from."""
        used = {reference for group in NodeGroup.find(context) for reference in _references(group)}
        for module in context.root.walk():
            for instance in module.resources_of("aws_subnet"):
                base = instance.address.partition("[")[0]
                if any(each.startswith((f"{instance.address}.", f"{base}[*]", f"{base}.")) for each in used):
                    yield cls(instance, instance.address, "cidr_block", instance.body.attr("cidr_block"))
            for call in module.calls():
                if is_vpc_module(call) and any(
                    each.startswith(f"{call.address}.private_subnets") for each in used
                ):
                    for value in _elements(call.body.attr("private_subnets")):
                        yield cls(call, call.address, "private_subnets", value)

    def network(self) -> ipaddress.IPv4Network | None:
        """Return the range; None for IPv6. Raises :class:`UndecidedError` when it is unknown."""
        try:
            return ipaddress.IPv4Network(str(self.cidr.require()), strict=False)
        except ValueError:
            return None


def has_pod_network(context: Context) -> bool:
    """Tell whether pods take addresses from elsewhere.

    That is so with custom networking, a second range of the VPC, prefixes, IPv6 and Auto Mode.
    """
    if kubernetes_objects(context, "ENIConfig"):
        return True
    for cluster in Cluster.find(context):
        family = cluster.body.attr("cluster_ip_family").data or cluster.body.attr("ip_family").data
        if family == "ipv6" or cluster.fact("auto_mode").value.data is True:
            return True
    if context.tree.containing(SECOND_RANGES, CONFIGURATION_SUFFIXES):
        return True
    return bool(context.tree.containing(_POD_NETWORKS, ()))


def _references(group: NodeGroup) -> Iterator[str]:
    subnets = group.fact("subnets").value
    if subnets.is_null and group.cluster is not None:
        subnets = group.cluster.fact("subnets").value
    for value in (subnets, *_elements(subnets)):
        if isinstance(value.data, Unknown) and value.data.reference is not None:
            yield value.data.reference


def _elements(value: Value) -> tuple[Value, ...]:
    return value.data if isinstance(value.data, tuple) else ()
