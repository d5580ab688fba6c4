"""Issue 6.2, missing backup and disaster recovery."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, replace_expression, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import ValueBody
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import NULL, Value
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.component.component import PLACES, find_component, find_here
from reviewer.views.fact import is_true
from reviewer.views.network.vpc import refers_to
from reviewer.views.region import region_in_force
from reviewer.views.repository.documents import documents_about
from reviewer.views.repository.workflow import Workflow, member, text
from reviewer.views.storage.backup import BackupCopy, BackupSelection, is_selected
from reviewer.views.storage.bucket import Bucket
from reviewer.views.storage.data_store import BackedUp, DataStore, Destroyable, Volume
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


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
            f"Pods on {code(cluster.label)} can keep data ({code(evidence.what)}), and nothing backs it up: "
            f"no Velero, Kasten or Portworx in {PLACES}, and no AWS Backup selection of the cluster."
        ),
        at=cluster.header,
        attribute="backup",
        related=(evidence.at,) if evidence.at is not None else (),
    )


@check(
    "EKS-OPS-202",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Volume,
    resources=("aws_efs_file_system", "aws_ebs_volume", "aws_db_instance", "aws_rds_cluster"),
    peers=("CKV2_AWS_8", "CKV2_AWS_9", "CKV2_AWS_18"),
    production_only=True,
)
def volume_not_in_backup_plan(volume: Volume, context: Context) -> Iterator[Problem]:
    """A file system or volume is in no backup plan.

    What is deleted by a bug, a tenant or `terraform destroy` is gone: volumes have no undo.

    Fix: For EFS add an `aws_efs_backup_policy` with the status `ENABLED`; or select the resource in an AWS
    Backup plan, by its ARN or by a tag.

    Bad:

    ```hcl
    resource "aws_efs_file_system" "data" { # fails
      encrypted = true
    }
    ```

    Good:

    ```hcl
    resource "aws_efs_file_system" "data" {
      encrypted = true
    }

    resource "aws_efs_backup_policy" "data" {
      file_system_id = aws_efs_file_system.data.id

      backup_policy {
        status = "ENABLED"
      }
    }
    ```

    References:
    - [AWS Backup: assigning resources](https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html)
    - [EFS user guide: automatic backups](https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html)
    """
    service = _SERVICES[volume.kind]
    if service == "rds" and not any(True for _ in BackupSelection.find(context)):
        raise NotApplicableError("the database has automated backups of its own")
    if not volume.body.attr("replicate_source_db").is_null:
        raise NotApplicableError("a replica is backed up at its source")
    if is_selected(context, volume.instance, service) or _has_own_policy(volume, context):
        return
    yield Problem(
        message=f"{code(volume.address)} is in no backup plan.",
        at=volume.header,
        attribute="backup_plan",
    )


_SERVICES = {
    "aws_efs_file_system": "elasticfilesystem",
    "aws_ebs_volume": "ec2",
    "aws_db_instance": "rds",
    "aws_rds_cluster": "rds",
}


def _has_own_policy(volume: Volume, context: Context) -> bool:
    """Tell whether EFS backs the file system up by itself, or Data Lifecycle Manager takes snapshots."""
    for module in context.root.walk():
        if volume.kind == "aws_ebs_volume" and any(module.resources_of("aws_dlm_lifecycle_policy")):
            return True
        for each in module.resources_of("aws_efs_backup_policy"):
            if refers_to(each.body.attr("file_system_id"), volume.instance):
                policy = each.body.blocks("backup_policy").first()
                return policy is not None and policy.attr("status").test(lambda status: status == "ENABLED")
    return False


_RETENTION = {
    "aws_db_instance": ("backup_retention_period", 0),
    "aws_rds_cluster": ("backup_retention_period", 1),
    "aws_docdb_cluster": ("backup_retention_period", 1),
    "aws_neptune_cluster": ("backup_retention_period", 1),
    "aws_elasticache_replication_group": ("snapshot_retention_limit", 0),
}


@check(
    "EKS-OPS-203",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=BackedUp,
    resources=(
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
        "aws_dynamodb_table",
        "aws_elasticache_replication_group",
    ),
    peers=(
        "CKV_AWS_133",
        "CKV_AWS_28",
        "CKV_AWS_134",
        "CKV_AWS_360",
        "CKV_AWS_361",
        "AWS-0077",
        "AWS-0024",
        "AWS-0050",
    ),
    fix=FixKind.REPLACE,
    production_only=True,
)
def automated_backups_disabled(store: BackedUp, context: Context) -> Iterator[Problem]:
    """A data store keeps no automated backups, or too few.

    A bad migration or a deleted table is often noticed days later. What is older than the backups cannot be
    restored.

    Fix: Keep seven days or more: `backup_retention_period = 7`, point-in-time recovery for DynamoDB.

    Bad:

    ```hcl
    resource "aws_db_instance" "app" {
      engine                  = "postgres"
      backup_retention_period = 1 # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_db_instance" "app" {
      engine                  = "postgres"
      backup_retention_period = 7
    }
    ```

    References:
    - [RDS user guide: automated backups](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html)
    - [DynamoDB: point-in-time recovery](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html)
    """
    if _is_a_copy(store):
        raise NotApplicableError("the store is a replica, or can be filled again")
    if store.kind == "aws_dynamodb_table":
        yield from _without_recovery(store)
        return
    argument, default = _RETENTION[store.kind]
    value = store.body.attr(argument)
    wanted = context.config.min_backup_days
    if not value.test(lambda days: _days(days, default) < wanted):
        return
    yield Problem(
        message=f"{code(store.address)} keeps {_count(_days(value.data, default))} of backups.",
        at=value.supplier or store.header,
        attribute=argument,
        related=value.origins,
        fix=_fix(store, argument, str(wanted), "In place; on a single-AZ instance I/O pauses shortly."),
    )


def _is_a_copy(store: BackedUp) -> bool:
    body = store.body
    copies = ("replicate_source_db", "replication_source_identifier", "global_replication_group_id")
    if any(not body.attr(name).is_null for name in copies) or body.blocks("restore_to_point_in_time").known:
        return True
    if is_lock_table(store):
        return True
    if store.kind != "aws_elasticache_replication_group":
        return False
    names = (store.instance.name, body.attr("replication_group_id").data, body.attr("description").data)
    return any("cache" in str(name).lower() or "session" in str(name).lower() for name in names)


def is_lock_table(store: DataStore) -> bool:
    """Tell whether a table only holds the locks of Terraform's state."""
    return store.body.attr("hash_key").data == "LockID"


