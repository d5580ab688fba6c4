"""What references to resources, data sources and module calls give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.body import BlockBody
from reviewer.terraform.types import ObjectType
from reviewer.terraform.value import Unknown, Value, object_of, tuple_of, unknown

if TYPE_CHECKING:
    from reviewer.terraform.instance import Expansion
    from reviewer.terraform.module_instance import ModuleInstance


def reference(
    address: str, body: BlockBody, computed: Callable[[str], Value | None] = lambda _: None
) -> Value:
    """Return what a reference to a block gives: unknown as a whole, known where it is written or planned.

    ``computed`` tells what attributes that are not written are worth, for those of which that can be told.
    """

    def member(name: str) -> Value | None:
        if body.has(name):
            written = body.attr(name)
            # The provider may choose a value for null.
            return None if written.is_null else _known_by(f"{address}.{name}", written)
        known = computed(name)
        if known is not None:
            return known
        nested = body.blocks(name)
        if nested.undecided is not None and not nested.known:
            return unknown(nested.undecided)
        if not nested.known:
            return None
        blocks = [each for each in nested.known if isinstance(each, BlockBody)]
        return tuple_of(tuple(reference(f"{address}.{name}[{n}]", each) for n, each in enumerate(blocks)))

    reason = f"`{address}` is not known from the code"
    return Value(Unknown(reason, address, members=member, planned=body.planned))


def _known_by(reference: str, value: Value) -> Value:
    """Return what an attribute is set to; where only inputs decide it, it is known as that attribute."""
    data = value.data
    if isinstance(data, Unknown) and (data.reference is None or data.reference.startswith("var.")):
        return replace(value, data=replace(data, reference=reference))
    return value


def outputs_of(module: ModuleInstance) -> Value:
    """Return the object of a module's outputs; each is evaluated when it is asked for."""
    return Value(_Outputs(module), ObjectType({}))


class _Outputs(Mapping[str, Value]):
    """The outputs of a module in the order of their names."""

    def __init__(self, module: ModuleInstance) -> None:
        self._module = module
        self._names = sorted(module.declarations.outputs)

    def __getitem__(self, name: str) -> Value:
        value = self._module.output(name)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._module.declarations.outputs


def collected(expansion: Expansion, address: str, values: list[Value]) -> Value:
    """Return what a reference to a block gives, be it one instance, a list or a map of them."""
    if expansion.undecided is not None:
        element = values[0] if values else None
        return Value(Unknown(expansion.undecided, address, element=element))
    if not expansion.keyed:
        return values[0] if values else unknown(f"`{address}` refers to itself", reference=address)
    if expansion.keyed == "count":
        return tuple_of(tuple(values))
    keys = [str(each.key.data) for each in expansion.instances if each.key is not None]
    return object_of(dict(zip(keys, values, strict=True)))
