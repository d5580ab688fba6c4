"""What Terraform renames by itself keeps its identity: the single instance of a block that gets a count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Status

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

VOLUME = 'resource "aws_ebs_volume" "data" {\n%s  size = 10\n  type = "gp2"\n}\n'
VARIABLE = 'variable "n" {}\n'
CALL = 'module "disk" {\n%s  source = "./disk"\n}\n'
ONLY = {"select": ("EKS-COST-105",)}


def statuses(review_change: ReviewChange, base: dict[str, str], head: dict[str, str]) -> dict[str, Status]:
    return {each.address: each.status for each in review_change(base, head, **ONLY).findings}


@pytest.mark.parametrize(
    ("before", "after", "address"),
    [
        pytest.param("", "  count = 1\n", "aws_ebs_volume.data[0]", id="a count is added"),
        pytest.param("", "  count = true ? 1 : 0\n", "aws_ebs_volume.data[0]", id="a switch is added"),
        pytest.param("  count = 1\n", "", "aws_ebs_volume.data", id="the count is removed"),
    ],
)
def test_a_problem_stays_when_the_block_is_counted(
    review_change: ReviewChange, before: str, after: str, address: str
) -> None:
    found = statuses(review_change, {"main.tf": VOLUME % before}, {"main.tf": VOLUME % after})
    assert found == {address: Status.EXISTING}


DOCUMENT = """
data "aws_iam_policy_document" "%s" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
"""


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(DOCUMENT % "new", {"new": Status.EXISTING}, id="another label"),
        pytest.param(
            (DOCUMENT % "new").replace("s3", "ec2"),
            {"old": Status.FIXED, "new": Status.INTRODUCED},
            id="other contents, too",
        ),
        pytest.param(
            DOCUMENT % "new" + DOCUMENT % "newer",
            {"old": Status.FIXED, "new": Status.INTRODUCED, "newer": Status.INTRODUCED},
            id="which of two nobody can tell",
        ),
        pytest.param(
            DOCUMENT % "old" + DOCUMENT % "new",
            {"old": Status.EXISTING, "new": Status.INTRODUCED},
            id="a copy",
        ),
    ],
)
def test_a_data_source_with_another_label_stays_the_same(
    review_change: ReviewChange, head: str, expected: dict[str, Status]
) -> None:
    touched = DOCUMENT % "old" + "# more\n"
    review = review_change({"main.tf": touched}, {"main.tf": head}, select=("EKS-SEC-202",))
    found = {each.address.rpartition(".")[2]: each.status for each in review.findings}
    assert found == {key: status for key, status in expected.items() if key in found}
    assert {key for key, status in expected.items() if status is Status.INTRODUCED} <= set(found)


BINDING = """
resource "kubernetes_cluster_role_binding%s" "%s" {
  metadata {
    name = "deploy"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "cluster-admin"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "deploy"
    namespace = "kube-system"
  }
}
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(("", "deploy"), ("_v1", "deploy"), {"_v1.deploy": Status.EXISTING}, id="a version"),
        pytest.param(
            ("_v1beta1", "deploy"), ("_v1", "deploy"), {"_v1.deploy": Status.EXISTING}, id="another version"
        ),
        pytest.param(
            ("", "old"),
            ("_v1", "new"),
            {".old": Status.FIXED, "_v1.new": Status.INTRODUCED},
            id="another object",
        ),
    ],
)
def test_an_object_whose_type_gets_a_version_stays_the_same(
    review_change: ReviewChange,
    before: tuple[str, str],
    after: tuple[str, str],
    expected: dict[str, Status],
) -> None:
    files = [{"main.tf": BINDING % each} for each in (before, after)]
    found = review_change(*files, select=("EKS-SEC-210",)).findings
    assert {each.address: each.status for each in found} == {
        f"kubernetes_cluster_role_binding{end}": status for end, status in expected.items()
    }


