"""The audit of a folder is about what lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.pipeline import audit
from reviewer.review import Conclusion
from tests.change.repo import Repo
from tests.engine.conftest import TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review

FILES: dict[str, str | bytes] = {
    "live/main.tf": """\
provider "aws" {}
resource "aws_ebs_volume" "here" {
  type = "gp2"
}
module "disk" {
  source = "../modules/disk"
  kind   = "gp2"
}
""",
    "modules/disk/main.tf": """\
variable "kind" {}
resource "aws_ebs_volume" "there" {
  type = var.kind
}
""",
    "charts/web.yaml": "replicas: 1\n",
}


def audited(tmp_path: Path, path: str, files: dict[str, str | bytes] = FILES) -> Review:
    repo = Repo.create(tmp_path / "repo")
    commit = repo.commit(files)
    with GitRepository.open(repo.root) as opened:
        return audit(opened.tree(commit), Config(select=("EKS-COST-105",)), today=TODAY, path=path)


@pytest.mark.parametrize(
    ("path", "addresses"),
    [
        ("", {"aws_ebs_volume.here", "module.disk.aws_ebs_volume.there"}),
        ("live", {"aws_ebs_volume.here", "module.disk.aws_ebs_volume.there"}),
        ("modules", {"module.disk.aws_ebs_volume.there"}),
    ],
)
def test_a_module_is_judged_by_its_callers_and_they_are_not_audited_with_it(
    tmp_path: Path, path: str, addresses: set[str]
) -> None:
    review = audited(tmp_path, path)
    assert {each.address for each in review.findings} == addresses
    assert review.coverage.evaluations == len(addresses)


def test_nothing_to_audit_is_not_praised(tmp_path: Path) -> None:
    verdict = audited(tmp_path, "charts").verdict
    assert verdict.conclusion is Conclusion.SUCCESS
    assert verdict.reason == "There is no Terraform configuration here: nothing to audit."


def test_what_cannot_be_read_is_not_nothing(tmp_path: Path) -> None:
    verdict = audited(tmp_path, "", {"main.tf": "\0"}).verdict
    assert verdict.conclusion is Conclusion.ERROR
