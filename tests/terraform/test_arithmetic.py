"""Numbers as Terraform computes and prints them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reviewer.terraform.arithmetic import (
    Number,
    add,
    ceiling,
    divide,
    exact,
    floor,
    format_number,
    from_float,
    machine_integer,
    multiply,
    negate,
    parse_number,
    remainder,
    subtract,
)
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.number_format import fixed, general, scientific


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e3", "1000"),
        ("1.50", "1.5"),
        ("-.5e-2", "-0.005"),
        ("+5.", "5"),
        ("00012", "12"),
        ("1e-7", "0.0000001"),
        ("1e30", "1" + "0" * 30),
        ("9" * 200, "1" + "0" * 200),
    ],
)
def test_a_number_is_printed_as_short_as_it_can_be_read_back(text: str, expected: str) -> None:
    assert format_number(parse_number(text)) == expected


@pytest.mark.parametrize("text", ["", "a", "0x10", "1_0", " 1", "1e", "--1", "1.2.3"])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text.replace(".", r"\.") + "$"):
        parse_number(text)


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 5000, "inf", "1p3"])
def test_what_would_be_huge_or_infinite_is_not_supported(text: str) -> None:
    with pytest.raises(UnsupportedError):
        parse_number(text)


def test_division_rounds_to_512_bits() -> None:
    assert format_number(divide(1, 3)) == "0." + "3" * 153 + "35"


def test_division_of_two_lengths_rounds_to_64_bits() -> None:
    quotient = divide(machine_integer(1), machine_integer(3))

    assert format_number(quotient) == "0.33333333333333333334"
    assert format_number(multiply(quotient, machine_integer(3))) == "1.00000000000000000003"


def test_tenths_add_up() -> None:
    total = add(parse_number("0.1"), parse_number("0.2"))

    assert format_number(total) == "0.3"
    assert exact(total) != exact(Decimal("0.1")) * 3
    assert format_number(subtract(1, parse_number("0.9"))) == "0.1" + "0" * 153 + "3"


def test_negation_keeps_every_digit() -> None:
    assert format_number(negate(divide(1, 3))) == "-" + format_number(divide(1, 3))


@pytest.mark.parametrize(("left", "right", "expected"), [(7, 3, 1), (-7, 3, -1), (7, -3, 1), (5, 0, 5)])
def test_a_remainder_has_the_sign_of_the_dividend(left: int, right: int, expected: int) -> None:
    assert remainder(left, right) == expected


def test_division_by_zero_is_not_supported() -> None:
    with pytest.raises(UnsupportedError, match="division by zero gives infinity"):
        divide(1, 0)


@pytest.mark.parametrize(
    ("amount", "low", "high"), [(Decimal("-5.1"), -6, -5), (Decimal("4.9"), 4, 5), (3, 3, 3)]
)
def test_rounding_to_whole_numbers(amount: Number, low: int, high: int) -> None:
    assert (floor(amount), ceiling(amount)) == (low, high)


def test_a_float_prints_with_the_digits_of_double_precision() -> None:
    assert format_number(from_float(2.0**0.5)) == "1.4142135623730951"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (fixed(Decimal("2.375"), 2), "2.38"),
        (fixed(Decimal("2.5"), 0), "2"),
        (fixed(Decimal("0.0004"), 3), "0.000"),
        (fixed(-5, 1), "-5.0"),
        (scientific(Decimal("12345.678"), 6), "1.234568e+04"),
        (scientific(0, 2), "0.00e+00"),
        (general(1000000), "1e+06"),
        (general(100000), "100000"),
        (general(Decimal("0.00001")), "1e-05"),
        (general(Decimal("12345.678"), 3), "1.23e+04"),
        (general(Decimal("12.5"), 10), "12.5"),
    ],
)
def test_notations(text: str, expected: str) -> None:
    assert text == expected
