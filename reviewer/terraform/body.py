"""The contents of a block as values: arguments, nested blocks, ``dynamic`` blocks expanded.

The same interface serves a block of HCL and an object value, so that ``scaling_config { … }`` of a resource
and
``eks_managed_node_groups = { … }`` of a module call are read alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import field

from reviewer.record import Record
from reviewer.terraform.access import get_attribute
from reviewer.terraform.meta_arguments import REPETITION
from reviewer.terraform.plan.planned import fill
from reviewer.terraform.plan.planned_blocks import pair, planned_bodies
from reviewer.terraform.syntax import Attribute, Block
from reviewer.terraform.types import SetType
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value, number, string, unknown

if TYPE_CHECKING:
    from reviewer.terraform.text import Range

Evaluate = Callable[[Attribute, Mapping[str, Value]], Value]
"""Evaluates an attribute with the names bound by ``count``, ``for_each`` and ``dynamic``."""

MAX_ELEMENTS = 1_000
"""Instances of one block. More are treated as an unknown number."""


_REPEATED = frozenset({"resource", "data", "ephemeral", "module"})
"""Blocks of which :data:`REPETITION` says how often they exist, the same for each instance."""


class Body(Protocol):
    """Arguments and nested blocks, wherever they are written."""

    @property
    def range(self) -> Range | None:
        """Return the header line of the block, or where the value is written."""

    def has(self, name: str) -> bool:
        """Tell whether the argument is written, be it null."""

    def attr(self, name: str) -> Value:
        """Return the argument's value; null without origins when it is not written."""

    def blocks(self, name: str) -> Blocks:
        """Return the nested blocks of one type."""


class Blocks(Record):
    """Nested blocks of one type; ``undecided`` is why there may be more, fewer or others than ``known``."""

    known: tuple[Body, ...] = ()
    undecided: str | None = None

    def require(self) -> tuple[Body, ...]:
        """Return the blocks; raises :class:`UndecidedError` when not all are known."""
        if self.undecided is not None:
            raise UndecidedError(self.undecided)
        return self.known

    def first(self) -> Body | None:
        """Return the only block that providers allow for most types; None when there is none."""
        if self.known:
            return self.known[0]
        self.require()
        return None

    def __iter__(self) -> Iterator[Body]:
        """Iterate over the known blocks."""
        return iter(self.known)


