"""Issue 9.1, incomplete documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.repository.adopted import is_adopted
from reviewer.views.repository.interface import Declared, InterfaceFile, ReadmeEntry, members, plain_default
from reviewer.views.repository.module_folder import ModuleFolder
from reviewer.views.repository.operations_docs import has_diagram, has_runbook
from reviewer.views.repository.pipeline import automation
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import ModuleInstance
    from reviewer.views.context import Context


@check(
    "EKS-DOC-101",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=ModuleFolder,
    resources=("file:**/*.tf",),
    surface=Surface.SUMMARY,
)
def readme_missing(folder: ModuleFolder, context: Context) -> Iterator[Problem]:
    """A folder of Terraform code has no README.

    Whoever is called at night finds resources, and not what they are for, who owns them and how they are
    applied.

    Fix: Write down what the module is for, how it is applied and who owns it. terraform-docs adds the inputs
    and outputs.

    Bad:

    ```hcl title="infra/main.tf"
    variable "name" {} # fails
    ```

    ```hcl title="main.tf"
    module "infra" { # fails
      source = "./infra"
    }
    ```

    Good:

    ```hcl title="main.tf"
    module "infra" {
      source = "./infra"
    }
    ```

    ```hcl title="infra/main.tf"
    variable "name" {}
    ```

    ```text title="README.md"
    # The platform
    ```

    References:
    - [Terraform: standard module structure](https://developer.hashicorp.com/terraform/language/modules/develop/structure)
    - [terraform-docs](https://terraform-docs.io/)
    """
    if is_adopted(folder.module.folder, context):
        raise NotApplicableError("the module is as it was before the change called it")
    if not folder.has_readme(context.tree):
        yield Problem(
            message=f"{code(folder.label)} has no README, neither there nor in the folder above.",
            at=folder.header,
            attribute="readme",
        )


@check(
    "EKS-DOC-102",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=ReadmeEntry,
    resources=("variable:*", "output:*", "file:**/README.md"),
    peers=("terraform-docs --output-check",),
)
def readme_inputs_stale(entry: ReadmeEntry, context: Context) -> Iterator[Problem]:
    """The generated table of a README is out of date.

    Callers of the module read the table, not the code. What it does not list they do not use, and what it
    lists wrongly costs them an hour.

    Fix: Run terraform-docs and commit the README.

    Bad:

    ```hcl title="main.tf"
    variable "name" {
      type = string
    }

    variable "zones" { # fails
      type = number
    }
    ```

    ```text title="README.md"
    <!-- BEGIN_TF_DOCS -->
    ## Inputs

    | Name | Type | Default | Required |
    |------|------|---------|:--------:|
    | <a name="input_name"></a> [name](#input_name) | `string` | n/a | yes |
    <!-- END_TF_DOCS -->
    ```

    Good:

    ```hcl title="main.tf"
    variable "name" {
      type = string
    }
    ```

    ```text title="README.md"
    <!-- BEGIN_TF_DOCS -->
    ## Inputs

    | Name | Type | Default | Required |
    |------|------|---------|:--------:|
    | <a name="input_name"></a> [name](#input_name) | `string` | n/a | yes |
    <!-- END_TF_DOCS -->
    ```

    References:
    - [terraform-docs](https://terraform-docs.io/user-guide/introduction/)
    """
    if not entry.readme.lists(entry.kind):
        raise NotApplicableError(f"the README lists no {entry.kind}s")
    path = entry.readme.source.path
    if entry.is_left:
        message = f"{code(path)} still lists the {entry.kind} {code(entry.name)}, which is gone."
    elif not entry.readme.mentions(entry.name):
        message = f"{code(path)} does not list the {entry.kind} {code(entry.name)}."
    elif not _is_default_current(entry):
        message = f"{code(path)} gives another default for {code(entry.name)} than the code."
    else:
        return
    hook = (
        " A hook or job runs terraform-docs here; its result is not in the change."
        if _has_hook(context)
        else ""
    )
    yield Problem(message=f"{message}{hook}", at=entry.at, attribute="readme")


def _is_default_current(entry: ReadmeEntry) -> bool:
    """Tell whether the README has the default of a variable; what is not plain text counts as right."""
    written = plain_default(entry)
    listed = entry.readme.default_of(entry.name) if entry.kind == "variable" else None
    return written is None or listed is None or listed == written


def _has_hook(context: Context) -> bool:
    return automation(context).runs("docs")


@check(
    "EKS-DOC-103",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=InterfaceFile,
    resources=("variable:*", "output:*"),
    peers=(
        "tflint terraform_documented_variables",
        "tflint terraform_documented_outputs",
        "KICS variable_without_description",
    ),
)
def undocumented_interface(interface: InterfaceFile, context: Context) -> Iterator[Problem]:
    """A variable or an output has no description.

    The name says what the author thought of. Whether `size` is a number of nodes, a volume or an instance
    type, the caller learns from the error message.

    Fix: Say in one sentence what it is, with its unit and what depends on it. The wording is the author's.

    Bad:

    ```hcl
    variable "retention" { # fails
      type = number
    }
    ```

    Good:

    ```hcl
    variable "retention" {
      type        = number
      description = "Days for which logs are kept."
    }
    ```

    References:
    - [Terraform: input variables](https://developer.hashicorp.com/terraform/language/block/variable)
    - [Terraform style guide](https://developer.hashicorp.com/terraform/language/style)
    """
    before = _undescribed_before(interface.instance.module, context)
    lacking = interface.undocumented()
    new = [each for each in lacking if before is not None and each.local not in before]
    old = [each for each in lacking if each not in new]
    if new:
        yield _undescribed(new, " ".join(each.local for each in new))
    if old:
        yield _undescribed(old, "")


def _undescribed_before(module: ModuleInstance, context: Context) -> set[str] | None:
    """Return what of a module had no description at the base, whoever calls it; None without a base."""
    if context.base is None:
        return None
    same = [each for each in context.base.root.walk() if each.address == module.address]
    there = context.base.configuration.root(module.folder)
    return {each.local for base in (*same, there) for each in members(base) if not each.is_described}


_NAMED = 3
"""How many variables and outputs of a file are named; the rest is counted."""


def _undescribed(found: list[Declared], evidence: str) -> Problem:
    """Return the one problem of a file, at the first of its blocks."""
    first = found[0]
    message = f"The {first.kind} {code(first.name)} has no description."
    if found[1:]:
        named = ", ".join(code(each.name) for each in found[:_NAMED])
        rest = f" and {len(found) - _NAMED} more" if found[_NAMED:] else ""
        message = f"Variables and outputs of this file have no description: {named}{rest}."
    return Problem(
        message=message,
        at=first.instance.range,
        attribute="description",
        evidence=evidence,
        related=tuple(each.instance.range for each in found[1:]),
    )


@check(
    "EKS-DOC-104",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def operations_docs_missing(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """There is no picture of the architecture, or no runbook.

    A new colleague, or anybody at three in the morning, has the code and no map: what talks to what, and what
    to do when a node is not ready.

    Fix: Draw `docs/architecture.md` with a Mermaid diagram, and write a runbook for each alarm below
    `docs/runbooks/`. When they live elsewhere, name the place in the setting `operations-docs-url`.

    Bad:

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" { # fails
      name = "prod"
    }
    ```

    Good:

    ```hcl title="main.tf"
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }
    ```

    ```text title="docs/architecture.puml"
    node -> database
    ```

    ```text title="docs/runbooks/node-not-ready.md"
    # A node is not ready
    ```

    References:
    - [AWS Well-Architected: operational excellence](https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/welcome.html)
    """
    if context.config.operations_docs_url is not None:
        return
    missing = []
    if not has_diagram(context):
        missing.append(
            "no diagram of the architecture (an image below `docs`, Mermaid, draw.io, D2, PlantUML)"
        )
    if not has_runbook(context):
        missing.append("no runbook (a document below `runbooks`, `playbooks` or `operations`)")
    if missing:
        text = " and ".join(missing)
        yield Problem(message=f"{text[0].upper()}{text[1:]} was found.", at=cluster.header, attribute="docs")
