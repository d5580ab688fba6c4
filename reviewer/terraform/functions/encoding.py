"""Encoding functions: JSON, YAML, CSV, base64, URLs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions.base64_text import decode_base64, encode_base64
from reviewer.terraform.functions.function import Function, Parameter
from reviewer.terraform.functions.json_text import decode_json, encode_json
from reviewer.terraform.functions.pieces import blocking, made_list, made_string, text_of, texts
from reviewer.terraform.functions.yaml_reader import decode_yaml
from reviewer.terraform.functions.yaml_writer import encode_yaml
from reviewer.terraform.limits import UnsupportedError, check_count
from reviewer.terraform.loaded_text import places
from reviewer.terraform.types import DYNAMIC, STRING, ObjectType
from reviewer.terraform.value import EvaluationError, Unknown, Value, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "us-ascii": "ascii",
    "windows-1252": "cp1252",
}


def _jsonencode(value: Value) -> Value:
    if not value.is_wholly_known:
        return _unknown_document(value)
    return made_string(encode_json(value))


def _unknown_document(value: Value) -> Value:
    """Return an unknown string that still tells what it would be the text of."""
    return Value(Unknown(blocking(value).reason, type=STRING, document=value), STRING)


def _jsondecode(text: Value) -> Value:
    if isinstance(text.data, Unknown):
        return text.data.document or Value(Unknown(text.data.reason))
    return decode_json(text_of(text))


def _yamlencode(value: Value) -> Value:
    if not value.is_wholly_known:
        return _unknown_document(value)
    return made_string(encode_yaml(value))


def _yamldecode(text: Value) -> Value:
    return decode_yaml(text_of(text), places(text, text_of(text)))


def _base64decode(text: Value) -> Value:
    try:
        return made_string(decode_base64(text_of(text)).decode())
    except UnicodeDecodeError:
        raise EvaluationError("the result of decoding the provided string is not valid UTF-8") from None


def _base64encode(text: Value) -> Value:
    return made_string(encode_base64(text_of(text).encode()))


def _codec(name: Value) -> str:
    codec = _ENCODINGS.get(text_of(name).lower())
    if codec is not None:
        return codec
    import codecs

    try:
        codecs.lookup(text_of(name))
    except (LookupError, ValueError):
        raise EvaluationError(f"{text_of(name)!r} is not a supported IANA encoding name") from None
    raise UnsupportedError(f"the encoding {text_of(name)!r} is not supported")


def _textencodebase64(text: Value, encoding: Value) -> Value:
    try:
        return made_string(encode_base64(text_of(text).encode(_codec(encoding))))
    except UnicodeEncodeError:
        raise EvaluationError("the given string has characters that the encoding cannot represent") from None


def _textdecodebase64(text: Value, encoding: Value) -> Value:
    codec, content = _codec(encoding), decode_base64(text_of(text))
    message = "the given string contains symbols that are not defined for the encoding"
    try:
        decoded = content.decode(codec)
    except UnicodeDecodeError:
        raise EvaluationError(message) from None
    if "\ufffd" in decoded:
        raise EvaluationError(message)
    return made_string(decoded)


def _urlencode(text: Value) -> Value:
    from urllib.parse import quote_plus

    return made_string(quote_plus(text_of(text)))


def _csvdecode(text: Value) -> Value:
    rows = _csv_rows(text_of(text))
    if not rows:
        raise EvaluationError("missing header line")
    header = rows[0]
    if len(set(header)) < len(header):
        raise EvaluationError("duplicate column name")
    if any(len(row) != len(header) for row in rows[1:]):
        raise EvaluationError("CSV parse error: wrong number of fields")
    check_count(len(rows) * len(header))
    records = [object_of(dict(zip(header, map(made_string, row), strict=True))) for row in rows[1:]]
    return made_list(records, ObjectType(dict.fromkeys(header, STRING)))


def _csv_rows(text: str) -> list[list[str]]:
    """Parse as Go's ``encoding/csv`` does: strict quotes, blank lines skipped."""
    rows: list[list[str]] = []
    lines = text.replace("\r\n", "\n").split("\n")
    lines[-1] = lines[-1].removesuffix("\r")
    position = 0
    while position < len(lines):
        if not lines[position]:
            position += 1
            continue
        row, position = _csv_record(lines, position)
        rows.append(row)
        check_count(len(rows))
    return rows


def _csv_record(lines: Sequence[str], position: int) -> tuple[list[str], int]:
    """Return the fields that start on line ``position`` and the line after them."""
    fields: list[str] = []
    line = lines[position]
    while True:
        if not line.startswith('"'):
            field, comma, line = line.partition(",")
            if '"' in field:
                raise EvaluationError('CSV parse error: bare " in non-quoted field')
            fields.append(field)
        else:
            field, line, position = _csv_quoted(line[1:], lines, position)
            fields.append(field)
            comma, line = line[:1], line[1:]
        if not comma:
            return fields, position + 1


def _csv_quoted(line: str, lines: Sequence[str], position: int) -> tuple[str, str, int]:
    """Return a quoted field, what follows it on its last line, and the number of that line."""
    pieces: list[str] = []
    while True:
        piece, quote, rest = line.partition('"')
        pieces.append(piece)
        if not quote:
            position += 1
            if position >= len(lines):
                raise EvaluationError('CSV parse error: extraneous or missing " in quoted-field')
            pieces.append("\n")
            line = lines[position]
        elif rest.startswith('"'):
            pieces.append('"')
            line = rest[1:]
        elif rest and not rest.startswith(","):
            raise EvaluationError('CSV parse error: extraneous or missing " in quoted-field')
        else:
            return "".join(pieces), rest, position


_ANY_VALUE = Parameter("val", nullable=True, unknown=True, dynamic=True)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "base64decode": Function(texts("str"), _base64decode, STRING),
        "base64encode": Function(texts("str"), _base64encode, STRING),
        "csvdecode": Function(texts("str"), _csvdecode, DYNAMIC),
        "jsondecode": Function((Parameter("str", STRING, unknown=True),), _jsondecode),
        "jsonencode": Function((_ANY_VALUE,), _jsonencode, STRING),
        "textdecodebase64": Function(texts("source", "encoding"), _textdecodebase64, STRING),
        "textencodebase64": Function(texts("string", "encoding"), _textencodebase64, STRING),
        "urlencode": Function(texts("str"), _urlencode, STRING),
        "yamldecode": Function(texts("src"), _yamldecode, DYNAMIC, selects=True),
        "yamlencode": Function((_ANY_VALUE,), _yamlencode, STRING),
    }
)
