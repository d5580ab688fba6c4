"""Conversion between types and the type that several types have in common."""

from __future__ import annotations

import pytest

from reviewer.terraform.convert import convert
from reviewer.terraform.text import Range, SourceText
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
    type_name,
)
from reviewer.terraform.unification import unify
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
)

HERE = Range(SourceText("main.tf", "text"), 0, 4)


def plain(value: Value) -> object:
    """Return the data with everything inside it as plain Python."""
    if isinstance(value.data, Unknown):
        return "unknown"
    if isinstance(value.data, tuple):
        return [plain(each) for each in value.data]
    if isinstance(value.data, str | int) or value.data is None:
        return value.data
    return {name: plain(each) for name, each in value.data.items()}  # type: ignore[union-attr] # an object


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (number(5), STRING, "5"),
        (boolean(truth=True), STRING, "true"),
        (string("1e3"), NUMBER, 1000),
        (string("true"), BOOL, True),
        (string("0"), BOOL, False),
        (tuple_of((number(1), string("a"))), ListType(STRING), ["1", "a"]),
        (tuple_of((string("b"), string("a"), string("b"))), SetType(STRING), ["a", "b"]),
        (tuple_of((number(10), number(9))), SetType(NUMBER), [9, 10]),
        (object_of({"b": number(1), "a": string("x")}), MapType(STRING), {"a": "x", "b": "1"}),
        (object_of({"a": number(1), "z": number(2)}), ObjectType({"a": STRING}), {"a": "1"}),
        (NULL, ListType(STRING), None),
        (tuple_of((NULL, string("a"))), ListType(DYNAMIC), [None, "a"]),
        (tuple_of((unknown("r", kind=NUMBER), number(1))), ListType(STRING), ["unknown", "1"]),
    ],
)
def test_conversions(value: Value, kind: Type, expected: object) -> None:
    converted = convert(value, kind)

    assert plain(converted) == expected
    assert isinstance(kind, ObjectType) or type_name(type_of(converted)).startswith(
        type_name(kind).split("(")[0]
    )


def test_a_map_becomes_an_object_with_its_optional_attributes_null() -> None:
    source = convert(object_of({"a": string("1")}), MapType(STRING))
    converted = convert(source, ObjectType({"a": NUMBER, "b": STRING}, frozenset({"b"})))

    assert plain(converted) == {"a": 1, "b": None}
    assert type_of(converted) == ObjectType({"a": NUMBER, "b": STRING})


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (string("x"), NUMBER, "a number is required"),
        (string("yes"), BOOL, "a bool is required"),
        (number(1), BOOL, "bool required, but have number"),
        (tuple_of(()), STRING, "string required, but have tuple"),
        (object_of({}), ObjectType({"a": STRING}), "attribute 'a' is required"),
        (
            tuple_of((string("a"), tuple_of(()))),
            ListType(DYNAMIC),
            "list of any single type required, but have tuple",
        ),
    ],
)
def test_a_conversion_that_terraform_refuses(value: Value, kind: Type, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        convert(value, kind)

    assert str(raised.value) == message


def test_a_conversion_keeps_origins_marks_and_the_identity_of_an_unknown() -> None:
    known = convert(number(1, HERE).marked(sensitive=True), STRING)
    blocked = convert(unknown("computed", reference="aws_x.y.arn", origins=(HERE,)), ListType(STRING))

    assert (known.data, known.origins, known.sensitive) == ("1", (HERE,), True)
    assert isinstance(blocked.data, Unknown)
    assert (blocked.data.reference, blocked.data.type, blocked.origins) == (
        "aws_x.y.arn",
        ListType(STRING),
        (HERE,),
    )


def test_a_set_of_a_secret_is_a_secret() -> None:
    assert convert(tuple_of((string("s").marked(sensitive=True),)), SetType(STRING)).sensitive


def test_a_list_whose_type_only_a_provider_knows_is_unknown_instead_of_refused() -> None:
    mixed = tuple_of((unknown("computed"), tuple_of((string("a"),))))

    assert convert(mixed, ListType(DYNAMIC)).is_unknown


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((STRING, NUMBER), STRING),
        ((NUMBER, BOOL), None),
        ((STRING, BOOL, NUMBER), STRING),
        ((DYNAMIC, STRING), STRING),
        ((TupleType((STRING,)), TupleType((NUMBER,))), TupleType((STRING,))),
        ((TupleType((STRING,)), TupleType((NUMBER, NUMBER))), ListType(STRING)),
        ((TupleType((STRING,)), ListType(NUMBER)), ListType(STRING)),
        ((ListType(STRING), SetType(STRING)), ListType(STRING)),
        ((ObjectType({"a": STRING}), ObjectType({"a": NUMBER})), ObjectType({"a": STRING})),
        ((ObjectType({"a": STRING}), ObjectType({"b": NUMBER})), MapType(STRING)),
        ((ObjectType({"a": STRING}), ObjectType({"b": TupleType(())})), None),
        ((ObjectType({"a": STRING}), MapType(NUMBER)), MapType(STRING)),
        ((ObjectType({}), TupleType(())), None),
        ((ObjectType({"a": STRING}), DYNAMIC), DYNAMIC),
        ((), None),
    ],
)
def test_unification(types: tuple[Type, ...], expected: Type | None) -> None:
    assert unify(types) == expected


def test_sets_of_objects_have_terraforms_order() -> None:
    rows = [("b", 1), ("a", 10), ("a", 9)]
    values = tuple(object_of({"n": string(name), "v": number(amount)}) for name, amount in rows)

    assert plain(convert(tuple_of(values), SetType(DYNAMIC))) == [
        {"n": "a", "v": 10},
        {"n": "a", "v": 9},
        {"n": "b", "v": 1},
    ]
