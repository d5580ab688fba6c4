"""Issue 2.3, secrets management: where secrets stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import (
    insert_after,
    is_json,
    replace_expression,
    set_argument,
)
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.text import Range
from reviewer.terraform.value import Unknown
from reviewer.views.component.component import PLACES, find_component
from reviewer.views.fact import is_true
from reviewer.views.ignored import ignores
from reviewer.views.secrets.credential import (
    BY_NAME,
    credential,
    is_issued,
    is_placeholder,
    is_sample,
    is_words,
    literals,
    strength,
)
from reviewer.views.secrets.disclosure import OUTPUT, PARAMETER, SETTING, VARIABLE, Disclosure
from reviewer.views.secrets.fed_secret import FedSecret
from reviewer.views.secrets.input_value import InputValue
from reviewer.views.secrets.literal_secret import CodeBlock, Literal
from reviewer.views.secrets.sensitive_file import SensitiveFile
from reviewer.views.secrets.static_keys import StaticKeys
from reviewer.views.secrets.stored_password import StoredPassword
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context


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
        if is_words(literal.text) and ignores(block.instance.block, literal.path):
            continue
        if _LABELS.search(literal.path) and kind == BY_NAME and strength(literal.name) == "weak":
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


_LABELS = re.compile(r"(?:^|\.)(?:tags|tags_all|labels)\.[^.]+$")
"""Everybody who sees a thing sees these: `SecretType` says something about a secret."""


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
    if thing.is_marked:
        why = "its value is sensitive, and the output is not marked so"
        message = f"Terraform refuses the output {code(thing.name)}: {why}."
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
        hint=f"Use {password.instead} in place of `{password.argument}`. {password.then}",
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
