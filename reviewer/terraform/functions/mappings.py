"""Collection functions on maps and objects."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.convert import describe_type
from reviewer.terraform.functions.function import Function, Marks, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    LIST_OF_STRINGS,
    attributes_of,
    elements_of,
    made_list,
    made_string,
    text_of,
    unknown_because,
)
from reviewer.terraform.limits import check_count
from reviewer.terraform.types import DYNAMIC, STRING, ListType, MapType, ObjectType, TupleType, Type
from reviewer.terraform.value import EvaluationError, Unknown, Value, object_of, tuple_of, type_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAP_OF_LISTS = MapType(LIST_OF_STRINGS)
_MOST_ALTERNATIVES = 8


def _keys(value: Value) -> Value:
    kind = shape_of(value)
    attributes = attributes_of(value)
    if isinstance(kind, ObjectType):
        names = sorted(kind.attributes) if value.is_unknown else list(attributes)
        return tuple_of(tuple(_key(name, attributes) for name in names))
    if not isinstance(kind, MapType):
        raise EvaluationError("must have map or object type")
    if isinstance(value.data, Unknown):
        return Value(
            Unknown(value.data.reason, type=LIST_OF_STRINGS, length=value.data.length), LIST_OF_STRINGS
        )
    return made_list([_key(name, attributes) for name in attributes], STRING)


def _key(name: str, attributes: Mapping[str, Value]) -> Value:
    """Return a key as a value; it is written where its element is."""
    supplier = attributes[name].origins[:1] if name in attributes else ()
    return Value(name, STRING, supplier)


def _values(value: Value) -> Value:
    kind = shape_of(value)
    if not isinstance(kind, MapType | ObjectType):
        raise EvaluationError("values() requires a map as the first argument")
    if isinstance(value.data, Unknown):
        return _unknown_values(value.data, kind)
    elements = tuple(attributes_of(value).values())
    return tuple_of(elements) if isinstance(kind, ObjectType) else made_list(elements, kind.element)


def _unknown_values(data: Unknown, kind: MapType | ObjectType) -> Value:
    result: Type
    if isinstance(kind, MapType):
        result = ListType(kind.element)
    else:
        result = TupleType(tuple(each for _, each in sorted(kind.attributes.items())))
    return Value(Unknown(data.reason, type=result, length=data.length, element=data.element), result)


def _merge(*values: Value) -> Value:
    for each in values:
        kind = shape_of(each)
        if kind is DYNAMIC and each.is_unknown:
            break  # Terraform looks no further
        if not isinstance(kind, MapType | ObjectType) and not (kind is DYNAMIC and each.is_null):
            raise EvaluationError(f"arguments must be maps or objects, got {describe_type(kind)}")
    if any(each.is_unknown for each in values):
        return _partly_known_merge(values)
    merged: dict[str, Value] = {}
    for each in values:
        merged.update(attributes_of(each))
    check_count(len(merged))
    kind = _merged_type(values)
    if isinstance(kind, MapType):
        return Value(dict(sorted(merged.items())), kind)
    return object_of(merged)


def _merged_type(values: Sequence[Value]) -> Type:
    """Return the map type when all are maps of one type; any other mixture gives an object."""
    if values and all(isinstance(shape_of(each), MapType) for each in values):
        first = shape_of(values[0])
        if all(shape_of(each) == first for each in values):
            return first
    return ObjectType({})


def _partly_known_merge(values: Sequence[Value]) -> Value:
    """Return an unknown whose members from the last arguments are certain all the same."""
    kinds = [type_of(each) for each in values]
    kind: Type = kinds[0] if all(each == kinds[0] for each in kinds) else DYNAMIC
    if kind is DYNAMIC and all(isinstance(each, ObjectType) for each in kinds):
        kind = ObjectType(
            {
                name: of
                for each in kinds
                if isinstance(each, ObjectType)
                for name, of in each.attributes.items()
            }
        )
    blocked = next(each.data for each in values if isinstance(each.data, Unknown))

    def member(name: str) -> Value | None:
        for each in reversed(values):
            branches = _branches(each)
            if branches and all(name not in attributes_of(branch) for branch in branches):
                continue
            if isinstance(each.data, Unknown):
                return each.data.members(name) if each.data.members else None
            return attributes_of(each)[name]
        return None

    return Value(Unknown(blocked.reason, type=kind, members=member, alternatives=_alternatives(values)), kind)


def _branches(value: Value) -> tuple[Value, ...]:
    """Return the objects that a value may be: itself, or what a conditional chooses from; () for others."""
    if not isinstance(value.data, Unknown):
        return (value,)
    found = value.data.alternatives
    return found if all(isinstance(each.data, Mapping) for each in found) else ()


def _alternatives(values: Sequence[Value]) -> tuple[Value, ...]:
    """Return what a merge of conditionals can give; () when that is too much, or else unknown."""
    branches = [_branches(each) for each in values]
    if not 1 < prod(map(len, branches)) <= _MOST_ALTERNATIVES:
        return ()
    return tuple(_merge(*chosen) for chosen in product(*branches))


def _transpose(value: Value) -> Value:
    if not value.is_wholly_known:
        return unknown_because(_MAP_OF_LISTS, value)
    found: dict[str, list[Value]] = {}
    for name, each in attributes_of(value).items():
        if each.data is None:
            raise EvaluationError("input must not contain null list")
        for element in elements_of(each):
            if element.data is None:
                raise EvaluationError("input list must not contain null string")
            found.setdefault(text_of(element), []).append(made_string(name).via(*element.origins))
    lists = {name: made_list(sorted(each, key=text_of), STRING) for name, each in sorted(found.items())}
    return Value(lists, _MAP_OF_LISTS)


def _zipmap(keys: Value, values: Value) -> Value:
    kind = shape_of(values)
    if not isinstance(kind, ListType | TupleType):
        raise EvaluationError("values argument must be a list or tuple value")
    result: Type = MapType(kind.element) if isinstance(kind, ListType) else DYNAMIC
    if not keys.is_wholly_known:
        return unknown_because(result, keys)
    if isinstance(kind, ListType) and values.is_unknown:
        return unknown_because(result, values)
    names = [_zipped_key(each) for each in elements_of(keys)]
    if isinstance(kind, TupleType) and values.is_unknown:
        return _unknown_zipmap(values, names, kind)
    elements = elements_of(values)
    if len(names) != len(elements):
        raise EvaluationError(
            f"number of keys ({len(names)}) does not match number of values ({len(elements)})"
        )
    zipped = dict(zip(names, elements, strict=True))
    sensitive = any(each.sensitive for each in elements_of(keys))
    if isinstance(result, MapType):
        return Value(dict(sorted(zipped.items())), result, sensitive=sensitive)
    return object_of(zipped).marked(sensitive)


def _zipped_key(key: Value) -> str:
    if key.data is None:
        raise EvaluationError("keys list has a null value")
    return text_of(key)


def _unknown_zipmap(values: Value, names: Sequence[str], kind: TupleType) -> Value:
    if len(names) != len(kind.elements):
        raise EvaluationError("number of keys does not match number of values")
    return unknown_because(ObjectType(dict(zip(names, kind.elements, strict=True))), values)


_CONTAINER = Parameter("mapping", unknown=True, marks=Marks.SHALLOW)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "keys": Function((Parameter("inputMap", unknown=True, marks=Marks.SHALLOW, names_only=True),), _keys),
        "merge": Function(
            (),
            _merge,
            rest=Parameter("maps", nullable=True, unknown=True, dynamic=True, marks=Marks.SHALLOW),
        ),
        "transpose": Function((Parameter("values", _MAP_OF_LISTS),), _transpose, _MAP_OF_LISTS),
        "values": Function((_CONTAINER,), _values),
        "zipmap": Function(
            (
                Parameter("keys", LIST_OF_STRINGS, unknown=True, marks=Marks.SHALLOW),
                Parameter("values", unknown=True, marks=Marks.SHALLOW),
            ),
            _zipmap,
        ),
    }
)
