"""Issue 2.3, secrets management: encryption at rest, and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import (
    insert_lines,
    is_json,
    only_reference,
    replace_expression,
    set_argument,
    write_in,
)
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody, Body
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError, Value
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.versions import minor_of
from reviewer.views.fact import is_false, is_true
from reviewer.views.storage.customer_key import CustomerKey
from reviewer.views.storage.encryption import DataStore, Key, Volume
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.context import Context


_BY_DEFAULT = "aws_ebs_encryption_by_default"
DEFAULT_ENVELOPE = (1, 28)
"""From here on EKS encrypts all API data with a key of its own (EKS user guide, envelope encryption)."""


@check(
    "EKS-SEC-306",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    peers=("CKV_AWS_58", "AWS-0039", "KICS eks_cluster_encryption_disabled"),
    fix=FixKind.IF_REF,
)
def eks_secrets_without_cmk(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Kubernetes secrets are not protected by a key of yours.

    EKS 1.28 and later encrypts the data of the API with a key that AWS owns. Without a customer-managed key
    there is no key policy that decides who may decrypt, no trail of decryptions in CloudTrail, and nothing
    to revoke when secrets leak; auditors ask for all three.

    Fix: Add `encryption_config` for `secrets` with a KMS key. It is an in-place update that cannot be
    undone, and the key must never be deleted while the cluster lives.

    Bad:

    ```hcl
    resource "aws_kms_key" "eks" {
      enable_key_rotation = true
    }

    resource "aws_eks_cluster" "main" { # fails
      name     = "prod"
      role_arn = aws_iam_role.cluster.arn
    }
    ```

    Good:

    ```hcl
    resource "aws_kms_key" "eks" {
      enable_key_rotation = true
    }

    resource "aws_eks_cluster" "main" {
      name     = "prod"
      role_arn = aws_iam_role.cluster.arn

      encryption_config {
        resources = ["secrets"]

        provider {
          key_arn = aws_kms_key.eks.arn
        }
      }
    }
    ```

    References:
    - [EKS user guide: default envelope encryption](https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html)
    - [EKS user guide: encrypt Kubernetes secrets with KMS](https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html)
    """
    del context
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts cannot use a KMS key for secrets")
    if _encrypts_secrets(cluster):
        return
    config = cluster.fact("encryption_config")
    version = minor_of(cluster.fact("version").value)
    message = "Kubernetes secrets have no customer-managed KMS key: no key policy, no audit trail."
    if version is not None and version < DEFAULT_ENVELOPE:
        message = "Kubernetes secrets are stored without envelope encryption: no KMS key protects them."
    edit = _edit(cluster)
    yield Problem(
        message=message,
        at=config.at if config.written else cluster.header,
        attribute=config.argument,
        related=config.value.origins,
        fix=Fix((edit,), "An in-place update of the cluster that cannot be undone.") if edit else None,
    )


def _encrypts_secrets(cluster: Cluster) -> bool:
    config = cluster.fact("encryption_config")
    if cluster.source == "cloudposse":
        return not config.value.test(is_false)
    if not config.written:
        return config.value.test(lambda data: data is not None and data != ())
    if cluster.source == "module-eks" and cluster.majors and min(cluster.majors) > _LIST_UNTIL:
        # An object: an empty one means none before version 21, and the default (secrets) from 21 on.
        empty_is_default = min(cluster.majors) > _EMPTY_UNTIL
        return config.value.test(lambda data: bool(data) or (data == {} and empty_is_default))
    names = [block.attr("resources") for block in config.body.blocks(config.name).require()]
    return any(each.find(lambda name: name == "secrets") is not None for each in names)


_LIST_UNTIL, _EMPTY_UNTIL = 18, 20
"""The last major versions of the module with a list of objects, and with an empty object for none."""


def _edit(cluster: Cluster) -> Edit | None:
    """Return the block for a resource, when there is exactly one key that can be meant."""
    key = only_reference(cluster.instance, "aws_kms_key", "arn")
    block = cluster.instance.block
    if cluster.source != "aws_eks_cluster" or key is None or is_json(block):
        return None
    if cluster.fact("encryption_config").written:
        return None
    lines = (
        "encryption_config {",
        '  resources = ["secrets"]',
        "",
        "  provider {",
        f"    key_arn = {key}",
        "  }",
        "}",
    )
    return insert_lines(block, lines)


