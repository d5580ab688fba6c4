"""Issue 6.2: backup and disaster recovery."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

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
        "Pods on `prod` can keep data (`aws_eks_addon.ebs`), and nothing backs it up: no Velero, Kasten or "
        "Portworx in Helm releases, EKS add-ons, modules, manifests, Argo CD and Flux objects of this "
        "repository, "
        "and no AWS Backup selection of the cluster."
    )


def resource_of(kind: str, arguments: str) -> str:
    return f'resource "{kind}" "b" {{\n  {arguments}\n}}\n'


@pytest.mark.parametrize(
    "extra",
    [
        SELECTION % "resources = [aws_eks_cluster.main.arn]",
        SELECTION % 'resources = ["*"]',
        SELECTION % 'resources = ["arn:aws:eks:*:*:cluster/*"]',
        SELECTION % 'selection_tag {\n    type = "STRINGEQUALS"\n    key = "backup"\n    value = "yes"\n  }',
        'module "addons" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  enable_velero = true\n}',
        resource_of("helm_release", 'chart = "velero"'),
        resource_of("helm_release", 'chart = "k10"'),
        resource_of("helm_release", 'chart = "px-backup"'),
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


def test_add_ons_of_another_repository_decide_nothing() -> None:
    argo = resource_of("helm_release", 'chart = "argo-cd"')
    assert reasons("EKS-OPS-201", CLUSTER + EBS + argo) == [
        "a GitOps controller is installed, and add-ons are managed in another repository"
    ]


@pytest.mark.parametrize(
    "evidence",
    [
        resource_of("kubernetes_stateful_set_v1", ""),
        resource_of("kubernetes_storage_class_v1", ""),
        resource_of("kubernetes_persistent_volume_claim_v1", ""),
        resource_of("helm_release", 'chart = "aws-efs-csi-driver"'),
    ],
)
def test_what_keeps_data_on_a_cluster(evidence: str) -> None:
    assert states("EKS-OPS-201", CLUSTER + evidence) == {"aws_eks_cluster.main": State.FINDING}


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


def resource(kind: str, arguments: str = "", name: str = "x") -> str:
    return f'resource "{kind}" "{name}" {{\n  {arguments}\n}}\n'


EFS = resource("aws_efs_file_system")
POLICY = resource(
    "aws_efs_backup_policy",
    'file_system_id = aws_efs_file_system.x.id\n  backup_policy {\n    status = "%s"\n  }',
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (EFS, State.FINDING),
        (EFS + POLICY % "DISABLED", State.FINDING),
        (EFS + POLICY % "ENABLED", State.PASS),
        (EFS + SELECTION % "resources = [aws_efs_file_system.x.arn]", State.PASS),
        (EFS + SELECTION % 'resources = ["*"]', State.PASS),
        (EFS + SELECTION % "resources = [aws_ebs_volume.y.arn]", State.FINDING),
        (resource("aws_ebs_volume"), State.FINDING),
        (resource("aws_ebs_volume") + resource("aws_dlm_lifecycle_policy"), State.PASS),
        (EFS + SELECTION % 'resources = ["arn:aws:elasticfilesystem:*:*:file-system/*"]', State.PASS),
        (
            (
                EFS + SELECTION % 'selection_tag {\n    type = "STRINGEQUALS"\n    key = "backup"\n'
                '    value = "yes"\n  }'
            ),
            State.PASS,
        ),
        (EFS + 'variable "arns" {}\n' + SELECTION % "resources = var.arns", State.NOT_EVALUATED),
        (
            (
                resource("aws_db_instance", 'replicate_source_db = "db"')
                + SELECTION % "resources = [aws_ebs_volume.y.arn]"
            ),
            State.NOT_APPLICABLE,
        ),
        (resource("aws_db_instance"), State.NOT_APPLICABLE),
        (resource("aws_db_instance") + SELECTION % "resources = [aws_ebs_volume.y.arn]", State.FINDING),
    ],
)
def test_what_is_in_a_backup_plan(code: str, expected: State) -> None:
    found = states("EKS-OPS-202", code)
    assert next(state for address, state in found.items() if address.endswith(".x")) == expected


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("aws_db_instance", "", "`aws_db_instance.x` keeps no day of backups."),
        ("aws_db_instance", "backup_retention_period = 3", "`aws_db_instance.x` keeps 3 days of backups."),
        ("aws_rds_cluster", "", "`aws_rds_cluster.x` keeps 1 day of backups."),
        ("aws_docdb_cluster", "", "`aws_docdb_cluster.x` keeps 1 day of backups."),
        ("aws_neptune_cluster", "", "`aws_neptune_cluster.x` keeps 1 day of backups."),
        (
            "aws_elasticache_replication_group",
            'engine = "redis"',
            "`aws_elasticache_replication_group.x` keeps no day of backups.",
        ),
        (
            "aws_dynamodb_table",
            "",
            "`aws_dynamodb_table.x` has no point-in-time recovery: what is deleted or overwritten is gone.",
        ),
    ],
)
def test_too_few_backups_and_the_fix(kind: str, arguments: str, message: str) -> None:
    code = resource(kind, arguments)
    assert [each.message for each in problems("EKS-OPS-203", code)] == [message]
    fix = outcomes("EKS-OPS-203", code)[0].problems[0].fix
    assert fix is not None
    assert problems("EKS-OPS-203", apply_edits(code, fix.edits)) == []


@pytest.mark.parametrize(
    ("kind", "arguments", "state"),
    [
        ("aws_db_instance", "backup_retention_period = 14", State.PASS),
        ("aws_db_instance", "backup_retention_period = var.days", State.NOT_EVALUATED),
        ("aws_db_instance", "replicate_source_db = aws_db_instance.main.id", State.NOT_APPLICABLE),
        ("aws_rds_cluster", "restore_to_point_in_time {}", State.NOT_APPLICABLE),
        ("aws_dynamodb_table", 'hash_key = "LockID"', State.NOT_APPLICABLE),
        ("aws_dynamodb_table", "point_in_time_recovery {\n    enabled = true\n  }", State.PASS),
        (
            "aws_elasticache_replication_group",
            'replication_group_id = "page-cache"',
            State.NOT_APPLICABLE,
        ),
    ],
)
def test_enough_backups_or_none_needed(kind: str, arguments: str, state: State) -> None:
    assert set(states("EKS-OPS-203", resource(kind, arguments)).values()) == {state}


@pytest.mark.parametrize(
    ("kind", "arguments", "line"),
    [
        ("aws_db_instance", 'engine = "postgres"', 'resource "aws_db_instance" "x" {'),
        ("aws_db_instance", "deletion_protection = false", "deletion_protection = false"),
        ("aws_rds_cluster", "skip_final_snapshot = true", 'resource "aws_rds_cluster" "x" {'),
        ("aws_dynamodb_table", 'name = "t"', 'resource "aws_dynamodb_table" "x" {'),
        ("aws_s3_bucket", "force_destroy = true", "force_destroy = true"),
        ("aws_backup_vault", "force_destroy = true", "force_destroy = true"),
        ("aws_ecr_repository", "force_delete = true", "force_delete = true"),
    ],
)
def test_what_terraform_would_delete_and_the_fix(kind: str, arguments: str, line: str) -> None:
    code = resource(kind, arguments)
    assert [each.text for each in problems("EKS-OPS-204", code)] == [line]
    fix = outcomes("EKS-OPS-204", code)[0].problems[0].fix
    assert fix is not None
    assert problems("EKS-OPS-204", apply_edits(code, fix.edits)) == []


@pytest.mark.parametrize(
    ("kind", "arguments", "advice"),
    [
        ("aws_rds_cluster", "", "Set `deletion_protection = true`, or `prevent_destroy` in the `lifecycle`."),
        ("aws_dynamodb_table", "", "Set `deletion_protection_enabled = true`, or"),
        ("aws_s3_bucket", "force_destroy = true", "Set `force_destroy = false`: deleting then fails while"),
        ("aws_ecr_repository", "force_delete = true", "Set `force_delete = false`: deleting then fails"),
    ],
)
def test_advice_names_the_argument_of_that_store(kind: str, arguments: str, advice: str) -> None:
    [found] = problems("EKS-OPS-204", resource(kind, arguments))
    assert found.hint.startswith(advice)


@pytest.mark.parametrize("folder", ["develop", "qa", "envs/development"])
def test_environments_where_a_lost_store_is_no_loss(folder: str) -> None:
    files = {f"{folder}/main.tf": resource("aws_s3_bucket", "force_destroy = true")}
    assert set(states("EKS-OPS-204", files, root=folder).values()) == {State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("aws_db_instance", "deletion_protection = true\n  skip_final_snapshot = true"),
        ("aws_db_instance", "lifecycle {\n    prevent_destroy = true\n  }"),
        ("aws_s3_bucket", "force_destroy = false"),
        ("aws_s3_bucket", 'bucket = "acme-tmp"\n  force_destroy = true'),
        ("aws_s3_bucket", 'bucket = "acme-access-logs"\n  force_destroy = true'),
        ("aws_ecr_repository", 'name = "api"'),
    ],
)
def test_what_is_protected_or_thrown_away(kind: str, arguments: str) -> None:
    assert set(states("EKS-OPS-204", resource(kind, arguments)).values()) == {State.PASS}


def test_the_days_of_backups_are_configured_and_suggested() -> None:
    code = resource("aws_db_instance", "backup_retention_period = 7")
    assert problems("EKS-OPS-203", code) == []
    assert [each.message for each in problems("EKS-OPS-203", code, min_backup_days=14)] == [
        "`aws_db_instance.x` keeps 7 days of backups."
    ]
    assert "backup_retention_period = 14" in with_fixes("EKS-OPS-203", code, min_backup_days=14)


CLUSTERS = [
    (resource("aws_eks_cluster", 'name = "prod"'), 'resource "aws_eks_cluster" "x" {'),
    (
        'module "x" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n}\n',
        'module "x" {',
    ),
]


@pytest.mark.parametrize(("code", "line"), CLUSTERS)
def test_the_cluster_itself_is_protected_only_in_strict_mode(code: str, line: str) -> None:
    assert set(states("EKS-OPS-204", code).values()) == {State.NOT_APPLICABLE}
    assert [each.text for each in problems("EKS-OPS-204", code, strict=True)] == [line]
    fixed = with_fixes("EKS-OPS-204", code, strict=True)
    assert problems("EKS-OPS-204", fixed, strict=True) == []


def test_older_modules_know_no_protection_of_the_cluster() -> None:
    older = 'module "x" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n}\n'
    assert states("EKS-OPS-204", older, strict=True) == {}


def test_every_bucket_needs_versions_in_strict_mode() -> None:
    bucket = resource("aws_s3_bucket", 'bucket = "acme-website"')
    assert [each.message for each in problems("EKS-OPS-205", bucket, strict=True)] == [
        "Bucket `aws_s3_bucket.x` holds data and is not versioned."
    ]
    assert problems("EKS-OPS-205", bucket + VERSIONING % "Enabled", strict=True) == []


def test_the_status_of_versions_is_repaired() -> None:
    code = resource("aws_s3_bucket", 'bucket = "acme-tfstate"') + VERSIONING % "Suspended"
    assert problems("EKS-OPS-205", with_fixes("EKS-OPS-205", code)) == []


def test_environments_that_come_and_go_are_left_alone() -> None:
    files = {"sandbox/main.tf": resource("aws_s3_bucket", "force_destroy = true")}
    assert set(states("EKS-OPS-204", files, root="sandbox").values()) == {State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("code", "purpose"),
    [
        (
            resource("aws_cloudtrail", "s3_bucket_name = aws_s3_bucket.x.id", "t"),
            "audit logs",
        ),
        (
            resource("aws_codepipeline", "artifact_store {\n    location = aws_s3_bucket.x.bucket\n  }", "p"),
            "build artefacts",
        ),
        (
            'terraform {\n  backend "s3" {\n    bucket = "acme-platform"\n    key = "a"\n  }\n}\n',
            "Terraform state",
        ),
    ],
)
def test_what_a_bucket_is_for_is_seen_by_what_uses_it(code: str, purpose: str) -> None:
    bucket = resource("aws_s3_bucket", 'bucket = "acme-platform"')
    assert states("EKS-OPS-205", bucket) == {"aws_s3_bucket.x": State.NOT_APPLICABLE}
    assert [each.message for each in problems("EKS-OPS-205", bucket + code)] == [
        f"Bucket `aws_s3_bucket.x` holds {purpose} and is not versioned."
    ]


VERSIONING = resource(
    "aws_s3_bucket_versioning",
    'bucket = aws_s3_bucket.x.id\n  versioning_configuration {\n    status = "%s"\n  }',
    "v",
)


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("acme-tfstate", "Terraform state"),
        ("acme-terraform-state-eu", "Terraform state"),
        ("velero-prod", "backups"),
        ("acme-cloudtrail", "audit logs"),
        ("build-artifacts", "build artefacts"),
    ],
)
def test_buckets_that_must_keep_versions(name: str, purpose: str) -> None:
    bucket = resource("aws_s3_bucket", f'bucket = "{name}"')
    assert [each.message for each in problems("EKS-OPS-205", bucket)] == [
        f"Bucket `aws_s3_bucket.x` holds {purpose} and is not versioned."
    ]
    assert problems("EKS-OPS-205", bucket + VERSIONING % "Enabled") == []
    suspended = problems("EKS-OPS-205", bucket + VERSIONING % "Suspended")
    assert [each.text for each in suspended] == ['status = "Suspended"']


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (resource("aws_s3_bucket", 'bucket = "acme-website"'), State.NOT_APPLICABLE),
        (resource("aws_s3_bucket", 'bucket = "b"', "tf_state"), State.FINDING),
        (
            resource("aws_s3_bucket", 'bucket = "tfstate"\n  versioning {\n    enabled = true\n  }'),
            State.PASS,
        ),
        (
            (
                'module "state" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n  bucket = "tfstate"\n'
                "  versioning = { enabled = true }\n}\n"
            ),
            State.PASS,
        ),
        (
            'module "state" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n  bucket = "tfstate"\n}\n',
            State.FINDING,
        ),
        (
            resource("aws_s3_bucket", 'bucket = "tfstate"')
            + resource("aws_s3_bucket_versioning", "bucket = aws_s3_bucket.other.id", "v"),
            State.FINDING,
        ),
    ],
)
def test_versions_however_they_are_kept(code: str, state: State) -> None:
    assert set(states("EKS-OPS-205", code).values()) == {state}


INPUT = 'variable "name" {}\nvariable "other" {}\n'


@pytest.mark.parametrize("name", ["var.name", '"${var.name}-tfstate"', "lower(var.name)", '"tfstate"'])
@pytest.mark.parametrize("attribute", ["id", "bucket"])
def test_versions_of_a_bucket_whose_name_is_an_input(name: str, attribute: str) -> None:
    bucket = resource("aws_s3_bucket", f"bucket = {name}", "tfstate")
    versions = VERSIONING.replace("aws_s3_bucket.x.id", f"aws_s3_bucket.tfstate.{attribute}") % "Enabled"
    assert states("EKS-OPS-205", INPUT + bucket + versions) == {"aws_s3_bucket.tfstate": State.PASS}


def test_versions_of_what_another_input_names() -> None:
    bucket = resource("aws_s3_bucket", "bucket = var.name", "tfstate")
    for given, state in (("var.name", State.PASS), ("var.other", State.NOT_EVALUATED)):
        versions = VERSIONING.replace("aws_s3_bucket.x.id", given) % "Enabled"
        assert states("EKS-OPS-205", INPUT + bucket + versions) == {"aws_s3_bucket.tfstate": state}


PLAN = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "dr"
  region = "eu-central-1"
}
resource "aws_backup_vault" "here" {
  name = "here"
}
resource "aws_backup_vault" "there" {
  provider = aws.dr
  name     = "there"
}
resource "aws_backup_plan" "p" {
  name = "p"
  rule {
    rule_name = "daily"
    %s
  }
}
"""