def test_further_instances_are_new(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": VOLUME % ""}, {"main.tf": VOLUME % "  count = 2\n"}, **ONLY)
    [finding] = review.findings
    assert (finding.address, finding.status) == ("aws_ebs_volume.data[1]", Status.INTRODUCED)


def test_keys_are_no_count(review_change: ReviewChange) -> None:
    head = {"main.tf": VOLUME % '  for_each = toset(["a"])\n'}
    found = statuses(review_change, {"main.tf": VOLUME % ""}, head)
    assert found == {'aws_ebs_volume.data["a"]': Status.INTRODUCED}


def test_an_unknown_count_is_no_other_block(review_change: ReviewChange) -> None:
    head = {"main.tf": VARIABLE + VOLUME % "  count = var.n\n"}
    assert statuses(review_change, {"main.tf": VARIABLE + VOLUME % ""}, head) == {
        "aws_ebs_volume.data": Status.EXISTING
    }


def test_a_call_that_is_counted_takes_its_resources_along(review_change: ReviewChange) -> None:
    disk = {"disk/main.tf": VOLUME % ""}
    head = {"main.tf": CALL % "  count = 1\n", "disk/main.tf": VOLUME.replace("10", "20") % ""}
    assert statuses(review_change, {"main.tf": CALL % "", **disk}, head) == {
        "module.disk[0].aws_ebs_volume.data": Status.EXISTING
    }


QUEUES = 'variable "name" {}\n' + "".join(f'resource "aws_sqs_queue" "q{each}" {{}}\n' for each in "abc")
LACKING = {"select": ("EKS-TEST-102", "EKS-DOC-101")}


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        pytest.param(QUEUES, [], id="nothing else"),
        pytest.param(
            QUEUES.replace('"name" {}', '"label" {}'),
            [("EKS-DOC-101", Status.EXISTING), ("EKS-TEST-102", Status.EXISTING)],
            id="and edited",
        ),
    ],
)
def test_a_module_whose_folder_is_renamed_stays_the_same(
    review_change: ReviewChange, edited: str, expected: list[tuple[str, Status]]
) -> None:
    call = 'provider "aws" {}\nmodule "queues" {\n  source = "../modules/%s"\n  name   = "jobs"\n}\n'
    base = {"live/main.tf": call % "queues", "live/README.md": "", "modules/queues/main.tf": QUEUES}
    head = {"live/main.tf": call % "sqs", "modules/queues/main.tf": None, "modules/sqs/main.tf": edited}
    found = review_change(base, head, **LACKING).findings
    assert sorted((each.id, each.status) for each in found) == expected


def test_a_module_that_is_moved_with_its_folder_stays_the_same(review_change: ReviewChange) -> None:
    call = 'provider "aws" {}\nmodule "%s" {\n  source = "../modules/%s"\n  name   = "jobs"\n}\n'
    moved = "moved {\n  from = module.queues\n  to   = module.jobs\n}\n"
    base = {
        "live/main.tf": call % ("queues", "queues"),
        "live/README.md": "",
        "modules/queues/main.tf": QUEUES,
    }
    head = {"modules/queues/main.tf": None, "modules/sqs/main.tf": QUEUES}
    review = review_change(base, {"live/main.tf": call % ("jobs", "sqs") + moved, **head}, **LACKING)
    assert review.findings == ()


def test_code_that_is_called_no_longer_and_lies_there_still_is_not_fixed(review_change: ReviewChange) -> None:
    call = 'module "queues" {\n  source = "../modules/queues"\n  name   = "jobs"\n}\n'
    provider = 'provider "aws" {}\n'
    base = {"live/main.tf": provider + call, "live/README.md": "", "modules/queues/main.tf": QUEUES}
    left = review_change(base, {"live/main.tf": provider}, **LACKING).findings
    assert left == ()
    gone = review_change(base, {"live/main.tf": provider, "modules/queues/main.tf": None}, **LACKING).findings
    assert [(each.id, each.status) for each in gone] == [
        ("EKS-TEST-102", Status.FIXED),
        ("EKS-DOC-101", Status.FIXED),
    ]


def test_a_module_that_takes_the_place_of_another_is_not_that_one(review_change: ReviewChange) -> None:
    call = 'provider "aws" {}\nmodule "queues" {\n  source = "../modules/%s"\n  name   = "jobs"\n}\n'
    base = {"live/main.tf": call % "old", "live/README.md": "", "modules/old/main.tf": QUEUES}
    head = {"live/main.tf": call % "new", "modules/new/main.tf": QUEUES}
    found = review_change(base, head, **LACKING).findings
    introduced = [(each.id, each.path) for each in found if each.status is Status.INTRODUCED]
    assert sorted(introduced) == [
        ("EKS-DOC-101", "modules/new/main.tf"),
        ("EKS-TEST-102", "modules/new/main.tf"),
    ]


def test_what_is_written_goes_before(review_change: ReviewChange) -> None:
    moved = "moved {\n  from = aws_ebs_volume.data\n  to   = aws_ebs_volume.data[1]\n}\n"
    head = {"main.tf": moved + VOLUME % "  count = 2\n"}
    review = review_change({"main.tf": VOLUME % ""}, head, **ONLY)
    assert [(each.address, each.status) for each in review.findings] == [
        ("aws_ebs_volume.data[0]", Status.INTRODUCED)
    ]


