"""The kinds of values that a configuration file holds: each reads a YAML node and describes itself.

A kind never raises. What is wrong goes, with its line, to the :class:`Reader`, so that one run names every
mistake.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import yaml
from msgspec import field

from reviewer.config.reader import Reader, is_null, quoted, shown, text_of
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum


class Kind(Protocol):
    """A kind of value."""

    @property
    def label(self) -> str:
        """Return how people call it, such as ``list of regions``."""

    def read(self, node: yaml.Node, key: str, reader: Reader) -> object:
        """Return the value, or ``None`` after noting what is wrong."""

    def schema(self) -> dict[str, object]:
        """Return its JSON schema."""

    def plain(self, value: object) -> object:
        """Return ``value`` as JSON and YAML write it."""


class Choice(Record):
    """One of a few words."""

    words: type[StrEnum]

    @property
    def label(self) -> str:
        """Return the words."""
        return ", ".join(f"`{word}`" for word in self.words)

    def read(self, node: yaml.Node, key: str, reader: Reader) -> StrEnum | None:
        """Return the member."""
        text = text_of(node)
        if text is None or text not in list(self.words):
            reader.error(node, key, f"{shown(node)} is not one of {', '.join(self.words)}")
            return None
        return self.words(text)

    def schema(self) -> dict[str, object]:
        """Return an enumeration."""
        return {"enum": [str(word) for word in self.words]}

    def plain(self, value: object) -> object:
        """Return the word."""
        return str(value)


class Number(Record):
    """A whole number between two bounds, inclusive."""

    least: int
    most: int

    @property
    def label(self) -> str:
        """Return the bounds."""
        return f"number, {self.least} to {self.most}"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> int | None:
        """Return the number."""
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not re.fullmatch(r"\d{1,9}", text) or not self.least <= int(text) <= self.most:
            reader.error(node, key, f"{shown(node)} is not a whole number from {self.least} to {self.most}")
            return None
        return int(text)

    def schema(self) -> dict[str, object]:
        """Return an integer with bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def plain(self, value: object) -> object:
        """Return the number."""
        return value


class Flag(Record):
    """True or false."""

    label: str = "true or false"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> bool | None:
        """Return the flag."""
        text = node.value.lower() if isinstance(node, yaml.ScalarNode) else ""
        if text not in {"true", "false"}:
            reader.error(node, key, f"{shown(node)} is neither true nor false")
            return None
        return bool(text == "true")

    def schema(self) -> dict[str, object]:
        """Return a boolean."""
        return {"type": "boolean"}

    def plain(self, value: object) -> object:
        """Return the flag."""
        return value


class Text(Record):
    """One text. ``fault`` says what is wrong with it; ``schema_part`` tells the same to an editor."""

    label: str
    fault: Callable[[str], str | None] = lambda _: None
    schema_part: Mapping[str, object] = field(default_factory=dict)

    def read(self, node: yaml.Node, key: str, reader: Reader) -> str | None:
        """Return the text."""
        text = text_of(node)
        if text is None:
            reader.error(node, key, f"{shown(node)} is not a text; put it in quotes if it is meant as one")
            return None
        fault = self.fault(text)
        if fault is not None:
            reader.error(node, key, f"{quoted(text)} {fault}")
            return None
        return text

    def schema(self) -> dict[str, object]:
        """Return a string with its pattern."""
        return {"type": "string", **self.schema_part}

    def plain(self, value: object) -> object:
        """Return the text."""
        return value


class Many(Record):
    """A list of one kind, without repetitions. A single value stands for a list of one."""

    item: Kind

    @property
    def label(self) -> str:
        """Return what it is a list of."""
        return f"list: {self.item.label}"

    def read(self, node: yaml.Node, key: str, reader: Reader) -> tuple[object, ...]:
        """Return the valid items in order."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if isinstance(node, yaml.ScalarNode) and is_null(node):
            nodes = []
        items = [self.item.read(each, key, reader) for each in nodes]
        return tuple(dict.fromkeys(each for each in items if each is not None))

    def schema(self) -> dict[str, object]:
        """Return an array, or one item."""
        item = self.item.schema()
        return {"anyOf": [{"type": "array", "items": item}, item]}

    def plain(self, value: object) -> object:
        """Return a list."""
        return [self.item.plain(each) for each in value] if isinstance(value, tuple) else value
