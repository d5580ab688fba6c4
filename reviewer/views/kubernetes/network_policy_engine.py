"""Whether anything on a cluster enforces network policies: the VPC CNI's own engine, or one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import UndecidedError, Value
from reviewer.views.cluster.addon import addons_of, setting
from reviewer.views.component.component import find_component
from reviewer.views.fact import is_true
from reviewer.views.kubernetes.kubernetes_object import kubernetes_objects

if TYPE_CHECKING:
    from reviewer.terraform.text import Range
    from reviewer.views.cluster.addon import Addon
    from reviewer.views.cluster.cluster import Cluster
    from reviewer.views.context import Context

SETTING = "enableNetworkPolicy"
_MENTIONS = (SETTING, "enable-network-policy-controller")


class MissingEngine(Record, eq=False):
    """Nothing enforces policies. ``cni`` is the VPC CNI add-on when it is declared; ``at`` is the place.

    ``is_auto`` tells that EKS Auto Mode runs the nodes, and a CNI of its own.
    """

    at: Range
    cni: Addon | None = None
    is_auto: bool = False


def missing_engine(context: Context, cluster: Cluster) -> MissingEngine | None:
    """Return that a cluster enforces no network policies; None when something does.

    Raises :class:`UndecidedError` when the code does not tell.
    """
    if find_component(context, "network-policy-engine") is not None:
        return None
    if has_auto_mode(cluster):
        return None if _enabled_by_config_map(context) else MissingEngine(cluster.header, is_auto=True)
    cni = next((each for each in addons_of(context, cluster) if each.name == "vpc-cni"), None)
    if cni is None:
        _refuse_when_mentioned(context)
        return MissingEngine(cluster.header)
    if setting(cni.configuration, SETTING) == "true":
        return None
    return MissingEngine(cni.configuration.supplier or cni.header, cni)


def has_auto_mode(cluster: Cluster) -> bool:
    """Tell whether EKS Auto Mode runs the cluster's nodes; raises :class:`UndecidedError`."""
    config = cluster.fact("compute_config").value
    if config.is_null:
        return False
    body = cluster.body.blocks("compute_config").first() if cluster.source == "aws_eks_cluster" else None
    enabled: Value = (body or ValueBody(config)).attr("enabled")
    return enabled.test(is_true)


def _enabled_by_config_map(context: Context) -> bool:
    for each in kubernetes_objects(context, "ConfigMap"):
        if each.name == "amazon-vpc-cni":
            data = ValueBody(each.root.attr("data"))
            return data.attr("enable-network-policy-controller").test(is_true)
    return False


def _refuse_when_mentioned(context: Context) -> None:
    """Raise :class:`UndecidedError` when a file may switch the engine on in a way that is not read here."""
    for path in context.tree.containing(_MENTIONS, ()):
        raise UndecidedError(f"`{path}` mentions `{SETTING}`, but no VPC CNI add-on is here")
