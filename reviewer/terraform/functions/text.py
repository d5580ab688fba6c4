"""String functions that neither format nor use regular expressions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions.clusters import clusters_of
from reviewer.terraform.functions.function import Function, Parameter
from reviewer.terraform.functions.pieces import (
    LIST_OF_STRINGS,
    elements_of,
    made_bool,
    made_list,
    made_string,
    text_of,
    texts,
    unknown_because,
    whole_of,
)
from reviewer.terraform.limits import check_count, check_length
from reviewer.terraform.types import BOOL, NUMBER, STRING
from reviewer.terraform.value import EvaluationError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SPACES = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"


def _mapped(change: Callable[[str], str]) -> Function:
    return Function(texts("str"), lambda value: made_string(change(text_of(value))), STRING)


def _paired(second: str, change: Callable[[str, str], str]) -> Function:
    def body(one: Value, other: Value) -> Value:
        return made_string(change(text_of(one), text_of(other)))

    return Function(texts("str", second), body, STRING)


def _tested(second: str, test: Callable[[str, str], bool]) -> Function:
    def body(one: Value, other: Value) -> Value:
        return made_bool(test(text_of(one), text_of(other)))

    return Function(texts("str", second), body, BOOL)


def _startswith(text: Value, prefix: Value) -> Value:
    if not isinstance(text.data, Unknown):
        return made_bool(text_of(text).startswith(text_of(prefix)))
    wanted, start = text_of(prefix), _known_start(text.data)
    if start.startswith(wanted) or not wanted.startswith(start):
        return made_bool(start.startswith(wanted))
    return unknown_because(BOOL, text)


def _known_start(data: Unknown) -> str:
    """Return the text that a template with unknown parts certainly begins with."""
    start = ""
    for part in data.parts:
        if not isinstance(part.data, str):
            break
        start += part.data
    return start


def upper(text: str) -> str:
    """Change each character by itself to upper case, as Go does; one that needs several stays."""
    return text.upper() if text.isascii() else "".join(map(_upper_character, text))


def _upper_character(character: str) -> str:
    changed = character.upper()
    if len(changed) == 1:
        return changed
    titled = character.title()
    return titled if len(titled) == 1 else character


def lower(text: str) -> str:
    """Change each character by itself to lower case, as Go does."""
    return text.lower() if text.isascii() else "".join(each.lower()[0] for each in text)


def _title(text: str) -> str:
    changed: list[str] = []
    previous = " "
    for character in text:
        titled = character.title() if _separates(previous) else character
        changed.append(titled if len(titled) == 1 else character)
        previous = character
    return "".join(changed)


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character in _SPACES


def _substr(text: Value, offset: Value, length: Value) -> Value:
    clusters = clusters_of(text_of(text))
    start, count = whole_of(offset, "offset"), whole_of(length, "length")
    if start < 0:
        start = max(start + len(clusters), 0)
    elif not count:
        return made_string("")
    if start and start > len(clusters):
        return made_string("")
    rest = clusters[start:]
    return made_string("".join(rest if count <= 0 else rest[:count]))


def _split(separator: Value, text: Value) -> Value:
    by, content = text_of(separator), text_of(text)
    check_count(content.count(by) + 1)
    pieces = content.split(by) if by else list(content)
    return made_list([made_string(each) for each in pieces], STRING)


def _join(separator: Value, *lists: Value) -> Value:
    if not lists:
        raise EvaluationError("at least one list is required")
    if any(not each.is_wholly_known for each in lists):
        return _joined_in_part(separator, lists)
    items: list[str] = []
    for each in lists:
        for index, element in enumerate(elements_of(each)):
            if element.data is None:
                raise EvaluationError(f"element {index} is null; cannot concatenate null values")
            items.append(text_of(element))
    by = text_of(separator)
    check_length(sum(map(len, items)) + len(by) * max(len(items) - 1, 0))
    return made_string(by.join(items))


def _joined_in_part(separator: Value, lists: tuple[Value, ...]) -> Value:
    """Keep the pieces of a string of which only some elements are unknown."""
    reason = unknown_because(STRING, *lists)
    elements = [element for each in lists for element in elements_of(each)]
    if any(each.is_unknown for each in lists) or not isinstance(reason.data, Unknown):
        return reason
    if len(elements) == 1:
        return elements[0]
    parts = [part for each in elements for part in (separator, each)][1:]
    return Value(Unknown(reason.data.reason, type=STRING, parts=tuple(parts)), STRING)


def _indent(spaces: Value, text: Value) -> Value:
    width, content = whole_of(spaces, "spaces"), text_of(text)
    if width < 0:
        raise EvaluationError("the number of spaces must not be negative")
    check_length(len(content) + width * max(content.count("\n"), 1))
    return made_string(content.replace("\n", "\n" + " " * width))


def _sort(value: Value) -> Value:
    if not value.is_wholly_known:
        length = value.data.length if isinstance(value.data, Unknown) else len(elements_of(value))
        return unknown_because(LIST_OF_STRINGS, value) if length is None else _unknown_order(value, length)
    if any(each.data is None for each in elements_of(value)):
        raise EvaluationError("a null string cannot be sorted")
    return made_list(sorted(elements_of(value), key=text_of), STRING)


def _unknown_order(value: Value, length: int) -> Value:
    """Return a list of which only the length is known: any element may come first."""
    check_count(length)
    return made_list([unknown_because(STRING, value)] * length, STRING)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "chomp": _mapped(lambda text: text.rstrip("\r\n")),
        "endswith": _tested("suffix", str.endswith),
        "indent": Function((Parameter("spaces", NUMBER), Parameter("str", STRING)), _indent, STRING),
        "join": Function(texts("separator"), _join, STRING, rest=Parameter("lists", LIST_OF_STRINGS)),
        "lower": _mapped(lower),
        "sort": Function((Parameter("list", LIST_OF_STRINGS, unknown=True),), _sort, LIST_OF_STRINGS),
        "split": Function(texts("separator", "str"), _split, LIST_OF_STRINGS),
        "startswith": Function(
            (Parameter("str", STRING, unknown=True), Parameter("prefix", STRING)), _startswith, BOOL
        ),
        "strcontains": _tested("substr", str.__contains__),
        "strrev": _mapped(lambda text: "".join(reversed(clusters_of(text)))),
        "substr": Function(
            (Parameter("str", STRING), Parameter("offset", NUMBER), Parameter("length", NUMBER)),
            _substr,
            STRING,
        ),
        "title": _mapped(_title),
        "trim": _paired("cutset", str.strip),
        "trimprefix": _paired("prefix", str.removeprefix),
        "trimspace": _mapped(lambda text: text.strip(_SPACES)),
        "trimsuffix": _paired("suffix", str.removesuffix),
        "upper": _mapped(upper),
    }
)
