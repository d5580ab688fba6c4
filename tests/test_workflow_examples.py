"""The example workflows mean what they say: inputs that exist, two halves that fit, nothing run beside a token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = {path.name: path for path in sorted((ROOT / "examples" / "workflows").glob("*.yml"))}
ACTION = "eks-review/eks-review@"
PRIVILEGED = ("fork-publish.yml", "without-checkout.yml")
DEFAULTS = ("opened", "synchronize", "reopened")


def read(name: str) -> dict[Any, Any]:
    loaded = yaml.safe_load(EXAMPLES[name].read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in read(name)["jobs"].values() for step in job["steps"]]


def step(name: str, uses: str) -> dict[str, Any]:
    """Return the inputs of the one step of a workflow that uses an action."""
    (found,) = [each for each in steps(name) if each.get("uses", "").startswith(uses)]
    inputs: dict[str, Any] = found.get("with", {})
    return inputs


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "fleet.yml"])
def test_every_input_exists(name: str) -> None:
    known = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert step(name, ACTION).keys() <= known.keys()


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "pull_request" in read(name)[True]])
def test_a_changed_base_starts_the_check_again(name: str) -> None:
    """GitHub's default leaves `edited` out; naming types replaces all of the defaults."""
    types = read(name)[True]["pull_request"]["types"]
    assert {*DEFAULTS, "edited", "ready_for_review"} == set(types)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "merge_group" in read(name)[True]])
def test_the_queue_and_the_pull_request_wait_for_one_name(name: str) -> None:
    (job,) = read(name)["jobs"].values()
    assert job["name"] == "EKS Review"


@pytest.mark.parametrize("name", PRIVILEGED)
def test_beside_a_token_that_writes_nothing_is_checked_out_or_run(name: str) -> None:
    assert [each for each in steps(name) if "run" in each or "checkout" in each["uses"]] == []


def test_privileged_examples_are_all_known() -> None:
    found = [name for name in EXAMPLES if {"pull_request_target", "workflow_run"} & read(name)[True].keys()]
    assert tuple(found) == PRIVILEGED


def test_the_halves_of_the_fork_flow_fit() -> None:
    review, publish = read("fork-review.yml"), read("fork-publish.yml")
    assert publish[True]["workflow_run"]["workflows"] == [review["name"]]
    written = step("fork-review.yml", ACTION)["json-file"]
    upload = step("fork-review.yml", "actions/upload-artifact@")
    download = step("fork-publish.yml", "actions/download-artifact@")
    assert upload["path"] == written
    assert download["name"] == upload["name"]
    assert step("fork-publish.yml", ACTION)["json-file"] == f"{download['path']}/{written}"


def test_the_unprivileged_half_can_only_read() -> None:
    (job,) = read("fork-review.yml")["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
