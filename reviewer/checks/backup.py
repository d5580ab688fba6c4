"""Issue 6.2, missing backup and disaster recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.views.backup import is_selected
from reviewer.views.cluster import Cluster
from reviewer.views.component import PLACES, find_component, find_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context


@check(
    "EKS-OPS-201",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_cluster", "kubernetes_stateful_set", "kubernetes_storage_class", "module:eks"),
    surface=Surface.SUMMARY,
    production_only=True,
)
def no_cluster_backup(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Persistent workloads run on the cluster and nothing backs them up.

    Volumes and the objects that use them are gone with a deleted namespace, a wrong `terraform destroy` or
    a failed upgrade. Without a backup that restores both together, they stay gone.

    Fix: Install Velero with a bucket in another account or region, or select the cluster in an AWS Backup
    plan (it needs the authentication mode `API` or `API_AND_CONFIG_MAP`). Restore once to see that it works.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" { # fails
      name = "prod"
    }

    resource "aws_eks_addon" "ebs" {
      cluster_name = aws_eks_cluster.main.name
      addon_name   = "aws-ebs-csi-driver"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_addon" "ebs" {
      cluster_name = aws_eks_cluster.main.name
      addon_name   = "aws-ebs-csi-driver"
    }

    resource "helm_release" "velero" {
      name       = "velero"
      repository = "https://vmware-tanzu.github.io/helm-charts"
      chart      = "velero"
      version    = "11.1.1"
    }
    ```

    References:
    - [EKS user guide: back up your clusters with AWS Backup](https://docs.aws.amazon.com/eks/latest/userguide/integration-backup.html)
    - [Velero plugin for AWS](https://github.com/vmware-tanzu/velero-plugin-for-aws)
    """
    evidence = find_here(context, "stateful-storage")
    if evidence is None:
        raise NotApplicableError("nothing on the cluster keeps data")
    if is_selected(context, cluster.instance, "eks") or find_component(context, "backup") is not None:
        return
    yield Problem(
        message=(
            f"Persistent workloads run on {code(cluster.label)} ({code(evidence.what)}) "
            f"but nothing backs them up: no Velero, Kasten or Portworx in {PLACES}, and no AWS Backup "
            "selection of the cluster."
        ),
        at=cluster.header,
        attribute="backup",
        related=(evidence.at,) if evidence.at is not None else (),
    )
