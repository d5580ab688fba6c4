"""JSON as Terraform writes and reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from reviewer.terraform.arithmetic import Number, format_number, parse_number
from reviewer.terraform.limits import MAX_CHARACTERS, MAX_DEPTH, UnsupportedError, check_length, too_large
from reviewer.terraform.types import STRING
from reviewer.terraform.value import EvaluationError, Unknown, Value, boolean, number, object_of, tuple_of

_ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def encode_json(value: Value) -> str:
    """Return a wholly known value as JSON: keys sorted, no blanks, ``<``, ``>`` and ``&`` escaped."""
    pieces: list[str] = []
    _encode(value, pieces)
    text = "".join(pieces)
    check_length(len(text))
    return text


def encode_json_text(text: str) -> str:
    """Return a string as JSON."""
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPED)


def _encode(value: Value, pieces: list[str]) -> None:
    data = value.data
    if isinstance(data, tuple):
        pieces.append("[")
        for index, each in enumerate(data):
            if index:
                pieces.append(",")
            _encode(each, pieces)
        pieces.append("]")
    elif isinstance(data, Mapping):
        pieces.append("{")
        for index, (name, each) in enumerate(data.items()):
            pieces.append(f"{',' if index else ''}{encode_json_text(name)}:")
            _encode(each, pieces)
        pieces.append("}")
    else:
        pieces.append(_encode_scalar(data))


def _encode_scalar(data: str | Number | Unknown | None) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, Unknown):
        raise UnsupportedError(data.reason)
    return encode_json_text(data) if isinstance(data, str) else format_number(data)


def decode_json(text: str) -> Value:
    """Return the value a JSON text describes, objects and tuples for its collections.

    Raises :class:`EvaluationError` when it is not JSON.
    """
    if len(text) > MAX_CHARACTERS:
        raise too_large()
    try:
        document = json.loads(text, parse_float=_Literal, parse_int=_Literal, parse_constant=_refuse)
    except RecursionError:
        raise UnsupportedError("too deeply nested to evaluate") from None
    except ValueError as error:
        raise EvaluationError(f"not valid JSON: {error}") from None
    return _decoded(document, 0)


class _Literal(str):
    """The text of a number, kept apart from strings."""

    __slots__ = ()


def _refuse(name: str) -> None:
    raise ValueError(f"unexpected {name}")


def _decoded(item: object, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise UnsupportedError("too deeply nested to evaluate")
    match item:
        case None:
            return Value(None)
        case bool():
            return boolean(item)
        case _Literal():
            return number(parse_number(str(item)))
        case str():
            return Value(_clean(item), STRING)
        case Mapping():
            return object_of({_clean(name): _decoded(each, depth + 1) for name, each in item.items()})
        case Sequence():
            return tuple_of(tuple(_decoded(each, depth + 1) for each in item))
    raise EvaluationError("not valid JSON")


def _clean(text: str) -> str:
    """Replace lone surrogates, as Go's decoder does, and normalise as Terraform does."""
    import unicodedata

    if text.isascii():
        return text
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", paired)
