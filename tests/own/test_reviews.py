"""Policies in whole reviews: touched, introduced, placed, suppressed, incomplete, and read from the base branch."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from reviewer.github.event import Event, EventKind, PullRequest, Servers
from reviewer.github.inputs import read_inputs
from reviewer.github.sources import review_event
from reviewer.review import Conclusion
from tests.change.repo import Repo
from tests.command import TODAY, run
from tests.own.policies import BUCKET, NAMED, policy

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from reviewer.review import Review

pytest.importorskip("regopy", reason="the Rego engine is not installed on this system")

CONFIG = 'policies: [".eks-review/*.rego"]\nselect: OWN\n'
RULES = {".eks-review.yml": CONFIG, ".eks-review/names.rego": NAMED}
OURS, THEIRS = BUCKET.format('"acme-logs"'), BUCKET.format('"misc-logs"')


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def reviewed(repo: Repo, base: str, *options: str) -> dict[str, Any]:
    done = run("review", "--base", base, "--format", "json", *options, *TODAY, cwd=repo.root)
    assert done.code in {0, 1, 3}, done.err
    return {**json.loads(done.out), "code": done.code}


def test_a_policy_finds_what_the_change_brings_in_and_comments_on_its_line(repo: Repo) -> None:
    base = repo.commit({**RULES, "old.tf": THEIRS.replace('"b"', '"old"'), "main.tf": OURS})
    repo.commit({"main.tf": THEIRS.replace('"b"', '"c"')})
    review = reviewed(repo, base)
    assert review["code"] == 1
    [found] = review["findings"]
    assert (found["id"], found["name"], found["path"], found["line"]) == ("OWN-A-1", "a-rule", "main.tf", 2)
    assert (found["status"], found["placement"], found["comment_line"]) == ("introduced", "inline", 2)
    assert (found["message"], found["title"]) == ("`misc-logs` is not ours.", "A rule of ours is broken")
    assert (found["issue"], found["severity"], found["pillar"]) == ("own", "high", "security")


def test_the_comment_stands_where_the_value_comes_from(repo: Repo) -> None:
    code = 'variable "name" {\n  type = string\n}\n\n' + BUCKET.format("var.name")
    base = repo.commit({**RULES, "main.tf": code, "terraform.tfvars": 'name = "acme-logs"\n'})
    repo.commit({"terraform.tfvars": 'name = "misc-logs"\n'})
    [found] = reviewed(repo, base)["findings"]
    assert (found["path"], found["line"], found["address"]) == ("terraform.tfvars", 1, "aws_s3_bucket.b")


def test_unknown_is_not_evaluated_although_a_negation_would_hold(repo: Repo) -> None:
    base = repo.commit({**RULES, "main.tf": ""})
    repo.commit({"main.tf": 'variable "name" {}\n' + BUCKET.format("var.name")})
    review = reviewed(repo, base)
    assert (review["code"], review["findings"]) == (0, [])
    [undecided] = review["coverage"]["not_evaluated"]
    assert undecided["reason"] == "`bucket`: `var.name` has no value in the code"


def test_own_checks_are_suppressed_ranked_and_switched_off_like_others(repo: Repo) -> None:
    ignore = '  # eks-review:ignore OWN-A-1 reason="moves soon" until=2027-01-01\n  bucket'
    base = repo.commit({**RULES, "main.tf": "", "b.tf": ""})
    repo.commit({"main.tf": THEIRS.replace("  bucket", ignore)})
    config = repo.root / ".eks-review.yml"
    config.write_text(CONFIG + "new-suppressions: at-once\n")
    review = reviewed(repo, base)
    assert review["code"] == 0
    assert [each["suppressed"]["reason"] for each in review["findings"]] == ["moves soon"]
    config.write_text(CONFIG + "severity: {OWN-A-1: low}\n")
    assert [each["severity"] for each in reviewed(repo, base)["findings"]] == ["low"]
    config.write_text(CONFIG + "ignore: OWN-A-1\n")
    assert reviewed(repo, base)["findings"] == []


def test_a_policy_that_fails_makes_the_review_incomplete(repo: Repo) -> None:
    careless = policy('deny contains "x" if startswith(input.values.tags.Owner, "a")')
    base = repo.commit({**RULES, ".eks-review/names.rego": careless, "main.tf": ""})
    repo.commit({"main.tf": 'resource "aws_s3_bucket" "b" {\n  tags = { Owner = 1 }\n}\n'})
    review = reviewed(repo, base)
    assert (review["code"], review["verdict"]["conclusion"]) == (3, "error")
    assert review["verdict"]["reason"] == (
        "The review is incomplete: OWN-A-1 failed: `.eks-review/names.rego`: a built-in function got a value "
        "that it does not take; test its type first."
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("deny := true", "`deny` must be a set: write `deny contains … if`"),
        ("deny contains 1", "a problem is a text, or an object with the texts attribute, hint, key, message"),
        ('deny contains {"mesage": "x"}', "a problem is a text, or an object with the texts"),
        ('deny contains {"message": " "}', "a problem has no message"),
    ],
)
def test_an_answer_of_another_form_is_a_failure(repo: Repo, rule: str, message: str) -> None:
    base = repo.commit({**RULES, ".eks-review/names.rego": policy(rule), "main.tf": ""})
    repo.commit({"main.tf": OURS})
    review = reviewed(repo, base)
    assert review["code"] == 3
    assert message in review["verdict"]["reason"]


def test_what_a_policy_says_of_hostile_code_is_harmless(repo: Repo) -> None:
    said = policy(
        'deny contains {"message": input.values.bucket, "attribute": "bucket"} if input.values.bucket'
    )
    hostile = BUCKET.format('"<img src=x> @everyone [a](https://evil.example)"')
    base = repo.commit({**RULES, ".eks-review/names.rego": said, "main.tf": ""})
    repo.commit({"main.tf": hostile})
    [found] = reviewed(repo, base)["findings"]
    assert "<img" not in found["message"]
    assert "@everyone" not in found["message"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "`policies` in the configuration names '.eks-review/*.rego', and there is no such file"),
        ({".eks-review/a.rego": NAMED, ".eks-review/b.rego": NAMED}, ".eks-review/b.rego:1: another check is called OWN-A-1 or a-rule"),
        ({".eks-review/a.rego": NAMED + "deny contains 1 if {"}, ".eks-review/a.rego:1"),
        ({".eks-review/a.rego": b"\xff"}, ".eks-review/a.rego: the policy is not valid UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_ends_the_run(repo: Repo, files: dict[str, str | bytes], message: str) -> None:
    repo.commit({".eks-review.yml": CONFIG, "main.tf": OURS, **files})
    done = run("audit", *TODAY, cwd=repo.root)
    assert done.code == 2
    assert message in done.err


def event(repo: Repo, base: str, head: str) -> Event:
    pull = PullRequest(7, "main", "acme/infra")
    servers = Servers(
        "https://api.github.example", "https://api.github.example/graphql", "https://github.example"
    )
    return Event(EventKind.PULL_REQUEST, "acme/infra", base, head, "main", pull, servers, repo.root, "1")


def on_github(repo: Repo, base: str, head: str) -> Review:
    """Review a pull request as the action does, from its checkout."""

    def no_connection() -> Any:
        raise AssertionError("the checkout has everything")

    repo.git("checkout", "--quiet", head)
    return review_event(event(repo, base, head), read_inputs({}), date(2026, 11, 23), no_connection)[0]


def test_the_policies_of_the_base_branch_hold_whatever_the_change_does_to_them(repo: Repo) -> None:
    base = repo.commit({**RULES, "main.tf": OURS})
    harmless = NAMED.replace('startswith(input.values.bucket, "acme-")', "input.values.bucket")
    head = repo.commit({".eks-review/names.rego": harmless, "main.tf": THEIRS})
    review = on_github(repo, base, head)
    assert review.verdict.conclusion is Conclusion.FAILURE
    assert [each.id for each in review.findings] == ["OWN-A-1"]
    [told] = [each for each in review.notices if each.urgent]
    assert (told.path, told.message) == (
        ".eks-review/names.rego",
        (
            "This change edits the policy `.eks-review/names.rego`. The review ran with the policies of the base "
            "branch; the new ones hold once it is merged."
        ),
    )


def test_a_policy_that_the_change_breaks_is_called_out(repo: Repo) -> None:
    base = repo.commit({**RULES, "main.tf": OURS})
    head = repo.commit({".eks-review/names.rego": NAMED.replace("severity: high", "severity: hihg")})
    [told] = [each.message for each in on_github(repo, base, head).notices if each.urgent]
    assert (
        '`.eks-review/names.rego:1: custom.severity: "hihg" is not one of critical, high, medium, low`'
        in told
    )
    assert "every review after the merge would fail" in told


def test_a_change_cannot_bring_a_policy_of_its_own(repo: Repo) -> None:
    base = repo.commit({"main.tf": OURS})
    head = repo.commit({**RULES, "main.tf": THEIRS})
    assert "OWN-A-1" not in {each.id for each in on_github(repo, base, head).findings}
