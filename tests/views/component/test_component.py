"""Recognising what is installed, by every way of declaring it."""

from __future__ import annotations

import pytest

from reviewer.config.config import Config
from reviewer.config.table_kinds import ComponentNames
from reviewer.data import table
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component import find_component, find_here
from reviewer.views.context import Context
from tests.checks.harness import TODAY
from tests.trees import tree

NOTHING = {"main.tf": 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'}


def context(files: dict[str, str], own: tuple[ComponentNames, ...] = ()) -> Context:
    configuration = Configuration(tree({**NOTHING, **files}), Sources())
    return Context(configuration, configuration.root(""), Config(components=own), TODAY, is_production=True)


def found(name: str, files: dict[str, str], *own: ComponentNames) -> str | None:
    """Return the place that shows the component, ``maybe: …`` when it cannot be said."""
    try:
        evidence = find_component(context(files, own), name)
    except UndecidedError as undecided:
        return f"maybe: {undecided.reason}"
    return None if evidence is None else evidence.what


@pytest.mark.parametrize("name", table("components")["components"])
def test_nothing_is_found_where_nothing_is(name: str) -> None:
    assert found(name, {}) is None


RELEASE = 'resource "helm_release" "x" {\n  name = "one"\n  chart = "%s"\n}\n'
ADDON = 'resource "aws_eks_addon" "x" {\n  cluster_name = "prod"\n  addon_name = "%s"\n}\n'
BLUEPRINTS = 'module "addons" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  %s = true\n}\n'


@pytest.mark.parametrize(
    ("name", "chart"),
    [
        ("node-autoscaler", "cluster-autoscaler"),
        ("node-autoscaler", "oci://public.ecr.aws/karpenter/karpenter"),
        ("karpenter", "karpenter"),
        ("metrics-server", "metrics-server"),
        ("vertical-pod-autoscaler", "vpa"),
        ("event-autoscaler", "keda"),
        ("log-shipper", "aws-for-fluent-bit"),
        ("log-shipper", "fluent-bit"),
        ("log-shipper", "fluentd"),
        ("log-shipper", "datadog"),
        ("metrics", "kube-prometheus-stack"),
        ("metrics", "prometheus"),
        ("metrics", "victoria-metrics-k8s-stack"),
        ("metrics", "aws-cloudwatch-metrics"),
        ("grafana", "grafana"),
        ("secret-store", "external-secrets"),
        ("secret-store", "secrets-store-csi-driver"),
        ("network-policy-engine", "tigera-operator"),
        ("network-policy-engine", "cilium"),
        ("backup", "velero"),
        ("backup", "k10"),
        ("gitops", "argo-cd"),
        ("gitops", "flux2"),
        ("policy", "gatekeeper"),
        ("policy", "kyverno"),
        ("chaos", "chaos-mesh"),
        ("chaos", "litmus"),
    ],
)
def test_helm_releases(name: str, chart: str) -> None:
    assert found(name, {"helm.tf": RELEASE % chart}) == "helm_release.x"


@pytest.mark.parametrize(
    ("name", "addon"),
    [
        ("metrics-server", "metrics-server"),
        ("log-shipper", "amazon-cloudwatch-observability"),
        ("metrics", "amazon-cloudwatch-observability"),
        ("metrics", "adot"),
        ("secret-store", "aws-secrets-store-csi-driver-provider"),
        ("stateful-storage", "aws-ebs-csi-driver"),
        ("stateful-storage", "aws-efs-csi-driver"),
    ],
)
def test_eks_addons(name: str, addon: str) -> None:
    assert found(name, {"addons.tf": ADDON % addon}) == "aws_eks_addon.x"
    module = (
        f'module "eks" {{\n  source = "terraform-aws-modules/eks/aws"\n  addons = {{ {addon} = {{}} }}\n}}\n'
    )
    assert found(name, {"eks.tf": module}) == f'module.eks.addons["{addon}"]'
    older = module.replace("addons =", "cluster_addons =")
    assert found(name, {"eks.tf": older}) == f'module.eks.cluster_addons["{addon}"]'
    cloudposse = (
        'module "eks" {\n  source = "cloudposse/eks-cluster/aws"\n'
        f'  addons = [{{ addon_name = "{addon}" }}]\n}}\n'
    )
    assert found(name, {"eks.tf": cloudposse}) == f'module.eks.addons["{addon}"]'


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("node-autoscaler", "enable_cluster_autoscaler"),
        ("node-autoscaler", "enable_karpenter"),
        ("metrics-server", "enable_metrics_server"),
        ("vertical-pod-autoscaler", "enable_vpa"),
        ("log-shipper", "enable_aws_for_fluentbit"),
        ("metrics", "enable_kube_prometheus_stack"),
        ("metrics", "enable_aws_cloudwatch_metrics"),
        ("secret-store", "enable_external_secrets"),
        ("backup", "enable_velero"),
        ("gitops", "enable_argocd"),
        ("policy", "enable_gatekeeper"),
    ],
)
def test_blueprints_flags(name: str, flag: str) -> None:
    code = BLUEPRINTS % flag
    assert found(name, {"addons.tf": code}) == "module.addons"
    assert found(name, {"addons.tf": code.replace("true", "false")}) is None
    unknown = 'variable "on" {}\n' + code.replace("true", "var.on")
    assert found(name, {"addons.tf": unknown}) == "maybe: `var.on` has no value in the code"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("karpenter", 'source = "terraform-aws-modules/eks/aws//modules/karpenter"'),
        ("metrics", 'source = "terraform-aws-modules/managed-service-prometheus/aws"'),
        ("backup", 'source = "lablabs/eks-velero/aws"'),
        ("backup", 'source = "git::https://github.com/acme/terraform-aws-velero.git?ref=v1.0"'),
        ("gitops", 'source = "terraform-aws-modules/eks/aws//modules/capability"\n  type = "ARGOCD"'),
        (
            "backup",
            ('source = "aws-ia/eks-blueprints-addons/aws"\n  helm_releases = { v = { chart = "velero" } }'),
        ),
        ("backup", 'source = "aws-ia/eks-blueprints-addon/aws"\n  chart = "velero"'),
    ],
)
def test_module_sources(name: str, code: str) -> None:
    assert found(name, {"x.tf": f'module "x" {{\n  {code}\n}}\n'}) == "module.x"


