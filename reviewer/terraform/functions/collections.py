"""Collection functions that look at a collection as a whole, and those on sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import MappingProxyType

from reviewer.terraform.convert import convert
from reviewer.terraform.equality import equals, identity
from reviewer.terraform.functions.clusters import cluster_count
from reviewer.terraform.functions.function import Function, Marks, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    elements_of,
    is_unknown_length,
    made_bool,
    made_count,
    unknown_because,
)
from reviewer.terraform.limits import check_count
from reviewer.terraform.sets import make_set
from reviewer.terraform.types import (
    BOOL,
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
from reviewer.terraform.value import EvaluationError, Unknown, Value, tuple_of, type_of

_ANY_SET = SetType(DYNAMIC)


def _alltrue(value: Value) -> Value:
    for each in elements_of(value):
        if each.is_unknown:
            return unknown_because(BOOL, each)
        if not each.data:
            return made_bool(truth=False)
    return made_bool(truth=True)


def _anytrue(value: Value) -> Value:
    blocked: Value | None = None
    for each in elements_of(value):
        if each.is_unknown:
            blocked = blocked or each
        elif each.data:
            return made_bool(truth=True)
    return made_bool(truth=False) if blocked is None else unknown_because(BOOL, blocked)


def _contains(value: Value, wanted: Value) -> Value:
    if not isinstance(shape_of(value), ListType | SetType | TupleType):
        raise EvaluationError("argument must be list, tuple, or set")
    undecided: Value | None = None
    for each in elements_of(value):
        answer = equals(wanted, each)
        if answer:
            return made_bool(truth=True)
        if answer is None:
            undecided = undecided or each
    if undecided is None:
        return made_bool(truth=False)
    return unknown_because(BOOL, undecided, wanted)


def _length(value: Value) -> Value:
    kind = shape_of(value)
    if isinstance(kind, TupleType | ObjectType) and isinstance(value.data, Unknown):
        return made_count(len(kind.elements if isinstance(kind, TupleType) else kind.attributes))
    if isinstance(value.data, Unknown):
        if kind is not DYNAMIC and kind is not STRING and not isinstance(kind, ListType | SetType | MapType):
            raise EvaluationError(_NO_LENGTH)
        known = value.data.length
        return unknown_because(NUMBER, value) if known is None else made_count(known)
    if isinstance(value.data, str):
        return made_count(cluster_count(value.data))
    if isinstance(value.data, tuple | Mapping):
        return unknown_because(NUMBER, value) if is_unknown_length(value) else made_count(len(value.data))
    raise EvaluationError(_NO_LENGTH)


_NO_LENGTH = "argument must be a string, a collection type, or a structural type"


def _set_type(values: tuple[Value, ...]) -> Type:
    """Return the set type that all have in common; empty sets of no type do not count."""
    types: list[Type] = []
    for each in values:
        kind = shape_of(each)
        element = kind.element if isinstance(kind, SetType) else DYNAMIC
        if each.is_unknown or elements_of(each) or element is not DYNAMIC:
            types.append(element)
    common = unify(types) if types else DYNAMIC
    if common is None:
        raise EvaluationError("given sets must all have compatible element types")
    return SetType(common)


Combine = Callable[[dict[object, Value], dict[object, Value]], dict[object, Value]]


def _set_operation(combine: Combine, *, allows_unknown: bool) -> Callable[..., Value]:
    def body(*values: Value) -> Value:
        kind = _set_type(values)
        if any(each.is_unknown for each in values):
            return unknown_because(kind, *values)
        converted = [convert(each, kind) for each in values]
        _require_one_type([element for each in converted for element in elements_of(each)])
        if not allows_unknown and any(not each.is_wholly_known for each in converted):
            return unknown_because(kind, *converted)
        members = [{identity(element): element for element in elements_of(each)} for each in converted]
        result = members[0]
        for each in members[1:]:
            result = combine(result, each)
        return make_set(result.values(), kind.element if isinstance(kind, SetType) else DYNAMIC)

    return body


def _require_one_type(elements: Sequence[Value]) -> None:
    """Refuse sets that only ``null`` made compatible: their elements cannot be in one set."""
    known = [type_of(each) for each in elements if each.data is not None]
    if any(each != known[0] for each in known[1:]):
        raise EvaluationError("given sets must all have compatible element types")


def _union(one: dict[object, Value], other: dict[object, Value]) -> dict[object, Value]:
    return {**other, **one}


def _intersection(one: dict[object, Value], other: dict[object, Value]) -> dict[object, Value]:
    return {key: each for key, each in one.items() if key in other}


def _difference(one: dict[object, Value], other: dict[object, Value]) -> dict[object, Value]:
    return {key: each for key, each in one.items() if key not in other}


def _setproduct(*values: Value) -> Value:
    if len(values) < _FEWEST_FACTORS:
        raise EvaluationError("at least two arguments are required")
    kinds = [_factor_type(each) for each in values]
    rows = TupleType(tuple(kinds))
    is_list = all(isinstance(shape_of(each), ListType | TupleType) for each in values)
    kind: Type = ListType(rows) if is_list else SetType(rows)
    if any(each.is_unknown or is_unknown_length(each) for each in values):
        return unknown_because(kind, *values)
    factors = [
        [convert(element, of) for element in elements_of(each)]
        for each, of in zip(values, kinds, strict=True)
    ]
    check_count(prod(map(len, factors)) * len(factors))
    product = [tuple_of(row) for row in _rows(factors)]
    if is_list:
        return Value(tuple(product), ListType(type_of(product[0]) if product else rows))
    return make_set(product, type_of(product[0]) if product else rows)


_FEWEST_FACTORS = 2


def _rows(factors: list[list[Value]]) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = [()]
    for factor in factors:
        rows = [(*row, each) for row in rows for each in factor]
    return rows


def _factor_type(value: Value) -> Type:
    kind = type_of(value)
    if isinstance(kind, SetType | ListType):
        return kind.element
    if not isinstance(kind, TupleType):
        raise EvaluationError("a set or a list is required")
    element = unify(kind.elements) if kind.elements else DYNAMIC
    if element is None:
        raise EvaluationError("all elements must be of the same type")
    return element


_SETS = Parameter("other_sets", _ANY_SET, unknown=True)


def _set_function(combine: Combine, *, allows_unknown: bool = False) -> Function:
    first = Parameter("first_set", _ANY_SET, unknown=True)
    return Function((first,), _set_operation(combine, allows_unknown=allows_unknown), _ANY_SET, rest=_SETS)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "alltrue": Function((Parameter("list", ListType(BOOL)),), _alltrue, BOOL),
        "anytrue": Function((Parameter("list", ListType(BOOL)),), _anytrue, BOOL),
        "contains": Function((Parameter("list"), Parameter("value")), _contains, BOOL),
        "length": Function(
            (Parameter("value", unknown=True, dynamic=True, marks=Marks.SHALLOW),), _length, NUMBER
        ),
        "setintersection": _set_function(_intersection),
        "setproduct": Function((), _setproduct, rest=Parameter("sets", unknown=True, marks=Marks.SHALLOW)),
        "setsubtract": Function(
            (Parameter("a", _ANY_SET, unknown=True), Parameter("b", _ANY_SET, unknown=True)),
            _set_operation(_difference, allows_unknown=False),
            _ANY_SET,
        ),
        "setunion": _set_function(_union, allows_unknown=True),
    }
)
