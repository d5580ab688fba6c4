"""``format`` and ``formatlist``: verbs as go-cty defines them on top of Go's ``fmt``."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions.function import Function, Parameter, shape_of
from reviewer.terraform.functions.pieces import (
    LIST_OF_STRINGS,
    elements_of,
    is_unknown_length,
    made_list,
    made_string,
    text_of,
    texts,
    unknown_because,
)
from reviewer.terraform.functions.verbs import applied, verb_of
from reviewer.terraform.limits import MAX_CHARACTERS, check_count, check_length
from reviewer.terraform.types import STRING, ListType, SetType, TupleType
from reviewer.terraform.value import EvaluationError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_PIECE = re.compile(
    r"(?P<text>[^%]+)|(?P<percent>%%)|"
    r"%(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z])",
    re.DOTALL,
)


def _format(template: Value, *arguments: Value) -> Value:
    if all(each.is_wholly_known for each in arguments):
        return made_string(_formatted(text_of(template), arguments))
    reason = unknown_because(STRING, *arguments)
    try:
        parts = _parts_of(text_of(template), arguments)
    except EvaluationError:
        parts = ()  # Terraform looks at the arguments when all of them are known
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
        parts.append(made_string(applied(verb_of(found), argument)) if argument.is_wholly_known else argument)
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
            piece = applied(verb_of(found), arguments[following - 1])
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


def _formatlist(template: Value, *arguments: Value) -> Value:
    if not arguments:
        return made_list([_format(template)], STRING)
    count, undecided = _iterations(arguments)
    if undecided is not None:
        return undecided
    check_count(count)
    results: list[Value] = []
    size = 0
    for index in range(count):
        row = [elements_of(each)[index] if _iterates(each) else each for each in arguments]
        results.append(_format(template, *row))
        size += len(str(results[-1].data))
        check_length(size)
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
    return 0, unknown_because(LIST_OF_STRINGS, *blocked)


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
