"""Issue 9.1, incomplete documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.checks.wording import listed
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.repository.interface import Declared, InterfaceFile, members
from reviewer.views.repository.module_folder import ModuleFolder
from reviewer.views.repository.operations_docs import has_diagram, has_runbook
from reviewer.views.repository.pipeline import automation
from reviewer.views.repository.readme_table import ReadmeTable, Stale, Wrong
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.context import Context


@check(
    "EKS-DOC-101",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.REPOSITORY,
    on=ModuleFolder,
    resources=("file:**/*.tf", "file:**/*.tofu"),
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
    on=ReadmeTable,
    resources=("variable:*", "output:*", "file:**/README.md"),
    peers=("terraform-docs --output-check",),
)
def readme_inputs_stale(readme: ReadmeTable, context: Context) -> Iterator[Problem]:
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
    if not readme.content.kinds:
        raise NotApplicableError("the README lists neither variables nor outputs")
    before = _stale_before(readme, context)
    found = list(readme.stale())
    new = [each for each in found if before is not None and each.key not in before]
    old = [each for each in found if each not in new]
    if new:
        yield _out_of_date(readme, new, " ".join(each.key for each in new), context)
    if old:
        yield _out_of_date(readme, old, "", context)


def _stale_before(readme: ReadmeTable, context: Context) -> set[str] | None:
    """Return what the same table had wrong at the base; None without a base."""
    if context.base is None:
        return None
    tables = map(ReadmeTable.of, _at_base(readme.module, context.base))
    return {each.key for table in tables if table is not None for each in table.stale()}


def _at_base(module: ModuleInstance, base: Context) -> Iterable[ModuleInstance]:
    """Return what a module was before: what was called by its address, and what lay in its folder."""
    same = [each for each in base.root.walk() if each.address == module.address]
    there = base.configuration.root(module.folder)
    return {each.folder: each for each in (*same, there)}.values()


def _out_of_date(readme: ReadmeTable, stale: list[Stale], evidence: str, context: Context) -> Problem:
    """Return the one problem of a README, at the first variable or output that it has wrong."""
    told = [_told(wrong, each) for wrong in Wrong if (each := [one for one in stale if one.wrong is wrong])]
    hook = (
        " A hook or job runs terraform-docs here; its result is not in the change."
        if _has_hook(context)
        else ""
    )
    return Problem(
        message=f"{code(readme.path)} {listed(told)}.{hook}",
        at=stale[0].at,
        attribute="readme",
        evidence=evidence,
        related=tuple(each.at for each in stale[1:]),
    )


def _told(wrong: Wrong, stale: list[Stale]) -> str:
    """Return what a table has wrong in one way, after the name of its file."""
    names = _names([each.name for each in stale])
    kinds = dict.fromkeys(f"{each.kind}{'s' * (len(stale) > 1)}" for each in stale)
    what = f"the {' and '.join(kinds)} {names}"
    match wrong:
        case Wrong.MISSING:
            return f"does not list {what}"
        case Wrong.DEFAULT:
            return f"gives {'other defaults' if stale[1:] else 'another default'} for {names} than the code"
        case Wrong.LEFT:
            return f"still lists {what}, which {'are' if stale[1:] else 'is'} gone"


_NAMED = 3
"""How many variables and outputs are named; the rest is counted."""


def _names(names: list[str]) -> str:
    named = ", ".join(map(code, names[:_NAMED]))
    return f"{named} and {len(names) - _NAMED} more" if names[_NAMED:] else named


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
    before = _at_base(module, context.base)
    return {each.local for base in before for each in members(base) if not each.is_described}


def _undescribed(found: list[Declared], evidence: str) -> Problem:
    """Return the one problem of a file, at the first of its blocks."""
    first = found[0]
    message = f"The {first.kind} {code(first.name)} has no description."
    if found[1:]:
        names = _names([each.name for each in found])
        message = f"Variables and outputs of this file have no description: {names}."
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
