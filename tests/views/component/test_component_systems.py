"""The systems that the catalogue is about, each by every way of declaring it."""

from __future__ import annotations

import pytest

from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component import find_in_root
from tests.views.component.test_component import ADDON, ARGO, BLUEPRINTS, FLUX, RELEASE, context, found

BLUEPRINT_ADDON = 'module "x" {\n  source = "aws-ia/eks-blueprints-addon/aws"\n  chart = "%s"\n}\n'
BLUEPRINT_RELEASES = (
    'module "x" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n'
    '  helm_releases = { one = { chart = "%s" } }\n}\n'
)
BLUEPRINT_ADDONS = (
    'module "x" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  eks_addons = { %s = {} }\n}\n'
)
MODULE = 'module "x" {\n  source = "%s"\n}\n'
TYPED = 'resource "%s" "x" {\n  metadata {\n    name = "%s"\n  }\n}\n'
MANIFEST = 'resource "kubernetes_manifest" "x" {\n  manifest = %s\n}\n'
KUBECTL = 'resource "kubectl_manifest" "x" {\n  yaml_body = <<-YAML\n    %s\n  YAML\n}\n'


def manifest_in_hcl(kind: str, name: str, api: str = "apps/v1") -> str:
    return MANIFEST % f'{{ apiVersion = "{api}", kind = "{kind}", metadata = {{ name = "{name}" }} }}'


def yaml_object(kind: str, name: str, api: str = "apps/v1", indent: str = "") -> str:
    lines = (f"apiVersion: {api}", f"kind: {kind}", "metadata:", f"  name: {name}")
    return f"\n{indent}".join(lines)


def kubectl(kind: str, name: str, api: str = "apps/v1") -> str:
    return KUBECTL % yaml_object(kind, name, api, "    ")


CHARTS = {
    "cluster-autoscaler": "cluster-autoscaler",
    "karpenter": "karpenter",
    "vertical-pod-autoscaler": "vpa",
    "metrics-server": "metrics-server",
    "fluentd": "fluentd",
    "fluent-bit": "aws-for-fluent-bit",
    "container-insights": "aws-cloudwatch-metrics",
    "prometheus": "kube-prometheus-stack",
    "grafana": "grafana",
}
"""Systems that a chart installs, with one chart of each."""


@pytest.mark.parametrize(("system", "chart"), CHARTS.items())
class TestCharts:
    def test_helm_release(self, system: str, chart: str) -> None:
        assert found(system, {"x.tf": RELEASE % chart}) == "helm_release.x"
        oci = RELEASE % f"oci://registry.example/charts/{chart}"
        assert found(system, {"x.tf": oci}) == "helm_release.x"

    def test_blueprints_module_for_one_add_on(self, system: str, chart: str) -> None:
        assert found(system, {"x.tf": BLUEPRINT_ADDON % chart}) == "module.x"

    def test_releases_of_the_blueprints_module(self, system: str, chart: str) -> None:
        assert found(system, {"x.tf": BLUEPRINT_RELEASES % chart}) == "module.x"

    def test_argo_cd_application(self, system: str, chart: str) -> None:
        assert found(system, {"gitops/app.yaml": ARGO.replace("velero", chart)}) == "gitops/app.yaml"
        spec = f'{{ source = {{ chart = "{chart}" }} }}'
        code = MANIFEST % f'{{ apiVersion = "argoproj.io/v1alpha1", kind = "Application", spec = {spec} }}'
        assert found(system, {"x.tf": code}) == "kubernetes_manifest.x"

    def test_flux_release(self, system: str, chart: str) -> None:
        assert found(system, {"gitops/release.yaml": FLUX.replace("velero", chart)}) == "gitops/release.yaml"

    def test_chart_that_depends_on_it(self, system: str, chart: str) -> None:
        content = f"name: platform\ndependencies:\n  - name: {chart}\n    version: 1.0.0\n"
        assert found(system, {"charts/platform/Chart.yaml": content}) == "charts/platform/Chart.yaml"

    def test_another_chart_is_not_it(self, system: str, chart: str) -> None:
        assert found(system, {"x.tf": RELEASE % f"not-{chart}"}) is None


