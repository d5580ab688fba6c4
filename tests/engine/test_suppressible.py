"""A comment says above which line a suppression counts: put there, it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reviewer.config.choices import NewSuppressions
from reviewer.finding import Finding, Placement
from reviewer.report import markdown

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

PLACE = re.compile(r"in a comment above (?:the line|`(?P<path>[^`]+):(?P<line>\d+)`):")
GROUPS = """\
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  eks_managed_node_groups = {
    general = {
      ami_type = "AL2023_x86_64_STANDARD"
    }
    batch = {
      ami_type = "%s"
    }
  }
}
"""
RELEASE = """\
resource "helm_release" "web" {
  name    = "web"
  chart   = "oci://registry.example/ingress-nginx"
  version = "4.14.0"
  set = [
    { name = "controller.service.type", value = "LoadBalancer" },
    { name = "controller.replicaCount", value = "%s" },
  ]
}
"""
KEY = 'resource "aws_kms_key" "k" {\n%s' + "  # of the platform\n" * 8 + '  description = "%s"\n}\n'
ROLE = """\
resource "aws_iam_role_policy" "app" {
  role   = "app"
  policy = file("${path.module}/policy.json")
}
"""
POLICY = '{"Statement": [{\n  "Effect": "Allow",\n  "Action": "%s",\n  "Resource": "*"\n}]}\n'
MANIFEST = 'resource "kubernetes_manifest" "web" {\n  manifest = yamldecode(file("web.yaml"))\n}\n'
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: web
spec:
  replicas: %s
  template:
    spec:
      topologySpreadConstraints:
        - topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule
          maxSkew: 1
      containers:
        - name: web
          image: registry.example/web:1.2.3
"""
NODES = """\
variable "cluster_version" {}
data "aws_ami" "nodes" {
  filter {
    name   = "name"
    values = ["amazon-eks-node-${var.cluster_version}-v*"]
  }
}
"""
CALL = 'module "nodes" {\n  source          = "./nodes"\n  cluster_version = "1.32"\n}\n'


@pytest.mark.parametrize(
    ("check", "base", "head", "where"),
    [
        pytest.param(
            "EKS-CFG-208",
            {"main.tf": GROUPS % "AL2023_x86_64_STANDARD"},
            {"main.tf": GROUPS % "AL2_x86_64"},
            ("main.tf", 10),
            id="an entry of a map in a map",
        ),
        pytest.param(
            "EKS-REL-105",
            {"main.tf": RELEASE % "3"},
            {"main.tf": RELEASE % "1"},
            ("main.tf", 7),
            id="an element of a list",
        ),
        pytest.param(
            "EKS-SEC-307",
            {"main.tf": KEY % ("  enable_key_rotation = true\n", "old")},
            {"main.tf": KEY % ("  enable_key_rotation = false\n", "new")},
            ("main.tf", 2),
            id="the line itself",
        ),
        pytest.param(
            "EKS-CFG-208",
            {"main.tf": "", "nodes/main.tf": NODES},
            {"main.tf": CALL},
            ("main.tf", 1),
            id="a new call of old code",
        ),
        pytest.param(
            "EKS-SEC-202",
            {"main.tf": ROLE, "policy.json": POLICY % "s3:GetObject"},
            {"policy.json": POLICY % "s3:*"},
            ("main.tf", 3),
            id="JSON that is loaded",
        ),
        pytest.param(
            "EKS-REL-105",
            {"main.tf": MANIFEST, "web.yaml": WEB % 3},
            {"web.yaml": WEB % 1},
            ("main.tf", 2),
            id="YAML that is loaded",
        ),
    ],
)
def test_a_suppression_counts_where_the_comment_asks_for_it(
    review_change: ReviewChange,
    check: str,
    base: dict[str, str],
    head: dict[str, str],
    where: tuple[str, int],
) -> None:
    config = {"select": (check,), "new_suppressions": NewSuppressions.AT_ONCE}
    [finding] = [
        each for each in review_change(base, head, **config).findings if each.placement is Placement.INLINE
    ]
    assert asked_for(finding) == where
    path, line = where
    lines = {**base, **head}[path].splitlines(keepends=True)
    lines.insert(line - 1, f'# eks-review:ignore {check} reason="agreed" until=2027-01-31\n')
    [accepted] = review_change(base, {**head, path: "".join(lines)}, **config).findings
    assert accepted.suppressed is not None


def asked_for(finding: Finding) -> tuple[str, int] | None:
    """Return where the comment on a finding asks for the suppression."""
    found = PLACE.search(markdown.comment(finding))
    assert found is not None
    return (found["path"], int(found["line"])) if found["path"] else (finding.path, finding.comment_line or 0)


def test_a_suppression_above_an_entry_covers_all_of_it_and_nothing_else(review_change: ReviewChange) -> None:
    directive = '    # eks-review:ignore EKS-CFG-208 reason="agreed" until=2027-01-31\n'
    base = GROUPS % "AL2023_x86_64_STANDARD"
    head = (GROUPS % "AL2_x86_64").replace("AL2023", "AL2").replace("_STANDARD", "")
    config = {"select": ("EKS-CFG-208",), "new_suppressions": NewSuppressions.AT_ONCE}
    review = review_change(
        {"main.tf": base}, {"main.tf": head.replace("    batch", f"{directive}    batch")}, **config
    )
    assert {each.line: each.is_accepted for each in review.findings} == {7: False, 11: True}


def test_a_suppression_in_a_file_that_is_loaded_is_told_not_to_count(review_change: ReviewChange) -> None:
    directive = '  # eks-review:ignore EKS-REL-105 reason="agreed" until=2027-01-31\n'
    head = (WEB % 1).replace("  replicas", f"{directive}  replicas")
    review = review_change(
        {"main.tf": MANIFEST, "web.yaml": WEB % 3}, {"web.yaml": head}, select=("EKS-REL-105",)
    )
    assert [each.suppressed for each in review.findings] == [None]
    [notice] = review.notices
    assert (notice.path, notice.line) == ("web.yaml", 7)
    assert notice.message.startswith("A suppression does not count: only Terraform files are read for them.")


def test_so_is_one_in_a_manifest_that_nobody_loads(review_change: ReviewChange) -> None:
    pool = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata:\n  name: jobs\nspec: {} # eks-review:ignore EKS-COST-109\n"
    review = review_change(
        {"main.tf": 'provider "aws" {}\n'}, {"nodepool.yaml": pool}, select=("EKS-COST-109",)
    )
    assert [(each.path, each.line) for each in review.notices] == [("nodepool.yaml", 5)]
