"""A subject as the JSON that policies see, and the way back from a path in it to the value.

What is not known is not there: an object lacks the argument, a list has null in its place, and ``unknown``
names the path and the reason. A policy that may read such a place is not evaluated: ``docs/own-checks.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reviewer.own.rego_text import ANY
from reviewer.terraform.body import BlockBody, ValueBody
from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.own.rego_text import Path
    from reviewer.terraform.body import Body
    from reviewer.terraform.text import Range

MAX_DEPTH = 40
_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]*)"\]')


@dataclass(slots=True)
class Document:
    """``values`` is plain JSON; ``places`` are the values behind it, by path."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[Path, str] = field(default_factory=dict)
    places: dict[Path, Value] = field(default_factory=dict)

    def add(self, path: Path, value: Value) -> object:
        """Return a value as JSON and note what is unknown in it, and where it comes from."""
        self.places[path] = value
        data = value.data
        if value.sensitive:
            self.unknown[path] = "it is sensitive, and no policy sees it"
        elif isinstance(data, Unknown):
            self.unknown[path] = data.reason
        elif len(path) > MAX_DEPTH:
            self.unknown[path] = "it is nested too deeply"
        elif isinstance(data, tuple):
            return [self.add((*path, str(index)), each) for index, each in enumerate(data)]
        elif isinstance(data, Mapping):
            found = {name: self.add((*path, name), each) for name, each in data.items()}
            return {name: each for name, each in found.items() if (*path, name) not in self.unknown}
        elif isinstance(data, Decimal):
            return float(data)
        else:
            return data
        return None

    def add_argument(self, name: str, value: Value) -> None:
        """Add a value at the top."""
        plain = self.add((name,), value)
        if (name,) not in self.unknown:
            self.values[name] = plain

    def blocking(self, reads: Iterable[Path]) -> str | None:
        """Return why something that is read is not known; None when all of it is."""
        wanted = tuple(reads)
        for path, reason in self.unknown.items():
            if any(_meet(way, path) for way in wanted):
                return f"`{written(path)}`: {reason}"
        return None

    def origins(self) -> dict[str, dict[str, object]]:
        """Return which lines supply each value, by its path as text."""
        found = ((path, value.supplier) for path, value in self.places.items())
        return {written(path): place(at) for path, at in found if at is not None}


def place(at: Range) -> dict[str, object]:
    """Return a range as JSON."""
    return {"path": at.path, "line": at.line, "end_line": at.end_line}


def written(path: Path) -> str:
    """Return a path as people write it: ``vpc_config[0].subnet_ids``."""
    text = ""
    for step in path:
        if step.isdigit():
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}"
        else:
            text += f'["{step}"]'
    return text.removeprefix(".")


def parsed(text: str) -> Path:
    """Return the path that a text such as ``vpc_config[0].subnet_ids`` names."""
    return tuple(next(filter(None, match.groups()), "") for match in _STEP.finditer(text))


def of_body(body: Body, names: frozenset[str] | None) -> Document:
    """Return the arguments and nested blocks of a body; ``names`` are those wanted, None for all."""
    document = Document()
    for name in _written_names(body):
        if names is None or name in names:
            document.add_argument(name, _argument(body, name))
    return document


def _argument(body: Body, name: str) -> Value:
    if body.has(name):
        return body.attr(name)
    blocks = body.blocks(name)
    if blocks.undecided is not None:
        return Value(Unknown(blocks.undecided))
    return Value(tuple(map(_as_value, blocks.known)))


def _as_value(body: Body) -> Value:
    if isinstance(body, ValueBody):
        return body.value
    entries = {name: _argument(body, name) for name in _written_names(body)}
    return Value(entries, origins=(body.range,) if body.range else ())


def _written_names(body: Body) -> Iterator[str]:
    if isinstance(body, BlockBody):
        yield from body.block.attributes
        yield from (each for each in body.block_types() if each not in body.block.attributes)
    elif isinstance(body, ValueBody) and isinstance(body.value.data, Mapping):
        yield from body.value.data


def _meet(way: Path, path: Path) -> bool:
    """Tell whether one is the beginning of the other."""
    return all(step in (ANY, here) for step, here in zip(way, path, strict=False))
