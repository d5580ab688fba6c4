"""All node groups of a root module, as one subject: some problems are those of no group alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class GroupSet(View):
    """The groups beside a cluster, known by its address whichever groups come and go.

    ``is_whole`` is false where the cluster is made elsewhere, which may have more groups.
    """

    groups: tuple[NodeGroup, ...]
    is_whole: bool

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the groups of the root module, when it has any."""
        groups = tuple(NodeGroup.find(context))
        cluster = next(iter(Cluster.find(context)), None)
        for first in groups[:1]:
            owner = first if cluster is None else cluster
            yield cls(first.instance, owner.address, groups, cluster is not None)

    @property
    def part_of(self) -> View:
        """Return the first group, where the set stands."""
        return self.groups[0]

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of a module's entry changed; others are touched as their block is."""
        return any(each.is_touched(changed) for each in self.groups) or None
