"""Reading a source of settings: its mistakes, the checks it may name, and how messages speak about YAML."""

from __future__ import annotations

import dataclasses
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import yaml
from msgspec import field

from reviewer.escape import clip, visible
from reviewer.record import Record
from reviewer.yaml_nodes import entries, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def did_you_mean(word: str, known: Iterable[object]) -> str:
    """Return a suggestion to append to a message, empty when nothing is near."""
    words = {str(each).casefold(): str(each) for each in known}
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
