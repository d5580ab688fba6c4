"""Issue 4.1, insufficient logging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.views.cluster.capacity import has_no_nodes
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.component.component import PLACES, find_component
from reviewer.views.observability.log_group import LogGroup, Origin, is_declared, makes_group
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
OPERATIONAL = ("api", "controllerManager", "scheduler")


@check(
    "EKS-OBS-101",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    peers=("CKV_AWS_37", "AWS-0038", "KICS eks_cluster_log_disabled", "hardeneks check_logs_are_enabled"),
    fix=FixKind.REPLACE,
)
def control_plane_logs_incomplete(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The control plane does not log all it could.

    When a deployment hangs or a controller misbehaves, the logs of the API server, the controller manager and
    the scheduler are the only trace: AWS keeps none that you could ask for afterwards.

    Fix: Turn on all five log types. The change is made in place; CloudWatch bills the volume, so set a
    retention, too.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name                      = "prod"
      enabled_cluster_log_types = ["audit"] # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name                      = "prod"
      enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    }
    ```

    References:
    - [EKS user guide: control plane logging](https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html)
    - [EKS best practices: auditing and logging](https://docs.aws.amazon.com/eks/latest/best-practices/auditing-and-logging.html)
    """
    del context
    types = cluster.fact("log_types")
    enabled = types.value.strings()
    missing = [each for each in OPERATIONAL if each not in enabled]
    if not missing:
        return
    edit = write(types, json.dumps(LOG_TYPES))
    yield Problem(
        message=f"Control-plane log types {', '.join(map(code, missing))} are off.",
        at=types.at,
        attribute=types.argument,
        related=types.value.origins,
        fix=Fix((edit,), "An in-place update; CloudWatch bills the log volume.") if edit else None,
    )


@check(
    "EKS-OBS-102",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=LogGroup,
    resources=(
        "aws_cloudwatch_log_group",
        "aws_eks_cluster",
        "module:eks",
        "module:vpc",
        "module:cloudposse-eks-cluster",
    ),
    peers=("CKV_AWS_66", "CKV_AWS_338", "KICS cloudwatch_without_retention_period_specified"),
    fix=FixKind.INSERT,
)
def log_retention_undefined(group: LogGroup, context: Context) -> Iterator[Problem]:
    """Logs are kept for ever, or too short a time.

    A log group without a retention keeps everything and is billed every month; control-plane logs alone reach
    hundreds of gigabytes. One that EKS makes by itself never expires and stays behind when the cluster is
    gone. Too short a retention is worse: the logs of an incident are gone before anyone looks.

    Fix: Set `retention_in_days` to a value that CloudWatch accepts. For a cluster, declare the group
    `/aws/eks/<cluster>/cluster` before the cluster, and let the cluster depend on it.

    Bad:

    ```hcl
    resource "aws_cloudwatch_log_group" "app" { # fails
      name = "/apps/shop"
    }
    ```

    Good:

    ```hcl
    resource "aws_cloudwatch_log_group" "app" {
      name              = "/apps/shop"
      retention_in_days = 90
    }
    ```

    References:
    - [EKS best practices: cost optimization of observability](https://docs.aws.amazon.com/eks/latest/best-practices/cost-opt-observability.html)
    - [CloudWatch Logs API: PutRetentionPolicy](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)
    """
    if group.instance.body.attr("log_group_class").data == "DELIVERY":
        raise NotApplicableError("CloudWatch decides how long it keeps a group of the class DELIVERY")
    if not group.exists():
        raise NotApplicableError("no logs are written")
    if group.cluster is not None and not makes_group(group.cluster):
        if not is_declared(group.cluster, context):
            yield _made_by_eks(group, group.cluster)
        return
    retention = group.fact("retention")
    days = convert(retention.value, NUMBER).require() or 0
    at_least = context.config.min_log_retention_days if group.is_of_eks else 0
    if isinstance(days, int) and days and days >= at_least:
        return
    edit = write(retention, str(context.config.default_log_retention_days)) if not days else None
    verdict = f"keeps only {code(days)} days" if days else "never expires"
    yield Problem(
        message=f"{_named(group)} {verdict}.",
        at=retention.at,
        attribute=retention.argument,
        related=retention.value.origins,
        hint=f"Set {code(retention.argument)} to a number of days that CloudWatch accepts, such as "
        f"{context.config.default_log_retention_days}.",
        fix=Fix((edit,), "Logs older than this are deleted.") if edit else None,
    )


def _named(group: LogGroup) -> str:
    """Return what a log group is called: that of flow logs has no name which the code tells."""
    if group.origin is Origin.VPC:
        return f"The log group that {code(group.label)} makes for flow logs"
    return f"Log group {code(group.label)}"


def _made_by_eks(group: LogGroup, cluster: Cluster) -> Problem:
    """Return that EKS makes a group by itself, at the switch by which a module does not."""
    switch = cluster.fact("create_log_group")
    hint = "Declare the log group with a retention, and let the cluster depend on it."
    if switch.written:
        hint = (
            f"Leave {code(switch.argument)} on: the module then makes the group, and keeps it for 90 days. "
            "Import the one that is there first (`terraform import`), or the apply fails."
        )
    return Problem(
        message=f"Log group {code(group.label)} is not managed: EKS makes one that never expires.",
        at=switch.at if switch.written else group.header,
        attribute="log_group",
        hint=hint,
        related=switch.value.origins,
    )


@check(
    "EKS-OBS-103",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
)
def no_log_aggregation(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing collects the logs of containers.

    When a node goes, with spot, an upgrade or a fault, its logs go with it: the pod that crashed leaves no
    trace, and nobody can search across replicas.

    Fix: Add the add-on `amazon-cloudwatch-observability`, or Fluent Bit with the store of your choice.
    Fargate has a log router of its own: the ConfigMap `aws-logging` in `aws-observability` switches it on.

    Bad:

    ```hcl
    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      addons  = { vpc-cni = {} }
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      addons  = { vpc-cni = {}, amazon-cloudwatch-observability = {} }
    }
    ```

    References:
    - [EKS best practices: observability](https://docs.aws.amazon.com/eks/latest/best-practices/application.html)
    - [CloudWatch: the observability add-on](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html)
    - [EKS user guide: logging on Fargate](https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html)
    """
    if find_component(context, "log-shipper") is None:
        lost = (
            "die with its Fargate pods: no ConfigMap `aws-logging` and no log shipper"
            if has_no_nodes(context)
            else "stay on the nodes and die with them: no log shipper"
        )
        yield Problem(
            message=f"Container logs of {code(cluster.label)} {lost} among {PLACES}.",
            at=cluster.header,
            attribute="log-shipper",
        )
