"""Issue 2.1, overly permissive security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import set_argument
from reviewer.checks.problem import Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster import Cluster
from reviewer.views.fact import is_false
from reviewer.views.networks import open_to_world
from reviewer.views.security_rule import Ports, SecurityRule, services, world_exposure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context

MAX_SERVICES = 3


@check(
    "EKS-SEC-101",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=SecurityRule,
    resources=(
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "module:security-group",
        "module:eks",
    ),
    peers=("CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_277", "AWS-0107", "KICS unrestricted_security_group_ingress"),
)
def world_ingress_sensitive_port(rule: SecurityRule, context: Context) -> Iterator[Problem]:
    """A sensitive port is open to the whole internet.

    Addresses of AWS are scanned around the clock: SSH, the kubelet, a database or a node port that answers
    everybody is tried with stolen passwords and fresh exploits within minutes. On a node, one hit reaches
    every pod that runs there.

    Fix: Name who needs the port: the VPC's CIDR, a managed prefix list of your networks, or a security group
    as the source. For shells on nodes use SSM Session Manager and drop the SSH rule.

    Bad:

    ```hcl
    resource "aws_vpc_security_group_ingress_rule" "ssh" {
      security_group_id = aws_security_group.node.id
      cidr_ipv4         = "0.0.0.0/0" # fails
      ip_protocol       = "tcp"
      from_port         = 22
      to_port           = 22
    }

    resource "aws_security_group" "database" {
      name = "database"

      ingress {
        protocol    = "tcp"
        from_port   = 5432
        to_port     = 5432
        cidr_blocks = ["10.0.0.0/16", "0.0.0.0/0"] # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_vpc_security_group_ingress_rule" "ssh" {
      security_group_id = aws_security_group.node.id
      prefix_list_id    = aws_ec2_managed_prefix_list.corporate.id
      ip_protocol       = "tcp"
      from_port         = 22
      to_port           = 22
    }
    ```

    References: - [EKS user guide: security group
    requirements](https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html) - [EKS best practices:
    network security](https://docs.aws.amazon.com/eks/latest/best-practices/network-security.html)
    """
    extra = context.config.extra_sensitive_ports
    exposure = world_exposure(rule, lambda ports: bool(services(ports, extra)))
    if exposure is None:
        return
    ports, cidr = exposure
    yield Problem(
        message=(
            f"Ingress from {code(cidr.data)} to {code(ports)} ({_named(ports, services(ports, extra))}) "
            f"on {code(rule.group)}: the whole internet may connect."
        ),
        at=cidr.supplier or rule.at,
        attribute=rule.attribute or "cidr",
        evidence=f"{ports} {cidr.data}",
        related=cidr.origins,
    )


def _named(ports: Ports, names: tuple[str, ...]) -> str:
    """Return what listens on the open ports, in a few words."""
    if ports.is_all:
        return "SSH, the kubelet, databases and everything else"
    shown = names if len(names) <= MAX_SERVICES else (*names[: MAX_SERVICES - 1], "others")
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


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

    References: - [EKS best practices: make the cluster endpoint
    private](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html) - [EKS
    user guide: cluster API server
    endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    del context
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no public endpoint")
    public, networks = cluster.fact("public_access"), cluster.fact("public_cidrs")
    if is_false(public.value.data):
        return
    # An empty list is open: the API then fills in the default.
    restricted = networks.written and not networks.value.test(lambda data: data == ())
    open_to = open_to_world((networks.value,)) if restricted else networks.value
    if open_to is None or public.value.test(is_false):
        return
    shown = networks if networks.written else public
    yield Problem(
        message="The Kubernetes API endpoint answers the whole internet.",
        at=(open_to.supplier if networks.written else None) or shown.at,
        attribute=networks.argument,
        related=(*networks.value.origins, *public.value.origins),
    )


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

    References: - [EKS user guide: cluster API server
    endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    del context
    access = cluster.fact("private_access")
    if access.value.test(lambda enabled: enabled is True):
        return
    fix = None
    if isinstance(access.body, BlockBody):
        fix = Fix(
            (set_argument(access.body.block, access.name, "true"),), "An in-place update of the cluster."
        )
    yield Problem(
        message="Node-to-API traffic leaves the VPC through NAT: private access to the endpoint is off.",
        at=access.at,
        attribute=access.argument,
        related=access.value.origins,
        fix=fix,
    )