@pytest.mark.parametrize(
    ("copy", "state"),
    [
        ("", State.FINDING),
        ("copy_action {\n      destination_vault_arn = aws_backup_vault.here.arn\n    }", State.FINDING),
        ("copy_action {\n      destination_vault_arn = aws_backup_vault.there.arn\n    }", State.PASS),
        (
            (
                "copy_action {\n      destination_vault_arn = "
                '"arn:aws:backup:eu-central-1:111122223333:backup-vault:x"\n    }'
            ),
            State.PASS,
        ),
        ("copy_action {\n      destination_vault_arn = var.vault\n    }", State.NOT_EVALUATED),
    ],
)
def test_copies_of_a_plan(copy: str, state: State) -> None:
    assert states("EKS-OPS-206", PLAN % copy) == {"aws_backup_plan.p": state}


def test_data_that_must_stay_is_not_asked_to_leave() -> None:
    assert states("EKS-OPS-206", PLAN % "", single_region=True) == {"aws_backup_plan.p": State.NOT_APPLICABLE}


REGIONS = (
    'provider "aws" {\n  region = "eu-west-1"\n}\n'
    'provider "aws" {\n  alias  = "dr"\n  region = "eu-central-1"\n}\n'
)
DATABASE = REGIONS + resource("aws_db_instance", 'engine = "postgres"')


