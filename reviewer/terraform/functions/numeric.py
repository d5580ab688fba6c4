"""Numeric functions."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform import arithmetic
from reviewer.terraform.convert import convert
from reviewer.terraform.functions.floats import logarithm, power
from reviewer.terraform.functions.function import Function, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    amount_of,
    elements_of,
    made_count,
    made_number,
    numbers,
    text_of,
    unknown_because,
    whole_of,
)
from reviewer.terraform.limits import UnsupportedError, check_length
from reviewer.terraform.types import DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType
from reviewer.terraform.value import EvaluationError, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CASE_BLIND_BASE = 36
_MIN_BASE = 2


def _absolute(value: Value) -> Value:
    return made_number(arithmetic.absolute(amount_of(value)))


def _ceil(value: Value) -> Value:
    return made_number(arithmetic.ceiling(amount_of(value)))


def _floor(value: Value) -> Value:
    return made_number(arithmetic.floor(amount_of(value)))


def _log(value: Value, base: Value) -> Value:
    return _from_float(logarithm(_as_float(value), _as_float(base)))


def _pow(value: Value, exponent: Value) -> Value:
    return _from_float(power(_as_float(value), _as_float(exponent)))


def _as_float(value: Value) -> float:
    try:
        return float(arithmetic.exact(amount_of(value)))
    except OverflowError:
        raise EvaluationError("the number is too large") from None


def _from_float(result: float) -> Value:
    if not math.isfinite(result):
        raise UnsupportedError("the result is not a finite number")
    return made_number(arithmetic.from_float(result))


def _max(*values: Value) -> Value:
    if not values:
        raise EvaluationError("must pass at least one number")
    return max(values, key=amount_of)


def _min(*values: Value) -> Value:
    if not values:
        raise EvaluationError("must pass at least one number")
    return min(values, key=amount_of)


def _parseint(text: Value, base: Value) -> Value:
    if shape_of(text) is not STRING:
        raise EvaluationError("the first argument must be a string")
    if text.is_unknown or base.is_unknown:
        return unknown_because(NUMBER, text, base)
    radix = whole_of(base, "base")
    if not _MIN_BASE <= radix <= len(_DIGITS):
        raise EvaluationError("base must be a whole number between 2 and 62 inclusive")
    return made_number(_parse(text_of(text), radix))


def _parse(text: str, radix: int) -> arithmetic.Number:
    check_length(len(text) * 1000)
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if radix <= _CASE_BLIND_BASE:
        digits = digits.lower()
    values = [_DIGITS.find(each) for each in digits]
    if not values or min(values) < 0 or max(values) >= radix:
        raise EvaluationError(f"cannot parse {text!r} as a base {radix} integer")
    amount = 0
    for each in values:
        amount = amount * radix + each
    return arithmetic.whole(-amount if text.startswith("-") else amount)


def _signum(value: Value) -> Value:
    amount = whole_of(value, "num")
    return made_count((amount > 0) - (amount < 0))


def _sum(value: Value) -> Value:
    if not isinstance(value.type, ListType | SetType | TupleType):
        raise EvaluationError("the argument must be a list, set, or tuple")
    elements = elements_of(value)
    if not elements:
        raise EvaluationError("cannot sum an empty list")
    if not value.is_wholly_known:
        return unknown_because(NUMBER, value)
    total: arithmetic.Number | None = None
    for each in elements:
        amount = _summand(each)
        total = amount if total is None else arithmetic.add(total, amount)
    return made_number(total or 0)


def _summand(value: Value) -> arithmetic.Number:
    if value.data is None:
        raise EvaluationError("the argument must be a list, set, or tuple of number values")
    return amount_of(convert(value, NUMBER))


def _range(*limits: Value) -> Value:
    start, end, step = _range_limits([amount_of(each) for each in limits])
    if not step:
        raise EvaluationError("step must not be zero")
    if (step < 0 and end > start) or (step > 0 and end < start):
        raise EvaluationError("end must be on the side of start that step goes to")
    values: list[Value] = []
    current = start
    while current > end if step < 0 else current < end:
        if len(values) >= _MAX_RANGE:
            raise EvaluationError("more than 1024 values were generated")
        values.append(made_number(current))
        current = arithmetic.add(current, step)
    return Value(tuple(values), ListType(NUMBER))


_MAX_RANGE = 1024


def _range_limits(
    amounts: list[arithmetic.Number],
) -> tuple[arithmetic.Number, arithmetic.Number, arithmetic.Number]:
    """Return start, end and step; without a step ``range`` counts down when the end is below the start."""
    match amounts:
        case [end]:
            return arithmetic.machine_integer(0), end, arithmetic.machine_integer(-1 if end < 0 else 1)
        case [start, end]:
            return start, end, arithmetic.machine_integer(-1 if end < start else 1)
        case [start, end, step]:
            return start, end, step
    raise EvaluationError("must have one, two, or three arguments")


_NUMBERS = Parameter("numbers", NUMBER)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": Function(numbers("num"), _absolute, NUMBER),
        "ceil": Function(numbers("num"), _ceil, NUMBER),
        "floor": Function(numbers("num"), _floor, NUMBER),
        "log": Function(numbers("num", "base"), _log, NUMBER),
        "max": Function((), _max, NUMBER, rest=_NUMBERS, selects=True),
        "min": Function((), _min, NUMBER, rest=_NUMBERS, selects=True),
        "parseint": Function(
            (Parameter("number", DYNAMIC, unknown=True), Parameter("base", NUMBER, unknown=True)),
            _parseint,
            NUMBER,
        ),
        "pow": Function(numbers("num", "power"), _pow, NUMBER),
        "range": Function((), _range, ListType(NUMBER), rest=Parameter("params", NUMBER)),
        "signum": Function(numbers("num"), _signum, NUMBER),
        "sum": Function((Parameter("list"),), _sum, NUMBER),
    }
)
