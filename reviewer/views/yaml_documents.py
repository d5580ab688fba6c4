"""YAML manifests as values that know their lines, like those of Terraform."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.loaded_text import file_of, places
from reviewer.terraform.text import Range
from reviewer.terraform.value import NULL, Unknown, Value, boolean, number, object_of, string, tuple_of
from reviewer.views.encoded import Literals

if TYPE_CHECKING:
    import yaml

    from reviewer.terraform.text import SourceText

MAX_CHARACTERS = 262_144
MAX_DEPTH = 50
NO_BLANKS: Mapping[str, str] = MappingProxyType({})
_BLANK = "eksReviewUnknown"

Locate = Callable[["yaml.Node"], tuple[Range, ...]]
"""Returns the origins of a node."""

_TRUE = frozenset({"true", "yes", "on"})
_ENCODERS = ("yamlencode(", "jsonencode(")
_INTEGER = re.compile(r"[-+]?\d+")


class NotYamlError(ValueError):
    """The text is not YAML that we read: a template of another tool, or broken, or too large."""


def documents(text: str, locate: Locate, blanks: Mapping[str, str] = NO_BLANKS) -> tuple[Value, ...]:
    """Return every document of a text that is a mapping; raises :class:`NotYamlError`.

    ``blanks`` are words that stand for something unknown, with the reason why it is. Aliases are refused: a
    few lines of them can stand for gigabytes.
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
    reader = _Reader(locate, blanks)
    return tuple(reader.value(each) for each in nodes if isinstance(each, yaml.MappingNode))


def of_string(value: Value) -> tuple[Value, ...]:
    """Return the documents in a string of a configuration, known or known in parts.

    A document that is written in the configuration itself, or in a file that it loads, keeps its lines;
    strings of one that is encoded have the literal that supplies them, any other the line of the argument.
    Raises :class:`NotYamlError`.
    """
    text, blanks = _with_blanks(value)
    in_file = places(value, text)
    if in_file is not None:
        return documents(text, lambda node: in_file(node.start_mark.index, node.end_mark.index), blanks)
    lines = _lines_in_source(text, value.supplier) or _lines_in_source(text, file_of(value))
    is_encoded = value.supplier is not None and value.supplier.text.startswith(_ENCODERS)
    literals = Literals(value.origins if is_encoded else ())

    def locate(node: yaml.Node) -> tuple[Range, ...]:
        place = lines.get(node.start_mark.line)
        if place is None and isinstance(node.value, str):
            place = literals.take(node.value)
        return (place, *value.origins) if place is not None else value.origins

    return documents(text, locate, blanks)


def _with_blanks(value: Value) -> tuple[str, Mapping[str, str]]:
    """Return the text with a word in place of each part that is unknown."""
    if not isinstance(value.data, Unknown):
        return (value.data if isinstance(value.data, str) else "", NO_BLANKS)
    pieces: list[str] = []
    blanks: dict[str, str] = {}
    for part in value.data.parts:
        if isinstance(part.data, Unknown):
            blank = f"{_BLANK}{len(blanks)}x"
            blanks[blank] = part.data.reason
            pieces.append(blank)
        else:
            pieces.append(str(part.data))
    return "".join(pieces), blanks


def _lines_in_source(text: str, supplier: Range | None) -> dict[int, Range]:
    """Map each line of the text to the line of the literal that it comes from, where it is found there."""
    if supplier is None or "\n" not in supplier.text:
        return {}
    source, following = supplier.source, supplier.line
    written: dict[str, list[int]] = {}
    for number_ in range(supplier.line, supplier.end_line + 1):
        written.setdefault(source.line(number_).strip(), []).append(number_)
    found: dict[int, Range] = {}
    for index, line in enumerate(text.split("\n")):
        candidates = written.get(line.strip(), []) if line.strip() else []
        place = bisect_left(candidates, following)
        if place < len(candidates):
            following = candidates[place] + 1
            found[index] = _contents(source, candidates[place])
    return found


def _contents(source: SourceText, line: int) -> Range:
    """Return a line without the blanks around it."""
    written = source.line(line)
    start = source.line_starts[line - 1] + len(written) - len(written.lstrip())
    return Range(source, start, start + len(written.strip()))


def _guard(text: str) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise NotYamlError("aliases are not read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise NotYamlError("the file is nested too deeply")


class _Reader(Record):
    """Turns nodes into values."""

    locate: Locate
    blanks: Mapping[str, str]

    def value(self, node: yaml.Node) -> Value:
        """Return the value of a node; unknown where a key is."""
        import yaml

        origins = self.locate(node)
        if isinstance(node, yaml.MappingNode):
            keys = [str(key.value) for key, _ in node.value]
            reason = next((each for each in map(self._reason, keys) if each is not None), None)
            if reason is not None:
                return Value(Unknown(reason), origins=origins)
            return object_of(
                {key: self.value(each) for key, (_, each) in zip(keys, node.value, strict=True)}, *origins
            )
        if isinstance(node, yaml.SequenceNode):
            return tuple_of(tuple(self.value(each) for each in node.value), *origins)
        reason = self._reason(str(node.value))
        return _scalar(node, origins) if reason is None else Value(Unknown(reason), origins=origins)

    def _reason(self, text: str) -> str | None:
        """Return why a text is unknown; None when it is known."""
        if _BLANK not in text:
            return None
        return next((reason for blank, reason in self.blanks.items() if blank in text), None)


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
