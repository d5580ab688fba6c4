"""Issue 1.2, Kubernetes version inconsistency: how the cluster's is written, and how long it lives."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import replace_expression, write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.lifecycle import lifecycle_of, supported, text
from reviewer.views.cluster.member import Member
from reviewer.views.cluster.versions import (
    environment_files,
    is_literal,
    number_variables,
    version_variables,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


SEVERAL = 2
NUMBER_LITERAL = re.compile(r"\d+\.\d+")
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

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    - [Terraform AWS provider: aws_eks_cluster](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_cluster)
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

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
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


@check(
    "EKS-CFG-203",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Member,
    resources=(
        "aws_eks_cluster",
        "aws_eks_node_group",
        "module:eks",
        "module:cloudposse-*",
        "variable:version-like",
        "file:*.tfvars",
    ),
    fix=FixKind.REPLACE,
)
def version_as_number(member: Member, context: Context) -> Iterator[Problem]:
    """A Kubernetes version is a number.

    A number has no trailing zero: `1.30` becomes `1.3`, a version that EKS does not know. It works by chance
    until the minor version ends in zero, and then the upgrade fails.

    Fix: Quote the version, and give the variable that holds it the type `string`.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = 1.40 # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.40"
    }
    ```

    References:
    - [Terraform: types and values](https://developer.hashicorp.com/terraform/language/expressions/types)
    """
    version = member.part.fact("version")
    supplier = version.value.supplier
    if supplier is not None and NUMBER_LITERAL.fullmatch(supplier.text):
        short = str(Decimal(supplier.text).normalize())
        lost = f" and evaluates to {code(short)}" if short != supplier.text else ""
        yield Problem(
            message=f"Unquoted {code(supplier.text)} is a number{lost}: trailing zeros of versions get lost.",
            at=supplier,
            attribute=version.argument,
            related=version.value.origins,
            fix=Fix(
                (replace_expression(supplier, f'"{supplier.text}"'),), "The value stays the same version."
            ),
        )
    for block in number_variables(context.root, version.value):
        kind = block.attributes["type"].expression
        yield Problem(
            message=f"{code(f'var.{block.labels[0]}')} is a number: {code('1.40')} becomes {code('1.4')}.",
            at=kind,
            attribute=version.argument,
            evidence="type",
            related=version.value.origins,
            fix=Fix((replace_expression(kind, "string"),), "Terraform converts what is assigned to it."),
        )


@check(
    "EKS-CFG-204",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=(*CLUSTERS, "variable:version-like", "file:*.tfvars"),
    peers=("CKV_AWS_339 (hard-coded list)", "hardeneks check_eks_version"),
    shadows=("EKS-CFG-205",),
)
def cluster_version_unsupported(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """EKS no longer supports the Kubernetes version.

    After extended support AWS upgrades control planes by itself, at a time it chooses, and a cluster of that
    version can no longer be created: a recovery from this code would fail. Security fixes stopped before.

    Fix: Plan the upgrade one minor version at a time, nodes after the control plane, up to a version in
    standard support.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.30" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.36"
    }
    ```

    References:
    - [EKS user guide: Kubernetes version lifecycle](https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html)
    """
    life = lifecycle_of(cluster, context.config.kubernetes_versions)
    if life.extended_until is not None and life.extended_until >= context.today:
        return
    version = cluster.fact("version")
    when = f" on {life.extended_until}" if life.extended_until else ""
    yield Problem(
        message=f"Kubernetes {code(text(life.version))} left EKS extended support{when}: it cannot be "
        "created "
        f"any more, and AWS upgrades what is left. {_targets(context)}",
        at=version.at,
        attribute=version.argument,
        related=version.value.origins,
    )


@check(
    "EKS-CFG-205",
    severity=Severity.MEDIUM,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=(*CLUSTERS, "variable:version-like", "file:*.tfvars"),
)
def cluster_version_extended_support(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Standard support of the Kubernetes version has ended or ends soon.

    In extended support the control plane costs six times as much per hour. With the support policy `STANDARD`
    there is no extended support: AWS upgrades the control plane by itself when standard support ends, ready
    or not.

    Fix: Schedule the upgrade, one minor version at a time.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.33" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.36"
    }
    ```

    References:
    - [EKS user guide: Kubernetes version lifecycle](https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html)
    """
    life = lifecycle_of(cluster, context.config.kubernetes_versions)
    ends = life.standard_until
    if ends is None or life.extended_until is None or life.extended_until < context.today:
        return
    if ends > context.today + timedelta(days=context.config.warn_days):
        return
    version = cluster.fact("version")
    policy = cluster.fact("support_type").value
    cost = "extended support costs about six times as much per hour"
    if policy.data == "STANDARD":
        cost = "AWS then upgrades the control plane by itself"
    verb = "ended" if ends < context.today else "ends"
    yield Problem(
        message=f"Kubernetes {code(text(life.version))}: standard support {verb} on {ends}; {cost}. "
        f"{_targets(context)}",
        at=version.at,
        attribute=version.argument,
        related=version.value.origins,
    )


def _targets(context: Context) -> str:
    """Name the versions to move to: those about which EKS-CFG-205 says nothing."""
    days = context.config.warn_days
    beyond = context.today + timedelta(days=days)
    targets = ", ".join(map(code, supported(beyond, context.config.kubernetes_versions)))
    return f"In standard support for more than {days} days: {targets}."
