"""What the data sources of the kubectl providers read: the files of the repository, taken apart as they do."""

from __future__ import annotations

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown, Value
from tests.trees import tree

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\n"
    "spec:\n  replicas: {}\n"
)
PATHS = 'data "kubectl_path_documents" "all" {{\n  pattern = "{}"\n}}\n'
LINKS = {
    "/api/v1/namespaces/shop": NAMESPACE.strip(),
    "/apis/apps/v1/namespaces/shop/deployments/api": DEPLOYMENT.format(2).strip(),
}


def value_of(expression: str, data: str, files: dict[str, str]) -> Value:
    """Return what an expression gives in a root module with a data source."""
    code = {"live/main.tf": data, "live/user.tf": f"locals {{\n  x = {expression}\n}}\n", **files}
    return Configuration(tree(code), Sources()).root("live").local("x")


def plain(value: Value) -> object:
    """Return a known list or map as one of plain data."""
    data = value.data
    if isinstance(data, tuple):
        return [each.data for each in data]
    return {key: each.data for key, each in data.items()} if isinstance(data, dict) else data


def reason_of(value: Value) -> str:
    assert isinstance(value.data, Unknown)
    return value.data.reason


@pytest.mark.parametrize(
    "pattern",
    [
        "./k8s/*.yaml",
        "k8s/*",
        "${path.module}/k8s/?????.yaml",
        "${path.module}/../live/k8s/*.yaml",
        "${path.root}/k*/*.yaml",
        "k8s/**",
    ],
)
def test_manifests_by_their_links(pattern: str) -> None:
    files = {
        "live/k8s/first.yaml": f"---\n# the namespace\n---\n{NAMESPACE}---\n",
        "live/k8s/other.yaml": DEPLOYMENT.format(2),
        "k8s/first.yaml": "kind: Pod\n",
        "live/k8s.yaml": "kind: Pod\n",
    }
    value = value_of("data.kubectl_path_documents.all.manifests", PATHS.format(pattern), files)
    assert plain(value) == LINKS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind: A\n---\nkind: B\n", ["kind: A", "kind: B"]),
        ("kind: A\r\n--- # next\r\nkind: B\r\n", ["kind: A", "kind: B"]),
        ("---\nkind: A\n---\n---\nkind: B", ["---\nkind: A", "---\nkind: B"]),
        ("kind: A\n---", ["kind: A"]),
        ("kind: A\n---\n# nothing\n\n---\n{}\n---\nkind: B", ["kind: A", "kind: B"]),
        ("kind: A\n--- ", []),  # the last separator must end its line, or the provider reads no further
        ("kind: A\ndata: |\n  a\n  ---\n  b\n", ["kind: A\ndata: |\n  a\n  ---\n  b"]),
        ("", []),
    ],
)
def test_documents_of_a_text(text: str, expected: list[str]) -> None:
    data = 'data "kubectl_file_documents" "all" {\n  content = file("all.yaml")\n}\n'
    value = value_of("data.kubectl_file_documents.all.documents", data, {"live/all.yaml": text})
    assert plain(value) == expected


def test_documents_are_in_the_order_of_files_and_lines() -> None:
    files = {"live/b.yaml": "kind: C\n", "live/a.yaml": "kind: A\n---\nkind: B\n"}
    value = value_of("data.kubectl_path_documents.all.documents", PATHS.format("*.yaml"), files)
    assert plain(value) == ["kind: A", "kind: B", "kind: C"]


def test_names_of_files() -> None:
    data = 'data "kubectl_filename_list" "all" {\n  pattern = "./k8s/*.yaml"\n}\n'
    files = {"live/k8s/b.yaml": "", "live/k8s/a.yaml": "", "live/k8s/c.json": ""}
    assert plain(value_of("data.kubectl_filename_list.all.matches", data, files)) == [
        "k8s/a.yaml",
        "k8s/b.yaml",
    ]
    assert plain(value_of("data.kubectl_filename_list.all.basenames", data, files)) == ["a.yaml", "b.yaml"]


