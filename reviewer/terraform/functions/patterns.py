"""Regular expressions: RE2's language, through RE2 itself, so that no pattern can run away."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from reviewer.terraform.functions.function import Function
from reviewer.terraform.functions.pieces import made_list, made_string, text_of, texts
from reviewer.terraform.limits import MAX_CHARACTERS, UnsupportedError, check_count, check_length, too_large
from reviewer.terraform.types import DYNAMIC, STRING, ListType, ObjectType, TupleType, Type
from reviewer.terraform.value import EvaluationError, Value, object_of, tuple_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_PATTERN = 10_000
_REFERENCE = re.compile(rb"\$(?:\$|\{(\w+)\}|(\w+))")
_MIN_REGEX = 2
_MAX_INDEX = 5


class _Match(Protocol):
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...


class _Pattern(Protocol):
    groups: int
    groupindex: Mapping[bytes, int]

    def search(self, text: bytes, pos: int = 0, /) -> _Match | None: ...


@lru_cache(maxsize=256)
def _compile(pattern: str) -> _Pattern:
    """Compile a pattern; the cache only saves time, a pattern has one meaning."""
    import re2

    if len(pattern) > _MAX_PATTERN:
        raise too_large()
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: _Pattern = re2.compile(pattern.encode(), options)
    except re2.error as error:
        message = error.args[0].decode("utf-8", "replace")
        if "too large" in message:
            raise too_large() from None
        raise EvaluationError(f"invalid regexp pattern: {message}") from None
    if r"\C" in pattern:
        raise UnsupportedError(r"the pattern uses \C")
    return compiled


def _groups(found: _Match, count: int, text: bytes) -> list[bytes | None]:
    spans = ((found.start(index), found.end(index)) for index in range(count + 1))
    return [None if start < 0 else text[start:end] for start, end in spans]


def _matches(pattern: _Pattern, text: bytes) -> Iterator[_Match]:
    """Yield what Go's ``FindAll`` finds: no empty match right after another match."""
    position, previous_end = 0, -1
    while position <= len(text):
        found = pattern.search(text, position)
        if found is None:
            return
        is_empty = found.end() == position
        accepted = not (is_empty and found.start() == previous_end)
        previous_end = found.end()
        position = position + _width(text, position) if is_empty else found.end()
        if accepted:
            yield found


def _width(text: bytes, position: int) -> int:
    """Return how many bytes the character at ``position`` takes."""
    following = position + 1
    while following < len(text) and text[following] & 0xC0 == 0x80:  # noqa: PLR2004 - continuation bytes of UTF-8
        following += 1
    return following - position


def _names(pattern: _Pattern) -> list[str | None]:
    names: list[str | None] = [None] * pattern.groups
    for name, index in pattern.groupindex.items():
        names[index - 1] = name.decode()
    return names


def _result_type(pattern: _Pattern) -> Type:
    names = _names(pattern)
    if not names:
        return STRING
    named = [each for each in names if each is not None]
    if not named:
        return TupleType((STRING,) * len(names))
    if len(named) < len(names):
        raise EvaluationError("invalid regexp pattern: cannot mix both named and unnamed capture groups")
    return ObjectType(dict.fromkeys(named, STRING))


def _result(pattern: _Pattern, found: _Match, text: bytes) -> Value:
    whole, *captures = _groups(found, pattern.groups, text)
    if not captures:
        return _made(whole)
    names = _names(pattern)
    if names[0] is None:
        return tuple_of(tuple(map(_made, captures)))
    return object_of({name or "": _made(each) for name, each in zip(names, captures, strict=True)})


def _made(text: bytes | None) -> Value:
    return Value(None, STRING) if text is None else made_string(text.decode())


def _regex(pattern: Value, text: Value) -> Value:
    compiled = _compile(text_of(pattern))
    _result_type(compiled)
    content = text_of(text).encode()
    found = compiled.search(content)
    if found is None:
        raise EvaluationError("pattern did not match any part of the given string")
    return _result(compiled, found, content)


def _regexall(pattern: Value, text: Value) -> Value:
    compiled = _compile(text_of(pattern))
    kind = _result_type(compiled)
    content = text_of(text).encode()
    results: list[Value] = []
    for found in _matches(compiled, content):
        results.append(_result(compiled, found, content))
        check_count(len(results) * max(compiled.groups, 1))
    return made_list(results, kind)


def _replace(text: Value, search: Value, replacement: Value) -> Value:
    content, wanted, new = text_of(text), text_of(search), text_of(replacement)
    if len(wanted) >= _MIN_REGEX and wanted.startswith("/") and wanted.endswith("/"):
        return made_string(_substituted(_compile(wanted[1:-1]), content.encode(), new.encode()).decode())
    count = content.count(wanted) if wanted else len(content) + 1
    check_length(len(content) + count * (len(new) - len(wanted)))
    return made_string(content.replace(wanted, new))


def _substituted(pattern: _Pattern, text: bytes, replacement: bytes) -> bytes:
    """Follow Go's ``ReplaceAll``."""
    pieces: list[bytes] = []
    position = last_end = size = 0
    while position <= len(text):
        found = pattern.search(text, position)
        if found is None:
            break
        pieces.append(text[last_end : found.start()])
        if found.end() > last_end or found.start() == 0:
            pieces.append(_expanded(pattern, found, text, replacement))
        last_end = found.end()
        position = max(position + _width(text, position), last_end)
        size += len(pieces[-1])
        if size > MAX_CHARACTERS:
            raise too_large()
    pieces.append(text[last_end:])
    return b"".join(pieces)


def _expanded(pattern: _Pattern, found: _Match, text: bytes, replacement: bytes) -> bytes:
    """Fill ``$1`` and ``${name}`` as Go's ``Expand`` does: an absent group is empty."""
    groups = _groups(found, pattern.groups, text)

    def fill(reference: re.Match[bytes]) -> bytes:
        name = reference[1] or reference[2]
        if name is None:
            return b"$"
        is_number = name.isdigit() and (len(name) == 1 or name[:1] != b"0")
        index = int(name) if is_number and len(name) < _MAX_INDEX else pattern.groupindex.get(name, -1)
        return (groups[index] or b"") if 0 <= index < len(groups) else b""

    return _REFERENCE.sub(fill, replacement)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "regex": Function(texts("pattern", "string"), _regex, DYNAMIC),
        "regexall": Function(texts("pattern", "string"), _regexall, ListType(DYNAMIC)),
        "replace": Function(texts("str", "substr", "replace"), _replace, STRING),
    }
)
