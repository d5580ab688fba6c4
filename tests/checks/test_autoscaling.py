"""Issue 3.2: counts that Terraform resets, missing autoscalers, services and subnets without room."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.views.component.component import PLACES
from tests.checks.blocks import node_group
from tests.checks.harness import problems, reasons, states
from tests.checks.suggested import with_fixes

RESET, NODES, METRICS, FIXED, HPA, SUBNET = (f"EKS-REL-{number}" for number in range(202, 208))
AUTOSCALER = 'resource "helm_release" "a" {\n  name  = "a"\n  chart = "cluster-autoscaler"\n}\n'
KARPENTER = 'resource "helm_release" "k" {\n  name  = "karpenter"\n  chart = "karpenter"\n}\n'


SCALING = ("scaling_config {", "  desired_size = 2", "  min_size     = 1", "  max_size     = 5", "}")


def ignoring(what: str) -> tuple[str, ...]:
    return ("lifecycle {", f"  ignore_changes = {what}", "}")


class TestReset:
    def test_a_node_group_beside_an_autoscaler(self) -> None:
        [found] = problems(RESET, node_group(*SCALING) + AUTOSCALER)
        assert found.text == "desired_size = 2"
        assert found.message == (
            "Each apply resets `desired_size` of `n`, which the Cluster Autoscaler (`helm_release.a`) chose."
        )

    def test_an_auto_scaling_group_by_its_tags(self) -> None:
        code = """\
            resource "aws_autoscaling_group" "g" {
              desired_capacity = 2
              min_size         = 1
              max_size         = 5
              tag {
                key = "k8s.io/cluster-autoscaler/enabled"
              }
            }
            """
        assert [each.text for each in problems(RESET, code)] == ["desired_capacity = 2"]
        assert "  lifecycle {\n    ignore_changes = [desired_capacity]\n  }\n" in with_fixes(RESET, code)

    def test_a_node_group_by_the_tags_that_an_autoscaler_looks_for(self) -> None:
        tags = 'tags = { "k8s.io/cluster-autoscaler/enabled" = "true" }'
        assert [each.text for each in problems(RESET, node_group(*SCALING, tags))] == ["desired_size = 2"]
        other = 'tags = { "k8s.io/other" = "true" }'
        assert problems(RESET, node_group(*SCALING, other)) == []

    @pytest.mark.parametrize(
        "what",
        [
            "[scaling_config[0].desired_size]",
            "[tags, scaling_config[0].desired_size]",
            "[scaling_config]",
            "all",
            "[\n    scaling_config[0].desired_size,\n  ]",
        ],
    )
    def test_ignored(self, what: str) -> None:
        assert problems(RESET, node_group(*SCALING, *ignoring(what)) + AUTOSCALER) == []

    def test_a_lifecycle_block_that_ignores_nothing_is_completed(self) -> None:
        lifecycle = ("lifecycle {", "  create_before_destroy = true", "}")
        fixed = with_fixes(RESET, node_group(*SCALING, *lifecycle) + AUTOSCALER)
        assert (
            "  lifecycle {\n    ignore_changes        = [scaling_config[0].desired_size]\n"
            "    create_before_destroy = true\n  }\n"
        ) in fixed
        assert problems(RESET, fixed) == []

    def test_ignoring_something_else_does_not_help_and_is_not_overwritten(self) -> None:
        code = node_group(*SCALING, *ignoring("[tags]")) + AUTOSCALER
        assert [each.text for each in problems(RESET, code)] == ["desired_size = 2"]
        with pytest.raises(AssertionError, match="offers no fix"):
            with_fixes(RESET, code)

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group(*SCALING), id="nothing scales"),
            pytest.param(node_group(*SCALING) + KARPENTER, id="Karpenter makes nodes of its own"),
            pytest.param(
                node_group("scaling_config {", "  desired_size = 2", "  min_size = 2", "  max_size = 2", "}")
                + AUTOSCALER,
                id="no room to scale",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
                "  eks_managed_node_groups = {\n    a = { desired_size = 2 }\n  }\n}\n" + AUTOSCALER,
                id="the module ignores it",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(RESET, code) == []

    def test_a_deployment_with_an_autoscaler(self) -> None:
        assert [
            each.text for each in problems(RESET, deployment("replicas = 3") + hpa("min_replicas = 2"))
        ] == ["replicas = 3"]
        assert problems(RESET, deployment("replicas = 3")) == []
        assert problems(RESET, deployment() + hpa("min_replicas = 2")) == []


def deployment(*spec: str, container: str = "") -> str:
    lines = "".join(f"    {each}\n" for each in spec)
    return f"""\
