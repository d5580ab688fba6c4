"""Collection functions whose result is one of their arguments or an element of one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.convert import convert, describe_type
from reviewer.terraform.functions.function import Function, Marks, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    attributes_of,
    elements_of,
    is_unknown_length,
    text_of,
    unknown_because,
    whole_of,
)
from reviewer.terraform.types import (
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
from reviewer.terraform.unification import unify
from reviewer.terraform.value import EvaluationError, Unknown, Value, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def _coalesce(*values: Value) -> Value:
    kind = unify([type_of(each) for each in values]) if values else None
    if kind is None:
        raise EvaluationError("all arguments must have the same type")
    passed: list[Value] = []
    for each in values:
        converted = convert(each, kind)
        if converted.is_unknown:
            return unknown_because(kind, each)
        if converted.data is None or (kind is STRING and converted.data == ""):
            passed.append(each)
            continue
        return converted.via(*(origin for skipped in passed for origin in skipped.origins))
    raise EvaluationError("no non-null, non-empty-string arguments")


def _coalescelist(*values: Value) -> Value:
    if not values:
        raise EvaluationError("at least one argument is required")
    kind = _common_list_type(values)
    passed: list[Value] = []
    for each in values:
        if each.is_unknown:
            return unknown_because(kind, each)
        if each.data is not None and elements_of(each):
            return each.via(*(origin for skipped in passed for origin in skipped.origins))
        passed.append(each)
    raise EvaluationError("no non-null arguments")


def _common_list_type(values: tuple[Value, ...]) -> Type:
    for each in values:
        if each.is_unknown:
            return DYNAMIC
        if not isinstance(each.type, ListType | TupleType):
            raise EvaluationError("coalescelist arguments must be lists or tuples")
    types = [type_of(each) for each in values]
    return types[0] if all(each == types[0] for each in types) else DYNAMIC


def _element(value: Value, position: Value) -> Value:
    kind = shape_of(value)
    if not isinstance(kind, ListType | TupleType):
        raise EvaluationError(f"cannot read elements from {describe_type(kind)}")
    if isinstance(value.data, Unknown) or position.is_unknown:
        return _unknown_element(value, position, kind)
    elements = elements_of(value)
    index = whole_of(position, "index")
    if not elements:
        raise EvaluationError("cannot use element function with an empty list")
    if isinstance(kind, TupleType) and index < 0 and index % len(elements):
        raise EvaluationError("index is out of range")
    return elements[index % len(elements)].via(*position.origins)


def _unknown_element(value: Value, position: Value, kind: ListType | TupleType) -> Value:
    result: Type = DYNAMIC
    if isinstance(kind, ListType):
        result = kind.element
    elif not position.is_unknown and kind.elements:
        result = kind.elements[whole_of(position, "index") % len(kind.elements)]
    return unknown_because(result, value, position)


def _lookup(container: Value, key: Value, *default: Value) -> Value:
    if len(default) > 1:
        raise EvaluationError("lookup() takes two or three arguments")
    kind = shape_of(container)
    if container.is_unknown and kind is DYNAMIC:
        return _known_member(container, key) or unknown_because(DYNAMIC, container)
    if key.data is None:
        raise EvaluationError("invalid value for 'key': argument must not be null")
    if not isinstance(kind, MapType | ObjectType):
        raise EvaluationError("lookup() requires a map as the first argument")
    if isinstance(kind, MapType):
        fallback = tuple(convert(each, kind.element) for each in default)
        return _find(container, key, fallback, kind.element)
    return _lookup_attribute(container, key, default, kind)


def _lookup_attribute(container: Value, key: Value, default: tuple[Value, ...], kind: ObjectType) -> Value:
    if not isinstance(container.data, Unknown):
        return _find(container, key, default, DYNAMIC)
    if key.is_unknown:
        return unknown_because(DYNAMIC, key)
    name = text_of(key)
    if name not in kind.attributes and not default:
        raise EvaluationError(f"the given object has no attribute {name!r}")
    return _find(container, key, default, kind.attributes.get(name, DYNAMIC))


def _find(container: Value, key: Value, default: tuple[Value, ...], kind: Type) -> Value:
    if isinstance(container.data, Unknown) or key.is_unknown:
        known = _known_member(container, key)
        return known or unknown_because(kind, container if container.is_unknown else key, key)
    name = text_of(key)
    found = attributes_of(container).get(name)
    if found is None and not default:
        raise EvaluationError(f"lookup failed to find key {name!r}")
    chosen = default[0] if found is None else found
    sensitive = container.sensitive or key.sensitive
    return chosen.via(*key.origins).marked(sensitive)


def _known_member(container: Value, key: Value) -> Value | None:
    """Return an element that is certain although the container as a whole is unknown."""
    data = container.data
    if key.is_unknown or not isinstance(data, Unknown) or data.members is None:
        return None
    return data.members(text_of(key))


def _one(value: Value) -> Value:
    kind = shape_of(value)
    message = "must be a list, set, or tuple value with either zero or one elements"
    if not isinstance(kind, ListType | SetType | TupleType):
        raise EvaluationError(message)
    result = _one_type(kind)
    if isinstance(value.data, Unknown):
        if isinstance(kind, TupleType) and len(kind.elements) > 1:
            raise EvaluationError(message)
        return unknown_because(result, value)
    elements = elements_of(value)
    if is_unknown_length(value):
        return unknown_because(result, value)
    if len(elements) > 1:
        raise EvaluationError(message)
    return elements[0] if elements else Value(None, result, value.origins)


def _one_type(kind: ListType | SetType | TupleType) -> Type:
    if isinstance(kind, TupleType):
        return kind.elements[0] if len(kind.elements) == 1 else DYNAMIC
    return kind.element


_ANY = Parameter("vals", nullable=True, unknown=True, dynamic=True)
_OWN_ANY = Parameter("default", nullable=True, unknown=True, dynamic=True, marks=Marks.OWN)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "coalesce": Function((), _coalesce, rest=_ANY, selects=True),
        "coalescelist": Function((), _coalescelist, rest=_ANY, selects=True),
        "element": Function(
            (Parameter("list", unknown=True, marks=Marks.SHALLOW), Parameter("index", NUMBER, unknown=True)),
            _element,
            selects=True,
        ),
        "lookup": Function(
            (
                Parameter("inputMap", unknown=True, dynamic=True, marks=Marks.SHALLOW),
                Parameter("key", STRING, nullable=True, unknown=True, marks=Marks.SHALLOW),
            ),
            _lookup,
            rest=_OWN_ANY,
            selects=True,
        ),
        "one": Function((Parameter("list", unknown=True),), _one, selects=True),
    }
)
