"""Issue 5.2: tags for cost allocation."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.config.rule_kinds import RequiredTag
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes, problems, states

DEFAULTS = """
provider "aws" {
  default_tags {
    tags = { Environment = "prod" }
  }
}
"""
QUEUE = 'resource "aws_sqs_queue" "jobs" {\n  %s\n}\n'
EFS = 'resource "aws_efs_file_system" "data" {\n  %s\n}\n'


@pytest.mark.parametrize(
    ("tags", "missing"),
    [
        ("encrypted = true", "the tags `Owner` and `CostCenter`"),
        ('tags = { Name = "data" }', "the tags `Owner` and `CostCenter`"),
        ('tags = { Owner = "a" }', "the tag `CostCenter`"),
        ('tags = { team = "a" }', "the tag `CostCenter`"),
        ('tags = merge({ Owner = "a" }, { Name = "b" })', "the tag `CostCenter`"),
    ],
)
def test_missing_tags_are_named(tags: str, missing: str) -> None:
    """Where other blocks bring their tags along, this one should, too."""
    [found] = problems(
        "EKS-COST-201", DEFAULTS + EFS % tags + QUEUE % 'tags = { Owner = "a", CostCenter = "1" }'
    )
    assert found.message == f"`aws_efs_file_system.data` lacks {missing}."
    assert found.text == ('resource "aws_efs_file_system" "data" {' if "tags" not in tags else tags)


def test_what_nobody_tags_is_missing_in_the_default_tags() -> None:
    code = (
        DEFAULTS
        + EFS % 'tags = { Name = "data" }'
        + 'resource "aws_s3_bucket" "b" {\n  tags = { env = "x" }\n}\n'
    )
    found = problems("EKS-COST-201", code)
    assert [(each.address, each.text) for each in found] == [
        ("aws_efs_file_system.data", "default_tags {"),
        ("aws_s3_bucket.b", "default_tags {"),
    ]
    assert found[0].message == (
        "`aws_efs_file_system.data` lacks the tags `Owner` and `CostCenter`, and so do the default tags of the "
        "provider."
    )


@pytest.mark.parametrize(
    "tags",
    [
        'tags = { Owner = "a", CostCenter = "1" }',
        'tags = { TEAM = "a", "cost-center" = "1" }',
        'tags = { owner = "a", "billing-code" = "1" }',
        'tags = { owner = "a", Cost_Centre = "1" }',
        'tags = { owner = "a", BusinessUnit = "1" }',
        'tags = { owner = "a", product = "1" }',
        'tags = merge({ Owner = "a" }, { CostCenter = "1" })',
        'tags = { Owner = var.unknown, CostCenter = "1" }',
        'tags = { "acme:owner" = "a", "acme:finance:cost-center" = "1" }',
    ],
)
def test_aliases_and_any_case_will_do(tags: str) -> None:
    code = 'variable "unknown" {}\n' + DEFAULTS + EFS % tags
    assert states("EKS-COST-201", code) == {"aws_efs_file_system.data": State.PASS}


@pytest.mark.parametrize("tags", ["tags = var.tags", 'tags = merge(var.tags, { Name = "x" })'])
def test_tags_that_are_not_known_decide_nothing(tags: str) -> None:
    code = 'variable "tags" {}\n' + DEFAULTS + EFS % tags
    assert states("EKS-COST-201", code) == {"aws_efs_file_system.data": State.NOT_EVALUATED}


def test_provider_of_an_alias_counts() -> None:
    code = """
        provider "aws" {
          default_tags {
            tags = { Environment = "prod", Owner = "a", CostCenter = "1" }
          }
        }
        provider "aws" {
          alias = "dr"
          default_tags {
            tags = { Environment = "prod", Owner = "a" }
          }
        }
        resource "aws_s3_bucket" "here" {}
        resource "aws_s3_bucket" "there" {
          provider = aws.dr
        }
        """
    assert [each.message for each in problems("EKS-COST-201", code)] == [
        "`aws_s3_bucket.there` lacks the tag `CostCenter`, and so do the default tags of the provider."
    ]


def test_provider_is_handed_to_a_module() -> None:
    files = {
        "main.tf": """
            provider "aws" {
              default_tags {
                tags = { Environment = "prod", Owner = "a", CostCenter = "1" }
              }
            }
            provider "aws" {
              alias = "dr"
              default_tags {
                tags = { Environment = "prod" }
              }
            }
            module "here" {
              source = "./bucket"
            }
            module "there" {
              source    = "./bucket"
              providers = { aws = aws.dr }
            }
            """,
        "bucket/main.tf": 'resource "aws_s3_bucket" "one" {}\n',
    }
    assert [each.address for each in problems("EKS-COST-201", files)] == ["module.there.aws_s3_bucket.one"]


def test_no_default_tags_is_a_finding_of_its_own_and_no_provider_is_somebody_elses() -> None:
    bare = 'provider "aws" {}\n' + EFS % "encrypted = true"
    assert states("EKS-COST-201", bare) == {"aws_efs_file_system.data": State.NOT_APPLICABLE}
    library = EFS % "encrypted = true"
    assert states("EKS-COST-201", library) == {"aws_efs_file_system.data": State.NOT_EVALUATED}


def test_required_tags_are_a_setting() -> None:
    tags = (RequiredTag("Squad", ("crew",)),)
    code = DEFAULTS + EFS % 'tags = { crew = "a" }'
    assert states("EKS-COST-201", code, required_tags=tags) == {"aws_efs_file_system.data": State.PASS}


def test_module_calls_are_subjects() -> None:
    code = DEFAULTS + 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "~> 6.0"\n}\n'
    assert [each.address for each in problems("EKS-COST-201", code)] == ["module.vpc"]


def test_two_spellings_of_one_tag() -> None:
    code = DEFAULTS + EFS % 'tags = { environment = "prod", Owner = "a", CostCenter = "1" }'
    assert [each.message for each in problems("EKS-COST-201", code)] == [
        (
            "`aws_efs_file_system.data` is tagged `environment` besides the default tag `Environment`: "
            "AWS keeps both, and cost reports split."
        )
    ]


def test_two_spellings_within_one_module() -> None:
    code = (
        'provider "aws" {}\n'
        'resource "aws_s3_bucket" "a" {\n  tags = { CostCenter = "1" }\n}\n'
        'resource "aws_sqs_queue" "b" {\n  tags = { CostCenter = "1" }\n}\n'
        'resource "aws_s3_bucket" "c" {\n  tags = { costcenter = "1", name = "c" }\n}\n'
        'resource "aws_s3_bucket" "d" {\n  tags = { Name = "d" }\n}\n'
    )
    [found] = problems("EKS-COST-201", code)
    assert (found.address, found.text) == ("aws_s3_bucket.c", 'tags = { costcenter = "1", name = "c" }')
    assert found.message == (
        "`aws_s3_bucket.c` is tagged `costcenter` where the rest of the module has `CostCenter`: "
        "cost reports split."
    )


def test_fix_uses_the_only_map_that_has_the_tags() -> None:
    code = (
        'locals {\n  common_tags = { Owner = "a", CostCenter = "1" }\n}\n'
        + DEFAULTS
        + EFS % "encrypted = true"
    )
    problem = outcomes("EKS-COST-201", code)[0].problems[0]
    assert problem.fix is not None
    fixed = apply_edits(code, problem.fix.edits)
    assert "  tags      = local.common_tags\n" in fixed
    other = code.replace("Owner", "Name")
    assert outcomes("EKS-COST-201", other)[0].problems[0].fix is None


def test_advice_names_the_default_tags_that_serve_all() -> None:
    [found] = outcomes("EKS-COST-201", {"main.tf": EFS % 'tags = { Owner = "a" }', "providers.tf": DEFAULTS})
    assert found.problems[0].hint == (
        "Add `CostCenter` to the provider's `default_tags` (`providers.tf:3`), once for all that it makes, or to "
        "the `tags` here. Which tags are required is the setting `required-tags`."
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('provider "aws" {}\n' + QUEUE % "", {"provider.aws": State.FINDING}),
        ('provider "aws" {}\ndata "aws_caller_identity" "me" {}\n', {"provider.aws": State.NOT_APPLICABLE}),
        (DEFAULTS + QUEUE % "", {"provider.aws": State.PASS}),
        (
            DEFAULTS + 'provider "aws" {\n  alias = "dr"\n}\n' + QUEUE % "provider = aws.dr",
            {"provider.aws": State.NOT_APPLICABLE, "provider.aws.dr": State.FINDING},
        ),
        (
            'provider "aws" {}\nmodule "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n',
            {"provider.aws": State.FINDING},
        ),
        (
            DEFAULTS
            + 'provider "aws" {\n  alias = "dns"\n}\ndata "aws_route53_zone" "z" {\n  provider = aws.dns\n}\n'
            + QUEUE % "",
            {"provider.aws": State.PASS, "provider.aws.dns": State.NOT_APPLICABLE},
        ),
    ],
)
def test_default_tags_of_providers_that_own_something(code: str, expected: dict[str, State]) -> None:
    assert states("EKS-COST-202", code) == expected


def test_advice_points_to_a_provider_that_has_them() -> None:
    files = {
        "main.tf": 'provider "aws" {}\n' + QUEUE % "",
        "other/providers.tf": "# shared\n" + DEFAULTS.strip() + "\n",
    }
    hints = [each.hint for outcome in outcomes("EKS-COST-202", files) for each in outcome.problems]
    assert hints == [
        "Add `default_tags` with the tags that everything here shares, as `other/providers.tf:2` does."
    ]
    alone = [each.hint for outcome in outcomes("EKS-COST-202", files["main.tf"]) for each in outcome.problems]
    assert alone == [""]


GROUP = (
    'resource "aws_eks_node_group" "main" '
    '{\n  cluster_name = "prod"\n  launch_template {\n    id = %s\n  }\n}\n'
)
TEMPLATE = 'resource "aws_launch_template" "nodes" {\n  %s\n}\n'
SPECIFICATION = 'tag_specifications {\n    resource_type = "%s"\n    tags = {}\n  }\n'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("", "Instances and volumes of `aws_launch_template.nodes` appear untagged in cost reports."),
        (
            SPECIFICATION % "instance",
            "Volumes of `aws_launch_template.nodes` appear untagged in cost reports.",
        ),
        (
            SPECIFICATION % "volume",
            "Instances of `aws_launch_template.nodes` appear untagged in cost reports.",
        ),
    ],
)
def test_template_lacks_tags_for_each_kind(template: str, message: str) -> None:
    code = TEMPLATE % template + GROUP % "aws_launch_template.nodes.id"
    assert [each.message for each in problems("EKS-COST-203", code)] == [message]


@pytest.mark.parametrize(
    "code",
    [
        'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  eks_managed_node_groups = { a = {} }\n}\n',
        'module "n" {\n  source = "cloudposse/eks-node-group/aws"\n}\n',
    ],
)
def test_modules_fill_the_tags_of_nodes(code: str) -> None:
    assert states("EKS-COST-203", code) == {}


def test_default_tags_do_not_reach_nodes() -> None:
    code = DEFAULTS + TEMPLATE % "" + GROUP % "aws_launch_template.nodes.id"
    assert [each.address for each in problems("EKS-COST-203", code)] == ["aws_launch_template.nodes"]


def test_tags_of_nodes_elsewhere() -> None:
    both = TEMPLATE % (SPECIFICATION % "instance" + SPECIFICATION % "volume")
    assert problems("EKS-COST-203", both + GROUP % "aws_launch_template.nodes.id") == []
    assert states("EKS-COST-203", TEMPLATE % "" + GROUP % '"lt-1"') == {}
    bare = 'resource "aws_eks_node_group" "main" {\n  cluster_name = "prod"\n}\n'
    assert [each.address for each in problems("EKS-COST-203", bare)] == ["aws_eks_node_group.main"]
    group = (
        'resource "aws_autoscaling_group" "n" '
        '{\n  tag {\n    key = "kubernetes.io/cluster/prod"\n    value = "owned"\n'
        '    propagate_at_launch = true\n  }\n  tag {\n    key = "Owner"\n    value = "a"\n'
        "    propagate_at_launch = false\n  }\n}\n"
    )
    assert [each.text for each in problems("EKS-COST-203", group)] == ["propagate_at_launch = false"]


@pytest.mark.parametrize(
    "extra",
    [
        {"tags.tf": 'resource "aws_ce_cost_allocation_tag" "x" {}\n'},
        {"org/policy.tf": 'resource "aws_organizations_policy" "x" {\n  type = "TAG_POLICY"\n}\n'},
        {".tflint.hcl": 'rule "aws_resource_missing_tags" {\n  enabled = true\n}\n'},
        {
            "config.tf": 'resource "aws_config_config_rule" "x" {\n  source {\n    source_identifier = "REQUIRED_TAGS"\n  }\n}\n'
        },
        {"rules/tags.yaml": "Type: AWS::Config::ConfigRule\nSourceIdentifier: REQUIRED_TAGS\n"},
    ],
)
def test_governance_is_found_anywhere(extra: dict[str, str]) -> None:
    files = {"main.tf": 'provider "aws" {}\n'}
    assert states("EKS-COST-204", files) == {"provider.aws": State.FINDING}
    assert states("EKS-COST-204", {**files, **extra}) == {"provider.aws": State.PASS}


def test_a_rule_of_tflint_that_is_off_enforces_nothing() -> None:
    files = {
        "main.tf": 'provider "aws" {}\n',
        ".tflint.hcl": 'rule "aws_resource_missing_tags" {\n  enabled = false\n}\n',
    }
    assert states("EKS-COST-204", files) == {"provider.aws": State.FINDING}
