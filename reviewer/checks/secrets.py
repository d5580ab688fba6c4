"""Issue 2.3, secrets management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, only_reference
from reviewer.checks.problem import Edit, Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.views.cluster import Cluster
from reviewer.views.credential import credential, is_placeholder, is_sample, literals
from reviewer.views.fact import is_false
from reviewer.views.input_value import InputValue
from reviewer.views.versions import minor_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context

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
    in plans and in the state. Deleting the line does not take it out of the history.

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
        if is_sample(at.path) and is_placeholder(str(value.data)):
            sample = True
            continue
        yield Problem(
            message=(
                f"{kind[:1].upper()}{kind[1:]} is committed in {code(path)}: rotate it. "
                "Deleting the line does not remove it from the history."
            ),
            at=at,
            attribute=path,
            evidence=given.attribute,
        )
    if sample:
        raise NotApplicableError("a placeholder in an example")


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
