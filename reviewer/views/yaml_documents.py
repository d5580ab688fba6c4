"""YAML manifests as values that know their lines, like those of Terraform."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewer.terraform.text import Range
from reviewer.terraform.value import NULL, Value, boolean, number, object_of, string, tuple_of

if TYPE_CHECKING:
    import yaml

MAX_CHARACTERS = 262_144
MAX_DEPTH = 50

Locate = Callable[["yaml.Node"], tuple[Range, ...]]
"""Returns the origins of a node."""

_TRUE = frozenset({"true", "yes", "on"})
_INTEGER = re.compile(r"[-+]?\d+")


class NotYamlError(ValueError):
    """The text is not YAML that we read: a template of another tool, or broken, or too large."""


def documents(text: str, locate: Locate) -> tuple[Value, ...]:
    """Return every document of a text that is a mapping; raises :class:`NotYamlError`.

    Aliases are refused: a few lines of them can stand for gigabytes.
    """
    import yaml

    if len(text) > MAX_CHARACTERS:
        raise NotYamlError("the file is too large")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _guard(text)
        nodes = list(yaml.compose_all(text, Loader=loader))
    except (yaml.YAMLError, RecursionError) as error:
        raise NotYamlError("the file is not plain YAML") from error
    return tuple(_value(each, locate) for each in nodes if isinstance(each, yaml.MappingNode))


def of_string(value: Value) -> tuple[Value, ...]:
    """Return the documents in a known string of a configuration; raises :class:`NotYamlError`.

    A document that is written in the configuration itself keeps its lines, any other the line of the
    argument.
    """
    text = value.data if isinstance(value.data, str) else ""
    lines = _lines_in_source(text, value)

    def locate(node: yaml.Node) -> tuple[Range, ...]:
        line = lines.get(node.start_mark.line)
        return (line, *value.origins) if line is not None else value.origins

    return documents(text, locate)


def _lines_in_source(text: str, value: Value) -> dict[int, Range]:
    """Map each line of the text to the line of the literal that it comes from, where it is found there."""
    supplier = value.supplier
    if supplier is None or "\n" not in supplier.text:
        return {}
    source, number_ = supplier.source, supplier.line
    found: dict[int, Range] = {}
    for index, line in enumerate(text.split("\n")):
        wanted = line.strip()
        for candidate in range(number_, supplier.end_line + 1) if wanted else ():
            written = source.line(candidate)
            if written.strip() == wanted:
                start = source.line_starts[candidate - 1] + len(written) - len(written.lstrip())
                found[index] = Range(source, start, start + len(wanted))
                number_ = candidate + 1
                break
    return found


def _guard(text: str) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise NotYamlError("aliases are not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise NotYamlError("the file is nested too deeply")


def _value(node: yaml.Node, locate: Locate) -> Value:
    import yaml

    origins = locate(node)
    if isinstance(node, yaml.MappingNode):
        pairs = {str(key.value): _value(each, locate) for key, each in node.value}
        return object_of(pairs, *origins)
    if isinstance(node, yaml.SequenceNode):
        return tuple_of(tuple(_value(each, locate) for each in node.value), *origins)
    return _scalar(node, origins)


def _scalar(node: yaml.Node, origins: tuple[Range, ...]) -> Value:
    text = str(node.value)
    match node.tag.rpartition(":")[2]:
        case "null":
            return NULL.via(*origins)
        case "bool":
            return boolean(text.lower() in _TRUE, *origins)
        case "int" if _INTEGER.fullmatch(text):
            return number(int(text), *origins)
    return string(text, *origins)