@check(
    "EKS-SEC-307",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Key,
    resources=("aws_kms_key", "module:eks", "module:cloudposse-eks-cluster"),
    peers=("CKV_AWS_7", "AWS-0065"),
    fix=FixKind.INSERT,
)
def kms_rotation_disabled(key: Key, context: Context) -> Iterator[Problem]:
    """A KMS key is never rotated.

    Everything it ever encrypted hangs on the same key material for years. Auditors ask for rotation, and
    turning it on costs nothing: AWS keeps the old material to decrypt what is there.

    Fix: Set `enable_key_rotation = true`. The change is made in place.

    Bad:

    ```hcl
    resource "aws_kms_key" "eks" { # fails
      description = "EKS secrets"
    }
    ```

    Good:

    ```hcl
    resource "aws_kms_key" "eks" {
      description         = "EKS secrets"
      enable_key_rotation = true
    }
    ```

    References:
    - [KMS developer guide: rotate keys](https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html)
    - [EKS best practices: data encryption](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    """
    del context
    if key.is_resource and key.never_rotates():
        raise NotApplicableError("AWS does not rotate keys of this kind")
    if key.rotation.test(lambda data: is_true(data) or (data is None and not key.is_resource)):
        return
    yield Problem(
        message=f"KMS key {code(key.address)} is never rotated.",
        at=key.rotation.supplier or key.header,
        attribute=key.argument,
        related=key.rotation.origins,
        fix=_switched_on(key.rotation, key.instance.body, key.argument),
    )


def _switched_on(
    setting: Value, holder: Body, name: str, *, on: str = "true", new_only: bool = False
) -> Fix | None:
    """Return the edit that sets an argument; None where its value is computed or comes from elsewhere."""
    at, edit = setting.supplier, None
    if setting.is_null:
        edit = write_in(holder, name, on)
    elif at is not None and at.text in {"false", '"false"'}:
        edit = replace_expression(at, on)
    return Fix((edit,), new_only=new_only) if edit is not None else None


@check(
    "EKS-SEC-308",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Volume,
    resources=(
        "aws_ebs_volume",
        "aws_launch_template",
        "kubernetes_storage_class",
        "kubernetes_manifest",
        "kubectl_manifest",
        "module:eks",
        "module:cloudposse-eks-node-group",
    ),
    peers=(
        "CKV_AWS_3",
        "CKV_AWS_8",
        "CKV_AWS_106",
        "AWS-0026",
        "AWS-0131",
        "hardeneks use_encryption_with_ebs",
    ),
    fix=FixKind.NEW_ONLY,
)
def ebs_unencrypted(volume: Volume, context: Context) -> Iterator[Problem]:
    """An EBS volume is not encrypted.

    Its snapshots can be shared and copied in clear text, and pods' data, container images and the node's
    credentials lie on it. An unencrypted volume cannot be encrypted later, only replaced.

    Fix: Set `encrypted = true`, with a key of your own where policies ask for one. Turning on encryption by
    default for the account covers everything new.

    Bad:

    ```hcl
    resource "aws_ebs_volume" "data" { # fails
      availability_zone = "eu-west-1a"
      size              = 100
    }
    ```

    Good:

    ```hcl
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 100
      encrypted         = true
    }
    ```

    References:
    - [EKS best practices: data encryption](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [EBS user guide: encryption](https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html)
    """
    if volume.encrypted.test(is_true):
        return
    if context.config.ebs_encryption_by_default or _by_default(context):
        return
    if volume.encrypted.is_null and not volume.snapshot.is_null:
        raise UndecidedError(f"`{volume.address}` is as encrypted as its snapshot")
    yield Problem(
        message=f"Volume {code(volume.name)} is not encrypted.",
        at=volume.encrypted.supplier or volume.header,
        attribute=volume.attribute,
        evidence=volume.part,
        related=(*volume.encrypted.origins, *_elements(volume.body)),
        fix=_encrypting(volume),
    )


def _elements(body: Body) -> Iterator[Range]:
    """Yield where the entries are written that a block is made of, such as the disks of a node group."""
    if isinstance(body, BlockBody):
        yield from body.elements()


def _encrypting(volume: Volume) -> Fix | None:
    """Return the edit that encrypts: a launch template gets a new version, anything else must be new."""
    if not volume.is_class:
        new_only = volume.instance.type == "aws_ebs_volume"
        return _switched_on(volume.encrypted, volume.body, "encrypted", new_only=new_only)
    if volume.instance.type == "kubectl_manifest":
        return None
    if isinstance(volume.body, BlockBody):
        block = volume.body.block
        lines = ("parameters = {", '  encrypted = "true"', "}")
        is_absent = "parameters" not in block.attributes and not is_json(block)
        return Fix((insert_lines(block, lines),), new_only=True) if is_absent else None
    return _switched_on(volume.encrypted, volume.body, "encrypted", on='"true"', new_only=True)


def _by_default(context: Context) -> bool:
    """Tell whether the repository turns on encryption of new volumes for the account."""
    for path in context.tree.containing((_BY_DEFAULT,), CONFIGURATION_SUFFIXES):
        for block in context.configuration.file(path).blocks:
            enabled = block.attributes.get("enabled")
            if block.labels[:1] == (_BY_DEFAULT,) and (enabled is None or enabled.expression.text != "false"):
                return True
    return False


