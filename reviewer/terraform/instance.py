"""Instances: how often a block exists by ``count`` and ``for_each``, told by the code or else by a plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.block_values import reference
from reviewer.terraform.body import MAX_ELEMENTS, BlockBody, elements_with_keys
from reviewer.terraform.convert import convert
from reviewer.terraform.kubectl_documents import computed
from reviewer.terraform.manifest_text import link_of
from reviewer.terraform.template_file import rendered
from reviewer.terraform.types import NUMBER, STRING
from reviewer.terraform.value import EvaluationError, Unknown, Value, number, object_of, string, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.terraform.text import Range

_INDEX = object_of({"index": unknown("`count.index` depends on an unknown count", kind=NUMBER)})
_EACH = unknown("`each` depends on an unknown `for_each`")

MAX_INSTANCES = 20_000
"""Instances of repeated blocks in one configuration. Further blocks are treated as of unknown number."""


class Instance(Record, eq=False):
    """One resource, data source or module call as it will exist.

    ``address`` is the full address from the root module, as Terraform prints it. ``key`` is its index
    or key. With an unknown ``count`` or ``for_each`` there is one instance that stands for all
    (``is_template``).
    """

    module: ModuleInstance
    address: str
    kind: str
    type: str
    name: str
    block: Block
    body: BlockBody
    key: Value | None = None
    is_template: bool = False

    @property
    def range(self) -> Range:
        """Return the header of the block."""
        return self.block.header

    def elements(self) -> Iterator[Range]:
        """Yield where the elements are written for which ``for_each`` makes it and the modules it is in."""
        yield from self.body.elements()
        for arguments in self._arguments():
            yield from arguments.elements()

    def calls(self) -> Iterator[Range]:
        """Yield the blocks that call the module it is in, the innermost first; none in a root module."""
        return (each.block.range for each in self._arguments())

    def _arguments(self) -> Iterator[BlockBody]:
        module: ModuleInstance | None = self.module
        while module is not None:
            if isinstance(module.arguments, BlockBody):
                yield module.arguments
            module = module.parent

    def value(self) -> Value:
        """Return what a reference to this instance gives: unknown as a whole, known where it is written."""
        if self.kind != "data":
            return reference(self.address, self.body)
        compute = rendered if self.type == "template_file" else computed
        return reference(self.address, self.body, partial(compute, self))


class Expansion(Record, eq=False):
    """All instances of one block, and how they are keyed: ``""``, ``count`` or ``for_each``."""

    address: str
    instances: tuple[Instance, ...]
    keyed: str = ""
    undecided: str | None = None


def expand(module: ModuleInstance, address: str, block: Block) -> Expansion:
    """Return the instances of a resource, data source or module call."""
    repeated = _Repeated(module, address, block)
    if "count" in block.attributes:
        return repeated.counted(module.value_of(block.attributes["count"]).settled())
    if "for_each" in block.attributes:
        return repeated.keyed(module.value_of(block.attributes["for_each"]).settled())
    return Expansion(address, (repeated.instance("", {}),))


class _Repeated(Record):
    """A block of a module instance, and the instances it may have."""

    module: ModuleInstance
    address: str
    block: Block

    def counted(self, value: Value) -> Expansion:
        """Return the instances for a ``count``."""
        try:
            count = convert(value, NUMBER).data
        except EvaluationError:
            count = None
        if isinstance(count, int) and not isinstance(count, bool) and self._has_room(count):
            indices = (number(index, *value.origins[:1]) for index in range(max(count, 0)))
            return Expansion(self.address, tuple(map(self._at_index, indices)), "count")
        too_large = f"the count of `{self.address}` is too large"
        reason = value.data.reason if isinstance(value.data, Unknown) else too_large
        return self._undecided("count", {"count": _INDEX}, reason)

    def keyed(self, value: Value) -> Expansion:
        """Return the instances for a ``for_each``; a list is not allowed there, and Terraform reports it."""
        pairs = [(key.settled(), element) for key, element in elements_with_keys(value)]
        is_unknown = isinstance(value.data, Unknown) or any(key.is_unknown for key, _ in pairs)
        if not is_unknown and self._has_room(len(pairs)):
            return Expansion(self.address, self._at_keys(pairs), "for_each")
        unknown_keys = f"the keys of `{self.address}` are unknown"
        reason = value.data.reason if isinstance(value.data, Unknown) else unknown_keys
        member = value.data.element if isinstance(value.data, Unknown) else None
        each = object_of({"key": replace(_EACH, type=STRING), "value": member or _EACH})
        return self._undecided("for_each", {"each": each}, reason)

    def _has_room(self, count: int) -> bool:
        """Tell whether the block may have so many instances, and count them."""
        configuration = self.module.configuration
        if count > MAX_ELEMENTS or configuration.instances + count > MAX_INSTANCES:
            return False
        configuration.instances += max(count, 0)
        return True

    def _undecided(self, keyed: str, bindings: Mapping[str, Value], reason: str) -> Expansion:
        """Return the instances that a plan lists; without one, an instance that stands for all."""
        plan = self.module.root.plan
        keys = None if plan is None else plan.keys(self.module, self.address, self.block)
        if keys is None or len(keys) > MAX_ELEMENTS:
            template = replace(self.instance("", bindings), is_template=True)
            return Expansion(self.address, (template,), keyed, reason)
        origin = self.block.attributes[keyed].expression
        if keyed == "count":
            indices = (number(key, origin) for key in keys if isinstance(key, int))
            return Expansion(self.address, tuple(map(self._at_index, indices)), keyed)
        texts = [(string(key, origin), _EACH) for key in keys if isinstance(key, str)]
        return Expansion(self.address, self._at_keys(texts), keyed)

    def _at_index(self, index: Value) -> Instance:
        return self.instance(f"[{index.data}]", {"count": object_of({"index": index})}, index)

    def _at_keys(self, pairs: Sequence[tuple[Value, Value]]) -> tuple[Instance, ...]:
        """Return the instances for a ``for_each``.

        A manifest that is the key goes by what it describes: else every edit would make another object of it.
        """
        found: dict[str, Instance] = {}
        for key, element in pairs:
            if not isinstance(key.data, str):
                continue
            link = link_of(key.data) if "\n" in key.data else None
            name = key.data if link is None or link in found else link
            bindings = {"each": object_of({"key": key, "value": element})}
            found[name] = self.instance(f'["{name}"]', bindings, key)
        return tuple(found.values())

    def instance(self, suffix: str, bindings: Mapping[str, Value], key: Value | None = None) -> Instance:
        """Return one instance, with what a plan says of it."""
        module, block = self.module, self.block
        kind, name = block.type, block.labels[-1]
        type_ = "module" if kind == "module" else block.labels[0]
        address = module.full(self.address) + suffix
        plan = module.root.plan
        planned = None if plan is None else plan.block(module, address, block)
        body = BlockBody(block, module.value_of, bindings, planned)
        return Instance(module, address, kind, type_, name, block, body, key)
