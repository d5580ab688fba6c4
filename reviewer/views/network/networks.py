"""CIDR blocks: which of them mean the whole internet, and which are not those that were agreed on."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from reviewer.terraform.value import UndecidedError, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PRIVATE = frozenset({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})
_INSIDE = tuple(
    ipaddress.ip_network(each)
    for each in (*_PRIVATE, "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7")
)
_HALVES = (frozenset({"0.0.0.0/1", "128.0.0.0/1"}), frozenset({"::/1", "8000::/1"}))


def open_to_world(collections: Iterable[Value], allowed: tuple[str, ...] = ()) -> Value | None:
    """Return the element that admits every address: ``0.0.0.0/0``, ``::/0``, or the first of two halves.

    Where ``allowed`` networks are listed, any public one outside them is returned, too, and none that lies
    inside one of them. ``collections`` are lists, single CIDR blocks or comma-separated text. The value
    returned is one CIDR block. One open element suffices; when there is none and something is unknown,
    raises :class:`UndecidedError`.
    """
    undecided: str | None = None
    halves: dict[str, Value] = {}
    for element in _elements(collections, allowed):
        if isinstance(element.data, Unknown):
            undecided = undecided or element.data.reason
            continue
        network = _network(str(element.data))
        if network is None or _is_inside(network, map(ipaddress.ip_network, allowed)):
            continue
        if network.prefixlen == 0 or (allowed and not _is_inside(network, _INSIDE)):
            return element
        if not allowed:
            halves.setdefault(str(network), element)
    for pair in _HALVES:
        if pair <= halves.keys():
            return halves[min(pair)]
    if undecided is not None:
        raise UndecidedError(undecided)
    return None


def _elements(collections: Iterable[Value], allowed: tuple[str, ...] = ()) -> Iterator[Value]:
    """Yield single CIDR blocks; a collection that stays unknown is one unknown element."""
    for collection in collections:
        if isinstance(collection.data, Unknown):
            known = tuple(each for each in collection.data.parts if isinstance(each.data, tuple))
            yield from _elements(known, allowed)
            yield _agreed(collection, allowed)
            continue
        for element in collection.elements():
            if isinstance(element.data, str) and "," in element.data:
                yield from (
                    Value(each.strip(), element.type, element.origins) for each in element.data.split(",")
                )
            else:
                yield element


def _agreed(collection: Value, allowed: tuple[str, ...]) -> Value:
    """Return the open element of the first branch when each branch of a conditional has one."""
    alternatives = collection.data.alternatives if isinstance(collection.data, Unknown) else ()
    try:
        found = [open_to_world((each,), allowed) for each in alternatives]
    except UndecidedError:
        return collection
    open_ones = [each for each in found if each is not None]
    if not alternatives or (open_ones and len(open_ones) < len(found)):
        return collection
    return open_ones[0] if open_ones else Value("", collection.type)


def is_world(cidr: object) -> bool:
    """Tell whether a CIDR block is, or is half of, the whole internet."""
    network = _network(str(cidr))
    return network is not None and network.prefixlen <= 1


def _is_inside(network: _Network, others: Iterable[_Network]) -> bool:
    """Tell whether a network lies inside one of the others."""
    first, last = int(network.network_address), int(network.broadcast_address)
    return any(
        each.version == network.version
        and int(each.network_address) <= first
        and last <= int(each.broadcast_address)
        for each in others
    )


def _network(text: str) -> _Network | None:
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
