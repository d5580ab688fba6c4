"""The kinds of values that a configuration file holds: each reads a YAML node and describes itself.

A kind never raises. What is wrong goes, with its line, to the :class:`Reader`, so that one run names every
mistake.
"""

from __future__ import annotations

import dataclasses
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

import yaml
from msgspec import field

from reviewer.escape import clip, visible
from reviewer.record import Record
from reviewer.yaml_nodes import entries, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

_PREFIX = re.compile(r"EKS(-[A-Z]+(-\d)?)?")
_OWN = re.compile(r"OWN(-[A-Z0-9]+)*")
"""Own checks of the user, one or all of a group; they are known only once the configuration is read."""
_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.:/][A-Za-z0-9]+)+")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ConfigError(ValueError):
    """One mistake. ``line`` is 1-based, ``None`` when the value came from an option or an input."""

    def __init__(self, path: str, line: int | None, key: str, message: str) -> None:
        super().__init__(path, line, key, message)
        self.path = path
        self.line = line
        self.key = key
        self.message = message

    def __str__(self) -> str:
        """Return ``path:line: key: message``."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class Catalogue(Record):
    """The checks that exist, as id → name. Empty means unknown: then every well-formed id is accepted."""

    names: Mapping[str, str] = field(default_factory=dict)

    def mistake(self, entry: str) -> str | None:
        """Return what is wrong with an id, name or prefix such as ``EKS-SEC``, or ``None``.

        What looks like the id of another tool (``CKV_AWS_39``) is accepted: its results can be folded in.
        """
        known = [*self.names, *self.names.values()]
        if not known or entry in known or _OWN.fullmatch(entry):
            return None
        if any(is_prefix_of(entry, check) for check in self.names):
            return None
        if _FOREIGN.fullmatch(entry) and not entry.upper().startswith("EKS") and not _KEBAB.fullmatch(entry):
            return None
        return f"no check has the id or name {quoted(entry)}{did_you_mean(entry, known)}"


@dataclasses.dataclass(slots=True)
class Reader:
    """Collects the mistakes found while one source is read."""

    path: str
    catalogue: Catalogue
    errors: list[ConfigError] = dataclasses.field(default_factory=list)

    def error(self, node: yaml.Node, key: str, message: str) -> None:
        """Note a mistake at ``node``."""
        self.errors.append(ConfigError(self.path, line_of(node), key, message))


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


def is_prefix_of(entry: str, check_id: str) -> bool:
    """Tell whether ``entry`` is the section (``EKS-SEC``) or the issue (``EKS-SEC-1``) of ``check_id``.

    Of the user's own checks it is any beginning up to a hyphen: ``OWN``, ``OWN-NAMING``.
    """
    if _OWN.fullmatch(entry):
        return check_id.startswith(f"{entry}-")
    return _PREFIX.fullmatch(entry) is not None and check_id.startswith(
        f"{entry}-" if entry[-1].isalpha() else entry
    )


def unique(node: yaml.MappingNode, key: str, reader: Reader) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """Return the entries of a mapping; a key that occurs again is a mistake, and its first value stands."""
    seen: dict[str, tuple[str, yaml.Node, yaml.Node]] = {}
    for entry in entries(node):
        text, key_node, _ = entry
        if text in seen:
            first = line_of(seen[text][1])
            reader.error(key_node, key or text, f"the key {quoted(text)} already stands on line {first}")
        else:
            seen[text] = entry
    return list(seen.values())


def did_you_mean(word: str, known: object) -> str:
    """Return a suggestion to append to a message, empty when nothing is near."""
    words = {str(each).casefold(): str(each) for each in known}  # type: ignore[attr-defined] # any iterable
    near = get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return f" (did you mean {quoted(words[near[0]])}?)" if near else ""


def quoted(text: str) -> str:
    """Return ``text`` in quotes, short and printable."""
    return f'"{clip(visible(text), 80)}"'


def is_null(node: yaml.Node) -> bool:
    """Tell whether ``node`` is an empty value."""
    return bool(node.tag == "tag:yaml.org,2002:null")


def text_of(node: yaml.Node) -> str | None:
    """Return the text of a node that is one, else ``None``: ``yes``, ``7`` and dates are no texts in YAML."""
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
        return str(node.value)
    return None


def shown(node: yaml.Node) -> str:
    """Return a node as an error message names it."""
    match node:
        case yaml.ScalarNode():
            return "an empty value" if is_null(node) else quoted(node.value)
        case yaml.SequenceNode():
            return "a list"
        case _:
            return "a mapping"