def _days(data: object, default: int) -> int:
    text = str(data)
    return int(text) if text.isdigit() else default


def _count(days: int) -> str:
    return "no day" if not days else f"{days} day{'s' * (days != 1)}"


def _fix(store: DataStore, argument: str, expression: str, note: str) -> Fix | None:
    """Return the edit of an argument that is a literal or absent."""
    block = store.instance.block
    attribute = block.attributes.get(argument)
    is_plain = attribute is None or re.fullmatch(r"\d+|true|false", attribute.expression.text) is not None
    return (
        Fix((set_argument(block, argument, expression),), note) if is_plain and not is_json(block) else None
    )


def _without_recovery(store: BackedUp) -> Iterator[Problem]:
    value = store.get("point_in_time_recovery.enabled")
    if value.test(is_true):
        return
    block = store.instance.block
    nested = next(block.nested("point_in_time_recovery"), None)
    fix = None
    if nested is None and not is_json(block) and not store.body.blocks("point_in_time_recovery").undecided:
        lines = ("point_in_time_recovery {", "  enabled = true", "}")
        fix = Fix((insert_lines(block, lines),), "Switched on in place; billed by the size of the table.")
    yield Problem(
        message=(
            f"{code(store.address)} has no point-in-time recovery: what is deleted or overwritten is gone."
        ),
        at=value.supplier or store.header,
        attribute="point_in_time_recovery.enabled",
        related=value.origins,
        fix=fix,
    )


_PROTECTION = {
    "aws_db_instance": "deletion_protection",
    "aws_rds_cluster": "deletion_protection",
    "aws_dynamodb_table": "deletion_protection_enabled",
    "aws_eks_cluster": "deletion_protection",
}
_ONLY_WHEN_STRICT = frozenset({"aws_eks_cluster"})
_FORCE = {
    "aws_s3_bucket": "force_destroy",
    "aws_backup_vault": "force_destroy",
    "aws_ecr_repository": "force_delete",
}
_THROWN_AWAY = re.compile(r"(?:^|[-_.])(?:te?mp|test|scratch|sandbox|logs?)(?:$|[-_.])")


