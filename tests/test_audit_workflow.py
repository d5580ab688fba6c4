"""The example workflow for the weekly audit: one issue, and the scores of every week in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from reviewer.github.inputs import variable
from reviewer.scorecard import TARGETS
from tests.report.quality_platform import report

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKFLOW = Path(__file__).parent.parent / "examples" / "workflows" / "audit.yml"
ACTION = WORKFLOW.parents[2] / "action.yml"
SCORES = {"SECURITY": "53", "RELIABILITY": "62", "PERFORMANCE": "87", "COST": "96", "OPERATIONS": "62"}
GH = """\
#!{python}
import json, pathlib, sys
state = pathlib.Path({state!r})
data = json.loads(state.read_text())
command, flags = sys.argv[1:3], dict(zip(sys.argv[3:], sys.argv[4:]))
issue = data["issue"]
data["calls"].append(" ".join(command))
if data["fails"] == " ".join(command):
    sys.exit("gh: HTTP 502")
if command == ["issue", "list"]:
    assert (flags["--app"], flags["--label"], flags["--state"]) == ("github-actions", "eks-review-audit", "all")
    print(issue["number"] if issue else "")
elif command == ["issue", "view"]:
    print(issue["body"] if "body" in sys.argv else issue["state"])
elif command == ["issue", "create"]:
    body = pathlib.Path(flags["--body-file"]).read_text()
    data["issue"] = {{"number": 7, "state": "OPEN", "title": flags["--title"], "body": body}}
elif command == ["issue", "edit"]:
    issue["body"] = pathlib.Path(flags["--body-file"]).read_text()
elif command == ["issue", "reopen"]:
    issue["state"] = "OPEN"
state.write_text(json.dumps(data))
"""


class Tracker:
    """GitHub's issues as the workflow's step sees them, through a ``gh`` that keeps its state in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state.json"
        self.state.write_text(json.dumps({"issue": None, "calls": [], "fails": ""}))
        gh = folder / "bin" / "gh"
        gh.parent.mkdir()
        gh.write_text(GH.format(python=sys.executable, state=str(self.state)))
        gh.chmod(0o755)
        date = folder / "bin" / "date"
        date.write_text('#!/bin/sh\necho "$TODAY"\n')
        date.chmod(0o755)
        (folder / "quality-report.md").write_text(report())

    @property
    def data(self) -> dict[str, object]:
        """Return what ``gh`` has seen."""
        found = json.loads(self.state.read_text())
        assert isinstance(found, dict)
        return found

    @property
    def body(self) -> str:
        """Return the text of the issue."""
        issue = self.data["issue"]
        assert isinstance(issue, dict)
        return str(issue["body"])

    def change(self, **changes: object) -> None:
        """Let something happen on GitHub between two runs."""
        self.state.write_text(json.dumps({**self.data, **changes}))

    def run(self, today: str, findings: str = "24", **scores: str) -> int:
        """Run the step as the runner does, and return its exit code."""
        step = audit_steps()["Keep the tracking issue up to date"]
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "TODAY": today,
            "RUN": "https://github.example/acme/platform/actions/runs/1",
            "FINDINGS": findings,
            **SCORES,
            **scores,
        }
        script = self.folder / "step.sh"
        script.write_text(step["run"])
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(command, cwd=self.folder, env=environment, check=False).returncode

    def rows(self) -> list[str]:
        """Return the days of the trend with their scores."""
        return [line for line in self.body.splitlines() if line.startswith("| 20")]


def audit_steps() -> Mapping[str, dict[str, Any]]:
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["audit"]["steps"]
    return {each.get("name", each.get("uses", "")): each for each in steps}


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker(tmp_path)


def test_the_first_run_makes_the_issue_with_the_overview_of_the_report(tracker: Tracker) -> None:
    assert tracker.run("2026-11-23") == 0
    assert tracker.rows() == ["| 2026-11-23 | 53 | 62 | 87 | 96 | 62 | 24 |"]
    assert "[The last run](https://github.example/acme/platform/actions/runs/1) has the whole" in tracker.body
    assert "\n| 1.1 Region mismatch | high | 1 high |  |\n" in tracker.body
    assert "\n## What to do first\n" in tracker.body
    assert "## 1. Configuration discrepancies" not in tracker.body


def test_later_runs_keep_the_one_issue_and_add_a_row(tracker: Tracker) -> None:
    tracker.run("2026-11-23")
    tracker.run("2026-11-30", "20", SECURITY="62", PERFORMANCE="")
    assert tracker.run("2026-11-30", "19", SECURITY="65", PERFORMANCE="") == 0
    assert tracker.rows() == [
        "| 2026-11-23 | 53 | 62 | 87 | 96 | 62 | 24 |",
        "| 2026-11-30 | 65 | 62 |  | 96 | 62 | 19 |",
    ]
    calls = tracker.data["calls"]
    assert isinstance(calls, list)
    assert calls.count("issue create") == 1


def test_a_year_is_kept_and_only_rows_are_taken_over(tracker: Tracker) -> None:
    rows = [f"| 2025-{1 + day // 28:02}-{1 + day % 28:02} | 1 | 2 | 3 | 4 | 5 | 6 |" for day in range(60)]
    body = "\r\n".join(["| 2026-01-01 | <img src=x> | 1 |", *rows])
    tracker.change(issue={"number": 7, "state": "OPEN", "title": "x", "body": body})
    tracker.run("2026-11-23")
    assert tracker.rows() == [*rows[-51:], "| 2026-11-23 | 53 | 62 | 87 | 96 | 62 | 24 |"]


@pytest.mark.parametrize(("findings", "state"), [("24", "OPEN"), ("0", "CLOSED")])
def test_a_closed_issue_is_opened_again_while_there_are_findings(
    tracker: Tracker, findings: str, state: str
) -> None:
    tracker.change(issue={"number": 7, "state": "CLOSED", "title": "x", "body": ""})
    tracker.run("2026-11-23", findings)
    issue = tracker.data["issue"]
    assert isinstance(issue, dict)
    assert (issue["state"], len(tracker.rows())) == (state, 1)


@pytest.mark.parametrize("fails", ["issue list", "issue view"])
def test_when_github_does_not_answer_no_row_is_lost(tracker: Tracker, fails: str) -> None:
    tracker.run("2026-11-23")
    tracker.change(fails=fails)
    assert tracker.run("2026-11-30") != 0
    assert tracker.rows() == ["| 2026-11-23 | 53 | 62 | 87 | 96 | 62 | 24 |"]


def test_the_workflow_knows_the_targets_and_the_inputs_of_the_action(tracker: Tracker) -> None:
    tracker.run("2026-11-23")
    wanted = " | ".join(str(each) for each in TARGETS.values())
    assert f"\n| **target** | {wanted} | 0 |\n" in tracker.body
    given = audit_steps()["eks-review/eks-review@v1"]["with"]
    known = yaml.safe_load(ACTION.read_text())
    assert set(given) <= set(known["inputs"])
    step = audit_steps()["Keep the tracking issue up to date"]
    outputs = {each.split("outputs.")[1].rstrip(" }") for each in step["env"].values() if "outputs." in each}
    assert outputs <= set(known["outputs"])
    assert variable("markdown-file") == "INPUT_MARKDOWN-FILE"