def test_templates_get_strings() -> None:
    data = (
        'data "kubectl_path_documents" "all" {\n  pattern = "*.yaml"\n  vars = { replicas = 3, name = "a" }\n'
        '  sensitive_vars = { name = "api" }\n}\n'
    )
    text = 'kind: Deployment\nreplicas: ${replicas}\n%{ if replicas == "3" }name: ${name}%{ endif }\ncost: $${x}\n'
    value = value_of("data.kubectl_path_documents.all.documents[0]", data, {"live/a.yaml": text})
    assert value.data == "kind: Deployment\nreplicas: 3\nname: api\ncost: ${x}"


def test_files_that_are_no_templates_stay_as_they_are() -> None:
    data = 'data "kubectl_path_documents" "all" {\n  pattern = "a.yaml"\n  disable_template = true\n}\n'
    value = value_of(
        "data.kubectl_path_documents.all.documents[0]", data, {"live/a.yaml": "kind: A\nb: ${c}\n"}
    )
    assert value.data == "kind: A\nb: ${c}"


@pytest.mark.parametrize(
    ("pattern", "files", "reason"),
    [
        ("*.yaml", {"live/a.yaml": "kind: A\nb: ${c}\n"}, "uses 'c', which it is not given"),
        ("*.yaml", {"live/a.yaml": "- kind: A\n"}, "a document is no object"),
        ("*.yaml", {"live/a.yaml": "name: a\n"}, "a document has no kind"),
        ("*.yaml", {"live/a.yaml": "kind: [\n"}, "not valid YAML"),
        ("*.yaml", {"live/a.yaml": "kind: A\n", "live/b.yaml": "kind: A\n"}, "two documents are `/apis/as`"),
        ("*", {"live/k8s/a.yaml": "kind: A\n"}, "matches a folder"),
        ("{a,b}*.yaml", {"live/a.yaml": "kind: A\n"}, "is not supported"),
        ("${data.aws_region.current.name}/*.yaml", {}, "data.aws_region.current"),
    ],
)
def test_what_cannot_be_read_is_unknown_with_its_reason(
    pattern: str, files: dict[str, str], reason: str
) -> None:
    data = PATHS.format(pattern) + 'data "aws_region" "current" {}\n'
    assert reason in reason_of(value_of("data.kubectl_path_documents.all.manifests", data, files))


VARIABLE = 'variable "x" {}\n'
WITH_VARS = (
    VARIABLE + 'data "kubectl_path_documents" "all" {\n  pattern = "*.yaml"\n  vars = { x = var.x }\n}\n'
)


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        (NAMESPACE + "  labels: {team: '${x}'}\n", True),
        (NAMESPACE.replace("shop", "${x}"), False),
        (NAMESPACE + '%{ if x == "a" }\n---\n' + NAMESPACE.replace("shop", "b") + "%{ endif }\n", False),
    ],
)
def test_document_with_an_unknown_part(text: str, *, is_known: bool) -> None:
    value = value_of("data.kubectl_path_documents.all.manifests", WITH_VARS, {"live/a.yaml": text})
    if is_known:
        assert isinstance(value.data, dict)
        assert list(value.data) == ["/api/v1/namespaces/shop"]
        assert "var.x" in reason_of(value.data["/api/v1/namespaces/shop"])
    else:
        assert "var.x" in reason_of(value)


def test_variables_that_are_not_known_leave_other_files_known() -> None:
    data = VARIABLE + PATHS.format("*.yaml").replace("}\n", "  vars = var.x\n}\n")
    value = value_of("data.kubectl_path_documents.all.documents", data, {"live/a.yaml": "kind: A\n"})
    assert plain(value) == ["kind: A"]


@pytest.mark.parametrize(
    ("keys", "addresses"),
    [
        (
            '["kind: A\\nname: a", "kind: B\\nname: b"]',
            ["/apis/as", "/apis/bs"],
        ),
        ('["kind: A\\nname: a", "kind: A\\nname: b"]', ["/apis/as", "kind: A\nname: b"]),
        ('["a\\nb", "kind: A"]', ["a\nb", "kind: A"]),
    ],
)
def test_keys_that_are_manifests(keys: str, addresses: list[str]) -> None:
    code = f'resource "kubectl_manifest" "x" {{\n  for_each = toset({keys})\n  yaml_body = each.key\n}}\n'
    made = list(Configuration(tree({"main.tf": code}), Sources()).root("").resources_of("kubectl_manifest"))
    assert [each.address for each in made] == [f'kubectl_manifest.x["{key}"]' for key in addresses]
