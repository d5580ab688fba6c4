"""What a change only brings to light is not introduced by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Status

if TYPE_CHECKING:
    from reviewer.review import Review
    from tests.engine.conftest import ReviewChange

EKS = """
resource "aws_eks_cluster" "main" {
  name = "prod"
}

resource "aws_eks_addon" "ebs" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "aws-ebs-csi-driver"
%s}
"""
ANYTHING = """
data "http" "crds" {
  url = "https://example.com/crds.yaml"
}

resource "kubectl_manifest" "crds" {
  yaml_body = data.http.crds.response_body
}
"""
CLASS = 'resource "kubernetes_storage_class" "gp3" {\n  storage_provisioner = "ebs.csi.aws.com"\n%s}\n'
BACKUP = {"select": ("EKS-OPS-201",)}


def found(review: Review) -> dict[str, Status]:
    return {each.address: each.status for each in review.findings}


def test_what_could_not_be_told_before_and_is_left_alone_is_not_new(review_change: ReviewChange) -> None:
    base = {"main.tf": EKS % "", "more.tf": ANYTHING + CLASS % ""}
    head = {"main.tf": EKS % "", "more.tf": CLASS % '  reclaim_policy = "Retain"\n'}
    assert found(review_change(base, head, **BACKUP)) == {}


def test_nor_is_what_is_nowhere_when_the_subject_is_touched(review_change: ReviewChange) -> None:
    base = {"main.tf": EKS % "", "more.tf": ANYTHING}
    head = {"main.tf": (EKS % "").replace('"prod"', '"prod-2"'), "more.tf": ""}
    assert found(review_change(base, head, **BACKUP)) == {"aws_eks_cluster.main": Status.EXISTING}


def test_but_it_is_new_where_the_change_is_about_the_very_subject(review_change: ReviewChange) -> None:
    open_ = 'resource "aws_eks_cluster" "main" {\n  vpc_config {\n    public_access_cidrs = %s\n  }\n}\n'
    variable = 'variable "networks" {\n  type = list(string)\n}\n'
    base, head = {"main.tf": variable + open_ % "var.networks"}, {"main.tf": open_ % '["0.0.0.0/0"]'}
    assert found(review_change(base, head, select=("EKS-SEC-107",))) == {
        "aws_eks_cluster.main": Status.INTRODUCED
    }


CALL = 'module "%s" {\n  source = "./disk"\n}\n'


def test_a_folder_with_another_first_caller_is_the_same(review_change: ReviewChange) -> None:
    table = '<!-- BEGIN_TF_DOCS -->\n## Inputs\n| <a name="input_gone"></a> |\n<!-- END_TF_DOCS -->\n'
    disk = {"disk/main.tf": 'variable "size" {\n  type = number\n}\n', "disk/README.md": table}
    base = {"main.tf": CALL % "first" + CALL % "second"} | disk
    head = {"main.tf": CALL % "second" + 'variable "zones" {}\n'} | disk
    assert found(review_change(base, head, select=("EKS-DOC-102",))) == {}


GROUP = """
resource "aws_eks_node_group" "%s" {
  cluster_name = aws_eks_cluster.main.name
  scaling_config {
    min_size = 1
    max_size = 9
  }
}
"""


def test_a_cluster_that_shrinks_to_one_node_of_another_group_shrank_before(
    review_change: ReviewChange,
) -> None:
    base, head = ({"main.tf": EKS % "" + GROUP % each} for each in ("old", "new"))
    assert found(review_change(base, head, select=("EKS-REL-104",))) == {
        "aws_eks_cluster.main": Status.EXISTING
    }


DISK = """
resource "aws_ebs_volume" "data" {
  size      = var.size
  encrypted = var.encrypted
}

variable "size" {
  type    = number
  default = 10
}

variable "encrypted" {
  type    = bool
  default = false
}
"""
TRY = 'module "this" {\n  source = "../.."\n  size   = 20\n%s}\n'


@pytest.mark.parametrize(
    ("folder", "arguments", "status"),
    [
        pytest.param("examples/basic", "", Status.EXISTING, id="an example makes nothing"),
        pytest.param("_examples/basic", "", Status.EXISTING, id="however the folder is written"),
        pytest.param(
            "examples/basic", "  encrypted = false\n", Status.INTRODUCED, id="but for what it says itself"
        ),
        pytest.param("envs/prod", "", Status.INTRODUCED, id="an environment makes a volume more"),
    ],
)
def test_the_first_example_of_a_module(
    review_change: ReviewChange, folder: str, arguments: str, status: Status
) -> None:
    base = {"main.tf": DISK}
    head = base | {f"{folder}/main.tf": TRY % arguments}
    review = review_change(base, head, select=("EKS-SEC-308",))
    assert found(review) == {"module.this.aws_ebs_volume.data": status}


def test_a_module_that_another_root_calls_lacked_its_test_before(review_change: ReviewChange) -> None:
    queue = 'resource "aws_sqs_queue" "%s" {\n  name = var.name\n}\n'
    module = 'variable "name" {}\n' + "".join(queue % each for each in "abcdefgh")
    call = 'module "queues" {\n  source = "../modules/queues"\n  name   = "a"\n}\n'
    base = {"modules/queues/main.tf": module, "old/main.tf": call}
    head = base | {"new/main.tf": call, "modules/other/main.tf": 'variable "name" {}\n'}
    assert found(review_change(base, head, select=("EKS-TEST-102",))) == {}


NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    team: %s
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/managed-by: nobody
"""


def test_what_a_renamed_file_holds_is_the_same(review_change: ReviewChange) -> None:
    base = {"main.tf": EKS % "", "old/shop.yaml": NAMESPACE % "a"}
    head = {"main.tf": EKS % "", "old/shop.yaml": None, "new/shop.yaml": NAMESPACE % "b"}
    [finding] = review_change(base, head, select=("EKS-COST-107",)).findings
    assert (finding.path, finding.status) == ("new/shop.yaml", Status.EXISTING)


def test_an_interface_whose_file_is_renamed_lacked_its_descriptions_before(
    review_change: ReviewChange,
) -> None:
    outputs = "".join(f'output "{each}" {{\n  value = 1\n}}\n' for each in "abcdefgh")
    base = {"ouputs.tf": outputs}
    head = {"ouputs.tf": None, "outputs.tf": outputs.replace("1", "2", 1)}
    assert found(review_change(base, head, select=("EKS-DOC-103",))) == {
        "interface of outputs.tf": Status.EXISTING
    }


def test_a_module_that_was_switched_off_lacked_its_readme_before(review_change: ReviewChange) -> None:
    call = 'module "disk" {\n  count  = %s\n  source = "./disk"\n}\n'
    disk = {"disk/main.tf": 'variable "size" {\n  type = number\n}\n'}
    base, head = ({"main.tf": call % each} | disk for each in ("0", "1"))
    assert found(review_change(base, head, select=("EKS-DOC-101",))) == {}


def test_tests_that_the_change_deletes_are_missed_though_nobody_could_tell_who_ran_them(
    review_change: ReviewChange,
) -> None:
    code = {"main.tf": 'resource "aws_ecr_repository" "api" {\n  name = "api"\n}\n'}
    tests = {"tests/api.tftest.hcl": 'run "plan" {\n  command = plan\n}\n'}
    review = review_change(
        {**code, **tests},
        {"main.tf": code["main.tf"] + "# v2\n", "tests/api.tftest.hcl": None},
        select=("EKS-TEST-101",),
    )
    assert [(each.id, each.status) for each in review.findings] == [("EKS-TEST-101", Status.INTRODUCED)]
