"""Issue 6.2: backup and disaster recovery."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

CLUSTER = """
resource "aws_eks_cluster" "main" {
  name = "prod"
}
"""
EBS = """
resource "aws_eks_addon" "ebs" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "aws-ebs-csi-driver"
}
"""
SELECTION = """
resource "aws_backup_selection" "all" {
  plan_id = "p"
  name    = "all"
  %s
}
"""


def test_message_says_what_keeps_data_and_where_backups_were_looked_for() -> None:
    found = problems("EKS-OPS-201", CLUSTER + EBS)
    assert [each.text for each in found] == ['resource "aws_eks_cluster" "main" {']
    assert found[0].message == (
        "Persistent workloads run on `prod` (`aws_eks_addon.ebs`) but nothing backs them up: no Velero, "
        "Kasten or "
        "Portworx in Helm releases, EKS add-ons, modules, manifests, Argo CD and Flux objects of this "
        "repository, "
        "and no AWS Backup selection of the cluster."
    )


@pytest.mark.parametrize(
    "extra",
    [
        SELECTION % "resources = [aws_eks_cluster.main.arn]",
        SELECTION % 'resources = ["*"]',
        SELECTION % 'resources = ["arn:aws:eks:*:*:cluster/*"]',
        SELECTION % 'selection_tag {\n    type = "STRINGEQUALS"\n    key = "backup"\n    value = "yes"\n  }',
        'module "addons" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  enable_velero = true\n}',
    ],
)
def test_backups_of_every_kind(extra: str) -> None:
    assert states("EKS-OPS-201", CLUSTER + EBS + extra) == {"aws_eks_cluster.main": State.PASS}


@pytest.mark.parametrize(
    "extra",
    [
        SELECTION % "resources = [aws_efs_file_system.x.arn]" + 'resource "aws_efs_file_system" "x" {}',
        SELECTION % 'resources = ["arn:aws:dynamodb:*:*:table/*"]',
    ],
)
def test_selections_of_other_things_do_not_help(extra: str) -> None:
    assert states("EKS-OPS-201", CLUSTER + EBS + extra) == {"aws_eks_cluster.main": State.FINDING}


def test_unknown_selection_and_other_modules_decide_nothing() -> None:
    unknown = 'variable "arns" {}\n' + SELECTION % "resources = var.arns"
    assert states("EKS-OPS-201", CLUSTER + EBS + unknown) == {"aws_eks_cluster.main": State.NOT_EVALUATED}
    module = 'module "backup" {\n  source = "cloudposse/backup/aws"\n}\n'
    assert reasons("EKS-OPS-201", CLUSTER + EBS + module) == [
        "what `module.backup` backs up is not known from the code"
    ]


def test_no_data_no_backup_and_development_is_left_alone() -> None:
    assert reasons("EKS-OPS-201", CLUSTER) == ["nothing on the cluster keeps data"]
    files = {"dev/main.tf": CLUSTER + EBS}
    assert states("EKS-OPS-201", files, root="dev") == {"aws_eks_cluster.main": State.NOT_APPLICABLE}


def test_stateful_set_in_a_yaml_file_is_evidence() -> None:
    files = {
        "main.tf": CLUSTER,
        "k8s/db.yaml": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\n",
    }
    assert "(`k8s/db.yaml`)" in problems("EKS-OPS-201", files)[0].message
