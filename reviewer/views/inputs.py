"""Reading a subject through a table: what each source calls a fact, and what it is when it is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reviewer.record import Record
from reviewer.terraform.value import NULL, Value, unknown
from reviewer.views.fact import Fact, from_data

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.text import Range
    from reviewer.views.module_source import ModuleSource

Row = Mapping[str, Any]
"""``argument`` (a path through blocks), ``default``, and the major versions ``from`` and ``until``."""

_NEWEST = 999


class Inputs(Record, eq=False):
    """The arguments of one subject.

    ``facts`` maps a fact to its rows per source. ``bodies`` hold the arguments, the most specific first: a
    node group's own entry, then the module's defaults for all groups. ``majors`` are the module's possible
    versions.
    """

    facts: Mapping[str, Mapping[str, Sequence[Row]]]
    source: str
    majors: tuple[int, ...]
    bodies: tuple[Body, ...]
    header: Range
    address: str

    def fact(self, name: str) -> Fact:
        """Return a fact. A written null counts as absent, unless ``written_null`` is asked for.

        When the module's version is not known well enough to tell the default, the value is unknown; so is
        what is written only under a name of another version, which the pinned one refuses.
        """
        rows = self._rows(name)
        arguments = tuple(dict.fromkeys(row["argument"] for row in rows if "argument" in row))
        for body in self.bodies:
            for argument in arguments:
                found = self._written(body, argument)
                if found is not None and found.value.data is not None:
                    return found
        foreign = self._foreign(name, arguments)
        value = self._default(name, rows) if foreign is None else unknown(foreign)
        return self._absent(name, value, arguments)

    def _foreign(self, name: str, arguments: Sequence[str]) -> str | None:
        """Return why a fact is not known that is written under the name of another version."""
        for row in self.facts[name].get(self.source, ()):
            argument = row.get("argument")
            if argument is None or argument in arguments:
                continue
            written = (self._written(body, argument) for body in self.bodies)
            if any(each is not None and each.value.data is not None for each in written):
                return f"`{argument}` is no argument of the version of `{self.address}` that is pinned"
        return None

    def default(self, name: str) -> Value:
        """Return what a fact is when nothing is written."""
        return self._default(name, self._rows(name))

    def written_null(self, name: str) -> Fact | None:
        """Return the fact when it is written as null."""
        for body in self.bodies:
            for row in self._rows(name):
                found = self._written(body, row["argument"]) if "argument" in row else None
                if found is not None:
                    return found if found.value.data is None else None
        return None

    def _rows(self, name: str) -> list[Row]:
        rows = self.facts[name].get(self.source, ())
        return [row for row in rows if not self.majors or any(holds(row, each) for each in self.majors)]

    def _written(self, body: Body, argument: str) -> Fact | None:
        """Return a fact when its argument, or a block of its name, is written in ``body``."""
        holder, name = _holder(body, argument)
        if holder is None:
            return None
        if holder.has(name):
            value = holder.attr(name)
        elif has_blocks(holder, name):
            value = _blocks_value(holder, name)
        else:
            return None
        return Fact(argument, value, written=True, body=holder, header=self.header)

    def _absent(self, name: str, value: Value, arguments: Sequence[str]) -> Fact:
        argument = arguments[-1] if arguments else name
        body = self.bodies[0]
        holder = _holder(body, argument)[0]
        certain = len(arguments) == 1 and holder is not None
        return Fact(argument, value, written=False, body=holder or body, header=self.header, certain=certain)

    def _default(self, name: str, rows: list[Row]) -> Value:
        defaults = [row["default"] for row in rows if "default" in row]
        if len(defaults) != len(rows):
            return unknown(f"the code does not tell `{name}` of `{self.address}`")
        if not defaults:
            return NULL
        if any(each != defaults[0] for each in defaults):
            return unknown(
                f"the default of `{name}` depends on the version of `{self.address}`, which is not pinned"
            )
        return from_data(defaults[0])


def holds(row: Row, major: int) -> bool:
    """Tell whether a row is about a major version."""
    return bool(row.get("from", 0) <= major <= row.get("until", _NEWEST))


def majors_of(source: ModuleSource, body: Body, inputs: Mapping[str, Any], kind: str) -> tuple[int, ...]:
    """Return the major versions a call can be of; a constraint takes the newest that has the arguments.

    ``inputs`` is a table with the ``oldest`` and ``newest`` major versions it knows, and its ``facts``. Older
    versions count as the oldest where the table says that they are alike.
    """
    oldest = inputs["oldest"][kind]
    majors = source.majors(oldest, inputs["newest"][kind])
    if not majors and kind in inputs.get("older_alike", ()) and source.majors(0, oldest):
        return (oldest,)
    if len(majors) <= 1:
        return majors
    fits = _fitting(body, inputs["facts"], kind, majors)
    return (max(fits or majors),) if source.constraint else fits or majors


def _fitting(
    body: Body, facts: Mapping[str, Mapping[str, Sequence[Row]]], source: str, majors: Sequence[int]
) -> tuple[int, ...]:
    """Return those major versions that have every argument written in ``body``."""
    return tuple(major for major in majors if not any(True for _ in _foreign(body, facts, source, major)))


def _foreign(
    body: Body, facts: Mapping[str, Mapping[str, Sequence[Row]]], source: str, major: int
) -> Iterator[str]:
    """Yield the written arguments that a major version of the module does not have."""
    for by_source in facts.values():
        rows = [row for row in by_source.get(source, ()) if "argument" in row]
        valid = {row["argument"] for row in rows if holds(row, major)}
        yield from (
            row["argument"] for row in rows if row["argument"] not in valid and body.has(row["argument"])
        )


def has_blocks(body: Body, name: str) -> bool:
    """Tell whether there are, or may be, nested blocks of a type."""
    blocks = body.blocks(name)
    return bool(blocks.known) or blocks.undecided is not None


def _holder(body: Body, argument: str) -> tuple[Body | None, str]:
    """Return the block that holds an argument path, and the argument's own name."""
    *path, name = argument.split(".")
    holder: Body | None = body
    for block in path:
        holder = holder.blocks(block).first() if holder is not None else None
    return holder, name


def _blocks_value(body: Body, name: str) -> Value:
    """Return nested blocks as a value that says only that there are some; unknown when there may be none."""
    blocks = body.blocks(name)
    if not blocks.known:
        return unknown(blocks.undecided or f"`{name}` is not known")
    where = blocks.known[0].range
    return Value((), origins=(where,) if where else ())
