"""What needs metrics-server: the pod autoscalers of a configuration, or else its cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.escape import code
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
    """The first of the ``scalers`` when there are any, else a cluster."""

    label: str
    scalers: tuple[PodScaler, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield one subject for all autoscalers, or one for each cluster."""
        scalers = tuple(PodScaler.find(context))
        if scalers:
            first = next((each for each in scalers if each.goes_by_resources()), scalers[0])
            yield cls(first.instance, first.address, first.label, scalers)
            return
        for cluster in Cluster.find(context):
            yield cls(cluster.instance, cluster.address, cluster.label)

    @property
    def consequence(self) -> str:
        """Return what does not work without metrics-server."""
        if self.scalers:
            return f"autoscaler {code(self.label)} does not learn the CPU and memory that pods use"
        return f"autoscalers by CPU or memory and `kubectl top` do not work on {code(self.label)}"

    def require_cluster(self, context: Context) -> None:
        """Raise :class:`UndecidedError` when the cluster, and so perhaps its add-ons, is made elsewhere."""
        if not context.tree.containing(CLUSTERS, (".tf", ".tf.json")):
            raise UndecidedError("neither the cluster nor, perhaps, its add-ons are in this repository")

    def has_other_metrics(self, context: Context) -> bool:
        """Tell whether all autoscalers go by other metrics, and something serves them."""
        if not self.scalers or any(each.goes_by_resources() for each in self.scalers):
            return False
        return find_component(context, "metrics-adapter") is not None
