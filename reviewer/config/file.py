"""Reads ``.eks-review.yml``: every mistake is named at once, with its line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from reviewer import PROJECT_URL
from reviewer.config.config import DEFAULT_PATH, Config, merged, options_of
from reviewer.config.kinds import Many
from reviewer.config.reader import Catalogue, ConfigError, Reader, did_you_mean, is_null, quoted, unique
from reviewer.yaml_nodes import YamlError, compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class InvalidConfigError(ValueError):
    """All mistakes of one source, in the order of their lines. Its text is one line for each."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda each: each.line or 0))
        super().__init__("\n".join(map(str, self.errors)))


def load(text: str, path: str = DEFAULT_PATH, checks: Mapping[str, str] | None = None) -> Config:
    """Return the configuration written in ``text``. ``checks`` maps every known check id to its name.

    Raises :class:`InvalidConfigError` that names every mistake with its line.
    """
    reader = Reader(path, Catalogue(checks or {}))
    try:
        root = compose(text)
    except YamlError as error:
        raise InvalidConfigError([ConfigError(path, error.line, "", error.message)]) from error
    values = {} if root is None or is_null(root) else _read_mapping(root, reader)
    if reader.errors:
        raise InvalidConfigError(reader.errors)
    return merged(Config(), **values)


def read_option(key: str, text: str, source: str, checks: Mapping[str, str] | None = None) -> object:
    """Return the value of one key that came as text, such as ``EKS-SEC,EKS-REL`` for ``select``.

    Lists are separated by commas, blanks or lines. ``source`` says where it came from, such as ``--ignore``
    or ``input fail-on``. Raises :class:`InvalidConfigError`.
    """
    option = next(each for each in options_of() if each.key == key)
    reader = Reader(source, Catalogue(checks or {}))
    words = text.replace(",", " ").split() if isinstance(option.kind, Many) else [text.strip()]
    kind = option.kind.item if isinstance(option.kind, Many) else option.kind
    values = [kind.read(_scalar(word), "", reader) for word in words]
    if reader.errors:
        raise InvalidConfigError(ConfigError(source, None, "", each.message) for each in reader.errors)
    return tuple(dict.fromkeys(values)) if isinstance(option.kind, Many) else values[0]


def json_schema() -> dict[str, object]:
    """Return the JSON schema of the file, for editors."""
    properties = {
        each.key: {**each.kind.schema(), "description": each.text, "default": each.kind.plain(each.default)}
        for each in options_of()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{PROJECT_URL}/blob/main/docs/config.schema.json",
        "title": f"EKS Review configuration ({DEFAULT_PATH})",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _read_mapping(root: yaml.Node, reader: Reader) -> dict[str, object]:
    if not isinstance(root, yaml.MappingNode):
        reader.error(root, "", "the file must be a mapping of keys to values")
        return {}
    known = {each.key: each for each in options_of()}
    values: dict[str, object] = {}
    for key, key_node, value in unique(root, "", reader):
        if key not in known:
            reader.error(key_node, "", f"unknown key {quoted(key)}{did_you_mean(key, known)}")
            continue
        if not (is_null(value) and known[key].default is None):
            values[known[key].field] = known[key].kind.read(value, key, reader)
    return values


def _scalar(text: str) -> yaml.Node:
    """Return the text as a node. Its type is text: no word of a command line is a date or a boolean."""
    mark = yaml.Mark("", 0, 0, 0, None, 0)
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, mark, mark)
