"""``format`` and ``formatlist``: verbs as go-cty defines them on top of Go's ``fmt``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.convert import convert
from reviewer.terraform.functions.clusters import cluster_count, clusters_of
from reviewer.terraform.functions.function import (
    LIST_OF_STRINGS,
    Function,
    Parameter,
    amount_of,
    elements_of,
    is_unknown_length,
    made_list,
    made_string,
    shape_of,
    text_of,
    texts,
    unknown_because,
)
from reviewer.terraform.functions.json_text import encode_json, encode_json_text
from reviewer.terraform.limits import MAX_CHARACTERS, check_count, check_length, too_large
from reviewer.terraform.number_format import fixed, general, scientific
from reviewer.terraform.types import BOOL, NUMBER, STRING, ListType, SetType, TupleType, Type
from reviewer.terraform.value import EvaluationError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewer.terraform.arithmetic import Number

_PIECE = re.compile(
    r"(?P<text>[^%]+)|(?P<percent>%%)|"
    r"%(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z])",
    re.DOTALL,
)
_BASES = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X", "d": ""}
_DEFAULT_PLACES = 6
_MAX_DIGITS = 10_000


@dataclass(frozen=True, slots=True)
class _Verb:
    raw: str
    flags: str
    width: int | None
    precision: int | None
    mode: str


def _format(template: Value, *arguments: Value) -> Value:
    if all(each.is_wholly_known for each in arguments):
        return made_string(_formatted(text_of(template), arguments))
    reason = unknown_because(STRING, *arguments)
    parts = _parts_of(text_of(template), arguments)
    if not parts or not isinstance(reason.data, Unknown):
        return reason
    return Value(Unknown(reason.data.reason, type=STRING, parts=parts), STRING)


def _parts_of(template: str, arguments: Sequence[Value]) -> tuple[Value, ...]:
    """Return the pieces of a partly unknown result, () when the template has more than plain verbs."""
    parts: list[Value] = []
    position, following = 0, 0
    for found in _PIECE.finditer(template):
        if found.start() != position:
            return ()
        position = found.end()
        if found["mode"] is None:
            parts.append(made_string("%" if found["percent"] else found["text"]))
            continue
        following = int(found["index"] or following + 1)
        if found["flags"] or found["width"] or found["precision"] is not None or following > len(arguments):
            return ()
        if found["mode"] not in {"s", "v"}:
            return ()
        argument = arguments[following - 1]
        parts.append(made_string(_applied(_verb(found), argument)) if argument.is_wholly_known else argument)
    return tuple(parts) if position == len(template) else ()


def _formatted(template: str, arguments: Sequence[Value]) -> str:
    pieces: list[str] = []
    position, following, highest, size = 0, 0, 0, 0
    while position < len(template):
        found = _PIECE.match(template, position)
        if found is None:
            raise EvaluationError(f"invalid format string starting at offset {position}")
        position = found.end()
        if found["mode"] is None:
            piece = "%" if found["percent"] else found["text"]
        else:
            following = _index(found, following)
            highest = max(highest, following)
            if following > len(arguments):
                raise EvaluationError(f"not enough arguments for {found[0]!r}: need index {following}")
            piece = _applied(_verb(found), arguments[following - 1])
        pieces.append(piece)
        size += len(piece)
        check_length(size)
    if highest < len(arguments):
        raise EvaluationError(f"too many arguments; only {highest} used by format string")
    return "".join(pieces)


def _index(found: re.Match[str], following: int) -> int:
    index = found["index"]
    if index is None:
        return following + 1
    if len(index) > len(str(MAX_CHARACTERS)):
        raise EvaluationError("not enough arguments")
    return int(index)


def _verb(found: re.Match[str]) -> _Verb:
    sizes = [found["width"], found["precision"]]
    if any(each and len(each) > len(str(MAX_CHARACTERS)) for each in sizes):
        raise too_large()
    width, precision = (None if each is None else int(each or 0) for each in sizes)
    check_length(width or 0)
    return _Verb(found[0], found["flags"], width, precision, found["mode"])


def _applied(verb: _Verb, argument: Value) -> str:
    if verb.mode == "v":
        return _as_is(verb, argument)
    if argument.data is None:
        raise EvaluationError(f"unsupported value for {verb.raw!r}: null value cannot be formatted")
    if verb.mode == "t":
        return "true" if _converted(verb, argument, BOOL).data else "false"
    if verb.mode in {"s", "q"}:
        return _string(verb, text_of(_converted(verb, argument, STRING)))
    if verb.mode in _BASES:
        return _integer(verb, amount_of(_converted(verb, argument, NUMBER)))
    if verb.mode in {"e", "E", "f", "g", "G"}:
        return _float(verb, amount_of(_converted(verb, argument, NUMBER)))
    raise EvaluationError(f"unsupported format verb {verb.mode!r} in {verb.raw!r}")


def _converted(verb: _Verb, argument: Value, kind: Type) -> Value:
    try:
        return convert(argument, kind)
    except EvaluationError as error:
        raise EvaluationError(f"unsupported value for {verb.raw!r}: {error}") from None


def _as_is(verb: _Verb, argument: Value) -> str:
    if "#" not in verb.flags and argument.data is not None:
        if argument.type is STRING:
            return _padded(verb, text_of(argument))
        if argument.type is NUMBER:
            return _padded(verb, general(amount_of(argument)))
    return _padded(verb, encode_json(argument))


def _string(verb: _Verb, text: str) -> str:
    if verb.precision:
        text = "".join(clusters_of(text)[: verb.precision])
    return _padded(verb, text if verb.mode == "s" else encode_json_text(text))


def _padded(verb: _Verb, text: str) -> str:
    missing = (verb.width or 0) - cluster_count(text)
    if missing <= 0:
        return text
    padding = ("0" if "0" in verb.flags else " ") * missing
    return text + padding if "-" in verb.flags else padding + text


def _integer(verb: _Verb, amount: Number) -> str:
    """Format as Go's ``big.Int.Format`` does."""
    if not isinstance(amount, int):
        raise EvaluationError(f"unsupported value for {verb.raw!r}: an integer is required")
    digits = format(abs(int(amount)), _BASES[verb.mode])
    if verb.precision is not None:
        _check_digits(verb.precision)
        digits = "" if not amount and not verb.precision else digits.rjust(verb.precision, "0")
    prefix = _PREFIXES[verb.mode] if "#" in verb.flags else ""
    sign = _sign(verb, amount)
    missing = (verb.width or 0) - len(sign + prefix + digits)
    if missing <= 0:
        return sign + prefix + digits
    if "-" in verb.flags:
        return sign + prefix + digits + " " * missing
    if "0" in verb.flags and verb.precision is None:
        return sign + prefix + "0" * missing + digits
    return " " * missing + sign + prefix + digits