@check(
    "EKS-SEC-309",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=DataStore,
    resources=(
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_efs_file_system",
        "aws_elasticache_replication_group",
        "aws_opensearch_domain",
        "aws_elasticsearch_domain",
        "aws_docdb_cluster",
        "aws_neptune_cluster",
        "aws_dax_cluster",
        "aws_kinesis_stream",
        "aws_sqs_queue",
    ),
    peers=(
        "CKV_AWS_16",
        "CKV_AWS_96",
        "CKV_AWS_42",
        "CKV_AWS_29",
        "CKV_AWS_5",
        "CKV_AWS_74",
        "CKV_AWS_44",
        "AWS-0080",
        "AWS-0079",
        "AWS-0037",
        "AWS-0045",
        "AWS-0048",
    ),
    fix=FixKind.NEW_ONLY,
)
def data_store_unencrypted(store: DataStore, context: Context) -> Iterator[Problem]:
    """A data store keeps its data unencrypted.

    Backups and snapshots are then unencrypted, too, and can be restored in any account they are shared
    with. Most data stores cannot be encrypted later: it takes a new one and a migration.

    Fix: Turn encryption on before the first apply (`storage_encrypted`, `encrypted` or
    `at_rest_encryption_enabled`). For a store that exists plan a migration: the change replaces it.

    Bad:

    ```hcl
    resource "aws_efs_file_system" "shared" { # fails
      creation_token = "shared"
    }
    ```

    Good:

    ```hcl
    resource "aws_efs_file_system" "shared" {
      creation_token = "shared"
      encrypted      = true
    }
    ```

    References:
    - [EKS best practices: data encryption](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [RDS user guide: encrypting resources](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html)
    """
    del context
    if store.is_encrypted():
        return
    setting, holder = store.setting(), store.holder()
    yield Problem(
        message=f"{code(store.address)} stores data unencrypted.",
        at=(setting.supplier if not setting.is_null else holder.range) or store.header,
        attribute=store.row["argument"],
        related=setting.origins,
        fix=_encrypting_store(store) if "disabled" not in store.row else None,
    )


def _encrypting_store(store: DataStore) -> Fix | None:
    """Return the edit that sets the flag, with the block around it where that is absent."""
    outer, _, name = store.row["argument"].rpartition(".")
    holder, block = store.holder(), store.instance.block
    if not outer or holder is not store.instance.body:
        return _switched_on(store.setting(), holder, name, new_only=True)
    if is_json(block) or store.instance.body.blocks(outer).undecided is not None:
        return None
    return Fix((insert_lines(block, (f"{outer} {{", f"  {name} = true", "}")),), new_only=True)


@check(
    "EKS-SEC-310",
    severity=Severity.LOW,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=CustomerKey,
    resources=(
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_ecr_repository",
        "aws_cloudwatch_log_group",
        "aws_sns_topic",
        "aws_sqs_queue",
        "aws_secretsmanager_secret",
        "aws_backup_vault",
        "aws_dynamodb_table",
        "aws_efs_file_system",
    ),
    peers=(
        "CKV_AWS_158",
        "CKV_AWS_136",
        "CKV_AWS_149",
        "CKV_AWS_166",
        "CKV_AWS_26",
        "CKV_AWS_27",
        "AWS-0017",
        "AWS-0033",
        "AWS-0098",
        "AWS-0136",
    ),
    fix=FixKind.IF_REF,
    surface=Surface.SUMMARY,
    default_on=False,
)
def cmk_not_used(thing: CustomerKey, context: Context) -> Iterator[Problem]:
    """A resource is encrypted with a key of AWS, not one of your own.

    The data is encrypted. But with a key of AWS there is no key policy to limit who can read, no trail of
    each use, and no way to take access back: what regulated workloads are asked for.

    Fix: Refer to a customer-managed key, and allow the service in its policy. Do not use `alias/aws/sns`
    for topics: CloudWatch and EventBridge cannot publish to them.

    Bad:

    ```hcl
    resource "aws_kms_key" "logs" {
      enable_key_rotation = true
    }

    resource "aws_cloudwatch_log_group" "cluster" { # fails
      name = "/aws/eks/prod/cluster"
    }
    ```

    Good:

    ```hcl
    resource "aws_kms_key" "logs" {
      enable_key_rotation = true
    }

    resource "aws_cloudwatch_log_group" "cluster" {
      name       = "/aws/eks/prod/cluster"
      kms_key_id = aws_kms_key.logs.arn
    }
    ```

    References:
    - [EKS best practices: data encryption](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [KMS developer guide: customer managed keys](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#customer-cmk)
    """
    del context
    if thing.has_key():
        return
    attribute = thing.row.get("attribute")
    key = only_reference(thing.instance, "aws_kms_key", attribute) if attribute else None
    block = thing.instance.block
    fix = None
    if key is not None and not is_json(block) and thing.row["argument"] not in block.attributes:
        edit = set_argument(block, thing.row["argument"], key)
        fix = Fix(
            (edit,), "The key's policy must allow the service.", new_only=bool(thing.row.get("replaces"))
        )
    yield Problem(
        message=f"{code(thing.address)} uses a key of AWS.",
        at=thing.header,
        attribute=thing.row["argument"],
        fix=fix,
    )
