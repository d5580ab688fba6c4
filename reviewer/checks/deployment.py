"""Issue 6.1, manual deployment process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.backend import Backend, backend_block
from reviewer.views.cluster import Cluster
from reviewer.views.component import PLACES, find_component, find_here
from reviewer.views.deployable import Deployable, is_exact_version, is_floating_image
from reviewer.views.fact import is_false, is_true
from reviewer.views.module_call import ModuleCall
from reviewer.views.operator_tool import OperatorTool
from reviewer.views.pipeline import automation, declared_services, service_files
from reviewer.views.root import Root, is_wrapped
from reviewer.views.view import NotApplicableError
from reviewer.views.workflow import Command, Job, Workflow, member, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
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
    yield Problem(message=message, at=root.header, attribute="pipeline")


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
                    fault = _fault(events, job, text(member(step.value, "if")), command)
                except UndecidedError as error:
                    undecided = undecided or error
                    continue
                if fault is not None:
                    yield Problem(
                        message=f"Job {code(job.name)} {fault}.",
                        at=command.at,
                        attribute=f"{job.name}.{command.name}",
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


def _fault(events: set[str], job: Job, condition: str, command: Command) -> str | None:
    """Return what is wrong with an apply; raises :class:`UndecidedError` when a condition may prevent it."""
    if "-auto-approve" not in command.arguments and "non-interactive" not in command.arguments:
        return None
    conditions = f"{condition} {text(member(job.value, 'if'))}".strip()
    on_request = sorted(events & {"pull_request", "pull_request_target"})
    if on_request and not _MERGED.search(conditions):
        if conditions:
            raise UndecidedError(f"whether `{job.name}` applies depends on a condition")
        return f"applies on `{on_request[0]}`, before anybody has approved the change"
    if "push" not in events:
        return None
    if member(job.value, "environment").is_null:
        return "applies on every push without a protected environment"
    if "apply" in command.arguments.split() and not _has_plan_file(command.arguments):
        return "applies what is planned at that moment, not a plan that the run has saved and shown"
    return None


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
    "EKS-OPS-104",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Deployable,
    resources=("helm_release", "module:blueprints-addon"),
    peers=("CKV_K8S_14 (images)", "KSV-0013 (images)"),
)
def helm_chart_version_floating(deployable: Deployable, context: Context) -> Iterator[Problem]:
    """A chart or an image is installed at whatever version is newest.

    The next apply or the next restart of a pod then brings a version that nobody has tried, and a rollback
    brings the same version again.

    Fix: Pin the chart to a version and the image to a tag that never moves, or to a digest.

    Bad:

    ```hcl
    resource "helm_release" "ingress" { # fails
      name       = "ingress-nginx"
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
    }
    ```

    Good:

    ```hcl
    resource "helm_release" "ingress" {
      name       = "ingress-nginx"
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
      version    = "4.14.0"
    }
    ```

    References:
    - [Helm provider: helm_release](https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release)
    - [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
    """
    if deployable.release is not None:
        yield from _floating_chart(deployable, context)
    for image in deployable.images():
        if not image.is_unknown and is_floating_image(image.data):
            yield Problem(
                message=(
                    f"The image {code(image.data)} of {code(deployable.address)} is whatever was pushed last."
                ),
                at=image.supplier or deployable.header,
                attribute="image",
                evidence=str(image.data).partition(":")[0],
                related=image.origins,
            )


def _floating_chart(deployable: Deployable, context: Context) -> Iterator[Problem]:
    release = deployable.release
    if release is None or _is_local_chart(deployable, context):
        return
    version = release.version
    if version.is_unknown or is_exact_version(version.data):
        return
    if version.is_null and release.chart.test(lambda chart: str(chart).endswith(".tgz")):
        return
    label = release.name.data if isinstance(release.name.data, str) else release.address
    yield Problem(
        message=f"{code(label)} installs whatever chart version is newest at apply time.",
        at=version.supplier or deployable.header,
        attribute=release.version_argument,
        related=version.origins,
    )


def _is_local_chart(deployable: Deployable, context: Context) -> bool:
    chart = deployable.instance.block.attributes.get("chart")
    if chart is None:
        return False
    written = chart.expression.text
    data = deployable.instance.body.attr("chart").data
    if "path." in written or (isinstance(data, str) and data.startswith(("./", "../", "/"))):
        return True
    folder = deployable.instance.module.folder
    place = f"{folder}/{data}/Chart.yaml" if folder else f"{data}/Chart.yaml"
    return isinstance(data, str) and place in context.tree.files_in(place.rpartition("/")[0])


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
    if root.is_aside or not root.is_deployed or not _holds_much(context):
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


@check(
    "EKS-OPS-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Root,
    resources=("terraform:required_providers", "terraform:required_version", "provider:*"),
    peers=("tflint terraform_required_version", "tflint terraform_required_providers"),
)
def toolchain_version_unbounded(root: Root, context: Context) -> Iterator[Problem]:
    """Terraform or a provider may be of any version.

    The next major version renames arguments and replaces resources. Without a bound or a lock file it arrives
    on whichever machine runs `terraform init` next.

    Fix: Give `required_version`, and a version for each provider: `~> 6.0`, or a lower bound with
    `.terraform.lock.hcl` committed.

    Bad:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      required_providers {
        aws = { source = "hashicorp/aws" } # fails
      }
    }

    provider "aws" {}
    ```

    Good:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 6.0"
        }
      }
    }

    provider "aws" {}
    ```

    References:
    - [Terraform: version constraints](https://developer.hashicorp.com/terraform/language/expressions/version-constraints)
    """
    if not root.is_deployed or root.is_aside:
        raise NotApplicableError("a module that is called leaves versions to its callers")
    settings = context.root.declarations.settings
    if is_wrapped(context):
        raise UndecidedError("Terragrunt may generate the versions")
    if not any("required_version" in each.attributes for each in settings):
        yield Problem(
            message=f"Any version of Terraform may run {code(root.label)}: there is no `required_version`.",
            at=settings[0].header if settings else root.header,
            attribute="required_version",
        )
    yield from _unbounded_providers(context)


def _unbounded_providers(context: Context) -> Iterator[Problem]:
    declared = _required_providers(context)
    folder = context.root.folder
    locked = (f"{folder}/.terraform.lock.hcl" if folder else ".terraform.lock.hcl") in context.tree.files_in(
        folder
    )
    for name, place in _used_providers(context).items():
        constraint, at = declared.get(name, (None, place))
        if constraint is None or (not locked and _is_open(constraint)):
            what = "has no upper bound and no lock file" if constraint else "has no version constraint"
            if constraint is None and locked:
                continue
            yield Problem(
                message=f"Provider {code(name)} {what}: its next major version arrives unannounced.",
                at=at,
                attribute=f"required_providers.{name}",
            )


def _required_providers(context: Context) -> dict[str, tuple[str | None, Range]]:
    """Return the version constraint of each required provider, and where it is required."""
    found: dict[str, tuple[str | None, Range]] = {}
    for settings in context.root.declarations.settings:
        for block in settings.nested("required_providers"):
            for name, attribute in block.attributes.items():
                written = re.search(r"version\"?\s*[=:]\s*\"([^\"]*)\"", attribute.expression.text)
                short = re.fullmatch(r"\"([^\"]*)\"", attribute.expression.text)
                constraint = written or short
                found[name] = (constraint[1] if constraint else None, attribute.range)
    return found


def _used_providers(context: Context) -> dict[str, Range]:
    """Return the providers that blocks of the root module configure, and where."""
    found: dict[str, Range] = {}
    for block in context.root.declarations.providers:
        found.setdefault(block.labels[0], block.header)
    return {name: place for name, place in found.items() if name != "terraform"}


def _is_open(constraint: str) -> bool:
    """Tell whether a constraint admits every later version."""
    clauses = [each.strip() for each in constraint.split(",") if each.strip()]
    return not clauses or all(each.startswith((">=", ">", "!=")) for each in clauses)


@check(
    "EKS-OPS-109",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=ModuleCall,
    resources=("module:*",),
    peers=(
        "CKV_TF_1",
        "CKV_TF_2",
        "tflint terraform_module_version",
        "tflint terraform_module_pinned_source",
        "KICS generic_git_module_without_revision",
    ),
)
def module_source_floating(call: ModuleCall, context: Context) -> Iterator[Problem]:
    """A module is taken at whatever version is newest.

    `terraform init` on another day, or on another machine, brings other code: inputs renamed, resources
    replaced.

    Fix: Give registry modules a `version` with an upper bound, and git sources a `ref` that is a tag or a
    commit.

    Bad:

    ```hcl
    module "eks" {
      source = "terraform-aws-modules/eks/aws" # fails
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
    }
    ```

    References:
    - [Terraform: module sources](https://developer.hashicorp.com/terraform/language/modules/configuration)
    """
    source = call.source
    if source is None or source.startswith(("./", "../", "/")):
        raise NotApplicableError("a local module has the version of the repository")
    fault, argument = _floating(source, call.constraint)
    if fault is None:
        return
    value = call.instance.body.attr(argument)
    other = next(
        (each.constraint for each in ModuleCall.find(context) if each.source == source and each.constraint),
        None,
    )
    advice = f" Another call of it says {code(other)}." if other and other != call.constraint else ""
    yield Problem(
        message=f"Module {code(call.instance.name)} {fault}.{advice}",
        at=value.supplier or call.header,
        attribute=argument,
    )


def _floating(source: str, constraint: str | None) -> tuple[str | None, str]:
    """Return what is wrong with a source or a constraint, and the argument it is about."""
    if re.fullmatch(r"(?:[\w.-]+\.[a-z]+/)?[\w-]+/[\w-]+/[\w-]+(?://[\w./-]+)?", source):
        if constraint is None:
            return "has no version, so it is whatever the registry has newest", "source"
        return ("admits every later version" if _is_open(constraint) else None), "version"
    is_git = source.startswith(("git::", "git@", "github.com/", "bitbucket.org/")) or ".git" in source
    if not is_git:
        return None, "source"
    ref = re.search(r"[?&]ref=([^&]+)", source)
    if ref is None:
        return "has no `ref`, so it is whatever the default branch holds", "source"
    if ref[1] in {"main", "master", "HEAD", "develop", "trunk"}:
        return f"follows the branch {code(ref[1])}", "source"
    return None, "source"


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
