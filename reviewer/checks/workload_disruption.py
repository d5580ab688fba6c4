"""Issue 3.1, single points of failure: workloads that one node takes down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError, Value, any_holds
from reviewer.views.component.component import find_here
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, kubernetes_objects, require_readable
from reviewer.views.kubernetes.replicated import Installed, Replicated
from reviewer.views.kubernetes.workload import DisruptionBudget, Workload, scaler_minimum, selects
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.views.context import Context


@check(
    "EKS-REL-105",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Replicated,
    resources=("kubernetes_deployment", "kubernetes_stateful_set", "kubernetes_manifest", "kubectl_manifest"),
    peers=(
        "KICS deployment_has_no_pod_anti_affinity",
        "Polaris deploymentMissingReplicas, topologySpreadConstraint",
        "kube-score",
        "hardeneks run_multiple_replicas",
    ),
    production_only=True,
)
def workload_not_spread(subject: Replicated, context: Context) -> Iterator[Problem]:
    """A workload runs once, or all of its replicas may share a node.

    The loss of one node or zone then stops it. The scheduler puts replicas on one node when that is where
    there is room.

    A StatefulSet of one replica is left alone: what keeps its own data is not doubled by a number. Of charts,
    only the replicas of ingress-nginx, the AWS Load Balancer Controller and CoreDNS are looked at:
    the whole cluster depends on them.

    Fix: Run two replicas or more, with a `topology_spread_constraint` on `topology.kubernetes.io/zone`.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        replicas = 1 # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        replicas = 3

        template {
          spec {
            topology_spread_constraint {
              max_skew           = 1
              topology_key       = "topology.kubernetes.io/zone"
              when_unsatisfiable = "ScheduleAnyway"
            }
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: running highly-available applications](https://docs.aws.amazon.com/eks/latest/best-practices/application.html)
    - [Kubernetes: pod topology spread constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)
    """
    if subject.installed is not None:
        yield from _installed_once(subject.installed, subject, context)
    workload = subject.workload
    if workload is None:
        return
    if workload.kind not in {"Deployment", "StatefulSet"} or workload.is_system or workload.is_singleton:
        raise NotApplicableError("this workload is not meant to be spread")
    spec = workload.root.part("spec")
    replicas = workload.replicas
    count = _replicas(workload, context)
    if count == 0:
        raise NotApplicableError("the workload is switched off")
    if count == 1 and workload.kind == "StatefulSet":
        raise NotApplicableError("what keeps its own data is not doubled by a number")
    if count > 1 and _is_spread(workload):
        return
    what = "runs 1 replica" if count == 1 else f"runs {count} replicas without a rule that spreads them"
    header = spec.range if spec is not None else None
    yield Problem(
        message=f"{code(workload.label)} {what}: the loss of one node or zone can stop it.",
        at=replicas.supplier or header or workload.header,
        attribute="spec.replicas",
        related=replicas.origins,
    )


def _installed_once(installed: Installed, subject: Replicated, context: Context) -> Iterator[Problem]:
    """Report a chart or add-on of which one replica is kept.

    In a module that others call, a setting that is absent may still come from them.
    """
    replicas = installed.replicas()
    if replicas is None:
        raise NotApplicableError("it does not run in a number of replicas that is set here")
    if not replicas.origins and not context.root.declarations.is_root:
        raise UndecidedError("who calls this module may set the replicas")
    if replicas.test(lambda count: count == 1):
        yield Problem(
            message=f"{code(installed.name)} runs 1 replica: the loss of one node or zone can stop it.",
            at=replicas.supplier or subject.header,
            attribute=installed.attribute,
            related=replicas.origins,
            hint=f"Set {code(installed.attribute)} to two or more.",
        )


def _replicas(workload: Workload, context: Context) -> int:
    """Return the least number of replicas that are kept."""
    scaled = scaler_minimum(context, workload)
    if scaled is not None:
        return scaled
    data = workload.replicas.require()
    return int(data) if isinstance(data, int | str) and str(data).isdigit() else 1


def _is_spread(workload: Workload) -> bool:
    pod = workload.pod()
    if pod is None:
        return False
    affinity = pod.part("affinity", "pod_anti_affinity")
    return bool(pod.parts("topology_spread_constraint")) or affinity is not None


@check(
    "EKS-REL-106",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Workload,
    resources=(
        "kubernetes_deployment",
        "kubernetes_stateful_set",
        "kubernetes_manifest",
        "kubectl_manifest",
        "kubernetes_pod_disruption_budget",
    ),
    peers=(
        "KICS deployment_without_pod_disruption_budget",
        "Polaris missingPodDisruptionBudget",
        "kube-score",
    ),
    production_only=True,
)
def workload_without_pdb(workload: Workload, context: Context) -> Iterator[Problem]:
    """A replicated workload has no disruption budget.

    An upgrade of the nodes may then evict all replicas at once: they are up, and the service is down.

    Fix: Add a `kubernetes_pod_disruption_budget_v1` with the labels of the pods and `max_unavailable = "1"`.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" { # fails
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        replicas = 3

        template {
          metadata {
            labels = { app = "api" }
          }
        }
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        replicas = 3

        template {
          metadata {
            labels = { app = "api" }
          }
        }
      }
    }

    resource "kubernetes_pod_disruption_budget_v1" "api" {
      metadata {
        name      = "api"
        namespace = "shop"
      }

      spec {
        max_unavailable = "1"

        selector {
          match_labels = { app = "api" }
        }
      }
    }
    ```

    References:
    - [Kubernetes: specifying a disruption budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)
    """
    if workload.kind not in {"Deployment", "StatefulSet"} or workload.is_system or workload.is_singleton:
        raise NotApplicableError("this workload needs no budget")
    count = _replicas(workload, context)
    if count < ENOUGH_REPLICAS:
        raise NotApplicableError("one replica cannot be kept running while its node is replaced")
    labels = workload.labels()
    if not labels:
        raise NotApplicableError("the pods have no labels that a budget could select")
    if _has_budget(workload, labels, context):
        return
    require_readable(context, "PodDisruptionBudget")
    wanted = ", ".join(f"{name} = {value}" for name, value in labels.items())
    yield Problem(
        message=(
            f"{code(workload.label)} has {count} replicas but no disruption budget selects "
            f"{code(wanted)}: an upgrade "
            "of the nodes may evict all at once."
        ),
        at=workload.header,
        attribute="pod_disruption_budget",
        hint=_budget_for(workload, labels),
    )


def _has_budget(workload: Workload, labels: Mapping[str, str], context: Context) -> bool:
    """Tell whether a budget selects the pods; one that does suffices, be the others unknown."""
    if find_here(context, "disruption-budget") is None:
        return False
    budgets = kubernetes_objects(context, "PodDisruptionBudget")
    near = (each for each in budgets if each.namespace in {workload.namespace, None})
    return any_holds(near, lambda budget: selects(budget.root.part("spec", "selector"), labels))


def _budget_for(workload: Workload, labels: Mapping[str, str]) -> str:
    """Return advice with the budget to add, ready to copy; none when a name would need quoting."""
    names = (workload.name or "", workload.namespace or "", *labels, *labels.values())
    if not all(map(_PLAIN.fullmatch, names)):
        return ""
    keys = {_key(name): value for name, value in labels.items()}
    width = max(map(len, keys))
    lines = (
        "Add the budget below: it lets one pod go at a time.",
        "",
        "```hcl",
        f'resource "kubernetes_pod_disruption_budget_v1" "{workload.instance.name}" {{',
        "  metadata {",
        f'    name      = "{workload.name}"',
        f'    namespace = "{workload.namespace}"',
        "  }",
        "",
        "  spec {",
        '    max_unavailable = "1"',
        "",
        "    selector {",
        "      match_labels = {",
        *(f'        {name.ljust(width)} = "{value}"' for name, value in keys.items()),
        "      }",
        "    }",
        "  }",
        "}",
        "```",
    )
    return "\n".join(lines)


