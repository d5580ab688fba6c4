"""Issue 1.2, Kubernetes version inconsistency: nodes, images and add-ons that do not follow the cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, set_argument, write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.launch_template import has_user_data, template_of
from reviewer.views.cluster.lifecycle import skew, text
from reviewer.views.cluster.node_group import NodeGroup, cluster_reference
from reviewer.views.cluster.node_image import NodeImage
from reviewer.views.cluster.skew import built
from reviewer.views.cluster.versioned_addon import VersionedAddon, manages_core_addons
from reviewer.views.cluster.versions import (
    is_literal,
    minor_of,
)
from reviewer.views.component.component import find_component
from reviewer.views.fact import is_false, is_true
from reviewer.views.ignored import ignores
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


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
