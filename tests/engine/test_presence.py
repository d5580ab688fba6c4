"""Checks for what is missing: raised only by their trigger, in the summary only, and never over GitOps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.checks.runner import State
from reviewer.finding import Placement, Status
from tests.checks.harness import states

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

CHECKS = ("EKS-REL-203", "EKS-REL-204", "EKS-OBS-103", "EKS-OBS-201", "EKS-OBS-203")
CLUSTER = 'resource "aws_eks_cluster" "main" {\n  name = "prod"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "data" {\n  bucket = "data"\n}\n'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def test_a_new_cluster_raises_all_of_them_in_the_summary(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": PROVIDER}, {"main.tf": PROVIDER + CLUSTER}, select=CHECKS)
    assert {each.id: (each.status, each.placement) for each in review.findings} == dict.fromkeys(
        CHECKS, (Status.INTRODUCED, Placement.SUMMARY)
    )


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(PROVIDER + CLUSTER + BUCKET, id="something else is added"),
        pytest.param(PROVIDER.replace("eu-west-1", "eu-west-2") + CLUSTER, id="something else is changed"),
        pytest.param(PROVIDER + "# the cluster\n" + CLUSTER, id="a comment"),
    ],
)
def test_what_does_not_touch_their_trigger_raises_none(review_change: ReviewChange, head: str) -> None:
    review = review_change({"main.tf": PROVIDER + CLUSTER}, {"main.tf": head}, select=CHECKS)
    assert review.findings == ()


def test_a_change_of_the_cluster_finds_what_was_missing_before(review_change: ReviewChange) -> None:
    head = CLUSTER.replace("}", '  version = "1.34"\n}')
    review = review_change({"main.tf": PROVIDER + CLUSTER}, {"main.tf": PROVIDER + head}, select=CHECKS)
    assert {each.id: each.status for each in review.findings} == dict.fromkeys(CHECKS, Status.EXISTING)
    assert review.verdict.exit_code == 0


SCALER = """
resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
  metadata {
    name = "api"
  }
}
"""


@pytest.mark.parametrize("is_added", [True, False])
def test_an_autoscaler_neither_brings_nor_cures_the_lack_of_metrics_server(
    review_change: ReviewChange,
    is_added: bool,  # noqa: FBT001 - a column
) -> None:
    versions = [PROVIDER + CLUSTER, PROVIDER + CLUSTER + SCALER]
    base, head = versions if is_added else reversed(versions)
    review = review_change({"main.tf": base}, {"main.tf": head}, select=("EKS-REL-204",))
    assert [(each.address, each.status, each.line) for each in review.findings] == [
        ("aws_eks_cluster.main", Status.EXISTING, 8 if is_added else 4)
    ]


GITOPS = [
    pytest.param('resource "helm_release" "a" {\n  chart = "argo-cd"\n}\n', id="Argo CD by Helm"),
    pytest.param('resource "helm_release" "f" {\n  chart = "flux2"\n}\n', id="Flux by Helm"),
    pytest.param('resource "flux_bootstrap_git" "f" {\n}\n', id="Flux by its provider"),
    pytest.param('resource "aws_eks_capability" "c" {\n  type = "ARGOCD"\n}\n', id="capability"),
    pytest.param(
        'module "c" {\n  source = "terraform-aws-modules/eks/aws//modules/capability"\n  type = "ARGOCD"\n}\n',
        id="capability of the module",
    ),
    pytest.param(
        'module "a" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  enable_argocd = true\n}\n',
        id="blueprints",
    ),
]


@pytest.mark.parametrize("gitops", GITOPS)
@pytest.mark.parametrize("check", CHECKS)
def test_add_ons_may_be_managed_in_another_repository(check: str, gitops: str) -> None:
    assert states(check, CLUSTER + gitops) == {"aws_eks_cluster.main": State.NOT_EVALUATED}


@pytest.mark.parametrize("check", CHECKS)
def test_with_the_applications_here_what_is_missing_is_missing(check: str) -> None:
    files = {
        "main.tf": CLUSTER + 'resource "helm_release" "a" {\n  chart = "argo-cd"\n}\n',
        "apps/api.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n",
    }
    assert states(check, files) == {"aws_eks_cluster.main": State.FINDING}
