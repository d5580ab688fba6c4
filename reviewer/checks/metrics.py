"""Issue 4.2, missing metrics and alerting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import is_json, only_reference, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.component.component import PLACES, find_component, title
from reviewer.views.fact import is_false
from reviewer.views.observability.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

CLUSTERS = ("aws_eks_cluster", "module:eks")
BEYOND_BASICS = ("custom-metrics", "grafana", "slo")


@check(
    "EKS-OBS-201",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Cluster,
    resources=CLUSTERS,
    surface=Surface.SUMMARY,
)
def no_cluster_metrics(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing collects metrics of the cluster.

    EKS itself shows no metrics of nodes, pods or containers. Without a collector nobody sees memory fill
    up, pods restart or nodes run out of addresses until users complain, and nothing can be sized by facts.

    Fix: Add one pipeline: CloudWatch Container Insights as an add-on, or Prometheus. The managed scraper of
    Amazon Managed Prometheus needs no agent in the cluster.

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
      addons  = { vpc-cni = {} }
    }

    module "addons" {
      source                       = "aws-ia/eks-blueprints-addons/aws"
      enable_kube_prometheus_stack = true
    }
    ```

    References:
    - [EKS user guide: monitor your cluster](https://docs.aws.amazon.com/eks/latest/userguide/eks-observe.html)
    - [EKS best practices: running highly available applications](https://docs.aws.amazon.com/eks/latest/best-practices/application.html)
    """
    if find_component(context, "metrics") is None:
        yield Problem(
            message=f"No metrics pipeline for {code(cluster.label)}: nothing among {PLACES} collects "
            "metrics.",
            at=cluster.header,
            attribute="metrics",
        )


@check(
    "EKS-OBS-202",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=CLUSTERS,
    surface=Surface.SUMMARY,
    default_on=False,
)
def custom_metrics_or_slo_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Own metrics, dashboards or service levels are not defined as code.

    Metrics of nodes say that machines are fine while users see errors. What the platform promises, and what
    its services measure, belongs beside the code that must keep it.

    Fix: Add service monitors or metric filters, dashboards and service level objectives next to the
    workloads.

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
    }

    resource "aws_cloudwatch_log_metric_filter" "errors" {
      name = "errors"
    }

    resource "aws_grafana_workspace" "main" {
      account_access_type = "CURRENT_ACCOUNT"
    }

    resource "aws_applicationsignals_service_level_objective" "availability" {
      name = "api-availability"
    }
    ```

    References:
    - [EKS best practices: Kubernetes SLOs](https://docs.aws.amazon.com/eks/latest/best-practices/kubernetes-slos.html)
    - [CloudWatch: service level objectives](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-ServiceLevelObjectives.html)
    """
    missing = [each for each in BEYOND_BASICS if find_component(context, each) is None]
    if missing:
        yield Problem(
            message=f"Not defined as code: {', '.join(map(title, missing))}. Looked among {PLACES}.",
            at=cluster.header,
            attribute="metrics",
            evidence=",".join(missing),
        )


@check(
    "EKS-OBS-203",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Cluster,
    resources=CLUSTERS,
    surface=Surface.SUMMARY,
)
def no_alerting(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing pages anyone.

    Metrics that nobody looks at help only afterwards. A cluster that runs out of nodes, addresses or
    certificate life gives hours of warning, if somebody is told.

    Fix: Alarm at least on nodes that are not ready, pods that stay pending, errors of the API server and
    log delivery that fails.

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
    }

    resource "aws_cloudwatch_metric_alarm" "nodes" {
      alarm_name    = "failed-nodes"
      metric_name   = "cluster_failed_node_count"
      alarm_actions = [aws_sns_topic.oncall.arn]
    }
    ```

    References:
    - [CloudWatch: Container Insights metrics](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-EKS.html)
    - [EKS best practices: auditing and logging](https://docs.aws.amazon.com/eks/latest/best-practices/auditing-and-logging.html)
    """
    if find_component(context, "alerting") is None:
        yield Problem(
            message=f"Nothing pages anyone when {code(cluster.label)} is unhealthy: no alarm or alert "
            f"rule among {PLACES}.",
            at=cluster.header,
            attribute="alerting",
        )


@check(
    "EKS-OBS-204",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Alarm,
    resources=("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
    peers=("CKV_AWS_319",),
    fix=FixKind.IF_REF,
)
def alarm_without_action(alarm: Alarm, context: Context) -> Iterator[Problem]:
    """An alarm tells nobody.

    Without an action the alarm only changes its colour in a console that nobody watches at night. It looks
    as if the problem were covered, which is worse than no alarm.

    Fix: Send it to the topic that pages the team, and leave `actions_enabled` on.

    Bad:

    ```hcl
    resource "aws_sns_topic" "oncall" {
      name = "oncall"
    }

    resource "aws_cloudwatch_metric_alarm" "nodes" { # fails
      alarm_name = "failed-nodes"
    }
    ```

    Good:

    ```hcl
    resource "aws_sns_topic" "oncall" {
      name = "oncall"
    }

    resource "aws_cloudwatch_metric_alarm" "nodes" {
      alarm_name    = "failed-nodes"
      alarm_actions = [aws_sns_topic.oncall.arn]
    }
    ```

    References:
    - [CloudWatch: alarm actions](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html)
    - [Terraform AWS provider: aws_cloudwatch_metric_alarm](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_metric_alarm)
    """
    enabled, actions = alarm.instance.body.attr("actions_enabled"), alarm.instance.body.attr("alarm_actions")
    is_muted = enabled.test(is_false)
    if not is_muted and (actions.elements() or alarm.is_used(context)):
        return
    topic = only_reference(alarm.instance, "aws_sns_topic", "arn")
    block = alarm.instance.block
    edit = None
    if topic is not None and not is_muted and not is_json(block):
        edit = set_argument(block, "alarm_actions", f"[{topic}]")
    at = enabled.supplier if is_muted else actions.supplier
    yield Problem(
        message=f"Alarm {code(alarm.label)} notifies nobody.",
        at=at or alarm.header,
        attribute="actions_enabled" if is_muted else "alarm_actions",
        fix=Fix((edit,), "The topic gets a message when the alarm goes off.") if edit else None,
    )
