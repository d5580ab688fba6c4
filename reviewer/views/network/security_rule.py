"""One rule of a security group: written inline, as a resource of its own, or as a module's input."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.value import UndecidedError, Value, string
from reviewer.views.network.networks import open_to_world
from reviewer.views.network.security_rule_sources import (
    INGRESS,
    SINGLE_RULES,
    WrittenRule,
    group_of,
    written_rules,
)
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_SUPPLIERS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_PROTOCOLS = {"6": "tcp", "17": "udp", "-1": "all"}
_LAST_PORT = 65_535


class Ports(Record):
    """An inclusive range of ports of a ``protocol``: ``tcp``, ``udp``, or ``all`` for everything."""

    protocol: str
    first: int
    last: int

    @property
    def is_all(self) -> bool:
        """Tell whether every port is open."""
        return self.protocol == "all" or (self.first <= 1 and self.last >= _LAST_PORT)

    def covers(self, first: int, last: int) -> bool:
        """Tell whether a port of the inclusive range is open."""
        return self.is_all or (self.first <= last and first <= self.last)

    def __str__(self) -> str:
        if self.is_all:
            return "all ports" if self.protocol == "all" else f"all {self.protocol.upper()} ports"
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{ports}/{self.protocol}"


class SecurityRule(View):
    """``direction`` is ``ingress`` or ``egress``; ``group`` names the security group for people.

    ``cidrs`` are the values that hold CIDR blocks: single ones, lists, or comma-separated text. Prefix lists
    and security groups as sources are not among them. ``attribute`` is the rule's path in the block, ``at``
    where the rule is written.
    """

    direction: Value
    group: str
    protocol: Value
    from_port: Value
    to_port: Value
    cidrs: tuple[Value, ...]
    description: Value
    attribute: str
    at: Range

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every rule; one that is unknown in every part stands for those that may be there."""
        for module in context.root.walk():
            for instance in (*module.resources(), *module.calls()):
                for rule in written_rules(instance):
                    yield cls._of(instance, rule)

    @classmethod
    def _of(cls, instance: Instance, rule: WrittenRule) -> Self:
        body = rule.body
        protocol = body.attr("ip_protocol") if body.has("ip_protocol") else body.attr("protocol")
        return cls(
            instance=instance,
            address=instance.address,
            direction=rule.direction,
            group=_group(instance),
            protocol=string("tcp") if protocol.is_null else protocol,
            from_port=body.attr("from_port"),
            to_port=body.attr("to_port"),
            cidrs=tuple(body.attr(name) for name in _SUPPLIERS if body.has(name)),
            description=body.attr("description"),
            attribute=rule.attribute,
            at=body.range or instance.range,
        )

    @property
    def is_ingress(self) -> bool:
        """Tell whether the rule lets traffic in; raises when that is unknown."""
        return self.direction.test(lambda kind: kind == INGRESS)

    def open_cidr(self, allowed: tuple[str, ...] = ()) -> Value | None:
        """Return the element that opens the rule to the whole internet, None when no source does.

        With ``allowed`` networks, any public one outside them does.
        """
        return open_to_world(self.cidrs, allowed)

    def ports(self) -> Ports | None:
        """Return the ports, None for a protocol that has none; raises when they are unknown."""
        protocol = str(self.protocol.require()).lower()
        protocol = _PROTOCOLS.get(protocol, protocol)
        if protocol == "all":
            return Ports("all", 0, _LAST_PORT)
        if protocol not in {"tcp", "udp"}:
            return None
        first, last = _port(self.from_port), _port(self.to_port)
        if first is None and last is None:
            return Ports(protocol, 0, _LAST_PORT)
        return Ports(protocol, first or 0, first or 0 if last is None else last)


def world_exposure(
    rule: SecurityRule, matters: Callable[[Ports], bool], allowed: tuple[str, ...] = ()
) -> tuple[Ports, Value] | None:
    """Return the ports that a rule opens to the whole internet, and the CIDR block that does it.

    With ``allowed`` networks, a public one outside them counts as the internet. None when it opens none for
    which ``matters`` holds. What is certainly no such exposure is none, even if the rest of the rule is
    unknown.
    """
    if not rule.is_ingress:
        return None
    try:
        ports = rule.ports()
    except UndecidedError:
        if rule.open_cidr(allowed) is None:
            return None
        raise
    if ports is None or not matters(ports):
        return None
    cidr = rule.open_cidr(allowed)
    return None if cidr is None else (ports, cidr)


@lru_cache(maxsize=1024)
def services(ports: Ports, extra: tuple[int, ...]) -> tuple[str, ...]:
    """Return what listens on the sensitive ports that are open; ``extra`` are the user's own."""
    listening = (
        service
        for protocols, first, last, service in _sensitive()
        if ports.protocol in protocols and ports.covers(first, last)
    )
    own = (f"port {each}" for each in extra if ports.covers(each, each))
    return tuple(dict.fromkeys((*listening, *own)))


@cache
def _sensitive() -> tuple[tuple[frozenset[str], int, int, str], ...]:
    """Return protocols, first and last port, and service of each row of the table."""
    found = []
    for row in table("sensitive_ports")["ports"]:
        first, last = row["port"] if isinstance(row["port"], list) else (row["port"], row["port"])
        protocols = frozenset({"all", *row.get("protocols", ("tcp",))})
        found.append((protocols, first, last, row["service"]))
    return tuple(found)


def _port(value: Value) -> int | None:
    data = value.require()
    if isinstance(data, str) and data.strip().lstrip("-").isdigit():
        return int(data)
    if isinstance(data, int | Decimal) and not isinstance(data, bool):
        return int(data)
    if data is None or data == "":
        return None
    raise UndecidedError("a port of the rule is not a number")


def _group(instance: Instance) -> str:
    """Return the address of the group that a rule belongs to, as far as the code tells."""
    if instance.type != "aws_security_group_rule" and instance.type not in SINGLE_RULES:
        return instance.address
    group = group_of(instance.body.attr("security_group_id"))
    return instance.address if group is None else group
