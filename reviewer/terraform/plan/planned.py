"""What a plan says, as values: read from JSON, and put where the code leaves something unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.convert import convert
from reviewer.terraform.limits import MAX_DEPTH
from reviewer.terraform.types import DYNAMIC, ListType, SetType
from reviewer.terraform.value import (
    NULL,
    EvaluationError,
    Unknown,
    Value,
    boolean,
    number,
    object_of,
    string,
    tuple_of,
    type_of,
    unknown,
    with_planned,
)

if TYPE_CHECKING:
    from reviewer.terraform.plan.document import Json
    from reviewer.terraform.text import Range

NOT_YET = unknown("the plan does not know it before it is applied")
SENSITIVE = unknown("the plan marks it as sensitive")
_TOO_DEEP = unknown("the plan nests it too deeply")


def planned_value(data: Json, hidden: Json = None, sensitive: Json = None, depth: int = 0) -> Value:
    """Return JSON data as a value.

    ``hidden`` and ``sensitive`` mirror the data, with true at each part that is not known or must not be
    shown; None stands for nowhere. A list whose elements have one type is a list: the JSON does not tell it
    from a set or a tuple.
    """
    if hidden is True:
        return NOT_YET
    if sensitive is True:
        return SENSITIVE
    if depth > MAX_DEPTH:
        return _TOO_DEEP
    if isinstance(data, dict) or (data is None and _hides(hidden)):
        return _object(data or {}, hidden, sensitive, depth)
    if isinstance(data, list):
        elements = tuple(
            planned_value(each, _at(hidden, index), _at(sensitive, index), depth + 1)
            for index, each in enumerate(data)
        )
        return _list(elements)
    return _scalar(data)


def _object(data: dict[str, Json], hidden: Json, sensitive: Json, depth: int) -> Value:
    mirror = hidden if isinstance(hidden, dict) else {}
    names = [*data, *(name for name in mirror if name not in data and _hides(mirror[name]))]
    return object_of(
        {
            name: planned_value(data.get(name), _at(hidden, name), _at(sensitive, name), depth + 1)
            for name in names
        }
    )


def _hides(mirror: Json) -> bool:
    """Tell whether ``hidden`` says of any part that it is not known."""
    if isinstance(mirror, dict | list):
        return any(map(_hides, mirror.values() if isinstance(mirror, dict) else mirror))
    return mirror is True


def _at(mirror: Json, key: str | int) -> Json:
    """Return the part of ``hidden`` or ``sensitive`` for one element; False where they say nothing."""
    if isinstance(mirror, dict):
        return mirror.get(key, False)
    if isinstance(mirror, list) and isinstance(key, int) and key < len(mirror):
        return mirror[key]
    return False


def _list(elements: tuple[Value, ...]) -> Value:
    types = [type_of(each) for each in elements]
    if not types or types[0] is DYNAMIC or any(each != types[0] for each in types):
        return tuple_of(elements)
    return Value(elements, ListType(types[0]))


def _scalar(data: object) -> Value:
    match data:
        case bool():
            return boolean(data)
        case str():
            return string(data)
        case int() | Decimal():
            return number(data)
    return NULL


def fill(value: Value, planned: Value) -> Value:
    """Return a value with what is planned in place of what is unknown in it; what is known stays."""
    data = value.data
    if isinstance(data, Unknown):
        return _filled(value, data, planned)
    if isinstance(data, tuple) and isinstance(planned.data, tuple):
        if len(data) != len(planned.data) or isinstance(value.type, SetType) or value.is_wholly_known:
            return value
        return replace(value, data=tuple(map(fill, data, planned.data)))
    if isinstance(data, Mapping) and isinstance(planned.data, Mapping) and not value.is_wholly_known:
        members = {
            name: fill(each, planned.data[name]) if name in planned.data else each
            for name, each in data.items()
        }
        return replace(value, data=members)
    return value


def _filled(value: Value, data: Unknown, planned: Value) -> Value:
    """Return an unknown value with what is planned, which must be of its type."""
    with suppress(EvaluationError):
        planned = convert(planned, data.type)
        if data.document is not None and isinstance(planned.data, str):
            value = replace(value, data=replace(data, document=_filled_document(data.document, planned.data)))
        return with_planned(value, located(planned, value.origins))
    return value


def _filled_document(document: Value, text: str) -> Value:
    """Return what ``jsonencode`` writes, with the unknown parts taken from the text that is planned."""
    with suppress(ValueError, RecursionError):
        return fill(document, planned_value(json.loads(text, parse_float=Decimal)))
    return document


def located(value: Value, origins: tuple[Range, ...]) -> Value:
    """Return a planned value, and all inside it, as supplied by the code that leaves it unknown."""
    data = value.data
    if isinstance(data, tuple):
        return replace(value, data=tuple(located(each, origins) for each in data), origins=origins)
    if isinstance(data, Mapping):
        members = {name: located(each, origins) for name, each in data.items()}
        return replace(value, data=members, origins=origins)
    return replace(value, origins=origins)


def matches(value: Value, planned: Json) -> bool:
    """Tell whether a value is what JSON data says, as far as the value is known."""
    data = value.data
    match data, planned:
        case Unknown(), _:
            return True
        case tuple(), list():
            return len(data) == len(planned) and _elements_match(value, data, planned)
        case Mapping(), dict():
            same = planned.keys() == data.keys()
            return same and all(matches(each, planned[name]) for name, each in data.items())
        case Decimal(), int() | float() | Decimal():
            return float(data) == float(planned)
    return isinstance(data, bool) is isinstance(planned, bool) and bool(data == planned)


def _elements_match(value: Value, elements: tuple[Value, ...], planned: list[Json]) -> bool:
    """Tell whether elements are those of JSON data of the same length; a set has no order."""
    if isinstance(value.type, SetType):
        return all(any(matches(each, other) for other in planned) for each in elements)
    return all(map(matches, elements, planned))
