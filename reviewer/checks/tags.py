"""Issue 5.2, missing cost allocation tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import is_json, set_argument
from reviewer.checks.problem import Edit, Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.text import Range
from reviewer.terraform.value import UndecidedError
from reviewer.views.tags import RESOURCES, Tagged, keys

if TYPE_CHECKING:
    from reviewer.checks.context import Context
    from reviewer.option_kinds import RequiredTag

_TAG_MAPS = ("tags", "common_tags", "default_tags")


@check(
    "EKS-COST-201",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=Tagged,
    resources=(*RESOURCES, "module:eks", "module:vpc"),
    peers=("tflint aws_resource_missing_tags", "KICS resource_not_using_tags"),
    fix=FixKind.IF_REF,
)
def required_tags_missing(tagged: Tagged, context: Context) -> Iterator[Problem]:
    """A resource lacks the tags that tell whose cost it is.

    Cost reports group by tag. What is untagged ends up in "no value", and nobody can say who should turn it
    off.

    Fix: Tag through the provider's `default_tags`, or merge the module's map of tags into `tags`. Which
    tags are required is the setting `required-tags`.

    Bad:

    ```hcl
    provider "aws" {
      default_tags {
        tags = { Environment = "prod" }
      }
    }

    locals {
      tags = {
        Owner      = "platform"
        CostCenter = "1234"
      }
    }

    resource "aws_efs_file_system" "shared" {
      encrypted = true
      tags      = { Name = "shared" } # fails
    }
    ```

    Good:

    ```hcl
    provider "aws" {
      default_tags {
        tags = { Environment = "prod" }
      }
    }

    locals {
      tags = {
        Owner      = "platform"
        CostCenter = "1234"
      }
    }

    resource "aws_efs_file_system" "shared" {
      encrypted = true
      tags      = merge(local.tags, { Name = "shared" })
    }
    ```

    References:
    - [AWS: best practices for tagging](https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html)
    - [AWS provider: default_tags](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block)
    """
    if tagged.provider is None:
        raise UndecidedError("the provider and its default tags are not in the code")
    if tagged.inherited() is None:
        raise NotApplicableError("the provider has no default tags, which is a finding of its own")
    missing = [tag for tag in context.config.required_tags if tagged.key_of(tag.spellings) is None]
    if missing:
        names = " and ".join(code(tag.name) for tag in missing)
        plural = len(missing) > 1
        yield Problem(
            message=f"{code(tagged.address)} lacks the tag{'s' * plural} {names}.",
            at=_tags_line(tagged),
            attribute="tags",
            evidence=" ".join(tag.name for tag in missing),
            related=tagged.own.origins,
            fix=_merged(tagged, missing),
        )
    yield from _respelled(tagged, context)


def _tags_line(tagged: Tagged) -> Range:
    return tagged.own.supplier or tagged.header


def _respelled(tagged: Tagged, context: Context) -> Iterator[Problem]:
    """Report a required key that differs from a default tag in case only."""
    inherited = tagged.inherited()
    defaults = {name.casefold(): name for name in keys(inherited)} if inherited is not None else {}
    required = {each for tag in context.config.required_tags for each in tag.spellings}
    for name in keys(tagged.own):
        other = defaults.get(name.casefold(), name)
        if other != name and name.casefold() in required:
            yield Problem(
                message=(
                    f"{code(tagged.address)} is tagged {code(name)} besides the default tag {code(other)}: "
                    "AWS keeps both, and cost reports split."
                ),
                at=_tags_line(tagged),
                attribute=f"tags.{name}",
            )


def _merged(tagged: Tagged, missing: list[RequiredTag]) -> Fix | None:
    """Return the edit that merges the module's own map of tags in, when it has all that is missing."""
    source = _tag_map(tagged, missing)
    block = tagged.instance.block
    if source is None or is_json(block):
        return None
    attribute = block.attributes.get("tags")
    note = "Tags are changed in place."
    if attribute is None:
        return Fix((set_argument(block, "tags", source),), note)
    where = attribute.expression
    if not where.text.startswith("{"):
        return None
    before = Edit(Range(where.source, where.start, where.start), f"merge({source}, ")
    return Fix((before, Edit(Range(where.source, where.end, where.end), ")")), note)


def _tag_map(tagged: Tagged, missing: list[RequiredTag]) -> str | None:
    module = tagged.instance.module
    for kind, declared, value in (
        ("local", module.declarations.locals, module.local),
        ("var", module.declarations.variables, module.variable),
    ):
        for name in _TAG_MAPS:
            data = value(name).data if name in declared else None
            found = {key.casefold() for key in data} if isinstance(data, Mapping) else set()
            if all(found & tag.spellings for tag in missing):
                return f"{kind}.{name}"
    return None
