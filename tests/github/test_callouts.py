"""A change that edits its own review: it is told on top, and the settings of the base branch hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.test_process import CLUSTER, service, start, terraform

if TYPE_CHECKING:
    from tests.github.fake import FakeGitHub
    from tests.github.world import World

__all__ = ["service", "terraform"]
CONFIGURATION = ".eks-review.yml"
WORKFLOW = ".github/workflows/eks-review.yml"
STEP = """\
on: pull_request
jobs:
  review:
    steps:
      - uses: eks-review/eks-review@v1
        with: {with}
"""
HEADING = "### ⚠️ This change edits its own review"


def on_base(world: World, files: dict[str, str | None]) -> None:
    world.git("checkout", "-q", "main")
    world.commit(files)
    world.git("checkout", "-q", "change")
    world.git("rebase", "-q", "main")


def told(world: World, github: FakeGitHub, files: dict[str, str | None]) -> str:
    """Push a change of settings alone, with closed endpoint, and return what the sticky summary says of it."""
    github.pull.push(world.commit({"infra/eks.tf": CLUSTER, **files}))
    result = start(world, github)
    assert HEADING in result.summary, result.log
    (sticky,) = github.pull.issue_comments
    assert sticky.body.index(HEADING) < sticky.body.index("### Scorecard")
    return sticky.body.partition(HEADING)[2].partition("\n### ")[0].strip()


def test_loosened_gate_is_called_out_and_does_not_hold_yet(terraform: World, service: FakeGitHub) -> None:
    service.pull.push(terraform.commit({CONFIGURATION: "fail-on: never\n"}))
    result = start(terraform, service)
    assert result.code == 1
    assert "`fail-on` is loosened from `high` to `never`. The review ran with the defaults" in result.summary
    assert f"::warning file={CONFIGURATION},title=EKS Review::This change adds" in result.log


def test_every_changed_setting_is_named(terraform: World, service: FakeGitHub) -> None:
    on_base(terraform, {CONFIGURATION: "fail-on: never\ngate: touched\n"})
    new = "fail-on: low\ngate: touched\nignore: [EKS-SEC]\nincomplete: neutral\n"
    assert told(terraform, service, {CONFIGURATION: new}).startswith(
        "- This change edits `.eks-review.yml`: `fail-on` changes from `never` to `low`;"
        ' `incomplete` changes from `fail` to `neutral`; `ignore` changes from `[]` to `["EKS-SEC"]`.'
        " The review ran with the file of the base branch; the new state holds once it is merged."
    )


def test_removed_configuration_is_called_out(terraform: World, service: FakeGitHub) -> None:
    on_base(terraform, {CONFIGURATION: "fail-on: medium\n"})
    text = told(terraform, service, {CONFIGURATION: None})
    assert "removes `.eks-review.yml`: `fail-on` is loosened from `medium` to `high`." in text


def test_configuration_that_would_break_every_later_run(terraform: World, service: FakeGitHub) -> None:
    text = told(terraform, service, {CONFIGURATION: "a: 1\n"})
    assert '`.eks-review.yml:1: unknown key "a"` every review after the merge would fail.' in text


def test_comment_in_the_configuration_changes_no_setting(terraform: World, service: FakeGitHub) -> None:
    on_base(terraform, {CONFIGURATION: "fail-on: high\n"})
    text = told(terraform, service, {CONFIGURATION: "fail-on: high # as before\n"})
    assert text.startswith("- This change edits `.eks-review.yml`. The review ran with the file")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (STEP.format(**{"with": "{fail-on: never}"}), "`fail-on` is loosened from `high` to `never`"),
        (STEP.format(**{"with": "{gate: touched}"}), "`gate` changes from `introduced` to `touched`"),
        (
            STEP.format(**{"with": "{}"}) + "        continue-on-error: true\n",
            '`continue-on-error` changes from `""` to `true`',
        ),
        ("on: pull_request\njobs: {}\n", "a step that runs EKS Review is removed"),
        (None, "a step that runs EKS Review is removed"),
    ],
    ids=["fail-on", "gate", "continue-on-error", "step", "file"],
)
def test_loosened_workflow_is_called_out(
    terraform: World, service: FakeGitHub, after: str | None, expected: str
) -> None:
    on_base(terraform, {WORKFLOW: STEP.format(**{"with": "{}"})})
    text = told(terraform, service, {WORKFLOW: after})
    assert f"This change edits the workflow `{WORKFLOW}`: {expected}. GitHub runs a workflow as" in text


@pytest.mark.parametrize(
    "after",
    [
        STEP.format(**{"with": "{fail-on: high}"}),
        STEP.format(**{"with": "{}"})
        + "  other:\n    steps: [{uses: acme/other@v1, with: {fail-on: never}}]\n",
        STEP.format(**{"with": "{}"}).replace("@v1", "@v2"),
    ],
    ids=["spelt-out default", "another action", "version"],
)
def test_other_edits_of_a_workflow_are_no_matter(terraform: World, service: FakeGitHub, after: str) -> None:
    on_base(terraform, {WORKFLOW: STEP.format(**{"with": "{}"})})
    service.pull.push(terraform.commit({WORKFLOW: after}))
    assert HEADING not in start(terraform, service).summary


def test_unreadable_workflow_is_passed_over(terraform: World, service: FakeGitHub) -> None:
    service.pull.push(terraform.commit({WORKFLOW: "a: &x [*x\n"}))
    result = start(terraform, service)
    assert result.code == 1
    assert HEADING not in result.summary
