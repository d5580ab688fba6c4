"""Issue 8.2, no validation of best practices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component import files_named
from reviewer.views.repository.bypass import Bypass
from reviewer.views.repository.code_owners import has_owner
from reviewer.views.repository.pipeline import automation
from reviewer.views.repository.repository import Repository
from reviewer.views.repository.tflint import FILE_NAME, without_aws_rules
from reviewer.views.root import Root
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


@check(
    "EKS-TEST-201",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Repository,
    resources=(
        "resource:*",
        "file:.tflint.hcl",
        "file:.pre-commit-config.yaml",
        "file:.github/workflows/*.y*ml",
    ),
    surface=Surface.SUMMARY,
)
def terraform_lint_missing(repository: Repository, context: Context) -> Iterator[Problem]:
    """Nothing lints the Terraform code.

    An instance type that does not exist, an unused variable, a deprecated argument: a linter says so in
    seconds, the apply after ten minutes, half done.

    Fix: Run tflint with the AWS rules on pull requests, or as a pre-commit hook.

    Bad:

    ```hcl title="main.tf"
    provider "aws" { # fails
      region = "eu-west-1"
    }
    ```

    Good:

    ```hcl title="main.tf"
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    ```hcl title=".tflint.hcl"
    plugin "aws" {
      enabled = true
      version = "0.48.0"
      source  = "github.com/terraform-linters/tflint-ruleset-aws"
    }
    ```

    ```yaml title=".github/workflows/lint.yml"
    on: pull_request
    jobs:
      lint:
        runs-on: ubuntu-24.04
        steps:
          - run: tflint --recursive
    ```

    References:
    - [tflint](https://github.com/terraform-linters/tflint)
    - [tflint rules for AWS](https://github.com/terraform-linters/tflint-ruleset-aws)
    """
    runs = automation(context)
    if runs.runs("lint"):
        at = without_aws_rules(context)
        if at is not None and not runs.mentions("enable-plugin"):
            yield Problem(
                message=f"{code(at.path)} does not enable the AWS rules: tflint sees the language, not AWS.",
                at=at,
                attribute="plugin.aws",
                hint='Add `plugin "aws"` with `enabled = true`, a `version` and its `source`.',
            )
        return
    if runs.runs("validate") and runs.runs("format"):
        return
    reason = runs.elsewhere()
    if reason is not None:
        raise UndecidedError(f"{reason}, which may lint")
    there = files_named(context, FILE_NAME)
    what = f" although {code(there[0])} configures it" if there else ""
    yield Problem(
        message=(
            f"Terraform is not linted: no tflint in CI or pre-commit{what}, nor `terraform validate` with "
            "`fmt -check`."
        ),
        at=repository.header,
        attribute="lint",
    )


@check(
    "EKS-TEST-202",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Repository,
    resources=("resource:*", "file:.github/workflows/*.y*ml", "file:.pre-commit-config.yaml"),
    surface=Surface.SUMMARY,
)
def security_scan_missing(repository: Repository, context: Context) -> Iterator[Problem]:
    """No security scanner reads the Terraform code.

    A review of EKS looks at the platform. Everything else that an account holds, and every new rule of the
    community, is what general scanners are for.

    Fix: Run Trivy (`trivy config`), Checkov or KICS on pull requests. When an organisation-wide workflow does
    it, set `external-scanner`.

    Bad:

    ```hcl title="main.tf"
    provider "aws" { # fails
      region = "eu-west-1"
    }
    ```

    Good:

    ```hcl title="main.tf"
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    ```yaml title=".github/workflows/scan.yml"
    on: pull_request
    jobs:
      scan:
        runs-on: ubuntu-24.04
        steps:
          - uses: bridgecrewio/checkov-action@v12
    ```

    References:
    - [EKS best practices: compliance, shifting left](https://docs.aws.amazon.com/eks/latest/best-practices/compliance.html)
    - [Trivy: infrastructure as code](https://trivy.dev/latest/docs/scanner/misconfiguration/)
    """
    runs = automation(context)
    if context.config.external_scanner or runs.runs("scan"):
        return
    reason = runs.elsewhere()
    if reason is not None:
        raise UndecidedError(f"{reason}, which may scan")
    yield Problem(
        message=(
            "No IaC security scanner runs on pull requests: no Checkov, Trivy, KICS, Terrascan or Snyk in CI "
            "or pre-commit."
        ),
        at=repository.header,
        attribute="scan",
    )


@check(
    "EKS-TEST-203",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Bypass,
    resources=(
        "file:.github/workflows/*.y*ml",
        "file:.pre-commit-config.yaml",
        "file:.checkov.y*ml",
        "resource:*",
    ),
)
def scanner_bypassed(bypass: Bypass, context: Context) -> Iterator[Problem]:
    """The result of a tool is ignored, and nobody says why.

    An exception without a reason is never looked at again: whoever comes later does not know whether it may
    go. A tool that cannot fail is read by nobody.

    Fix: Write the reason next to it (`checkov:skip=CKV_AWS_39:reached through the VPN`), or in a comment
    above. Better, remove it.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      #checkov:skip=CKV_AWS_39 # fails
      name = "prod"
    }
    ```

    ```yaml title=".github/workflows/scan.yml"
    on: pull_request
    jobs:
      scan:
        runs-on: ubuntu-24.04
        steps:
          - uses: bridgecrewio/checkov-action@v12
            with:
              soft_fail: true # fails
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      #checkov:skip=CKV_AWS_39:the API is reached through the VPN
      name = "prod"
    }
    ```

    References:
    - [Checkov: suppressing and skipping](https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html)
    - [Trivy: filtering](https://trivy.dev/latest/docs/configuration/filtering/)
    """
    del context
    if bypass.has_reason:
        return
    first, *others = bypass.places
    again = f", and {len(others)} more {'times' if others[1:] else 'time'} in this file" if others else ""
    yield Problem(
        message=f"The result of {bypass.tool} is ignored here without a reason{again}.",
        at=first,
        attribute="bypass",
        related=tuple(others),
    )


@check(
    "EKS-TEST-204",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Root,
    resources=("resource:*", "file:CODEOWNERS"),
    peers=("OpenSSF Scorecard Code-Review (related)",),
    surface=Surface.SUMMARY,
    default_on=False,
)
def review_ownership_missing(root: Root, context: Context) -> Iterator[Problem]:
    """Nobody is asked to review this configuration.

    Without an owner, whoever is around approves. Code owners make sure that those who are called at night
    have seen the change.

    Fix: Add a line for the folder to `.github/CODEOWNERS`, and require reviews of code owners on the branch.

    Bad:

    ```hcl title="main.tf"
    provider "aws" { # fails
      region = "eu-west-1"
    }
    ```

    ```text title=".github/CODEOWNERS"
    /docs/ @acme/writers
    ```

    Good:

    ```hcl title="main.tf"
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    ```text title=".github/CODEOWNERS"
    * @acme/platform
    ```

    References:
    - [GitHub: about code owners](https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners)
    """
    if root.is_aside:
        raise NotApplicableError("an example or a test")
    path = root.header.path
    if not has_owner(context, path):
        yield Problem(
            message=f"Nobody is required to review {code(path)}: no line of CODEOWNERS gives it an owner.",
            at=root.header,
            attribute="owner",
        )
