"""Issue 1.1, region mismatch."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, replace_expression, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.checks.wording import listed
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.network.zoned import RESOURCES as ZONED_RESOURCES
from reviewer.views.network.zoned import Zoned, region_of_zone
from reviewer.views.provider import aws_providers
from reviewer.views.region import (
    DOCUMENTS,
    REGION,
    Region,
    documented_region,
    region_file,
    region_in_force,
    region_variables,
    shown,
)
from reviewer.views.regional_names import InOneRegion
from reviewer.views.repository.workflow import Job, Step, Workflow, is_literal, member
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context


@check(
    "EKS-CFG-101",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.REPOSITORY,
    on=Region,
    resources=(
        "file:**/AWS_REGION",
        "provider:aws",
        "file:terraform.tfvars",
        "file:*.auto.tfvars",
        "variable:region-like",
    ),
    fix=FixKind.REPLACE,
)
def region_file_mismatch(region: Region, context: Context) -> Iterator[Problem]:
    """The provider deploys to another region than the AWS_REGION file names.

    People and pipelines that read `AWS_REGION` talk to one region while Terraform builds in the other. The
    same code then makes a second platform, or a plan that wants to create everything anew.

    Fix: Decide which of the two is right and make them agree. Reading the file keeps them together:
    `region = trimspace(file("${path.root}/AWS_REGION"))`. Moving a live stack to another region creates
    everything again.

    Bad:

    ```hcl title="AWS_REGION"
    eu-west-1
    ```

    ```hcl
    provider "aws" {
      region = "us-east-1" # fails
    }
    ```

    Good:

    ```hcl title="AWS_REGION"
    eu-west-1
    ```

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    References:
    - [AWS provider: provider configuration](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration)
    """
    if not region.is_set:
        raise NotApplicableError("the provider names no region")
    file = region_file(context.tree, context.root.folder)
    if file is None:
        raise NotApplicableError("there is no AWS_REGION file")
    actual = region.value
    if actual.test(lambda name: isinstance(name, str) and name.strip() == file.region):
        return
    at = actual.supplier or region.header
    yield Problem(
        message=(
            f"The provider's region resolves to {code(shown(actual))} (from {code(at.path)}) but "
            f"{code(file.path)} says {code(file.region)}: "
            "the same code deploys to two regions depending on who runs it."
        ),
        at=at,
        attribute="region",
        related=(*actual.origins, file.at),
        fix=_aligned(at, file.region),
    )


def _aligned(at: Range, expected: str) -> Fix | None:
    """Return the edit of a region literal; anything else is not ours to rewrite."""
    literal = at.text.strip('"')
    if at.text != f'"{literal}"' or not REGION.fullmatch(literal):
        return None
    note = "Only right for a stack that is not deployed yet: changing the region creates everything again."
    return Fix((replace_expression(at, f'"{expected}"'),), note, changed_only=True)


def _is(region: Value, name: object) -> bool:
    return region.test(lambda known: known == name)


@check(
    "EKS-CFG-102",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.REPOSITORY,
    on=Region,
    resources=(
        "file:**/PROMPT.md",
        "file:**/metadata.json",
        "file:**/metadata.y*ml",
        "provider:aws",
        "file:terraform.tfvars",
    ),
    surface=Surface.SUMMARY,
)
def region_document_mismatch(region: Region, context: Context) -> Iterator[Problem]:
    """The configuration deploys to another region than its specification names.

    What was asked for and what is built differ. Data may end up in a country where it must not be, or far
    from the people who use it. `allowed-regions` in `.eks-review.yml` is a specification, too: it holds for
    every AWS provider of the root module, those with an alias included.

    Fix: Decide which of the two is right and align the other. Either may be the mistake.

    Bad:

    ```markdown title="PROMPT.md"
    Deploy the cluster in ap-southeast-2. <!-- fails -->
    ```

    ```hcl
    provider "aws" {
      region = "us-west-2"
    }
    ```

    Good:

    ```markdown title="PROMPT.md"
    Deploy the cluster in ap-southeast-2.
    ```

    ```hcl
    provider "aws" {
      region = "ap-southeast-2"
    }
    ```

    References:
    - [AWS provider: provider configuration](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration)
    """
    allowed = context.config.allowed_regions
    folder = context.root.folder
    if allowed:
        yield from _not_allowed(context.root, allowed)
    found = [documented_region(context.tree, folder, name) for name in DOCUMENTS]
    documents = [each for each in found if each is not None]
    if not region.is_set or not (documents or allowed):
        raise NotApplicableError("no specification names a region")
    for document in documents:
        if not _is(region.value, document.region):
            yield Problem(
                message=(
                    f"{code(document.path)} specifies {code(document.region)} but the configuration "
                    "deploys to "
                    f"{code(shown(region.value))}."
                ),
                at=document.at,
                attribute="region",
                evidence=document.path.rpartition("/")[2],
                related=region.value.origins,
            )


def _not_allowed(root: ModuleInstance, allowed: tuple[str, ...]) -> Iterator[Problem]:
    """Yield the AWS providers that are not in one of the regions that the configuration allows."""
    undecided = ""
    for name, body in aws_providers(root):
        value = body.attr("region")
        if isinstance(value.data, Unknown):
            undecided = undecided or value.data.reason
        elif not value.is_null and str(value.data).strip() not in allowed:
            yield Problem(
                message=(
                    f"The provider {code(name)} deploys to {code(shown(value))}, but the configuration "
                    f"allows only {', '.join(map(code, allowed))}."
                ),
                at=value.supplier or body.block.header,
                attribute="region" if name == "aws" else f"{name}.region",
                evidence="allowed-regions",
                related=value.origins,
            )
    if undecided:
        raise UndecidedError(undecided)


@check(
    "EKS-CFG-103",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Zoned,
    resources=(*ZONED_RESOURCES, "module:vpc", "variable:azs-like"),
    fix=FixKind.NEW_ONLY,
)
def az_outside_region(zoned: Zoned, context: Context) -> Iterator[Problem]:
    """A resource is placed in a zone of another region.

    AWS refuses the zone, so the apply fails halfway, or the resource lands in the wrong region when a
    provider alias makes the name valid.

    Fix: Take the zones from `data.aws_availability_zones`, or name those of the region. Which letters exist
    depends on the account.

    Bad:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_subnet" "a" {
      cidr_block        = "10.0.0.0/24"
      availability_zone = "us-east-1a" # fails
    }
    ```

    Good:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_subnet" "a" {
      cidr_block        = "10.0.0.0/24"
      availability_zone = "eu-west-1a"
    }
    ```

    References:
    - [AWS: regions and zones](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html)
    """
    del context
    names = zoned.names()
    if not names:
        if zoned.is_from_aws:
            raise NotApplicableError("the zones are those that AWS names in the region")
        zoned.value.require()
        raise NotApplicableError("no zone is named")
    region = region_in_force(zoned.instance)
    if region.is_null:
        raise UndecidedError("the region of the provider is not in the code")
    here = str(region.require())
    wrong = [each for each in names if region_of_zone(str(each.data)) not in {None, here}]
    if wrong:
        yield Problem(
            message=(
                f"{listed([code(each.data) for each in wrong])} {'are' if len(wrong) > 1 else 'is'} "
                "not in "
                f"{code(here)}, where {code(zoned.address)} is made: the apply fails."
            ),
            at=wrong[0].supplier or zoned.header,
            attribute=zoned.argument,
            related=(*zoned.value.origins, *region.origins),
            fix=_moved(wrong, here),
        )


def _moved(zones: list[Value], region: str) -> Fix | None:
    edits = []
    for zone in zones:
        name, place = str(zone.data), zone.supplier
        if place is None or place.text != f'"{name}"':
            return None
        letters = name.removeprefix(region_of_zone(name) or "")
        edits.append(replace_expression(place, f'"{region}{letters}"'))
    note = (
        "Which zone letters exist depends on the account. Moving a live resource to another zone replaces it."
    )
    return Fix(tuple(dict.fromkeys(edits)), note, new_only=True)


@check(
    "EKS-CFG-104",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=InOneRegion,
    resources=("resource:aws_*", "module:*", "provider:*", "terraform:backend"),
)
def literal_names_other_region(block: InOneRegion, context: Context) -> Iterator[Problem]:
    """A hard-coded ARN or host is in another region.

    Most AWS resources can only use keys, queues and endpoints of their own region. Copied from another stack,
    the literal makes the apply fail, or sends data across regions unnoticed.

    Fix: Build the name from `data.aws_region.current`, `data.aws_partition.current` and
    `data.aws_caller_identity.current`, or refer to the resource.

    Bad:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      kms_key_id        = "arn:aws:kms:us-east-1:111122223333:key/abc" # fails
    }
    ```

    Good:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      kms_key_id        = "arn:aws:kms:eu-west-1:111122223333:key/abc"
    }
    ```

    References:
    - [AWS provider: aws_region data source](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region)
    """
    names = [each for each in block.names() if not each.is_global]
    if block.is_backend and not context.config.check_backend_region:
        raise NotApplicableError("the state may be kept in another region: `check-backend-region` is off")
    if not names:
        raise NotApplicableError("nothing names a region")
    region = block.region
    if region.is_null:
        raise UndecidedError("the region of the provider is not in the code")
    here = region.require()
    for each in names:
        if each.region != here:
            yield Problem(
                message=f"This names {code(each.region)}, while {code(block.address)} is in {code(here)}.",
                at=each.value.supplier or block.header,
                attribute=each.argument,
                evidence=each.service,
                related=(*each.value.origins, *region.origins),
            )


@check(
    "EKS-CFG-105",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.REPOSITORY,
    on=Region,
    resources=("file:.github/workflows/*.y*ml", "file:**/AWS_REGION", "provider:aws"),
)
def workflow_region_mismatch(region: Region, context: Context) -> Iterator[Problem]:
    """A workflow signs in to another region than the one that Terraform deploys to.

    The AWS CLI steps of the job (`aws eks update-kubeconfig`, smoke tests) talk to one region and Terraform
    to the other: they check, or change, the wrong cluster.

    Fix: Let both read one place, such as the repository variable `AWS_REGION` or the AWS_REGION file.

    Bad:

    ```yaml title=".github/workflows/deploy.yml"
    on: push
    jobs:
      apply:
        runs-on: ubuntu-latest
        steps:
          - uses: aws-actions/configure-aws-credentials@v4
            with:
              aws-region: us-east-1 # fails
          - run: terraform plan
    ```

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    Good:

    ```yaml title=".github/workflows/deploy.yml"
    on: push
    jobs:
      apply:
        runs-on: ubuntu-latest
        steps:
          - uses: aws-actions/configure-aws-credentials@v4
            with:
              aws-region: ${{ vars.AWS_REGION }}
          - run: terraform plan
    ```

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }
    ```

    References:
    - [configure-aws-credentials: inputs](https://github.com/aws-actions/configure-aws-credentials#options)
    """
    if not region.is_set:
        raise NotApplicableError("the provider names no region")
    jobs = [job for workflow in Workflow.find(context) for job in workflow.jobs()]
    here = [job for job in jobs if {each.folder for each in job.commands()} == {context.root.folder}]
    if not here:
        raise NotApplicableError("no workflow runs Terraform here")
    for job in here:
        for name, value in _regions_of(job, context):
            if is_literal(value) and not _is(region.value, value.data):
                yield Problem(
                    message=(
                        f"Job {code(job.name)} works in {code(value.data)} but "
                        f"{code(context.root.folder or 'the root module')} deploys to "
                        f"{code(shown(region.value))}."
                    ),
                    at=value.supplier or job.workflow.header,
                    attribute=f"{job.name}.{name}",
                    related=region.value.origins,
                )


def _regions_of(job: Job, context: Context) -> Iterator[tuple[str, Value]]:
    """Yield what a job sets the region with, and the region."""
    names = (
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        *(f"TF_VAR_{each}" for each in region_variables(context.root)),
    )
    steps = job.steps()
    for index, step in enumerate(steps):
        if step.uses.startswith(_SIGN_IN) and not _is_for_public_images(steps[index + 1 :]):
            yield "aws-region", member(step.value, "with", "aws-region")
    own = (member(step.value, "env") for step in steps if not _signs_in_to_public_images(step))
    for environment in (*own, *job.shared_environment()):
        for name in names:
            yield name, member(environment, name)


_SIGN_IN = "aws-actions/configure-aws-credentials"


def _is_for_public_images(following: Sequence[Step]) -> bool:
    """Tell whether a sign-in is only for the registry of public images, which is in us-east-1 alone."""
    again = any(each.uses.startswith(_SIGN_IN) for each in following[1:])
    return bool(following) and _signs_in_to_public_images(following[0]) and again


def _signs_in_to_public_images(step: Step) -> bool:
    is_public = member(step.value, "with", "registry-type").data == "public"
    return is_public or "ecr-public" in step.run or "public.ecr.aws" in step.run


@check(
    "EKS-CFG-106",
    severity=Severity.LOW,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Region,
    resources=("provider:aws", "variable:region-like"),
    fix=FixKind.IF_REF,
)
def region_not_parameterised(region: Region, context: Context) -> Iterator[Problem]:
    """The region is not one value that is checked.

    A literal in the provider and a variable beside it drift apart, and a variable without a rule can be set
    to any region by a wrong `.tfvars` file: a whole platform in the wrong place.

    Fix: Bind the provider to the variable, or to the AWS_REGION file where there is one, and let a
    `validation` block name the regions that are approved.

    Bad:

    ```hcl
    variable "aws_region" {
      type = string

      validation {
        condition     = contains(["eu-west-1"], var.aws_region)
        error_message = "This stack is approved for eu-west-1 only."
      }
    }

    provider "aws" {
      region = "eu-west-1" # fails
    }
    ```

    Good:

    ```hcl
    variable "aws_region" {
      type = string

      validation {
        condition     = contains(["eu-west-1"], var.aws_region)
        error_message = "This stack is approved for eu-west-1 only."
      }
    }

    provider "aws" {
      region = var.aws_region
    }
    ```

    References:
    - [Terraform: custom conditions](https://developer.hashicorp.com/terraform/language/expressions/custom-conditions)
    """
    if {"example", "examples", "test", "tests"} & set(context.root.folder.split("/")):
        raise NotApplicableError("an example or a test is deployed where it is tried")
    names = region_variables(context.root)
    block = region.instance.block
    written = block.attributes.get("region")
    if written is None or _LITERAL.fullmatch(written.expression.text):
        source, expression = _one_source(region, names, context)
        if source:
            edit = set_argument(block, "region", expression)
            yield Problem(
                message=f"The provider's region is not bound to {code(source)}.",
                at=written.expression if written is not None else region.header,
                attribute="region",
                fix=None
                if is_json(block)
                else Fix((edit,), "Only the name of the value changes, not the region."),
            )
        return
    match = _VARIABLE.fullmatch(written.expression.text)
    name = str(match[1] or match[2]) if match is not None else ""
    if name in context.root.declarations.variables and not _is_guarded(name, context):
        yield _unguarded(name, context)


_VARIABLE = re.compile(r'var\.(\w+)|"\$\{\s*var\.(\w+)\s*\}"')
"""A variable, plainly or in the quotes that Terraform needed before 0.12."""

_LITERAL = re.compile(r'"[\w-]*"')


def _one_source(region: Region, names: tuple[str, ...], context: Context) -> tuple[str, str]:
    """Return the one place that says the region, for people and as an expression; empty where there is none.

    A region that differs from the AWS_REGION file is not a copy of it, but EKS-CFG-101's.
    """
    if names:
        return (f"var.{names[0]}", f"var.{names[0]}") if len(names) == 1 else ("", "")
    folder = context.root.folder
    file = region_file(context.tree, folder)
    if file is None or (region.is_set and not _is(region.value, file.region)):
        return "", ""
    path = posixpath.relpath(file.path, folder or ".")
    return file.path, f'trimspace(file("${{path.module}}/{path}"))'


def _is_guarded(name: str, context: Context) -> bool:
    """Tell whether any condition or test looks at the region."""
    declared = context.root.declarations
    if any(declared.variables[name].nested("validation")):
        return True
    mention = f"var.{name}"
    conditions = [each.text for file in declared.files for each in _conditions(file.blocks)]
    tests = context.tree.containing((name, "region"), (".tftest.hcl", ".tftest.json"))
    near = f"{context.root.folder}/" if context.root.folder else ""
    return any(mention in each or "aws_region" in each for each in conditions) or any(
        each.startswith(near) for each in tests
    )


def _conditions(blocks: Iterable[Block]) -> Iterator[Range]:
    for block in blocks:
        if block.type in {"check", "precondition", "postcondition"}:
            yield block.range
        else:
            yield from _conditions(block.blocks)


def _unguarded(name: str, context: Context) -> Problem:
    block = context.root.declarations.variables[name]
    file = region_file(context.tree, context.root.folder)
    fix = None
    if file is not None and not is_json(block):
        lines = (
            "validation {",
            f'  condition     = contains(["{file.region}"], var.{name})',
            f'  error_message = "This stack is approved for {file.region} only."',
            "}",
        )
        fix = Fix((insert_lines(block, lines),), "Nothing changes for the approved region.")
    return Problem(
        message=f"Nothing stops {code('var.' + name)} from being set to an unintended region.",
        at=block.header,
        attribute=f"variable.{name}",
        fix=fix,
    )
