"""Terraform's type system, as far as values need it.

Source: the Terraform language documentation, "Types and Values" and "Type Constraints".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Primitive(Enum):
    """The primitive types, and ``any`` (called dynamic: not known yet)."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    DYNAMIC = "any"


class ListType(Record):
    """``list(element)``: ordered, one element type."""

    element: Type


class SetType(Record):
    """``set(element)``: sorted and without duplicates."""

    element: Type


class MapType(Record):
    """``map(element)``: string keys, one element type."""

    element: Type


class TupleType(Record):
    """``tuple([...])``: the type of a list literal."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectType:
    """``object({...})``: the type of an object literal.

    ``optional`` names the attributes that a type constraint marks ``optional()``. Their defaults are values
    and so live with the variable that declares them, not here.
    """

    attributes: Mapping[str, Type]
    optional: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Make the attributes read-only."""
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    def __eq__(self, other: object) -> bool:
        """Compare by attributes; ``optional`` is a property of the constraint, not of the type."""
        return isinstance(other, ObjectType) and dict(self.attributes) == dict(other.attributes)

    def __hash__(self) -> int:
        """Hash by attribute names: types are few and shallow."""
        return hash(frozenset(self.attributes))


Type = Primitive | ListType | SetType | MapType | TupleType | ObjectType

STRING = Primitive.STRING
NUMBER = Primitive.NUMBER
BOOL = Primitive.BOOL
DYNAMIC = Primitive.DYNAMIC


def type_name(kind: Type) -> str:
    """Return the type as Terraform writes it in a type constraint, such as ``list(string)``."""
    match kind:
        case Primitive():
            return kind.value
        case ListType(element):
            return f"list({type_name(element)})"
        case SetType(element):
            return f"set({type_name(element)})"
        case MapType(element):
            return f"map({type_name(element)})"
        case TupleType(elements):
            return f"tuple([{', '.join(map(type_name, elements))}])"
        case ObjectType():
            inner = ", ".join(f"{name} = {type_name(each)}" for name, each in sorted(kind.attributes.items()))
            return f"object({{{inner}}})"
