"""Issue 7.2, no network policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import is_json, set_argument
from reviewer.checks.problem import Edit, Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster import Cluster
from reviewer.views.network_policy_engine import SETTING, MissingEngine, missing_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.views.addon import Addon

_CONFIGURATION = f'jsonencode({{ {SETTING} = "true" }})'


@check(
    "EKS-GOV-201",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_addon", "aws_eks_cluster", "module:eks", "module:blueprints-addons"),
    fix=FixKind.INSERT,
)
def network_policy_engine_off(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing on the cluster enforces network policies.

    The VPC CNI ignores `NetworkPolicy` objects until its policy engine is switched on, so every pod can reach
    every other pod. One taken-over pod then sees databases, metadata and the control plane of every tenant.

    Fix: Set `enableNetworkPolicy` to `"true"` (a string) in the configuration of the `vpc-cni` add-on, or run
    Calico or Cilium. Switching it on changes nothing until a policy selects a pod.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" { # fails
      cluster_name = aws_eks_cluster.main.name
      addon_name   = "vpc-cni"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "cni" {
      cluster_name         = aws_eks_cluster.main.name
      addon_name           = "vpc-cni"
      configuration_values = jsonencode({ enableNetworkPolicy = "true" })
    }
    ```

    References:
    - [EKS user guide: limit pod traffic with network policies](https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html)
    - [EKS best practices: network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    """
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no add-ons")
    missing = missing_engine(context, cluster)
    if missing is None:
        return
    yield Problem(
        message=(
            f"The CNI ignores NetworkPolicy objects on {code(cluster.label)}: every pod reaches all others."
        ),
        at=missing.at,
        attribute="vpc-cni.configuration_values",
        fix=engine_fix(missing),
    )


def engine_fix(missing: MissingEngine) -> Fix | None:
    """Return the edit that switches the VPC CNI's engine on, where the add-on has no configuration yet."""
    edit = _edit(missing.cni) if missing.cni is not None and missing.cni.configuration.is_null else None
    return (
        Fix((edit,), "The add-on is updated in place; policies apply only where there are any.")
        if edit
        else None
    )


def _edit(cni: Addon) -> Edit | None:
    if isinstance(cni.body, BlockBody):
        return (
            None
            if is_json(cni.body.block)
            else set_argument(cni.body.block, "configuration_values", _CONFIGURATION)
        )
    supplier = cni.entry.supplier if cni.entry is not None else None
    if supplier is None or supplier.text.replace(" ", "") != "{}":
        return None
    return Edit(supplier, f"{{ configuration_values = {_CONFIGURATION} }}")