@pytest.mark.parametrize("base", [True, False])
def test_a_move_that_was_obeyed_before_renames_nothing_again(
    review_change: ReviewChange,
    base: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    moved = "moved {\n  from = aws_ebs_volume.data\n  to   = aws_ebs_volume.data[0]\n}\n"
    counted = VOLUME % "  count = 1\n"
    before = {"main.tf": (moved if base else "") + counted}
    after = {"main.tf": moved + counted.replace("10", "20")}
    assert statuses(review_change, before, after) == {"aws_ebs_volume.data[0]": Status.EXISTING}


UPGRADE_21 = (
    """
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  cluster_name              = "prod"
  cluster_enabled_log_types = ["audit"]

  cluster_security_group_additional_rules = {
    all = {
      type        = "ingress"
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
""",
    """
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  name              = "prod"
  enabled_log_types = ["audit"]

  security_group_additional_rules = {
    all = {
      type        = "ingress"
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      description = "SSH"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
""",
)
UPGRADE_18 = (
    """
module "eks" {
  source       = "terraform-aws-modules/eks/aws"
  version      = "17.24.0"
  cluster_name = "prod"

  node_groups = {
    spot = {
      capacity_type  = "SPOT"
      instance_types = ["m5.large"]
      min_capacity   = 1
    }
  }
}
""",
    """
module "eks" {
  source       = "terraform-aws-modules/eks/aws"
  version      = "18.31.2"
  cluster_name = "prod"

  eks_managed_node_groups = {
    spot = {
      capacity_type  = "SPOT"
      instance_types = ["m5.large"]
      min_size       = 1
    }
  }
}
""",
)
GROUPS = "module.eks.eks_managed_node_groups"


@pytest.mark.parametrize(
    ("files", "check", "expected"),
    [
        pytest.param(UPGRADE_21, "EKS-OBS-101", {"module.eks": Status.EXISTING}, id="an argument"),
        pytest.param(UPGRADE_21, "EKS-SEC-101", {"module.eks": Status.EXISTING}, id="a rule in an argument"),
        pytest.param(
            tuple(each.replace('["audit"]', "null") for each in UPGRADE_21),
            "EKS-OBS-101",
            {"module.eks": Status.EXISTING},
            id="an argument that is not set",
        ),
        pytest.param(
            tuple(re.sub(r".*enabled_log_types.*", "", each) for each in UPGRADE_21),
            "EKS-OBS-101",
            {"module.eks": Status.EXISTING},
            id="an argument that is absent",
        ),
        pytest.param(
            (UPGRADE_21[0], UPGRADE_21[0].replace("20.0", "21.0").replace('["audit"]', "null")),
            "EKS-OBS-101",
            {"module.eks": Status.EXISTING},
            id="only the version is changed",
        ),
        pytest.param(
            (UPGRADE_21[0].replace('["audit"]', '["api", "controllerManager", "scheduler"]'), UPGRADE_21[1]),
            "EKS-OBS-101",
            {"module.eks": Status.INTRODUCED},
            id="what the upgrade made worse is new",
        ),
        pytest.param(
            tuple(each.replace("terraform-aws-modules/eks/aws", "./eks") for each in UPGRADE_21),
            "EKS-SEC-101",
            {},
            id="another module",
        ),
        pytest.param(
            UPGRADE_18, "EKS-COST-103", {f'{GROUPS}["spot"]': Status.EXISTING}, id="a map of node groups"
        ),
        pytest.param(
            (UPGRADE_18[0].replace("spot = {", "old = {"), UPGRADE_18[1]),
            "EKS-COST-103",
            {f'{GROUPS}["spot"]': Status.INTRODUCED, f'{GROUPS}["old"]': Status.FIXED},
            id="another node group",
        ),
    ],
)
def test_an_upgrade_of_the_module_that_renames_arguments_introduces_nothing(
    review_change: ReviewChange, files: tuple[str, str], check: str, expected: dict[str, Status]
) -> None:
    base, head = ({"main.tf": each} for each in files)
    found = review_change(base, head, select=(check,)).findings
    assert {each.address: each.status for each in found} == expected


IRSA = """
module "irsa" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts%s"
  version = "~> %s"
}

variable "permissions_boundary" {
  type = string
}
"""


def test_an_upgrade_of_the_iam_module_makes_no_boundary_newly_absent(review_change: ReviewChange) -> None:
    base, head = ({"main.tf": IRSA % each} for each in (("-eks", "5.47"), ("", "6.0")))
    [found] = review_change(base, head, select=("EKS-SEC-205",)).findings
    assert (found.address, found.status) == ("module.irsa", Status.EXISTING)
