"""Issue 1.1, region mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import replace_expression
from reviewer.checks.problem import Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.views.region import REGION, Region, region_file, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.text import Range


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
