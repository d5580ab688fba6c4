"""How many instances a ``for_each`` over zones makes, although the names of the zones are not known.

Terraform cannot enumerate a set of unknown strings: two could be equal. Zones that AWS names differ, so as
many are made as the list is long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.evaluator import evaluate
from reviewer.terraform.expressions.nodes import Call, For, GetAttr, Parentheses, Variable
from reviewer.terraform.value import NULL, Unknown, Value

if TYPE_CHECKING:
    from reviewer.terraform.expressions.nodes import Node
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Attribute

_SAME_LENGTH = frozenset({"toset", "tolist", "sort", "reverse", "distinct", "zipmap"})
"""Functions that give one element for each of their first argument, when those are distinct."""


class Repeated(Record):
    """``count`` instances, one for each zone of ``zones``; ``by_key`` tells that the keys are the zones."""

    count: int
    zones: Value
    by_key: bool
    by_value: bool


def repeated(instance: Instance) -> Repeated | None:
    """Return how often a ``for_each`` over zones repeats a block; None when it does something else."""
    attribute = instance.block.attributes.get("for_each")
    return _of_attribute(attribute, instance.module) if attribute is not None else None


def _of_attribute(attribute: Attribute, module: ModuleInstance) -> Repeated | None:
    return _of_node(module.configuration.expression(attribute), attribute, module)


def _of_node(node: Node, attribute: Attribute, module: ModuleInstance) -> Repeated | None:
    match node:
        case Parentheses(inner=inner):
            return _of_node(inner, attribute, module)
        case Call(name=name, arguments=(first, *_)) if name in _SAME_LENGTH:
            found = _of_node(first, attribute, module)
            return replace(found, by_key=True, by_value=name != "zipmap") if found is not None else None
        case For(condition=None, grouping=False):
            return _of_for(node, attribute, module)
        case GetAttr(source=Variable(name="local"), name=name) if name in module.declarations.locals:
            return _of_attribute(module.declarations.locals[name], module)
        case GetAttr(source=Variable(name=kind), name=name):
            address = f"{kind}.{name}"
            if address in module.declarations.resources:
                return _of_resource(address, module)
    value = _value(node, attribute, module)
    count = length_of(value)
    return Repeated(count, value, by_key=False, by_value=True) if count is not None else None


def _of_resource(address: str, module: ModuleInstance) -> Repeated | None:
    """Read ``for_each = aws_subnet.public``: one for each instance of another block."""
    made = module.resource(address).instances
    if len(made) == 1 and made[0].is_template:
        found = repeated(made[0])
        return replace(found, by_key=False, by_value=False) if found is not None else None
    return Repeated(len(made), NULL, by_key=False, by_value=False)


def _of_for(node: For, attribute: Attribute, module: ModuleInstance) -> Repeated | None:
    """Read ``{ for index, zone in zones : zone => index }``, or the other way round."""
    found = _of_node(node.collection, attribute, module)
    if found is None or node.result_key is None or not found.by_value:
        return None
    by_key, by_value = (
        isinstance(each, Variable) and each.name == node.value for each in (node.result_key, node.result)
    )
    return Repeated(found.count, found.zones, by_key, by_value) if by_key or by_value else None


def _value(node: Node, attribute: Attribute, module: ModuleInstance) -> Value:
    return evaluate(node, module, attribute.locate, {})


def length_of(value: Value) -> int | None:
    """Return the number of elements, known also for some lists whose elements are not; None when unknown."""
    if isinstance(value.data, Unknown):
        return value.data.length
    return len(value.data) if isinstance(value.data, tuple) else None
