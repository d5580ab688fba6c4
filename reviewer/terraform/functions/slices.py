"""Collection functions that take a list apart by position: ``slice`` and ``reverse``."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.convert import describe_type
from reviewer.terraform.functions.function import Function, Marks, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    elements_of,
    is_unknown_length,
    made_list,
    unknown_because,
    whole_of,
)
from reviewer.terraform.types import DYNAMIC, NUMBER, ListType, SetType, TupleType, Type
from reviewer.terraform.value import EvaluationError, Unknown, Value, tuple_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def _slice(value: Value, start: Value, end: Value) -> Value:
    kind = shape_of(value)
    if isinstance(kind, SetType):
        raise EvaluationError("cannot slice a set, because its elements do not have indices")
    is_sequence = isinstance(kind, ListType | TupleType)
    if not is_sequence and not (value.is_unknown and kind is DYNAMIC):
        raise EvaluationError("must be a list or tuple value")
    if kind is DYNAMIC and not _are_bounds(start, end):
        return unknown_because(DYNAMIC, value)  # Terraform calls no function for what may be of any type
    first, last = _bound(start, "start_index"), _bound(end, "end_index")
    length = _length_of(value, kind)
    if any(each is not None and length is not None and each > length for each in (first, last)):
        raise EvaluationError("index must not be greater than the length of the list")
    if first is not None and last is not None and first > last:
        raise EvaluationError("start index must not be greater than end index")
    if value.is_unknown or first is None or last is None:
        return _unknown_slice(value, (start, end), kind, (first, last))
    elements = elements_of(value)[first:last]
    return Value(elements, kind) if isinstance(kind, ListType) else tuple_of(elements)


def _are_bounds(start: Value, end: Value) -> bool:
    """Tell whether two indices may be the ends of a slice."""
    with suppress(EvaluationError):
        first, last = _bound(start, "start_index"), _bound(end, "end_index")
        return first is None or last is None or first <= last
    return False


def _bound(value: Value, name: str) -> int | None:
    if value.is_unknown:
        return None
    index = whole_of(value, name)
    if index < 0:
        raise EvaluationError(f"{name} must not be less than zero")
    return index


def _length_of(value: Value, kind: Type) -> int | None:
    if isinstance(value.data, Unknown):
        return len(kind.elements) if isinstance(kind, TupleType) else value.data.length
    return len(elements_of(value))


def _unknown_slice(
    value: Value, limits: tuple[Value, Value], kind: Type, bounds: tuple[int | None, int | None]
) -> Value:
    """Return an unknown slice, which has a length as soon as both ends are known."""
    first, last = bounds
    length = None if first is None or last is None else last - first
    result: Type = kind if isinstance(kind, ListType) else DYNAMIC
    if isinstance(kind, TupleType) and length is not None:
        result = TupleType(kind.elements[first:last])
    blocked = next(each.data for each in (value, *limits) if isinstance(each.data, Unknown))
    element = value.data.element if isinstance(value.data, Unknown) else None
    return Value(Unknown(blocked.reason, type=result, length=length, element=element), result)


def _reverse(value: Value) -> Value:
    kind = shape_of(value)
    if not isinstance(kind, ListType | SetType | TupleType):
        raise EvaluationError(f"can only reverse list or tuple values, not {describe_type(kind)}")
    if isinstance(value.data, Unknown):
        return _unknown_reverse(value.data, kind)
    if isinstance(kind, TupleType):
        return tuple_of(elements_of(value)[::-1])
    if is_unknown_length(value):
        return unknown_because(ListType(kind.element), value)
    return made_list(elements_of(value)[::-1], kind.element)


def _unknown_reverse(data: Unknown, kind: ListType | SetType | TupleType) -> Value:
    if isinstance(kind, TupleType):
        result: Type = TupleType(kind.elements[::-1])
    else:
        result = ListType(kind.element)
    length = data.length if isinstance(kind, ListType) else None
    return Value(Unknown(data.reason, type=result, length=length, element=data.element), result)


_UNKNOWN_SEQUENCE = Parameter("list", unknown=True, marks=Marks.SHALLOW)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "reverse": Function((_UNKNOWN_SEQUENCE,), _reverse),
        "slice": Function(
            (
                Parameter("list", unknown=True, dynamic=True, marks=Marks.SHALLOW),
                Parameter("start_index", NUMBER, unknown=True),
                Parameter("end_index", NUMBER, unknown=True),
            ),
            _slice,
        ),
    }
)
