"""Terraform's operators and the conditional expression.

An operator whose operand is unknown gives an unknown result with the operand's reason, ``false && unknown``
included: Terraform 1.11 does not take the short way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform import arithmetic
from reviewer.terraform.convert import convert, describe_type
from reviewer.terraform.equality import equals
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import BOOL, DYNAMIC, NUMBER, ListType, MapType, TupleType, Type
from reviewer.terraform.unification import unify
from reviewer.terraform.value import Contributions, EvaluationError, Unknown, Value, type_of

if TYPE_CHECKING:
    from reviewer.terraform.arithmetic import Number
    from reviewer.terraform.text import Range

_ARITHMETIC: Mapping[str, Callable[[Number, Number], Number]] = MappingProxyType(
    {
        "+": arithmetic.add,
        "-": arithmetic.subtract,
        "*": arithmetic.multiply,
        "/": arithmetic.divide,
        "%": arithmetic.remainder,
    }
)
_COMPARISONS: Mapping[str, Callable[[Number, Number], bool]] = MappingProxyType(
    {
        "<": lambda left, right: left < right,
        ">": lambda left, right: left > right,
        "<=": lambda left, right: left <= right,
        ">=": lambda left, right: left >= right,
    }
)

_LIST_OF_ANYTHING = ListType(DYNAMIC)
_UNKNOWN_TYPES = "the branches have types that only the provider knows"
_NEGATIVE_ZERO = "negative zero is not supported"


def binary(operator: str, left: Value, right: Value, at: Range | None) -> Value:
    """Return ``left operator right``; raises :class:`EvaluationError` where Terraform would.

    The origins are ``at``, then those of the operands.
    """
    if operator in {"==", "!="}:
        return _equality(operator, left, right, at)
    is_logical = operator in {"&&", "||"}
    kind = BOOL if is_logical else NUMBER
    result = result_type(operator)
    operands = (_operand(left, kind, "left operand"), _operand(right, kind, "right operand"))
    blocked = next((each.data for each in operands if isinstance(each.data, Unknown)), None)
    if blocked is not None:
        return _computed(Unknown(blocked.reason, type=result), result, at, left, right)
    data = _logical(operator, *operands) if is_logical else _numeric(operator, *map(_amount, operands))
    return _computed(data, result, at, left, right)


def result_type(operator: str) -> Type:
    """Return the type of what an operator gives."""
    return NUMBER if operator in _ARITHMETIC else BOOL


def unary(operator: str, operand: Value, at: Range | None) -> Value:
    """Return ``-operand`` or ``!operand``; raises :class:`EvaluationError` where Terraform would."""
    kind = NUMBER if operator == "-" else BOOL
    converted = _operand(operand, kind, "unary operand")
    if isinstance(converted.data, Unknown):
        return _computed(Unknown(converted.data.reason, type=kind), kind, at, operand)
    if kind is BOOL:
        return _computed(not converted.data, kind, at, operand)
    # Terraform prints the opposite of zero as "-0".
    data = arithmetic.negate(_amount(converted)) if converted.data else Unknown(_NEGATIVE_ZERO, type=NUMBER)
    return _computed(data, kind, at, operand)


def conditional(condition: Value, true_value: Value, false_value: Value, at: Range | None) -> Value:
    """Return one branch, converted to the type that both have in common.

    The chosen branch keeps its own origins and gets those of the condition as hops. An unknown condition
    gives an unknown value with both branches as its alternatives.
    """
    kind = _common_type(true_value, false_value)
    if condition.data is None:
        raise EvaluationError("the condition value is null; conditions must either be true or false")
    sensitive = condition.sensitive or true_value.sensitive or false_value.sensitive
    if isinstance(condition.data, Unknown):
        return _undecided(condition, condition.data, (true_value, false_value), kind, at).marked(sensitive)
    chosen = true_value if convert(condition, BOOL).data else false_value
    result = convert(chosen, kind).via(*condition.origins).marked(sensitive)
    if kind == _LIST_OF_ANYTHING and (_is_mixed(true_value) or _is_mixed(false_value)):
        # Terraform refuses this unless the provider says that the types agree.
        return replace(result, data=Unknown(_UNKNOWN_TYPES, alternatives=(result,)), type=DYNAMIC)
    return result


def _is_mixed(value: Value) -> bool:
    """Tell whether a tuple has elements of a known type beside some of a type that only a provider knows."""
    elements = value.data if isinstance(value.data, tuple) and isinstance(value.type, TupleType) else ()
    return len({type_of(each) is DYNAMIC for each in elements}) > 1


def _equality(operator: str, left: Value, right: Value, at: Range | None) -> Value:
    answer = equals(left, right)
    if answer is None:
        blocked = next(
            each.data for side in (left, right) for each in side.walk() if isinstance(each.data, Unknown)
        )
        return _computed(Unknown(blocked.reason, type=BOOL), BOOL, at, left, right)
    return _computed(answer is (operator == "=="), BOOL, at, left, right)


def _operand(value: Value, kind: Type, what: str) -> Value:
    try:
        converted = convert(value, kind)
    except EvaluationError as error:
        raise EvaluationError(f"unsuitable value for {what}: {error}") from None
    if converted.data is None:
        raise EvaluationError(f"the {what} must not be null")
    return converted


def _amount(value: Value) -> Number:
    """Return the data of an operand that was converted to a number."""
    return value.data if isinstance(value.data, int | Decimal) else 0


def _logical(operator: str, left: Value, right: Value) -> bool:
    return bool(left.data and right.data) if operator == "&&" else bool(left.data or right.data)


def _numeric(operator: str, left: Number, right: Number) -> bool | Number | Unknown:
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](left, right)
    try:
        return _ARITHMETIC[operator](left, right)
    except UnsupportedError as error:
        return Unknown(error.reason, type=NUMBER)


def _computed(data: bool | Number | Unknown, kind: Type, at: Range | None, *operands: Value) -> Value:  # noqa: FBT001 - a result
    gathered = Contributions.of(*operands)
    origins = gathered.origins if at is None else (at, *(each for each in gathered.origins if each != at))
    return Value(data, kind, origins, gathered.sensitive)


def _common_type(true_value: Value, false_value: Value) -> Type:
    true_type, false_type = type_of(true_value), type_of(false_value)
    if true_value.data is None and true_type is DYNAMIC:
        return false_type
    if false_value.data is None and false_type is DYNAMIC:
        return true_type
    if true_type is DYNAMIC or false_type is DYNAMIC:
        return DYNAMIC
    kind = unify((true_type, false_type))
    if kind is None:
        names = f"{describe_type(true_type)} and {describe_type(false_type)}"
        raise EvaluationError(f"the true and false results must have consistent types; these are {names}")
    return kind


def _undecided(
    condition: Value, blocked: Unknown, branches: tuple[Value, Value], kind: Type, at: Range | None
) -> Value:
    if all(each.data is None for each in branches):
        return Value(None, kind, branches[0].origins).via(*condition.origins)
    try:
        alternatives = tuple(convert(each, kind) for each in branches)
    except EvaluationError:
        alternatives = ()
    hops = tuple(
        dict.fromkeys((*condition.origins, *(each for branch in branches for each in branch.origins)))
    )
    origins = hops if at is None else (at, *(each for each in hops if each != at))
    lists = [each.data for each in alternatives if isinstance(each.data, tuple)]
    are_lists = isinstance(kind, ListType) and all(type_of(each) == kind for each in branches)
    if isinstance(kind, ListType) and are_lists and len({len(each) for each in lists}) == 1 < len(lists):
        return Value(_element_wise(lists, blocked.reason, kind.element), kind, origins)
    length = _common_length(alternatives) if isinstance(kind, MapType) else None
    return Value(Unknown(blocked.reason, type=kind, alternatives=alternatives, length=length), kind, origins)


def _element_wise(lists: Sequence[tuple[Value, ...]], reason: str, element: Type) -> tuple[Value, ...]:
    """Return one unknown element for each pair: lists of one length differ in their elements only."""
    pairs = zip(*lists, strict=True)
    return tuple(
        Value(Unknown(reason, type=element, alternatives=pair), element, _origins(pair)) for pair in pairs
    )


def _origins(values: Iterable[Value]) -> tuple[Range, ...]:
    return tuple(dict.fromkeys(origin for each in values for origin in each.origins))


def _common_length(alternatives: tuple[Value, ...]) -> int | None:
    lengths = {len(each.data) if isinstance(each.data, Mapping) else None for each in alternatives}
    return lengths.pop() if len(lengths) == 1 else None
