"""Issue 10.1, no upgrade strategy: from one version to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import is_json, rename_argument, replace_expression, write
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.text import Range
from reviewer.views.cluster.cluster import Cluster, earlier
from reviewer.views.cluster.lifecycle import text
from reviewer.views.cluster.versions import minor_of
from reviewer.views.kubernetes.removed_api import ApiObject, target_version
from reviewer.views.module_source import module_source
from reviewer.views.removed_argument import Removed, VersionedBlock
from reviewer.views.repository.environments import environments
from reviewer.views.repository.procedure import has_version_matrix, upgrade_document
from reviewer.views.root import is_aside, is_published
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context
    from reviewer.views.fact import Fact
    from reviewer.views.repository.environments import Environment


CLUSTERS = ("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster")
WITH_POLICY = tuple((20, minor) for minor in range(21, 60)) + tuple((21, minor) for minor in range(60))
"""Versions of the module that have an argument for the support policy: from 20.21 on."""


@check(
    "EKS-UPG-102",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=CLUSTERS,
)
def support_policy_not_declared(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nobody decided what happens when standard support ends.

    Without a policy the cluster slides into extended support, at six times the price of the control plane.
    With `STANDARD` AWS upgrades it on that day instead. Either may be right, but not by accident.

    Fix: Set `support_type` to `STANDARD` (AWS upgrades by itself at the end) or `EXTENDED` (you pay for
    more time).

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" { # fails
      name = "prod"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      upgrade_policy {
        support_type = "STANDARD"
      }
    }
    ```

    References:
    - [EKS user guide: view current cluster upgrade policy](https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html)
    """
    del context
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has a calendar of its own")
    source = module_source(cluster.instance) if cluster.source == "module-eks" else None
    if source is not None and not any(source.admits(*each) for each in WITH_POLICY):
        raise NotApplicableError("this version of the module has no such argument")
    policy = cluster.fact("support_type")
    if policy.value.require() is not None:
        return
    yield Problem(
        message="Support policy undeclared: the cluster slides into paid extended support by default.",
        at=policy.at,
        attribute=policy.argument,
    )


@check(
    "EKS-UPG-103",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=(*CLUSTERS, "variable:version-like", "file:*.tfvars"),
    fix=FixKind.REPLACE,
)
def unsupported_version_jump(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The change skips a Kubernetes version.

    The control plane moves one minor version at a time: EKS refuses anything else, and the apply fails
    half-way, after what was changed before it. Going back is possible by one version, within a week of the
    upgrade.

    Fix: Upgrade one minor version per change, nodes and add-ons in between.

    Bad:

    ```hcl title="before/main.tf"
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.33"
    }
    ```

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.36" # fails
    }
    ```

    Good:

    ```hcl title="before/main.tf"
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.33"
    }
    ```

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.34"
    }
    ```

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    - [EKS user guide: update a cluster](https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html)
    """
    if is_aside(context.root.folder):
        raise NotApplicableError("an example or a test makes a cluster anew")
    before = earlier(cluster, context)
    if before is None:
        raise NotApplicableError("there is no earlier version of this cluster to compare with")
    version = cluster.fact("version")
    if _is_default(version, context) and is_published(context):
        raise NotApplicableError("the default of a published module is the version of no cluster of its own")
    old, new = minor_of(before.fact("version").value), minor_of(version.value)
    if old is None or new is None:
        before.fact("version").value.require()
        version.value.require()
        raise NotApplicableError("the cluster has no version of its own")
    steps = new[1] - old[1]
    if -1 <= steps <= 1 and new[0] == old[0]:
        return
    edit = write(version, f'"{old[0]}.{old[1] + 1}"') if steps > 0 else None
    rule = "Control planes move" if steps > 0 else "A control plane goes back"
    step = f"{code(text(old))} to {code(text(new))}"
    yield Problem(
        message=f"{rule} one minor version at a time: {step} is refused by the API.",
        at=version.at,
        attribute=version.argument,
        related=version.value.origins,
        fix=Fix((edit,), "Upgrades the control plane by one version.", changed_only=True) if edit else None,
    )


def _is_default(version: Fact, context: Context) -> bool:
    """Tell whether a version is what a variable of the root module says when nobody sets it."""
    variables = context.root.declarations.variables.values()
    return any(block.range.contains(version.at) for block in variables)


@check(
    "EKS-UPG-106",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def upgrade_process_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing says how the cluster is upgraded.

    An upgrade touches the control plane, nodes, add-ons and workloads in an order that matters. Without
    steps to follow and a way back, each one is an experiment in production.

    Fix: Write down the steps and the way back, for example in `docs/runbooks/eks-upgrade.md`, and try every
    upgrade in another environment first.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35" # fails
    }
    ```

    Good:

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35"
    }
    ```

    ```text title="docs/runbooks/eks-upgrade.md"
    # Upgrade the cluster

    ## Rollback
    ```

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    """
    if context.config.operations_docs_url is not None:
        return
    before = earlier(cluster, context)
    version = cluster.fact("version")
    if before is not None and before.fact("version").value.data == version.value.data:
        raise NotApplicableError("the change leaves the version alone")
    runbook, rollback = upgrade_document(context)
    if (runbook and rollback) or has_version_matrix(context) or len(environments(context, cluster)) > 1:
        return
    missing = "no rollback steps" if runbook else "no runbook with rollback steps"
    yield Problem(
        message=f"The version changes, and this repository has {missing}, no matrix of versions that fit "
        "together, and no other environment of the same platform.",
        at=version.at,
        attribute="upgrade",
    )