@pytest.mark.parametrize(
    ("system", "addon"),
    [
        ("metrics-server", "metrics-server"),
        ("fluent-bit", "fluent-bit"),
        ("container-insights", "amazon-cloudwatch-observability"),
        ("prometheus", "prometheus-node-exporter"),
        ("log-shipper", "amazon-cloudwatch-observability"),
        ("log-shipper", "adot"),
        ("metrics", "adot"),
    ],
)
class TestEksAddons:
    def test_resource(self, system: str, addon: str) -> None:
        assert found(system, {"x.tf": ADDON % addon}) == "aws_eks_addon.x"

    @pytest.mark.parametrize(
        ("version", "argument"),
        [("~> 18.0", "cluster_addons"), ("~> 20.0", "cluster_addons"), ("~> 21.0", "addons")],
    )
    def test_community_module(self, system: str, addon: str, version: str, argument: str) -> None:
        code = (
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
            f'  version = "{version}"\n  {argument} = {{ {addon} = {{}} }}\n}}\n'
        )
        assert found(system, {"x.tf": code}) == f'module.eks.{argument}["{addon}"]'

    def test_blueprints_map(self, system: str, addon: str) -> None:
        assert found(system, {"x.tf": BLUEPRINT_ADDONS % addon}) == f'module.x.eks_addons["{addon}"]'


@pytest.mark.parametrize(
    ("system", "flag"),
    [
        ("cluster-autoscaler", "enable_cluster_autoscaler"),
        ("karpenter", "enable_karpenter"),
        ("vertical-pod-autoscaler", "enable_vpa"),
        ("metrics-server", "enable_metrics_server"),
        ("fluent-bit", "enable_aws_for_fluentbit"),
        ("fluent-bit", "enable_fargate_fluentbit"),
        ("container-insights", "enable_aws_cloudwatch_metrics"),
        ("prometheus", "enable_kube_prometheus_stack"),
        ("grafana", "enable_kube_prometheus_stack"),
    ],
)
def test_flags_of_the_blueprints(system: str, flag: str) -> None:
    assert found(system, {"x.tf": BLUEPRINTS % flag}) == "module.addons"
    assert found(system, {"x.tf": (BLUEPRINTS % flag).replace("true", "false")}) is None


@pytest.mark.parametrize(
    ("system", "source"),
    [
        ("cluster-autoscaler", "lablabs/eks-cluster-autoscaler/aws"),
        ("karpenter", "terraform-aws-modules/eks/aws//modules/karpenter"),
        ("metrics-server", "lablabs/eks-metrics-server/aws"),
        ("fluentd", "acme/eks-fluentd/aws"),
        ("fluent-bit", "git::https://github.com/acme/terraform-aws-eks-fluent-bit.git?ref=v1.0.0"),
        ("container-insights", "acme/eks-cloudwatch-agent/aws"),
        ("prometheus", "terraform-aws-modules/managed-service-prometheus/aws"),
        ("grafana", "terraform-aws-modules/managed-service-grafana/aws"),
        ("cloudwatch-alarms", "terraform-aws-modules/cloudwatch/aws//modules/metric-alarm"),
        (
            "cloudwatch-alarms",
            "terraform-aws-modules/cloudwatch/aws//modules/metric-alarms-by-multiple-dimensions",
        ),
        ("fargate", "terraform-aws-modules/eks/aws//modules/fargate-profile"),
        ("fargate", "cloudposse/eks-fargate-profile/aws"),
    ],
)
def test_sources_of_modules(system: str, source: str) -> None:
    assert found(system, {"x.tf": MODULE % source}) == "module.x"


OBJECTS = [
    ("cluster-autoscaler", "Deployment", "cluster-autoscaler", "apps/v1"),
    ("karpenter", "NodePool", "general", "karpenter.sh/v1"),
    ("horizontal-pod-autoscaler", "HorizontalPodAutoscaler", "api", "autoscaling/v2"),
    ("vertical-pod-autoscaler", "VerticalPodAutoscaler", "api", "autoscaling.k8s.io/v1"),
    ("metrics-server", "Deployment", "metrics-server", "apps/v1"),
    ("fluentd", "DaemonSet", "fluentd", "apps/v1"),
    ("fluent-bit", "DaemonSet", "fluent-bit", "apps/v1"),
    ("fluent-bit", "ConfigMap", "aws-logging", "v1"),
    ("container-insights", "DaemonSet", "cloudwatch-agent", "apps/v1"),
    ("container-insights", "AmazonCloudWatchAgent", "agent", "cloudwatch.aws.amazon.com/v1alpha1"),
    ("prometheus", "Prometheus", "main", "monitoring.coreos.com/v1"),
    ("prometheus", "StatefulSet", "prometheus", "apps/v1"),
    ("grafana", "Deployment", "grafana", "apps/v1"),
    ("disruption-budget", "PodDisruptionBudget", "api", "policy/v1"),
]


