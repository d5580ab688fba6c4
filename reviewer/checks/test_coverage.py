"""Issue 8.1, insufficient test coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component import find_here
from reviewer.views.repository.deployment import Deployment
from reviewer.views.repository.infrastructure_tests import LocalModule, homemade_test, infrastructure_tests
from reviewer.views.repository.pipeline import automation
from reviewer.views.repository.repository import Repository
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


@check(
    "EKS-TEST-101",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Repository,
    resources=("module:*", "variable:*", "output:*", "file:**/*_test.go", "file:**/*.tftest.hcl"),
    surface=Surface.SUMMARY,
)
def infrastructure_tests_missing(repository: Repository, context: Context) -> Iterator[Problem]:
    """No automated test covers the Terraform code.

    A plan shows that code is valid, not that it does what was meant: that the third zone gets its subnet,
    that the variable is refused when it is wrong. What nobody tests breaks with the next refactoring.

    Fix: Start with one `terraform test` file for each root module: `command = plan` and mocked providers need
    no account and take seconds. Run it on pull requests.

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

    ```hcl title="tests/plan.tftest.hcl"
    run "plan" {
      command = plan
    }
    ```

    ```yaml title=".github/workflows/test.yml"
    on: pull_request
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: terraform test
    ```

    References:
    - [Terraform: tests](https://developer.hashicorp.com/terraform/language/tests)
    - [Terratest](https://terratest.gruntwork.io/)
    """
    tests = infrastructure_tests(context)
    runs = automation(context)
    if tests and runs.runs("test"):
        return
    reason = runs.elsewhere()
    if reason is not None:
        raise UndecidedError(f"{reason}, which may run tests")
    script = None if tests else homemade_test(context)
    if script is not None:
        raise UndecidedError(f"`{script}` runs Terraform and may be a test")
    if tests and not runs.files:
        raise UndecidedError("there are tests, and no CI system keeps its files here")
    if tests:
        message = (
            f"Tests exist ({code(tests[0])}), but nothing in CI or the hooks of this repository runs them."
        )
    else:
        message = (
            "No automated test covers this configuration: there is no `*.tftest.hcl`, Terratest, "
            f"kitchen-terraform or tftest.{_softened(context)}"
        )
    were_there = not tests and context.base is not None and infrastructure_tests(context.base)
    yield Problem(message=message, at=repository.header, attribute="tests", is_new=bool(were_there))


def _softened(context: Context) -> str:
    """Return what speaks for the author: assertions that run with each apply."""
    if not context.tree.containing(('check "',), CONFIGURATION_SUFFIXES):
        return ""
    return " `check` blocks look at what was applied; a test looks before."


@check(
    "EKS-TEST-102",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=LocalModule,
    resources=("file:modules/**/*.tf", "file:modules/**/*.tofu"),
    surface=Surface.SUMMARY,
)
def module_without_tests(module: LocalModule, context: Context) -> Iterator[Problem]:
    """A shared module has no test.

    A module is called from several places. Whoever changes it for one of them cannot see what happens to the
    others before they plan.

    Fix: Add `tests/defaults.tftest.hcl` to the module, with mocked providers and the values of a typical
    caller.

    Bad:

    ```hcl title="main.tf"
    module "queues" {
      source = "./modules/queues"
      name   = "jobs"
    }
    ```

    ```hcl title="modules/queues/main.tf"
    variable "name" { # fails
      type = string
    }

    resource "aws_sqs_queue" "jobs" {
      name = var.name
    }

    resource "aws_sqs_queue" "dead" {
      name = "${var.name}-dead"
    }

    resource "aws_sqs_queue_redrive_policy" "jobs" {
      queue_url = aws_sqs_queue.jobs.id
    }
    ```

    Good:

    ```hcl title="main.tf"
    module "queues" {
      source = "./modules/queues"
      name   = "jobs"
    }
    ```

    ```hcl title="modules/queues/main.tf"
    variable "name" {
      type = string
    }

    resource "aws_sqs_queue" "jobs" {
      name = var.name
    }

    resource "aws_sqs_queue" "dead" {
      name = "${var.name}-dead"
    }

    resource "aws_sqs_queue_redrive_policy" "jobs" {
      queue_url = aws_sqs_queue.jobs.id
    }
    ```

    ```hcl title="modules/queues/tests/defaults.tftest.hcl"
    variables {
      name = "test"
    }
    ```

    References:
    - [Terraform: tests](https://developer.hashicorp.com/terraform/language/tests)
    """
    if module.is_small:
        raise NotApplicableError("the module makes too little to test")
    if module.is_tested(context):
        return
    folder = module.module.folder
    name = f"Module {code(folder)}" if folder else "The module at the top of the repository"
    yield Problem(
        message=f"{name} has no test: none in its folder, and none elsewhere that names it.",
        at=module.header,
        attribute="tests",
    )


@check(
    "EKS-TEST-103",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Deployment,
    resources=("file:.github/workflows/*.y*ml", "aws_eks_cluster"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def post_deploy_verification_missing(deployment: Deployment, context: Context) -> Iterator[Problem]:
    """Nothing looks at the cluster after it was changed.

    An apply that ends well has changed what it was told to change. Whether pods still start, names resolve
    and the application answers shows only a look, and the loss of a zone only an experiment.

    Fix: Let a step after the apply wait for nodes and deployments (`kubectl wait`, `kubectl rollout status`)
    or ask a health endpoint. Add an experiment of AWS FIS for the loss of a zone.

    Bad:

    ```yaml title=".github/workflows/deploy.yml"
    on:
      push:
        branches: [main]
    jobs:
      apply:
        environment: production
        steps:
          - run: terraform apply -input=false tfplan # fails
    ```

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }
    ```

    Good:

    ```yaml title=".github/workflows/deploy.yml"
    on:
      push:
        branches: [main]
    jobs:
      apply:
        environment: production
        steps:
          - run: terraform apply -input=false tfplan
          - run: kubectl wait --for=condition=Ready nodes --all
    ```

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_fis_experiment_template" "zone" {
      description = "loss of a zone"
    }
    ```

    References:
    - [AWS Fault Injection Service: what is it](https://docs.aws.amazon.com/fis/latest/userguide/what-is.html)
    - [EKS best practices: reliability](https://docs.aws.amazon.com/eks/latest/best-practices/reliability.html)
    """
    missing = []
    if not deployment.is_verified(context):
        missing.append("nothing checks the cluster after the apply")
    if find_here(context, "chaos") is None:
        missing.append("no chaos experiment is defined")
    if missing:
        text = "; ".join(missing)
        yield Problem(
            message=f"In {code(deployment.instance.name)}, {text}.",
            at=deployment.at,
            attribute="verification",
        )