def test_other_capabilities_are_not_argo_cd() -> None:
    code = 'module "x" {\n  source = "terraform-aws-modules/eks/aws//modules/capability"\n  type = "KRO"\n}\n'
    assert found("gitops", {"x.tf": code}) is None


@pytest.mark.parametrize(
    ("name", "code", "address"),
    [
        ("gitops", 'resource "flux_bootstrap_git" "x" {}', "flux_bootstrap_git.x"),
        ("gitops", 'resource "aws_eks_capability" "x" {\n  type = "ARGOCD"\n}', "aws_eks_capability.x"),
        ("metrics", 'resource "aws_prometheus_workspace" "x" {}', "aws_prometheus_workspace.x"),
        ("grafana", 'resource "aws_grafana_workspace" "x" {}', "aws_grafana_workspace.x"),
        ("chaos", 'resource "aws_fis_experiment_template" "x" {}', "aws_fis_experiment_template.x"),
        ("secret-store", 'data "aws_secretsmanager_secret" "x" {}', "data.aws_secretsmanager_secret.x"),
        ("stateful-storage", 'resource "kubernetes_stateful_set_v1" "x" {}', "kubernetes_stateful_set_v1.x"),
        ("stateful-storage", 'resource "kubernetes_storage_class" "x" {}', "kubernetes_storage_class.x"),
        (
            "metrics-server",
            'resource "kubernetes_deployment" "x" {\n  metadata {\n    name = "metrics-server"\n  }\n}',
            "kubernetes_deployment.x",
        ),
        (
            "karpenter",
            (
                'resource "kubernetes_manifest" "x" '
                '{\n  manifest = { apiVersion = "karpenter.sh/v1", kind = "NodePool" }\n}'
            ),
            "kubernetes_manifest.x",
        ),
        (
            "karpenter",
            (
                'resource "kubectl_manifest" "x" '
                "{\n  yaml_body = <<-Y\n    apiVersion: karpenter.sh/v1\n    kind: NodePool\n  Y\n}"
            ),
            "kubectl_manifest.x",
        ),
        (
            "backup",
            (
                'resource "kubernetes_manifest" "x" {\n  manifest = { apiVersion = "argoproj.io/v1alpha1", '
                'kind = "Application", spec = { source = { chart = "velero" } } }\n}'
            ),
            "kubernetes_manifest.x",
        ),
    ],
)
def test_resources_and_manifests_in_hcl(name: str, code: str, address: str) -> None:
    assert found(name, {"x.tf": code}) == address


