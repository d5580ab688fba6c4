"""Issues 4.1 and 4.2: whether anything collects logs and metrics, and pages anyone."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.views.component.component import PLACES
from tests.checks.harness import problems, reasons, states
from tests.checks.suggested import with_fixes

LOGS, METRICS, BEYOND, ALERTS, ACTIONS = (
    "EKS-OBS-103",
    "EKS-OBS-201",
    "EKS-OBS-202",
    "EKS-OBS-203",
    "EKS-OBS-204",
)
CLUSTER = 'resource "aws_eks_cluster" "c" {\n  name = "shop"\n}\n'


def release(chart: str) -> str:
    return f'resource "helm_release" "r" {{\n  name  = "{chart}"\n  chart = "{chart}"\n}}\n'


def blueprints(flag: str) -> str:
    return f'module "a" {{\n  source = "aws-ia/eks-blueprints-addons/aws"\n  {flag} = true\n}}\n'


def addon(name: str) -> str:
    return f'resource "aws_eks_addon" "a" {{\n  addon_name = "{name}"\n}}\n'


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (LOGS, "Container logs of `shop` stay on the nodes and die with them"),
        (METRICS, "No metrics pipeline for `shop`"),
        (ALERTS, "Nothing pages anyone when `shop` is unhealthy"),
    ],
)
def test_missing(check: str, message: str) -> None:
    [found] = problems(check, CLUSTER)
    assert found.text == 'resource "aws_eks_cluster" "c" {'
    assert found.message.startswith(message)


FARGATE = 'resource "aws_eks_fargate_profile" "all" {\n  cluster_name = aws_eks_cluster.c.name\n}\n'


def test_logs_of_pods_on_fargate_are_not_said_to_be_on_nodes() -> None:
    [found] = problems(LOGS, CLUSTER + FARGATE)
    assert found.message == (
        "Container logs of `shop` die with its Fargate pods: no ConfigMap `aws-logging` and no log shipper among "
        f"{PLACES}."
    )
    router = (
        'resource "kubernetes_config_map_v1" "logs" {\n  metadata {\n    name      = "aws-logging"\n'
        '    namespace = "aws-observability"\n  }\n}\n'
    )
    assert states(LOGS, CLUSTER + FARGATE + router) == {"aws_eks_cluster.c": State.PASS}
    [beside] = problems(LOGS, CLUSTER + FARGATE + 'resource "aws_eks_node_group" "a" {\n}\n')
    assert beside.message.startswith("Container logs of `shop` stay on the nodes")


@pytest.mark.parametrize("check", [LOGS, METRICS, ALERTS, "EKS-REL-203", "EKS-REL-204", "EKS-GOV-201"])
@pytest.mark.parametrize("folder", ["examples/complete", "tests/setup"])
def test_an_example_need_not_be_a_platform(check: str, folder: str) -> None:
    files = {f"{folder}/main.tf": CLUSTER}
    assert states(check, files, root=folder) == {"aws_eks_cluster.c": State.NOT_EVALUATED}
    assert set(reasons(check, files, root=folder)) == {
        "an example or a test shows one thing, and not all that its cluster runs"
    }


@pytest.mark.parametrize(
    ("check", "beside"),
    [
        (LOGS, release("aws-for-fluent-bit")),
        (LOGS, release("fluentd")),
        (LOGS, addon("amazon-cloudwatch-observability")),
        (LOGS, blueprints("enable_aws_for_fluentbit")),
        (METRICS, release("kube-prometheus-stack")),
        (METRICS, addon("adot")),
        (METRICS, blueprints("enable_aws_cloudwatch_metrics")),
        (METRICS, 'resource "aws_prometheus_scraper" "s" {\n}\n'),
        (ALERTS, 'resource "aws_cloudwatch_metric_alarm" "a" {\n}\n'),
        (ALERTS, release("kube-prometheus-stack")),
        (ALERTS, 'resource "datadog_monitor" "m" {\n}\n'),
    ],
)
def test_present(check: str, beside: str) -> None:
    assert states(check, CLUSTER + beside)["aws_eks_cluster.c"] is State.PASS


@pytest.mark.parametrize("check", [LOGS, METRICS, ALERTS])
class TestPresence:
    def test_the_message_names_where_it_looked(self, check: str) -> None:
        [found] = problems(check, CLUSTER)
        assert PLACES in found.message

    def test_the_search_covers_the_whole_repository(self, check: str) -> None:
        stack = release("kube-prometheus-stack") if check != LOGS else release("fluent-bit")
        files = {"cluster/main.tf": CLUSTER, "platform/main.tf": stack}
        assert states(check, files, root="cluster") == {"aws_eks_cluster.c": State.PASS}

    def test_every_environment_is_looked_at(self, check: str) -> None:
        assert states(check, {"dev/main.tf": CLUSTER}, root="dev") == {"aws_eks_cluster.c": State.FINDING}

    def test_what_may_be_there_is_not_said_to_be_missing(self, check: str) -> None:
        unknown = 'variable "chart" {}\n' + release("x").replace('chart = "x"', "chart = var.chart")
        assert states(check, CLUSTER + unknown)["aws_eks_cluster.c"] is State.NOT_EVALUATED


@pytest.mark.parametrize(
    "resource",
    [
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_log_anomaly_detector",
        "aws_prometheus_rule_group_namespace",
        "aws_prometheus_alert_manager_definition",
        "grafana_rule_group",
        "newrelic_alert_policy",
        "pagerduty_service",
    ],
)
def test_alerts_of_every_kind(resource: str) -> None:
    assert problems(ALERTS, CLUSTER + f'resource "{resource}" "x" {{\n}}\n') == []


@pytest.mark.parametrize("check", [LOGS, METRICS, ALERTS])
def test_add_ons_from_another_repository(check: str) -> None:
    assert states(check, CLUSTER + release("argo-cd"))["aws_eks_cluster.c"] is State.NOT_EVALUATED


def test_a_prometheus_rule_in_yaml_is_an_alert() -> None:
    rule = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: nodes\n"
    assert problems(ALERTS, {"main.tf": CLUSTER, "monitoring/rules.yaml": rule}) == []


def test_what_is_beyond_the_basics_is_named() -> None:
    code = CLUSTER + 'resource "aws_cloudwatch_log_metric_filter" "f" {\n}\n'
    [found] = problems(BEYOND, code)
    assert found.message == (
        f"Not defined as code: Grafana, service level objectives. Looked among {PLACES}."
    )


def alarm(*arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "aws_cloudwatch_metric_alarm" "a" {{\n  alarm_name = "nodes"\n{lines}}}\n'


class TestActions:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            (alarm(), 'resource "aws_cloudwatch_metric_alarm" "a" {'),
            (alarm("alarm_actions = []"), "alarm_actions = []"),
            (alarm('alarm_actions = ["arn"]', "actions_enabled = false"), "actions_enabled = false"),
            (alarm('ok_actions = ["arn"]'), 'resource "aws_cloudwatch_metric_alarm" "a" {'),
        ],
    )
    def test_notifies_nobody(self, code: str, text: str) -> None:
        [found] = problems(ACTIONS, code)
        assert (found.text, found.message) == (text, "Alarm `nodes` notifies nobody.")

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param('variable "t" {}\n' + alarm("alarm_actions = [var.t]"), id="a topic, be it unknown"),
            pytest.param(
                alarm() + 'resource "aws_cloudwatch_composite_alarm" "c" {\n'
                '  alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.a.alarm_name})"\n'
                '  alarm_actions = ["arn"]\n}\n',
                id="part of a composite alarm",
            ),
            pytest.param(
                alarm("alarm_actions = [aws_autoscaling_policy.out.arn]")
                + 'resource "aws_autoscaling_policy" "out" {\n}\n',
                id="scales a group",
            ),
            pytest.param(
                alarm() + 'resource "aws_codedeploy_deployment_group" "d" {\n  alarm_configuration {\n'
                '    alarms = ["nodes"]\n  }\n}\n',
                id="stops a deployment",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(ACTIONS, code) == []

    def test_an_unknown_list(self) -> None:
        code = 'variable "t" {}\n' + alarm("alarm_actions = var.t")
        assert states(ACTIONS, code) == {"aws_cloudwatch_metric_alarm.a": State.NOT_EVALUATED}

    def test_no_topic_is_guessed(self) -> None:
        topics = 'resource "aws_sns_topic" "a" {\n}\nresource "aws_sns_topic" "b" {\n}\n'
        with pytest.raises(AssertionError, match="offers no fix"):
            with_fixes(ACTIONS, topics + alarm())