def _key(label: str) -> str:
    """Return a label as the key of an object: in quotes unless it is an identifier."""
    return label if _IDENTIFIER.fullmatch(label) else f'"{label}"'


ENOUGH_REPLICAS = 2
"""Replicas that a budget needs to keep one while the node of another is replaced."""
_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*")
_PLAIN = re.compile(r"[A-Za-z0-9][\w./-]*")
"""Names and labels that can be shown as they are."""


@check(
    "EKS-REL-107",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=DisruptionBudget,
    resources=("kubernetes_pod_disruption_budget", "kubernetes_manifest", "kubectl_manifest"),
    peers=("Polaris pdbDisruptionsIsZero",),
)
def pdb_blocks_drain(budget: DisruptionBudget, context: Context) -> Iterator[Problem]:
    """A disruption budget never allows an eviction.

    Node upgrades and consolidation wait for the budget until they time out. The upgrade then fails, or the
    nodes are killed by force.

    Fix: Allow one pod to go: `max_unavailable = "1"`.

    Bad:

    ```hcl
    resource "kubernetes_pod_disruption_budget_v1" "api" {
      metadata {
        name = "api"
      }

      spec {
        max_unavailable = "0" # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_pod_disruption_budget_v1" "api" {
      metadata {
        name = "api"
      }

      spec {
        max_unavailable = "1"
      }
    }
    ```

    References:
    - [Kubernetes: disruptions](https://kubernetes.io/docs/concepts/workloads/pods/disruptions/)
    """
    most, least = budget.root.at("spec", "max_unavailable"), budget.root.at("spec", "min_available")
    blocking = None
    if most.test(lambda data: str(data) in {"0", "0%"}):
        blocking = ("max_unavailable", most)
    elif least.test(lambda data: str(data) == "100%") or _needs_all(budget, least, context):
        blocking = ("min_available", least)
    if blocking is not None:
        yield Problem(
            message=(
                f"The budget {code(budget.label)} never allows an eviction: upgrades of the nodes and "
                "consolidation "
                "stall until they time out."
            ),
            at=blocking[1].supplier or budget.header,
            attribute=f"spec.{blocking[0]}",
            related=blocking[1].origins,
        )


def _needs_all(budget: KubernetesObject, least: Value, context: Context) -> bool:
    """Tell whether as many pods must stay as the matching workload has."""
    text = str(least.require())
    if not text.isdigit() or text == "0":
        return False
    for workload in Workload.find(context):
        here = workload.kind in {"Deployment", "StatefulSet"} and workload.namespace == budget.namespace
        if here and selects(budget.root.part("spec", "selector"), workload.labels()):
            return int(text) >= _replicas(workload, context)
    return False
