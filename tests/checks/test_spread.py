"""Issue 3.1: replicas of charts and add-ons, and disruption budgets that nobody wrote yet."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states

SPREAD, BUDGET, DRAIN = "EKS-REL-105", "EKS-REL-106", "EKS-REL-107"


def release(chart: str, *arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "helm_release" "r" {{\n  name  = "r"\n  chart = "{chart}"\n{lines}}}\n'


def values(*lines: str) -> str:
    text = "".join(f"    {each}\n" for each in lines)
    return f"values = [<<-YAML\n{text}  YAML\n  ]"


class TestCharts:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(
                'provider "aws" {}\n' + release("ingress-nginx"),
                'resource "helm_release" "r" {',
                id="the chart's own default",
            ),
            pytest.param(
                release("ingress-nginx", values("controller:", "  replicaCount: 1")),
                "replicaCount: 1",
                id="values",
            ),
            pytest.param(
                release(
                    "ingress-nginx",
                    values("controller:", "  replicaCount: 3"),
                    'set {\n    name  = "controller.replicaCount"\n    value = "1"\n  }',
                ),
                'value = "1"',
                id="set wins over values",
            ),
            pytest.param(
                release("aws-load-balancer-controller", 'set = [{ name = "replicaCount", value = 1 }]'),
                'set = [{ name = "replicaCount", value = 1 }]',
                id="set of version 3 of the provider",
            ),
            pytest.param(
                release("ingress-nginx", "values = [yamlencode({ controller = { replicaCount = 1 } })]"),
                "values = [yamlencode({ controller = { replicaCount = 1 } })]",
                id="encoded",
            ),
            pytest.param(
                release(
                    "ingress-nginx",
                    values("controller:", "  autoscaling:", "    enabled: true", "    minReplicas: 1"),
                ),
                "minReplicas: 1",
                id="an autoscaler that keeps one",
            ),
            pytest.param(
                'resource "aws_eks_addon" "d" {\n  addon_name = "coredns"\n'
                "  configuration_values = jsonencode({ replicaCount = 1 })\n}\n",
                "configuration_values = jsonencode({ replicaCount = 1 })",
                id="add-on",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  addons = {\n'
                '    coredns = { configuration_values = "{\\"replicaCount\\": 1}" }\n  }\n}\n',
                'coredns = { configuration_values = "{\\"replicaCount\\": 1}" }',
                id="add-on of the module",
            ),
        ],
    )
    def test_one_replica(self, code: str, text: str) -> None:
        [found] = problems(SPREAD, code)
        assert found.text == text
        assert found.message.endswith("runs 1 replica: the loss of one node or zone can stop it.")

    @pytest.mark.parametrize(
        ("code", "state"),
        [
            pytest.param(
                'provider "aws" {}\n' + release("aws-load-balancer-controller"),
                State.PASS,
                id="two by default",
            ),
            pytest.param(release("ingress-nginx"), State.NOT_EVALUATED, id="callers may set it"),
            pytest.param(
                release("ingress-nginx", values("controller:", "  replicaCount: 3")), State.PASS, id="three"
            ),
            pytest.param(
                release("ingress-nginx", values("controller:", "  kind: DaemonSet")),
                State.NOT_APPLICABLE,
                id="one on each node",
            ),
            pytest.param(
                release(
                    "ingress-nginx",
                    values("controller:", "  autoscaling:", "    enabled: true", "    minReplicas: 2"),
                ),
                State.PASS,
                id="an autoscaler",
            ),
            pytest.param(
                'variable "v" {}\n' + release("ingress-nginx", "values = [var.v]"),
                State.NOT_EVALUATED,
                id="values that are not known",
            ),
            pytest.param(
                'provider "aws" {}\nresource "aws_eks_addon" "d" {\n  addon_name = "coredns"\n}\n',
                State.PASS,
                id="CoreDNS",
            ),
        ],
    )
    def test_fine(self, code: str, state: State) -> None:
        assert list(states(SPREAD, code).values()) == [state]

    def test_other_charts_are_not_looked_at(self) -> None:
        assert states(SPREAD, release("grafana", values("replicas: 1"))) == {}


def deployment(
    spec: str = "replicas = 3", name: str = "api", namespace: str = "shop", labels: str = '{ app = "api" }'
) -> str:
    return (
        f'resource "kubernetes_deployment_v1" "x" {{\n  metadata {{\n    name = "{name}"\n'
        f'    namespace = "{namespace}"\n  }}\n  spec {{\n    {spec}\n    template {{\n      metadata {{\n'
        f"        labels = {labels}\n      }}\n    }}\n  }}\n}}\n"
    )


class TestSingletons:
    @pytest.mark.parametrize(
        "name", ["my-operator", "build-controller", "cron-runner", "db-migrate", "nightly-job", "leader"]
    )
    def test_by_name(self, name: str) -> None:
        code = deployment("replicas = 1", name=name)
        assert states(SPREAD, code) == {"kubernetes_deployment_v1.x": State.NOT_APPLICABLE}
        assert states(BUDGET, deployment(name=name)) == {"kubernetes_deployment_v1.x": State.NOT_APPLICABLE}

    def test_by_strategy(self) -> None:
        code = deployment('replicas = 1\n    strategy {\n      type = "Recreate"\n    }')
        assert states(SPREAD, code) == {"kubernetes_deployment_v1.x": State.NOT_APPLICABLE}

    @pytest.mark.parametrize(
        "kind", ["kubernetes_daemon_set_v1", "kubernetes_job_v1", "kubernetes_cron_job_v1"]
    )
    def test_by_kind(self, kind: str) -> None:
        code = deployment().replace("kubernetes_deployment_v1", kind)
        assert states(SPREAD, code) == {f"{kind}.x": State.NOT_APPLICABLE}
        assert states(BUDGET, code) == {f"{kind}.x": State.NOT_APPLICABLE}


class TestBudgetToCopy:
    def test_the_advice_is_the_budget(self) -> None:
        code = deployment(labels='{ app = "api", "app.kubernetes.io/part-of" = "shop" }')
        [hint] = [each.hint for outcome in outcomes(BUDGET, code) for each in outcome.problems]
        assert hint == (
            "Add the budget below: it lets one pod go at a time.\n\n```hcl\n"
            'resource "kubernetes_pod_disruption_budget_v1" "x" {\n  metadata {\n'
            '    name      = "api"\n    namespace = "shop"\n  }\n\n  spec {\n'
            '    max_unavailable = "1"\n\n    selector {\n      match_labels = {\n'
            '        app                         = "api"\n'
            '        "app.kubernetes.io/part-of" = "shop"\n'
            "      }\n    }\n  }\n}\n```"
        )

    def test_with_the_budget_added_it_is_silent(self) -> None:
        code = deployment()
        [hint] = [each.hint for outcome in outcomes(BUDGET, code) for each in outcome.problems]
        added = hint.partition("```hcl\n")[2].removesuffix("```")
        assert problems(BUDGET, code + added) == []

    def test_names_that_would_need_quoting_are_not_copied(self) -> None:
        code = deployment(labels='{ app = "a b" }')
        assert [each.hint for outcome in outcomes(BUDGET, code) for each in outcome.problems] == [""]

    def test_a_template_may_make_the_budget(self) -> None:
        template = (
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: {{ .Release.Name }}\n"
            "spec:\n  {{- toYaml .Values.pdb | nindent 2 }}\n"
        )
        files = {"main.tf": deployment(), "charts/api/templates/pdb.yaml": template}
        assert states(BUDGET, files) == {"kubernetes_deployment_v1.x": State.NOT_EVALUATED}
        assert reasons(BUDGET, files) == [
            "`charts/api/templates/pdb.yaml` is a template, and what it makes is not known"
        ]

    def test_one_budget_that_matches_suffices_beside_an_unknown_one(self) -> None:
        budget = (
            'resource "kubernetes_pod_disruption_budget_v1" "%s" {\n  metadata {\n    namespace = "shop"\n  }\n'
            "  spec {\n    selector {\n      match_labels = %s\n    }\n  }\n}\n"
        )
        unknown = 'variable "l" {}\n' + budget % ("a", "var.l")
        assert states(BUDGET, deployment() + unknown)["kubernetes_deployment_v1.x"] is State.NOT_EVALUATED
        both = unknown + budget % ("b", '{ app = "api" }')
        assert states(BUDGET, deployment() + both)["kubernetes_deployment_v1.x"] is State.PASS

    def test_an_autoscaler_that_keeps_two_counts_as_replicas(self) -> None:
        scaler = (
            'resource "kubernetes_horizontal_pod_autoscaler_v2" "h" {\n  spec {\n    min_replicas = 2\n'
            '    scale_target_ref {\n      name = "api"\n    }\n  }\n}\n'
        )
        [found] = problems(BUDGET, deployment("") + scaler)
        assert found.message.startswith("`api` has 2 replicas but no disruption budget")
        assert states(BUDGET, deployment("")) == {"kubernetes_deployment_v1.x": State.NOT_APPLICABLE}

    def test_charts_may_bring_their_own(self) -> None:
        assert states(BUDGET, release("ingress-nginx")) == {}


def test_an_unknown_number_of_replicas_decides_no_budget() -> None:
    budget = (
        'variable "n" {}\nresource "kubernetes_pod_disruption_budget_v1" "b" {\n  metadata {\n'
        '    namespace = "shop"\n  }\n  spec {\n    min_available = 2\n    selector {\n'
        '      match_labels = { app = "api" }\n    }\n  }\n}\n'
    )
    code = budget + deployment("replicas = var.n")
    assert states(DRAIN, code)["kubernetes_pod_disruption_budget_v1.b"] is State.NOT_EVALUATED
    [found] = problems(DRAIN, budget + deployment("replicas = 2"))
    assert found.text == "min_available = 2"
