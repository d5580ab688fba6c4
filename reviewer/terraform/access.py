"""Attribute access, indexing and splats on values, known or not.

An unknown object keeps its identity: ``aws_iam_role.node`` is unknown, ``.arn`` of it is the unknown
``aws_iam_role.node.arn``, and an argument that is written in the code is known.

Source: ``Index`` and ``GetAttr`` of HCL's ops.go, ``SplatExpr`` of its hclsyntax/expression.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.convert import convert
from reviewer.terraform.types import (
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
from reviewer.terraform.value import EvaluationError, Unknown, Value, tuple_of, type_of

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

_Each = Callable[[Value], Value]


def get_attribute(value: Value, name: str, at: Range) -> Value:
    """Return ``value.name``; raises :class:`EvaluationError` where Terraform would."""
    data = value.data
    if isinstance(data, Unknown):
        return _unknown_member(value, data, name, f".{name}", at)
    if data is None:
        message = f"attempt to get attribute {name!r} from a null value"
        raise EvaluationError(message)
    if isinstance(data, Mapping):
        if name in data:
            return data[name].via(at).marked(value.sensitive)
        message = f"this object does not have an attribute named {name!r}"
        raise EvaluationError(message)
    message = f"cannot access attribute {name!r}: this is not an object"
    raise EvaluationError(message)


def get_index(value: Value, key: Value, at: Range) -> Value:
    """Return ``value[key]``; raises :class:`EvaluationError` where Terraform would."""
    data, key = value.data, key.settled()
    if key.data is None:
        message = "a null value cannot be used as an index"
        raise EvaluationError(message)
    if isinstance(data, Unknown):
        return _unknown_index(value, data, key, at)
    if data is None:
        message = "attempt to index a null value"
        raise EvaluationError(message)
    if isinstance(data, Mapping):
        return _map_element(value, data, key, at)
    if isinstance(data, tuple) and not isinstance(value.type, SetType):
        return _list_element(value, data, key, at)
    message = "this value does not have any indices"
    raise EvaluationError(message)


def splat(value: Value, each: _Each, at: Range) -> Value:
    """Return ``value[*]…``: null gives an empty tuple, a single value a tuple of one."""
    data = value.data
    if data is None:
        if isinstance(value.type, ListType | SetType | TupleType):
            message = "a splat cannot be applied to a null list"
            raise EvaluationError(message)
        return tuple_of((), at, *value.origins)
    if isinstance(data, Unknown):
        return _unknown_splat(value, data, each, at)
    if not isinstance(data, tuple):
        return tuple_of((each(value),), at, *value.origins)
    elements = tuple(map(each, data))
    if isinstance(value.type, TupleType):
        return tuple_of(elements, at, *value.origins).marked(value.sensitive)
    return _list_of(elements, value.type, each, (at, *value.origins)).marked(value.sensitive)


def splat_type(source: Value) -> Type:
    """Return the type of a splat whose elements all fail."""
    kind = type_of(source)
    if isinstance(kind, ListType | SetType):
        return ListType(DYNAMIC)
    return TupleType((DYNAMIC,) * (len(kind.elements) if isinstance(kind, TupleType) else 1))


def _list_of(elements: tuple[Value, ...], source: Type, each: _Each, origins: tuple[Range, ...]) -> Value:
    """Return the list that a splat of a list or set gives."""
    if not elements:
        return Value((), ListType(_each_type(source, each)), origins)
    element = type_of(elements[0])
    if any(type_of(other) != element for other in elements[1:]):
        message = "the splat gives elements of different types"
        raise EvaluationError(message)
    return Value(elements, ListType(element), origins)


def _each_type(source: Type, each: _Each) -> Type:
    """Return the type that a splat gives each element of a list or set of type ``source``."""
    element = source.element if isinstance(source, ListType | SetType) else DYNAMIC
    return type_of(each(Value(Unknown("an element", type=element), element)))


def _unknown_member(value: Value, data: Unknown, name: str, suffix: str, at: Range) -> Value:
    written = data.members(name) if data.members else None
    if written is not None:
        return written.via(at).marked(value.sensitive)
    kind = _member_type(data.type, name)
    if data.alternatives:
        branches = tuple(_or_unknown(partial(get_attribute, each, name, at)) for each in data.alternatives)
        return replace(value, data=Unknown(data.reason, type=kind, alternatives=branches), type=kind)
    return _extended(value, data, suffix, kind, at, partial(get_attribute, name=name, at=at))


def _member_type(container: Type, name: str) -> Type:
    """Return the type of an attribute of an unknown value."""
    if container is DYNAMIC:
        return DYNAMIC
    if isinstance(container, MapType):
        return container.element
    if isinstance(container, ObjectType) and name in container.attributes:
        return container.attributes[name]
    message = f"this value does not have an attribute named {name!r}"
    raise EvaluationError(message)


def _extended(  # noqa: PLR0913, PLR0917 - one step of a traversal
    value: Value, data: Unknown, suffix: str, kind: Type, at: Range, access: _Each
) -> Value:
    """Return what a further step of a reference leads to; ``access`` takes it of what is planned."""
    origins = (at, *value.origins)
    planned = _planned(data, access)
    if data.reference is None:
        return Value(Unknown(data.reason, type=kind, planned=planned), kind, origins, value.sensitive)
    reference = data.reference + suffix
    reason = f"`{reference}` is not known from the code"
    return Value(Unknown(reason, reference, kind, planned=planned), kind, origins, value.sensitive)


def _planned(data: Unknown, access: _Each) -> Value | None:
    """Return a part of what is planned; None when the plan does not tell it, either."""
    if data.planned is None:
        return None
    with suppress(EvaluationError):
        found = access(data.planned)
        return None if found.is_unknown else found
    return None


def _unknown_index(value: Value, data: Unknown, key: Value, at: Range) -> Value:
    if data.element is not None and not key.is_unknown:
        return data.element.via(at)
    if data.alternatives:
        branches = tuple(_or_unknown(partial(get_index, each, key, at)) for each in data.alternatives)
        kind = _element_type(data.type)
        return replace(value, data=Unknown(data.reason, type=kind, alternatives=branches), type=kind)
    if isinstance(data.type, ObjectType | MapType):
        key = convert(key, STRING)
    if isinstance(key.data, str) and not isinstance(data.type, ListType | TupleType):
        return _unknown_member(value, data, key.data, f'["{key.data}"]', at)
    kind = _element_type(data.type)
    if isinstance(key.data, int) and not isinstance(key.data, bool):
        return _extended(value, data, f"[{key.data}]", kind, at, partial(get_index, key=key, at=at))
    return Value(Unknown(data.reason, type=kind), kind, (at, *value.origins), value.sensitive)


def _element_type(container: Type) -> Type:
    if isinstance(container, SetType) or (isinstance(container, Primitive) and container is not DYNAMIC):
        message = "this value does not have any indices"
        raise EvaluationError(message)
    return container.element if isinstance(container, ListType | MapType) else DYNAMIC


def _or_unknown(access: Callable[[], Value]) -> Value:
    try:
        return access()
    except EvaluationError as error:
        return Value(Unknown(str(error)))


def _map_element(value: Value, data: Mapping[str, Value], key: Value, at: Range) -> Value:
    name = convert(key, STRING)
    if isinstance(name.data, Unknown):
        return _unknown_element(value, name.data, key)
    if name.data in data:
        return data[str(name.data)].via(at, *key.origins).marked(value.sensitive)
    message = f"the given key {name.data!r} does not identify an element of this collection"
    raise EvaluationError(message)


def _list_element(value: Value, data: tuple[Value, ...], key: Value, at: Range) -> Value:
    position = convert(key, NUMBER).data
    if isinstance(position, Unknown):
        return _unknown_element(value, position, key)
    if not isinstance(position, int):
        message = "a list is indexed by a whole number"
        raise EvaluationError(message)
    if not 0 <= position < len(data):
        message = f"the index {position} is out of range: the collection has {len(data)} elements"
        raise EvaluationError(message)
    return data[position].via(at, *key.origins).marked(value.sensitive)


def _unknown_element(value: Value, blocked: Unknown, key: Value) -> Value:
    """Return the element at an unknown key."""
    kind = value.type.element if isinstance(value.type, ListType | MapType) else DYNAMIC
    return Value(Unknown(blocked.reason, type=kind), kind, (*value.origins, *key.origins), value.sensitive)


def _unknown_splat(value: Value, data: Unknown, each: _Each, at: Range) -> Value:
    origins = (at, *value.origins)
    planned = _planned(data, partial(splat, each=each, at=at))
    if data.element is not None:
        unknown = Unknown(data.reason, element=each(data.element))
        return Value(unknown, origins=origins, sensitive=value.sensitive)
    if data.members is not None and data.reference is not None:
        return tuple_of((each(value),), at)
    if isinstance(data.type, ListType | SetType):
        kind = ListType(_each_type(data.type, each))
        length = data.length if isinstance(data.type, ListType) else None
        found = Unknown(data.reason, type=kind, length=length, planned=planned)
        return Value(found, kind, origins, value.sensitive)
    if data.type is not DYNAMIC:
        each(value)  # a single value becomes a list of one, and must have what is asked of it
    reference = f"{data.reference}[*]" if data.reference else None
    length = data.length if data.type is DYNAMIC else None
    found = Unknown(data.reason, reference, length=length, planned=planned)
    return Value(found, origins=origins, sensitive=value.sensitive)
