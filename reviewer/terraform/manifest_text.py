"""Texts of several YAML documents, known or known in parts, taken apart as the kubectl providers do.

Source: ``yaml/splitter.go`` and ``yaml/manifest.go`` of ``alekc/kubectl`` 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.functions.yaml_reader import decode_yaml
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.loaded_text import file_of
from reviewer.terraform.text import Range
from reviewer.terraform.types import STRING
from reviewer.terraform.value import NULL, EvaluationError, Unknown, Value, string

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTIVE = "%{"
"""What begins a directive of a template, which may make any number of documents."""

_SEPARATOR = "\n---"
_BLANK = "\ue000"
"""Stands for a part that is unknown. In a text that holds the character itself, more counts as unknown."""


class Document(Record):
    """One document: its text, and the link by which the API server would know the object."""

    text: Value
    link: Value


def documents(value: Value) -> Iterator[Document]:
    """Yield the documents of a text, each with the lines that it is written on.

    An unknown part counts as part of a scalar, as a name or an image is; a directive may be anything.
    Raises ``UnsupportedError`` when nobody can tell which documents there are, and ``EvaluationError`` when
    the provider would fail.
    """
    text, blanks = _laid_out(value)
    spans = list(_spans(text))
    for (start, end), origins in zip(spans, _origins(value, len(spans)), strict=True):
        inside = {offset - start: part for offset, part in blanks.items() if start <= offset < end}
        document = _decoded(text[start:end])
        if document:
            yield Document(_text(text[start:end], inside, origins), _link(document, inside))


def link_of(text: str) -> str | None:
    """Return the link of the object that a text describes; None for a text that is no manifest."""
    try:
        return str(_link(_decoded(text), {}).data)
    except (EvaluationError, UnsupportedError):
        return None


def _laid_out(value: Value) -> tuple[str, Mapping[int, Unknown]]:
    """Return the text with one character for each part that is unknown, and what these parts are."""
    data = value.data
    if isinstance(data, str):
        return data, {}
    file = file_of(value)
    if not isinstance(data, Unknown):
        raise EvaluationError("a string is required")
    if not data.parts or (file is not None and DIRECTIVE in file.text):
        raise UnsupportedError(data.reason)
    text = ""
    blanks: dict[int, Unknown] = {}
    for part in data.parts:
        if isinstance(part.data, Unknown):
            blanks[len(text)] = part.data
        text += _BLANK if isinstance(part.data, Unknown) else str(part.data)
    return text, blanks


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the documents begin and end, without the blanks around them, be they empty."""
    start = 0
    while start < len(text):
        end = text.find(_SEPARATOR, start)
        rest = end + len(_SEPARATOR)
        line_end = text.find("\n", rest)
        if end >= 0 and line_end < 0 and rest < len(text):
            return  # the provider waits for the end of the line, and forgets the last document
        end = len(text) if end < 0 else end
        piece = text[start:end]
        yield end - len(piece.lstrip()), start + len(piece.rstrip())
        start = len(text) if end == len(text) or line_end < 0 else line_end + 1


def _origins(value: Value, count: int) -> Iterator[tuple[Range, ...]]:
    """Yield for each document the origins of the text, with the part of the source that is about it alone."""
    whole = file_of(value) or value.supplier
    parts = [] if whole is None or DIRECTIVE in whole.text else list(_spans(whole.text))
    for index in range(count):
        if whole is None or len(parts) != count:
            yield value.origins
            continue
        start, end = (whole.start + offset for offset in parts[index])
        part = Range(whole.source, start, max(start, end))
        yield tuple(part if each == whole else each for each in value.origins)


def _text(text: str, blanks: Mapping[int, Unknown], origins: tuple[Range, ...]) -> Value:
    """Return the text as a value that is unknown where it has a blank."""
    if not blanks:
        return string(text, *origins)
    parts: list[Value] = []
    start = 0
    for offset, blank in blanks.items():
        parts += (string(text[start:offset]), Value(blank, STRING))
        start = offset + 1
    parts.append(string(text[start:]))
    data = Unknown(next(iter(blanks.values())).reason, type=STRING, parts=tuple(parts))
    return Value(data, STRING, origins)


def _decoded(text: str) -> Mapping[str, Value]:
    """Return the object that a document describes; nothing for one without content."""
    if all(not line or line.startswith("#") for line in map(str.strip, text.split("\n"))):
        return {}
    data = decode_yaml(text).data
    if data is not None and not isinstance(data, Mapping):
        raise EvaluationError("a document is no object")
    return data or {}


def _link(document: Mapping[str, Value], blanks: Mapping[int, Unknown]) -> Value:
    """Return the key of a document: what its ``selfLink`` would be."""
    metadata = document.get("metadata", NULL).data
    names = metadata if isinstance(metadata, Mapping) else {}
    version, kind = _word(document, "apiVersion"), _word(document, "kind")
    if not kind:
        raise EvaluationError("a document has no kind")
    link = _word(names, "selfLink") or "".join(
        (
            "/api" if version == "v1" else "/apis",
            f"/{version}" if version else "",
            f"/namespaces/{_word(names, 'namespace')}" if _word(names, "namespace") else "",
            f"/{kind.lower()}{'es' if kind.endswith('s') else 's'}",
            f"/{_word(names, 'name')}" if _word(names, "name") else "",
        )
    )
    if _BLANK not in link:
        return string(link)
    reason = next((each.reason for each in blanks.values()), "the name of a document cannot be read")
    return Value(Unknown(reason, type=STRING), STRING)


def _word(document: Mapping[str, Value], name: str) -> str:
    """Return a string of a document; an empty one for anything else, as the API's own reader does."""
    data = document.get(name, NULL).data
    return data if isinstance(data, str) else ""
