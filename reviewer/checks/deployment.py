"""Issue 6.1, manual deployment process: how changes reach the platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.backend import backend_block
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.component.component import PLACES, find_component, find_here
from reviewer.views.repository.operator_tool import OperatorTool
from reviewer.views.repository.pipeline import automation, declared_services, service_files
from reviewer.views.repository.workflow import Command, Job, Workflow, member, text
from reviewer.views.root import Root
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.views.context import Context


@check(
    "EKS-OPS-101",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Root,
    resources=("resource:aws_*", "module:*", "file:.github/workflows/*.y*ml"),
    surface=Surface.SUMMARY,
)
def terraform_pipeline_missing(root: Root, context: Context) -> Iterator[Problem]:
    """No pipeline plans this configuration.

    Who applies by hand applies what is on their machine: an older branch, other variables, another provider
    version. Nobody sees the plan before it happens.

    Fix: Plan every pull request in CI, and apply the merged plan from there. Any CI system or Terraform
    service will do.

    Bad:

    ```hcl
    provider "aws" { # fails
      region = "eu-west-1"
    }

    resource "aws_sqs_queue" "jobs" {}
    ```

    Good:

    ```yaml title=".github/workflows/plan.yml"
    on: pull_request
    jobs:
      plan:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - run: terraform plan -lock-timeout=5m
    ```

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_sqs_queue" "jobs" {}
    ```

    References:
    - [Terraform: running Terraform in automation](https://developer.hashicorp.com/terraform/tutorials/automation/automate-terraform)
    """
    if not root.is_deployed or root.is_aside:
        raise NotApplicableError("the module is not deployed from here")
    found = automation(context)
    block = backend_block(context.root)
    is_remote = block is not None and (block.type == "cloud" or block.labels == ("remote",))
    if is_remote or service_files(context) or found.runs("plan") or declared_services(context):
        return
    where = code(root.label)
    message = (
        f"A pipeline applies Terraform in {where} but nothing plans it on pull requests."
        if found.runs("apply")
        else f"No workflow, CI file or service here plans Terraform in {where}: it is applied by hand."
    )
    yield Problem(
        message=message, at=root.header, attribute="pipeline", cause="the pipelines of the repository"
    )


@check(
    "EKS-OPS-102",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Workflow,
    resources=("file:.github/workflows/*.y*ml",),
    peers=("zizmor (general)",),
)
def unsafe_apply_in_workflow(workflow: Workflow, context: Context) -> Iterator[Problem]:
    """A workflow applies Terraform without a review of what it will do.

    An apply on `pull_request` runs code that nobody has approved, with the credentials of the platform. An
    apply without a saved plan does what is right at that moment, not what was reviewed.

    Fix: Apply on push to the main branch only, in a job with a protected `environment`, and apply the plan
    file that the same run has made and shown.

    Bad:

    ```yaml title=".github/workflows/apply.yml"
    on: pull_request
    jobs:
      apply:
        runs-on: ubuntu-latest
        steps:
          - run: terraform apply -auto-approve # fails
    ```

    ```hcl
    provider "aws" {}
    ```

    Good:

    ```yaml title=".github/workflows/apply.yml"
    on:
      push:
        branches: [main]
    jobs:
      apply:
        runs-on: ubuntu-latest
        environment: production
        steps:
          - run: terraform plan -out=tfplan
          - run: terraform apply tfplan
    ```

    ```hcl
    provider "aws" {}
    ```

    References:
    - [GitHub: managing environments for deployment](https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments)
    """
    del context
    events = set(workflow.events())
    undecided = None
    for job in workflow.jobs():
        for step in job.steps():
            for command in step.commands():
                if not {"apply", "destroy"} & set(command.arguments.split()) or _is_preview(job, command):
                    continue
                try:
                    faults = _faults(events, job, text(member(step.value, "if")), command)
                except UndecidedError as error:
                    undecided = undecided or error
                    continue
                for evidence, fault in faults.items():
                    yield Problem(
                        message=f"Job {code(job.name)} {fault}.",
                        at=command.at,
                        attribute=f"{job.name}.{command.name}",
                        evidence=evidence,
                    )
    if undecided is not None:
        raise undecided


def _is_preview(job: Job, command: Command) -> bool:
    """Tell whether an environment of its own is made for each pull request."""
    words = f"{job.name} {command.arguments} {job.value.supplier.text if job.value.supplier else ''}".lower()
    return bool(re.search(r"\bpr-|preview|ephemeral|pull_request\.number|event\.number", words))


_MERGED = re.compile(
    r"\.merged\b|event_name\s*==\s*'(?:push|workflow_dispatch|schedule|release)'|event_name\s*!=\s*'pull_request'"
    r"|github\.ref\s*==\s*'refs/(?:heads|tags)/|github\.ref_name\s*==|startsWith\(github\.ref"
)


def _faults(events: set[str], job: Job, condition: str, command: Command) -> Mapping[str, str]:
    """Return what is wrong with an apply, each with its evidence: one is not the other that was there.

    Raises :class:`UndecidedError` when a condition may prevent it.
    """
    if "-auto-approve" not in command.arguments and "non-interactive" not in command.arguments:
        return {}
    conditions = f"{condition} {text(member(job.value, 'if'))}".strip()
    on_request = sorted(events & {"pull_request", "pull_request_target"})
    if on_request and not _MERGED.search(conditions):
        if conditions:
            raise UndecidedError(f"whether `{job.name}` applies depends on a condition")
        return {on_request[0]: f"applies on `{on_request[0]}`, before anybody has approved the change"}
    if "push" not in events:
        return {}
    found = {}
    if member(job.value, "environment").is_null:
        found["environment"] = "applies on every push without a protected environment"
    if "apply" in command.arguments.split() and not _has_plan_file(command.arguments):
        found["plan"] = "applies what is planned at that moment, not a plan that the run has saved and shown"
    return found


_WITH_VALUE = frozenset(
    {"-var", "-var-file", "-target", "-replace", "-state", "-lock-timeout", "-parallelism"}
)


def _has_plan_file(arguments: str) -> bool:
    """Tell whether an ``apply`` names the file of a saved plan: a word behind it that is no option."""
    words = arguments.partition("apply")[2].split()
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and before not in _WITH_VALUE:
            return True
    return False


@check(
    "EKS-OPS-103",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def gitops_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Workloads are not delivered by GitOps.

    What runs in the cluster then depends on who ran which command last, and a new cluster cannot be filled
    from git.

    Fix: Bootstrap Argo CD (as an EKS capability or a chart) or Flux.

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

    resource "aws_eks_capability" "argocd" {
      cluster_name    = aws_eks_cluster.main.name
      capability_name = "argocd"
      type            = "ARGOCD"
    }
    ```

    References:
    - [EKS user guide: EKS capabilities](https://docs.aws.amazon.com/eks/latest/userguide/capabilities.html)
    """
    if find_here(context, "gitops") is None:
        yield Problem(
            message=(
                f"Workloads of {code(cluster.label)} are not delivered by GitOps: no Argo CD or Flux in "
                f"{PLACES}."
            ),
            at=cluster.header,
            attribute="gitops",
        )


@check(
    "EKS-OPS-105",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def policy_as_code_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """No policy as code guards the cluster or its plans.

    Rules that only people know are kept until the first busy day.

    Fix: Start with Kyverno or Gatekeeper in audit mode, or test plans with OPA.

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

    resource "helm_release" "kyverno" {
      name       = "kyverno"
      repository = "https://kyverno.github.io/kyverno"
      chart      = "kyverno"
      version    = "3.6.0"
    }
    ```

    References:
    - [EKS best practices: pod security](https://docs.aws.amazon.com/eks/latest/best-practices/pod-security.html)
    """
    if find_component(context, "policy") is None:
        yield Problem(
            message=(
                f"No policy as code guards {code(cluster.label)} or its plans: no Gatekeeper, Kyverno or "
                "admission "
                f"policy in {PLACES}, and no Rego or Sentinel files."
            ),
            at=cluster.header,
            attribute="policy",
        )


@check(
    "EKS-OPS-110",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=OperatorTool,
    resources=(
        "provider:kubernetes",
        "provider:helm",
        "provider:kubectl",
        "null_resource",
        "terraform_data",
    ),
)
def operator_workstation_dependency(tool: OperatorTool, context: Context) -> Iterator[Problem]:
    """An apply depends on files or tools of the machine that runs it.

    A kubeconfig may point to another cluster than the one that this configuration makes, and a command that
    is missing or of another version fails halfway.

    Fix: Give the provider the cluster's endpoint with an `exec` block for the token, and replace commands by
    `helm_release` or manifests.

    Bad:

    ```hcl
    provider "kubernetes" {
      config_path = "~/.kube/config" # fails
    }
    ```

    Good:

    ```hcl
    provider "kubernetes" {
      host = data.aws_eks_cluster.main.endpoint

      exec {
        api_version = "client.authentication.k8s.io/v1beta1"
        command     = "aws"
        args        = ["eks", "get-token", "--cluster-name", "prod"]
      }
    }
    ```

    References:
    - [Kubernetes provider: exec plugins](https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs#exec-plugins)
    """
    del context
    found = tool.kubeconfig() if tool.is_provider else None
    if found is not None:
        argument, value = found
        if isinstance(value.data, Unknown):
            raise UndecidedError(value.data.reason)
        yield Problem(
            message=f"{code(tool.address)} needs a kubeconfig on the machine that runs Terraform.",
            at=value.supplier or tool.header,
            attribute=argument,
            related=value.origins,
        )
    for command, at in tool.commands():
        yield Problem(
            message=(
                f"{code(tool.address)} needs {code(command)}, and a session with it, on the machine that "
                "runs Terraform."
            ),
            at=at,
            attribute="provisioner.command",
            evidence=command,
        )