@pytest.mark.parametrize(
    ("extra", "state"),
    [
        ("", State.FINDING),
        (
            resource(
                "aws_db_instance",
                "provider = aws.dr\n  replicate_source_db = aws_db_instance.x.arn",
                "replica",
            ),
            State.PASS,
        ),
        (
            resource("aws_db_instance", "replicate_source_db = aws_db_instance.x.arn", "replica"),
            State.FINDING,
        ),
        (
            resource(
                "aws_db_instance_automated_backups_replication",
                "provider = aws.dr\n  source_db_instance_arn = aws_db_instance.x.arn",
                "copy",
            ),
            State.PASS,
        ),
        (
            (
                resource("aws_backup_vault", "provider = aws.dr", "there")
                + resource(
                    "aws_backup_plan",
                    "rule {\n    copy_action {\n"
                    "      destination_vault_arn = aws_backup_vault.there.arn\n    }\n  }",
                    "p",
                )
                + SELECTION % "resources = [aws_db_instance.x.arn]"
            ),
            State.PASS,
        ),
    ],
)
def test_databases_leave_the_region_only_on_demand(extra: str, state: State) -> None:
    assert "aws_db_instance.x" not in states("EKS-OPS-206", DATABASE + extra)
    assert states("EKS-OPS-206", DATABASE + extra, dr_required=True)["aws_db_instance.x"] == state


