"""What a change touches: lines of a block, or lines that supply its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Status

if TYPE_CHECKING:
    from reviewer.review import Review
    from tests.engine.conftest import ReviewChange

CLUSTER = """
    variable "private" {
      type    = bool
      default = true
    }

    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = var.subnets
        endpoint_private_access = var.private
      }
    }

    variable "subnets" {}
    """
"""A cluster whose private access comes from a variable."""

ONLY = {"select": ("EKS-SEC-108",)}


def found(review: Review) -> list[tuple[str, str, int | None]]:
    return [(each.status.value, each.path, each.comment_line) for each in review.findings]


def test_changed_default_touches_its_users_and_is_commented_there(review_change: ReviewChange) -> None:
    review = review_change(
        {"main.tf": CLUSTER}, {"main.tf": CLUSTER.replace("default = true", "default = false")}, **ONLY
    )
    assert found(review) == [("introduced", "main.tf", 4)]
    (finding,) = review.findings
    assert finding.address == "aws_eks_cluster.main"
    assert ("main.tf", 12) in {(each.path, each.line) for each in finding.origins}


def test_changed_tfvars_line_touches_its_users_and_is_commented_there(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "prod.auto.tfvars": "subnets = []\nprivate = true\n"}
    review = review_change(base, {"prod.auto.tfvars": "subnets = []\nprivate = false\n"}, **ONLY)
    assert found(review) == [("introduced", "prod.auto.tfvars", 2)]


def test_variables_file_given_on_the_command_line_is_loaded(review_change: ReviewChange) -> None:
    base = {"main.tf": CLUSTER, "prod.tfvars": "private = true\n"}
    review = review_change(base, {"prod.tfvars": "private = false\n"}, var_files=("prod.tfvars",), **ONLY)
    assert found(review) == [("introduced", "prod.tfvars", 1)]


def test_variables_file_in_another_folder_concerns_the_roots_that_declare_its_variables(
    review_change: ReviewChange,
) -> None:
    """The common ``environments/prod.tfvars`` beside ``infra/``; the change holds nothing else."""
    path = "environments/prod.tfvars"
    base = {
        "infra/main.tf": CLUSTER,
        "other/main.tf": CLUSTER.replace('"private"', '"public"').replace("var.private", "false"),
        path: "private = true\n",
    }
    review = review_change(base, {path: "private = false\n"}, var_files=(path,), **ONLY)
    assert found(review) == [("introduced", path, 1)]


def test_removed_variables_file_in_another_folder_concerns_them_too(review_change: ReviewChange) -> None:
    path = "environments/prod.tfvars"
    base = {"infra/main.tf": CLUSTER, path: "private = false\n"}
    review = review_change(base, {path: None}, var_files=(path,), **ONLY)
    assert [(each.status.value, each.address) for each in review.findings] == [
        ("fixed", "aws_eks_cluster.main")
    ]


def test_changed_local_touches_through_a_chain(review_change: ReviewChange) -> None:
    chain = CLUSTER.replace("var.private", "local.b") + "\nlocals {\n  a = true\n  b = local.a\n}\n"
    review = review_change({"main.tf": chain}, {"main.tf": chain.replace("a = true", "a = false")}, **ONLY)
    (finding,) = review.findings
    assert (finding.status, finding.path) == (Status.INTRODUCED, "main.tf")
    assert finding.excerpt is not None
    assert any("a = false" in line for line in finding.excerpt.lines)


def test_changed_module_argument_is_commented_at_the_call(review_change: ReviewChange) -> None:
    call = 'module "eks" {\n  source  = "./modules/eks"\n  private = true\n  subnets = []\n}\n'
    base = {"modules/eks/main.tf": CLUSTER, "live/main.tf": call.replace("./modules", "../modules")}
    review = review_change(base, {"live/main.tf": base["live/main.tf"].replace("= true", "= false")}, **ONLY)
    assert found(review) == [("introduced", "live/main.tf", 3)]
    assert review.findings[0].address == "module.eks.aws_eks_cluster.main"


def test_changed_module_is_reviewed_with_its_callers_arguments(review_change: ReviewChange) -> None:
    """The default is bad, but the only caller overrides it: peers judge the module on its default."""
    call = 'module "eks" {\n  source  = "../modules/eks"\n  private = true\n  subnets = []\n}\n'
    base = {"modules/eks/main.tf": CLUSTER, "live/main.tf": call}
    head = CLUSTER.replace("default = true", "default = false").replace('name = "prod"', 'name = "live"')
    assert review_change(base, {"modules/eks/main.tf": head}, **ONLY).findings == ()


def test_two_callers_of_a_bad_module_give_one_finding(review_change: ReviewChange) -> None:
    call = 'module "eks" {\n  source  = "../modules/eks"\n  subnets = []\n}\n'
    base = {"modules/eks/main.tf": CLUSTER, "one/main.tf": call, "two/main.tf": call}
    head = CLUSTER.replace("default = true", "default = false")
    review = review_change(base, {"modules/eks/main.tf": head}, **ONLY)
    assert found(review) == [("introduced", "modules/eks/main.tf", 4)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('name = "prod"', 'name = "prod" # the main one'),
        ('name = "prod"\n', 'name = "prod"\n\n\n'),
        ('      name = "prod"', '      name     =    "prod"'),
        ("    resource", "    # about to change\n    resource"),
    ],
    ids=["comment behind", "blank lines", "layout", "comment above"],
)
def test_comments_and_layout_touch_nothing(review_change: ReviewChange, before: str, after: str) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    review = review_change({"main.tf": bad}, {"main.tf": bad.replace(before, after)}, **ONLY)
    assert review.findings == ()
    assert review.coverage.blocks_touched == 0


def test_untouched_neighbour_is_not_reviewed(review_change: ReviewChange) -> None:
    other = (
        'resource "aws_eks_cluster" "other" {\n  name = "x"\n  vpc_config {\n    subnet_ids = []\n  }\n}\n'
    )
    base = {"main.tf": CLUSTER, "other.tf": other}
    review = review_change(base, {"main.tf": CLUSTER.replace('"prod"', '"live"')}, **ONLY)
    assert review.findings == ()


def test_problem_that_was_there_is_existing_and_not_inline(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    review = review_change(
        {"main.tf": bad}, {"main.tf": bad.replace('"prod"', '"live"')}, fail_on="medium", **ONLY
    )
    assert found(review) == [("existing", "main.tf", None)]
    assert review.verdict.exit_code == 0


def test_repaired_problem_is_fixed(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    review = review_change({"main.tf": bad}, {"main.tf": CLUSTER}, **ONLY)
    assert found(review) == [("fixed", "main.tf", None)]


def test_deleting_the_block_fixes_its_problem(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    review = review_change({"main.tf": bad}, {"main.tf": 'variable "subnets" {}\n'}, **ONLY)
    assert [each.status for each in review.findings] == [Status.FIXED]


def test_value_that_becomes_unknown_is_not_called_fixed(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    head = bad.replace("      default = false\n", "")
    review = review_change({"main.tf": bad}, {"main.tf": head}, **ONLY)
    assert [each.status for each in review.findings] == [Status.NOT_EVALUABLE]
    assert "var.private" in review.coverage.not_evaluated[0].reason


def test_unknown_value_is_no_finding(review_change: ReviewChange) -> None:
    head = CLUSTER.replace("      default = true\n", "")
    review = review_change({}, {"main.tf": head}, **ONLY)
    assert review.findings == ()
    assert [(each.id, each.address) for each in review.coverage.not_evaluated] == [
        ("EKS-SEC-108", "aws_eks_cluster.main")
    ]


def test_renamed_file_keeps_its_findings(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    review = review_change({"main.tf": bad}, {"main.tf": None, "eks.tf": bad}, **ONLY)
    assert [each.status for each in review.findings if each.status is Status.INTRODUCED] == []


def test_block_moved_to_another_file_introduces_nothing(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    variables, _, rest = bad.partition('    resource "aws_eks')
    head = {"main.tf": variables, "eks.tf": '    resource "aws_eks' + rest}
    review = review_change({"main.tf": bad}, head, **ONLY)
    assert [each.status for each in review.findings if each.status is Status.INTRODUCED] == []


def test_moved_block_keeps_its_findings(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    moved = "\nmoved {\n  from = aws_eks_cluster.main\n  to   = aws_eks_cluster.platform\n}\n"
    head = bad.replace('"aws_eks_cluster" "main"', '"aws_eks_cluster" "platform"') + moved
    review = review_change({"main.tf": bad}, {"main.tf": head}, **ONLY)
    assert [(each.status, each.address) for each in review.findings] == [
        (Status.EXISTING, "aws_eks_cluster.platform")
    ]


def test_renamed_folder_keeps_its_findings(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    head = {"old/main.tf": None, "new/main.tf": bad.replace('"prod"', '"live"')}
    review = review_change({"old/main.tf": bad}, head, **ONLY)
    assert [each.status for each in review.findings] == [Status.EXISTING]


def test_finding_is_the_same_before_and_after_its_folder_is_renamed(review_change: ReviewChange) -> None:
    """Two pushes of one pull request: the comment of the first must be known again after the second."""
    bad = CLUSTER.replace("default = true", "default = false")
    first = review_change({"old/main.tf": CLUSTER}, {"old/main.tf": bad}, **ONLY)
    second = review_change({"old/main.tf": CLUSTER}, {"old/main.tf": None, "new/main.tf": bad}, **ONLY)
    [before], [after] = first.findings, second.findings
    assert before.fingerprint == after.fingerprint


def test_a_folder_comes_from_where_most_of_its_files_come_from(review_change: ReviewChange) -> None:
    """Git pairs files that are alike, whatever folder they were in."""
    bad = CLUSTER.replace("default = true", "default = false")
    alike, own = 'terraform {\n  required_version = ">= 1.9"\n}\n', "# a note that both\n# revisions have\n"
    base = {"old/main.tf": bad, "old/notes.tf": own, "other/z.tf": alike}
    head = dict.fromkeys(base) | {
        "new/main.tf": bad.replace('"prod"', '"live"'),
        "new/notes.tf": own,
        "new/z.tf": alike,
    }
    review = review_change(base, head, **ONLY)
    assert [each.status for each in review.findings] == [Status.EXISTING]


def test_an_entry_that_a_shared_default_makes_wrong_is_commented_where_it_is_added(
    review_change: ReviewChange,
) -> None:
    shared = """
        variable "clusters" {}
        variable "private" {}

        resource "aws_eks_cluster" "main" {
          for_each = var.clusters
          name     = each.key

          vpc_config {
            subnet_ids              = []
            endpoint_private_access = var.private
          }
        }
        """
    calling = """
        module "clusters" {
          source  = "./shared"
          private = false

          clusters = {
            prod = {}
            # next
          }
        }
        """
    base = {"main.tf": calling, "shared/main.tf": shared}
    touched = shared.replace(
        "  name     = each.key", "  name     = each.key # as in the map\n          role_arn = each.key"
    )
    added = calling.replace("# next", "test = {}")
    review = review_change(base, {"main.tf": added, "shared/main.tf": touched}, **ONLY)
    assert [
        (each.address, each.path, each.comment_line) for each in review.findings if each.comment_line
    ] == [('module.clusters.aws_eks_cluster.main["test"]', "main.tf", 8)]


OPEN, CLOSED = 'a = "0.0.0.0/0"', 'b = "10.0.0.0/8"'
MAP = f"{{\n  {OPEN}\n  {CLOSED}\n}}"
CHOSEN = f"{{ for name, from in {MAP} : name => from }}"


@pytest.mark.parametrize(
    ("before", "after", "is_touched"),
    [
        pytest.param(MAP, MAP.replace('"0.0.0.0/0"', 'trimspace("0.0.0.0/0")'), True, id="its own entry"),
        pytest.param(MAP, MAP.replace("10.0", "172.16"), False, id="the entry of another"),
        pytest.param(MAP, MAP.replace("  b", '  c = "10.9.0.0/16"\n  b'), False, id="an entry for another"),
        pytest.param(
            CHOSEN, CHOSEN.replace("=> from", "=> trimspace(from)"), True, id="what makes all of them"
        ),
    ],
)
def test_an_entry_of_a_map_is_no_part_of_the_instance_that_another_makes(
    review_change: ReviewChange, before: str, after: str, *, is_touched: bool
) -> None:
    rule = """
        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          for_each          = local.sources
          security_group_id = "sg-1"
          cidr_ipv4         = each.value
          from_port         = 22
          to_port           = 22
          ip_protocol       = "tcp"
        }
        """
    base, head = (f"locals {{\n  sources = {each}\n}}\n" for each in (before, after))
    review = review_change({"main.tf": rule, "locals.tf": base}, {"locals.tf": head}, select=("EKS-SEC-101",))
    found = [(each.address, each.status) for each in review.findings]
    one = ('aws_vpc_security_group_ingress_rule.ssh["a"]', Status.EXISTING)
    assert found == [one] * is_touched


def test_a_disk_of_a_module_is_commented_where_its_entry_is_added(review_change: ReviewChange) -> None:
    shared = """
        variable "disks" {}

        resource "aws_launch_template" "nodes" {
          dynamic "block_device_mappings" {
            for_each = var.disks

            content {
              device_name = block_device_mappings.key

              dynamic "ebs" {
                for_each = [block_device_mappings.value]

                content {
                  encrypted = try(ebs.value.encrypted, null)
                }
              }
            }
          }
        }
        """
    calling = """
        module "nodes" {
          source = "./shared"

          disks = {
            "/dev/xvda" = { encrypted = true }
            # next
          }
        }
        """
    head = calling.replace("# next", '"/dev/xvdb" = { size = 50 }')
    review = review_change(
        {"main.tf": calling, "shared/main.tf": shared}, {"main.tf": head}, select=("EKS-SEC-308",)
    )
    assert found(review) == [("introduced", "main.tf", 7)]


SHARED = """
        variable "name" {}

        resource "aws_eks_cluster" "main" {
          name = var.name

          vpc_config {
            subnet_ids = []
          }
        }
        """
"""A module whose cluster has no private access."""


GROUPS = """
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  eks_managed_node_group_defaults = {
    block_device_mappings = {
      root = {
        device_name = "/dev/xvda"
        ebs = {
          volume_size = 50
        }
      }
    }
  }

  # some distance
  # to the groups

  eks_managed_node_groups = {
    web = {
      min_size = 1
    }
    # next
  }
}
"""


def test_a_new_group_that_takes_a_bad_default_is_commented_at_its_entry(review_change: ReviewChange) -> None:
    head = GROUPS.replace("    # next\n", "    batch = {\n      min_size = 0\n    }\n").replace(
        "~> 20.0", "~> 20.1"
    )
    review = review_change({"main.tf": GROUPS}, {"main.tf": head}, select=("EKS-SEC-308",))
    assert [(each.address, each.comment_line) for each in review.findings if each.comment_line] == [
        ('module.eks.eks_managed_node_groups["batch"]', 24)
    ]


def test_a_group_that_is_new_in_an_old_call_may_have_what_replaces_it(review_change: ReviewChange) -> None:
    added = '    batch = {\n      ami_type = "AL2_x86_64"\n    }\n'
    review = review_change(
        {"main.tf": GROUPS}, {"main.tf": GROUPS.replace("    # next\n", added)}, select=("EKS-CFG-208",)
    )
    [finding] = [each for each in review.findings if each.status is Status.INTRODUCED]
    assert finding.suggestion is not None
    assert finding.suggestion.replacement == '      ami_type = "AL2023_x86_64_STANDARD"'
    changed = GROUPS.replace("min_size = 1", 'min_size = 1\n      ami_type = "AL2_x86_64"')
    review = review_change({"main.tf": GROUPS}, {"main.tf": changed}, select=("EKS-CFG-208",))
    assert [each.suggestion for each in review.findings if each.status is Status.INTRODUCED] == [None]


def test_what_is_called_anew_is_commented_at_the_call(review_change: ReviewChange) -> None:
    base = {"main.tf": "# clusters\n", "shared/main.tf": SHARED}
    head = {
        "main.tf": '# clusters\n\nmodule "bare" {\n  source = "./shared"\n  name   = "bare"\n}\n',
        "shared/main.tf": SHARED.replace(
            'variable "name" {}', 'variable "name" {\n          type = string\n        }'
        ),
    }
    review = review_change(base, head, **ONLY)
    assert found(review) == [("introduced", "main.tf", 3)]


def test_an_old_system_is_not_commented_on_the_version_in_the_name_of_its_image(
    review_change: ReviewChange,
) -> None:
    image = """
        variable "cluster_version" {}

        data "aws_ami" "nodes" {
          filter {
            name   = "name"
            values = ["amazon-eks-node-${var.cluster_version}-v*"]
          }
        }
        """
    call = 'module "nodes" {\n  source          = "./nodes"\n  cluster_version = "1.32"\n}\n'
    review = review_change({"nodes/main.tf": image}, {"main.tf": call}, select=("EKS-CFG-208",))
    assert [
        (each.path, each.comment_line) for each in review.findings if each.status is Status.INTRODUCED
    ] == [("main.tf", 1)]


def test_a_comment_on_the_nearest_change_stands_on_a_line_that_says_something(
    review_change: ReviewChange,
) -> None:
    key = 'resource "aws_kms_key" "k" {\n' + "  # of the platform\n" * 12 + "%s}\n"
    base = {"main.tf": key % '  enable_key_rotation = true\n  description = "old"\n'}
    head = {"main.tf": key % '\n  # renamed\n  description = "new"\n'}
    review = review_change(base, head, select=("EKS-SEC-307",))
    assert found(review) == [("introduced", "main.tf", 16)]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        pytest.param('  description = "data"\n', "", 13, id="before"),
        pytest.param("", '  description = "data"\n', 13, id="after"),
    ],
)
def test_a_comment_on_a_removed_line_stands_on_the_line_beside_it_that_says_something(
    review_change: ReviewChange, before: str, after: str, line: int
) -> None:
    key = 'resource "aws_kms_key" "k" {\n' + "  # of the platform\n" * 11 + before + "%s" + after + "}\n"
    base, head = key % "  enable_key_rotation = true\n", key % ""
    review = review_change({"main.tf": base}, {"main.tf": head}, select=("EKS-SEC-307",))
    assert found(review) == [("introduced", "main.tf", line)]


def test_findings_of_a_copied_folder_are_its_own(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false")
    head = {"old/main.tf": bad, "new/main.tf": bad}
    review = review_change({"old/main.tf": CLUSTER}, head, **ONLY)
    assert len({each.fingerprint for each in review.findings}) == len(review.findings) == 2


def test_resource_that_does_not_exist_is_skipped(review_change: ReviewChange) -> None:
    bad = CLUSTER.replace("default = true", "default = false").replace(
        'name = "prod"', 'count = 0\n      name = "prod"'
    )
    assert review_change({}, {"main.tf": bad}, **ONLY).findings == ()


def test_override_file_is_where_the_comment_stands(review_change: ReviewChange) -> None:
    override = """
        resource "aws_eks_cluster" "main" {
          vpc_config {
            endpoint_private_access = false
          }
        }
        """
    review = review_change({"main.tf": CLUSTER}, {"main_override.tf": override}, **ONLY)
    assert found(review) == [("introduced", "main_override.tf", 4)]


def test_json_configuration_is_reviewed_like_any_other(review_change: ReviewChange) -> None:
    text = """\
    {
      "resource": {
        "aws_eks_cluster": {
          "main": {
            "name": "prod",
            "vpc_config": {
              "subnet_ids": [],
              "endpoint_private_access": false
            }
          }
        }
      }
    }
    """
    review = review_change({"main.tf.json": text.replace("false", "true")}, {"main.tf.json": text}, **ONLY)
    assert found(review) == [("introduced", "main.tf.json", 8)]


def test_untouched_subject_of_a_wider_check_is_left_alone(review_change: ReviewChange) -> None:
    """The check of log groups sees the whole root; an old group that nobody touched is left alone."""
    old = 'resource "aws_cloudwatch_log_group" "old" {\n  name = "/old"\n}\n'
    new = old.replace("old", "new")
    review = review_change({"main.tf": old}, {"new.tf": new}, select=("EKS-OBS-102",))
    assert [(each.status.value, each.address) for each in review.findings] == [
        ("introduced", "aws_cloudwatch_log_group.new")
    ]


def test_version_of_a_resource_is_an_argument_like_any_other(review_change: ReviewChange) -> None:
    cluster = 'variable "v" {}\nresource "aws_eks_cluster" "main" {\n  version = var.v\n}\n'
    base = {"main.tf": cluster, "terraform.tfvars": 'v = "1.33"\n'}
    review = review_change(base, {"terraform.tfvars": 'v = "1.36"\n'}, select=("EKS-UPG-103",))
    assert found(review) == [("introduced", "terraform.tfvars", 1)]
    (finding,) = review.findings
    assert finding.suggestion is not None
    assert finding.suggestion.replacement == 'v = "1.34"'


PROVIDERS = """
    terraform {
      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 5.95"
        }
        helm = {
          source  = "hashicorp/helm"
          version = "~> 2.17"
        }
      }
    }
"""
USERS = """
    resource "helm_release" "web" {
      name = "web"

      set {
        name  = "replicas"
        value = "2"
      }
    }

    resource "aws_eks_addon" "cni" {
      addon_name        = "vpc-cni"
      resolve_conflicts = "OVERWRITE"
    }
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("~> 2.17", "~> 3.0", [("introduced", "main.tf", 5, "helm_release.web")]),
        ("~> 5.95", "~> 6.0", [("introduced", "main.tf", 13, "aws_eks_addon.cni")]),
        ("~> 2.17", "~> 2.18", []),
    ],
)
def test_provider_that_is_raised_touches_what_uses_arguments_it_removed(
    review_change: ReviewChange, old: str, new: str, expected: list[tuple[str, str, int, str]]
) -> None:
    base = {"versions.tf": PROVIDERS, "main.tf": USERS}
    head = {"versions.tf": PROVIDERS.replace(old, new)}
    review = review_change(base, head, select=("EKS-UPG-109",))
    found = [(each.status.value, each.path, each.line, each.address) for each in review.findings]
    assert found == expected
