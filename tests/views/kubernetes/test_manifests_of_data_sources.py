"""Objects that the data sources of the kubectl providers read, on the lines of their files."""

from __future__ import annotations

import pytest

from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from tests.views.kubernetes.test_kubernetes_object import context

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\n"
    "spec:\n  replicas: {}\n"
)
PATHS = 'variable "x" {{}}\ndata "kubectl_path_documents" "all" {{\n  pattern = "*.yaml"\n{}}}\n'
BY_LINK = (
    'resource "kubectl_manifest" "all" {\n  for_each = data.kubectl_path_documents.all.manifests\n'
    "  yaml_body = each.value\n}\n"
)
BY_INDEX = (
    'resource "kubectl_manifest" "all" {\n  count = length(data.kubectl_path_documents.all.documents)\n'
    "  yaml_body = element(data.kubectl_path_documents.all.documents, count.index)\n}\n"
)
API = "/apis/apps/v1/namespaces/shop/deployments/api"


def objects(code: str, files: dict[str, str]) -> list[tuple[str, str, object, str]]:
    """Return name, address, replicas and the place of the replicas of every Deployment that a module makes."""
    made = [
        each
        for each in KubernetesObject.find(context({"main.tf": code, **files}))
        if each.kind == "Deployment"
    ]
    replicas = [each.root.at("spec", "replicas") for each in made]
    return [
        (each.label, each.address, value.data, str(value.supplier))
        for each, value in zip(made, replicas, strict=True)
    ]


@pytest.mark.parametrize(("code", "key"), [(BY_LINK, f'"{API}"'), (BY_INDEX, "1")])
@pytest.mark.parametrize(
    ("variables", "more"),
    [
        ("", ""),
        ("  disable_template = true\n", "  label: ${label}\n"),
        ("  vars = { label = 5 }\n", "  label: ${label}\n"),
        ("  vars = { label = var.x }\n", "  label: ${label}\n"),
    ],
)
def test_object_stands_on_the_lines_of_its_file(code: str, key: str, variables: str, more: str) -> None:
    files = {"all.yaml": f"{NAMESPACE}---\n{DEPLOYMENT.format(2)}{more}"}
    assert objects(PATHS.format(variables) + code, files) == [
        ("api", f"kubectl_manifest.all[{key}]", 2, "all.yaml:12")
    ]


@pytest.mark.parametrize("replicas", ["2", "${n}"])
def test_line_that_documents_have_in_common_is_that_of_the_own_document(replicas: str) -> None:
    second = DEPLOYMENT.format(replicas).replace("name: api", "name: web")
    code = PATHS.format("  vars = { n = 2 }\n") + BY_INDEX
    found = KubernetesObject.find(
        context({"main.tf": code, "all.yaml": f"{DEPLOYMENT.format(2)}---\n{second}"})
    )
    places = [str(each.root.attr("kind").supplier) for each in found]
    assert places == ["all.yaml:2", "all.yaml:10"]


def test_manifest_that_is_decoded_keeps_its_lines() -> None:
    code = (
        'data "kubectl_file_documents" "all" {\n  content = file("all.yaml")\n}\n'
        'resource "kubernetes_manifest" "all" {\n  for_each = data.kubectl_file_documents.all.manifests\n'
        "  manifest = yamldecode(each.value)\n}\n"
    )
    made = objects(code, {"all.yaml": f"{NAMESPACE}---\n{DEPLOYMENT.format(2)}"})
    assert made == [("api", f'kubernetes_manifest.all["{API}"]', 2, "all.yaml:12")]


def test_documents_of_a_heredoc_stand_on_its_lines() -> None:
    text = f"{NAMESPACE}---\n{DEPLOYMENT.format(2)}"
    code = f'data "kubectl_file_documents" "all" {{\n  content = <<EOT\n{text}EOT\n}}\n'
    made = objects(code + BY_LINK.replace("path", "file"), {})
    assert made == [("api", f'kubectl_manifest.all["{API}"]', 2, "main.tf:14")]


def test_documents_of_unknown_number_are_one_object_of_unknown_kind() -> None:
    code = PATHS.format("  vars = { label = var.x }\n") + BY_LINK
    (made,) = KubernetesObject.find(context({"main.tf": code, "all.yaml": "kind: ${label}\n"}))
    assert (made.kind, made.address) == ("", "kubectl_manifest.all")
