"""Type conversion functions and those about sensitivity."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.convert import convert
from reviewer.terraform.functions.function import Function, Marks, Parameter
from reviewer.terraform.functions.pieces import made_bool, unknown_because
from reviewer.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type
from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping


def _to(kind: Type) -> Function:
    return Function((_VALUE,), lambda value: _converted(value, kind), kind, selects=True)


def _converted(value: Value, kind: Type) -> Value:
    """Convert; of an unknown value Terraform leaves the element type open."""
    converted = convert(value, kind)
    if isinstance(converted.data, Unknown) and converted.type is not DYNAMIC:
        return replace(converted, data=replace(converted.data, type=kind), type=kind)
    return converted


def _sensitive(value: Value) -> Value:
    return value.marked(sensitive=True)


def _nonsensitive(value: Value) -> Value:
    return replace(value, sensitive=False)


def _issensitive(value: Value) -> Value:
    if value.sensitive:
        return made_bool(truth=True)
    return unknown_because(BOOL, value) if value.is_unknown else made_bool(truth=False)


def _ephemeralasnull(value: Value) -> Value:
    """Return the value itself: an ephemeral one would have been unknown before it came here."""
    return value


_VALUE = Parameter("value", nullable=True, unknown=True, dynamic=True, marks=Marks.OWN)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "ephemeralasnull": Function((_VALUE,), _ephemeralasnull, selects=True),
        "issensitive": Function((_VALUE,), _issensitive, BOOL),
        "nonsensitive": Function((_VALUE,), _nonsensitive, selects=True),
        "sensitive": Function((_VALUE,), _sensitive, selects=True),
        "tobool": _to(BOOL),
        "tolist": _to(ListType(DYNAMIC)),
        "tomap": _to(MapType(DYNAMIC)),
        "tonumber": _to(NUMBER),
        "toset": _to(SetType(DYNAMIC)),
        "tostring": _to(STRING),
    }
)
