"""YAML as nodes that know their line, for files that people write: small and without anchors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 262_144
MAX_DEPTH = 20


class YamlError(ValueError):
    """The text is not YAML that we read. ``line`` is 1-based."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a YAML document, ``None`` when it is empty.

    Anchors and aliases are refused (a few lines of them grow without bound), and so are deep nesting and
    long texts. Raises :class:`YamlError`.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlError(1, f"the file has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    try:
        _guard(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "cannot be read"
        raise YamlError(1 if mark is None else mark.line + 1, f"not valid YAML: {reason}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(line, "not valid YAML: a character that YAML does not allow") from error


def line_of(node: yaml.Node) -> int:
    """Return the 1-based line on which ``node`` starts."""
    return int(node.start_mark.line) + 1


def entries(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield key text, key node and value node. A key that is not text yields its YAML spelling."""
    for key, value in node.value:
        yield (str(key.value) if isinstance(key, yaml.ScalarNode) else "?"), key, value


def _guard(text: str) -> None:
    """Walk the events, which needs no recursion, before composing, which does."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = 1 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(line, "anchors and aliases are not supported: write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise YamlError(line, f"nested deeper than {MAX_DEPTH} levels")
