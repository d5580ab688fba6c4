"""Which of the nested blocks that a plan lists is which of those in the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.value import Unknown, Value

if TYPE_CHECKING:
    from reviewer.terraform.body import BlockBody


def planned_bodies(planned: Value) -> tuple[Value, ...] | None:
    """Return the objects that a plan says nested blocks of a type will be; None when it does not tell."""
    if planned.data is None:
        return ()
    if isinstance(planned.data, tuple):
        return planned.data
    return (planned,) if isinstance(planned.data, Mapping) else None


def pair(bodies: Sequence[BlockBody], planned: Sequence[Value]) -> tuple[list[BlockBody], list[Value] | None]:
    """Return blocks, each with the planned object that it alone can be, and the objects that are left.

    The order of a set is not that of the code, so a block is recognised by its known arguments. None is left
    when a block was not recognised: then nobody knows which object is whose.
    """
    left, certain, found = list(planned), True, []
    for body in bodies:
        fitting = [each for each in left if _may_be(body, each)]
        if len(fitting) == 1:
            body = replace(body, planned=fitting[0])  # noqa: PLW2901 - the same block, with more known
            left.remove(fitting[0])
        else:
            certain = False
        found.append(body)
    return found, left if certain else None


def _may_be(body: BlockBody, planned: Value) -> bool:
    """Tell whether no known argument of a block contradicts a planned object."""
    if not isinstance(planned.data, Mapping):
        return False
    for name in body.block.attributes:
        own, other = body.attr(name).data, planned.data.get(name)
        if own is None or other is None or isinstance(own, Unknown | tuple | Mapping):
            continue
        if not isinstance(other.data, Unknown) and _text(own) != _text(other.data):
            return False
    return True


def _text(data: object) -> str:
    return str(data).lower() if isinstance(data, bool) else str(data)
