"""Issue 5.2, missing cost allocation tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, set_argument
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.checks.wording import listed
from reviewer.config.rule_kinds import plain_key
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.text import Range
from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component import find_here
from reviewer.views.provider import AwsProvider
from reviewer.views.repository.tflint import enables_rule
from reviewer.views.root import is_aside
from reviewer.views.tags import RESOURCES, NodeTags, Tagged, keys, tag_map, usual_spellings
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.config.rule_kinds import RequiredTag
    from reviewer.views.component.evidence import Evidence
    from reviewer.views.context import Context


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
    yield from _respelled(tagged, context)
    if tagged.provider is None:
        raise UndecidedError("the provider and its default tags are not in the code")
    if tagged.inherited() is None:
        raise NotApplicableError("the provider has no default tags, which is a finding of its own")
    missing = [tag for tag in context.config.required_tags if tagged.key_of(tag.spellings) is None]
    if missing:
        names = listed([code(tag.name) for tag in missing])
        fix = _merged(tagged, missing)
        is_nowhere = fix is None and not _are_used(tagged, missing, context)
        shared = tagged.defaults_at if is_nowhere else None
        yield Problem(
            message=f"{code(tagged.address)} lacks the tag{'s' * (len(missing) > 1)} {names}"
            f"{', and so do the default tags of the provider' if shared else ''}.",
            at=shared or _tags_line(tagged),
            attribute="tags",
            evidence=" ".join(tag.name for tag in missing),
            related=tagged.own.origins,
            hint=_where_to_add(tagged, names),
            fix=fix,
        )


def _are_used(tagged: Tagged, missing: list[RequiredTag], context: Context) -> bool:
    """Tell whether other tags in the module have one of the missing keys, so that it tags block by block."""
    usual: Mapping[str, str] = context.configuration.derived(usual_spellings, tagged.instance.module)
    return any(plain_key(name) in tag.spellings for name in usual for tag in missing)


def _where_to_add(tagged: Tagged, names: str) -> str:
    """Return advice that names the default tags, where one edit serves all resources."""
    place = tagged.defaults_at
    if place is None:
        return ""
    where = code(f"{place.path}:{place.line}")
    return (
        f"Add {names} to the provider's `default_tags` ({where}), once for all that it makes, or to "
        "the `tags` here. Which tags are required is the setting `required-tags`."
    )


def _tags_line(tagged: Tagged) -> Range:
    return tagged.own.supplier or tagged.header


def _respelled(tagged: Tagged, context: Context) -> Iterator[Problem]:
    """Report a required key that differs in case only from a default tag, or from most of the module."""
    inherited = tagged.inherited()
    defaults = {name.casefold(): name for name in keys(inherited)} if inherited is not None else {}
    usual: Mapping[str, str] = context.configuration.derived(usual_spellings, tagged.instance.module)
    required = {each for tag in context.config.required_tags for each in tag.spellings}
    for name in keys(tagged.own):
        folded = name.casefold()
        other = defaults.get(folded) or usual.get(folded, name)
        if other == name or plain_key(name) not in required:
            continue
        why = f"besides the default tag {code(other)}: AWS keeps both, and cost reports split."
        if folded not in defaults:
            why = f"where the rest of the module has {code(other)}: cost reports split."
        yield Problem(
            message=f"{code(tagged.address)} is tagged {code(name)} {why}",
            at=_tags_line(tagged),
            attribute=f"tags.{name}",
        )


def _merged(tagged: Tagged, missing: list[RequiredTag]) -> Fix | None:
    """Return the edit that merges the module's own map of tags in, when it has all that is missing."""
    source = tag_map(tagged.instance.module, [tag.spellings for tag in missing])
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


