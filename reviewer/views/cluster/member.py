"""A cluster or one of its node groups: what has a Kubernetes version and is updated with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


class Member(View):
    """A cluster or a node group as the subject of one check. ``part`` is what it is."""

    part: Cluster | NodeGroup

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every cluster, then every node group."""
        parts: list[Cluster | NodeGroup] = [*Cluster.find(context), *NodeGroup.find(context)]
        yield from (cls(part.instance, part.address, part) for part in parts)

    @property
    def part_of(self) -> View | None:
        """Return the cluster or the node group."""
        return self.part
