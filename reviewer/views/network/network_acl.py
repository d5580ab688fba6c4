"""Entries of network ACLs: inline, as resources of their own, and in the community VPC module."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import Body, ValueBody
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.cluster.public_nodes import are_public
from reviewer.views.fact import is_true
from reviewer.views.module_source import is_vpc_module
from reviewer.views.network.networks import open_to_world
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

_INLINE = frozenset({"aws_network_acl", "aws_default_network_acl"})
_PUBLIC = "public"
_TIERS = (_PUBLIC, "private", "intra", "database", "elasticache", "redshift", "outpost")
"""The subnets of the community VPC module that can have a list of their own, as its inputs call them."""
_PROTOCOLS = {"6": "tcp", "-1": "all"}
_LAST_PORT = 65_535


class AclEntry(View):
    """One entry for incoming traffic. ``acl`` identifies the list it is part of."""

    acl: str
    number: Value
    action: Value
    protocol: Value
    first: Value
    last: Value
    cidrs: tuple[Value, ...]
    body: Body

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every entry; one that is unknown in every part stands for those that may be there."""
        for module in context.root.walk():
            for instance in module.resources_of(*_INLINE):
                blocks = instance.body.blocks("ingress")
                yield from (cls._of(instance, body, instance.address) for body in blocks)
                if blocks.undecided is not None:
                    yield cls._of(instance, ValueBody(Value(Unknown(blocks.undecided))), instance.address)
            for instance in module.resources_of("aws_network_acl_rule"):
                if not is_true(instance.body.attr("egress").data):
                    yield cls._of(instance, instance.body, _acl_of(instance))
            for call in module.calls():
                yield from cls._of_call(call)

    @classmethod
    def _of_call(cls, call: Instance) -> Iterator[Self]:
        for tier in _TIERS if is_vpc_module(call) else ():
            if is_true(call.body.attr(f"{tier}_dedicated_network_acl").data):
                rules = call.body.attr(f"{tier}_inbound_acl_rules")
                unknown = (Value(Unknown(rules.data.reason)),) if isinstance(rules.data, Unknown) else ()
                for rule in unknown or rules.elements():
                    yield cls._of(call, ValueBody(rule), f"{call.address}.{tier}")

    @classmethod
    def _of(cls, instance: Instance, body: Body, acl: str) -> Self:
        def either(*names: str) -> Value:
            return next((body.attr(name) for name in names if body.has(name)), NULL)

        return cls(
            instance,
            instance.address,
            acl,
            either("rule_no", "rule_number"),
            either("action", "rule_action"),
            body.attr("protocol"),
            body.attr("from_port"),
            body.attr("to_port"),
            (body.attr("cidr_block"), body.attr("ipv6_cidr_block")),
            body,
        )

    @property
    def is_allow(self) -> bool:
        """Tell whether the entry lets traffic in."""
        return self.action.test(lambda action: str(action).lower() == "allow")

    def world(self) -> Value | None:
        """Return the CIDR block when the entry is about the whole internet."""
        return open_to_world(self.cidrs)

    def ports(self) -> range:
        """Return the TCP ports the entry is about, none for other protocols."""
        protocol = str(self.protocol.require()).lower()
        protocol = _PROTOCOLS.get(protocol, protocol)
        if protocol == "all":
            return range(_LAST_PORT + 1)
        if protocol != "tcp":
            return range(0)
        first, last = _number(self.first), _number(self.last)
        return range(first or 0, (last if last is not None else _LAST_PORT) + 1)

    def is_of_public_subnets(self, context: Context) -> bool:
        """Tell whether the list is that of subnets which are known to be public."""
        if self.instance.kind == "module":
            return self.acl.endswith(f".{_PUBLIC}")
        lists = (self.instance,) if self.instance.type in _INLINE else self._lists()
        try:
            return any(are_public(each.body.attr("subnet_ids"), context) for each in lists)
        except UndecidedError:
            return False

    def _lists(self) -> tuple[Instance, ...]:
        """Return the list that an entry of its own is part of, where its module makes it."""
        declared = self.instance.module.declarations.resources
        names = [each for each in declared if self.acl == self.instance.module.full(each)]
        return tuple(each for name in names for each in self.instance.module.resource(name).instances)

    def precedes(self, other: AclEntry) -> bool:
        """Tell whether this entry is looked at before ``other``."""
        mine, its = _number(self.number), _number(other.number)
        return mine is not None and its is not None and mine < its


def entries_of(acl: str, context: Context) -> tuple[AclEntry, ...]:
    """Return all entries of one list."""
    found: Mapping[str, list[AclEntry]] = context.configuration.derived(_by_acl, context)
    return tuple(found.get(acl, ()))


def _by_acl(context: Context) -> Mapping[str, list[AclEntry]]:
    found: dict[str, list[AclEntry]] = {}
    for each in AclEntry.find(context):
        found.setdefault(each.acl, []).append(each)
    return found


def _number(value: Value) -> int | None:
    data = value.require()
    if isinstance(data, str) and data.isdigit():
        return int(data)
    return int(data) if isinstance(data, int | Decimal) and not isinstance(data, bool) else None


def _acl_of(rule: Instance) -> str:
    acl = rule.body.attr("network_acl_id")
    if isinstance(acl.data, str):
        return acl.data
    return acl.reference.removesuffix(".id") if acl.reference else rule.address
