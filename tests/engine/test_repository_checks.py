"""Checks of the repository read names and small files through the tree, and nothing when they are not asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import Change, from_directories
from reviewer.checks import CHECKS
from reviewer.checks.check import Scope, Surface
from reviewer.config.config import Config
from reviewer.pipeline import audit, review

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reviewer.change.tree import Tree
    from tests.engine.conftest import ReviewChange

TODAY = date(2026, 11, 23)
TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json", ".hcl")
REPOSITORY = [pytest.param(each.id, id=each.id) for each in CHECKS.values() if each.scope is Scope.REPOSITORY]
WORKFLOW = "on: pull_request\njobs:\n  a:\n    steps:\n      - run: terraform apply -auto-approve\n"
FILES = {
    "live/main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_eks_cluster" "main" {\n'
    '  name = "prod"\n}\n\nmodule "queues" {\n  source = "../modules/queues"\n}\n',
    "live/locals.tf.json": '{"locals": {"size": 1}}\n',
    "modules/queues/main.tf": 'variable "name" {\n  default = "jobs"\n}\n'
    + "".join(f'resource "aws_sqs_queue" "q{number}" {{}}\n' for number in range(3)),
    ".github/workflows/apply.yml": WORKFLOW,
    ".github/CODEOWNERS": "* @acme/platform\n",
    "README.md": "# The platform\n",
    "docs/runbooks/upgrade.md": "# Upgrade\n",
    "docs/architecture.md": "# Architecture\n",
    "k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n",
    "scripts/deploy.sh": "kubectl apply -f k8s\n",
    "test/platform_test.go": 'import "github.com/gruntwork-io/terratest/modules/terraform"\n',
    "PROMPT.md": "Deploy to eu-west-1.\n",
    "AWS_REGION": "eu-west-1\n",
}


@dataclass(eq=False)
class CountingTree:
    """A tree that writes down which files are read and which texts are searched."""

    tree: Tree
    read_paths: list[str] = field(default_factory=list)
    searched: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def revision(self) -> str | None:
        return self.tree.revision

    def paths(self) -> Sequence[str]:
        return self.tree.paths()

    def files_in(self, folder: str) -> Sequence[str]:
        return self.tree.files_in(folder)

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        return self.tree.read(path)

    def blob_id(self, path: str) -> str:
        return self.tree.blob_id(path)

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        self.searched.append(tuple(suffixes))
        return self.tree.containing(needles, suffixes)

    def other_files(self) -> set[str]:
        """Return what was read or searched beyond Terraform and the tool's own files."""
        kinds = {suffix for suffixes in self.searched for suffix in suffixes or ("",)}
        asked = (each for each in (*self.read_paths, *kinds) if not each.startswith(".eks-review"))
        return {each for each in asked if not each.endswith(TERRAFORM)}


def changed(folder: Path, head: Mapping[str, str]) -> tuple[Change, CountingTree, CountingTree]:
    for side, files in (("base", FILES), ("head", {**FILES, **head})):
        for path, text in files.items():
            place = folder / side / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    change = from_directories(folder / "base", folder / "head")
    base, counting = CountingTree(change.base), CountingTree(change.head)
    return Change(base, counting, change.files), base, counting


@pytest.mark.parametrize("check_id", REPOSITORY)
def test_a_check_that_is_not_triggered_reads_nothing(check_id: str, tmp_path: Path) -> None:
    change, base, head = changed(tmp_path, {"live/locals.tf.json": '{"locals": {"size": 2}}\n'})
    result = review(change, Config(select=(check_id,)), today=TODAY)
    assert result.coverage.files_changed == 1
    assert head.other_files() | base.other_files() == set()
    assert result.findings == ()


DOCUMENTS = {path for path in FILES if path.endswith(".md")}
PIPELINES = {".github/workflows/apply.yml", ".tf", ".yaml", ".yml", "scripts/deploy.sh"}


@pytest.mark.parametrize(
    ("check_id", "read"),
    [
        ("EKS-OPS-101", PIPELINES),
        ("EKS-TEST-101", {*PIPELINES, "_test.go", ".py", ".kitchen.yml", "kitchen.yml"}),
        ("EKS-TEST-201", PIPELINES),
        ("EKS-TEST-202", PIPELINES),
        ("EKS-TEST-204", {".github/CODEOWNERS"}),
        ("EKS-DOC-101", set()),
        ("EKS-DOC-104", {".md", ".adoc", ".rst"}),
        ("EKS-UPG-106", {".md", ".adoc", ".rst", ".yaml", ".yml", *DOCUMENTS}),
    ],
)
def test_a_check_that_is_triggered_reads_only_what_may_answer_it(
    check_id: str, read: set[str], tmp_path: Path
) -> None:
    code = (
        FILES["live/main.tf"]
        .replace('"prod"', '"prod"\n  version = "1.35"')
        .replace("../modules/queues", "../modules//queues")
    )
    change, _, head = changed(tmp_path, {"live/main.tf": code})
    review(change, Config(select=(check_id,)), today=TODAY)
    assert {each for each in head.other_files() if not each.endswith(TERRAFORM)} <= read
    assert head.other_files() or not read