@check(
    "EKS-UPG-107",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("file:*.tfvars", "aws_eks_cluster", "module:eks"),
)
def production_ahead_of_staging(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Production is upgraded before staging.

    Whatever the new version breaks, it breaks for customers first. Staging on an older version also no
    longer tests what production runs.

    Fix: Upgrade the lower environment first, and production when it has run there for a while.

    Bad:

    ```hcl title="main.tf"
    variable "kubernetes_version" {
      type = string
    }

    resource "aws_eks_cluster" "main" {
      version = var.kubernetes_version
    }
    ```

    ```hcl title="prod.tfvars"
    kubernetes_version = "1.35" # fails
    ```

    ```hcl title="staging.tfvars"
    kubernetes_version = "1.34"
    ```

    Good:

    ```hcl title="main.tf"
    variable "kubernetes_version" {
      type = string
    }

    resource "aws_eks_cluster" "main" {
      version = var.kubernetes_version
    }
    ```

    ```hcl title="prod.tfvars"
    kubernetes_version = "1.34"
    ```

    ```hcl title="staging.tfvars"
    kubernetes_version = "1.35"
    ```

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    """
    found = environments(context, cluster)
    lower = [each for each in found if not each.is_production]
    production = [each for each in found if each.is_production]
    if not lower or not production:
        raise NotApplicableError("there are not several environments whose versions are known")
    newest = max(lower, key=lambda each: each.version)
    for each in production:
        behind = newest if each.version > newest.version else _passed_over(each, lower, cluster, context)
        if behind is not None:
            yield Problem(
                message=f"Production ({code(each.name)}) moves to {code(text(each.version))} but "
                f"{code(behind.name)} still "
                f"runs {code(text(behind.version))}.",
                at=each.at,
                attribute="version",
                evidence=each.name,
            )


def _passed_over(
    production: Environment, lower: list[Environment], cluster: Cluster, context: Context
) -> Environment | None:
    """Return a staging environment that the change raises production above; None when there is none."""
    before = earlier(cluster, context)
    if context.base is None or before is None:
        return None
    earlier_version = next(
        (each.version for each in environments(context.base, before) if each.name == production.name), None
    )
    if earlier_version is None or earlier_version >= production.version:
        return None
    return next((each for each in lower if each.is_staging and each.version < production.version), None)


@check(
    "EKS-UPG-108",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=ApiObject,
    resources=(
        "kubernetes_manifest",
        "kubectl_manifest",
        "kubernetes_pod_security_policy",
        "kubernetes_ingress",
        "kubernetes_cron_job",
        "file:**/*.yaml",
    ),
    peers=("pluto", "kubent", "KSV-0107"),
    fix=FixKind.REPLACE,
)
def removed_kubernetes_api(subject: ApiObject, context: Context) -> Iterator[Problem]:
    """An object uses an API that Kubernetes removed.

    The API server does not know it any more: the apply fails, and after an upgrade objects that still run
    cannot be changed or made again.

    Fix: Move to the API version that replaced it.

    Bad:

    ```hcl
    resource "kubernetes_manifest" "budget" {
      manifest = {
        apiVersion = "policy/v1beta1" # fails
        kind       = "PodDisruptionBudget"
        metadata   = { name = "api" }
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_manifest" "budget" {
      manifest = {
        apiVersion = "policy/v1"
        kind       = "PodDisruptionBudget"
        metadata   = { name = "api" }
      }
    }
    ```

    References:
    - [Kubernetes: deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    """
    removal = subject.removal()
    if removal is None:
        return
    major, _, minor = removal["removed"].partition(".")
    if (int(major), int(minor)) > target_version(context):
        return
    at = subject.api.supplier if subject.api is not None else None
    replacement = removal.get("replacement")
    edit = None
    if at is not None and replacement is not None and at.text.strip('"') == removal["api"]:
        quote = '"' if at.text.startswith('"') else ""
        edit = replace_expression(at, f"{quote}{replacement}{quote}")
    yield Problem(
        message=f"{code(removal['api'] + ' ' + subject.kind)} was removed in Kubernetes "
        f"{code(removal['removed'])}.",
        at=at or subject.header,
        attribute="apiVersion",
        fix=Fix((edit,), "The object stays the same under the new name of its API.") if edit else None,
    )


@check(
    "EKS-UPG-109",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=VersionedBlock,
    resources=("module:eks", "module:eks//modules/*", "aws_eks_addon", "helm_release"),
    fix=FixKind.REPLACE,
)
def removed_argument(subject: VersionedBlock, context: Context) -> Iterator[Problem]:
    """An argument does not exist in the version that is pinned.

    The plan fails for everybody who uses this code, with a message that does not say what the new name is.

    Fix: Use the name of the pinned version; the module's upgrade guide lists what was removed and what to
    do instead.

    Bad:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      cluster_version = "1.35" # fails
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      kubernetes_version = "1.35"
    }
    ```

    References:
    - [terraform-aws-eks: upgrade to version 21](https://github.com/terraform-aws-modules/terraform-aws-eks/blob/master/docs/UPGRADE-21.0.md)
    - [Terraform AWS provider: version 6 upgrade guide](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade)
    """
    block = subject.instance.block
    for each in subject.removed(context):
        attribute = block.attributes.get(each.name)
        nested = next(iter(block.nested(each.name)), None)
        at = (
            attribute.range
            if attribute is not None
            else nested.header
            if nested is not None
            else subject.header
        )
        yield Problem(
            message=_verdict(each),
            at=at,
            attribute=each.name,
            fix=_renaming(block, each),
            hint="Write `set = [{ name = …, value = … }]`." if each.is_block else "",
        )


def _verdict(removed: Removed) -> str:
    where = f"{removed.what} {removed.major}"
    if removed.is_future and removed.new is not None:
        return f"{code(removed.name)} is {code(removed.new)} in {where}: the plan fails."
    if removed.new is not None:
        return f"{code(removed.name)} was renamed to {code(removed.new)} in {where}: the plan fails."
    return f"{code(removed.name)} was removed in {where}: the plan fails."


def _renaming(block: Block, removed: Removed) -> Fix | None:
    attribute = block.attributes.get(removed.name)
    if attribute is None or is_json(block):
        return None
    note = "Only the name changes."
    if removed.name == "resolve_conflicts":
        how = attribute.expression.text
        if how not in {'"OVERWRITE"', '"NONE"'}:
            return None
        created, updated = "resolve_conflicts_on_create", "resolve_conflicts_on_update"
        renamed = rename_argument(block, removed.name, created)
        place = Range(attribute.expression.source, attribute.expression.end, attribute.expression.end)
        column = attribute.range.column - 1
        indent = attribute.range.source.line(attribute.range.line)[:column]
        return Fix((*renamed, Edit(place, f"\n{indent}{updated} = {how}")), note)
    if removed.new is None or removed.new in block.attributes:
        return None
    return Fix(rename_argument(block, removed.name, removed.new), note)
