"""Issue 6.1, manual deployment process: where the state is, and who may write to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_lines, is_json, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.backend import Backend, backend_block
from reviewer.views.fact import is_false, is_true
from reviewer.views.root import Root, is_published, is_wrapped
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


_WORTH_SHARING = frozenset(
    {"aws_eks_cluster", "aws_vpc", "aws_iam_role", "aws_db_instance", "aws_rds_cluster", "aws_eks_node_group"}
)


@check(
    "EKS-OPS-106",
    severity=Severity.HIGH,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Root,
    resources=("terraform:backend", "aws_eks_cluster", "module:eks"),
)
def local_state(root: Root, context: Context) -> Iterator[Problem]:
    """The state is a file on somebody's machine.

    Nothing locks it, nobody else can plan, and it holds secrets in plain text. When it is lost, a live
    cluster has to be imported resource by resource.

    Fix: Keep the state in an S3 bucket with versions, encryption and a lock file. `terraform init
    -migrate-state` moves it.

    Bad:

    ```hcl
    terraform { # fails
      required_version = ">= 1.10"
    }

    provider "aws" {}

    resource "aws_eks_cluster" "main" {
      name = "prod"
    }
    ```

    Good:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      backend "s3" {
        bucket       = "acme-tfstate"
        key          = "eks/prod.tfstate"
        region       = "eu-west-1"
        encrypt      = true
        use_lockfile = true
      }
    }

    provider "aws" {}

    resource "aws_eks_cluster" "main" {
      name = "prod"
    }
    ```

    References:
    - [Terraform: S3 backend](https://developer.hashicorp.com/terraform/language/backend/s3)
    """
    if root.is_aside or is_published(context) or not _holds_much(context):
        raise NotApplicableError("the module is not a deployed platform")
    if is_wrapped(context):
        raise NotApplicableError("Terragrunt configures the state")
    block = backend_block(context.root)
    if block is not None and (block.type == "cloud" or block.labels != ("local",)):
        return
    generated = context.tree.containing(
        ("backend.tf", "backend_override.tf"), (".yml", ".yaml", ".sh", "Makefile")
    )
    if block is None and generated:
        raise UndecidedError(f"`{generated[0]}` may write the backend")
    yield Problem(
        message=(
            f"The state of {code(root.label)} is a local file: no locking, no sharing, and secrets on "
            "whatever machine "
            "runs Terraform."
        ),
        at=block.header if block is not None else root.header,
        attribute="backend",
    )


def _holds_much(context: Context) -> bool:
    """Tell whether a root module holds what would hurt to lose from the state."""
    for module in context.root.walk():
        if any(module.resources_of(*_WORTH_SHARING)):
            return True
        sources = (call.body.attr("source").data for call in module.calls())
        if any(
            isinstance(each, str) and re.search(r"(?:^|/)(?:eks|vpc|eks-cluster)/aws", each)
            for each in sources
        ):
            return True
    return False


@check(
    "EKS-OPS-107",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Backend,
    resources=("terraform:backend",),
    fix=FixKind.INSERT,
)
def state_not_locked(backend: Backend, context: Context) -> Iterator[Problem]:
    """Two runs can write the state at once, or it is not encrypted.

    Whoever writes last wins: resources of the other run exist and are in no state.

    Fix: Set `use_lockfile = true` (Terraform 1.10 or newer) and `encrypt = true`, then run `terraform init
    -reconfigure`.

    Bad:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      backend "s3" { # fails
        bucket = "acme-tfstate"
        key    = "eks.tfstate"
        region = "eu-west-1"
      }
    }
    ```

    Good:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      backend "s3" {
        bucket       = "acme-tfstate"
        key          = "eks.tfstate"
        region       = "eu-west-1"
        use_lockfile = true
        encrypt      = true
      }
    }
    ```

    References:
    - [Terraform: S3 backend, state locking](https://developer.hashicorp.com/terraform/language/backend/s3#state-locking)
    """
    body = backend.instance.body
    if backend.kind != "s3":
        raise NotApplicableError("other backends lock by themselves")
    if not body.has("bucket"):
        raise UndecidedError("the rest of the backend is given to `terraform init`")
    is_locked = body.attr("use_lockfile").test(is_true) or not body.attr("dynamodb_table").is_null
    encrypt = body.attr("encrypt")
    is_encrypted = encrypt.test(is_true) or not body.attr("kms_key_id").is_null
    if is_locked and not encrypt.test(is_false):
        return  # S3 encrypts by itself; only asking it not to is a fault of its own
    faults = [
        *(() if is_locked else ("Two pipelines can write this state at once.",)),
        *(() if is_encrypted else ("The backend does not ask for encryption.",)),
    ]
    first = "use_lockfile" if not is_locked else "encrypt"
    yield Problem(
        message=" ".join(faults),
        at=body.attr(first).supplier or backend.header,
        attribute=first,
        evidence="" if is_locked or is_encrypted else "encrypt",
        fix=_locking_fix(backend, context, is_locked=is_locked, is_encrypted=is_encrypted),
    )


def _locking_fix(backend: Backend, context: Context, *, is_locked: bool, is_encrypted: bool) -> Fix | None:
    block = backend.instance.block
    wanted = [
        *(() if is_locked else ("use_lockfile",)),
        *(() if is_encrypted else ("encrypt",)),
    ]
    if is_json(block) or (not is_locked and _admits_old_terraform(context)):
        return None
    written = [name for name in wanted if name in block.attributes]
    absent = [name for name in wanted if name not in block.attributes]
    edits = [set_argument(block, name, "true") for name in written]
    if len(absent) == 1:
        edits.append(set_argument(block, absent[0], "true"))
    elif absent:
        width = max(map(len, absent))
        edits.append(insert_lines(block, tuple(f"{name.ljust(width)} = true" for name in absent)))
    return Fix(tuple(edits), "Everybody has to run `terraform init -reconfigure` once.")


def _admits_old_terraform(context: Context) -> bool:
    """Tell whether Terraform before 1.10, which knows no lock file, may run the configuration."""
    for settings in context.root.declarations.settings:
        attribute = settings.attributes.get("required_version")
        if attribute is not None:
            lowest = re.search(r"(?:>=|~>|=|^\")\s*(\d+)\.(\d+)", attribute.expression.text)
            return lowest is None or (int(lowest[1]), int(lowest[2])) < (1, 10)
    return False