resource "kubernetes_deployment_v1" "api" {{
  metadata {{
    name = "api"
  }}
  spec {{
{lines}    template {{
      metadata {{
        labels = {{ app = "api" }}
      }}
      spec {{
        container {{
          name = "api"
{container}        }}
      }}
    }}
  }}
}}
"""


def hpa(*spec: str, target: str = '"api"') -> str:
    lines = "".join(f"    {each}\n" for each in spec)
    return f"""\
resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {{
  metadata {{
    name = "api"
  }}
  spec {{
{lines}    max_replicas = 10
    scale_target_ref {{
      kind = "Deployment"
      name = {target}
    }}
  }}
}}
"""


CLUSTER = 'resource "aws_eks_cluster" "c" {\n  name = "shop"\n}\n'


class TestPresence:
    def test_nothing_scales_nodes(self) -> None:
        [found] = problems(NODES, CLUSTER)
        assert found.text == 'resource "aws_eks_cluster" "c" {'
        assert found.message.startswith("Nothing scales the nodes of `shop` when pods are pending")

    @pytest.mark.parametrize(
        "beside",
        [
            pytest.param(KARPENTER, id="Helm"),
            pytest.param(
                'module "k" {\n  source = "terraform-aws-modules/eks/aws//modules/karpenter"\n}\n',
                id="submodule",
            ),
            pytest.param(
                (
                    'module "a" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n'
                    "  enable_cluster_autoscaler = true\n}\n"
                ),
                id="blueprints",
            ),
        ],
    )
    def test_something_scales_nodes(self, beside: str) -> None:
        assert problems(NODES, CLUSTER + beside) == []

    def test_auto_mode_scales_nodes_and_brings_metrics(self) -> None:
        code = (
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
            "  compute_config = { enabled = true }\n}\n"
        )
        assert states(NODES, code) == {"module.eks": State.PASS}
        assert states(METRICS, code) == {"module.eks": State.NOT_APPLICABLE}

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                'resource "aws_eks_cluster" "c" {\n  compute_config {\n    enabled = true\n  }\n}\n',
                id="resource",
            ),
            pytest.param(
                'module "c" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.31"\n'
                "  cluster_compute_config = { enabled = true }\n}\n",
                id="module 20",
            ),
            pytest.param(
                'module "c" {\n  source = "cloudposse/eks-cluster/aws"\n'
                "  auto_mode_compute_config = { enabled = true }\n}\n",
                id="cloudposse",
            ),
        ],
    )
    def test_auto_mode_however_it_is_declared(self, code: str) -> None:
        assert list(states(NODES, code).values()) == [State.PASS]
        off = code.replace("enabled = true", "enabled = false")
        assert list(states(NODES, off).values()) == [State.FINDING]

    @pytest.mark.parametrize("chart", ["ocean-controller", "castai-agent"])
    def test_autoscalers_of_others(self, chart: str) -> None:
        assert problems(NODES, CLUSTER + KARPENTER.replace("karpenter", chart)) == []

    def test_the_search_covers_the_whole_repository(self) -> None:
        files = {"cluster/main.tf": CLUSTER, "addons/main.tf": KARPENTER}
        assert states(NODES, files, root="cluster") == {"aws_eks_cluster.c": State.PASS}

    def test_the_message_names_where_it_looked(self) -> None:
        assert problems(NODES, CLUSTER)[0].message.endswith(f"no autoscaler among {PLACES}.")

    def test_every_environment_is_looked_at(self) -> None:
        for check in (NODES, METRICS):
            assert states(check, {"dev/main.tf": CLUSTER}, root="dev") == {"aws_eks_cluster.c": State.FINDING}

    def test_fargate_needs_no_nodes(self) -> None:
        code = CLUSTER + 'resource "aws_eks_fargate_profile" "f" {\n}\n'
        assert states(NODES, code) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}

    def test_tags_for_an_autoscaler_say_that_it_is_elsewhere(self) -> None:
        code = CLUSTER + node_group('tags = { "k8s.io/cluster-autoscaler/enabled" = "true" }')
        assert states(NODES, code) == {"aws_eks_cluster.c": State.NOT_EVALUATED}
        assert reasons(NODES, code) == ["`main.tf` has tags for an autoscaler, so something else installs it"]

    def test_gitops_from_another_repository(self) -> None:
        code = CLUSTER + 'resource "helm_release" "a" {\n  name  = "argo-cd"\n  chart = "argo-cd"\n}\n'
        for check in (NODES, METRICS):
            assert states(check, code) == {"aws_eks_cluster.c": State.NOT_EVALUATED}

    def test_metrics_server(self) -> None:
        [found] = problems(METRICS, CLUSTER)
        assert found.message == (
            "metrics-server is not installed: autoscalers by CPU or memory and `kubectl top` do not work on "
            f"`shop`. Nothing among {PLACES} installs it."
        )
        addon = 'resource "aws_eks_addon" "m" {\n  addon_name = "metrics-server"\n}\n'
        assert problems(METRICS, CLUSTER + addon) == []


class TestMetricsForAutoscalers:
    def test_an_autoscaler_is_where_it_is_reported(self) -> None:
        [found] = problems(METRICS, CLUSTER + hpa("min_replicas = 2"))
        assert found.text == 'resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {'
        assert found.message == (
            "metrics-server is not installed: autoscaler `api` does not learn the CPU and memory that pods use. "
            f"Nothing among {PLACES} installs it."
        )

    EXTERNAL = ("metric {", '  type = "External"', "}")

    @pytest.mark.parametrize(
        ("beside", "state"),
        [
            (KARPENTER.replace("karpenter", "keda"), State.NOT_APPLICABLE),
            (KARPENTER.replace("karpenter", "prometheus-adapter"), State.NOT_APPLICABLE),
            ("", State.FINDING),
        ],
    )
    def test_other_metrics_need_an_adapter(self, beside: str, state: State) -> None:
        code = CLUSTER + hpa("min_replicas = 2", *self.EXTERNAL) + beside
        assert list(states(METRICS, code).values()) == [state]

    def test_one_that_goes_by_cpu_suffices(self) -> None:
        other = hpa("min_replicas = 2").replace('v2" "api"', 'v2" "web"')
        code = CLUSTER + hpa(*self.EXTERNAL) + other + KARPENTER.replace("karpenter", "keda")
        assert [(each.address, each.text) for each in problems(METRICS, code)] == [
            ("aws_eks_cluster.c", 'resource "kubernetes_horizontal_pod_autoscaler_v2" "web" {')
        ]

    def test_a_cluster_of_another_repository_may_have_it(self) -> None:
        assert reasons(METRICS, hpa("min_replicas = 2")) == [
            "neither the cluster nor, perhaps, its add-ons are in this repository"
        ]
        elsewhere = {"main.tf": hpa("min_replicas = 2"), "cluster/main.tf": CLUSTER}
        assert list(states(METRICS, elsewhere).values()) == [State.FINDING]


SERVICE = 'resource "kubernetes_service_v1" "api" {\n  spec {\n    selector = { app = "api" }\n  }\n}\n'


class TestServices:
    def test_a_service_without_autoscaler(self) -> None:
        [found] = problems(FIXED, deployment() + SERVICE)
        assert found.message == (
            "1 service has no HPA, VPA or ScaledObject in the manifests of this repository: `api`."
        )

    def test_a_deployment_without_traffic_is_no_service(self) -> None:
        assert states(FIXED, deployment()) == {}

    def test_keda_scales_too(self) -> None:
        scaled = """\
