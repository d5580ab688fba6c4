"""CIDR blocks: which of them mean the whole internet."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from reviewer.terraform.value import UndecidedError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PRIVATE = frozenset({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})
_HALVES = (frozenset({"0.0.0.0/1", "128.0.0.0/1"}), frozenset({"::/1", "8000::/1"}))


def open_to_world(collections: Iterable[Value]) -> Value | None:
    """Return the element that admits every address: ``0.0.0.0/0``, ``::/0``, or the first of two halves.

    ``collections`` are lists, single CIDR blocks or comma-separated text. The value returned is one CIDR
    block. One open element suffices; when there is none and something is unknown, raises
    :class:`UndecidedError`.
    """
    undecided: str | None = None
    halves: dict[str, Value] = {}
    for element in _elements(collections):
        if isinstance(element.data, Unknown):
            undecided = undecided or element.data.reason
            continue
        network = _network(str(element.data))
        if network is not None and network.prefixlen == 0:
            return element
        if network is not None:
            halves.setdefault(str(network), element)
    for pair in _HALVES:
        if pair <= halves.keys():
            return halves[min(pair)]
    if undecided is not None:
        raise UndecidedError(undecided)
    return None


def _elements(collections: Iterable[Value]) -> Iterator[Value]:
    """Yield single CIDR blocks; a collection that stays unknown is one unknown element."""
    for collection in collections:
        if isinstance(collection.data, Unknown):
            known = tuple(each for each in collection.data.parts if isinstance(each.data, tuple))
            yield from _elements(known)
            yield _agreed(collection)
            continue
        for element in collection.elements():
            if isinstance(element.data, str) and "," in element.data:
                yield from (
                    Value(each.strip(), element.type, element.origins) for each in element.data.split(",")
                )
            else:
                yield element


def _agreed(collection: Value) -> Value:
    """Return the open element of the first branch when each branch of a conditional has one."""
    alternatives = collection.data.alternatives if isinstance(collection.data, Unknown) else ()
    try:
        found = [open_to_world((each,)) for each in alternatives]
    except UndecidedError:
        return collection
    open_ones = [each for each in found if each is not None]
    if not alternatives or (open_ones and len(open_ones) < len(found)):
        return collection
    return open_ones[0] if open_ones else Value("", collection.type)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def private_supernet(collections: Iterable[Value]) -> Value | None:
    """Return the element that is a whole private range of RFC 1918; raises like :func:`open_to_world`."""
    undecided: str | None = None
    for element in _elements(collections):
        if isinstance(element.data, Unknown):
            undecided = undecided or element.data.reason
        elif element.data in _PRIVATE:
            return element
    if undecided is not None:
        raise UndecidedError(undecided)
    return None
