"""JSON inside Terraform strings as values: from ``jsonencode``, heredocs, templates and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.terraform.limits import MAX_DEPTH
from reviewer.terraform.loaded_text import is_loaded
from reviewer.terraform.text import Range
from reviewer.terraform.types import STRING
from reviewer.terraform.value import Unknown, Value, boolean, number, object_of, string, tuple_of, unknown
from reviewer.views.encoded import Literals

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private characters that stand around the number of an unknown part of the text."""


def json_document(text: Value) -> Value:
    """Return what a JSON string describes, each string in it with the place where it is written.

    Unknown parts of the text become unknown values; text that is no JSON is unknown as a whole.
    """
    data = text.data
    if isinstance(data, Unknown) and data.document is not None:
        return data.document
    if isinstance(data, Unknown) and not data.parts:
        return text
    parts = data.parts if isinstance(data, Unknown) else (text,)
    try:
        decoded = json.loads(_joined(parts))
    except (ValueError, RecursionError):
        return unknown("the text is not JSON that can be read", origins=text.origins)
    return _Locator(text.origins, parts, Literals(text.origins)).value(decoded)


def _joined(parts: Sequence[Value]) -> str:
    """Return the text with a mark for each unknown part, quoted where no string is around it."""
    pieces: list[str] = []
    inside = False
    for index, part in enumerate(parts):
        if isinstance(part.data, Unknown):
            mark = f"{_OPEN}{index}{_CLOSE}"
            pieces.append(mark if inside else f'"{mark}"')
            continue
        piece = str(part.data)
        pieces.append(piece)
        inside ^= _quotes(piece) % 2 == 1
    return "".join(pieces)


def _quotes(text: str) -> int:
    """Count the quotes that begin or end a JSON string."""
    return text.replace("\\\\", "").replace('\\"', "").count('"')


@dataclass(slots=True)
class _Locator:
    """Finds the strings of a document, one after the other, in the code that the text comes from."""

    origins: tuple[Range, ...]
    parts: Sequence[Value]
    literals: Literals
    offset: int = 0

    def value(self, decoded: object, depth: int = 0) -> Value:
        """Return decoded JSON as a value."""
        match decoded:
            case dict() | list():
                return self._collection(decoded, depth)
            case str():
                return self._partial(decoded) if _OPEN in decoded else self._string(decoded)
            case bool():
                return boolean(decoded, *self.origins[:1])
            case int():
                return number(decoded, *self.origins[:1])
        return Value(None, origins=tuple(self.origins[:1]))

    def _collection(self, decoded: dict[str, object] | list[object], depth: int) -> Value:
        origins = self.origins[:1]
        if depth >= MAX_DEPTH:
            return unknown("the document is nested too deeply to read", origins=origins)
        if isinstance(decoded, dict):
            return object_of({key: self.value(each, depth + 1) for key, each in decoded.items()}, *origins)
        return tuple_of(tuple(self.value(each, depth + 1) for each in decoded), *origins)

    def _string(self, text: str) -> Value:
        found = self.literals.take(text) or self._in_text(text)
        return string(text, *((found,) if found else ()), *(each for each in self.origins if each != found))

    def _in_text(self, text: str) -> Range | None:
        for origin in self.origins:
            if not (origin.text.startswith("<<") or is_loaded(origin)):
                continue
            at = origin.text.find(f'"{text}"', self.offset)
            if at >= 0:
                self.offset = at + len(text) + 2
                return Range(origin.source, origin.start + at, origin.start + at + len(text) + 2)
        return None

    def _partial(self, text: str) -> Value:
        """Return a string of which parts are unknown; the only part is the value itself."""
        pieces: list[Value] = []
        for index, piece in enumerate(text.replace(_CLOSE, _OPEN).split(_OPEN)):
            if index % 2:
                pieces.append(self.parts[int(piece)])
            elif piece:
                pieces.append(string(piece))
        if len(pieces) == 1:
            return pieces[0]
        blocked = next(each for each in pieces if isinstance(each.data, Unknown))
        reason = blocked.data.reason if isinstance(blocked.data, Unknown) else ""
        return Value(Unknown(reason, type=STRING, parts=tuple(pieces)), STRING, blocked.origins)
