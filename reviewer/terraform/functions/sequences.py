"""Collection functions on lists and tuples."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.convert import convert, describe_type
from reviewer.terraform.equality import equals, identity
from reviewer.terraform.functions.function import Function, Marks, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    LIST_OF_STRINGS,
    elements_of,
    is_unknown_length,
    made_count,
    made_list,
    unknown_because,
    whole_of,
)
from reviewer.terraform.limits import check_count
from reviewer.terraform.types import DYNAMIC, NUMBER, ListType, SetType, TupleType, Type
from reviewer.terraform.unification import unify
from reviewer.terraform.value import EvaluationError, Unknown, Value, tuple_of, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ANY_LIST = ListType(DYNAMIC)


def _chunklist(value: Value, size: Value) -> Value:
    width = whole_of(size, "size")
    elements = elements_of(value)
    if width < 0:
        raise EvaluationError("the size argument must be positive")
    if not elements:
        return made_list((), value.type)
    if not width:
        return made_list((value,), value.type)
    starts = range(0, len(elements), width)
    chunks = [Value(elements[start : start + width], value.type) for start in starts]
    return made_list(chunks, value.type)


def _compact(value: Value) -> Value:
    if not value.is_wholly_known:
        return unknown_because(LIST_OF_STRINGS, value)
    kept = tuple(each for each in elements_of(value) if each.data)
    return Value(kept, LIST_OF_STRINGS)


def _concat(*values: Value) -> Value:
    if not values:
        raise EvaluationError("at least one argument is required")
    if any(each.is_unknown and shape_of(each) is DYNAMIC for each in values):
        return _with_parts(unknown_because(DYNAMIC, *values), values)
    kind = _concat_type(values)
    if any(each.is_unknown for each in values):
        return _with_parts(_with_length(unknown_because(kind, *values), values), values)
    parts = [convert(each, kind) if isinstance(kind, ListType) else each for each in values]
    elements = tuple(element for each in parts for element in elements_of(each))
    check_count(len(elements))
    return Value(elements, kind) if isinstance(kind, ListType) else tuple_of(elements)


def _concat_type(values: Sequence[Value]) -> Type:
    """Return a list type when all are lists that have one in common, a tuple type or ``any`` otherwise."""
    kinds = [shape_of(each) for each in values]
    if all(isinstance(each, ListType) for each in kinds):
        common = unify(kinds)
        if common is not None:
            return common
    elements: list[Type] = []
    for each, kind in zip(values, kinds, strict=True):
        if isinstance(kind, TupleType):
            elements.extend(kind.elements)
        elif not isinstance(kind, ListType):
            raise EvaluationError(f"all arguments must be lists or tuples; got {describe_type(kind)}")
        elif each.is_unknown:
            return DYNAMIC
    return TupleType(tuple(elements))


def _with_parts(value: Value, parts: Sequence[Value]) -> Value:
    """Keep the collections that an unknown one is made of: one known element can be enough to decide."""
    if not isinstance(value.data, Unknown):
        return value
    return replace(value, data=replace(value.data, parts=tuple(parts)))


def _with_length(value: Value, parts: Sequence[Value]) -> Value:
    """Add the length of a result whose elements are unknown but whose parts all have a known length."""
    total = 0
    for each in parts:
        if isinstance(each.data, Unknown):
            if each.data.length is None:
                return value
            total += each.data.length
        else:
            total += len(elements_of(each))
    reason = value.data.reason if isinstance(value.data, Unknown) else ""
    return Value(Unknown(reason, type=value.type, length=total), value.type)


def _distinct(value: Value) -> Value:
    if not value.is_wholly_known:
        return unknown_because(shape_of(value), value)
    found: dict[object, Value] = {}
    for each in elements_of(value):
        found.setdefault(identity(each), each)
    return Value(tuple(found.values()), value.type)


def _flatten(value: Value) -> Value:
    if isinstance(value.data, Unknown):
        return Value(Unknown(value.data.reason), sensitive=value.sensitive)
    if not isinstance(value.type, ListType | SetType | TupleType):
        if value.is_wholly_known:
            raise EvaluationError("can only flatten lists, sets and tuples")
        return unknown_because(DYNAMIC, value)
    elements: list[Value] = []
    sensitive = _flatten_into(value, elements)
    if elements and elements[-1] is _UNDECIDED:
        return unknown_because(DYNAMIC, value).marked(sensitive)
    return tuple_of(tuple(elements)).marked(sensitive)


_UNDECIDED = Value(None)
"""Stands last among flattened elements when an unknown one may be a list itself."""


def _flatten_into(value: Value, found: list[Value]) -> bool:
    """Append the elements of ``value`` and of sequences inside it; tell whether any of these is sensitive."""
    sensitive = value.sensitive
    undecided = is_unknown_length(value)
    for each in elements_of(value):
        kind = shape_of(each)
        is_sequence = each.data is not None and isinstance(kind, ListType | SetType | TupleType)
        if each.is_unknown and (is_sequence or kind is DYNAMIC):
            undecided = True
            sensitive = sensitive or each.sensitive
        elif is_sequence:
            sensitive = _flatten_into(each, found) or sensitive
            if found and found[-1] is _UNDECIDED:
                found.pop()
                undecided = True
        else:
            found.append(each)
            check_count(len(found))
    if undecided:
        found.append(_UNDECIDED)
    return sensitive


def _index(value: Value, wanted: Value) -> Value:
    if not isinstance(shape_of(value), ListType | TupleType):
        raise EvaluationError("argument must be a list or tuple")
    elements = elements_of(value)
    if not elements:
        raise EvaluationError("cannot search an empty list")
    for position, each in enumerate(elements):
        answer = equals(each, wanted)
        if answer is None:
            return unknown_because(NUMBER, each, wanted)
        if answer:
            return made_count(position)
    raise EvaluationError("item not found")


def _matchkeys(values: Value, keys: Value, searchset: Value) -> Value:
    common = unify([type_of(keys), type_of(searchset)])
    if common is None:
        raise EvaluationError("keys and searchset must be of the same type")
    if len(elements_of(values)) != len(elements_of(keys)):
        raise EvaluationError("length of keys and values should be equal")
    wanted = elements_of(convert(searchset, common))
    if not wanted:
        return Value((), values.type)
    if not values.is_wholly_known or not keys.is_wholly_known:
        return unknown_because(values.type, values, keys)
    if any(not each.is_wholly_known for each in wanted):
        return unknown_because(values.type, *wanted)
    searched = {identity(each) for each in wanted}
    pairs = zip(elements_of(values), elements_of(convert(keys, common)), strict=True)
    return Value(tuple(value for value, key in pairs if identity(key) in searched), values.type)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "chunklist": Function(
            (Parameter("list", _ANY_LIST, marks=Marks.SHALLOW), Parameter("size", NUMBER)),
            _chunklist,
            ListType(_ANY_LIST),
        ),
        "compact": Function((Parameter("list", LIST_OF_STRINGS),), _compact, LIST_OF_STRINGS),
        "concat": Function(
            (), _concat, rest=Parameter("seqs", unknown=True, dynamic=True, marks=Marks.SHALLOW)
        ),
        "distinct": Function((Parameter("list", _ANY_LIST, unknown=True),), _distinct, _ANY_LIST),
        "flatten": Function((Parameter("list", unknown=True, dynamic=True, marks=Marks.OWN),), _flatten),
        "index": Function((Parameter("list"), Parameter("value")), _index, NUMBER),
        "matchkeys": Function(
            tuple(Parameter(name, _ANY_LIST) for name in ("values", "keys", "searchset")),
            _matchkeys,
            _ANY_LIST,
        ),
    }
)
