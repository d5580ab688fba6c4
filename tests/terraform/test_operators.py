"""Operators and conditionals. Their results are compared with Terraform's in test_functions.py."""

from __future__ import annotations

import pytest

from reviewer.terraform import operators
from reviewer.terraform.text import Range, SourceText
from reviewer.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType
from reviewer.terraform.value import (
    NULL,
    EvaluationError,
    Unknown,
    Value,
    boolean,
    number,
    string,
    tuple_of,
    unknown,
)

SOURCE = SourceText("main.tf", "a b c d")
A, B, C, AT = (Range(SOURCE, start, start + 1) for start in (0, 2, 4, 6))


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", string("1"), number(1), 2),
        ("-", number(1), number(3), -2),
        ("*", number(3), number(3), 9),
        ("/", number(9), number(3), 3),
        ("%", number(-7), number(3), -1),
        ("<", string("2"), string("10"), True),
        (">=", number(2), number(2), True),
        ("&&", string("true"), boolean(truth=True), True),
        ("||", boolean(truth=False), boolean(truth=False), False),
        ("==", string("1"), number(1), False),
        ("==", tuple_of((number(1),)), tuple_of((number(1),)), True),
        ("==", Value((number(1),), ListType(NUMBER)), tuple_of((number(1),)), False),
        ("==", NULL, NULL, True),
        ("!=", NULL, number(1), True),
        ("==", tuple_of((unknown("r"), number(1))), tuple_of((number(2),)), False),
    ],
)
def test_binary(operator: str, left: Value, right: Value, expected: object) -> None:
    result = operators.binary(operator, left, right, AT)

    assert (result.data, type(result.data)) == (expected, type(expected))


@pytest.mark.parametrize("operator", ["&&", "||", "+", "<", "=="])
def test_an_unknown_operand_leaves_the_result_unknown(operator: str) -> None:
    result = operators.binary(
        operator, boolean(truth=False) if operator in "&&||" else number(0), unknown("computed"), AT
    )

    assert isinstance(result.data, Unknown)
    assert (result.data.reason, result.data.type) == ("computed", NUMBER if operator == "+" else BOOL)


@pytest.mark.parametrize(
    ("operator", "left", "message"),
    [
        ("+", string("a"), "unsuitable value for left operand: a number is required"),
        ("<", NULL, "the left operand must not be null"),
        ("&&", number(1), "unsuitable value for left operand: bool required, but have number"),
    ],
)
def test_a_wrong_operand_is_refused(operator: str, left: Value, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        operators.binary(operator, left, string("1"), AT)

    assert str(raised.value) == message


def test_a_computed_value_comes_from_the_operation_and_its_operands() -> None:
    result = operators.binary("+", number(1, A), number(2, B).marked(sensitive=True), AT)

    assert (result.origins, result.sensitive) == ((AT, A, B), True)


def test_unary() -> None:
    assert operators.unary("-", string("5", A), AT).data == -5
    assert operators.unary("!", string("false"), AT).data is True
    assert operators.unary("-", number(5, A), AT).origins == (AT, A)


def test_division_by_zero_is_unknown_because_terraform_goes_on_with_infinity() -> None:
    result = operators.binary("/", number(1), number(0), AT)

    assert isinstance(result.data, Unknown)
    assert result.data.reason == "division by zero gives infinity"


def test_a_conditional_gives_the_chosen_branch_in_the_common_type() -> None:
    chosen = operators.conditional(boolean(truth=True).via(C), number(1, A), string("x", B), AT)

    assert (chosen.data, chosen.type, chosen.origins) == ("1", STRING, (A, C))


def test_an_unknown_condition_leaves_both_branches_as_alternatives() -> None:
    result = operators.conditional(
        unknown("var.public is unknown", origins=(C,)), number(1, A), string("x", B), AT
    )

    assert isinstance(result.data, Unknown)
    assert result.data.reason == "var.public is unknown"
    assert [(each.data, each.origins) for each in result.data.alternatives] == [("1", (A,)), ("x", (B,))]
    assert result.origins == (AT, C, A, B)


def test_two_lists_of_one_length_differ_in_their_elements_only() -> None:
    one, other = (Value((string(text),), ListType(STRING)) for text in ("0.0.0.0/0", "::/0"))
    result = operators.conditional(unknown("computed"), one, other, AT)

    (element,) = result.elements()
    assert element.test(lambda data: str(data).endswith("/0"))


def test_branches_without_a_common_type_are_refused() -> None:
    with pytest.raises(EvaluationError, match="these are tuple and number"):
        operators.conditional(boolean(truth=True), tuple_of(()), number(1), AT)


def test_null_takes_the_type_of_the_other_branch() -> None:
    assert operators.conditional(boolean(truth=True), NULL, string("x"), AT).type is STRING
    assert operators.conditional(boolean(truth=True), NULL, NULL, AT).type is DYNAMIC


@pytest.mark.parametrize("condition", [NULL, string("yes"), number(1)])
def test_a_condition_that_is_no_bool_is_refused(condition: Value) -> None:
    with pytest.raises(EvaluationError):
        operators.conditional(condition, number(1), number(2), AT)
