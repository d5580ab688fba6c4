"""A VPC with its NAT gateways: the resources, and the community module from version 3 to 6."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.module_source import is_vpc_module
from reviewer.views.network.subnet_zone import zone_of
from reviewer.views.network.subnets import Zones, zones_of_template, zones_of_vpc_module
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

_WORLD = frozenset({"0.0.0.0/0", "::/0"})


class Vpc(View):
    """``subnets``, ``gateways``, ``routes`` belong to an ``aws_vpc``; they are empty for the module."""

    is_module: bool
    subnets: tuple[Instance, ...] = ()
    gateways: tuple[Instance, ...] = ()
    routes: tuple[Value, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every VPC that the code makes."""
        for module in context.root.walk():
            for call in module.calls():
                if is_vpc_module(call) and call.body.attr("create_vpc").data is not False:
                    yield cls(call, call.address, is_module=True)
        yield from cls._raw(context)

    @classmethod
    def _raw(cls, context: Context) -> Iterator[Self]:
        modules = tuple(context.root.walk())
        of_type = {
            kind: [each for module in modules for each in module.resources_of(kind)] for kind in _TYPES
        }
        for vpc in of_type["aws_vpc"]:
            subnets = tuple(
                each for each in of_type["aws_subnet"] if refers_to(each.body.attr("vpc_id"), vpc)
            )
            gateways = tuple(each for each in of_type["aws_nat_gateway"] if _is_in(each, vpc, subnets))
            routes = tuple(_default_routes(of_type["aws_route"], of_type["aws_route_table"]))
            yield cls(vpc, vpc.address, is_module=False, subnets=subnets, gateways=gateways, routes=routes)

    def private_zones(self) -> Zones:
        """Return the zones of the private subnets, or raise :class:`UndecidedError`."""
        if self.is_module:
            return zones_of_vpc_module(self.instance)
        names: set[str] = set()
        for subnet in self.subnets:
            if is_public(subnet):
                continue
            if subnet.is_template:
                names |= zones_of_template(subnet).names
                continue
            zone = zone_of(subnet)
            if zone is None:
                raise UndecidedError(f"the zone of `{subnet.address}` is not known from the code")
            names.add(zone)
        return Zones(frozenset(names))


_TYPES = ("aws_vpc", "aws_subnet", "aws_nat_gateway", "aws_route", "aws_route_table")


def refers_to(value: Value, instance: Instance) -> bool:
    """Tell whether a value is an attribute of a resource: its id, or any other."""
    data = value.data
    if not isinstance(data, Unknown) or data.reference is None:
        return False
    return data.reference.startswith(f"{instance.address}.")


def is_public(subnet: Instance) -> bool:
    """Tell whether a subnet is meant for public addresses, by its setting or else by its name."""
    setting = subnet.body.attr("map_public_ip_on_launch")
    if isinstance(setting.data, bool):
        return setting.data
    return "public" in subnet.name.lower()


def _is_in(gateway: Instance, vpc: Instance, subnets: tuple[Instance, ...]) -> bool:
    place = gateway.body.attr("subnet_id")
    return refers_to(gateway.body.attr("vpc_id"), vpc) or any(_is_element(place, each) for each in subnets)


def _is_element(place: Value, subnet: Instance) -> bool:
    """Tell whether a subnet id is that of ``subnet``, or of some instance of its block."""
    if refers_to(place, subnet):
        return True
    block = re.compile(rf"(?<![\w.-]){re.escape(f'{subnet.type}.{subnet.name}')}(?![\w-])")
    return place.is_unknown and any(block.search(each.text) for each in place.origins)


def _default_routes(routes: list[Instance], tables: list[Instance]) -> Iterator[Value]:
    """Yield the NAT gateway of every default route."""
    bodies = [each.body for each in routes]
    nested = [block for table in tables for block in table.body.blocks("route")]
    for body in bodies:
        if body.attr("destination_cidr_block").data in _WORLD and body.has("nat_gateway_id"):
            yield body.attr("nat_gateway_id")
    for block in nested:
        if block.attr("cidr_block").data in _WORLD and block.has("nat_gateway_id"):
            yield block.attr("nat_gateway_id")
