"""Type constraints of variables, with the defaults of optional attributes.

Source: Terraform language documentation, "Type Constraints" and "Optional Object Type Attributes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.expressions.nodes import Call, Literal, Node, Object, Parentheses, Tuple, Variable
from reviewer.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from reviewer.terraform.value import Value

_NAMES: Mapping[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": DYNAMIC,
    "list": ListType(DYNAMIC),  # without an element type, from Terraform 0.11
    "map": MapType(DYNAMIC),
}
_COLLECTIONS: Mapping[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}


class Defaults(Record, eq=False):
    """Defaults of optional attributes, by name, and those inside each; ``element`` is for collections."""

    values: Mapping[str, Value] = field(default_factory=dict)
    attributes: Mapping[str, Defaults] = field(default_factory=dict)
    element: Defaults | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to apply."""
        return not self.values and not self.attributes and self.element is None

    def apply(self, value: Value) -> Value:
        """Return the value with defaults for attributes that are absent or null, before it is converted."""
        if self.is_empty or value.data is None or value.is_unknown:
            return value
        if isinstance(value.data, tuple):
            if self.element is None:
                return value
            return replace(value, data=tuple(map(self.element.apply, value.data)))
        if not isinstance(value.data, Mapping):
            return value
        if self.element is not None:
            return replace(value, data={name: self.element.apply(each) for name, each in value.data.items()})
        return self._apply_to_object(value, value.data)

    def _apply_to_object(self, value: Value, data: Mapping[str, Value]) -> Value:
        filled = dict(data)
        for name, default in self.values.items():
            if name not in filled or filled[name].data is None:
                filled[name] = default
        for name, inner in self.attributes.items():
            if name in filled:
                filled[name] = inner.apply(filled[name])
        return replace(value, data=dict(sorted(filled.items())), type=ObjectType({}))


class Constraint(Record, eq=False):
    """What ``type =`` of a variable says."""

    type: Type
    defaults: Defaults


ANY = Constraint(DYNAMIC, Defaults())


def parse_constraint(  # noqa: PLR0911 - one answer for each form of a type
    node: Node, evaluate: Callable[[Node], Value]
) -> Constraint | None:
    """Return the constraint; None when it cannot be read. ``evaluate`` gives the defaults it names."""
    match node:
        case Parentheses(inner=inner):
            return parse_constraint(inner, evaluate)
        case Variable(name=name) | Literal(value=str() as name):
            kind = _NAMES.get(name)
            return Constraint(kind, Defaults()) if kind is not None else None
        case Call(name=("list" | "set" | "map") as name, arguments=(argument,)):
            return _collection(name, argument, evaluate)
        case Call(name="object", arguments=(Object() as attributes,)):
            return _object(attributes, evaluate)
        case Call(name="tuple", arguments=(Tuple(items=items),)):
            inner_types = [parse_constraint(each, evaluate) for each in items]
            if any(each is None for each in inner_types):
                return None
            return Constraint(TupleType(tuple(each.type for each in inner_types if each)), Defaults())
    return None


def _collection(name: str, argument: Node, evaluate: Callable[[Node], Value]) -> Constraint | None:
    inner = parse_constraint(argument, evaluate)
    if inner is None:
        return None
    kind = _COLLECTIONS[name](inner.type)
    return Constraint(kind, Defaults(element=None if inner.defaults.is_empty else inner.defaults))


def _object(node: Object, evaluate: Callable[[Node], Value]) -> Constraint | None:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    values: dict[str, Value] = {}
    nested: dict[str, Defaults] = {}
    for key, declared in node.items:
        if not isinstance(key, Literal):
            return None
        name = str(key.value)
        inner_node = declared
        if isinstance(declared, Call) and declared.name == "optional" and declared.arguments:
            optional.add(name)
            inner_node = declared.arguments[0]
        inner = parse_constraint(inner_node, evaluate)
        if inner is None:
            return None
        attributes[name] = inner.type
        if not inner.defaults.is_empty:
            nested[name] = inner.defaults
        if isinstance(declared, Call) and declared.name == "optional" and len(declared.arguments) > 1:
            values[name] = evaluate(declared.arguments[1])
    return Constraint(ObjectType(attributes, frozenset(optional)), Defaults(values, nested))