class BlockBody(Record, eq=False):
    """A block of HCL in a scope. ``planned`` is the object that a plan says it will be."""

    block: Block
    evaluate: Evaluate
    bindings: Mapping[str, Value] = field(default_factory=dict)
    planned: Value | None = None

    @property
    def range(self) -> Range:
        """Return the header of the block."""
        return self.block.header

    def has(self, name: str) -> bool:
        """Tell whether the argument is written."""
        return name in self.block.attributes

    def attr(self, name: str) -> Value:
        """Return the argument's value."""
        attribute = self.block.attributes.get(name)
        if attribute is None:
            return NULL
        repeats = name in REPETITION and self.block.type in _REPEATED
        value = self.evaluate(attribute, {} if repeats else self.bindings)
        planned = self._planned(name)
        return value if planned is None else fill(value, planned)

    def blocks(self, name: str) -> Blocks:
        """Return the nested blocks, those that ``dynamic`` makes included."""
        known: list[Body] = []
        undecided: str | None = None
        if name in self.block.attributes:
            written = value_blocks(self.attr(name))
            known.extend(written.known)
            undecided = written.undecided
        for nested in self.block.blocks:
            if nested.type == name:
                known.append(BlockBody(nested, self.evaluate, self.bindings))
            elif nested.type == "dynamic" and nested.labels == (name,):
                made = self._dynamic(nested, name)
                known.extend(made.known)
                undecided = undecided or made.undecided
        blocks, planned = Blocks(tuple(known), undecided), self._planned(name)
        return blocks if planned is None else self._filled(name, blocks, planned)

    def elements(self) -> Iterator[Range]:
        """Yield where the elements are written for which ``for_each`` makes the block, innermost first."""
        for bound in reversed(tuple(self.bindings.values())):
            pair = bound.data
            if isinstance(pair, Mapping) and "value" in pair:
                yield from pair["value"].origins[:1]

    def _planned(self, name: str) -> Value | None:
        """Return what a plan says of an argument or of all nested blocks of a type."""
        if self.planned is None or not isinstance(self.planned.data, Mapping):
            return None
        return self.planned.data.get(name)

    def _filled(self, name: str, blocks: Blocks, planned: Value) -> Blocks:
        """Return nested blocks with what is planned for each, and those of a ``dynamic`` that is unknown."""
        own = [each for each in blocks.known if isinstance(each, BlockBody)]
        bodies = planned_bodies(planned)
        if bodies is None or len(own) != len(blocks.known):
            return blocks
        filled, left = pair(own, bodies)
        unknown_ones = [each for each in self.block.blocks if self._is_undecided(each, name)]
        if blocks.undecided is None or len(unknown_ones) != 1 or left is None:
            return Blocks(tuple(filled), blocks.undecided)
        return Blocks((*filled, *self._planned_dynamic(unknown_ones[0], name, left)))

    def _is_undecided(self, nested: Block, name: str) -> bool:
        is_dynamic = nested.type == "dynamic" and nested.labels == (name,)
        return is_dynamic and self._dynamic(nested, name).undecided is not None

    def _planned_dynamic(self, block: Block, name: str, planned: Sequence[Value]) -> Iterator[BlockBody]:
        """Yield the blocks that a plan says a ``dynamic`` will make, whatever it iterates over."""
        content, reason = next(block.nested("content")), f"`{name}` depends on an unknown `for_each`"
        element = _pair(unknown(reason), unknown(reason))
        bindings = {**self.bindings, _iterator(block, name): element}
        for each in planned:
            yield BlockBody(content, self.evaluate, bindings, each)

    def block_types(self) -> tuple[str, ...]:
        """Return the types of nested blocks that are written, each once."""
        types = (
            each.labels[0] if each.type == "dynamic" and each.labels else each.type
            for each in self.block.blocks
        )
        return tuple(dict.fromkeys(types))

    def _dynamic(self, block: Block, name: str) -> Blocks:
        content = next(block.nested("content"), None)
        if content is None or "for_each" not in block.attributes:
            return Blocks()
        collection = self.evaluate(block.attributes["for_each"], self.bindings).settled()
        variable = _iterator(block, name)
        if isinstance(collection.data, Unknown):
            return Blocks((), collection.data.reason)
        made = [
            BlockBody(content, self.evaluate, {**self.bindings, variable: pair})
            for pair in (_pair(key, value) for key, value in elements_with_keys(collection))
        ]
        return Blocks(tuple(made))


class ValueBody(Record, eq=False):
    """An object value read as if it were a block."""

    value: Value

    @property
    def range(self) -> Range | None:
        """Return where the value is written."""
        return self.value.supplier

    def has(self, name: str) -> bool:
        """Tell whether the attribute is written; an unknown object may have any."""
        data = self.value.data
        return isinstance(data, Unknown) or (isinstance(data, Mapping) and name in data)

    def attr(self, name: str) -> Value:
        """Return the attribute's value, null when the object does not have it."""
        data = self.value.data
        if isinstance(data, Unknown) and self.value.supplier is not None:
            return get_attribute(self.value, name, self.value.supplier)
        if isinstance(data, Unknown):
            return unknown(data.reason)
        return data.get(name, NULL) if isinstance(data, Mapping) else NULL

    def blocks(self, name: str) -> Blocks:
        """Return the attribute's elements as blocks."""
        return value_blocks(self.attr(name))


def value_blocks(value: Value) -> Blocks:
    """Read an object, or a list or set of objects, as nested blocks."""
    data = value.data
    if data is None:
        return Blocks()
    if isinstance(data, Unknown):
        return Blocks((), data.reason)
    if isinstance(data, tuple):
        return Blocks(tuple(ValueBody(each) for each in data))
    return Blocks((ValueBody(value),)) if isinstance(data, Mapping) else Blocks()


def elements_with_keys(collection: Value) -> tuple[tuple[Value, Value], ...]:
    """Return key and value of each element, as ``for_each`` binds them; empty for null or a scalar."""
    data = collection.data
    if isinstance(data, Mapping):
        return tuple((string(key, *value.origins[:1]), value) for key, value in data.items())
    if not isinstance(data, tuple):
        return ()
    if isinstance(collection.type, SetType):
        return tuple((each, each) for each in data)
    return tuple((number(index), each) for index, each in enumerate(data))


def _iterator(block: Block, name: str) -> str:
    """Return the name that the content of a ``dynamic`` block calls its element."""
    iterator = block.attributes.get("iterator")
    return iterator.expression.text if iterator else name


def _pair(key: Value, value: Value) -> Value:
    """Return the object that an iterator variable is bound to."""
    return Value({"key": key, "value": value})
