"""Issue 2.3, secrets management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import (
    insert_after,
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
from reviewer.terraform.text import Range
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.cluster import Cluster
from reviewer.views.component import PLACES, find_component
from reviewer.views.credential import credential, is_issued, is_placeholder, is_sample, literals
from reviewer.views.customer_key import CustomerKey
from reviewer.views.disclosure import OUTPUT, PARAMETER, SETTING, VARIABLE, Disclosure
from reviewer.views.encryption import DataStore, Key, Volume
from reviewer.views.fact import is_false, is_true
from reviewer.views.fed_secret import FedSecret
from reviewer.views.ignored import ignores
from reviewer.views.input_value import InputValue
from reviewer.views.literal_secret import CodeBlock, Literal
from reviewer.views.sensitive_file import SensitiveFile
from reviewer.views.static_keys import StaticKeys
from reviewer.views.stored_password import StoredPassword
from reviewer.views.versions import minor_of
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context

_BY_DEFAULT = "aws_ebs_encryption_by_default"
DEFAULT_ENVELOPE = (1, 28)
"""From here on EKS encrypts all API data with a key of its own (EKS user guide, envelope encryption)."""


@check(
    "EKS-SEC-301",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=InputValue,
    resources=("file:*.tfvars", "file:*.tfvars.json", "variable:*"),
    peers=("gitleaks", "Trivy secret scan", "Checkov secrets (CKV_SECRET_*)"),
    secret=True,
)
def secret_in_input_files(given: InputValue, context: Context) -> Iterator[Problem]:
    """A secret is committed as the value of a variable.

    Everybody who can read the repository, its forks, its clones or its backups has the secret. It also lands
    in plans and in the state. Deleting the line does not take it out of the history. A placeholder for a
    password is as bad where nobody sets another; one for a token that a service issues opens nothing, and
    is left alone.

    Fix: Rotate the secret now. Keep the new one in Secrets Manager or SSM and read it with a data source or
    an ephemeral resource, or hand it over as `TF_VAR_…` from the pipeline's secret store.

    Bad:

    ```hcl title="terraform.tfvars"
    db_password = "S3cr3t-Pa55" # fails
    ```

    ```hcl
    variable "db_password" {
      type      = string
      sensitive = true
    }

    variable "grafana_admin_password" {
      type      = string
      default   = "hunter2-prod" # fails
      sensitive = true
    }
    ```

    Good:

    ```hcl title="terraform.tfvars"
    db_password_secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"
    ```

    ```hcl
    variable "db_password_secret_arn" {
      type = string
    }
    ```

    References:
    - [EKS best practices: data encryption and secrets management](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [Terraform: manage sensitive data](https://developer.hashicorp.com/terraform/language/manage-sensitive-data)
    """
    del context
    sample = False
    for path, name, value in literals(given.name, given.value):
        kind = credential(name, str(value.data))
        if kind is None:
            continue
        at = value.supplier or given.at
        stands_for = is_placeholder(str(value.data))
        if stands_for and (is_sample(at.path) or is_issued(name)):
            sample = True
            continue
        what = f"{kind[:1].upper()}{kind[1:]} is committed in {code(path)}"
        yield Problem(
            message=(
                f"A placeholder stands for the secret {code(path)}: whoever does not set it deploys a value "
                "that everybody can read."
                if stands_for
                else f"{what}: rotate it. Deleting the line does not remove it from the history."
            ),
            at=at,
            attribute=path,
            evidence=given.attribute,
        )
    if sample:
        raise NotApplicableError("a placeholder that opens nothing")


@check(
    "EKS-SEC-302",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=CodeBlock,
    resources=(
        "provider:*",
        "resource:*",
        "module:*",
        "output:*",
        "locals",
        "helm_release",
        "kubernetes_secret",
        "kubernetes_config_map",
        "aws_launch_template",
    ),
    peers=("CKV_AWS_41", "CKV_AWS_45", "CKV_AWS_46", "AWS-0029", "KSV-0109"),
    secret=True,
)
def secret_in_resource(block: CodeBlock, context: Context) -> Iterator[Problem]:
    """A credential is written into the code.

    Everybody who can read the repository has it, and so has everybody who can read the state, where it
    lands as well. Base64 in user data or in a Kubernetes secret hides nothing.

    Fix: Rotate the credential now. Keep the new one in Secrets Manager or SSM and refer to it, best with an
    ephemeral resource and a write-only argument.

    Bad:

    ```hcl
    resource "kubernetes_secret_v1" "db" {
      data = {
        password = "hunter2-prod" # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_secret_v1" "db" {
      data = {
        host     = "db.internal"
        password = data.aws_secretsmanager_secret_version.db.secret_string
      }
    }
    ```

    References:
    - [EKS best practices: data encryption and secrets management](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [Terraform: manage sensitive data](https://developer.hashicorp.com/terraform/language/manage-sensitive-data)
    """
    del context
    for literal in block.literals():
        kind = credential(literal.name, literal.text)
        if kind is None or (is_placeholder(literal.text) and _stands_for_nothing(block, literal)):
            continue
        kept = block.instance.kind in {"resource", "module", "output"}
        yield Problem(
            message=(
                f"{kind[:1].upper()}{kind[1:]} is written into {code(f'{block.address}.{literal.path}')}; "
                f"{'it also lands in the state file' if kept else 'whoever reads the repository has it'}."
            ),
            at=literal.at,
            attribute=literal.path,
        )


def _stands_for_nothing(block: CodeBlock, literal: Literal) -> bool:
    """Tell whether a placeholder is harmless: it opens nothing, is replaced elsewhere, or is for a test."""
    is_for_test = is_sample(literal.at.path) or block.body.has("skip_credentials_validation")
    return is_for_test or is_issued(literal.name) or ignores(block.instance.block, literal.path)


@check(
    "EKS-SEC-303",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Disclosure,
    resources=("variable:*", "output:*", "helm_release", "aws_ssm_parameter"),
    peers=("CKV2_AWS_34 (c)",),
    fix=FixKind.INSERT,
)
def secret_not_protected(thing: Disclosure, context: Context) -> Iterator[Problem]:
    """A secret is printed in plans and logs.

    Terraform hides only what it is told to hide. Everything else stands in the output of each plan, in the
    log of the pipeline, and often in a comment of the pull request.

    Fix: Mark variables and outputs with `sensitive = true`, pass secrets to charts with `set_sensitive`,
    and store parameters as `SecureString`.

    Bad:

    ```hcl
    variable "db_password" { # fails
      type = string
    }
    ```

    Good:

    ```hcl
    variable "db_password" {
      type      = string
      sensitive = true
    }
    ```

    References:
    - [Terraform: suppress values in CLI output](https://developer.hashicorp.com/terraform/language/manage-sensitive-data)
    - [Systems Manager user guide: SecureString parameters](https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html)
    """
    del context
    if not thing.is_secret() or _is_protected(thing):
        return
    message = f"{code(thing.name)} is printed in plans and logs."
    if thing.kind == PARAMETER:
        message = f"{code(thing.name)} is stored as plain text, readable by whoever may read parameters."
    at = thing.body.attr("type").supplier if thing.kind == PARAMETER else None
    yield Problem(message=message, at=at or thing.at, attribute=thing.attribute, fix=_protecting(thing))


def _is_protected(thing: Disclosure) -> bool:
    if thing.kind in {VARIABLE, OUTPUT}:
        return is_true(thing.body.attr("sensitive").data) or is_true(thing.body.attr("ephemeral").data)
    value = thing.body.attr("value")
    if thing.kind == SETTING:
        literal = isinstance(value.data, str) and credential(thing.name, value.data) is not None
        return value.sensitive or literal or isinstance(value.data, bool)
    return not thing.body.attr("type").test(lambda kind: kind == "String")


def _protecting(thing: Disclosure) -> Fix | None:
    """Return the edit that hides the secret, where it is exact."""
    block = thing.block.block if thing.block is not None else None
    if block is None or is_json(block):
        return None
    if thing.kind in {VARIABLE, OUTPUT}:
        return Fix(_hidden(block, "type" if thing.kind == VARIABLE else "value"))
    if thing.kind == PARAMETER:
        where = block.attributes.get("type")
        return (
            Fix((replace_expression(where.expression, '"SecureString"'),), new_only=True) if where else None
        )
    header = block.header
    if header.text.split(maxsplit=1)[0] != "set":
        return None
    return Fix((Edit(Range(header.source, header.start, header.start + len("set")), "set_sensitive"),))


def _hidden(block: Block, before: str) -> tuple[Edit, ...]:
    """Return the edits that write ``sensitive = true``, below the argument that it belongs to."""
    attribute = block.attributes.get(before)
    if attribute is None or "sensitive" in block.attributes or block.range.line == block.range.end_line:
        return (set_argument(block, "sensitive", "true"),)
    if attribute.range.line != attribute.range.end_line:
        return (set_argument(block, "sensitive", "true"),)
    return insert_after(block, before, attribute.expression.text, "sensitive", "true")


@check(
    "EKS-SEC-304",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=StoredPassword,
    resources=(
        "aws_db_instance",
        "aws_rds_cluster",
        "aws_redshift_cluster",
        "aws_docdb_cluster",
        "aws_elasticache_replication_group",
        "aws_secretsmanager_secret_version",
    ),
    peers=("tflint aws_write_only_arguments",),
)
def master_password_in_state(password: StoredPassword, context: Context) -> Iterator[Problem]:
    """The master password of a data store is kept in the Terraform state.

    The state holds it in clear text, and so does every copy, version and cache of the state. Nobody rotates
    a password that Terraform would set back.

    Fix: Let the service manage it (`manage_master_user_password = true`: Secrets Manager keeps and rotates
    it), or use the write-only argument. Applications must then read the secret.

    Bad:

    ```hcl
    resource "aws_db_instance" "main" {
      identifier = "main"
      password   = random_password.db.result # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_db_instance" "main" {
      identifier                  = "main"
      manage_master_user_password = true
    }

    resource "aws_rds_cluster" "main" {
      master_password = null
    }
    ```

    References:
    - [RDS user guide: password management with Secrets Manager](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html)
    - [Terraform: write-only arguments](https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only)
    """
    del context
    value = password.value
    if value.is_null or isinstance(value.data, str) or password.inherits():
        return
    if isinstance(value.data, Unknown) and any(each.is_null for each in value.data.alternatives):
        value.require()
    if password.is_secret_version and not (password.is_generated() and password.can_write_only()):
        return
    what = "The secret" if password.is_secret_version else "The master password"
    yield Problem(
        message=f"{what} of {code(password.address)} is stored in the Terraform state in clear text.",
        at=password.instance.block.attributes[password.argument].expression,
        attribute=password.argument,
        hint=(
            f"Use {password.instead} in place of `{password.argument}`. "
            "Applications must then read the secret."
        ),
        related=value.origins,
    )


@check(
    "EKS-SEC-305",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.MODULE,
    on=FedSecret,
    resources=("kubernetes_secret", "aws_eks_cluster", "module:eks"),
    peers=("CKV_K8S_35 (related)",),
    surface=Surface.SUMMARY,
)
def no_external_secret_store(secret: FedSecret, context: Context) -> Iterator[Problem]:
    """Kubernetes secrets are fed by Terraform instead of a secret store.

    Whatever Terraform writes into a Kubernetes secret also stands in the state. Rotating it means another
    apply, and nothing shows who has read it.

    Fix: Install External Secrets or the Secrets Store CSI driver with a role that may read only the secrets
    of this cluster, and keep the values in Secrets Manager.

    Bad:

    ```hcl
    variable "api_token" {
      type      = string
      sensitive = true
    }

    resource "kubernetes_secret_v1" "api" { # fails
      metadata {
        name = "api"
      }

      data = {
        token = var.api_token
      }
    }
    ```

    Good:

    ```hcl
    variable "api_token" {
      type      = string
      sensitive = true
    }

    resource "kubernetes_secret_v1" "api" {
      metadata {
        name = "api"
      }

      data = {
        token = var.api_token
      }
    }

    resource "helm_release" "external_secrets" {
      name  = "external-secrets"
      chart = "external-secrets"
    }
    ```

    References:
    - [EKS best practices: data encryption and secrets management](https://docs.aws.amazon.com/eks/latest/best-practices/data-encryption-and-secrets-management.html)
    - [External Secrets Operator: AWS Secrets Manager](https://external-secrets.io/latest/provider/aws-secrets-manager/)
    """
    if find_component(context, "secret-store") is not None:
        return
    what = "Kubernetes secrets are fed by Terraform variables"
    if secret.variables:
        more = len(secret.variables) - 1
        what = (
            f"Secrets come in as variables ({code(secret.variables[0])}{f' and {more} more' if more else ''})"
        )
    yield Problem(
        message=f"{what}; no external secret store is wired in. Looked at: {PLACES}.",
        at=secret.header,
        attribute="data",
    )


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

    Fix: Set the argument before the first apply. For one that exists plan a migration: the change replaces
    it.

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


@check(
    "EKS-SEC-311",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.REPOSITORY,
    on=SensitiveFile,
    resources=(
        "file:*.tfstate",
        "file:*.tfstate.*",
        "file:*.tfplan",
        "file:kubeconfig*",
        "file:*.pem",
        "file:*.key",
        "file:.terraform/**",
        "file:crash.log",
    ),
    peers=("gitleaks", "Trivy secret scan"),
    secret=True,
)
def sensitive_file_committed(file: SensitiveFile, context: Context) -> Iterator[Problem]:
    """A file with credentials or the full state is in the repository.

    A state or a plan holds every password and key that Terraform has ever seen, in clear text. Removing the
    file later does not take it out of the history.

    Fix: Remove the file, rotate what is in it, and add its name to `.gitignore`. Keep the state in a backend.

    Bad:

    ```hcl title="terraform.tfstate"
    {"version": 4} // fails
    ```

    Good:

    ```hcl title="ca.pem"
    -----BEGIN CERTIFICATE-----
    ```

    References:
    - [Terraform: sensitive data in state](https://developer.hashicorp.com/terraform/language/manage-sensitive-data)
    """
    del context
    if file.what is None:
        return
    yield Problem(
        message=f"{code(file.address)} holds {file.what}. It stays in the history even if it is deleted.",
        at=file.header,
        attribute="file",
    )


@check(
    "EKS-SEC-312",
    severity=Severity.HIGH,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=StaticKeys,
    resources=("aws_iam_access_key", "file:.github/workflows/*.y*ml", "provider:aws"),
    peers=("CKV_AWS_273 (related)", "AWS-0143 (related)"),
)
def long_lived_aws_keys(keys: StaticKeys, context: Context) -> Iterator[Problem]:
    """Static AWS keys are in use.

    They do not expire. They end up in the state, in logs and on laptops, and whoever finds one years later
    still gets in.

    Fix: Let the pipeline assume a role with GitHub's OIDC token (`role-to-assume` and `id-token: write`),
    and pods one through IRSA or EKS Pod Identity.

    Bad:

    ```hcl
    resource "aws_iam_access_key" "ci" { # fails
      user = "ci"
    }
    ```

    Good:

    ```yaml title=".github/workflows/apply.yml"
    on: push
    jobs:
      apply:
        permissions:
          id-token: write
        steps:
          - uses: aws-actions/configure-aws-credentials@v4
            with:
              role-to-assume: arn:aws:iam::111122223333:role/ci
    ```

    References:
    - [IAM user guide: temporary credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html)
    - [GitHub: OpenID Connect in AWS](https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws)
    """
    del context
    for use in keys.uses():
        yield Problem(
            message=f"Static AWS keys for {use.kind}{code(use.who)}: {use.risk}.",
            at=use.at,
            attribute=use.attribute,
        )
