"""The shortest decimal that still names one binary number."""

from __future__ import annotations


def shortest(mantissa: int, exponent: int) -> tuple[str, int]:
    """Return the shortest digits between the neighbours of ``mantissa * 2**exponent``, and their point.

    Follows Go's ``big.Float`` (``roundShortest`` in math/big/ftoa.go), whose answer Terraform prints.
    """
    digits, point = _decimal(2 * mantissa, exponent - 1)
    lower, _ = _decimal(2 * mantissa - 1, exponent - 1)
    upper, _ = _decimal(2 * mantissa + 1, exponent - 1)
    inclusive = mantissa % 2 == 0
    for index, digit in enumerate(digits):
        below = lower[index] if index < len(lower) else "0"
        above = upper[index] if index < len(upper) else "0"
        may_cut = below != digit or (inclusive and index + 1 == len(lower))
        may_rise = digit != above and (inclusive or int(digit) + 1 < int(above) or index + 1 < len(upper))
        if may_cut and may_rise:
            return _nearest(digits, index + 1, point)
        if may_cut:
            return digits[: index + 1].rstrip("0"), point
        if may_rise:
            return raised(digits, index + 1, point)
    return digits, point


def _decimal(mantissa: int, exponent: int) -> tuple[str, int]:
    """Return all decimal digits of ``mantissa * 2**exponent`` and the position of the point."""
    if exponent >= 0:
        text = str(mantissa << exponent)
        return text.rstrip("0"), len(text)
    text = str(mantissa * 5**-exponent)
    return text.rstrip("0"), len(text) + exponent


def _nearest(digits: str, count: int, point: int) -> tuple[str, int]:
    rest = digits[count:]
    half_up = rest > "5" or (rest == "5" and int(digits[count - 1]) % 2 == 1)
    return raised(digits, count, point) if half_up else (digits[:count].rstrip("0"), point)


def raised(digits: str, count: int, point: int) -> tuple[str, int]:
    """Return the first ``count`` digits, rounded up, and where the point of the number then is."""
    text = str(int(digits[:count]) + 1)
    return text.rstrip("0"), point + len(text) - count
