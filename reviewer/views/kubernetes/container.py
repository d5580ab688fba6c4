"""Containers of workloads and what they request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import UndecidedError

if TYPE_CHECKING:
    from reviewer.terraform.value import Value
    from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, Part


def containers_of(workload: KubernetesObject, kind: str = "container") -> tuple[Part, ...]:
    """Return the containers of a workload, or its init containers."""
    pod = workload.pod()
    return pod.parts(kind) if pod is not None else ()


def has_request(container: Part, name: str) -> bool:
    """Tell whether a container requests some of a resource; a limit alone is a request, too."""
    return any(not resource(container, kind, name).is_null for kind in ("requests", "limits"))


def resource(container: Part, kind: str, name: str) -> Value:
    """Return the request or limit (``kind``) of ``cpu`` or ``memory``; null when it is not set.

    Raises :class:`UndecidedError` when it is unknown.
    """
    holder = container.part("resources")
    amounts = holder.attr(kind) if holder is not None else None
    if holder is None or amounts is None:
        return ValueBody(container.attr("resources")).attr(kind)
    if amounts.is_null:
        block = next(iter(holder.body.blocks(kind)), None)
        return block.attr(name) if block is not None else amounts
    if not isinstance(amounts.require(), Mapping):
        raise UndecidedError("the resources of a container are not a map")
    return ValueBody(amounts).attr(name)
