"""YAML as Terraform writes it: PyYAML emits, the styles follow go-cty-yaml (encode.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.arithmetic import format_number
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    import yaml

_WIDTH = 80


def encode_yaml(value: Value) -> str:
    """Return a wholly known value as YAML: strings quoted, several lines as a block."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = str(yaml.emit(_events(value), Dumper=dumper, allow_unicode=True, width=_WIDTH))
    is_plain = not isinstance(value.data, str | tuple | Mapping)
    return f"{text}...\n" if is_plain and not text.endswith("...\n") else text


def _events(value: Value) -> Iterator[yaml.Event]:
    import yaml

    yield yaml.StreamStartEvent()
    yield yaml.DocumentStartEvent(explicit=False)
    yield from _value_events(value)
    yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _value_events(value: Value) -> Iterator[yaml.Event]:
    import yaml

    data = value.data
    if isinstance(data, tuple):
        yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False)
        for each in data:
            yield from _value_events(each)
        yield yaml.SequenceEndEvent()
    elif isinstance(data, Mapping):
        yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=False)
        for name, each in data.items():
            yield _text_event(name)
            yield from _value_events(each)
        yield yaml.MappingEndEvent()
    elif isinstance(data, str):
        yield _text_event(data)
    elif isinstance(data, Unknown):
        raise UnsupportedError(data.reason)
    else:
        yield yaml.ScalarEvent(None, None, (True, True), _plain(value), style="")


def _plain(value: Value) -> str:
    data = value.data
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    return format_number(data)  # type: ignore[arg-type] # the caller has taken all else


def _text_event(text: str) -> yaml.ScalarEvent:
    import yaml

    return yaml.ScalarEvent(None, None, (True, True), text, style="|" if "\n" in text else '"')