@pytest.mark.parametrize(("system", "kind", "name", "api"), OBJECTS)
class TestObjects:
    def test_manifest_in_hcl(self, system: str, kind: str, name: str, api: str) -> None:
        assert found(system, {"x.tf": manifest_in_hcl(kind, name, api)}) == "kubernetes_manifest.x"

    def test_manifest_as_yaml_in_hcl(self, system: str, kind: str, name: str, api: str) -> None:
        assert found(system, {"x.tf": kubectl(kind, name, api)}) == "kubectl_manifest.x"

    def test_yaml_file(self, system: str, kind: str, name: str, api: str) -> None:
        files = {"k8s/x.yaml": yaml_object(kind, name, api) + "\n"}
        assert found(system, files) == "k8s/x.yaml"

    def test_other_objects_are_not_it(self, system: str, kind: str, name: str, api: str) -> None:
        del kind, name
        assert found(system, {"x.tf": manifest_in_hcl("Service", "other", api)}) is None


@pytest.mark.parametrize(
    ("system", "resource", "name"),
    [
        ("cluster-autoscaler", "kubernetes_deployment_v1", "cluster-autoscaler"),
        ("horizontal-pod-autoscaler", "kubernetes_horizontal_pod_autoscaler", "api"),
        ("horizontal-pod-autoscaler", "kubernetes_horizontal_pod_autoscaler_v2", "api"),
        ("metrics-server", "kubernetes_deployment", "metrics-server"),
        ("fluentd", "kubernetes_daemon_set_v1", "fluentd"),
        ("fluent-bit", "kubernetes_daemonset", "fluent-bit"),
        ("fluent-bit", "kubernetes_config_map_v1", "aws-logging"),
        ("prometheus", "kubernetes_stateful_set_v1", "prometheus"),
        ("grafana", "kubernetes_deployment_v1", "grafana"),
        ("disruption-budget", "kubernetes_pod_disruption_budget_v1", "api"),
    ],
)
def test_typed_objects(system: str, resource: str, name: str) -> None:
    assert found(system, {"x.tf": TYPED % (resource, name)}) == f"{resource}.x"


@pytest.mark.parametrize(
    ("system", "resource"),
    [
        ("prometheus", "aws_prometheus_workspace"),
        ("prometheus", "aws_prometheus_scraper"),
        ("grafana", "aws_grafana_workspace"),
        ("cloudwatch-alarms", "aws_cloudwatch_metric_alarm"),
        ("cloudwatch-alarms", "aws_cloudwatch_composite_alarm"),
        ("cloudwatch-alarms", "aws_cloudwatch_log_anomaly_detector"),
        ("fargate", "aws_eks_fargate_profile"),
        ("spot", "aws_spot_instance_request"),
        ("tag-governance", "aws_ce_cost_allocation_tag"),
    ],
)
def test_resources(system: str, resource: str) -> None:
    assert found(system, {"x.tf": f'resource "{resource}" "x" {{\n}}\n'}) == f"{resource}.x"


EKS = 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n  %s\n}\n'
NODE_POOL = (
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata:\n  name: x\nspec:\n  template:\n    spec:\n"
    "      requirements:\n        - key: karpenter.sh/capacity-type\n          operator: In\n"
    "          values: [on-demand, spot]\n"
)


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ('resource "aws_eks_node_group" "x" {\n  capacity_type = "SPOT"\n}\n', "aws_eks_node_group.x"),
        (EKS % 'eks_managed_node_groups = { a = { capacity_type = "SPOT" } }', "module.eks"),
        (
            EKS % 'self_managed_node_groups = { a = { instance_market_options = { market_type = "spot" } } }',
            "module.eks",
        ),
        (
            (
                'module "x" {\n  source = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"\n'
                '  capacity_type = "SPOT"\n}\n'
            ),
            "module.x",
        ),
        (
            'module "x" {\n  source = "cloudposse/eks-node-group/aws"\n  capacity_type = "SPOT"\n}\n',
            "module.x",
        ),
        (
            'resource "aws_launch_template" "x" {\n  instance_market_options {\n    market_type = "spot"\n  }\n}\n',
            "aws_launch_template.x",
        ),
        (
            (
                'resource "aws_autoscaling_group" "x" {\n  mixed_instances_policy {\n    instances_distribution {\n'
                "      on_demand_percentage_above_base_capacity = 0\n    }\n  }\n}\n"
            ),
            "aws_autoscaling_group.x",
        ),
        (
            MANIFEST
            % '{ apiVersion = "karpenter.sh/v1", kind = "NodePool", spec = { template = { spec = { requirements = ['
            '{ key = "karpenter.sh/capacity-type", operator = "In", values = ["spot"] }] } } } }',
            "kubernetes_manifest.x",
        ),
        (KUBECTL % NODE_POOL.rstrip().replace("\n", "\n    "), "kubectl_manifest.x"),
    ],
)
def test_spot_in_terraform(code: str, place: str) -> None:
    assert found("spot", {"x.tf": code}) == place
    other = code.replace("SPOT", "ON_DEMAND").replace("spot", "on-demand").replace("= 0", "= 100")
    assert found("spot", {"x.tf": other}) is None


