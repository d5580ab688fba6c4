"""YAML as Terraform reads it: PyYAML parses, the meaning of scalars follows go-cty-yaml.

That library keeps YAML 1.1's booleans (``yes`` and ``on`` are true, ``y`` as well), reads ``010`` as ten,
and turns dates into RFC 3339 timestamps (zclconf/go-cty-yaml 1.1: resolve.go, implied_type.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.arithmetic import machine_integer, parse_number
from reviewer.terraform.convert import convert
from reviewer.terraform.functions.base64_text import decode_base64
from reviewer.terraform.functions.dates import rewrite_timestamp
from reviewer.terraform.limits import MAX_CHARACTERS, MAX_DEPTH, MAX_ELEMENTS, UnsupportedError, too_large
from reviewer.terraform.types import STRING
from reviewer.terraform.value import (
    EvaluationError,
    Value,
    boolean,
    number,
    object_of,
    string,
    tuple_of,
)

if TYPE_CHECKING:
    import yaml

    from reviewer.terraform.loaded_text import Locate
    from reviewer.terraform.text import Range

_PREFIX = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_NOT_FINITE = frozenset(f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF"))
_NAN = frozenset([".nan", ".NaN", ".NAN"])
_HINTED = frozenset("+-0123456789yYnNtTfFoO~.")
_TAGS = frozenset(["str", "bool", "int", "float", "null", "timestamp", "binary"])
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?\Z")
_TIMESTAMP = re.compile(r"\d{4}-\d")


def decode_yaml(text: str, locate: Locate | None = None) -> Value:
    """Return the value of one YAML document; raises :class:`EvaluationError` when the text is not that.

    ``locate`` tells where its parts come from.
    """
    import yaml

    if len(text) > MAX_CHARACTERS:
        raise too_large()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Decoder(yaml.parse(text or "\n", Loader=loader), locate).document()
    except yaml.YAMLError as error:
        raise EvaluationError(f"not valid YAML: {error}") from None


class _Decoder:
    """Builds a value from parser events. Aliases count with all they stand for, so that none can multiply."""

    def __init__(self, events: Iterator[yaml.Event], locate: Locate | None) -> None:
        self._events = events
        self._locate = locate
        self._anchors: dict[str, Value] = {}
        self._pending: set[str] = set()
        self._budget = MAX_ELEMENTS

    def document(self) -> Value:
        import yaml

        next(self._events)
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            raise EvaluationError("missing start of document")
        value = self._value(next(self._events), 0)
        next(self._events)
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise EvaluationError("only a single document is allowed")
        return value

    def _value(self, event: yaml.Event, depth: int) -> Value:
        import yaml

        if depth > MAX_DEPTH:
            raise UnsupportedError("too deeply nested to evaluate")
        self._spend(1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._pending.add(anchor)
        value = self._own_value(event, depth)
        if anchor:
            self._pending.discard(anchor)
            self._anchors[anchor] = value
        return value

    def _own_value(self, event: yaml.Event, depth: int) -> Value:
        import yaml

        match event:
            case yaml.ScalarEvent():
                value = _scalar(event) or string("<<")
                return value.via(*self._places(event, event))
            case yaml.SequenceStartEvent():
                _require_tag(event.tag, "seq")
                return self._sequence(event, depth)
            case yaml.MappingStartEvent():
                _require_tag(event.tag, "map")
                return self._mapping(event, depth)
        raise EvaluationError("not valid YAML")

    def _places(self, first: yaml.Event, last: yaml.Event) -> tuple[Range, ...]:
        """Return the origins of what begins with one event and ends with another."""
        start, end = first.start_mark, last.end_mark
        if self._locate is None or start is None or end is None:
            return ()
        return self._locate(start.index, end.index)

    def _alias(self, name: str | None) -> Value:
        if name in self._pending:
            raise EvaluationError(f"cannot refer to anchor {name!r} from inside its own definition")
        if name is None or name not in self._anchors:
            raise EvaluationError(f"reference to undefined anchor {name!r}")
        value = self._anchors[name]
        for _ in value.walk():
            self._spend(1)
        return value

    def _sequence(self, first: yaml.Event, depth: int) -> Value:
        import yaml

        elements: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            elements.append(self._value(event, depth + 1))
        return tuple_of(tuple(elements), *self._places(first, event))

    def _mapping(self, first: yaml.Event, depth: int) -> Value:
        import yaml

        attributes: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise EvaluationError("only strings are allowed as mapping keys")
            key = _scalar(event)
            value = self._value(next(self._events), depth + 1)
            if key is not None:
                attributes[_key(key)] = value
            elif isinstance(value.data, Mapping):
                attributes.update(value.data)
            else:
                raise EvaluationError("only a mapping can be merged into a mapping")
        return object_of(attributes, *self._places(first, event))

    def _spend(self, count: int) -> None:
        self._budget -= count
        if self._budget < 0:
            raise too_large()


def _require_tag(tag: str | None, wanted: str) -> None:
    if tag is not None and tag != _PREFIX + wanted:
        raise EvaluationError(f"cannot interpret a collection as {tag}")


def _key(value: Value) -> str:
    name = convert(value, STRING).data
    if not isinstance(name, str):
        raise EvaluationError("a mapping key cannot be null")
    return name


def _scalar(event: yaml.ScalarEvent) -> Value | None:
    """Return the value of a scalar, None for the merge key ``<<``."""
    text, tag = event.value, event.tag.removeprefix(_PREFIX) if event.tag else ""
    if tag and tag not in _TAGS:
        raise EvaluationError(f"unsupported tag {event.tag!r}")
    if tag not in {"str", "binary"} and (not text or text[0] in _HINTED):
        if event.style in {"'", '"'}:
            return string(text)
        found = _resolved(text, tag)
        if found is not None:
            return found
    return _tagged(text, tag)


def _resolved(text: str, tag: str) -> Value | None:
    """Return what an unquoted text means by its looks, None when it is only a string."""
    if text in _TRUE or text in _FALSE:
        return boolean(text in _TRUE)
    if text in _NULL:
        return Value(None)
    if text in _NAN:
        raise EvaluationError("floating point NaN is not supported")
    if text in _NOT_FINITE:
        raise UnsupportedError(f"the number {text} is not supported")
    if text[0].isdigit() and tag in {"", "timestamp"} and (time := _timestamp(text)) is not None:
        return string(time)
    if _INTEGER.match(text) or _FLOAT.match(text):
        return _number(text)
    return None


def _number(text: str) -> Value:
    if text.startswith("0o"):
        return number(machine_integer(int(text, 8)))
    if text.startswith("0x"):
        return number(machine_integer(int(text, 16)))
    return number(parse_number(text))


def _tagged(text: str, tag: str) -> Value | None:
    if not tag:
        return None if text == "<<" else string(text)
    if tag == "binary":
        decode_base64(text)
    if tag in {"str", "binary"}:
        return string(text)
    if tag == "null":
        return Value(None)
    if tag in {"int", "float"}:
        try:
            return number(parse_number(text.replace("_", "")))
        except ValueError:
            raise EvaluationError(f"cannot parse {text!r} as {tag}") from None
    raise EvaluationError(f"cannot parse {text!r} as {tag}")


def _timestamp(text: str) -> str | None:
    """Return a date or an RFC 3339 time as Terraform rewrites it; the looser forms of YAML are refused."""
    if not _TIMESTAMP.match(text):
        return None
    is_date = _DATE.match(text)
    try:
        return rewrite_timestamp(_padded_date(text) + "T00:00:00Z" if is_date else text)
    except EvaluationError:
        if is_date:
            return None
        raise UnsupportedError("this form of time in YAML is not supported") from None


def _padded_date(text: str) -> str:
    return "-".join(part.rjust(2, "0") for part in text.split("-"))
