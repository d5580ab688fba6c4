"""What policies see: values worked out, what is unknown named, and where each value comes from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.config.config import Config
from reviewer.own.document import parsed, written
from reviewer.own.policy import read_policy
from reviewer.own.policy_check import input_of
from reviewer.own.subjects import document_of, view_of
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.views.context import Context
from tests.checks.harness import TODAY
from tests.command import ROOT
from tests.own.policies import policy
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.own.document import Document
    from reviewer.views.view import View


def context_of(files: Mapping[str, str], root: str = "") -> Context:
    configuration = Configuration(tree(files), Sources())
    return Context(configuration, configuration.root(root), Config(), TODAY, is_production=True)


def seen(view: str, code: str, *names: str) -> list[Document]:
    """Return what a policy on a view sees of some code, of the arguments ``names`` if there are any."""
    subjects: list[View] = list(view_of((view,)).find(context_of({"main.tf": code})))
    return [document_of(each, frozenset(names) or None) for each in subjects]


def test_a_block_is_seen_as_terraform_will_see_it() -> None:
    code = """
    variable "team" {
      default = "pay"
    }
    variable "size" {}
    locals {
      names = [for each in ["a", "b"] : "${var.team}-${each}"]
    }
    resource "aws_thing" "x" {
      for_each = toset(local.names)
      name     = each.key
      ratio    = 0.5
      count_of = var.size
      labels   = { team = var.team, size = var.size }
      list     = ["a", var.size]
      rule {
        port = 1 + 1
      }
      dynamic "rule" {
        for_each = [3]
        content {
          port = rule.value
        }
      }
    }
    """
    first, second = seen("aws_*", code)
    assert first.values == {
        "for_each": ["pay-a", "pay-b"],
        "name": "pay-a",
        "ratio": 0.5,
        "labels": {"team": "pay"},
        "list": ["a", None],
        "rule": [{"port": 2}, {"port": 3}],
    }
    assert second.values["name"] == "pay-b"
    reason = "`var.size` has no value in the code"
    assert {written(path): why for path, why in first.unknown.items()} == {
        "count_of": reason,
        "labels.size": reason,
        "list[1]": reason,
    }


def test_blocks_of_an_unknown_number_are_unknown_and_sensitive_values_are_never_seen() -> None:
    code = """
    variable "ports" {}
    variable "key" {
      default   = "hunter2"
      sensitive = true
    }
    resource "aws_thing" "x" {
      password = var.key
      dynamic "rule" {
        for_each = var.ports
        content {
          port = rule.value
        }
      }
    }
    """
    [document] = seen("aws_thing", code)
    assert document.values == {}
    assert {written(path) for path in document.unknown} == {"password", "rule"}
    assert "hunter2" not in json.dumps([document.values, *document.unknown.values()])


@pytest.mark.parametrize(
    ("reads", "blocked"),
    [
        ((("name",),), ""),
        ((("vpc_config", "*", "endpoint_public_access"),), ""),
        ((("vpc_config", "*", "subnet_ids"),), "`vpc_config[0].subnet_ids`: `var.subnets` has no value in the code"),
        ((("vpc_config", "*", "subnet_ids", "*"),), "`vpc_config[0].subnet_ids`: "),
        ((("vpc_config", "*"),), "`vpc_config[0].subnet_ids`: "),
        ((("vpc_config", "0", "subnet_ids"),), "`vpc_config[0].subnet_ids`: "),
        (((),), "`role_arn`: "),
        ((("role_arn",),), "`role_arn`: "),
    ],
)  # fmt: skip
def test_only_what_is_read_can_block(reads: tuple[tuple[str, ...], ...], blocked: str) -> None:
    code = """
    variable "subnets" {}
    resource "aws_eks_cluster" "c" {
      name     = "c"
      vpc_config {
        subnet_ids             = var.subnets
        endpoint_public_access = false
      }
      role_arn = aws_iam_role.r.arn
    }
    resource "aws_iam_role" "r" {}
    """
    [document, _] = seen("aws_*", code)
    reason = document.blocking(reads) or ""
    assert reason.startswith(blocked)
    assert bool(reason) is bool(blocked)


VIEWS = [
    (
        "cluster",
        'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n  name = "p"\n  endpoint_public_access = true\n}\n',
        {"name": "p", "public_access": True, "public_cidrs": ["0.0.0.0/0"], "source": "module-eks"},
    ),
    (
        "node-group",
        'resource "aws_eks_node_group" "g" {\n  cluster_name = "c"\n  capacity_type = "SPOT"\n  instance_types = ["m6i.large"]\n}\n',
        {"capacity_type": "SPOT", "instance_types": ["m6i.large"], "source": "aws_eks_node_group"},
    ),
    (
        "addon",
        'resource "aws_eks_addon" "a" {\n  cluster_name = "c"\n  addon_name = "coredns"\n  addon_version = "v1"\n}\n',
        {"name": "coredns", "addon_version": "v1"},
    ),
    (
        "security-rule",
        'resource "aws_vpc_security_group_ingress_rule" "r" {\n  security_group_id = "sg-1"\n  cidr_ipv4 = "10.0.0.0/8"\n  ip_protocol = "tcp"\n  from_port = 22\n  to_port = 23\n  description = "ssh"\n}\n',
        {
            "direction": "ingress",
            "protocol": "tcp",
            "from_port": 22,
            "to_port": 23,
            "cidrs": ["10.0.0.0/8"],
            "description": "ssh",
            "group": "sg-1",
        },
    ),
    (
        "iam-statement",
        'data "aws_iam_policy_document" "d" {\n  statement {\n    sid = "S"\n    actions = ["s3:*"]\n    resources = ["*"]\n    condition {\n      test = "Bool"\n      variable = "aws:SecureTransport"\n      values = ["true"]\n    }\n  }\n}\n',
        {
            "sid": "S",
            "effect": "Allow",
            "actions": ["s3:*"],
            "resources": ["*"],
            "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
            "principals": [],
        },
    ),
    (
        "kubernetes-object",
        'resource "kubernetes_namespace" "n" {\n  metadata {\n    name = "shop"\n  }\n}\n',
        {"kind": "Namespace", "metadata": [{"name": "shop"}]},
    ),
    (
        "helm-release",
        'resource "helm_release" "h" {\n  name = "h"\n  chart = "argo-cd"\n  version = "1.2.3"\n}\n',
        {"name": "h", "chart": "argo-cd", "version": "1.2.3", "repository": None},
    ),
]


@pytest.mark.parametrize(("view", "code", "expected"), VIEWS, ids=[each[0] for each in VIEWS])
def test_a_view_is_seen_by_its_facts(view: str, code: str, expected: dict[str, Any]) -> None:
    [document] = seen(view, code)
    assert {name: document.values.get(name, "missing") for name in expected} == expected


def test_only_the_arguments_that_are_read_are_worked_out() -> None:
    assert seen("cluster", VIEWS[0][1], "name")[0].values == {"name": "p", "source": "module-eks"}
    assert seen("aws_*", 'resource "aws_x" "x" {\n  a = 1\n  b = 2\n}\n', "b")[0].values == {"b": 2}


@pytest.mark.parametrize("text", ["a", "a.b", "vpc_config[0].subnet_ids[12]", 'tags["a b"].c'])
def test_paths_are_written_as_they_are_read(text: str) -> None:
    assert written(parsed(text)) == text


def test_the_documented_input_is_the_real_one() -> None:
    text = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
    match = re.search(r'```json title="input"\n(.*?)```', text, re.DOTALL)
    assert match is not None
    code = """\
resource "aws_eks_cluster" "main" {
  name = var.name

  vpc_config {
    endpoint_public_access = false
    subnet_ids             = var.subnets
  }
}

variable "name" {}
variable "subnets" {}
"""
    folder = "live/production"
    context = context_of(
        {f"{folder}/main.tf": code, f"{folder}/terraform.tfvars": 'name = "platform"\n'}, folder
    )
    rule = read_policy("p.rego", policy('deny contains "x" if {\n\tinput.values.name\n\tinput.origins\n}'))
    [subject] = view_of(("aws_eks_cluster",)).find(context)
    real = input_of(rule, subject, context, document_of(subject, None))
    documented = json.loads(match[1])
    assert {**real, "origins": {"name": real["origins"]["name"]}} == documented
