"""Sets as Terraform keeps them: without duplicates and in a fixed order.

Follows go-cty's ``set_internals.go``: strings by code point, numbers by size, false before true, null last;
anything else by a text that describes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.equality import identity
from reviewer.terraform.limits import check_count
from reviewer.terraform.number_format import general
from reviewer.terraform.types import ListType, MapType, SetType, Type
from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPES |= {'"': '\\"', "\\": "\\\\"}


def make_set(elements: Iterable[Value], element_type: Type, origins: tuple[Range, ...] = ()) -> Value:
    """Return a set of elements that all are of ``element_type``; of equal ones the first stays.

    A set with a sensitive element is sensitive as a whole.
    """
    distinct: dict[object, Value] = {}
    for each in elements:
        distinct.setdefault(identity(each), each)
    check_count(len(distinct))
    ordered = tuple(sorted(distinct.values(), key=_order))
    sensitive = any(inner.sensitive for each in ordered for inner in each.walk())
    return Value(ordered, SetType(element_type), origins, sensitive)


def _order(value: Value) -> tuple[int, object]:
    """Return a sort key: values of one type first, by size, then unknown ones, then null."""
    data = value.data
    if data is None:
        return 2, 0
    if isinstance(data, Unknown):
        return 1, 0
    if isinstance(data, tuple | Mapping):
        return 0, _describe(value).encode("utf-8", "surrogatepass")
    return 0, data


def _describe(value: Value) -> str:
    data = value.data
    if isinstance(data, tuple | Mapping):
        return _describe_inside(value)
    if isinstance(data, Unknown):
        return "?"
    if data is None or isinstance(data, bool):
        return {None: "~", True: "T", False: "F"}[data]
    return _quote(data) if isinstance(data, str) else general(data, 10)


def _describe_inside(value: Value) -> str:
    if isinstance(value.data, Mapping):
        named = isinstance(value.type, MapType)
        items = value.data.items()
        inner = "".join(f"{f'{_quote(name)}:' if named else ''}{_describe(each)};" for name, each in items)
        return "{" + inner + "}" if named else f"<{inner}>"
    elements = value.data if isinstance(value.data, tuple) else ()
    inner = "".join(f"{_describe(each)};" for each in elements)
    return f"[{inner}]" if isinstance(value.type, ListType | SetType) else f"<{inner}>"


def _quote(text: str) -> str:
    """Quote as Go's ``%q`` does."""
    return '"' + "".join(_ESCAPES.get(each) or _quote_character(each) for each in text) + '"'


def _quote_character(character: str) -> str:
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    code = ord(character)
    if code < 0x80:  # noqa: PLR2004 - the end of ASCII
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four hexadecimal digits