@check(
    "EKS-OPS-204",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Destroyable,
    resources=(
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_eks_cluster",
        "aws_s3_bucket",
        "aws_ecr_repository",
        "aws_backup_vault",
        "aws_dynamodb_table",
        "aws_lb",
        "module:eks",
    ),
    peers=("CKV_AWS_293", "CKV_AWS_139", "AWS-0177", "AWS-0343"),
    fix=FixKind.INSERT,
    production_only=True,
)
def stateful_resource_destroyable(store: Destroyable, context: Context) -> Iterator[Problem]:
    """Terraform can delete a data store without a last copy.

    A rename, a changed `for_each` key or a `terraform destroy` in the wrong folder then deletes the data,
    and nothing stops it.

    Fix: Set `deletion_protection = true` or `prevent_destroy`, and leave `force_destroy` and `force_delete`
    off.

    Bad:

    ```hcl
    resource "aws_db_instance" "app" { # fails
      engine = "postgres"
    }
    ```

    Good:

    ```hcl
    resource "aws_db_instance" "app" {
      engine                    = "postgres"
      deletion_protection       = true
      final_snapshot_identifier = "app-final"
    }
    ```

    References:
    - [RDS user guide: deletion protection](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html)
    - [Terraform: prevent_destroy](https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle)
    """
    if store.is_kept:
        return
    if store.kind in _ONLY_WHEN_STRICT and not context.config.strict:
        raise NotApplicableError("the setting `strict` is off")
    if is_lock_table(store):
        raise NotApplicableError("the table holds locks only")
    argument = _FORCE.get(store.kind)
    if argument is not None:
        yield from _forced(store, argument)
        return
    if not store.body.attr("replicate_source_db").is_null:
        raise NotApplicableError("a replica holds no data of its own")
    argument = _PROTECTION[store.kind]
    value = store.body.attr(argument)
    if value.test(is_true):
        return
    snapshot = store.body.attr("skip_final_snapshot")
    without = " and no final snapshot is taken" if is_true(snapshot.data) else ""
    yield Problem(
        message=(
            f"`terraform destroy`, or a rename, deletes {code(store.address)} and its data: it is not "
            "protected"
            f"{without}."
        ),
        at=value.supplier or store.header,
        attribute=argument,
        hint=f"Set `{argument} = true`, or `prevent_destroy` in the `lifecycle`.",
        related=(*value.origins, *snapshot.origins),
        fix=_fix(store, argument, "true", "Switched on in place, without downtime."),
    )


def _forced(store: Destroyable, argument: str) -> Iterator[Problem]:
    value = store.body.attr(argument)
    names = (store.body.attr("bucket").data, store.body.attr("name").data, store.instance.name)
    if not value.test(is_true) or any(_THROWN_AWAY.search(str(name)) for name in names):
        return
    yield Problem(
        message=f"`terraform destroy`, or a rename, deletes {code(store.address)} with everything in it.",
        at=value.supplier or store.header,
        attribute=argument,
        hint=(
            f"Set `{argument} = false`: deleting then fails while anything is in it. `prevent_destroy` in "
            "the `lifecycle` stops the plan before."
        ),
        related=value.origins,
        fix=_fix(store, argument, "false", "Only what a later destroy does is changed."),
    )


@check(
    "EKS-OPS-205",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Bucket,
    resources=("aws_s3_bucket", "aws_s3_bucket_versioning"),
    peers=("CKV_AWS_21", "AWS-0090", "KICS s3_bucket_without_versioning"),
    fix=FixKind.REPLACE,
)
def bucket_versioning_disabled(bucket: Bucket, context: Context) -> Iterator[Problem]:
    """A bucket that must not lose anything keeps no versions.

    One bad write replaces the Terraform state, a backup or an audit log for good.

    Fix: Add an `aws_s3_bucket_versioning` with the status `Enabled`.

    Bad:

    ```hcl
    resource "aws_s3_bucket" "state" {
      bucket = "acme-tfstate"
    }

    resource "aws_s3_bucket_versioning" "state" {
      bucket = aws_s3_bucket.state.id

      versioning_configuration {
        status = "Suspended" # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_s3_bucket" "state" {
      bucket = "acme-tfstate"
    }

    resource "aws_s3_bucket_versioning" "state" {
      bucket = aws_s3_bucket.state.id

      versioning_configuration {
        status = "Enabled"
      }
    }
    ```

    References:
    - [S3 user guide: versioning](https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html)
    """
    purpose = bucket.purpose(context) or ("data" if context.config.strict else None)
    if purpose is None:
        raise NotApplicableError("nothing says that the bucket keeps what must not be lost")
    status = _versioning(bucket, context)
    if status.test(lambda state: is_true(state) or state == "Enabled"):
        return
    fix = None
    if status.supplier is not None and status.supplier.text == '"Suspended"':
        fix = Fix((replace_expression(status.supplier, '"Enabled"'),), "Switched on in place.")
    yield Problem(
        message=f"Bucket {code(bucket.address)} holds {purpose} and is not versioned.",
        at=status.supplier or bucket.header,
        attribute="versioning",
        related=status.origins,
        fix=fix,
    )