resource "kubernetes_manifest" "s" {
  manifest = {
    apiVersion = "keda.sh/v1alpha1"
    kind       = "ScaledObject"
    metadata   = { name = "api" }
    spec       = { scaleTargetRef = { name = "api" } }
  }
}
"""
        assert problems(FIXED, deployment() + SERVICE + scaled) == []

    VPA = """\
resource "kubernetes_manifest" "v" {
  manifest = {
    apiVersion = "autoscaling.k8s.io/v1"
    kind       = "VerticalPodAutoscaler"
    spec       = { targetRef = { kind = "Deployment", name = "%s" } }
  }
}
"""

    def test_a_vertical_autoscaler_is_one_too(self) -> None:
        assert problems(FIXED, deployment() + SERVICE + self.VPA % "api") == []
        [found] = problems(FIXED, deployment() + SERVICE + self.VPA % "web")
        assert found.message.endswith("in the manifests of this repository: `api`.")

    def test_up_to_five_are_named(self) -> None:
        services = "".join(
            deployment().replace('"api"', f'"s{number}"') + SERVICE.replace('"api"', f'"s{number}"')
            for number in range(7)
        )
        [found] = problems(FIXED, services)
        assert found.message == (
            "7 services have no HPA, VPA or ScaledObject in the manifests of this repository: "
            "`s0`, `s1`, `s2`, `s3`, `s4` and 2 more."
        )

    def test_operators_are_not_meant_to_scale(self) -> None:
        code = deployment().replace('name = "api"', 'name = "api-operator"', 1) + SERVICE
        assert list(states(FIXED, code).values()) == [State.PASS]

    def test_a_template_may_make_the_autoscaler(self) -> None:
        template = "kind: HorizontalPodAutoscaler\nmetadata:\n  name: {{ .Values.name }}\n{{ end }}\n"
        files = {"main.tf": deployment() + SERVICE, "charts/api/templates/hpa.yaml": template}
        assert list(states(FIXED, files).values()) == [State.NOT_EVALUATED]


class TestPodAutoscaler:
    def test_without_a_minimum_one_is_the_least(self) -> None:
        code = hpa().replace("max_replicas = 10", "max_replicas = 1")
        assert [each.text for each in problems(HPA, code)] == ["max_replicas = 1"]

    def test_a_share_of_a_request_that_nobody_made(self) -> None:
        code = deployment() + hpa("target_cpu_utilization_percentage = 80")
        [found] = problems(HPA, code)
        assert found.message == "Autoscaler `api` can never scale: a container of `api` requests no cpu."

    @pytest.mark.parametrize("target", ['"api"', "kubernetes_deployment_v1.api.metadata[0].name"])
    def test_with_a_request(self, target: str) -> None:
        requests = '          resources {\n            requests = { cpu = "100m" }\n          }\n'
        code = deployment(container=requests) + hpa("target_cpu_utilization_percentage = 80", target=target)
        assert problems(HPA, code) == []

    def test_a_default_of_the_namespace_is_a_request(self) -> None:
        limits = 'resource "kubernetes_limit_range_v1" "l" {\n  metadata {\n    name = "l"\n  }\n}\n'
        code = deployment() + hpa("target_cpu_utilization_percentage = 80")
        assert [each.message for each in problems(HPA, code)] == [
            "Autoscaler `api` can never scale: a container of `api` requests no cpu."
        ]
        assert problems(HPA, code + limits) == []

    def test_a_target_that_nobody_makes(self) -> None:
        code = deployment().replace('name = "api"', 'name = "web"', 1) + hpa("min_replicas = 2")
        [found] = problems(HPA, code)
        assert (found.text, found.message) == (
            'name = "api"',
            "Autoscaler `api` can never scale: no workload is called `api`.",
        )

    WEB = deployment().replace('name = "api"', 'name = "web"', 1) + hpa("min_replicas = 2")

    @pytest.mark.parametrize(
        ("files", "reason"),
        [
            pytest.param(
                {"main.tf": hpa("min_replicas = 2")}, "may be in another module", id="no workload here"
            ),
            pytest.param({"main.tf": WEB + KARPENTER}, "may be part of a chart", id="beside a chart"),
            pytest.param(
                {"main.tf": WEB, "other/main.tf": deployment()},
                "`other/main.tf` may make the workload",
                id="named in another module",
            ),
            pytest.param(
                {"main.tf": WEB, "k8s/api.yaml": "kind: Deployment\nmetadata:\n  name: api\n"},
                "`k8s/api.yaml` may make the workload",
                id="named in a manifest",
            ),
        ],
    )
    def test_a_target_from_elsewhere(self, files: dict[str, str], reason: str) -> None:
        assert problems(HPA, files) == []
        [found] = reasons(HPA, files)
        assert reason in found

    def test_unknown_limits(self) -> None:
        code = 'variable "n" {}\n' + hpa().replace("max_replicas = 10", "max_replicas = var.n")
        assert list(states(HPA, code).values()) == [State.NOT_EVALUATED]


def subnet(cidr: str) -> str:
    return f'resource "aws_subnet" "s" {{\n  cidr_block = {cidr}\n}}\n' + node_group(
        "subnet_ids = [aws_subnet.s.id]"
    )


class TestSubnet:
    def test_the_message_counts_what_is_left(self) -> None:
        [found] = problems(SUBNET, subnet('"10.0.1.0/26"'))
        assert found.text == 'cidr_block = "10.0.1.0/26"'
        assert found.message == (
            "Node subnet `10.0.1.0/26` offers 59 addresses; every pod takes one, so scaling out will stall."
        )

    def test_the_prefix_is_a_setting(self) -> None:
        assert problems(SUBNET, subnet('"10.0.0.0/23"')) == []
        [found] = problems(SUBNET, subnet('"10.0.0.0/23"'), max_prefix=22)
        assert found.message.startswith("Node subnet `10.0.0.0/23` offers 507 addresses; ")
        assert problems(SUBNET, subnet('"10.0.1.0/26"'), max_prefix=26) == []

    def test_computed_ranges(self) -> None:
        assert "`10.0.1.0/26`" in problems(SUBNET, subnet('cidrsubnet("10.0.0.0/16", 10, 4)'))[0].message
        assert problems(SUBNET, subnet('cidrsubnet("10.0.0.0/16", 4, 1)')) == []

    def test_subnets_of_the_module(self) -> None:
        code = (
            'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n'
            '  private_subnets = ["10.0.1.0/26", "10.0.16.0/20"]\n}\n'
        ) + node_group("subnet_ids = module.vpc.private_subnets")
        assert [each.message[:25] for each in problems(SUBNET, code)] == ["Node subnet `10.0.1.0/26`"]

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(subnet('"10.0.1.0/24"'), id="a /24"),
            pytest.param(
                'resource "aws_subnet" "s" {\n  cidr_block = "10.0.1.0/28"\n}\n', id="not for nodes"
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n  cidr_block = "10.0.1.0/28"\n}\n'
                'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    subnet_ids = [aws_subnet.s.id]\n  }\n}\n',
                id="for the cluster alone",
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n  cidr_block = "10.0.1.0/26"\n}\n'
                'resource "aws_eks_fargate_profile" "f" {\n  subnet_ids = [aws_subnet.s.id]\n}\n',
                id="for Fargate alone",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(SUBNET, code) == []

    @pytest.mark.parametrize(
        "beside",
        [
            pytest.param('locals {\n  env = { ENABLE_PREFIX_DELEGATION = "true" }\n}\n', id="prefixes"),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  ip_family = "ipv6"\n}\n',
                id="IPv6",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
                "  compute_config = { enabled = true }\n}\n",
                id="Auto Mode",
            ),
            pytest.param(
                'resource "kubernetes_manifest" "e" {\n  manifest = { kind = "ENIConfig" }\n}\n',
                id="custom networking",
            ),
            pytest.param('resource "aws_vpc_ipv4_cidr_block_association" "pods" {\n}\n', id="a second range"),
        ],
    )
    def test_pods_have_other_addresses(self, beside: str) -> None:
        assert State.NOT_APPLICABLE in states(SUBNET, subnet('"10.0.1.0/26"') + beside).values()
        assert problems(SUBNET, subnet('"10.0.1.0/26"') + beside) == []
