"""Workloads: objects that run pods, with the objects that scale and protect them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from reviewer.data import table
from reviewer.globs import is_like
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.kubernetes.kubernetes_object import (
    KubernetesObject,
    Part,
    kubernetes_objects,
    require_known_kinds,
)

if TYPE_CHECKING:
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

REPLICA_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
SCALERS = (*REPLICA_SCALERS, "VerticalPodAutoscaler")
"""What changes the number or the size of pods."""


class DisruptionBudget(KubernetesObject):
    """A PodDisruptionBudget."""

    KINDS: ClassVar[frozenset[str] | None] = frozenset({"PodDisruptionBudget"})


class Workload(KubernetesObject):
    """An object that runs pods."""

    KINDS: ClassVar[frozenset[str] | None] = frozenset(
        {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"}
    )

    @property
    def replicas(self) -> Value:
        """Return ``spec.replicas``, null when it is not written."""
        return self.root.at("spec", "replicas")

    @property
    def is_system(self) -> bool:
        """Tell whether the workload is part of the cluster or of an add-on."""
        namespace = self.namespace
        if namespace is None:
            raise UndecidedError(f"the namespace of `{self.address}` is not known from the code")
        return is_system_namespace(namespace)

    @property
    def is_singleton(self) -> bool:
        """Tell whether the name or the update strategy say that one process runs at a time."""
        name = (self.name or self.instance.name).lower()
        strategy = self.root.part("spec", "strategy")
        recreates = strategy is not None and strategy.attr("type").data == "Recreate"
        return recreates or any(word in name for word in table("workloads")["singletons"])

    def labels(self) -> Mapping[str, str]:
        """Return the labels of the pods; raises :class:`UndecidedError` when they are unknown."""
        return _texts(self.root.at("spec", "template", "metadata", "labels"))


def is_system_namespace(name: str) -> bool:
    """Tell whether a namespace belongs to the cluster or an add-on."""
    return any(is_like(name, pattern) for pattern in table("workloads")["system_namespaces"])


def scaler_minimum(context: Context, workload: Workload) -> int | None:
    """Return the least number of replicas that an autoscaler keeps of a workload; None without one.

    Raises :class:`UndecidedError` when it is unknown, or when an autoscaler may target the workload.
    """
    scaler = _scaler_of(context, workload, "scale_target_ref", REPLICA_SCALERS)
    return None if scaler is None else _minimum(scaler)


def is_resized(context: Context, workload: Workload) -> bool:
    """Tell whether a VerticalPodAutoscaler sets what the pods of a workload request; raises like above."""
    return _scaler_of(context, workload, "target_ref", ("VerticalPodAutoscaler",)) is not None


def _scaler_of(
    context: Context, workload: Workload, reference: str, kinds: tuple[str, ...]
) -> KubernetesObject | None:
    require_known_kinds(context)
    for each in kubernetes_objects(context, *kinds):
        target = each.root.part("spec", reference)
        name = target.attr("name") if target is not None else None
        if name is None:
            continue
        if isinstance(name.data, Unknown):
            if (name.data.reference or "").startswith(f"{workload.address}."):
                return each
            raise UndecidedError(name.data.reason)
        if name.data == workload.name:
            return each
    return None


def _minimum(scaler: KubernetesObject) -> int:
    argument = "min_replicas" if scaler.kind == "HorizontalPodAutoscaler" else "min_replica_count"
    data = scaler.root.at("spec", argument).require()
    number = data if isinstance(data, int | str) and str(data).isdigit() else None
    fallback = 1 if scaler.kind == "HorizontalPodAutoscaler" else 0
    return int(number) if number is not None else fallback


def selects(selector: Part | None, labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector matches; an empty one matches everything.

    Raises :class:`UndecidedError` for what is unknown.
    """
    if selector is None:
        return False
    wanted = _texts(selector.attr("match_labels"))
    if any(labels.get(name) != value for name, value in wanted.items()):
        return False
    return all(_holds(each, labels) for each in selector.parts("match_expressions"))


def _holds(expression: Part, labels: Mapping[str, str]) -> bool:
    key, operator = expression.attr("key").require(), expression.attr("operator").require()
    values = expression.attr("values").strings()
    present = isinstance(key, str) and key in labels
    match operator:
        case "In":
            return present and labels[str(key)] in values
        case "NotIn":
            return not present or labels[str(key)] not in values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
    raise UndecidedError(f"the operator {operator!r} of a selector is not one of Kubernetes")


def _texts(value: Value) -> Mapping[str, str]:
    data = value.require()
    if not isinstance(data, Mapping):
        return {}
    return {name: str(each.require()) for name, each in data.items()}
