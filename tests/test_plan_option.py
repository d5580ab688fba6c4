"""``--plan``: what a review finds with a plan that it does not find without, and each wrong use of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.change.repo import Repo
from tests.command import TODAY, run
from tests.terraform.plans import constant, declared, plan, reads, resource

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES = 'variable "who" {}\n'
RULE = """\
resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = [var.who]
  security_group_id = "sg-1"
}
"""
EXPRESSIONS = {
    "type": constant("ingress"),
    "from_port": constant(22),
    "to_port": constant(22),
    "protocol": constant("tcp"),
    "cidr_blocks": reads("var.who"),
    "security_group_id": constant("sg-1"),
}
PLAN = plan(
    [declared("aws_security_group_rule.ssh", EXPRESSIONS)],
    [
        resource(
            "aws_security_group_rule.ssh", {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "from_port": 22}
        )
    ],
    variables={"who": {}},
    values={"who": "0.0.0.0/0"},
)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository whose working tree has a rule of which only a plan tells who may come in."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"infra/variables.tf": VARIABLES})
    repo.write("infra/main.tf", RULE)
    (tmp_path / "plan.json").write_bytes(PLAN)
    return repo


def reviewed(repo: Repo, *options: str) -> tuple[int, dict[str, Any]]:
    done = run("review", "--repo", str(repo.root), *TODAY, "--format", "json", *options, cwd=repo.root.parent)
    assert done.err == ""
    return done.code, json.loads(done.out)


def found(report: dict[str, Any], check: str) -> list[dict[str, Any]]:
    return [each for each in report["findings"] if each["id"] == check]


def test_a_finding_that_only_the_plan_shows_stands_on_the_line_of_the_code(repo: Repo) -> None:
    code, without = reviewed(repo)
    assert (code, found(without, "EKS-SEC-101")) == (0, [])

    code, report = reviewed(repo, "--plan", "plan.json")

    (finding,) = found(report, "EKS-SEC-101")
    assert code == 1
    assert (finding["status"], finding["address"]) == ("introduced", "aws_security_group_rule.ssh")
    places = {(each["path"], each["line"]) for each in finding["origins"]}
    assert ("infra/variables.tf", 1) in places
    assert finding["path"] in {"infra/main.tf", "infra/variables.tf"}


def test_what_the_plan_shows_at_the_base_too_is_not_introduced(repo: Repo) -> None:
    repo.commit({"infra/main.tf": RULE})
    repo.write("infra/main.tf", RULE.replace('"sg-1"', '"sg-2"'))
    changed = json.loads(PLAN)
    expressions = changed["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["security_group_id"] = constant("sg-2")
    (repo.root.parent / "plan.json").write_text(json.dumps(changed))

    code, report = reviewed(repo, "--base", "HEAD", "--plan", "plan.json")

    assert [each["status"] for each in found(report, "EKS-SEC-101")] == ["existing"]
    assert code == 0


def test_an_audit_takes_a_plan(repo: Repo) -> None:
    done = run(
        "audit", str(repo.root), *TODAY, "--format", "json", "--plan", "plan.json", cwd=repo.root.parent
    )

    assert [each["address"] for each in found(json.loads(done.out), "EKS-SEC-101")] == [
        "aws_security_group_rule.ssh"
    ]


def test_the_folder_of_a_plan_can_be_named(repo: Repo) -> None:
    assert reviewed(repo, "--plan", "infra=plan.json")[0] == 1


def test_a_plan_of_a_folder_that_is_not_changed_is_told_and_not_used(repo: Repo) -> None:
    repo.commit({"infra/main.tf": RULE, "other/main.tf": 'resource "aws_sqs_queue" "a" {}\n'})
    repo.write("other/main.tf", 'resource "aws_sqs_queue" "a" { name = "a" }\n')

    code, report = reviewed(repo, "--base", "HEAD", "--plan", "plan.json")

    assert (code, found(report, "EKS-SEC-101")) == (0, [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--plan", "missing.json"), "missing.json: the plan cannot be read (No such file or directory)."),
        (("--plan", "repo"), "repo: the plan cannot be read (it is not a file)."),
        (("--plan", "repo/infra/main.tf"), "repo/infra/main.tf: this is not a plan in JSON"),
        (("--plan", "../out=plan.json"), "../out=plan.json: '../out' is not a folder of the repository."),
        (("--plan", "nowhere=plan.json"), "plan.json: there is no Terraform configuration in `nowhere`."),
        (
            ("--plan", "plan.json", "--plan", "infra=plan.json"),
            "plan.json: it is of `infra`, and so is plan.json. Give one plan for each root module.",
        ),
    ],
    ids=["missing", "folder", "other file", "outside", "no configuration", "twice"],
)
def test_wrong_use_is_one_clear_error_and_exit_code_2(
    repo: Repo, options: tuple[str, ...], message: str
) -> None:
    done = run("review", "--repo", str(repo.root), *TODAY, *options, cwd=repo.root.parent)

    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_plan_of_another_commit_is_refused_with_exit_code_2(repo: Repo) -> None:
    repo.write("infra/main.tf", RULE.replace("to_port           = 22", "to_port           = 23"))

    done = run("review", "--repo", str(repo.root), *TODAY, "--plan", "plan.json", cwd=repo.root.parent)

    assert (done.code, done.out) == (2, "")
    assert (
        "plan.json: it was made from another configuration than that of `infra`: infra/main.tf:4:"
        " `aws_security_group_rule.ssh.to_port` is another in the plan." in done.err
    )
