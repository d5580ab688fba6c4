"""What needs metrics-server: the pod autoscalers of a configuration, or else its cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.escape import code
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import MODULES, Cluster
from reviewer.views.component.component import find_component
from reviewer.views.kubernetes.pod_scaler import PodScaler
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

CLUSTERS = ('"aws_eks_cluster"', *MODULES)


class MetricsUser(View):
    """A cluster, seen from the first of the ``scalers`` when there are any; alone that where no cluster is.

    It is the cluster that lacks metrics-server, whether or not something asks for it yet.
    """

    label: str
    scalers: tuple[PodScaler, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield one subject for each cluster, or one for all autoscalers."""
        scalers, clusters = tuple(PodScaler.find(context)), tuple(Cluster.find(context))
        if not scalers:
            yield from (cls(each.instance, each.address, each.label) for each in clusters)
            return
        first = next((each for each in scalers if each.goes_by_resources()), scalers[0])
        for address in (each.address for each in clusters or (first,)):
            yield cls(first.instance, address, first.label, scalers)

    @property
    def consequence(self) -> str:
        """Return what does not work without metrics-server."""
        if self.scalers:
            return f"autoscaler {code(self.label)} does not learn the CPU and memory that pods use"
        return f"autoscalers by CPU or memory and `kubectl top` do not work on {code(self.label)}"

    def require_cluster(self, context: Context) -> None:
        """Raise :class:`UndecidedError` when the cluster, and so perhaps its add-ons, is made elsewhere."""
        if not context.tree.containing(CLUSTERS, CONFIGURATION_SUFFIXES):
            raise UndecidedError("neither the cluster nor, perhaps, its add-ons are in this repository")

    def has_other_metrics(self, context: Context) -> bool:
        """Tell whether all autoscalers go by other metrics, and something serves them."""
        if not self.scalers or any(each.goes_by_resources() for each in self.scalers):
            return False
        return find_component(context, "metrics-adapter") is not None
