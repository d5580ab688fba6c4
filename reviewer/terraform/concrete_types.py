"""Types of values, made from type constraints that leave parts open."""

from __future__ import annotations

from reviewer.terraform.types import (
    DYNAMIC,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)
from reviewer.terraform.unification import unify


def concrete(source: Type, target: Type) -> Type:
    """Return ``target`` with each ``any`` replaced by what ``source`` has in its place."""
    if source is DYNAMIC:
        return without_optional(target)
    match target:
        case Primitive():
            return source if target is DYNAMIC else target
        case ListType(element) | SetType(element):
            return type(target)(concrete(_element_of(source), element))
        case MapType(element):
            return MapType(concrete(_element_of(source), element))
        case TupleType(elements):
            inner = source.elements if isinstance(source, TupleType) else (DYNAMIC,) * len(elements)
            return TupleType(tuple(map(concrete, inner, elements)))
        case ObjectType():
            found = source.attributes if isinstance(source, ObjectType) else {}
            default = source.element if isinstance(source, MapType) else DYNAMIC
            return ObjectType(
                {name: concrete(found.get(name, default), each) for name, each in target.attributes.items()}
            )


def _element_of(source: Type) -> Type:
    """Return the type that elements have or can be given."""
    match source:
        case ListType(element) | SetType(element) | MapType(element):
            return element
        case TupleType(elements):
            return unify(elements) or DYNAMIC
        case ObjectType():
            return unify(tuple(source.attributes.values())) or DYNAMIC
    return DYNAMIC


def without_optional(kind: Type) -> Type:
    """Return the type without the marks for optional attributes, which belong to constraints only."""
    match kind:
        case ListType(element) | SetType(element) | MapType(element):
            return type(kind)(without_optional(element))
        case TupleType(elements):
            return TupleType(tuple(map(without_optional, elements)))
        case ObjectType():
            return ObjectType({name: without_optional(each) for name, each in kind.attributes.items()})
    return kind
