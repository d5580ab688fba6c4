"""Date and time functions with fixed input."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions.function import Function
from reviewer.terraform.functions.pieces import made_count, made_string, text_of, texts
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import NUMBER, STRING
from reviewer.terraform.value import EvaluationError, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z)|([+-])([01]\d|2[0-3]):([0-5]\d))\Z",
    re.ASCII,
)
_PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^'A-Za-z]+|'.*", re.DOTALL)
_DURATION = re.compile(r"([0-9]*+\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_QUOTE = "'"
_MAX_NANOSECONDS = 2**63 - 1
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def parse_timestamp(text: str) -> tuple[datetime, int]:
    """Return an RFC 3339 time without its fraction, and the fraction in nanoseconds."""
    found = _RFC3339.match(text)
    if found is None:
        raise EvaluationError(f"not a valid RFC3339 timestamp: {text!r}")
    year, month, day, hour, minute, second = (int(each) for each in found.groups()[:6])
    if not year:
        raise UnsupportedError("the year 0 is not supported")
    offset = timedelta(hours=int(found[10] or 0), minutes=int(found[11] or 0))
    nanoseconds = int((found[7] or "0")[:9].ljust(9, "0"))
    zone = timezone(-offset if found[9] == "-" else offset)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone), nanoseconds
    except ValueError:
        raise EvaluationError(f"not a valid RFC3339 timestamp: {text!r}") from None


def _zone(time: datetime, *, colon: bool, zulu: str) -> str:
    """Return the offset from UTC, ``zulu`` for none."""
    minutes = int((time.utcoffset() or timedelta()).total_seconds()) // 60
    if not minutes and zulu:
        return zulu
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02d}{':' if colon else ''}{minutes % 60:02d}"


def _twelve(hour: int) -> int:
    return hour % 12 or 12


_VERBS: Mapping[str, Callable[[datetime], str]] = MappingProxyType(
    {
        "YY": lambda time: f"{time.year % 100:02d}",
        "YYYY": lambda time: f"{time.year:04d}",
        "M": lambda time: str(time.month),
        "MM": lambda time: f"{time.month:02d}",
        "MMM": lambda time: _MONTHS[time.month - 1][:3],
        "MMMM": lambda time: _MONTHS[time.month - 1],
        "D": lambda time: str(time.day),
        "DD": lambda time: f"{time.day:02d}",
        "EEE": lambda time: _DAYS[time.weekday()][:3],
        "EEEE": lambda time: _DAYS[time.weekday()],
        "h": lambda time: str(time.hour),
        "hh": lambda time: f"{time.hour:02d}",
        "H": lambda time: str(_twelve(time.hour)),
        "HH": lambda time: f"{_twelve(time.hour):02d}",
        "AA": lambda time: "AM" if time.hour < 12 else "PM",  # noqa: PLR2004 - noon
        "aa": lambda time: "am" if time.hour < 12 else "pm",  # noqa: PLR2004 - noon
        "m": lambda time: str(time.minute),
        "mm": lambda time: f"{time.minute:02d}",
        "s": lambda time: str(time.second),
        "ss": lambda time: f"{time.second:02d}",
        "Z": lambda time: _zone(time, colon=True, zulu="Z"),
        "ZZZ": lambda time: _zone(time, colon=False, zulu="UTC"),
        "ZZZZ": lambda time: _zone(time, colon=False, zulu=""),
        "ZZZZZ": lambda time: _zone(time, colon=True, zulu=""),
    }
)


def _formatdate(layout: Value, timestamp: Value) -> Value:
    time, _ = parse_timestamp(text_of(timestamp))
    return made_string("".join(_formatted(found[0], time) for found in _PIECE.finditer(text_of(layout))))


def _formatted(piece: str, time: datetime) -> str:
    if piece.startswith("'"):
        if len(piece) < 2 or not piece.endswith("'") or piece.count("'") % 2:  # noqa: PLR2004 - two quotes
            raise EvaluationError("unterminated literal '")
        return _QUOTE if piece == _QUOTE * 2 else piece[1:-1].replace(_QUOTE * 2, _QUOTE)
    if not (piece[0].isascii() and piece[0].isalpha()):
        return piece
    verb = _VERBS.get(piece)
    if verb is None:
        raise EvaluationError(f"invalid date format verb {piece!r}")
    return verb(time)


def _nanoseconds(text: str) -> int:
    """Read a duration such as ``-1h30m``; raises :class:`EvaluationError` when it is none."""
    message = f"invalid duration {text!r}"
    sign, rest = (text[0], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    if rest == "0":
        return 0
    total, position = 0, 0
    while position < len(rest):
        found = _DURATION.match(rest, position)
        if found is None or not found[1].strip("."):
            raise EvaluationError(message)
        total += int(Fraction(found[1] if found[1][0] != "." else f"0{found[1]}") * _UNITS[found[2]])
        position = found.end()
    if not rest or total > _MAX_NANOSECONDS:
        raise EvaluationError(message)
    return -total if sign == "-" else total


def _timeadd(timestamp: Value, duration: Value) -> Value:
    time, nanoseconds = parse_timestamp(text_of(timestamp))
    seconds = (nanoseconds + _nanoseconds(text_of(duration))) // 10**9
    try:
        moved = time + timedelta(seconds=seconds)
    except OverflowError:
        raise UnsupportedError("years before 1 and after 9999 are not supported") from None
    return made_string(_rfc3339(moved))


def rewrite_timestamp(text: str) -> str:
    """Return an RFC 3339 time without its fraction of a second, in UTC written as ``Z``."""
    return _rfc3339(parse_timestamp(text)[0])


def _rfc3339(time: datetime) -> str:
    return f"{time.year:04d}-{time:%m-%dT%H:%M:%S}{_zone(time, colon=True, zulu='Z')}"


def _timecmp(one: Value, other: Value) -> Value:
    left, right = parse_timestamp(text_of(one)), parse_timestamp(text_of(other))
    return made_count((left > right) - (left < right))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "formatdate": Function(texts("format", "time"), _formatdate, STRING),
        "timeadd": Function(texts("timestamp", "duration"), _timeadd, STRING),
        "timecmp": Function(texts("timestamp_a", "timestamp_b"), _timecmp, NUMBER),
    }
)
