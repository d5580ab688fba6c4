"""Issue 1.2, Kubernetes version inconsistency."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, replace_expression, set_argument, write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.launch_template import has_user_data, template_of
from reviewer.views.cluster.lifecycle import lifecycle_of, skew, supported, text
from reviewer.views.cluster.member import Member
from reviewer.views.cluster.node_group import NodeGroup, cluster_reference
from reviewer.views.cluster.node_image import NodeImage
from reviewer.views.cluster.skew import built
from reviewer.views.cluster.versioned_addon import VersionedAddon, manages_core_addons
from reviewer.views.cluster.versions import (
    environment_files,
    is_literal,
    minor_of,
    number_variables,
    version_variables,
)
from reviewer.views.component.component import find_component
from reviewer.views.fact import is_false, is_true
from reviewer.views.ignored import ignores
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

SEVERAL = 2
CNI_ADDONS = (
    "  coredns    = {}",
    "  kube-proxy = {}",
    "  vpc-cni = {",
    "    before_compute = true",
    "  }",
)
AL2_NAME = re.compile(r"/amazon-linux-2/|amazon-eks-(?:gpu-|arm64-)?node-(?!al2023)")
AL2023 = {
    "AL2_x86_64": "AL2023_x86_64_STANDARD",
    "AL2_ARM_64": "AL2023_ARM_64_STANDARD",
    "AL2_x86_64_GPU": "AL2023_x86_64_NVIDIA",
}
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


@check(
    "EKS-CFG-206",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=(
        "aws_eks_cluster",
        "aws_eks_node_group",
        "aws_eks_addon",
        "aws_launch_template",
        "data:aws_ssm_parameter",
        "data:aws_ami",
        "helm_release",
        "module:eks",
        "module:cloudposse-*",
    ),
    peers=("hardeneks ensure_cluster_autoscaler_and_cluster_versions_match (runtime)",),
)
def version_skew(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Parts of the cluster are built for another Kubernetes version.

    A kubelet must not be newer than the control plane, nor more than three minor versions older (two before
    1.28): nodes outside of that do not join, or misbehave. kube-proxy and the Cluster Autoscaler should be
    within one.

    Fix: Move the part to the version of the control plane; nodes go after it, never before.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35"
    }

    data "aws_ssm_parameter" "ami" {
      name = "/aws/service/bottlerocket/aws-k8s-1.29/x86_64/latest/image_id" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35"
    }

    data "aws_ssm_parameter" "ami" {
      name = "/aws/service/bottlerocket/aws-k8s-1.34/x86_64/latest/image_id"
    }
    ```

    References:
    - [EKS best practices: cluster upgrades](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html)
    - [Kubernetes: version skew policy](https://kubernetes.io/releases/version-skew-policy/)
    """
    if len(list(Cluster.find(context))) > 1:
        raise UndecidedError(
            "there are several clusters, and the code does not say which part belongs to which"
        )
    control_plane = minor_of(cluster.fact("version").value)
    if control_plane is None:
        cluster.fact("version").value.require()
        raise NotApplicableError("the cluster has no version of its own")
    for part in built(context):
        behind = control_plane[1] - part.version[1]
        allowed = skew(control_plane) if part.is_node else 1
        ahead = -1 if part.is_node else -2
        if ahead < behind <= allowed:
            continue
        verdict = "newer" if behind < 0 else "too old"
        yield Problem(
            message=f"{part.what.capitalize()} is built for {code(text(part.version))} but the control "
            "plane is "
            f"{code(text(control_plane))}: {verdict}.",
            at=part.at,
            attribute=part.attribute,
            evidence=part.address,
        )


