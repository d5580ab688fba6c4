"""Kubernetes objects, however they are written."""

from __future__ import annotations

import pytest

from reviewer.config.config import Config
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import UndecidedError
from reviewer.views.context import Context
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, kind_of_type, kubernetes_objects
from tests.checks.harness import TODAY
from tests.trees import tree


def context(files: dict[str, str] | str) -> Context:
    named = {"main.tf": files} if isinstance(files, str) else files
    configuration = Configuration(tree(named), Sources())
    return Context(configuration, configuration.root(""), Config(), TODAY, is_production=True)


def only(files: dict[str, str] | str) -> KubernetesObject:
    (found,) = KubernetesObject.find(context(files))
    return found


TYPED = """
resource "kubernetes_deployment_v1" "x" {
  metadata {
    name      = "api"
    namespace = "shop"
  }
  spec {
    replicas = 2
    template {
      spec {
        host_pid = true
        container {
          name  = "api"
          image = "api:1"
        }
      }
    }
  }
}
"""
MANIFEST = """
resource "kubernetes_manifest" "x" {
  manifest = {
    apiVersion = "apps/v1"
    kind       = "Deployment"
    metadata   = { name = "api", namespace = "shop" }
    spec = {
      replicas = 2
      template = {
        spec = {
          hostPID    = true
          containers = [{ name = "api", image = "api:1" }]
        }
      }
    }
  }
}
"""
YAML = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2
  template:
    spec:
      hostPID: true
      containers:
        - name: api
          image: api:1
"""
INDENTED = YAML.replace("\n", "\n    ")
HEREDOC = f'resource "kubectl_manifest" "x" {{\n  yaml_body = <<-EOT{INDENTED}EOT\n}}\n'
ENCODED = 'resource "kubectl_manifest" "x" {\n  yaml_body = file("${path.module}/x.yaml")\n}\n'


@pytest.mark.parametrize(
    "files",
    [TYPED, MANIFEST, HEREDOC, {"main.tf": ENCODED, "x.yaml": YAML}],
    ids=["typed", "hcl", "heredoc", "file"],
)
def test_one_object_in_every_spelling(files: dict[str, str] | str) -> None:
    found = only(files)
    pod = found.pod()
    assert (found.kind, found.name, found.namespace) == ("Deployment", "api", "shop")
    assert found.root.at("spec", "replicas").data == 2
    assert pod is not None
    assert pod.attr("host_pid").data is True
    assert [each.attr("image").data for each in pod.parts("container")] == ["api:1"]


def test_lines_of_a_heredoc_are_kept() -> None:
    place = only(HEREDOC).root.at("spec", "replicas").supplier
    assert place is not None
    assert place.text == "replicas: 2"


def test_yaml_files_are_found_by_kind_with_exact_places() -> None:
    (found,) = kubernetes_objects(context({"main.tf": "", "k8s/api.yaml": YAML}), "Deployment")
    place = found.root.at("spec", "replicas").supplier
    assert found.address == "k8s/api.yaml:Deployment/api"
    assert place is not None
    assert (place.path, place.line, place.text) == ("k8s/api.yaml", 8, "2")


def test_what_is_known_of_a_template_is_known() -> None:
    code = 'variable "n" {}\nvariable "name" {}\n' + HEREDOC.replace(
        "replicas: 2", "replicas: ${var.n}"
    ).replace("namespace: shop", "namespace: team-${var.name}")
    found = only(code)
    assert (found.kind, found.name, found.namespace) == ("Deployment", "api", None)
    with pytest.raises(UndecidedError, match=r"`var\.n` has no value in the code"):
        found.root.at("spec", "replicas").require()


def test_unknown_keys_and_structure_are_unknown() -> None:
    key = 'variable "k" {}\n' + HEREDOC.replace("namespace: shop", "${var.k}: shop")
    assert (only(key).kind, only(key).name) == ("Deployment", None)
    structure = 'variable "k" {}\n' + HEREDOC.replace("namespace: shop", "${var.k}")
    assert only(structure).kind == ""
    whole = 'variable "k" {}\nresource "kubectl_manifest" "x" {\n  yaml_body = var.k\n}\n'
    assert only(whole).kind == ""


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("kubernetes_deployment", "Deployment"),
        ("kubernetes_daemonset", "DaemonSet"),
        ("kubernetes_daemon_set_v1", "DaemonSet"),
        ("kubernetes_horizontal_pod_autoscaler_v2", "HorizontalPodAutoscaler"),
        ("kubernetes_horizontal_pod_autoscaler_v2beta2", "HorizontalPodAutoscaler"),
        ("kubernetes_network_policy_v1", "NetworkPolicy"),
        ("kubernetes_manifest", None),
        ("aws_eks_cluster", None),
    ],
)
def test_kind_of_a_typed_resource(resource: str, kind: str | None) -> None:
    assert kind_of_type(resource) == kind


def test_bombs_are_not_read() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(50)) + "kind: Deployment\n"
    assert kubernetes_objects(context({"main.tf": "", "x.yaml": bomb}), "Deployment") == ()
