"""Publishing the report of an unprivileged run: it is a stranger's claim, and goes only where GitHub says."""

from __future__ import annotations

import io
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from reviewer import action
from tests.github.fake import TOKEN
from tests.github.test_process import Result, service, start, terraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.github.fake import FakeGitHub
    from tests.github.world import World

__all__ = ["service", "terraform"]
REPORT = "review.json"


def unprivileged(world: World, github: FakeGitHub) -> dict[str, Any]:
    """Run on the fork's pull request with a token that may not write; return the report it leaves."""
    world.inputs |= {"json-file": REPORT}
    github.permissions.discard("pull-requests:write")
    start(world, github)
    github.permissions.add("pull-requests:write")
    github.requests.clear()
    report: dict[str, Any] = json.loads((world.root / REPORT).read_text())
    return report


def publish(world: World, github: FakeGitHub, report: object, **run: object) -> Result:
    """Run on the ``workflow_run`` event that follows."""
    text = report if isinstance(report, str) else json.dumps(report)
    (world.root / REPORT).write_text(text)
    repository = {"full_name": "stranger/platform"}
    payload = {"head_sha": world.head(), "head_branch": "change", "head_repository": repository} | run
    event = world.files / "run.json"
    event.write_text(json.dumps({"workflow_run": payload}))
    return start(world, github, GITHUB_EVENT_NAME="workflow_run", GITHUB_EVENT_PATH=str(event))


def test_report_is_published_on_the_pull_request_of_the_run(terraform: World, service: FakeGitHub) -> None:
    result = publish(terraform, service, unprivileged(terraform, service))
    assert result.code == 0, result.log
    assert len(service.requests) == 5
    assert [each.line for each in service.pull.threads if "EKS-SEC-107" in each.root.body] == [10]
    assert "EKS-SEC-107" in service.pull.issue_comments[0].body