ARGO = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: platform
spec:
  source:
    repoURL: https://charts.example.com
    chart: velero
"""
FLUX = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: backups
spec:
  chart:
    spec:
      chart: velero
"""


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("gitops/velero.yaml", ARGO),
        ("gitops/velero.yml", FLUX),
        ("k8s/velero.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: velero\n"),
        (
            "charts/platform/Chart.yaml",
            "name: platform\ndependencies:\n  - name: velero\n    version: 1.0.0\n",
        ),
        ("kustomization.yaml", "helmCharts:\n  - name: velero\n    repo: https://x.example\n"),
        ("helmfile.yaml", "releases:\n  - name: backups\n    chart: vmware-tanzu/velero\n"),
        ("values.yaml", "velero:\n  enabled: true\n"),
    ],
)
def test_files_of_the_repository(path: str, content: str) -> None:
    assert found("backup", {path: content}) == path


SYSTEMS = {
    "Argo CD": ("gitops", "argo-cd"),
    "Flux": ("gitops", "flux2"),
    "Gatekeeper": ("policy", "gatekeeper"),
    "Kyverno": ("policy", "kyverno"),
    "Velero": ("backup", "velero"),
    "Calico": ("network-policy-engine", "tigera-operator"),
    "Cilium": ("network-policy-engine", "cilium"),
    "Chaos Mesh": ("chaos", "chaos-mesh"),
    "Litmus": ("chaos", "litmus"),
}
WAYS = {
    "helm_release": ("x.tf", RELEASE),
    "helm_release from a registry": (
        "x.tf",
        'resource "helm_release" "x" {\n  name = "one"\n  chart = "oci://registry.example/%s"\n}\n',
    ),
    "the blueprints' module for one chart": (
        "x.tf",
        'module "x" {\n  source = "aws-ia/eks-blueprints-addon/aws"\n  chart = "%s"\n}\n',
    ),
    "the blueprints' map of charts": (
        "x.tf",
        (
            'module "x" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n'
            '  helm_releases = { one = { chart = "%s" } }\n}\n'
        ),
    ),
    "an application of Argo CD in HCL": (
        "x.tf",
        (
            'resource "kubernetes_manifest" "x" {\n  manifest = { apiVersion = "argoproj.io/v1alpha1", '
            'kind = "Application", spec = { source = { chart = "%s" } } }\n}\n'
        ),
    ),
    "an application of Argo CD": ("apps/x.yaml", ARGO.replace("velero", "%s")),
    "a release of Flux": ("apps/x.yaml", FLUX.replace("velero", "%s")),
    "a dependency of a chart": (
        "charts/platform/Chart.yaml",
        "name: platform\ndependencies:\n  - name: %s\n    version: 1.0.0\n",
    ),
    "helmCharts of kustomize": (
        "kustomization.yaml",
        "helmCharts:\n  - name: %s\n    repo: https://x.example\n",
    ),
    "a release of helmfile": ("helmfile.yaml", "releases:\n  - name: one\n    chart: stable/%s\n"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_in_every_way(system: str, way: str) -> None:
    name, chart = SYSTEMS[system]
    path, content = WAYS[way]
    assert evidence_of(name, {path: content % chart}) is not None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("system", [each for each in SYSTEMS if SYSTEMS[each][0] != "gitops"])
def test_another_chart_in_the_same_way_is_not_the_system(system: str, way: str) -> None:
    """Whatever an application of Argo CD or a release of Flux installs: the repository has GitOps."""
    name, _ = SYSTEMS[system]
    path, content = WAYS[way]
    assert evidence_of(name, {path: content % "something-else"}) is None


def evidence_of(name: str, files: dict[str, str]) -> str | None:
    evidence = find_here(context(files), name)
    return None if evidence is None else evidence.what


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("values.yaml", "namespaces:\n  - velero\n", "`values.yaml` mentions `velero`"),
        (
            "install.sh",
            "helm upgrade --install velero vmware/velero\n",
            "a command in `install.sh` may install it",
        ),
        ("Makefile", "all:\n\thelm install velero x\n", "a command in `Makefile` may install it"),
        (
            "roles.tf",
            (
                'module "role" '
                '{\n  source = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"\n'
                "  attach_velero_policy = true\n}\n"
            ),
            "`module.role` makes a role for it, so something else installs it",
        ),
        (
            "x.tf",
            'variable "chart" {}\nresource "helm_release" "x" {\n  name = "x"\n  chart = var.chart\n}\n',
            "`var.chart` has no value in the code",
        ),
        (
            "x.tf",
            'variable "n" {}\nresource "helm_release" "x" {\n  count = var.n\n  chart = "velero"\n}\n',
            "whether `helm_release.x` exists is not known from the code",
        ),
    ],
)
def test_hints_are_no_proof_and_no_absence(path: str, content: str, reason: str) -> None:
    assert found("backup", {path: content}) == f"maybe: {reason}"


