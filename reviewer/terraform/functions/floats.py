"""``log`` and ``pow`` in double precision, to the last bit as Go computes them.

Sources: Go's ``math/log.go`` (the FreeBSD algorithm) and ``math/pow.go``.
"""

from __future__ import annotations

import math

from reviewer.terraform.limits import UnsupportedError

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)
_ODD = (
    6.666666666666735130e-01,
    2.857142874366239149e-01,
    1.818357216161805012e-01,
    1.479819860511658591e-01,
)
_MAX_POWER = 1024


def logarithm(value: float, base: float) -> float:
    """Return the logarithm of ``value`` to ``base``; infinite or NaN where Go's is."""
    divisor = _natural(base)
    if not divisor or math.isinf(divisor):
        return math.nan
    return _natural(value) / divisor


def _natural(value: float) -> float:
    if value < 0:
        return math.nan
    if not value:
        return -math.inf
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction *= 2
        exponent -= 1
    f = fraction - 1
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    t1 = s2 * (_ODD[0] + s4 * (_ODD[1] + s4 * (_ODD[2] + s4 * _ODD[3])))
    t2 = s4 * (_EVEN[0] + s4 * (_EVEN[1] + s4 * _EVEN[2]))
    half_square = 0.5 * f * f
    return exponent * _LN2_HIGH - ((half_square - (s * (half_square + (t1 + t2)) + exponent * _LN2_LOW)) - f)


def power(value: float, exponent: float) -> float:
    """Return ``value`` to the power of ``exponent``.

    A fractional power other than a square root is refused: its last digit depends on Go's assembly for one
    processor.
    """
    if not exponent or value == 1:
        return 1.0
    if exponent in {0.5, -0.5} and value >= 0:
        root = math.sqrt(value)
        return root if exponent > 0 else _inverse(root)
    if exponent != int(exponent):
        if value < 0:
            return math.nan
        raise UnsupportedError("a fractional power is not computed to the last digit")
    if not value:
        return 0.0 if exponent > 0 else math.inf
    return _whole_power(value, int(exponent))


def _inverse(value: float) -> float:
    return 1 / value if value else math.inf


def _whole_power(value: float, exponent: int) -> float:
    """Square and multiply on the mantissa, keeping the binary exponent apart, as Go does."""
    result, shift = 1.0, 0
    fraction, place = math.frexp(value)
    rest = abs(exponent)
    while rest:
        if abs(place) > _MAX_POWER * 2:
            shift += place
            break
        if rest & 1:
            result *= fraction
            shift += place
        fraction *= fraction
        place *= 2
        if abs(fraction) < 0.5:  # noqa: PLR2004 - the lower end of a normalised mantissa
            fraction += fraction
            place -= 1
        rest >>= 1
    if exponent < 0:
        result, shift = 1 / result, -shift
    try:
        return math.ldexp(result, shift)
    except OverflowError:
        return math.copysign(math.inf, result)