@pytest.mark.parametrize("check_id", REPOSITORY)
def test_what_is_missing_from_a_repository_is_said_in_the_summary(check_id: str) -> None:
    """The rest are about a line that the author wrote."""
    if check_id.startswith(("EKS-OPS", "EKS-GOV", "EKS-TEST", "EKS-DOC", "EKS-UPG")):
        about_a_line = {"EKS-OPS-102", "EKS-DOC-102", "EKS-UPG-107"}
        assert (CHECKS[check_id].surface is Surface.INLINE) == (check_id in about_a_line)


def test_each_says_what_it_looked_for_and_what_would_satisfy_it(tmp_path: Path) -> None:
    bare = {path: text for path, text in FILES.items() if path.startswith(("live/", "modules/"))}
    for path, text in bare.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    wanted = {
        "EKS-OPS-101": ("No workflow, CI file or service", "Plan every pull request in CI"),
        "EKS-OPS-103": ("no Argo CD or Flux in Helm releases", "Bootstrap Argo CD"),
        "EKS-OPS-105": ("no Gatekeeper, Kyverno or admission policy", "Kyverno or Gatekeeper in audit mode"),
        "EKS-OPS-207": ("No runbook and no restore test", "docs/runbooks/disaster-recovery.md"),
        "EKS-GOV-106": ("No CloudTrail trail, no AWS Config rules, no GuardDuty", "Declare what is missing"),
        "EKS-TEST-101": (
            "no `*.tftest.hcl`, Terratest, kitchen-terraform or tftest",
            "`terraform test` file",
        ),
        "EKS-TEST-102": ("none in its folder, and none elsewhere", "tests/defaults.tftest.hcl"),
        "EKS-TEST-201": ("no tflint in CI or pre-commit", "Run tflint with the AWS rules"),
        "EKS-TEST-202": ("no Checkov, Trivy, KICS, Terrascan or Snyk", "Run Trivy"),
        "EKS-TEST-204": ("no line of CODEOWNERS", "Add a line for the folder"),
        "EKS-DOC-101": ("neither there nor in the folder above", "Write down what the module is for"),
        "EKS-DOC-104": ("Mermaid, draw.io, D2, PlantUML", "docs/architecture.md"),
        "EKS-UPG-106": ("no runbook with rollback steps", "docs/runbooks/eks-upgrade.md"),
    }
    tree = from_directories(tmp_path, tmp_path).head
    found = audit(tree, Config(select=tuple(wanted)), today=TODAY).findings
    assert {each.id for each in found} == set(wanted)
    for each in found:
        looked_for, satisfies = wanted[each.id]
        assert looked_for in each.message
        assert satisfies in each.hint


def test_a_variable_without_description_is_new_beside_one_that_was_there(tmp_path: Path) -> None:
    code = FILES["modules/queues/main.tf"]
    files = {"modules/queues/main.tf": code + 'variable "zones" {}\n'}
    change, _, _ = changed(tmp_path, files)
    found = review(change, Config(select=("EKS-DOC-103",)), today=TODAY).findings
    assert [(each.status.value, each.message) for each in found] == [
        ("existing", "The variable `name` has no description."),
        ("introduced", "The variable `zones` has no description."),
    ]


def test_who_takes_the_environment_away_hears_of_it_although_the_plan_was_never_saved(
    review_change: ReviewChange,
) -> None:
    main, flow = 'provider "aws" {}\nresource "aws_vpc" "main" {}\n', ".github/workflows/tf.yml"
    job = "on: push\njobs:\n  tf:\n%s    steps:\n      - run: terraform apply -auto-approve\n"
    with_environment, without = (job % environment for environment in ("    environment: production\n", ""))
    review = review_change(
        {"main.tf": main, flow: with_environment}, {flow: without}, select=("EKS-OPS-102",)
    )
    assert [(each.status.value, each.message) for each in review.findings] == [
        ("introduced", "Job `tf` applies on every push without a protected environment."),
        (
            "existing",
            "Job `tf` applies what is planned at that moment, not a plan that the run has saved and shown.",
        ),
    ]