def test_comments_documentation_and_disabled_values_are_not_evidence() -> None:
    files = {
        "README.md": "Velero: `helm install velero`.",
        "x.tf": "# TODO: velero\n",
        "values.yaml": "velero:\n  enabled: false\n",
    }
    assert found("backup", files) is None


def test_other_roots_count_and_examples_do_not() -> None:
    release = RELEASE % "velero"
    assert found("backup", {"platform/addons/main.tf": release}) == "helm_release.x"
    assert found("backup", {"examples/full/main.tf": release}) is None


def test_add_ons_of_another_repository() -> None:
    argo = {"argo.tf": RELEASE % "argo-cd"}
    reason = "maybe: a GitOps controller is installed, and add-ons are managed in another repository"
    assert found("backup", argo) == reason
    apps = {"apps/api.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n"}
    assert found("backup", {**argo, **apps}) is None
    elsewhere = {
        "apps/root.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: root\n"
        "spec:\n  source:\n    repoURL: https://github.com/acme/platform-apps\n    path: clusters/prod\n"
    }
    assert found("backup", {**argo, **elsewhere}) == reason
    here = {**elsewhere, "clusters/prod/api.yaml": "kind: Deployment\n"}
    assert found("backup", {**argo, **here}) is None


ROLE = 'resource "aws_iam_policy" "x" {\n  name = "%s"\n}\n'


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("backup", ROLE % "velero"),
        ("backup", ROLE % "system:serviceaccount:velero:server"),
        ("karpenter", ROLE % "system:serviceaccount:kube-system:karpenter"),
        (
            "log-shipper",
            'resource "aws_cloudwatch_log_group" "x" {\n  name = "/aws/containerinsights/a/host"\n}\n',
        ),
        ("metrics", 'resource "aws_cloudwatch_metric_alarm" "x" {\n  namespace = "ContainerInsights"\n}\n'),
        ("metrics", ROLE % "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"),
    ],
)
def test_what_is_of_use_only_beside_it_is_no_proof_and_no_absence(name: str, code: str) -> None:
    address = ".".join(code.split('"')[1:4:2])
    reason = f"maybe: `{address}` is made for it, so something else may install it"
    assert found(name, {"x.tf": code}) == reason
    assert found(name, {"other/x.tf": code}) == reason


def test_other_names_are_no_trace() -> None:
    assert found("backup", {"x.tf": ROLE % "velero-bucket"}) is None


@pytest.mark.parametrize(
    "code",
    [
        'resource "helm_release" "x" {\n  for_each = toset(false ? ["velero"] : ["web"])\n  chart = each.key\n}\n',
        'module "x" {\n  source = "terraform-aws-modules/eks/aws"\n  addons = false ? { "velero" = {} } : {}\n}\n',
    ],
)
def test_what_is_switched_off_is_no_trace(code: str) -> None:
    assert found("backup", {"x.tf": code}) is None


@pytest.mark.parametrize(
    "line",
    [
        'subjects = ["system:serviceaccount:team:api"]',
        'providers = { main = { namespace_service_accounts = ["team:api"] } }',
        'type = "aws_eks_pod_identity_association"\n  service_account = "api"',
    ],
)
def test_roles_for_what_nothing_here_installs_tell_of_another_installer(line: str) -> None:
    code = f'resource "x" "x" {{\n  {line}\n  actions = ["ec2:Describe"]\n}}\n'
    reason = (
        "maybe: `x.tf` makes a role for the service account `api` and nothing here installs what uses it, "
        "so add-ons are installed from somewhere else"
    )
    assert found("backup", {"x.tf": code}) == reason
    assert found("backup", {"examples/x.tf": code}) is None
    installs = {
        "y.tf": RELEASE % "api",
        "y.yaml": "kind: Deployment\n",
        "deploy.sh": "helm upgrade --install api ./chart\n",
    }
    for path, content in installs.items():
        assert found("backup", {"x.tf": code, path: content}) is None


