"""Attribute access, indexing and splats on values, known or not.

An unknown object keeps its identity: ``aws_iam_role.node`` is unknown, ``.arn`` of it is the unknown
``aws_iam_role.node.arn``, and an argument that is written in the code is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.terraform.types import ListType, MapType, ObjectType, SetType, TupleType
from reviewer.terraform.value import EvaluationError, Unknown, Value, tuple_of

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

_NO_LENGTH = "the elements are not known before apply"


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
    data = value.data
    if isinstance(data, Unknown):
        return _unknown_index(value, data, key, at)
    if data is None:
        message = "attempt to index a null value"
        raise EvaluationError(message)
    if isinstance(key.data, Unknown):
        return Value(Unknown(key.data.reason), origins=(*value.origins, *key.origins))
    if isinstance(data, Mapping):
        return _map_element(value, data, key, at)
    if isinstance(data, tuple) and not isinstance(value.type, SetType):
        return _list_element(value, data, key, at)
    message = "this value does not have any indices"
    raise EvaluationError(message)


def splat(value: Value, each: Callable[[Value], Value], at: Range) -> Value:
    """Return ``value[*]…``: null gives an empty tuple, a single value a tuple of one."""
    data = value.data
    if data is None:
        return tuple_of((), at, *value.origins)
    if isinstance(data, Unknown):
        return _unknown_splat(value, data, each, at)
    if isinstance(data, tuple):
        return tuple_of(tuple(each(element) for element in data), at, *value.origins).marked(value.sensitive)
    return tuple_of((each(value),), at, *value.origins)


def _unknown_member(value: Value, data: Unknown, name: str, suffix: str, at: Range) -> Value:
    written = data.members(name) if data.members else None
    if written is not None:
        return written.via(at).marked(value.sensitive)
    if data.alternatives:
        branches = tuple(_or_unknown(partial(get_attribute, each, name, at)) for each in data.alternatives)
        return replace(value, data=Unknown(data.reason, alternatives=branches))
    return _extended(value, data, suffix, at)


def _extended(value: Value, data: Unknown, suffix: str, at: Range) -> Value:
    if data.reference is None:
        return Value(Unknown(data.reason), origins=(at, *value.origins), sensitive=value.sensitive)
    reference = data.reference + suffix
    reason = f"`{reference}` is not known from the code"
    return Value(Unknown(reason, reference), origins=(at, *value.origins), sensitive=value.sensitive)


def _unknown_index(value: Value, data: Unknown, key: Value, at: Range) -> Value:
    if data.element is not None and not key.is_unknown:
        return data.element.via(at)
    if data.alternatives:
        branches = tuple(_or_unknown(partial(get_index, each, key, at)) for each in data.alternatives)
        return replace(value, data=Unknown(data.reason, alternatives=branches))
    if isinstance(key.data, str):
        return _unknown_member(value, data, key.data, f'["{key.data}"]', at)
    if isinstance(key.data, int) and not isinstance(key.data, bool):
        return _extended(value, data, f"[{key.data}]", at)
    return Value(Unknown(data.reason), origins=(at, *value.origins), sensitive=value.sensitive)


def _or_unknown(access: Callable[[], Value]) -> Value:
    try:
        return access()
    except EvaluationError as error:
        return Value(Unknown(str(error)))


def _map_element(value: Value, data: Mapping[str, Value], key: Value, at: Range) -> Value:
    if key.data is None or isinstance(key.data, tuple | Mapping):
        message = "a map is indexed by a string"
        raise EvaluationError(message)
    name = key.data if isinstance(key.data, str) else _as_key(key)
    if name in data:
        return data[name].via(at, *key.origins).marked(value.sensitive)
    message = f"the given key {name!r} does not identify an element of this collection"
    raise EvaluationError(message)


def _as_key(key: Value) -> str:
    return str(key.data).lower() if isinstance(key.data, bool) else str(key.data)


def _list_element(value: Value, data: tuple[Value, ...], key: Value, at: Range) -> Value:
    position = key.data
    if isinstance(position, str) and position.isdigit():
        position = int(position)
    if isinstance(position, bool) or not isinstance(position, int):
        message = "a list is indexed by a whole number"
        raise EvaluationError(message)
    if not 0 <= position < len(data):
        message = f"the index {position} is out of range: the collection has {len(data)} elements"
        raise EvaluationError(message)
    return data[position].via(at, *key.origins).marked(value.sensitive)


def _unknown_splat(value: Value, data: Unknown, each: Callable[[Value], Value], at: Range) -> Value:
    if data.element is not None:
        element = each(data.element)
        return Value(
            Unknown(data.reason, element=element), origins=(at, *value.origins), sensitive=value.sensitive
        )
    if data.members is not None:
        return tuple_of((each(value),), at)
    length = data.length
    if length is None and not isinstance(data.type, ListType | SetType | TupleType | MapType | ObjectType):
        reason, reference = data.reason, f"{data.reference}[*]" if data.reference else None
        return Value(Unknown(reason, reference), origins=(at, *value.origins), sensitive=value.sensitive)
    return Value(Unknown(data.reason or _NO_LENGTH, length=length), origins=(at, *value.origins))