@check(
    "EKS-CFG-207",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=NodeGroup,
    resources=(
        "aws_eks_node_group",
        "module:eks//modules/eks-managed-node-group",
        "module:cloudposse-eks-node-group",
    ),
    fix=FixKind.IF_REF,
)
def node_group_version_detached(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """A node group does not follow the version of the cluster.

    Without `version` the group is made with the version of the cluster on that day, and Terraform does not
    look at it again: the next upgrade of the control plane leaves the nodes behind without a word.

    Fix: Take the version from the cluster.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35"
    }

    resource "aws_eks_node_group" "main" { # fails
      cluster_name = aws_eks_cluster.main.name
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name    = "prod"
      version = "1.35"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = aws_eks_cluster.main.name
      version      = aws_eks_cluster.main.version
    }
    ```

    References:
    - [EKS user guide: update a managed node group](https://docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html)
    """
    del context
    if not group.is_managed or group.cluster is not None:
        raise NotApplicableError("no managed group of its own: the module passes the version of its cluster")
    version = group.fact("version")
    if _is_set(version.value) or _is_set(group.fact("release_version").value):
        return
    if _is_set(group.fact("ami_id").value) or group.fact("ami_type").value.data == "CUSTOM":
        raise NotApplicableError("a custom image decides the version")
    template = template_of(group) if group.source == "aws_eks_node_group" else None
    if template is not None and template.body.has("image_id"):
        raise NotApplicableError("the image of the launch template decides the version")
    reference = cluster_reference(group)
    is_ignored = ignores(group.instance.block, version.argument)
    edit = write(version, f"{reference}.version") if reference and not version.written else None
    kept = f" ({code('ignore_changes')} leaves its version alone, too)" if is_ignored else ""
    yield Problem(
        message=f"Node group {code(group.label)} does not follow the cluster's version{kept}: the next "
        "upgrade leaves it behind.",
        at=version.at if version.written else group.header,
        attribute=version.argument,
        fix=Fix((edit,), "No change while both run the same version.") if edit and not is_ignored else None,
    )


@check(
    "EKS-CFG-208",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=NodeImage,
    resources=(
        "aws_eks_node_group",
        "aws_launch_template",
        "data:aws_ssm_parameter",
        "data:aws_ami",
        "module:eks",
        "module:cloudposse-eks-node-group",
    ),
    fix=FixKind.NEW_ONLY,
)
def al2_node_ami(image: NodeImage, context: Context) -> Iterator[Problem]:
    """Nodes boot Amazon Linux 2, which gets no more fixes.

    AWS stopped publishing EKS images of Amazon Linux 2 on 2025-11-26, there are none for Kubernetes 1.33
    and later, and the system itself reached its end of life on 2026-06-30. Known holes in kernel and
    container runtime stay open.

    Fix: Move to Amazon Linux 2023 or Bottlerocket in a new node group; user data for `bootstrap.sh` must be
    rewritten for nodeadm.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      ami_type     = "AL2_x86_64" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      ami_type     = "AL2023_x86_64_STANDARD"
    }
    ```

    References:
    - [EKS user guide: Amazon Linux 2 AMI deprecation](https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html)
    """
    del context
    if image.group is None:
        if not image.value.test(lambda name: AL2_NAME.search(str(name)) is not None):
            return
        kind, fix = image.value.data, None
    else:
        kind = image.value.require()
        if kind == "CUSTOM":
            raise UndecidedError("a custom image may be of any system")
        if kind is None or not str(kind).startswith("AL2_"):
            return
        fact = image.group.fact("ami_type")
        is_pinned = _is_set(image.group.fact("release_version").value)
        is_plain = str(kind) in AL2023 and not (is_pinned or has_user_data(image.group))
        edit = write(fact, f'"{AL2023[str(kind)]}"') if is_plain else None
        fix = Fix((edit,), "Another system: user data must suit nodeadm.", new_only=True) if edit else None
    yield Problem(
        message=f"{code(kind)} is Amazon Linux 2: no EKS images since 2025-11-26, no fixes since 2026-06-30.",
        at=image.value.supplier or image.header,
        attribute=image.attribute,
        # What a name is put together from, such as the cluster's version, says nothing about the system.
        related=image.value.origins if image.group is not None else (),
        fix=fix,
    )


@check(
    "EKS-CFG-209",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=VersionedAddon,
    resources=("aws_eks_addon", "aws_eks_cluster", "module:eks"),
    fix=FixKind.IF_REF,
)
def addon_version_not_managed(subject: VersionedAddon, context: Context) -> Iterator[Problem]:
    """Nothing ties an add-on's version to the cluster's.

    An add-on without a version stays at what was the default on the day it was made, and a literal at what
    somebody once wrote. After a few upgrades of the control plane they no longer fit, and pod networking or
    DNS breaks.

    Fix: Look the version up with `aws_eks_addon_version` for the version of the cluster, or let a bot keep
    it.

    Bad:

    ```hcl
    data "aws_eks_addon_version" "coredns" {
      addon_name         = "coredns"
      kubernetes_version = "1.35"
    }

    resource "aws_eks_addon" "coredns" { # fails
      cluster_name = "prod"
      addon_name   = "coredns"
    }
    ```

    Good:

    ```hcl
    data "aws_eks_addon_version" "coredns" {
      addon_name         = "coredns"
      kubernetes_version = "1.35"
    }

    resource "aws_eks_addon" "coredns" {
      cluster_name  = "prod"
      addon_name    = "coredns"
      addon_version = data.aws_eks_addon_version.coredns.version
    }
    ```

    References:
    - [EKS user guide: Amazon EKS add-ons](https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html)
    - [Terraform AWS provider: aws_eks_addon_version](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/eks_addon_version)
    """
    if subject.cluster is not None:
        if subject.cluster.fact("auto_mode").value.test(is_true) or subject.cluster.is_local:
            raise NotApplicableError("EKS runs the core add-ons of this cluster itself")
        if not manages_core_addons(context):
            yield Problem(
                message="None of vpc-cni, coredns and kube-proxy is a managed add-on: they never move "
                "with the cluster.",
                at=subject.header,
                attribute="addons",
                hint="Declare the three as `aws_eks_addon` with versions looked up for the cluster's "
                "version.",
            )
        return
    version = subject.instance.body.attr("addon_version")
    literal = is_literal(version, subject.instance.block)
    if not version.is_null and (not literal or _is_kept_by_renovate(version)):
        return
    written = subject.instance.block.attributes.get("addon_version") if version.is_null else None
    is_computed = written is not None and written.expression.text != "null"
    lookup = subject.lookup()
    edit = None
    if lookup is not None and not is_computed and not is_json(subject.instance.block):
        edit = set_argument(subject.instance.block, "addon_version", f"{lookup}.version")
    name = subject.addon.name if subject.addon is not None else subject.address
    state = "is a literal" if literal else "comes out as null" if is_computed else "is not set"
    yield Problem(
        message=f"The version of {code(name)} {state}: nothing ties it to the cluster's version.",
        at=written.expression if written is not None else version.supplier or subject.header,
        attribute="addon_version",
        related=version.origins,
        fix=Fix((edit,), "The add-on moves to the version that is looked up.") if edit else None,
    )


@check(
    "EKS-CFG-210",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("module:eks", "aws_eks_cluster"),
    fix=FixKind.INSERT,
)
def no_cni_installed(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing installs pod networking.

    Version 21 of the module makes clusters without the default add-ons. An existing cluster keeps those it
    has, so the upgrade of the module looks fine; the next new environment has nodes that join and stay
    NotReady.

    Fix: Declare `vpc-cni` (before the nodes), `kube-proxy` and `coredns` as add-ons, or install another CNI.

    Bad:

    ```hcl
    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      name = "prod"
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      addons = {
        coredns    = {}
        kube-proxy = {}
        vpc-cni    = { before_compute = true }
      }
    }
    ```

    References:
    - [terraform-aws-eks: upgrade to version 21](https://github.com/terraform-aws-modules/terraform-aws-eks/blob/master/docs/UPGRADE-21.0.md)
    - [EKS user guide: networking add-ons](https://docs.aws.amazon.com/eks/latest/userguide/eks-networking-add-ons.html)
    """
    if not cluster.fact("self_managed_addons").value.test(is_false):
        return
    if cluster.is_local or cluster.body.has("remote_network_config"):
        raise NotApplicableError("the nodes are not in the region, and bring their own networking")
    if cluster.fact("auto_mode").value.test(is_true):
        return
    if find_component(context, "cni") is not None:
        return
    block, addons = cluster.instance.block, cluster.fact("addons")
    edit = None
    if cluster.source == "module-eks" and not addons.written and addons.certain and not is_json(block):
        edit = insert_lines(block, (f"{addons.name} = {{", *CNI_ADDONS, "}"))
    yield Problem(
        message="Nothing installs a CNI: nodes of a new cluster join and stay NotReady.",
        at=addons.at,
        attribute=addons.argument,
        fix=Fix((edit,), "Adds the three add-ons; an existing cluster takes over those it has.")
        if edit
        else None,
    )


def _targets(context: Context) -> str:
    """Name the versions to move to: those about which EKS-CFG-205 says nothing."""
    days = context.config.warn_days
    beyond = context.today + timedelta(days=days)
    targets = ", ".join(map(code, supported(beyond, context.config.kubernetes_versions)))
    return f"In standard support for more than {days} days: {targets}."


def _is_set(value: Value) -> bool:
    """Tell whether an argument has a value; what is unknown is set to something."""
    return value.is_unknown or value.data not in (None, "", ())


def _is_kept_by_renovate(value: Value) -> bool:
    """Tell whether a comment beside or above a literal tells Renovate to update it."""
    at = value.supplier
    if at is None:
        return False
    lines = (at.source.line(number) for number in range(max(1, at.line - 1), at.line + 1))
    return any("renovate" in line for line in lines)
