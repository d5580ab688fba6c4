"""Files that the configuration loads: a change of one is reviewed like a change of the code that loads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.engine.loaded import loading
from reviewer.terraform.configuration import Configuration, Sources
from tests.engine.test_touched import found
from tests.trees import tree

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

ACTIONS = {"select": ("EKS-SEC-202",)}
ENDPOINT = {"select": ("EKS-SEC-107",)}
BINDING = {"select": ("EKS-SEC-210",)}
SECRET = "S3cr3t-Pa55"

POLICY = 'resource "aws_iam_policy" "app" {{\n  policy = {}\n}}\n'
READ = '{"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::a/*"}'
ALL = '{"Action": "ec2:*", "Effect": "Allow", "Resource": "*"}'
ENDPOINT_OF_FILE = """\
locals {{
  config = {}
}}
module "eks" {{
  source                               = "terraform-aws-modules/eks/aws"
  version                              = "~> 20.0"
  cluster_endpoint_public_access       = true
  cluster_endpoint_public_access_cidrs = local.config.cidrs
}}
"""


def policy(*statements: str) -> str:
    return '{"Statement": [\n' + ",\n".join(statements) + "\n]}\n"


def binding(role: str) -> str:
    return (
        "kind: ClusterRoleBinding\nmetadata: {name: ci}\n"
        f"roleRef: {{kind: ClusterRole, name: {role}}}\n"
        "subjects: [{kind: ServiceAccount, name: ci, namespace: ci}]\n"
    )


@pytest.mark.parametrize(
    "call",
    [
        'file("${path.module}/policies/app.json")',
        'file("policies/app.json")',
        'file("./policies/${"app"}.json")',
        'templatefile("${path.module}/policies/app.json", {})',
        'jsonencode(jsondecode(file("${path.root}/policies/app.json")))',
        "local.policy",
    ],
)
def test_policy(review_change: ReviewChange, call: str) -> None:
    code = POLICY.format(call) + 'locals {\n  policy = file("${path.module}/policies/app.json")\n}\n'
    base = {"main.tf": code, "policies/app.json": policy(READ)}
    review = review_change(base, {"policies/app.json": policy(READ, ALL)}, **ACTIONS)
    assert found(review) == [("introduced", "policies/app.json", 3)]
    assert review.findings[0].message == "Statement allows `ec2:*` on `*`."
    assert review.coverage.blocks_touched == 1


def test_policy_that_stays_as_it_was(review_change: ReviewChange) -> None:
    base = {"main.tf": POLICY.format('file("app.json")'), "app.json": policy(ALL)}
    review = review_change(base, {"app.json": policy(ALL, READ)}, **ACTIONS)
    assert [each.status.value for each in review.findings] == ["existing"]


def test_policy_that_the_change_mends(review_change: ReviewChange) -> None:
    base = {"main.tf": POLICY.format('file("app.json")'), "app.json": policy(ALL)}
    review = review_change(base, {"app.json": policy(READ)}, **ACTIONS)
    assert [each.status.value for each in review.findings] == ["fixed"]


def test_policy_whose_path_the_caller_gives(review_change: ReviewChange) -> None:
    base = {
        "live/main.tf": 'module "app" {\n  source = "../app"\n  policy = "${path.module}/../policies/app.json"\n}\n',
        "app/main.tf": POLICY.format("file(var.policy)") + 'variable "policy" {}\n',
        "policies/app.json": policy(READ),
    }
    review = review_change(base, {"policies/app.json": policy(ALL)}, **ACTIONS)
    assert found(review) == [("introduced", "policies/app.json", 2)]
    assert review.findings[0].address == "module.app.aws_iam_policy.app"


@pytest.mark.parametrize(
    ("decode", "text"),
    [("yamldecode", "cidrs:\n  - {}\n"), ("jsondecode", '{{"cidrs":\n  ["{}"]}}\n')],
)
def test_setting_of_a_document(review_change: ReviewChange, decode: str, text: str) -> None:
    code = ENDPOINT_OF_FILE.format(f'{decode}(file("${{path.module}}/config"))')
    review = review_change(
        {"main.tf": code, "config": text.format("10.0.0.0/8")},
        {"config": text.format("0.0.0.0/0")},
        **ENDPOINT,
    )
    (finding,) = review.findings
    assert finding.status.value == "introduced"
    assert finding.path == ("config" if decode == "yamldecode" else "main.tf")
    assert finding.line == 2


def test_another_setting_of_a_document_touches_nothing(review_change: ReviewChange) -> None:
    code = ENDPOINT_OF_FILE.format('yamldecode(file("config.yaml"))')
    text = "cidrs: [0.0.0.0/0]\nname: {}\n"
    review = review_change(
        {"main.tf": code, "config.yaml": text.format("a")}, {"config.yaml": text.format("b")}, **ENDPOINT
    )
    assert review.findings == ()


@pytest.mark.parametrize(
    "code",
    [
        'for_each = fileset(path.module, "k8s/*.yaml")\n  yaml_body = file("${path.module}/${each.value}")',
        'for_each = fileset("${path.module}/k8s", "**")\n  yaml_body = file("${path.module}/k8s/${each.key}")',
        'for_each = toset(["rbac"])\n  yaml_body = file("${path.module}/k8s/${each.key}.yaml")',
    ],
)
def test_manifest(review_change: ReviewChange, code: str) -> None:
    base = {
        "main.tf": f'resource "kubectl_manifest" "x" {{\n  {code}\n}}\n',
        "k8s/rbac.yaml": binding("view"),
    }
    review = review_change(base, {"k8s/rbac.yaml": binding("cluster-admin")}, **BINDING)
    assert found(review) == [("introduced", "k8s/rbac.yaml", 4)]


DATA = 'data "kubectl_path_documents" "k8s" {{\n  pattern = "{}"\n{}}}\n'
EACH = (
    'resource "kubectl_manifest" "x" {\n  for_each = data.kubectl_path_documents.k8s.manifests\n'
    "  yaml_body = each.value\n}\n"
)
LINK = "/apis/clusterrolebindings/ci"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (DATA.format("${path.module}/k8s/*.yaml", ""), "{}"),
        (DATA.format("./k8s/*.yaml", "  disable_template = true\n"), "{}"),
        (DATA.format("k8s/rbac.yaml", '  vars = { ns = "ci" }\n'), "{}---\nkind: Namespace\nname: ${{ns}}\n"),
        (DATA.format("k8s/*", "  vars = { ns = var.ns }\n"), "{}---\nkind: Pod\nname: ${{ns}}\n"),
        (
            'data "kubectl_file_documents" "k8s" {\n  content = file("k8s/rbac.yaml")\n}\n',
            "{}---\nkind: Namespace\n",
        ),
        (
            (
                'data "kubectl_file_documents" "k8s" {\n'
                '  content = templatefile("${path.module}/k8s/rbac.yaml", { ns = "ci" })\n}\n'
            ),
            "{}---\nkind: Namespace\nname: ${{ns}}\n",
        ),
    ],
)
def test_manifest_of_a_data_source(review_change: ReviewChange, data: str, text: str) -> None:
    users = EACH.replace("path", "file") if "content" in data else EACH
    base = {
        "main.tf": data + users + 'variable "ns" {}\n',
        "k8s/rbac.yaml": text.format(binding("view")),
    }
    review = review_change(base, {"k8s/rbac.yaml": text.format(binding("cluster-admin"))}, **BINDING)
    assert found(review) == [("introduced", "k8s/rbac.yaml", 4)]
    assert review.findings[0].address.startswith('kubectl_manifest.x["/apis')


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
IGNORE = '# eks-review:ignore EKS-GOV-203 reason="the mesh does it" until=2027-01-31\n'


@pytest.mark.parametrize("comment", ["", IGNORE])
def test_what_is_missing_is_said_where_the_manifest_begins(review_change: ReviewChange, comment: str) -> None:
    base = {"main.tf": DATA.format("k8s/*", "") + comment + EACH, "k8s/rbac.yaml": binding("view")}
    head = {"k8s/rbac.yaml": f"{binding('view')}---\n{NAMESPACE}"}
    review = review_change(base, head, select=("EKS-GOV-203",))
    if comment:
        (finding,) = review.findings
        assert (finding.path, finding.line, finding.comment_line) == ("k8s/rbac.yaml", 6, None)
        assert finding.suppressed is not None
    else:
        assert found(review) == [("introduced", "k8s/rbac.yaml", 6)]


def test_only_the_document_that_changed_is_touched(review_change: ReviewChange) -> None:
    base = {
        "main.tf": DATA.format("*.yaml", "") + EACH,
        "all.yaml": f"{binding('cluster-admin')}---\nkind: A\n",
    }
    review = review_change(base, {"all.yaml": f"{binding('cluster-admin')}---\nkind: A\nx: 1\n"}, **BINDING)
    assert review.findings == ()
    assert review.coverage.blocks_touched == 1


def test_only_the_element_that_changed_is_touched(review_change: ReviewChange) -> None:
    code = (
        'resource "kubernetes_manifest" "x" {\n'
        '  for_each = { for each in fileset(path.module, "k8s/*") : each => yamldecode(file(each)) }\n'
        "  manifest = each.value\n}\n"
    )
    base = {"main.tf": code, "k8s/rbac.yaml": binding("cluster-admin"), "k8s/other.yaml": "kind: A\n"}
    review = review_change(base, {"k8s/other.yaml": "kind: B\n"}, **BINDING)
    assert (review.findings, review.coverage.blocks_touched) == ((), 1)


def test_document_that_is_a_key_goes_by_what_it_describes(review_change: ReviewChange) -> None:
    each = EACH.replace(
        "data.kubectl_path_documents.k8s.manifests", "toset(data.kubectl_path_documents.k8s.documents)"
    )
    base = {"main.tf": DATA.format("*.yaml", "") + each, "a.yaml": binding("cluster-admin")}
    review = review_change(base, {"a.yaml": binding("cluster-admin") + "\n# more\nlabel: x\n"}, **BINDING)
    assert [(each.status.value, each.address) for each in review.findings] == [
        ("existing", f'kubectl_manifest.x["{LINK}"]')
    ]


def test_variable_that_a_template_is_given(review_change: ReviewChange) -> None:
    code = DATA.format("*.yaml", "  vars = { role = var.role }\n") + EACH + 'variable "role" {}\n'
    base = {"main.tf": code, "a.yaml": binding("${role}"), "terraform.tfvars": 'role = "view"\n'}
    review = review_change(base, {"terraform.tfvars": 'role = "cluster-admin"\n'}, **BINDING)
    assert [(each.status.value, each.address) for each in review.findings] == [
        ("introduced", f'kubectl_manifest.x["{LINK}"]')
    ]


def test_manifest_of_a_data_source_that_the_change_adds_and_removes(review_change: ReviewChange) -> None:
    base = {"main.tf": DATA.format("k8s/*", "") + EACH, "k8s/a.yaml": binding("cluster-admin")}
    head = {"k8s/a.yaml": None, "k8s/b.yaml": binding("cluster-admin").replace("name: ci}", "name: cd}")}
    review = review_change(base, head, **BINDING)
    assert {(each.status.value, each.address) for each in review.findings} == {
        ("introduced", f'kubectl_manifest.x["{LINK.removesuffix("ci")}cd"]'),
        ("fixed", f'kubectl_manifest.x["{LINK}"]'),
    }


def test_manifest_that_the_change_adds(review_change: ReviewChange) -> None:
    code = (
        'resource "kubernetes_manifest" "x" {\n  for_each = fileset(path.module, "k8s/*.yaml")\n'
        "  manifest = yamldecode(file(each.value))\n}\n"
    )
    base = {"main.tf": code, "k8s/ns.yaml": "kind: Namespace\nmetadata: {name: ci}\n"}
    review = review_change(base, {"k8s/rbac.yaml": binding("cluster-admin")}, **BINDING)
    assert found(review) == [("introduced", "k8s/rbac.yaml", 4)]
    assert review.findings[0].address == 'kubernetes_manifest.x["k8s/rbac.yaml"]'


@pytest.mark.parametrize(
    ("argument", "path", "text", "line"),
    [
        ('values = [file("values.yaml")]', "values.yaml", f"db:\n  password: {SECRET}\n", 2),
        ('user_data = filebase64("init.sh")', "init.sh", f"#!/bin/bash\nexport DB_PASSWORD={SECRET}\n", 2),
    ],
)
def test_secret(review_change: ReviewChange, argument: str, path: str, text: str, line: int) -> None:
    kind = "helm_release" if path == "values.yaml" else "aws_launch_template"
    base = {"main.tf": f'resource "{kind}" "x" {{\n  {argument}\n}}\n', path: "\n"}
    review = review_change(base, {path: text}, select=("EKS-SEC-302",))
    assert found(review) == [("introduced", path, line)]
    assert SECRET not in json.dumps([str(each) for each in review.findings])


@pytest.mark.parametrize("load", ['yaml_body = file("pdb.yaml")', 'manifest = yamldecode(file("pdb.yaml"))'])
def test_document_is_one_object_with_what_loads_it(review_change: ReviewChange, load: str) -> None:
    kind = "kubectl_manifest" if load.startswith("yaml") else "kubernetes_manifest"
    text = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: api}\n"
    head = {"main.tf": f'resource "{kind}" "x" {{\n  {load}\n}}\n', "pdb.yaml": text}
    review = review_change({"README.md": "# x"}, head, select=("EKS-UPG-108",))
    assert found(review) == [("introduced", "pdb.yaml", 1)]
    assert (review.findings[0].address, review.findings[0].also) == (f"{kind}.x", ())


def test_file_that_nothing_loads_is_not_reviewed(review_change: ReviewChange) -> None:
    base = {"main.tf": POLICY.format('file("app.json")'), "app.json": policy(ALL), "other/app.yaml": "a: 1\n"}
    review = review_change(base, {"other/app.yaml": "a: 2\n"}, **ACTIONS)
    assert (review.coverage.files_changed, review.findings) == (0, ())


def test_excluded_file_is_not_reviewed(review_change: ReviewChange) -> None:
    base = {"main.tf": POLICY.format('file("app.json")'), "app.json": policy(READ)}
    review = review_change(base, {"app.json": policy(ALL)}, exclude=("*.json",), **ACTIONS)
    assert (review.coverage.files_changed, review.findings) == (0, ())


@pytest.mark.parametrize(
    ("code", "path", "loads"),
    [
        ('file("${path.module}/a.json")', "m/a.json", True),
        ('file("${path.module}/a.json")', "m/b/a.json", False),
        ('file("${path.module}/../a.json")', "a.json", True),
        ('file("${path.module}/../../a.json")', "a.json", False),
        ('file("${path.module}/b/${var.x}.json")', "m/b/c.json", True),
        ('file("${path.module}/b/${var.x}.json")', "m/b/c/d.json", False),
        ('file("${path.module}/${var.x}/c.json")', "m/a/b/c.json", True),
        ('file("${path.module}/b/${replace(var.x, "/", "-")}.json")', "m/b/c.json", True),
        ('file("${path.module}/${var.x}")', "m/a.json", False),
        ('file("${path.root}/b/a.json")', "live/b/a.json", True),
        ('file("b/a.json")', "live/b/c.json", False),
        ('fileset(path.module, "b/*.yaml")', "m/b/a.yaml", True),
        ('fileset(path.module, "b/*.{yaml,yml}")', "m/b/a.yml", True),
        ('fileset(path.module, "b/*.yaml")', "m/b/c/a.yaml", False),
        ('filesha256("${path.module}/a[1].zip")', "m/a[1].zip", True),
        ('fileexists("${path.module}/a.json")', "m/a.json", False),
        ('file(var.x)\n# "b/a.json"', "x/b/a.json", True),
        ("file(var.x)", "m/a.json", False),
        ('"m/a.json"', "m/a.json", False),
    ],
)
def test_folders_that_load_a_file(code: str, path: str, *, loads: bool) -> None:
    configuration = Configuration(tree({"m/main.tf": f"locals {{\n  x = {code}\n}}\n"}), Sources())
    assert loading(path, configuration) == (frozenset({"m"}) if loads else frozenset())


@pytest.mark.parametrize(
    ("pattern", "path", "loads"),
    [
        ('"${path.module}/k8s/*.yaml"', "m/k8s/a.yaml", True),
        ('"${path.module}/k8s/*.yaml"', "k8s/a.yaml", False),
        ('"./k8s/*.yaml"', "live/k8s/a.yaml", True),
        ('"../k8s/*.y*ml"', "k8s/a.yml", True),
        ('"${path.module}/k8s/${var.env}/*.yaml"', "m/k8s/prod/a.yaml", True),
        ('"k8s/*.yaml"', "k8s/a.json", False),
        ("var.pattern", "m/k8s/a.yaml", False),
    ],
)
@pytest.mark.parametrize("kind", ["kubectl_path_documents", "kubectl_filename_list", "aws_other"])
def test_folders_with_a_data_source_that_loads_a_file(
    pattern: str, path: str, kind: str, *, loads: bool
) -> None:
    code = f'data "{kind}" "x" {{\n  pattern = {pattern}\n}}\n'
    configuration = Configuration(tree({"m/main.tf": code}), Sources())
    is_loaded = loads and kind != "aws_other"
    assert loading(path, configuration) == (frozenset({"m"}) if is_loaded else frozenset())