def test_second_publication_writes_nothing(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    publish(terraform, service, report)
    service.writes()
    assert publish(terraform, service, report).code == 0
    assert service.writes() == []


def test_unproven_suggestions_are_not_published(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    for finding in report["findings"]:
        if finding["comment_line"]:
            line = finding["comment_line"]
            edit = {"path": finding["path"], "line": line, "end_line": line, "replacement": "evil = true"}
            finding["suggestion"] = edit | {"note": ""}
    publish(terraform, service, report)
    assert service.pull.threads
    assert all("evil" not in each.root.body for each in service.pull.threads)


def test_known_checks_are_named_as_this_version_names_them(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    for finding in report["findings"]:
        finding |= {"title": "Log in again", "docs": "https://evil.example/login", "source": "Trusted"}
    publish(terraform, service, report)
    text = "".join(each.root.body for each in service.pull.threads) + service.pull.issue_comments[0].body
    assert "Log in again" not in text
    assert "evil.example" not in text


def test_status_is_never_set_from_a_report(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    terraform.inputs["status-context"] = "EKS Review"
    publish(terraform, service, report)
    assert service.pull.statuses == []


def test_report_about_another_commit_is_refused(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service) | {"head": "f" * 40}
    result = publish(terraform, service, report)
    assert result.code == 2
    assert f"The report is about {'f' * 40}, and the run was of {terraform.head()}" in result.log
    assert service.requests == []


def test_pull_request_that_moved_on_gets_nothing(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    service.pull.head = terraform.git("rev-parse", "main")
    result = publish(terraform, service, report)
    assert result.code == 0
    assert "nothing to publish" in result.log
    assert service.writes() == []


def test_branch_of_somebody_else_gets_nothing(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    result = publish(terraform, service, report, head_repository={"full_name": "other/platform"})
    assert (result.code, service.writes()) == (0, [])


def test_of_several_pull_requests_from_one_branch_it_is_the_one_that_was_compared_with(
    terraform: World, service: FakeGitHub
) -> None:
    report = unprivileged(terraform, service)
    terraform.git("branch", "older", terraform.git("rev-list", "--max-parents=0", "HEAD"))
    service.pull.siblings = [(3, "older")]
    assert publish(terraform, service, report).code == 0
    assert any("EKS-SEC-107" in each.root.body for each in service.pull.threads)


def test_configuration_of_the_base_branch_holds_for_publishing(terraform: World, service: FakeGitHub) -> None:
    terraform.git("checkout", "-q", "main")
    terraform.commit({".eks-review.yml": "max-comments: 0\n"})
    terraform.git("checkout", "-q", "change")
    report = unprivileged(terraform, service)
    assert publish(terraform, service, report).code == 0
    assert service.pull.threads == []
    assert "EKS-SEC-107" in service.pull.issue_comments[0].body


def test_texts_of_a_stranger_notify_nobody_and_forge_nothing(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    hostile = (
        "@octocat #1 <!-- eks-review:summary --> <img src=x> [x](https://evil.example)\n```suggestion\nx\n```"
    )
    for finding in report["findings"]:
        finding |= {
            "id": "OTHER-1",
            "title": hostile,
            "message": hostile,
            "hint": hostile,
            "address": hostile,
        }
    report["verdict"]["reason"] = hostile
    report["notices"] = [{"message": hostile, "urgent": True}]
    assert publish(terraform, service, report).code == 0
    (summary,) = service.pull.issue_comments
    for body in [summary.body, *(each.root.body for each in service.pull.threads)]:
        prose = re.sub(r"(`+)[^`].*?\1", "", body)
        assert "@octocat" not in prose
        assert "#1 " not in prose
        assert "<img" not in prose
        assert "](https://evil" not in prose
        assert not re.search(r"^\W*```+suggestion", body, re.MULTILINE)
        assert body.count("<!-- eks-review:summary -->") <= 1
    assert summary.body.count("<!-- eks-review:summary -->") == 1


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_report_that_is_no_file_is_refused(terraform: World, service: FakeGitHub, kind: str) -> None:
    """A link could lead anywhere, and a pipe would never end."""
    report = terraform.root / REPORT
    terraform.inputs |= {"json-file": REPORT}
    if kind == "link":
        report.symlink_to("/etc/hostname")
    else:
        os.mkfifo(report)
    event = terraform.files / "run.json"
    event.write_text(json.dumps({"workflow_run": {"head_sha": terraform.head()}}))
    extra = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_EVENT_PATH": str(event)}
    result = start(terraform, service, **extra)
    assert result.code == 2
    assert "review.json cannot be read" in result.log


def cut(report: dict[str, Any]) -> str:
    return json.dumps(report)[:-20]


def other_schema(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"schema": 2}


def climbing_path(report: dict[str, Any]) -> dict[str, Any]:
    report["findings"][0]["path"] = "../../etc/passwd"
    return report


def huge(_report: dict[str, Any]) -> str:
    return "[" + " " * (9 * 1024 * 1024)


@pytest.mark.parametrize("change", [cut, other_schema, climbing_path, huge])
def test_malformed_report_is_one_message(
    terraform: World, service: FakeGitHub, change: Callable[[dict[str, Any]], object]
) -> None:
    report = unprivileged(terraform, service)
    result = publish(terraform, service, change(report))
    assert (result.code, result.outputs["conclusion"]) == (2, "error")
    assert result.log.count("::error title=EKS Review::The report ") == 1
    assert service.requests == []


def test_missing_report(terraform: World, service: FakeGitHub) -> None:
    report = unprivileged(terraform, service)
    terraform.inputs["json-file"] = "elsewhere.json"
    result = publish(terraform, service, report)
    assert result.code == 2
    assert "elsewhere.json cannot be read: No such file or directory." in result.log


def test_report_must_be_named(terraform: World, service: FakeGitHub) -> None:
    result = publish(terraform, service, "{}")
    assert result.code == 2
    assert "On `workflow_run` the input `json-file` names the report to publish." in result.log


def test_command_publishes_a_file(terraform: World, service: FakeGitHub, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps(unprivileged(terraform, service)))
    environment = {
        **terraform.environment(service.environment),
        "INPUT_GITHUB-TOKEN": "",
        "GITHUB_TOKEN": TOKEN,
    }
    out = io.StringIO()
    assert action.publish_report(environment, out, report) == 0, out.getvalue()
    assert service.pull.threads