def test_spot_in_a_file_of_a_node_pool() -> None:
    assert found("spot", {"karpenter/pool.yaml": NODE_POOL}) == "karpenter/pool.yaml"
    assert found("spot", {"karpenter/pool.yaml": NODE_POOL.replace(", spot", "")}) is None


def test_an_unknown_capacity_type_may_be_spot() -> None:
    code = 'variable "kind" {}\nresource "aws_eks_node_group" "x" {\n  capacity_type = var.kind\n}\n'
    assert found("spot", {"x.tf": code}) == (
        "maybe: whether `aws_eks_node_group.x` sets it is not known from the code"
    )


def test_fargate_profiles_of_the_community_module() -> None:
    profiles = 'fargate_profiles = { x = { selectors = [{ namespace = "x" }] } }'
    assert found("fargate", {"x.tf": EKS % profiles}) == "module.eks"
    assert found("fargate", {"x.tf": EKS % "fargate_profiles = {}"}) is None


def test_tag_policies() -> None:
    policy = 'resource "aws_organizations_policy" "x" {\n  type = "%s"\n}\n'
    assert found("tag-policy", {"x.tf": policy % "TAG_POLICY"}) == "aws_organizations_policy.x"
    assert found("tag-policy", {"x.tf": policy % "SERVICE_CONTROL_POLICY"}) is None
    assert found("tag-governance", {"x.tf": policy % "TAG_POLICY"}) == "aws_organizations_policy.x"


@pytest.mark.parametrize(
    ("code", "place"),
    [
        (
            (
                'resource "aws_config_config_rule" "x" {\n  source {\n    owner = "AWS"\n'
                '    source_identifier = "REQUIRED_TAGS"\n  }\n}\n'
            ),
            "aws_config_config_rule.x",
        ),
        (
            'resource "aws_config_organization_managed_rule" "x" {\n  rule_identifier = "REQUIRED_TAGS"\n}\n',
            "aws_config_organization_managed_rule.x",
        ),
    ],
)
def test_rules_that_ask_for_tags(code: str, place: str) -> None:
    assert found("tag-governance", {"x.tf": code}) == place
    assert found("tag-governance", {"x.tf": code.replace("REQUIRED_TAGS", "ENCRYPTED_VOLUMES")}) is None


@pytest.mark.parametrize(
    ("path", "code", "place"),
    [
        ("p.tf", 'provider "aws" {\n  default_tags {\n    tags = {}\n  }\n}\n', "provider.aws"),
        (
            "p.tf",
            'provider "aws" {\n  alias = "dr"\n  default_tags {\n    tags = {}\n  }\n}\n',
            "provider.aws.dr",
        ),
        ("p.tf.json", '{"provider": {"aws": {"default_tags": {"tags": {}}}}}', "provider.aws"),
        ("other/p.tf", 'provider "aws" {\n  default_tags {\n    tags = {}\n  }\n}\n', "provider.aws"),
    ],
)
def test_default_tags(path: str, code: str, place: str) -> None:
    assert found("default-tags", {path: code}) == place
    assert found("default-tags", {path: code.replace("default_tags", "ignore_tags")}) is None


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("node-autoscaler", ("cluster-autoscaler", "karpenter")),
        ("log-shipper", ("fluentd", "fluent-bit")),
        ("metrics", ("container-insights", "prometheus")),
    ],
)
def test_a_component_may_be_any_of_others(whole: str, parts: tuple[str, ...]) -> None:
    for part in parts:
        assert found(whole, {"x.tf": RELEASE % CHARTS[part]}) == "helm_release.x"


def test_the_root_module_alone_can_be_asked() -> None:
    group = 'resource "aws_eks_node_group" "x" {\n  capacity_type = "SPOT"\n}\n'
    elsewhere = context({"other/x.tf": group})
    assert find_in_root(elsewhere, "spot") is None
    called = context({"other/x.tf": group, "call.tf": 'module "other" {\n  source = "./other"\n}\n'})
    evidence = find_in_root(called, "spot")
    assert evidence is not None
    assert evidence.what == "module.other.aws_eks_node_group.x"
    unknown = context({"x.tf": 'variable "p" {}\n' + EKS % "fargate_profiles = var.p"})
    with pytest.raises(UndecidedError, match=r"whether `module\.eks` sets it"):
        find_in_root(unknown, "fargate")
