"""Which types convert into which, and the one type that several types have in common.

Follows go-cty's package ``convert`` in its "unsafe" mode, which Terraform uses for conditionals, list and map
conversions, ``coalesce``, ``concat`` and so on (zclconf/go-cty: convert/unify.go, compare_types.go,
conversion.go).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_PRIMITIVE_CONVERSIONS = frozenset({(NUMBER, STRING), (BOOL, STRING), (STRING, NUMBER), (STRING, BOOL)})


def convertible(source: Type, target: Type) -> bool:
    """Tell whether a value of type ``source`` can become a ``target``, as far as types alone can say."""
    if target is DYNAMIC or source is DYNAMIC or source == target:
        return True
    if isinstance(source, Primitive) and isinstance(target, Primitive):
        return (source, target) in _PRIMITIVE_CONVERSIONS
    if isinstance(target, ObjectType | TupleType):
        return _to_structural(source, target)
    return not isinstance(target, Primitive) and _to_collection(source, target)


def _to_collection(source: Type, target: ListType | SetType | MapType) -> bool:
    match source:
        case MapType(element):
            return isinstance(target, MapType) and convertible(element, target.element)
        case ListType(element) | SetType(element):
            return not isinstance(target, MapType) and convertible(element, target.element)
        case TupleType(elements):
            return not isinstance(target, MapType) and _elements_to(elements, target.element)
        case ObjectType():
            return isinstance(target, MapType) and _elements_to(
                tuple(source.attributes.values()), target.element
            )
    return False


def _to_structural(source: Type, target: ObjectType | TupleType) -> bool:
    match source, target:
        case ObjectType(), ObjectType():
            return _object_to_object(source, target)
        case TupleType(elements), TupleType(wanted):
            return len(elements) == len(wanted) and all(map(convertible, elements, wanted))
        case MapType(element), ObjectType():
            return all(
                name in target.optional or convertible(element, each)
                for name, each in target.attributes.items()
            )
    return False


def _object_to_object(source: ObjectType, target: ObjectType) -> bool:
    return all(
        convertible(source.attributes[name], each) if name in source.attributes else name in target.optional
        for name, each in target.attributes.items()
    )


def _elements_to(elements: Sequence[Type], element: Type) -> bool:
    common = unify(elements) if element is DYNAMIC and elements else element
    if common is None:
        return False
    return all(convertible(each, common) for each in elements)


def unify(types: Sequence[Type]) -> Type | None:
    """Return the most general type that all ``types`` convert to, None when there is none."""
    if not types:
        return None
    first = types[0]
    if all(each == first for each in types[1:]):
        return first
    decided, common = _unify_structural(types)
    if decided:
        return common
    for wanted in _by_preference(types):
        if all(each == wanted or convertible(each, wanted) for each in types):
            return wanted
    return None


def _unify_structural(types: Sequence[Type]) -> tuple[bool, Type | None]:
    """Unify types of one kind into a type that need not be one of them; tell whether that decides."""
    rest = [each for each in types if each is not DYNAMIC]
    kinds = {type(each) for each in rest}
    if len(kinds) == 1 and kinds <= _RULES.keys():
        return True, DYNAMIC if len(rest) < len(types) else _RULES[kinds.pop()](rest)
    if kinds == {MapType, ObjectType}:
        common = _as_collection(types, ObjectType, MapType)
        return common is not None, common
    if kinds == {ListType, TupleType}:
        common = _as_collection(types, TupleType, ListType)
        return common is not None, common
    return {ObjectType, TupleType} <= kinds, None


def _collections(types: Sequence[Type]) -> Type | None:
    collections = [each for each in types if isinstance(each, MapType | ListType | SetType)]
    element = unify([each.element for each in collections])
    return None if element is None else type(collections[0])(element)


def _objects(given: Sequence[Type]) -> Type | None:
    types = [each for each in given if isinstance(each, ObjectType)]
    names = types[0].attributes.keys()
    if any(each.attributes.keys() != names for each in types):
        return _to_map(types)
    attributes: dict[str, Type] = {}
    for name in names:
        common = unify([each.attributes[name] for each in types])
        if common is None:
            return None
        attributes[name] = common
    unified = ObjectType(attributes)
    return unified if all(convertible(each, unified) for each in types) else _to_map(types)


def _to_map(types: Sequence[ObjectType]) -> Type | None:
    element = unify([attribute for each in types for attribute in each.attributes.values()])
    unified = None if element is None else MapType(element)
    return unified if unified and all(convertible(each, unified) for each in types) else None


def _tuples(given: Sequence[Type]) -> Type | None:
    types = [each for each in given if isinstance(each, TupleType)]
    length = len(types[0].elements)
    if any(len(each.elements) != length for each in types):
        return _to_list(types)
    elements: list[Type] = []
    for index in range(length):
        common = unify([each.elements[index] for each in types])
        if common is None:
            return None
        elements.append(common)
    unified = TupleType(tuple(elements))
    return unified if all(convertible(each, unified) for each in types) else _to_list(types)


def _to_list(types: Sequence[TupleType]) -> Type | None:
    element = unify([element for each in types for element in each.elements])
    unified = None if element is None else ListType(element)
    return unified if unified and all(convertible(each, unified) for each in types) else None


_RULES: Mapping[type, Callable[[Sequence[Type]], Type | None]] = MappingProxyType(
    {
        MapType: _collections,
        ListType: _collections,
        SetType: _collections,
        ObjectType: _objects,
        TupleType: _tuples,
    }
)


def _as_collection(types: Sequence[Type], structural: type, kind: type[MapType | ListType]) -> Type | None:
    """Treat objects as maps (tuples as lists) and unify again; None when that gives no such collection."""
    if kind is MapType:
        common = _to_map([each for each in types if isinstance(each, ObjectType)])
    else:
        common = _to_list([each for each in types if isinstance(each, TupleType)])
    if not isinstance(common, kind):
        return None
    unified = unify([common if isinstance(each, structural) else each for each in types])
    if not isinstance(unified, kind):
        return None
    # Terraform looks at the elements of tuples once more, and not at those of objects.
    return unified if kind is MapType or all(convertible(each, unified) for each in types) else None


def _by_preference(types: Sequence[Type]) -> list[Type]:
    """Sort topologically: a type that others convert to safely comes before them."""
    count = len(types)
    after: list[list[int]] = [[] for _ in types]
    incoming = [0] * count
    for low in range(count):
        for high in range(low + 1, count):
            order = _compare(types[low], types[high])
            if order:
                first, second = (low, high) if order < 0 else (high, low)
                after[first].append(second)
                incoming[second] += 1
    queue = [index for index in range(count) if not incoming[index]]
    for index in queue:
        for other in after[index]:
            incoming[other] -= 1
            if not incoming[other]:
                queue.append(other)
    return [types[index] for index in queue]


def _compare(left: Type, right: Type) -> int:
    """Return -1 when ``left`` is the more general type, 1 when ``right`` is, 0 when neither is."""
    if left is DYNAMIC or right is DYNAMIC:
        return (left is DYNAMIC) - (right is DYNAMIC)
    if isinstance(left, Primitive) and isinstance(right, Primitive):
        return (right is STRING) - (left is STRING)
    if type(left) is type(right):
        return _compare_inside(left, right)
    kinds = (type(left), type(right))
    return (kinds[::-1] in _MORE_GENERAL) - (kinds in _MORE_GENERAL)


_MORE_GENERAL = frozenset(
    {(ListType, SetType), (TupleType, SetType), (ListType, TupleType), (MapType, ObjectType)}
)
"""Pairs of which the first is preferred."""


def _compare_inside(left: Type, right: Type) -> int:
    match left, right:
        case (
            ListType(element) | SetType(element) | MapType(element),
            ListType(other) | SetType(other) | MapType(other),
        ):
            return _compare(element, other)
        case ObjectType(), ObjectType() if left.attributes.keys() == right.attributes.keys():
            return _agreed(_compare(each, right.attributes[name]) for name, each in left.attributes.items())
        case TupleType(elements), TupleType(others) if len(elements) == len(others):
            return _agreed(map(_compare, elements, others))
    return 0


def _agreed(orders: Iterable[int]) -> int:
    found = {order for order in orders if order}
    return found.pop() if len(found) == 1 else 0
