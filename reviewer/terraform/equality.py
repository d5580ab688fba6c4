"""Whether two values are equal, as ``==`` and the functions that search see it.

Follows go-cty's ``Value.Equals``: values of different types are different, and what is unknown decides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reviewer.terraform.arithmetic import format_number
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
from reviewer.terraform.value import Unknown, Value, type_of


def equals(left: Value, right: Value) -> bool | None:
    """Tell whether the values are equal; None when that depends on something unknown."""
    if isinstance(left.data, str) and isinstance(right.data, str):
        return left.data == right.data  # by far the most, and always of one type
    if left.is_unknown or right.is_unknown:
        return _equals_unknown(left, right)
    if left.data is None or right.data is None:
        return left.data is None and right.data is None
    if not (_is_typed(left) and _is_typed(right)):
        return None if _conforms(type_of(left), type_of(right)) else False
    if type_of(left) != type_of(right):
        return False
    return _equals_data(left, right)


def _equals_unknown(left: Value, right: Value) -> bool | None:
    known, other = (right, left) if left.is_unknown else (left, right)
    if known.is_unknown or known.data is None or has_dynamic(type_of(other)):
        return None
    return None if type_of(known) == type_of(other) else False


def has_dynamic(kind: Type) -> bool:
    """Tell whether some part of a type is not known."""
    match kind:
        case Primitive():
            return kind is DYNAMIC
        case ListType(element) | SetType(element) | MapType(element):
            return has_dynamic(element)
        case TupleType(elements):
            return any(map(has_dynamic, elements))
        case ObjectType():
            return any(map(has_dynamic, kind.attributes.values()))


def _is_typed(value: Value) -> bool:
    """Tell whether everything unknown inside at least has a known type."""
    return not any(isinstance(each.data, Unknown) and has_dynamic(each.data.type) for each in value.walk())


def _conforms(left: Type, right: Type) -> bool:
    """Tell whether the types are the same wherever both are known."""
    if left is DYNAMIC or right is DYNAMIC:
        return True
    match left, right:
        case (
            (ListType(element), ListType(other))
            | (SetType(element), SetType(other))
            | (MapType(element), MapType(other))
        ):
            return _conforms(element, other)
        case TupleType(), TupleType():
            return len(left.elements) == len(right.elements) and all(
                map(_conforms, left.elements, right.elements)
            )
        case ObjectType(), ObjectType():
            return left.attributes.keys() == right.attributes.keys() and all(
                _conforms(each, right.attributes[name]) for name, each in left.attributes.items()
            )
    return left == right


def _equals_data(left: Value, right: Value) -> bool | None:
    one, other = left.data, right.data
    if isinstance(one, tuple) and isinstance(other, tuple):
        if isinstance(left.type, SetType):
            return _equals_sets(one, other)
        return len(one) == len(other) and _all(zip(one, other, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and _all((each, other[name]) for name, each in one.items())
    return one == other


def _all(pairs: Iterable[tuple[Value, Value]]) -> bool | None:
    """Compare in order, as Terraform does: the first pair that differs or is undecided gives the answer."""
    for left, right in pairs:
        answer = equals(left, right)
        if not answer:
            return answer
    return True


def _equals_sets(left: tuple[Value, ...], right: tuple[Value, ...]) -> bool | None:
    if any(each.is_unknown for each in (*left, *right)):
        return None
    if all(each.is_wholly_known for each in (*left, *right)):
        return {identity(each) for each in left} == {identity(each) for each in right}
    return all(any(equals(one, other) for other in right) for one in left) and all(
        any(equals(one, other) for one in left) for other in right
    )


def identity(value: Value) -> object:
    """Return a key that is equal for equal values of one type; each unknown value has its own."""
    data = value.data
    if isinstance(data, Unknown):
        return ("unknown", id(value))
    if isinstance(data, tuple):
        return ("sequence", tuple(map(identity, data)))
    if isinstance(data, Mapping):
        return ("mapping", tuple((name, identity(each)) for name, each in data.items()))
    if isinstance(data, bool) or data is None:
        return (type(data).__name__, data)
    if isinstance(data, str):
        return ("string", data)
    return ("number", format_number(data))
