"""Faults of GitHub against the action as a process, on real Terraform: the documented end of each, and one line.

After each: the verdict and the exit code are those of the review, the job summary and the annotations are
whole, nothing is there twice, the token is in no output; and the next run, without a fault, makes it complete.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.github.fake import TOKEN, FakeGitHub, Fault, Request
from tests.github.test_faults import to_comments, to_graphql, to_reviews, to_statuses
from tests.github.test_process import Result, service, start, terraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.github.world import World

__all__ = ["service", "terraform"]
HTML = "<html><head><title>502 Bad Gateway</title></head></html>"
LIMIT = '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'
ERRORS = json.dumps({"data": None, "errors": [{"type": "INTERNAL", "message": "Something went wrong"}]})
ALWAYS = 99
NOTHING = ""


@dataclass(frozen=True)
class Scenario:
    """What goes wrong where, the line that must be said, and what is posted although it goes wrong."""

    on: Callable[[Request], bool]
    fault: dict[str, Any]
    said: str = ""
    posted: str = "lines, summary"
    inputs: dict[str, str] = field(default_factory=dict)


def far() -> dict[str, str]:
    """Return the headers of a primary limit that ends in an hour."""
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}


def soon() -> dict[str, str]:
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()))}


STATUS = {"status-context": "EKS Review"}
SCENARIOS = {
    "the token is refused": Scenario(
        to_graphql, {"status": 401, "times": ALWAYS}, "Check the `github-token` input.", NOTHING
    ),
    "the token may only read": Scenario(
        to_reviews, {"status": 403, "times": ALWAYS}, "a read-only token", NOTHING
    ),
    "the summary may not be written": Scenario(
        to_comments, {"status": 403, "times": ALWAYS}, "Not everything was posted.", "lines"
    ),
    "the pull request is not found": Scenario(
        to_reviews, {"status": 404, "times": ALWAYS}, "GitHub does not find it", NOTHING
    ),
    "the summary conflicts": Scenario(to_comments, {"status": 409}, "GitHub answered 409", "lines"),
    "the review conflicts": Scenario(
        to_reviews, {"status": 409, "times": ALWAYS}, "moved from the lines", "summary"
    ),
    "the review is refused once": Scenario(to_reviews, {"status": 422}, "moved from the lines", "summary"),
    "the summary is refused once": Scenario(to_comments, {"status": 422}, "trying one of 20,000 characters"),
    "too many requests": Scenario(to_reviews, {"status": 429, "headers": {"Retry-After": "1"}}),
    "a secondary limit": Scenario(
        to_comments, {"status": 403, "text": LIMIT, "headers": {"Retry-After": "1"}}
    ),
    "a secondary limit longer than the patience": Scenario(
        to_reviews,
        {"status": 403, "text": LIMIT, "headers": {"Retry-After": "900"}},
        "wait 900 s",
        NOTHING,
    ),
    "a primary limit that ends now": Scenario(to_graphql, {"status": 403, "headers": soon()}),
    "a primary limit that ends in an hour": Scenario(
        to_graphql, {"status": 403, "headers": far(), "times": ALWAYS}, "rate limit", NOTHING
    ),
    "a bad gateway": Scenario(to_reviews, {"status": 502, "text": HTML}),
    "an internal error after it acted": Scenario(to_reviews, {"status": 500, "acts": True}),
    "the service is unavailable": Scenario(to_comments, {"status": 503}),
    "a reset before it acted": Scenario(to_reviews, {"cut": True}),
    "a reset after it acted": Scenario(to_reviews, {"cut": True, "acts": True}),
    "a reset after the summary": Scenario(to_comments, {"cut": True, "acts": True}),
    "half an answer": Scenario(to_comments, {"truncate": True, "acts": True}),
    "a page in place of JSON": Scenario(to_graphql, {"status": 200, "text": HTML}),
    "another JSON": Scenario(to_graphql, {"status": 200, "text": '{"data": []}'}),
    "an error with 200": Scenario(
        to_graphql, {"status": 200, "text": ERRORS, "times": ALWAYS}, "(INTERNAL)", NOTHING
    ),
    "the status is refused": Scenario(
        to_statuses, {"status": 403, "times": ALWAYS}, "The commit status was not set.", inputs=STATUS
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_ends_in_its_documented_state(terraform: World, service: FakeGitHub, name: str) -> None:
    scenario = SCENARIOS[name]
    terraform.inputs |= scenario.inputs
    service.faults = [Fault(scenario.on, **scenario.fault)]
    result = start(terraform, service)
    unharmed(result)
    assert scenario.said in result.log
    assert bool(of_the_endpoint(service)) == ("lines" in scenario.posted)
    assert bool(service.pull.issue_comments) == ("summary" in scenario.posted)
    once(service)
    service.faults = []
    unharmed(start(terraform, service))
    assert len(of_the_endpoint(service)) == 1
    once(service)


def unharmed(result: Result) -> None:
    """Check that verdict, job summary and annotations are those of the review."""
    assert (result.code, result.outputs["conclusion"]) == (1, "failure"), result.log
    assert "EKS-SEC-107" in result.summary
    assert "::error file=infra/eks.tf,line=10" in result.log
    assert TOKEN not in result.log + result.summary + str(result.outputs)


def of_the_endpoint(service: FakeGitHub) -> list[str]:
    return [each.root.body for each in service.pull.threads if "EKS-SEC-107" in each.root.body]


def once(service: FakeGitHub) -> None:
    bodies = [each.root.body for each in service.pull.threads]
    assert len(bodies) == len(set(bodies)), "no comment twice"
    assert len(service.pull.issue_comments) <= 1, "no summary twice"


def test_token_is_nowhere_but_in_the_requests(terraform: World, service: FakeGitHub, tmp_path: Path) -> None:
    """Not in what is posted, written or printed, and not in the environment of any process that is started."""
    terraform.inputs |= {"json-file": "r.json", "sarif-file": "r.sarif", "html-file": "r.html"} | STATUS
    seen = tmp_path / "seen"
    seen.mkdir()
    spy = tmp_path / "bin"
    spy.mkdir()
    real = terraform.git("--exec-path")
    (spy / "git").write_text(f'#!/bin/sh\n/usr/bin/env > "{seen}/$$"\nexec "{real}/git" "$@"\n')
    (spy / "git").chmod(0o755)
    result = start(terraform, service, PATH=f"{spy}:/usr/bin:/bin", GITHUB_TOKEN=TOKEN, RUNNER_DEBUG="1")
    unharmed(result)
    environments = [each.read_text() for each in seen.iterdir()]
    assert environments, "git was started"
    assert all(TOKEN not in each for each in environments)
    reports = [(terraform.root / name).read_text() for name in ("r.json", "r.sarif", "r.html")]
    posted = [each.root.body for each in service.pull.threads] + [service.pull.issue_comments[0].body]
    sent = [json.dumps(each.body) for each in service.requests]
    assert all(TOKEN not in each for each in [*reports, *posted, *sent])
    assert (
        TOKEN not in (terraform.files / "output").read_text() + (terraform.files / "summary.md").read_text()
    )
