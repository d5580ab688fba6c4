"""Conversion of values between types, by Terraform's rules.

Follows go-cty's package ``convert``. A conversion changes the type and keeps where the value comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from msgspec.structs import replace

from reviewer.terraform.arithmetic import Number, format_number, parse_number
from reviewer.terraform.concrete_types import concrete, without_optional
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.sets import make_set
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
    type_name,
)
from reviewer.terraform.unification import convertible, unify
from reviewer.terraform.value import EvaluationError, Unknown, Value, type_of

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def convert(value: Value, kind: Type) -> Value:
    """Return the value as a ``kind``; raises :class:`EvaluationError` where Terraform would.

    Null and unknown values keep being that, with the new type; an unknown one keeps its reference and reason.
    Attributes that ``kind`` marks optional become null when absent. Numbers that are not supported become
    unknown.
    """
    if kind is DYNAMIC or (isinstance(kind, Primitive) and value.type is kind and not value.is_unknown):
        return value
    source = type_of(value)
    if not convertible(source, kind):
        raise EvaluationError(_mismatch(value, source, kind))
    return _convert(value, kind)


def describe_type(kind: Type) -> str:
    """Return the type as an error message names it."""
    match kind:
        case TupleType():
            return "tuple"
        case ObjectType():
            return "object"
        case ListType(element) | SetType(element) | MapType(element):
            word = type(kind).__name__.removesuffix("Type").lower()
            return f"{word} of {'any single type' if element is DYNAMIC else describe_type(element)}"
    return type_name(kind)


def _mismatch(value: Value, source: Type, kind: Type) -> str:
    if isinstance(value.data, Mapping) and isinstance(kind, ObjectType):
        missing = [name for name in kind.attributes if name not in value.data and name not in kind.optional]
        if missing:
            return f"attribute {missing[0]!r} is required"
    return f"{describe_type(kind)} required, but have {describe_type(source)}"


def _convert(value: Value, kind: Type) -> Value:
    """Convert a value whose type is known to be convertible."""
    if isinstance(value.data, Unknown):
        return _convert_unknown(value, value.data, kind)
    if value.data is None:
        return replace(value, type=concrete(value.type, kind))
    if isinstance(kind, Primitive):
        return _to_primitive(value, kind)
    return (
        _to_structural(value, kind)
        if isinstance(kind, TupleType | ObjectType)
        else _to_collection(value, kind)
    )


def _to_collection(value: Value, kind: ListType | SetType | MapType) -> Value:
    if isinstance(kind, MapType):
        return _to_map(value, kind.element)
    return _to_sequence(value, kind.element, _as_list if isinstance(kind, ListType) else make_set)


def _to_structural(value: Value, kind: TupleType | ObjectType) -> Value:
    if isinstance(kind, TupleType):
        return replace(value, data=tuple(map(convert, _sequence(value), kind.elements)))
    return _to_object(value, kind)


def _convert_unknown(value: Value, data: Unknown, kind: Type) -> Value:
    target = concrete(data.type, kind)
    length = len(data.type.elements) if isinstance(data.type, TupleType) else data.length
    if isinstance(target, SetType) and length is not None and length > 1:
        length = None
    if not isinstance(target, ListType | SetType | MapType):
        length = None
    alternatives: tuple[Value, ...] = ()
    planned: Value | None = None
    # A branch that would fail says nothing about the other one: the value is simply unknown.
    with suppress(EvaluationError):
        alternatives = tuple(convert(each, kind) for each in data.alternatives)
    with suppress(EvaluationError):
        planned = None if data.planned is None else convert(data.planned, kind)
    changed = replace(data, type=target, length=length, alternatives=alternatives, planned=planned)
    return replace(value, data=changed, type=target)


def _to_primitive(value: Value, kind: Primitive) -> Value:
    data = value.data
    if value.type is kind or isinstance(data, tuple | Mapping | Unknown):
        return value
    if kind is STRING:
        return replace(value, data=_to_text(data), type=STRING)
    if kind is NUMBER and isinstance(data, str):
        try:
            return replace(value, data=parse_number(data), type=NUMBER)
        except UnsupportedError as error:
            return replace(value, data=Unknown(error.reason, type=NUMBER), type=NUMBER)
        except ValueError:
            raise EvaluationError("a number is required") from None
    if kind is BOOL and isinstance(data, str):
        if data not in _BOOLEANS:
            raise EvaluationError("a bool is required")
        return replace(value, data=_BOOLEANS[data], type=BOOL)
    return value


def _to_text(data: bool | Number | str | None) -> str:  # noqa: FBT001 - the flag is the value
    if isinstance(data, bool):
        return "true" if data else "false"
    return data if isinstance(data, str) else format_number(data or 0)


def _sequence(value: Value) -> tuple[Value, ...]:
    return value.data if isinstance(value.data, tuple) else ()


def _to_sequence(value: Value, element: Type, build: Callable[[tuple[Value, ...], Type], Value]) -> Value:
    elements = _sequence(value)
    if not elements:
        source = value.type.element if isinstance(value.type, ListType | SetType) else DYNAMIC
        made = build((), without_optional(source if element is DYNAMIC else element))
        return replace(made, origins=value.origins, sensitive=value.sensitive)
    if isinstance(value.type, SetType) and build is not make_set and _has_unknown_size(value):
        return _undecided(value, ListType(value.type.element))
    common = _common_type(elements) if isinstance(value.type, TupleType) and element is DYNAMIC else element
    # Terraform 1.11 refuses some sets of null and collections that it accepts as lists.
    odd_set = build is make_set and _mixes_null(elements)
    is_open = isinstance(value.type, TupleType) and common is DYNAMIC and not odd_set
    if is_open and not any(each.is_unknown for each in elements):
        _require_untyped(elements)
    if odd_set or (common is DYNAMIC and _is_undecided(elements)):
        return _untyped(_undecided(value, build((), DYNAMIC).type))
    converted = _unified(tuple(convert(each, common) for each in elements))
    made = build(converted, type_of(converted[0]))
    return replace(made, origins=value.origins, sensitive=value.sensitive or made.sensitive)


def _as_list(elements: tuple[Value, ...], element: Type) -> Value:
    return Value(elements, ListType(element))


def _has_unknown_size(value: Value) -> bool:
    return len(_sequence(value)) > 1 and not value.is_wholly_known


def _to_map(value: Value, element: Type) -> Value:
    data = value.data if isinstance(value.data, Mapping) else {}
    if not data:
        source = value.type.element if isinstance(value.type, MapType) else DYNAMIC
        return replace(value, type=MapType(without_optional(source if element is DYNAMIC else element)))
    elements = tuple(data.values())
    common = _common_type(elements) if isinstance(value.type, ObjectType) and element is DYNAMIC else element
    if common is DYNAMIC and _is_undecided(elements):
        return _undecided(value, MapType(DYNAMIC))
    converted = _unified(_typed_nulls(tuple(convert(each, common) for each in elements)))
    return replace(value, data=dict(zip(data, converted, strict=True)), type=MapType(type_of(converted[0])))


def _common_type(elements: Iterable[Value]) -> Type:
    common = unify([type_of(each) for each in elements])
    if common is None:
        raise EvaluationError("all elements must have the same type")
    return common


def _typed_nulls(elements: tuple[Value, ...]) -> tuple[Value, ...]:
    """Give nulls of no type that of the other elements."""
    kind = next((found for each in elements if (found := type_of(each)) is not DYNAMIC), DYNAMIC)
    return tuple(
        replace(each, type=kind) if each.is_null and each.type is DYNAMIC else each for each in elements
    )


def _require_untyped(elements: tuple[Value, ...]) -> None:
    """Raise when only some elements have a type: Terraform finds no common one."""
    if any(type_of(each) is not DYNAMIC for each in elements):
        raise EvaluationError("all elements must have the same type")


def _mixes_null(elements: tuple[Value, ...]) -> bool:
    """Tell whether a null of no type stands next to collections of different types."""
    types = [type_of(each) for each in elements if not (each.is_null and each.type is DYNAMIC)]
    return len(types) < len(elements) and any(
        kind != types[0] and not isinstance(kind, Primitive) for kind in types
    )


def _is_undecided(elements: Iterable[Value]) -> bool:
    """Tell whether elements are of types that only the provider knows, next to others that are known."""
    types = [type_of(each) for each in elements]
    unknown = any(each.is_unknown for each, kind in zip(elements, types, strict=True) if kind is DYNAMIC)
    return unknown and any(kind is not DYNAMIC for kind in types)


def _undecided(value: Value, kind: Type) -> Value:
    """Return an unknown collection for one whose element type or size depends on something unknown inside."""
    blocked = next((each.data for each in value.walk() if isinstance(each.data, Unknown)), None)
    reason = blocked.reason if blocked else "the type of the elements is not known"
    length = (
        None
        if isinstance(kind, SetType) or isinstance(value.type, SetType)
        else len(_sequence(value)) or None
    )
    return replace(value, data=Unknown(reason, type=kind, length=length), type=kind)


def _untyped(value: Value) -> Value:
    """Return an unknown collection that Terraform may refuse to make: then even its type is not known."""
    data = replace(value.data, type=DYNAMIC) if isinstance(value.data, Unknown) else value.data
    return replace(value, data=data, type=DYNAMIC)


def _unified(elements: tuple[Value, ...]) -> tuple[Value, ...]:
    """Bring elements of one collection to one type where the constraint left it open."""
    first = type_of(elements[0])
    if all(type_of(each) == first for each in elements[1:]):
        return elements
    common = _common_type(elements)
    converted = tuple(convert(each, common) for each in elements)
    first = type_of(converted[0])
    if any(type_of(each) != first for each in converted[1:]):
        raise EvaluationError("all elements must have the same type")
    return converted


def _to_object(value: Value, kind: ObjectType) -> Value:
    data = value.data if isinstance(value.data, Mapping) else {}
    attributes: dict[str, Value] = {}
    for name, each in sorted(kind.attributes.items()):
        if name in data:
            attributes[name] = convert(data[name], each)
        elif name in kind.optional:
            attributes[name] = Value(None, without_optional(each), value.origins)
        else:
            raise EvaluationError(f"attribute {name!r} is required")
    return replace(value, data=attributes, type=ObjectType({}))
