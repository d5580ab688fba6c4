"""Issue 2.1, overly permissive security groups: who reaches the API and the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.checks.wording import NOT_ALLOWED
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.cluster.public_nodes import INTERFACE, exposure
from reviewer.views.cluster.segments import Segments, is_segmented
from reviewer.views.component.component import find_component
from reviewer.views.fact import Fact, is_false, is_true
from reviewer.views.kubernetes.kubernetes_object import kubernetes_objects
from reviewer.views.network.networks import is_world, open_to_world
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


SEVERAL = 2


@check(
    "EKS-SEC-107",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    peers=(
        "CKV_AWS_38",
        "CKV_AWS_39",
        "AWS-0040",
        "AWS-0041",
        "KICS eks_cluster_has_public_access_cidrs",
        "hardeneks check_endpoint_public_access",
    ),
)
def api_endpoint_open_to_world(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The Kubernetes API endpoint answers the whole internet.

    Anyone can reach the API server: a leaked kubeconfig or token, or a flaw in authentication, is then
    enough to take over the cluster, and scanners find the endpoint within hours. IAM is left as the only
    line of defence.

    Fix: Set `endpoint_public_access = false` when there is a private way in (VPN, Direct Connect, runners
    inside the VPC), or list the networks of your offices and pipelines. Decide before applying: a wrong
    network locks the pipeline out.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
        public_access_cidrs     = ["0.0.0.0/0"] # fails
      }
    }

    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 18.31"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
        public_access_cidrs     = ["198.51.100.0/24"]
      }
    }
    ```

    References:
    - [EKS best practices: make the cluster endpoint private](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: cluster API server endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no public endpoint")
    public, networks = cluster.fact("public_access"), cluster.fact("public_cidrs")
    if is_false(public.value.data):
        return
    # An empty list is open: the API then fills in the default.
    restricted = networks.written and not networks.value.test(lambda data: data == ())
    allowed = context.config.allowed_cidrs
    open_to = open_to_world((networks.value,), allowed) if restricted else networks.value
    if open_to is None or public.value.test(is_false):
        return
    shown = networks if networks.written else public
    yield Problem(
        message=_open_endpoint(cluster, networks, open_to),
        at=(open_to.supplier if networks.written else None) or shown.at,
        attribute=networks.argument,
        related=(*networks.value.origins, *public.value.origins),
    )


def _open_endpoint(cluster: Cluster, networks: Fact, open_to: Value) -> str:
    """Say what lets everybody in: a network that is listed, or that none is."""
    if networks.written and isinstance(open_to.data, str):
        if not is_world(open_to.data):
            outsider = f"The Kubernetes API of {code(cluster.label)} answers {code(open_to.data)}"
            return f"{outsider}, {NOT_ALLOWED}."
        cause = f"{code(networks.name)} holds {code(open_to.data)}"
    else:
        cause = f"no networks are listed in {code(networks.name)}"
    return f"The Kubernetes API of {code(cluster.label)} answers everybody: public access is on and {cause}."


@check(
    "EKS-SEC-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    fix=FixKind.INSERT,
)
def api_private_access_disabled(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The Kubernetes API has no private endpoint.

    Without private access, traffic from the nodes to the API leaves the VPC through NAT. Once public access
    is restricted to known networks, nodes may fail to join because their NAT addresses are not among them.

    Fix: Set `endpoint_private_access = true`. The change is made in place, without downtime.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config { # fails
        subnet_ids = ["subnet-1", "subnet-2", "subnet-3"]
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
      }
    }
    ```

    References:
    - [EKS user guide: cluster API server endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    del context
    access = cluster.fact("private_access")
    if access.value.test(is_true):
        return
    edit = write(access, "true")
    yield Problem(
        message="Node-to-API traffic leaves the VPC through NAT: private access to the endpoint is off.",
        at=access.at,
        attribute=access.argument,
        related=access.value.origins,
        fix=Fix((edit,), "An in-place update of the cluster.") if edit is not None else None,
    )


@check(
    "EKS-SEC-109",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=NodeGroup,
    resources=("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group"),
    peers=("CKV_AWS_100", "KICS eks_node_group_remote_access_disabled"),
)
def node_ssh_open_to_world(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """SSH to the nodes is open to the whole internet.

    With a key but no source security group EKS itself makes a rule that opens port 22 of every node to
    0.0.0.0/0. It stands in no Terraform file, so nobody sees it in a review.

    Fix: Remove the key and use Session Manager, or name the security group of the bastion.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      remote_access {
        ec2_ssh_key = "ops" # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      remote_access {
        ec2_ssh_key               = "ops"
        source_security_group_ids = [aws_security_group.bastion.id]
      }
    }
    ```

    References:
    - [Terraform AWS provider: aws_eks_node_group](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group)
    - [EKS best practices: protecting the infrastructure](https://docs.aws.amazon.com/eks/latest/best-practices/protecting-the-infrastructure.html)
    """
    del context
    if not group.is_managed:
        raise NotApplicableError("only managed groups make such a rule")
    key, sources = group.fact("ssh_key"), group.fact("ssh_sources")
    if key.value.is_null or key.value.data in ("", ()):
        return
    template = group.fact("own_launch_template").value
    if template.is_unknown or not template.test(lambda data: data is None or is_false(data)):
        raise NotApplicableError("the group has a launch template, so remote access does not count")
    if key.value.is_unknown and not _is_created(key.value):
        key.value.require()
    if sources.value.elements():
        return
    yield Problem(
        message=f"An SSH key without a source group opens port 22 on every node of {code(group.label)} to "
        "the internet.",
        at=key.at,
        attribute=key.argument,
        related=key.value.origins,
    )


@check(
    "EKS-SEC-110",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=NodeGroup,
    resources=("aws_eks_node_group", "aws_launch_template", "aws_subnet", "module:eks", "module:vpc"),
    peers=("CKV_AWS_88", "CKV_AWS_130", "AWS-0164", "hardeneks deploy_workers_onto_private_subnets"),
)
def nodes_in_public_subnets(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """Nodes run in public subnets.

    Every node can be addressed from the internet, so one careless security group rule or an open NodePort
    exposes the kubelet and all pods of the node. Load balancers need public subnets, nodes do not.

    Fix: Use the private subnets, with NAT or VPC endpoints for what leaves. It replaces the group: make the
    new one first.

    Bad:

    ```hcl
    module "vpc" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "~> 6.0"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      subnet_ids   = module.vpc.public_subnets # fails
    }
    ```

    Good:

    ```hcl
    module "vpc" {
      source  = "terraform-aws-modules/vpc/aws"
      version = "~> 6.0"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      subnet_ids   = module.vpc.private_subnets
    }
    ```

    References:
    - [EKS best practices: protecting the infrastructure](https://docs.aws.amazon.com/eks/latest/best-practices/protecting-the-infrastructure.html)
    - [EKS user guide: VPC and subnet requirements](https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html)
    """
    found = exposure(group, context)
    if found is not None:
        why = "gets public addresses" if found.attribute == INTERFACE else "runs in public subnets"
        yield Problem(
            message=f"Node group {code(group.label)} {why}: every node can be addressed from the internet.",
            at=found.value.supplier or group.header,
            attribute=found.attribute,
            related=found.value.origins,
        )


@check(
    "EKS-SEC-111",
    severity=Severity.LOW,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=Segments,
    resources=("aws_eks_node_group", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def node_groups_not_segmented(segments: Segments, context: Context) -> Iterator[Problem]:
    """All node groups share one network and scheduling boundary.

    Several groups without taints, labels or security groups of their own isolate nothing: a pod of any team
    may land beside the one that handles payments, and reaches what it reaches.

    Fix: Give sensitive groups a taint, a label that their pods select, and a security group.

    Bad:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        app = {} # fails
        pci = {}
      }
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        app = {}
        pci = {
          taints = {
            pci = { key = "pci", effect = "NO_SCHEDULE" }
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: tenant isolation](https://docs.aws.amazon.com/eks/latest/best-practices/multi-tenancy.html)
    """
    if len(segments.groups) < SEVERAL:
        raise NotApplicableError("there are not several node groups")
    if kubernetes_objects(context, "SecurityGroupPolicy") or find_component(context, "service-mesh"):
        return
    if segments.are_one_per_zone() or any(map(is_segmented, segments.groups)):
        return
    yield Problem(
        message=f"All {len(segments.groups)} node groups share one network and scheduling boundary.",
        at=segments.header,
        attribute="node_groups",
    )


def _is_created(value: Value) -> bool:
    """Tell whether an unknown value is an attribute of a resource: it will be there."""
    reference = value.reference
    return reference is not None and "." in reference and not reference.startswith(("var.", "data."))