@check(
    "EKS-COST-202",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=AwsProvider,
    resources=("provider:aws",),
    peers=("tflint aws_provider_missing_default_tags",),
    fix=FixKind.IF_REF,
    shadows=("EKS-COST-201",),
)
def default_tags_missing(provider: AwsProvider, context: Context) -> Iterator[Problem]:
    """The provider adds no tags by default.

    Tagging then depends on every block remembering it, and the next one will not.

    Fix: Add `default_tags` with the tags that everything in this configuration shares.

    Bad:

    ```hcl
    locals {
      tags = { Owner = "platform" }
    }

    provider "aws" { # fails
      region = "eu-west-1"
    }

    resource "aws_sqs_queue" "jobs" {}
    ```

    Good:

    ```hcl
    locals {
      tags = { Owner = "platform" }
    }

    provider "aws" {
      region = "eu-west-1"

      default_tags {
        tags = local.tags
      }
    }

    resource "aws_sqs_queue" "jobs" {}
    ```

    References:
    - [AWS provider: default_tags](https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block)
    """
    if is_aside(context.root.folder):
        raise NotApplicableError("an example is not billed for long")
    if not provider.owns_resources(context):
        raise NotApplicableError("the provider makes nothing that could be tagged")
    if provider.instance.body.blocks("default_tags").first() is not None:
        return
    block = provider.instance.block
    source = tag_map(context.root)
    example = find_here(context, "default-tags")
    fix = None
    if source is not None and not is_json(block):
        edit = insert_lines(block, ("default_tags {", f"  tags = {source}", "}"))
        fix = Fix((edit,), "The tags of everything that this provider makes are changed in place.")
    yield Problem(
        message="The provider has no default tags: tagging depends on every block remembering it.",
        at=provider.header,
        attribute="default_tags",
        hint=_as_elsewhere(example),
        fix=fix,
    )


def _as_elsewhere(example: Evidence | None) -> str:
    """Return advice that points to a provider of the repository which has default tags."""
    if example is None or example.at is None:
        return ""
    where = code(f"{example.at.path}:{example.at.line}")
    return f"Add `default_tags` with the tags that everything here shares, as {where} does."


@check(
    "EKS-COST-203",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=NodeTags,
    resources=("aws_launch_template", "aws_autoscaling_group", "aws_eks_node_group"),
    peers=("CKV_AWS_153",),
    fix=FixKind.IF_REF,
)
def node_tags_not_propagated(nodes: NodeTags, context: Context) -> Iterator[Problem]:
    """Instances and volumes of nodes carry no tags.

    Nodes are most of the bill. Neither the tags of a node group nor the provider's default tags reach the
    instances and volumes that EKS starts for it, so that part of the bill belongs to nobody.

    Fix: Give the launch template `tag_specifications` for `instance` and for `volume`.

    Bad:

    ```hcl
    locals {
      tags = { Owner = "platform" }
    }

    resource "aws_launch_template" "nodes" { # fails
      name = "nodes"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      launch_template {
        id      = aws_launch_template.nodes.id
        version = aws_launch_template.nodes.latest_version
      }
    }
    ```

    Good:

    ```hcl
    locals {
      tags = { Owner = "platform" }
    }

    resource "aws_launch_template" "nodes" {
      name = "nodes"

      tag_specifications {
        resource_type = "instance"
        tags          = local.tags
      }

      tag_specifications {
        resource_type = "volume"
        tags          = local.tags
      }
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      launch_template {
        id      = aws_launch_template.nodes.id
        version = aws_launch_template.nodes.latest_version
      }
    }
    ```

    References:
    - [EKS user guide: tag your resources](https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html)
    - [AWS provider: aws_launch_template](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/launch_template)
    """
    del context
    if nodes.instance.type == "aws_launch_template":
        yield from _template_without_tags(nodes)
    elif nodes.instance.type == "aws_autoscaling_group":
        yield from _tags_that_stay(nodes)
    else:
        yield Problem(
            message=(
                f"Nodes of {code(nodes.address)} appear untagged in cost reports: without a launch "
                "template its tags "
                "do not reach instances and volumes."
            ),
            at=nodes.header,
            attribute="launch_template",
        )