def test_copies_of_a_bucket() -> None:
    bucket = resource("aws_s3_bucket", 'bucket = "velero-prod"')
    found = problems("EKS-OPS-206", 'provider "aws" {\n  region = "eu-west-1"\n}\n' + bucket)
    assert [each.message for each in found] == ["Backups of `aws_s3_bucket.x` never leave `eu-west-1`."]
    replication = resource("aws_s3_bucket_replication_configuration", "bucket = aws_s3_bucket.x.id", "r")
    assert problems("EKS-OPS-206", bucket + replication) == []


@pytest.mark.parametrize(
    "files",
    [
        {"docs/runbooks/disaster-recovery.md": "# How\n"},
        {"docs/ops.md": "# Operations\n\n## Restoring a cluster\n"},
        {"docs/ops.md": "# RTO and RPO\n"},
        {"dr.tf": resource("aws_backup_restore_testing_plan")},
        {".github/workflows/restore-test.yml": "on:\n  schedule:\n    - cron: '0 3 * * 1'\njobs: {}\n"},
    ],
)
def test_evidence_of_recovery(files: dict[str, str]) -> None:
    bare = {"main.tf": CLUSTER, "docs/drift.md": "# Drift\n"}
    assert states("EKS-OPS-207", bare) == {"aws_eks_cluster.main": State.FINDING}
    assert states("EKS-OPS-207", {**bare, **files}) == {"aws_eks_cluster.main": State.PASS}


def test_runbooks_elsewhere() -> None:
    found = states("EKS-OPS-207", CLUSTER, operations_docs_url="https://wiki.example.com")
    assert found == {"aws_eks_cluster.main": State.NOT_APPLICABLE}
