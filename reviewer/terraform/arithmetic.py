"""Numbers as Terraform computes and prints them.

Terraform holds a number as a binary floating point number, nearly always with a mantissa of 512 bits, and
prints the
shortest decimal that reads back as the same number (Go's ``math/big.Float`` with ``Text('f', -1)``). That
decimal and the
binary number are two names of one thing, so a number here is its shortest decimal (``int`` when whole), and
each operation goes to the exact binary number, rounds once as Terraform does, and comes back.

A few functions (``length``, ``log`` …) give numbers of 64 or 53 bits; these carry their ``precision``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from reviewer.terraform.limits import UnsupportedError, too_large
from reviewer.terraform.shortest_decimal import shortest
from reviewer.terraform.value import EvaluationError

PRECISION = 512
MACHINE_PRECISION = 64
FLOAT_PRECISION = 53
_MAX_EXPONENT = 400
"""Numbers beyond 10 to the power of this (or of its negative) are not computed."""
_MAX_SHIFT = 2000
"""The same in bits, with room for the mantissa."""
# ``++`` gives nothing back: without it, a megabyte of digits and a letter would take hours.
_NUMBER = re.compile(r"[+-]?(?:[0-9]++\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?\Z")
_UNUSUAL = re.compile(r"[+-]?(?:[Ii]nf|(?:[0-9]++\.?[0-9]*|\.[0-9]+)[pP][+-]?[0-9]+)\Z")

Number = int | Decimal


class NarrowInteger(int):
    """A whole number that Terraform holds with fewer than 512 bits."""

    precision: int


class NarrowDecimal(Decimal):
    """A fraction that Terraform holds with fewer than 512 bits."""

    precision: int


def machine_integer(amount: int) -> int:
    """Return a whole number as Terraform makes it from a machine word: a length, an index, a loop counter."""
    narrow = NarrowInteger(amount)
    narrow.precision = MACHINE_PRECISION
    return narrow


def from_float(amount: float) -> Number:
    """Return a finite float as Terraform takes it over from a computation in double precision."""
    return _rounded(Fraction(amount), FLOAT_PRECISION)


def whole(amount: int) -> Number:
    """Return a whole number as Terraform takes it over: with 64 bits, or as many as it needs."""
    return _rounded(Fraction(amount), max(amount.bit_length(), MACHINE_PRECISION))


def precision_of(amount: Number) -> int:
    """Return the bits of the mantissa that Terraform holds ``amount`` with."""
    return amount.precision if isinstance(amount, NarrowInteger | NarrowDecimal) else PRECISION


def parse_number(text: str) -> Number:
    """Read a decimal number as Terraform reads literals and converts strings.

    Raises ``ValueError`` when it is not a number, ``UnsupportedError`` for a huge exponent, infinity and
    binary exponents.
    """
    found = _NUMBER.match(text)
    if found is None:
        if _UNUSUAL.match(text):
            raise UnsupportedError(f"the number {text} is not supported")
        raise ValueError(text)
    if len(text) > _MAX_EXPONENT or len(found.group(1) or "") > len(str(_MAX_EXPONENT)) + 1:
        raise too_large()
    amount = Decimal(text)
    if not amount:
        return 0
    if abs(amount.adjusted()) > _MAX_EXPONENT:
        raise too_large()
    if amount == amount.to_integral_value() and abs(int(amount)).bit_length() <= PRECISION:
        return int(amount)
    return _rounded(Fraction(amount), PRECISION)


def format_number(amount: Number) -> str:
    """Return the number as Terraform converts it to a string: never with an exponent."""
    if isinstance(amount, int):
        return str(int(amount))
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(amount: Number) -> Fraction:
    """Return the binary number that Terraform holds."""
    return _round(Fraction(amount), precision_of(amount))


def add(left: Number, right: Number) -> Number:
    """Return the sum."""
    if type(left) is int and type(right) is int:
        return _plain(left + right)
    return _rounded(exact(left) + exact(right), _wider(left, right))


def negate(amount: Number) -> Number:
    """Return the number with the opposite sign."""
    opposite = -int(amount) if isinstance(amount, int) else amount.copy_negate()
    return _with_precision(opposite, precision_of(amount))


def subtract(left: Number, right: Number) -> Number:
    """Return the difference."""
    return add(left, negate(right))


def multiply(left: Number, right: Number) -> Number:
    """Return the product; ``UnsupportedError`` for a negative zero, which Terraform prints as such."""
    if not (left and right) and min(left, right) < 0:
        raise UnsupportedError("negative zero is not supported")
    if type(left) is int and type(right) is int:
        return _plain(left * right)
    product = _round(exact(left) * exact(right), PRECISION)
    return _rounded(product, max(_wider(left, right), _bits(product)))


def divide(left: Number, right: Number) -> Number:
    """Return the quotient; ``UnsupportedError`` for a zero divisor, where Terraform goes on with infinity.

    Raises ``EvaluationError`` for zero by zero, as Terraform does.
    """
    if not right and not left:
        raise EvaluationError("can't divide zero by zero or infinity by infinity")
    if not right:
        raise UnsupportedError("division by zero gives infinity")
    if type(left) is int and type(right) is int and left % right == 0:
        return left // right
    return _rounded(exact(left) / exact(right), _wider(left, right))


def remainder(left: Number, right: Number) -> Number:
    """Return the rest of a division, with the sign of ``left``; ``left`` itself for a zero divisor."""
    if not right:
        return left
    precision = precision_of(left)
    whole = int(exact(divide(left, right)))
    product = _round(exact(right) * _round(Fraction(whole), precision), precision)
    return _rounded(exact(left) - product, precision)


def absolute(amount: Number) -> Number:
    """Return the number without its sign."""
    return negate(amount) if amount < 0 else amount


def floor(amount: Number) -> Number:
    """Return the greatest whole number not above ``amount``."""
    return _rounded(Fraction(exact(amount).__floor__()), precision_of(amount))


def ceiling(amount: Number) -> Number:
    """Return the smallest whole number not below ``amount``."""
    return _rounded(Fraction(exact(amount).__ceil__()), precision_of(amount))


def digits_of(amount: Number, count: int | None = None, places: int | None = None) -> tuple[str, int]:
    """Return the decimal digits of the absolute value and the position of the decimal point.

    The digits are the shortest that identify the number, or ``count`` significant digits, or as many as give
    ``places`` digits after the point. Zero gives ``("", 0)``. Rounds half to even on the exact binary value.
    """
    if not amount:
        return "", 0
    if count is None and places is None:
        return _trimmed("".join(map(str, Decimal(amount).as_tuple().digits)), Decimal(amount).adjusted() + 1)
    value = abs(exact(amount))
    if places is None:
        places = (count or 0) - (Decimal(amount).adjusted() + 1)
    scaled = round(value * Fraction(10) ** places)
    return _trimmed(str(scaled), len(str(scaled)) - places) if scaled else ("", 0)


def _trimmed(digits: str, point: int) -> tuple[str, int]:
    return digits.rstrip("0"), point


def _wider(left: Number, right: Number) -> int:
    return max(precision_of(left), precision_of(right))


def _plain(amount: int) -> Number:
    return amount if amount.bit_length() <= PRECISION else _rounded(Fraction(amount), PRECISION)


def _bits(value: Fraction) -> int:
    """Return how many bits a mantissa needs to hold ``value`` exactly."""
    odd = abs(value.numerator)
    return (odd // (odd & -odd)).bit_length() if odd else 0


def _round(value: Fraction, precision: int) -> Fraction:
    """Round to the nearest binary number with ``precision`` bits, half to even."""
    if not value or (value.denominator == 1 and abs(value.numerator).bit_length() <= precision):
        return value
    mantissa, exponent = _mantissa(value, precision)
    return Fraction(mantissa) * Fraction(2) ** exponent


def _mantissa(value: Fraction, precision: int) -> tuple[int, int]:
    """Return the mantissa with exactly ``precision`` bits and the binary exponent of the rounded value."""
    shift = precision - (abs(value.numerator).bit_length() - value.denominator.bit_length())
    mantissa = round(value * Fraction(2) ** shift)
    while abs(mantissa).bit_length() > precision:
        shift -= 1
        mantissa = round(value * Fraction(2) ** shift)
    return mantissa, -shift


def _rounded(value: Fraction, precision: int) -> Number:
    """Round as Terraform does and return the shortest decimal of the result."""
    if not value:
        return 0
    if value.denominator == 1 and abs(value.numerator).bit_length() <= precision:
        return _with_precision(value.numerator, precision)
    mantissa, exponent = _mantissa(value, precision)
    if abs(exponent) > _MAX_SHIFT:
        raise too_large()
    digits, point = shortest(abs(mantissa), exponent)
    sign = "-" if value < 0 else ""
    if len(digits) <= point:
        return _with_precision(int(f"{sign}{digits}{'0' * (point - len(digits))}"), precision)
    return _with_precision(Decimal(f"{sign}0.{digits}E{point}"), precision)


def _with_precision(amount: Number, precision: int) -> Number:
    narrow: NarrowInteger | NarrowDecimal
    if precision >= PRECISION:
        return int(amount) if isinstance(amount, int) else Decimal(amount)
    narrow = NarrowInteger(amount) if isinstance(amount, int) else NarrowDecimal(amount)
    narrow.precision = precision
    return narrow