def test_helmfile_of_another_repository_tells_of_another_installer() -> None:
    ci = {".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n    - run: helmfile -e prod apply\n"}
    assert found("backup", ci) == (
        "maybe: `.github/workflows/ci.yml` runs helmfile, and what it installs is not in this repository"
    )
    assert found("backup", {**ci, "helmfile.yaml": "releases:\n- name: api\n"}) is None


def test_the_role_of_an_eks_add_on_tells_of_no_other_installer() -> None:
    code = 'resource "x" "x" {\n  subjects = ["system:serviceaccount:kube-system:ebs-csi-controller-sa"]\n}\n'
    assert found("backup", {"x.tf": code}) is None


def test_bombs_and_broken_files_are_passed_over() -> None:
    files = {
        "a.yaml": "a: &a [velero]\nb: [*a, *a]\n",
        "b.yaml": "velero: [" * 500,
        "c.yaml": "{{ if .Values.x }}\nkind: StatefulSet\n{{ end }}\n",
    }
    assert found("backup", files) is None
    assert found("stateful-storage", files) == "c.yaml"


CALL = 'module "x" {\n  source = "%s"\n}\n'


@pytest.mark.parametrize(
    ("sign", "name", "code"),
    [
        ("charts", "acme-metrics", RELEASE % "acme-metrics"),
        ("charts", "acme-*", RELEASE % "acme-anything"),
        ("addons", "acme_metrics", ADDON % "acme_metrics"),
        ("flags", "enable_acme_metrics", BLUEPRINTS % "enable_acme_metrics"),
        ("modules", "acme/measure/aws", CALL % "acme/measure/aws"),
        ("modules", "app.acme.example/acme/measure/aws", CALL % "app.acme.example/acme/measure/aws"),
        ("modules", "git::https://git.acme.example/measure.git", CALL % "git::https://git.acme.example/measure.git?ref=v1"),
        ("resources", "acme_metrics", 'resource "acme_metrics" "x" {\n}\n'),
    ],
)  # fmt: skip
def test_names_of_the_configuration_count_as_the_component(sign: str, name: str, code: str) -> None:
    own = ComponentNames("metrics-server", ((sign, (name,)),))
    assert found("metrics-server", {"x.tf": code}) is None
    assert found("metrics-server", {"x.tf": code}, own) is not None
    assert found("metrics-server", {"x.tf": code}, ComponentNames("backup", own.signs)) is None
    assert found("metrics-server", {"other/x.tf": code}, own) is not None


CALL = 'module "x" {\n  source = "%s"\n}\n'


@pytest.mark.parametrize(
    ("name", "source", "is_open"),
    [
        ("log-shipper", "github.com/acme/platform-terraform-logging?ref=1.2.0", True),
        ("log-shipper", "app.terraform.io/acme/observability/aws", True),
        ("log-shipper", "git::https://git.acme.com/eks-addons.git//modules/all", True),
        ("metrics-server", "github.com/acme/platform-terraform-monitoring?ref=1.2.0", True),
        ("alerting", "github.com/acme/terraform-cluster-alarms.git?ref=v1", True),
        ("log-shipper", "github.com/acme/platform-terraform-velero?ref=1.2.0", False),
        ("log-shipper", "github.com/acme/blogs?ref=1.2.0", False),
        ("log-shipper", "terraform-aws-modules/s3-bucket/aws//modules/logging", False),
        ("metrics-server", "./monitoring", False),
    ],
)
def test_a_module_from_elsewhere_may_install_it(name: str, source: str, is_open: bool) -> None:  # noqa: FBT001 - a column
    reason = "maybe: `module.x` may install it, and its code is not in this repository" if is_open else None
    assert found(name, {"modules.tf": CALL % source}) == reason
    assert found(name, {"other/root/modules.tf": CALL % source}) == reason


@pytest.mark.parametrize(
    ("name", "is_open"),
    [("fargate", False), ("default-tags", False), ("spot", True), ("metrics-server", True)],
)
def test_an_object_of_an_unknown_kind_is_no_fargate_profile(name: str, is_open: bool) -> None:  # noqa: FBT001 - a column
    crds = 'data "http" "crds" {\n}\nresource "kubectl_manifest" "crds" {\n  yaml_body = data.http.crds.body\n}\n'
    if is_open:
        with pytest.raises(UndecidedError, match=r"the kind of `kubectl_manifest\.crds` is not known"):
            find_here(context({"crds.tf": crds}), name)
    else:
        assert find_here(context({"crds.tf": crds}), name) is None
