"""What function bodies use: the data of checked arguments, results, and parameters in short."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from reviewer.terraform.arithmetic import Number, machine_integer
from reviewer.terraform.functions.function import Parameter
from reviewer.terraform.limits import check_length
from reviewer.terraform.types import BOOL, NUMBER, STRING, ListType, SetType, Type
from reviewer.terraform.value import EvaluationError, Unknown, Value

_WORD_LIMIT = 2**63


def text_of(value: Value) -> str:
    """Return the data of a known string."""
    return value.data if isinstance(value.data, str) else ""


def amount_of(value: Value) -> Number:
    """Return the data of a known number."""
    data = value.data
    return 0 if data is None or isinstance(data, str | tuple | Mapping | Unknown) else data


def whole_of(value: Value, name: str) -> int:
    """Return a known number as a machine word; raises :class:`EvaluationError` when it is none."""
    amount = amount_of(value)
    if not isinstance(amount, int) or not -_WORD_LIMIT <= amount < _WORD_LIMIT:
        raise EvaluationError(f"invalid value for {name!r}: a whole number is required")
    return int(amount)


def elements_of(value: Value) -> tuple[Value, ...]:
    """Return the elements of a known list, set or tuple."""
    return value.data if isinstance(value.data, tuple) else ()


def attributes_of(value: Value) -> Mapping[str, Value]:
    """Return the elements of a known map or object."""
    return value.data if isinstance(value.data, Mapping) else {}


def blocking(*values: Value) -> Unknown:
    """Return what is unknown in ``values``, the first of it."""
    return next(each.data for value in values for each in value.walk() if isinstance(each.data, Unknown))


def unknown_because(kind: Type, *values: Value) -> Value:
    """Return an unknown result with the reason of what is unknown in ``values``."""
    return Value(Unknown(blocking(*values).reason, type=kind), kind)


def made_string(text: str) -> Value:
    """Return a string that a function made; Terraform normalises every string it makes."""
    check_length(len(text))
    return Value(text if text.isascii() else unicodedata.normalize("NFC", text), STRING)


def made_bool(truth: bool) -> Value:  # noqa: FBT001 - the flag is the value
    """Return a bool that a function made."""
    return Value(truth, BOOL)


def made_number(amount: Number) -> Value:
    """Return a number that a function made."""
    return Value(amount, NUMBER)


def made_count(amount: int) -> Value:
    """Return a length, an index or another number that Terraform makes from a machine word."""
    return Value(machine_integer(amount), NUMBER)


def made_list(elements: Sequence[Value], element_type: Type) -> Value:
    """Return a list."""
    return Value(tuple(elements), ListType(element_type))


def is_unknown_length(value: Value) -> bool:
    """Tell whether a known collection may shrink: a set whose unknown elements may turn out to be equal."""
    return isinstance(value.type, SetType) and len(elements_of(value)) > 1 and not value.is_wholly_known


# Parameters, in short.

LIST_OF_STRINGS = ListType(STRING)


def texts(*names: str) -> tuple[Parameter, ...]:
    """Return string parameters."""
    return tuple(Parameter(name, STRING) for name in names)


def numbers(*names: str) -> tuple[Parameter, ...]:
    """Return number parameters."""
    return tuple(Parameter(name, NUMBER) for name in names)