def _float(verb: _Verb, amount: Number) -> str:
    """Format as Go's ``big.Float.Format`` does."""
    _check_digits(verb.precision or 0)
    text = _float_digits(verb, amount).removeprefix("-")
    sign = _sign(verb, amount)
    missing = (verb.width or 0) - len(sign + text)
    if missing <= 0:
        return sign + text
    if "0" in verb.flags:
        return sign + "0" * missing + text
    return sign + text + " " * missing if "-" in verb.flags else " " * missing + sign + text


def _float_digits(verb: _Verb, amount: Number) -> str:
    letter = "E" if verb.mode.isupper() else "e"
    if verb.mode in {"g", "G"}:
        return general(amount, verb.precision, letter)
    places = _DEFAULT_PLACES if verb.precision is None else verb.precision
    return fixed(amount, places) if verb.mode == "f" else scientific(amount, places, letter)


def _check_digits(count: int) -> None:
    if count > _MAX_DIGITS:
        raise too_large()


def _sign(verb: _Verb, amount: Number) -> str:
    if amount < 0:
        return "-"
    if "+" in verb.flags:
        return "+"
    return " " if " " in verb.flags else ""


def _formatlist(template: Value, *arguments: Value) -> Value:
    if not arguments:
        return made_list([_format(template)], STRING)
    count, undecided = _iterations(arguments)
    if undecided is not None:
        return undecided
    check_count(count)
    results: list[Value] = []
    for index in range(count):
        row = [elements_of(each)[index] if _iterates(each) else each for each in arguments]
        results.append(_format(template, *row))
    return made_list(results, STRING)


def _iterations(arguments: Sequence[Value]) -> tuple[int, Value | None]:
    """Return how many strings to make, or an unknown list when that or an argument as a whole is unknown."""
    lengths: set[int] = set()
    blocked: list[Value] = []
    for each in arguments:
        length = _length(each)
        if length is not None:
            lengths.add(length)
        if _has_no_elements_yet(each):
            blocked.append(each)
    if len(lengths) > 1:
        raise EvaluationError("the lists must all have the same length")
    if not blocked:
        return lengths.pop() if lengths else 1, None
    reason = unknown_because(LIST_OF_STRINGS, *blocked)
    if isinstance(reason.data, Unknown) and lengths:
        data = Unknown(reason.data.reason, type=LIST_OF_STRINGS, length=lengths.pop())
        return 0, Value(data, LIST_OF_STRINGS)
    return 0, reason


def _iterates(value: Value) -> bool:
    return value.data is not None and isinstance(shape_of(value), ListType | SetType | TupleType)


def _length(value: Value) -> int | None:
    if not _iterates(value) or is_unknown_length(value):
        return None
    if isinstance(value.data, Unknown):
        kind = value.data.type
        return len(kind.elements) if isinstance(kind, TupleType) else None
    return len(elements_of(value))


def _has_no_elements_yet(value: Value) -> bool:
    return _iterates(value) and (value.is_unknown or is_unknown_length(value))


_ARGUMENTS = Parameter("args", nullable=True, unknown=True)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "format": Function(texts("format"), _format, STRING, rest=_ARGUMENTS),
        "formatlist": Function(texts("format"), _formatlist, LIST_OF_STRINGS, rest=_ARGUMENTS),
    }
)
