"""The action as the runner starts it: a process with an environment, on real Terraform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.github.fake import TOKEN, FakeGitHub
from tests.github.world import World, outputs_of
from tests.terraform.plans import constant, declared, plan, reads

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = """\
resource "aws_eks_cluster" "main" {
  name     = "platform"
  role_arn = aws_iam_role.cluster.arn
  version  = "1.34"

  vpc_config {
    subnet_ids              = aws_subnet.private[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["203.0.113.0/24"]
  }
}
"""
OPEN = CLUSTER.replace("203.0.113.0/24", "0.0.0.0/0")


@dataclass(frozen=True)
class Result:
    """A finished process."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]


@pytest.fixture
def terraform(tmp_path: Path) -> World:
    """A pull request that opens the endpoint of a cluster to the world."""
    world = World(tmp_path)
    world.git("checkout", "-q", "main")
    world.commit({"infra/eks.tf": CLUSTER, "infra/logs.tf": None})
    world.git("checkout", "-q", "-B", "change")
    world.commit({"infra/eks.tf": OPEN})
    return world


@pytest.fixture
def service(terraform: World) -> Iterator[FakeGitHub]:
    with FakeGitHub(terraform.pull()) as github:
        yield github


def start(world: World, github: FakeGitHub, *, head: str | None = None, **extra: str) -> Result:
    """Run the container's entry point with nothing but a runner's environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(world.files),
        "PYTHONPATH": str(ROOT),
        **world.environment(github.environment, head=head),
        **extra,
    }
    done = subprocess.run(
        [sys.executable, "-m", "reviewer", "action"],
        cwd=world.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    log = done.stdout + done.stderr
    assert TOKEN not in log
    assert "Traceback" not in log
    return Result(
        done.returncode,
        log,
        (world.files / "summary.md").read_text(),
        outputs_of((world.files / "output").read_text()),
    )


def test_open_endpoint_is_found_posted_and_fails_the_check(terraform: World, service: FakeGitHub) -> None:
    result = start(terraform, service)
    assert result.code == 1
    assert result.outputs["conclusion"] == "failure"
    (thread,) = [each for each in service.pull.threads if "EKS-SEC-107" in each.root.body]
    assert (thread.path, thread.line) == ("infra/eks.tf", 10)
    assert "EKS-SEC-107" in service.pull.issue_comments[0].body
    assert "EKS-SEC-107" in result.summary
    assert "::error file=infra/eks.tf,line=10" in result.log
    assert len(service.requests) <= 8


def test_second_run_on_the_same_commit_posts_nothing(terraform: World, service: FakeGitHub) -> None:
    start(terraform, service)
    service.writes()
    result = start(terraform, service)
    assert result.code == 1
    assert len(service.requests) <= 5
    assert service.writes() == []


def test_fixed_endpoint_passes_and_is_marked(terraform: World, service: FakeGitHub) -> None:
    start(terraform, service)
    service.pull.push(terraform.commit({"infra/eks.tf": CLUSTER.replace("platform", "renamed")}))
    result = start(terraform, service)
    assert result.code == 0, result.log
    (thread,) = [each for each in service.pull.threads if "EKS-SEC-107" in each.root.body]
    assert thread.root.body.startswith("<!-- eks-review:gone fixed -->")


def test_change_without_terraform_is_a_success_without_a_word(terraform: World, service: FakeGitHub) -> None:
    terraform.git("reset", "-q", "--hard", "main")
    service.pull.push(terraform.commit({"notes.txt": "hello\n"}))
    result = start(terraform, service)
    assert (result.code, result.outputs["conclusion"]) == (0, "success")
    assert service.writes() == []
    assert "nothing to review" in result.summary


def test_fork_with_a_read_only_token_keeps_verdict_and_summary(terraform: World, service: FakeGitHub) -> None:
    service.permissions.discard("pull-requests:write")
    terraform.inputs["json-file"] = "review.json"
    terraform.is_fork = True
    result = start(terraform, service)
    assert (result.code, result.outputs["conclusion"]) == (1, "failure")
    assert "EKS-SEC-107" in result.summary
    assert "::error file=infra/eks.tf,line=10" in result.log
    assert '"EKS-SEC-107"' in (terraform.root / "review.json").read_text()
    assert "::notice title=EKS Review::Not everything was posted." in result.log
    assert "::warning title=EKS Review::" not in result.log, "it is GitHub's design, nobody's mistake"
    assert service.pull.threads == []


def test_configuration_comes_from_the_base_branch(terraform: World, service: FakeGitHub) -> None:
    service.pull.push(terraform.commit({".eks-review.yml": "fail-on: never\n"}))
    result = start(terraform, service)
    assert result.code == 1, "the change cannot switch its own check off"
    assert (
        "This change adds `.eks-review.yml`: `fail-on` is loosened from `high` to `never`" in result.summary
    )


def test_configuration_of_the_base_branch_holds(terraform: World, service: FakeGitHub) -> None:
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": "ignore: [EKS-SEC]\n"})
    terraform.git("checkout", "-q", "change")
    terraform.git("rebase", "-q", "main")
    service.pull.push(terraform.head())
    result = start(terraform, service)
    assert result.code == 0, result.log
    assert service.pull.threads == []


def test_malformed_configuration_is_one_message_with_file_and_line(
    terraform: World, service: FakeGitHub
) -> None:
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": "gate: introduced\nfail-on: sometimes\n"})
    terraform.git("checkout", "-q", "change")
    result = start(terraform, service)
    assert (result.code, result.outputs["conclusion"]) == (2, "error")
    assert '.eks-review.yml:2: fail-on: "sometimes" is not one of critical, high' in result.log
    assert service.writes() == []


def test_configuration_that_is_named_and_not_there_is_told(terraform: World, service: FakeGitHub) -> None:
    terraform.inputs["config"] = "ci/strict.yml"
    sentence = "The input `config` names a file that the base branch does not have: the defaults hold."
    assert sentence in start(terraform, service).summary
    terraform.inputs["config"] = ".eks-review.yml"
    assert "the defaults hold" not in start(terraform, service).summary


def test_input_beats_the_configuration(terraform: World, service: FakeGitHub) -> None:
    terraform.inputs["fail-on"] = "never"
    assert start(terraform, service).code == 0


def test_missing_event_file(terraform: World, service: FakeGitHub) -> None:
    result = start(terraform, service, GITHUB_EVENT_PATH="/nowhere/event.json")
    assert result.code == 2
    assert "The event file /nowhere/event.json cannot be read: No such file or directory." in result.log


def test_file_in_the_checkout_named_like_a_library_is_not_run(terraform: World, service: FakeGitHub) -> None:
    """The image starts Python with -I; what the workspace holds must never be imported."""
    trap = terraform.root / "github.py"
    trap.write_text("raise SystemExit(77)\n")
    environment = {**terraform.environment(service.environment), "PATH": os.environ["PATH"]}
    code = f"import sys; sys.path.append({str(ROOT)!r}); from reviewer.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, "action"],
        cwd=terraform.root,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert service.pull.threads


def test_push_to_a_branch_reviews_without_comments(terraform: World, service: FakeGitHub) -> None:
    before, after = terraform.git("rev-parse", "main"), terraform.head()
    event = terraform.files / "push.json"
    event.write_text(
        f'{{"before": "{before}", "after": "{after}", "repository": {{"full_name": "acme/platform"}}}}'
    )
    result = start(terraform, service, GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH=str(event))
    assert result.code == 1
    assert "EKS-SEC-107" in result.summary
    assert service.requests == []


def test_merge_group_sets_the_status_of_the_group(terraform: World, service: FakeGitHub) -> None:
    terraform.inputs["status-context"] = "EKS Review"
    base, head = terraform.git("rev-parse", "main"), terraform.head()
    event = terraform.files / "group.json"
    event.write_text(f'{{"merge_group": {{"base_sha": "{base}", "head_sha": "{head}"}}}}')
    result = start(terraform, service, GITHUB_EVENT_NAME="merge_group", GITHUB_EVENT_PATH=str(event))
    assert result.code == 1
    assert [(each.sha, each.state) for each in service.pull.statuses] == [(head, "failure")]
    assert service.pull.issue_comments == []


def test_schedule_audits_everything(terraform: World, service: FakeGitHub) -> None:
    event = terraform.files / "schedule.json"
    event.write_text('{"schedule": "0 6 * * 1"}')
    terraform.inputs["markdown-file"] = "reports/quality.md"
    result = start(
        terraform,
        service,
        GITHUB_EVENT_NAME="schedule",
        GITHUB_EVENT_PATH=str(event),
        GITHUB_SHA=terraform.head(),
    )
    assert result.code == 1
    assert "# Quality report\n" in result.summary
    assert "EKS-SEC-107" in result.summary
    assert service.requests == []
    written = (terraform.root / "reports/quality.md").read_text()
    assert "## 2. Security vulnerabilities" in written
    assert "EKS-SEC-107" in written
    assert terraform.head() not in written, "addresses would change with every commit"


def test_json_report_is_written_into_the_workspace(terraform: World, service: FakeGitHub) -> None:
    terraform.inputs["json-file"] = "reports/review.json"
    result = start(terraform, service)
    assert result.outputs["json"] == "reports/review.json"
    assert '"EKS-SEC-107"' in (terraform.root / "reports/review.json").read_text()


def test_command_and_action_come_to_one_verdict(terraform: World, service: FakeGitHub) -> None:
    """Whoever doubts a check on a pull request can run it at home."""
    terraform.inputs["json-file"] = "review.json"
    posted = start(terraform, service)
    command = ["-m", "reviewer", "review", "--base", "main", "--head", "change", "--format", "json"]
    local = subprocess.run(
        [sys.executable, *command],
        cwd=terraform.root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert local.returncode == posted.code == 1, local.stderr
    reports = [json.loads(local.stdout), json.loads((terraform.root / "review.json").read_text())]
    assert reports[0] == reports[1]


def test_report_does_not_follow_a_link_out_of_the_workspace(
    terraform: World, service: FakeGitHub, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    (terraform.root / "review.json").symlink_to(outside)
    terraform.inputs["json-file"] = "review.json"
    result = start(terraform, service)
    assert result.code == 2
    assert "`review.json` cannot be written" in result.log.replace("'", "`")
    assert not outside.exists()
    assert "EKS-SEC-107" in result.summary, "what was found is not lost"


def test_hostile_names_start_no_workflow_command(terraform: World, service: FakeGitHub) -> None:
    name = "infra/x\n::add-mask::a.tf"
    service.pull.push(terraform.commit({name: OPEN.replace('"main"', '"::stop-commands::x"')}))
    result = start(terraform, service)
    assert any(thread.path == name for thread in service.pull.threads)
    commands = [line for line in result.log.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in commands)


GROUP = """\
variable "who" {}
resource "aws_security_group_rule" "ssh" {
  type        = "ingress"
  from_port   = 22
  to_port     = 22
  protocol    = "tcp"
  cidr_blocks = [var.who]
}
"""
PLANNED = plan(
    [
        declared(
            "aws_security_group_rule.ssh",
            {
                "type": constant("ingress"),
                "from_port": constant(22),
                "to_port": constant(22),
                "protocol": constant("tcp"),
                "cidr_blocks": reads("var.who"),
            },
        )
    ],
    variables={"who": {}},
    values={"who": "0.0.0.0/0"},
)


def test_plan_of_the_workflow_tells_what_the_code_does_not(terraform: World, service: FakeGitHub) -> None:
    service.pull.push(terraform.commit({"infra/eks.tf": CLUSTER, "net/main.tf": GROUP}))
    assert start(terraform, service).code == 0
    (terraform.root / "plan.json").write_bytes(PLANNED)
    terraform.inputs["plan-file"] = "plan.json"

    result = start(terraform, service)

    assert result.code == 1
    assert "::error file=net/main.tf,line=1" in result.log


def test_plan_that_the_change_itself_brings_is_refused(terraform: World, service: FakeGitHub) -> None:
    forged = PLANNED.decode().replace("0.0.0.0/0", "10.0.0.0/8")
    service.pull.push(terraform.commit({"net/main.tf": GROUP, "plan.json": forged}))
    terraform.inputs["plan-file"] = "plan.json"

    result = start(terraform, service)

    assert result.code == 2
    assert "plan.json: the plan is a file of the commit under review" in result.log


def test_plan_of_another_commit_is_refused(terraform: World, service: FakeGitHub) -> None:
    (terraform.root / "plan.json").write_bytes(PLANNED)
    terraform.inputs["plan-file"] = "plan.json"

    result = start(terraform, service)

    assert result.code == 2
    assert "plan.json: it was made from another configuration than that of `infra`" in result.log


def test_the_baseline_of_the_base_branch_holds_and_extending_it_is_called_out(
    terraform: World, service: FakeGitHub
) -> None:
    """A pull request that accepts its own old problems gains nothing, and its summary says so first."""
    entry = {"path": "infra/eks.tf", "id": "EKS-SEC-306", "address": "aws_eks_cluster.main"}
    baseline = json.dumps({"schema": 1, "findings": [{**entry, "fingerprint": "f" * 16}]})
    config = "gate: touched\nselect: [EKS-SEC-306]\n"
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": config})
    terraform.git("checkout", "-q", "-B", "change")
    service.pull.push(
        terraform.commit(
            {"infra/eks.tf": CLUSTER.replace("platform", "renamed"), ".eks-review-baseline.json": baseline}
        )
    )
    result = start(terraform, service)
    assert result.code == 1, result.log
    assert "### ⚠️ Baseline extended by this change (1)" in result.summary
    (summary,) = service.pull.issue_comments
    assert "Baseline extended by this change" in summary.body


def test_a_broken_baseline_is_wrong_use(terraform: World, service: FakeGitHub) -> None:
    service.pull.push(terraform.commit({".eks-review-baseline.json": '{"schema": 1,'}))
    result = start(terraform, service)
    assert result.code == 2
    assert ".eks-review-baseline.json:1:14: the baseline is not valid JSON" in result.log
    assert service.writes() == []
