"""Numbers in the notations of ``%e``, ``%f`` and ``%g``, as Go's ``math/big.Float`` writes them."""

from __future__ import annotations

from reviewer.terraform.arithmetic import Number, digits_of

_SHORTEST_LIMIT = 6
_SMALLEST_EXPONENT = -4


def fixed(amount: Number, places: int) -> str:
    """Return ``%.<places>f``, without a sign for a number that is not negative."""
    digits, point = digits_of(amount, places=places)
    return _sign(amount) + _fixed(digits, point, places)


def scientific(amount: Number, places: int, letter: str = "e") -> str:
    """Return ``%.<places>e``."""
    digits, point = digits_of(amount, count=places + 1)
    return _sign(amount) + _scientific(digits, point, places, letter)


def general(amount: Number, precision: int | None = None, letter: str = "e") -> str:
    """Return ``%g`` with ``precision`` significant digits, or with as few as identify the number."""
    digits, point = digits_of(amount, count=None if precision is None else max(precision, 1))
    count = len(digits)
    limit = _SHORTEST_LIMIT
    if precision is not None:
        wanted = max(precision, 1)
        limit = count if wanted > count >= point else wanted
    if point - 1 < _SMALLEST_EXPONENT or point - 1 >= limit:
        return _sign(amount) + _scientific(digits, point, count - 1, letter)
    return _sign(amount) + _fixed(digits, point, max(count - point, 0))


def _sign(amount: Number) -> str:
    return "-" if amount < 0 else ""


def _fixed(digits: str, point: int, places: int) -> str:
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    if not places:
        return whole
    fraction = ("0" * -point + digits if point < 0 else digits[max(point, 0) :])[:places]
    return f"{whole}.{fraction.ljust(places, '0')}"


def _scientific(digits: str, point: int, places: int, letter: str) -> str:
    first = digits[:1] or "0"
    fraction = digits[1 : places + 1].ljust(max(places, 0), "0")
    exponent = point - 1 if digits else 0
    tail = f"{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return f"{first}.{fraction}{tail}" if fraction else f"{first}{tail}"
