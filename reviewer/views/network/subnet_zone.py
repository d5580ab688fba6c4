"""The availability zone of one subnet, by its name or by the expression that stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.evaluator import evaluate
from reviewer.terraform.expressions.nodes import Call, Index
from reviewer.terraform.value import Unknown, Value
from reviewer.views.repeated import length_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.expressions.nodes import Node
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range

ENOUGH = 3
"""As many zones keep a majority when one fails; what else is in a list does not matter then."""


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


class _Place(Record):
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


def short_list(subnet: Instance) -> Range | None:
    """Return the list that a subnet takes its zone from, when it is what limits the number of zones."""
    found = _place(subnet, "availability_zone")
    count = length_of(found.zones) if found is not None else None
    return found.zones.supplier if found is not None and count is not None and count < ENOUGH else None


def _place(subnet: Instance, name: str) -> _Place | None:
    attribute = subnet.block.attributes.get(name)
    parts = _parts(subnet.module.configuration.expression(attribute)) if attribute is not None else None
    if attribute is None or parts is None:
        return None
    zones, key = (evaluate(each, subnet.module, attribute.locate, subnet.body.bindings) for each in parts)
    return _Place(attribute.expression.text[parts[0].start : parts[0].end], zones, key)


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


def places_of(value: Value) -> Iterator[Range]:
    """Yield every place that a value and those in it come from."""
    for each in value.walk():
        yield from each.origins


def repetition(subnet: Instance) -> tuple[Range, ...]:
    """Return the places that say how often a block of subnets is repeated."""
    attributes = (subnet.block.attributes.get(name) for name in ("count", "for_each"))
    values = (subnet.module.value_of(each) for each in attributes if each is not None)
    return tuple(dict.fromkeys(place for value in values for place in places_of(value)))