def _template_without_tags(nodes: NodeTags) -> Iterator[Problem]:
    tagged = {
        str(each.attr("resource_type").require())
        for each in nodes.instance.body.blocks("tag_specifications").require()
    }
    missing = [kind for kind in ("instance", "volume") if kind not in tagged]
    if not missing:
        return
    kinds = " and ".join(f"{each}s" for each in missing).capitalize()
    yield Problem(
        message=f"{kinds} of {code(nodes.address)} appear untagged in cost reports.",
        at=nodes.header,
        attribute="tag_specifications",
        evidence=" ".join(missing),
        fix=_tagging(nodes, missing),
    )


def _tagging(nodes: NodeTags, kinds: list[str]) -> Fix | None:
    """Return the edit that adds a ``tag_specifications`` block for each kind; None without a map of tags."""
    source, block = tag_map(nodes.instance.module), nodes.instance.block
    if source is None or is_json(block):
        return None
    blocks = (
        ("tag_specifications {", f'  resource_type = "{kind}"', f"  tags          = {source}", "}", "")
        for kind in kinds
    )
    lines = tuple(line for each in blocks for line in each)[:-1]
    note = "Makes a new version of the template; nodes get the tags when they are replaced."
    return Fix((insert_lines(block, lines),), note)


def _tags_that_stay(nodes: NodeTags) -> Iterator[Problem]:
    for tag in nodes.instance.body.blocks("tag"):
        key, value = tag.attr("key").data, tag.attr("propagate_at_launch")
        if isinstance(key, str) and "k8s" not in key and "kubernetes" not in key and value.data is False:
            yield Problem(
                message=(
                    f"The tag {code(key)} of {code(nodes.address)} stays on the group and does not reach "
                    "its nodes."
                ),
                at=value.supplier or nodes.header,
                attribute="tag.propagate_at_launch",
                evidence=key,
                related=value.origins,
            )


_GOVERNANCE = ("TAG_POLICY", "REQUIRED_TAGS")
"""What enforces tags outside Terraform's own files: policies, and Config rules in templates."""


@check(
    "EKS-COST-204",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.REPOSITORY,
    on=AwsProvider,
    resources=("provider:aws", "aws_organizations_policy"),
    surface=Surface.SUMMARY,
    default_on=False,
)
def tag_governance_missing(provider: AwsProvider, context: Context) -> Iterator[Problem]:
    """Tags are neither enforced nor activated for cost allocation.

    A tag that nobody checks is forgotten, and one that is not activated for cost allocation is in no report.

    Fix: Activate the tags with `aws_ce_cost_allocation_tag`, and enforce them with a tag policy, the Config
    rule `REQUIRED_TAGS` or tflint's `aws_resource_missing_tags`.

    Bad:

    ```hcl
    provider "aws" { # fails
      region = "eu-west-1"
    }
    ```

    Good:

    ```hcl
    provider "aws" {
      region = "eu-west-1"
    }

    resource "aws_ce_cost_allocation_tag" "cost_center" {
      tag_key = "CostCenter"
      status  = "Active"
    }
    ```

    References:
    - [AWS Organizations: tag policies](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html)
    - [AWS Billing: activating cost allocation tags](https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html)
    """
    if provider.address != "provider.aws":
        raise NotApplicableError("the default provider stands for the account")
    if find_here(context, "tag-governance") is not None:
        return
    if enables_rule(context, "aws_resource_missing_tags"):
        return
    if context.tree.containing(_GOVERNANCE, (".hcl", ".json", ".yaml", ".yml")):
        return
    yield Problem(
        message=(
            "Tags are neither enforced nor activated for cost allocation in this repository: no tag "
            "policy, no Config "
            f"rule {code('REQUIRED_TAGS')}, no {code('aws_ce_cost_allocation_tag')}, no tflint rule."
        ),
        at=provider.header,
        attribute="tags",
    )
