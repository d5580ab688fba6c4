"""Which availability zones a list of subnet ids covers, however the subnets are made.

A zone is identified by its name, or by the expression that stands for it: the second element of
``slice(data.aws_availability_zones.available.names, 0, 3)`` is another zone than the first, whatever their
names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.terraform.evaluator import evaluate
from reviewer.terraform.nodes import Call, Index
from reviewer.terraform.text import Range
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.module_source import module_source
from reviewer.views.repeated import length_of, repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.instance import Instance, ModuleInstance
    from reviewer.terraform.nodes import Node

VPC_MODULE = "terraform-aws-modules/vpc/aws"
_OF_MODULE = re.compile(r"(?P<call>.*)\.(?P<tier>\w+_subnets)(?:\[(?P<index>\d+|\*)\])?")
_MENTION = re.compile(r"\b(?:module\.[\w-]+\.\w+_subnets|aws_subnet\.[\w-]+)")
_OPEN = re.compile(r"\b(?:var|data\.(?!aws_availability_zones\b)\w+)\.")


@dataclass(frozen=True, slots=True)
class Zones:
    """Distinct zones, and ``at``, the range that limits their number (a list of zones, or of subnets)."""

    names: frozenset[str]
    at: Range | None = None


def zones_of(subnets: Value, root: ModuleInstance) -> Zones:
    """Return the zones that subnet ids cover. Raises :class:`UndecidedError` when the code does not tell."""
    return _Finder({each.address: each for module in root.walk() for each in _sources(module)}).find(subnets)


def is_on_outpost(subnets: Value, root: ModuleInstance) -> bool:
    """Tell whether one of the subnets is known to be on an Outpost."""
    texts = [each.text for value in subnets.walk() for each in value.origins]
    for module in root.walk():
        for each in _sources(module):
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
    return Zones(frozenset(f"{call.address}.azs[{index}]" for index in range(count)), limit.supplier)


def zone_of(subnet: Instance) -> str | None:
    """Return what identifies the zone of an ``aws_subnet``; None when nothing does."""
    for name in ("availability_zone", "availability_zone_id"):
        if subnet.body.has(name):
            data = subnet.body.attr(name).data
            if isinstance(data, str):
                return data
            if isinstance(data, Unknown) and data.reference is not None:
                return data.reference
            return _positional(subnet, name)
    return None


def _sources(module: ModuleInstance) -> Iterator[Instance]:
    yield from (each for each in module.resources() if each.type == "aws_subnet" and each.kind == "resource")
    for call in module.calls():
        source = module_source(call)
        if source is not None and source.name == VPC_MODULE and not source.submodule:
            yield call


@dataclass(frozen=True, slots=True)
class _Place:
    """A zone as ``text[key]``: the list that it is taken from, as written and evaluated, and the index."""

    text: str
    zones: Value
    key: Value


def _positional(subnet: Instance, name: str) -> str | None:
    """Identify a zone by its place in the list that it is taken from."""
    found = _place(subnet, name)
    position = _position(found.key) if found is not None else None
    if found is None or position is None:
        return None
    count = length_of(found.zones)
    return f"{subnet.module.address}:{found.text}[{position % count if count else position}]"


def _short_list(subnet: Instance) -> Range | None:
    """Return the list that a subnet takes its zone from, when it is what limits the number of zones."""
    found = _place(subnet, "availability_zone")
    count = length_of(found.zones) if found is not None else None
    return found.zones.supplier if found is not None and count is not None and count < ENOUGH else None


def _place(subnet: Instance, name: str) -> _Place | None:
    attribute = subnet.block.attributes.get(name)
    parts = _parts(subnet.module.configuration.expression(attribute)) if attribute is not None else None
    if attribute is None or parts is None:
        return None
    where = attribute.expression

    def locate(first: int, last: int) -> Range:
        return Range(where.source, where.start + first, where.start + last)

    zones, key = (evaluate(each, subnet.module, locate, subnet.body.bindings) for each in parts)
    return _Place(where.text[parts[0].start : parts[0].end], zones, key)


def _position(value: Value) -> int | None:
    """Return an index, which is text when it is the key of a map; None for anything else."""
    data = value.data
    if isinstance(data, str) and data.isdecimal():
        return int(data)
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def _parts(node: Node) -> tuple[Node, Node] | None:
    """Return list and index of ``list[index]`` or ``element(list, index)``."""
    match node:
        case Index(source=source, key=key):
            return source, key
        case Call(name="element", arguments=(source, key)):
            return source, key
    return None


@dataclass(frozen=True, slots=True)
class _Finder:
    """Looks subnets up by address among ``sources``: ``aws_subnet`` instances and calls of the VPC module."""

    sources: Mapping[str, Instance]

    def find(self, value: Value) -> Zones:
        data = value.data
        if isinstance(data, Unknown):
            return self._of_unknown(value, data)
        names: set[str] = set()
        limits: list[Range | None] = []
        undecided: UndecidedError | None = None
        for each in value.elements():
            try:
                zones = self._of_element(each)
            except UndecidedError as error:
                undecided = undecided or error
                continue
            names |= zones.names
            limits.append(zones.at)
        if undecided is not None and len(names) < ENOUGH:
            raise undecided
        shared = limits[0] if limits and len(set(limits)) == 1 else None
        return Zones(frozenset(names), shared)

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
            return Zones(frozenset({zone}), _short_list(subnet))
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
        open_ended = not found or any(_OPEN.search(text) for text in texts)
        if open_ended and len(names) < ENOUGH:
            raise UndecidedError(data.reason)
        if data.length is not None and data.length < len(names):
            return Zones(frozenset(sorted(names)[: data.length]))
        return Zones(names, found[0].at if len(found) == 1 else None)

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
        for subnet in instances:
            if subnet.is_template:
                return zones_of_template(subnet)
            zone = zone_of(subnet)
            if zone is None:
                raise UndecidedError(f"the zone of `{subnet.address}` is not known from the code")
            names.add(zone)
            limits.add(_short_list(subnet))
        if not names:
            raise UndecidedError(f"`{mention}` is not known from the code")
        return Zones(frozenset(names), limits.pop() if len(limits) == 1 else None)


ENOUGH = 3
"""As many zones keep a majority when one fails; what else is in a list does not matter then."""


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
    return Zones(frozenset(f"{subnet.address}[{index}]" for index in range(made.count)), made.zones.supplier)
