"""Issue 1.2, Kubernetes version inconsistency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster import Cluster
from reviewer.views.member import Member
from reviewer.views.versions import environment_files, is_literal, version_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context

SEVERAL = 2
CLUSTERS = ("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster")


@check(
    "EKS-CFG-201",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=CLUSTERS,
    fix=FixKind.IF_REF,
)
def cluster_version_not_set(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The cluster has no Kubernetes version of its own.

    Without a version the API takes the default of the day on which the cluster is created, and Terraform
    never upgrades it afterwards. Two environments made from the same code a few months apart run different
    versions.

    Fix: Set the version from a variable, so that each environment says what it runs. On a live cluster
    start with the version that runs now: a higher one is an upgrade.

    Bad:

    ```hcl
    variable "kubernetes_version" {
      type = string
    }

    resource "aws_eks_cluster" "main" { # fails
      name     = "prod"
      role_arn = aws_iam_role.cluster.arn
    }
    ```

    Good:

    ```hcl
    variable "kubernetes_version" {
      type = string
    }

    resource "aws_eks_cluster" "main" {
      name     = "prod"
      version  = var.kubernetes_version
      role_arn = aws_iam_role.cluster.arn
    }
    ```

    References: - [EKS best practices: cluster
    upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html) - [Terraform AWS
    provider:
    aws_eks_cluster](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster)
    """
    del context
    version = cluster.fact("version")
    if version.value.is_unknown or not version.value.is_null:
        return
    variables = version_variables(cluster.instance.module)
    edit = write(version, f"var.{variables[0]}") if len(variables) == 1 and not version.written else None
    yield Problem(
        message="The cluster sets no Kubernetes version: a new one gets what EKS defaults to that day.",
        at=version.at if version.written else cluster.header,
        attribute=version.argument,
        related=version.value.origins,
        fix=Fix((edit,), "No change when the variable holds the version that runs.") if edit else None,
    )


@check(
    "EKS-CFG-202",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Member,
    resources=("aws_eks_cluster", "aws_eks_node_group", "module:eks", "module:cloudposse-eks-cluster"),
    surface=Surface.SUMMARY,
    fix=FixKind.IF_REF,
)
def cluster_version_literal(member: Member, context: Context) -> Iterator[Problem]:
    """The Kubernetes version is hard-coded in several places.

    An upgrade has to find every copy, and a forgotten one leaves nodes behind. One literal for several
    environments also means that staging cannot be upgraded before production.

    Fix: Declare one variable for the version and use it everywhere; node groups can follow the cluster's
    attribute.

    Bad:

    ```hcl
    variable "kubernetes_version" {
      type    = string
      default = "1.35"
    }

    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35" # fails
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = aws_eks_cluster.main.name
      version      = "1.35" # fails
    }
    ```

    Good:

    ```hcl
    variable "kubernetes_version" {
      type    = string
      default = "1.35"
    }

    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = var.kubernetes_version
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = aws_eks_cluster.main.name
      version      = aws_eks_cluster.main.version
    }
    ```

    References: - [EKS best practices: cluster
    upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    """
    version = member.part.fact("version")
    module = member.instance.module
    if not is_literal(version.value, member.instance.block):
        return
    copies = [
        each
        for each in Member.find(context)
        if each.instance.module is module
        and is_literal(each.part.fact("version").value, each.instance.block)
        and each.part.fact("version").value.data == version.value.data
    ]
    environments = len(environment_files(context.root))
    if len(copies) < SEVERAL and environments < SEVERAL:
        return
    message = (
        f"The Kubernetes version is hard-coded in {len(copies)} places: an upgrade has to find them all."
    )
    if len(copies) < SEVERAL:
        message = f"One hard-coded Kubernetes version for {environments} environments: none can go first."
    variables = version_variables(module)
    same = len(variables) == 1 and module.variable(variables[0]).data == version.value.data
    edit = write(version, f"var.{variables[0]}") if same else None
    yield Problem(
        message=message,
        at=version.at,
        attribute=version.argument,
        fix=Fix((edit,), "The variable holds the same version: nothing changes.") if edit else None,
    )
