"""What a rule of a network policy lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.value import UndecidedError
from reviewer.views.kubernetes.network_policy import EGRESS, INGRESS, NetworkPolicy, is_empty_selector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.kubernetes.kubernetes_object import Part

DNS = 53
_WORLD = frozenset({"0.0.0.0/0", "::/0"})


def wide_open(policy: NetworkPolicy) -> Iterator[tuple[str, str, Range | None]]:
    """Yield direction, reason and place of each rule that lets everything through."""
    for direction, peers in ((INGRESS, "from"), (EGRESS, "to")):
        if not policy.isolates(direction):
            continue
        for rule in policy.rules(direction):
            if rule.parts("ports"):
                continue
            found = rule.parts(peers)
            if not found:
                yield direction, "an empty rule", rule.range
            for peer in found:
                reason = _everyone(peer, direction)
                if reason is not None:
                    yield direction, reason, peer.range or rule.range


def _everyone(peer: Part, direction: str) -> str | None:
    """Return why a peer stands for everybody; None when it does not."""
    block = peer.part("ip_block")
    if block is not None and direction == INGRESS:
        if block.attr("cidr").test(lambda data: data in _WORLD) and not block.attr("except").elements():
            return "the whole internet"
        return None
    namespaces, pods = peer.part("namespace_selector"), peer.part("pod_selector")
    if namespaces is not None and is_empty_selector(namespaces) and (pods is None or is_empty_selector(pods)):
        return "every namespace"
    return None


def allows_dns(policy: NetworkPolicy) -> bool:
    """Tell whether some egress rule lets queries to a DNS server through, however it names it.

    Raises :class:`UndecidedError` when a port is given by name or unknown.
    """
    return any(_reaches_dns(rule) for rule in policy.rules(EGRESS))


def _reaches_dns(rule: Part) -> bool:
    ports = rule.parts("ports")
    peers = rule.parts("to")
    if not ports:
        # Peers that are pods of the same namespace are no DNS servers; any other may be.
        return not peers or any(_is_outside(each) for each in peers)
    return any(_is_dns(each) for each in ports)


def _is_outside(peer: Part) -> bool:
    return any(peer.part(name) is not None for name in ("namespace_selector", "ip_block"))


def _is_dns(port: Part) -> bool:
    """Tell whether a port is, or contains, 53 by UDP; without a protocol it is TCP."""
    protocol = port.attr("protocol").require()
    if protocol != "UDP":
        return False
    first, last = port.body.attr("port").require(), port.attr("end_port").require()
    if first is None:
        return True
    if not str(first).isdigit():
        raise UndecidedError("a port is given by its name")
    return int(str(first)) <= DNS <= int(str(last or first))