def _versioning(bucket: Bucket, context: Context) -> Value:
    """Return whether the bucket keeps versions: a status, or the flag of older spellings."""
    body = bucket.instance.body
    if bucket.is_module:
        written = ValueBody(body.attr("versioning"))
        return written.attr("status") if written.attr("enabled").is_null else written.attr("enabled")
    for each in bucket.companions(context, "aws_s3_bucket_versioning"):
        configuration = each.body.blocks("versioning_configuration").first()
        return configuration.attr("status") if configuration is not None else NULL
    inline = body.blocks("versioning").first()
    return inline.attr("enabled") if inline is not None else NULL


@check(
    "EKS-OPS-206",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=BackupCopy,
    resources=("aws_backup_plan", "aws_s3_bucket", "helm_release", "aws_db_instance", "aws_ecr_repository"),
    peers=("CKV_AWS_144 (S3)",),
    production_only=True,
)
def no_cross_region_copy(backup: BackupCopy, context: Context) -> Iterator[Problem]:
    """Backups never leave the region.

    When the region is down, or the account's keys in it are lost, the backups are where the originals are.

    Fix: Add a `copy_action` to a vault in another region, or replicate the bucket.

    Bad:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_backup_vault" "main" {
      name = "main"
    }

    resource "aws_backup_plan" "daily" { # fails
      name = "daily"

      rule {
        rule_name         = "daily"
        target_vault_name = aws_backup_vault.main.name
      }
    }
    ```

    Good:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    provider "aws" {
      alias  = "dr"
      region = "eu-central-1"
    }

    resource "aws_backup_vault" "main" {
      name = "main"
    }

    resource "aws_backup_vault" "dr" {
      provider = aws.dr
      name     = "dr"
    }

    resource "aws_backup_plan" "daily" {
      name = "daily"

      rule {
        rule_name         = "daily"
        target_vault_name = aws_backup_vault.main.name

        copy_action {
          destination_vault_arn = aws_backup_vault.dr.arn
        }
      }
    }
    ```

    References:
    - [AWS Backup: copies across regions](https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html)
    """
    if context.config.single_region:
        raise NotApplicableError("the configuration says that data must not leave its region")
    if backup.leaves(context):
        return
    region = region_in_force(backup.instance).data
    place = code(region) if isinstance(region, str) else "the region"
    yield Problem(
        message=f"Backups of {code(backup.address)} never leave {place}.",
        at=backup.header,
        attribute="copy_action" if backup.instance.type == "aws_backup_plan" else "replication",
    )


@check(
    "EKS-OPS-207",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def dr_evidence_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing shows that the cluster could be restored.

    A backup that nobody has restored is a hope. In a disaster there is no time to find out how.

    Fix: Write `docs/runbooks/disaster-recovery.md` with the steps and the times that count (RTO, RPO), and
    restore on a schedule, with AWS Backup restore testing or a workflow.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" { # fails
      name = "prod"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_backup_restore_testing_plan" "monthly" {
      name = "monthly"
    }
    ```

    References:
    - [AWS Backup: restore testing](https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html)
    - [EKS best practices: reliability](https://docs.aws.amazon.com/eks/latest/best-practices/reliability.html)
    """
    if context.config.operations_docs_url:
        raise NotApplicableError("the runbooks are elsewhere, as the configuration says")
    words = ("disaster", "restor", "recover", "rto", "rpo", "dr")
    if any(True for _ in documents_about(context, *words)) or _is_restore_tested(context):
        return
    yield Problem(
        message=(
            f"No runbook and no restore test for {code(cluster.label)} in this repository: no document "
            "about recovery, no "
            "AWS Backup restore testing, no scheduled workflow that restores."
        ),
        at=cluster.header,
        attribute="disaster_recovery",
    )


def _is_restore_tested(context: Context) -> bool:
    if context.tree.containing(("aws_backup_restore_testing_plan",), CONFIGURATION_SUFFIXES):
        return True
    for workflow in Workflow.find(context):
        name = f"{workflow.address} {text(member(workflow.document, 'name'))}".lower()
        if "schedule" in workflow.events() and re.search(r"restor|disaster|recover|\bdr\b", name):
            return True
    return False
