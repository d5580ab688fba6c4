"""Whether nodes of a group get public addresses: by their subnets, or by their network interfaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import UndecidedError, Unknown, Value, any_holds
from reviewer.views.cluster.launch_template import template_of
from reviewer.views.fact import is_true
from reviewer.views.module_source import is_vpc_module
from reviewer.views.network.vpc import refers_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.cluster.node_group import NodeGroup
    from reviewer.views.context import Context

SUBNETS = "subnet_ids"
"""What any kind of group calls its subnets here: one line that several groups take is one problem."""

INTERFACE = "network_interfaces.associate_public_ip_address"
"""The argument of launch templates that gives each node a public address, whatever its subnet."""

_OF_VPC_MODULE = re.compile(r"(.+)\.public_subnets(?:\[[^\]]*\])?")


class Exposure(Record, eq=False):
    """``value`` is what gives nodes public addresses; ``attribute`` is the argument it belongs to."""

    attribute: str
    value: Value


def exposure(group: NodeGroup, context: Context) -> Exposure | None:
    """Return why nodes have public addresses, None when they have not.

    Raises :class:`UndecidedError` when the code does not tell where the subnets come from.
    """
    undecided: UndecidedError | None = None
    try:
        interface = _public_interface(group)
    except UndecidedError as error:
        interface, undecided = None, error
    if interface is not None:
        return Exposure(INTERFACE, interface)
    subnets = _subnets_of(group)
    if are_public(subnets, context):
        return Exposure(SUBNETS, subnets)
    if undecided is not None:
        raise undecided
    return None


def are_public(subnets: Value, context: Context) -> bool:
    """Tell whether any of some subnets is public; raises :class:`UndecidedError` when none is known to be."""
    return _is_public(subnets, context.configuration.derived(_Subnets, context.root))


def _subnets_of(group: NodeGroup) -> Value:
    """Return the group's subnets, or those of the module call that makes the cluster."""
    subnets = group.fact("subnets").value
    if subnets.is_null and group.cluster is not None:
        return group.cluster.fact("subnets").value
    return subnets


def _public_interface(group: NodeGroup) -> Value | None:
    for body in _interfaces(group):
        value = body.attr("associate_public_ip_address")
        if value.test(is_true):
            return value
    return None


def _interfaces(group: NodeGroup) -> tuple[Body, ...]:
    if group.source in {"aws_eks_node_group", "aws_autoscaling_group"}:
        template = template_of(group)
        return template.body.blocks("network_interfaces").require() if template is not None else ()
    return tuple(ValueBody(each) for each in group.fact("network_interfaces").value.elements())


def _is_public(subnets: Value, known: _Subnets) -> bool:
    """Tell whether any of the subnets is public; raises :class:`UndecidedError` when none is known to be."""
    data = subnets.data
    if isinstance(data, Unknown) and data.alternatives:
        return all(_is_public(each, known) for each in data.alternatives)
    if isinstance(data, Unknown) and data.parts:
        return any_holds(data.parts, lambda part: _is_public(part, known))
    if isinstance(data, Unknown):
        return known.is_public(data)
    undecided: UndecidedError | None = None
    for each in subnets.elements():
        try:
            if isinstance(each.data, Unknown) and known.is_public(each.data):
                return True
            if isinstance(each.data, str):
                undecided = UndecidedError(f"the subnet `{each.data}` is not in the code")
        except UndecidedError as error:
            undecided = error
    if undecided is not None:
        raise undecided
    return False


class _Subnets:
    """The subnets that the root module makes."""

    def __init__(self, root: ModuleInstance) -> None:
        modules = tuple(root.walk())
        self._of_type = {
            kind: [each for module in modules for each in module.resources_of(kind)] for kind in _TYPES
        }
        calls = (call for module in modules for call in module.calls())
        self._vpcs = {call.address for call in calls if is_vpc_module(call)}

    def is_public(self, data: Unknown) -> bool:
        """Tell whether the subnet, or subnets, that a reference stands for are public."""
        reference = data.reference or ""
        match = _OF_VPC_MODULE.fullmatch(reference)
        if match is not None:
            return match[1] in self._vpcs or self._unknown(data)
        if any(reference.startswith(f"{vpc}.") for vpc in self._vpcs):
            return False
        for subnet in self._of_type["aws_subnet"]:
            if reference == subnet.address or reference.startswith(
                (f"{subnet.address}.", f"{subnet.address}[")
            ):
                return self._maps_public_addresses(subnet)
        element = data.element.data if data.element is not None else None
        return self.is_public(element) if isinstance(element, Unknown) else self._unknown(data)

    def _unknown(self, data: Unknown) -> bool:
        raise UndecidedError(data.reason)

    def _maps_public_addresses(self, subnet: Instance) -> bool:
        return subnet.body.attr("map_public_ip_on_launch").test(is_true) or any(self._gateways(subnet))

    def _gateways(self, subnet: Instance) -> Iterator[bool]:
        """Yield, for each route of the subnet's tables, whether it goes to an internet gateway."""
        for association in self._of_type["aws_route_table_association"]:
            if not refers_to(association.body.attr("subnet_id"), subnet):
                continue
            for table in self._of_type["aws_route_table"]:
                if refers_to(association.body.attr("route_table_id"), table):
                    yield from (_leads_out(route.attr("gateway_id")) for route in table.body.blocks("route"))
                    yield from (
                        _leads_out(route.body.attr("gateway_id"))
                        for route in self._of_type["aws_route"]
                        if refers_to(route.body.attr("route_table_id"), table)
                    )


_TYPES = ("aws_subnet", "aws_route_table_association", "aws_route_table", "aws_route")


def _leads_out(gateway: Value) -> bool:
    data = gateway.data
    return isinstance(data, Unknown) and "aws_internet_gateway." in (data.reference or "")
