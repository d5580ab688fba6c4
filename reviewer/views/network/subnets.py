"""Which availability zones a list of subnet ids covers, however the subnets are made.

A zone is identified by its name, or by the expression that stands for it: the second element of
``slice(data.aws_availability_zones.available.names, 0, 3)`` is another zone than the first, whatever their
names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.module_source import is_vpc_module
from reviewer.views.network.subnet_zone import ENOUGH, places_of, repetition, short_list, zone_of
from reviewer.views.repeated import length_of, repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range

_OF_MODULE = re.compile(r"(?P<call>.*)\.(?P<tier>\w+_subnets)(?:\[(?P<index>\d+|\*)\])?")
_MENTION = re.compile(r"\b(?:module\.[\w-]+\.\w+_subnets|aws_subnet\.[\w-]+)")
_OPEN = re.compile(r"\b(?:var|data\.(?!aws_availability_zones\b)\w+)\.")


class Zones(Record):
    """Distinct zones, and ``at``, the range that limits their number (a list of zones, or of subnets).

    ``related`` are all places that the number comes from.
    """

    names: frozenset[str]
    at: Range | None = None
    related: tuple[Range, ...] = ()


def zones_of(subnets: Value, root: ModuleInstance) -> Zones:
    """Return the zones that subnet ids cover. Raises :class:`UndecidedError` when the code does not tell."""
    return _Finder(root.configuration.derived(_sources, root)).find(subnets)


def is_on_outpost(subnets: Value, root: ModuleInstance) -> bool:
    """Tell whether one of the subnets is known to be on an Outpost."""
    texts = [each.text for value in subnets.walk() for each in value.origins]
    for each in root.configuration.derived(_sources, root).values():
        if each.kind == "resource" and each.body.has("outpost_arn"):
            block = f"{each.type}.{each.name}"
            if any(block in text for text in texts):
                return True
    return False


def zones_of_vpc_module(call: Instance, tier: str = "private_subnets") -> Zones:
    """Return the zones of one tier of the community VPC module, which deals subnets out over ``azs``."""
    zones, subnets = call.body.attr("azs"), call.body.attr(tier)
    available, wanted = length_of(zones), length_of(subnets)
    if available is None:
        raise UndecidedError(
            zones.data.reason if isinstance(zones.data, Unknown) else f"`{call.address}` has no `azs`"
        )
    if isinstance(zones.data, tuple):
        available = len(
            {each.data if isinstance(each.data, str) else index for index, each in enumerate(zones.data)}
        )
    count = available if wanted is None else min(available, wanted)
    limit = subnets if wanted is not None and wanted < available else zones
    names = frozenset(f"{call.address}.azs[{index}]" for index in range(count))
    return Zones(names, limit.supplier, tuple(dict.fromkeys((*places_of(zones), *places_of(subnets)))))


def _sources(root: ModuleInstance) -> Mapping[str, Instance]:
    """Return what makes subnets in all modules of a root, by address."""
    return {
        each.address: each
        for module in root.walk()
        for each in (*module.resources_of("aws_subnet"), *filter(is_vpc_module, module.calls()))
    }


class _Finder(Record):
    """Looks subnets up by address among ``sources``: ``aws_subnet`` instances and calls of the VPC module."""

    sources: Mapping[str, Instance]

    def find(self, value: Value) -> Zones:
        data = value.data
        if isinstance(data, Unknown):
            return self._of_unknown(value, data)
        names: set[str] = set()
        limits: list[Range | None] = []
        related: list[Range] = []
        undecided: UndecidedError | None = None
        for each in value.elements():
            try:
                zones = self._of_element(each)
            except UndecidedError as error:
                undecided = undecided or error
                continue
            names |= zones.names
            limits.append(zones.at)
            related += zones.related
        if undecided is not None and len(names) < ENOUGH:
            raise undecided
        shared = limits[0] if limits and len(set(limits)) == 1 else None
        return Zones(frozenset(names), shared, tuple(dict.fromkeys(related)))

    def _of_element(self, element: Value) -> Zones:
        match element.data:
            case str(text):
                return _literal(text)
            case Unknown() | tuple() | Mapping():
                return self.find(element)
        raise UndecidedError("one of the subnets is not the id of a subnet")

    def _of_unknown(self, value: Value, data: Unknown) -> Zones:
        if data.alternatives:
            return min((self.find(each) for each in data.alternatives), key=lambda each: -len(each.names))
        if data.reference is not None:
            zones = self._referenced(data.reference)
            if zones is not None:
                return zones
        return self._mentioned(value, data)

    def _referenced(self, reference: str) -> Zones | None:
        subnet = self.sources.get(reference.removesuffix(".id"))
        if subnet is not None and subnet.kind == "resource":
            zone = None if subnet.is_template else zone_of(subnet)
            if zone is None:
                raise UndecidedError(f"the zone of `{subnet.address}` is not known from the code")
            return Zones(frozenset({zone}), short_list(subnet), repetition(subnet))
        match = _OF_MODULE.fullmatch(reference)
        call = self.sources.get(match["call"]) if match else None
        if match is None or call is None:
            return None
        zones = zones_of_vpc_module(call, match["tier"])
        if match["index"] in {None, "*"}:
            return zones
        ordered = sorted(zones.names, key=lambda each: (len(each), each))
        return Zones(frozenset({ordered[int(match["index"]) % len(ordered)]} if ordered else ()))

    def _mentioned(self, value: Value, data: Unknown) -> Zones:
        """Go by what the expression mentions, when it computes on subnets, such as ``concat``."""
        texts = [each.text for each in value.origins]
        found = [self._all_of(each) for each in dict.fromkeys(_MENTION.findall("\n".join(texts)))]
        names = frozenset(name for zones in found for name in zones.names)
        open_ended = not found or any(_OPEN.search(each.text) for each in self._outside(value))
        if open_ended and len(names) < ENOUGH:
            raise UndecidedError(data.reason)
        related = tuple(dict.fromkeys(place for zones in found for place in zones.related))
        if data.length is not None and data.length < len(names):
            return Zones(frozenset(sorted(names)[: data.length]), related=related)
        return Zones(names, found[0].at if len(found) == 1 else None, related)

    def _outside(self, value: Value) -> Iterator[Range]:
        """Yield where a value comes from, without the arguments of the calls that make the subnets."""
        calls = [each.block.range for each in self.sources.values() if each.type != "aws_subnet"]
        return (each for each in value.origins if not any(call.contains(each) for call in calls))

    def _all_of(self, mention: str) -> Zones:
        match = _OF_MODULE.fullmatch(mention)
        call = self.sources.get(match["call"]) if match else None
        if match is not None and call is not None:
            return zones_of_vpc_module(call, match["tier"])
        return self._all_instances(
            [each for each in self.sources.values() if _declares(each, mention)], mention
        )

    def _all_instances(self, instances: Iterable[Instance], mention: str) -> Zones:
        names: set[str] = set()
        limits: set[Range | None] = set()
        related: dict[Range, None] = {}
        for subnet in instances:
            if subnet.is_template:
                return zones_of_template(subnet)
            zone = zone_of(subnet)
            if zone is None:
                raise UndecidedError(f"the zone of `{subnet.address}` is not known from the code")
            names.add(zone)
            limits.add(short_list(subnet))
            related |= dict.fromkeys(repetition(subnet))
        if not names:
            raise UndecidedError(f"`{mention}` is not known from the code")
        return Zones(frozenset(names), limits.pop() if len(limits) == 1 else None, tuple(related))


def _declares(instance: Instance, mention: str) -> bool:
    return instance.kind == "resource" and f"{instance.type}.{instance.name}" == mention


def _literal(subnet_id: str) -> Zones:
    raise UndecidedError(f"the zone of the subnet `{subnet_id}` is not in the code")


def zones_of_template(subnet: Instance) -> Zones:
    """Return the zones of a block that is repeated for each zone, when their number is known."""
    zone = subnet.block.attributes.get("availability_zone")
    text = zone.expression.text if zone is not None else ""
    made = repeated(subnet) if text in {"each.key", "each.value"} else None
    if made is None or not (made.by_key if text == "each.key" else made.by_value):
        raise UndecidedError(f"how many of `{subnet.address}` there are is not known from the code")
    names = frozenset(f"{subnet.address}[{index}]" for index in range(made.count))
    return Zones(names, made.zones.supplier, tuple(dict.fromkeys(places_of(made.zones))))
