"""Modules that call each other without end, too deeply or too often: what is not looked into is named."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from reviewer import pipeline
from reviewer.checks import CHECKS
from reviewer.config.config import Config
from reviewer.terraform import instance, module_instance
from tests.hostile.changes import OPEN_RULE, change_of

if TYPE_CHECKING:
    from reviewer.review import Review


def call(source: str, repeat: str = "", name: str = "x") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  {repeat}\n}}\n'


def review(files: dict[str, str]) -> Review:
    checks = {"EKS-SEC-101": CHECKS["EKS-SEC-101"]}
    return pipeline.review(change_of(files), Config(), today=date(2026, 11, 23), checks=checks)


def chain(length: int, repeat: str = "") -> dict[str, str]:
    """Return a root module and ``length`` modules, each called by the one before; the last has a problem."""
    found = {"main.tf": call("./m1", repeat)}
    found |= {f"m{n}/main.tf": call(f"../m{n + 1}", repeat) for n in range(1, length)}
    return found | {f"m{length}/main.tf": OPEN_RULE}


def found(result: Review) -> list[tuple[str, str]]:
    return [(each.path, each.address) for each in result.findings]


def left_out(result: Review) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in result.coverage.files_not_analysed]


def test_twenty_modules_deep_is_looked_into() -> None:
    result = review(chain(20))
    address = "module.x." * 20 + "aws_vpc_security_group_ingress_rule.ssh"
    assert (found(result), left_out(result)) == ([("m20/main.tf", address)], [])


def test_one_more_is_named_and_the_review_incomplete() -> None:
    result = review(chain(21))
    assert found(result) == []
    assert left_out(result) == [("m21", "not analysed: modules are nested deeper than 20")]
    assert result.verdict.exit_code == 3


def test_modules_that_multiply_are_cut_off_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_instance, "MAX_MODULES", 50)
    result = review(chain(4, "count = 10"))
    reason = "not analysed: there are more than 50 module instances"
    assert left_out(result) == [("m2", reason), ("m3", reason), ("m4", reason)]
    assert result.verdict.reason.endswith("The review is incomplete: 3 modules could not be analysed.")
    assert result.verdict.exit_code == 1


CIRCLES = {
    "itself": {"main.tf": call("./") + OPEN_RULE},
    "two": {"a/main.tf": call("../b") + OPEN_RULE, "b/main.tf": call("../a")},
    "three": {"a/main.tf": call("../b") + OPEN_RULE, "b/main.tf": call("../c"), "c/main.tf": call("../a")},
    "below a root": {
        "main.tf": call("./a"),
        "a/main.tf": call("../b") + OPEN_RULE,
        "b/main.tf": call("../a"),
    },
}


@pytest.mark.parametrize("files", CIRCLES.values(), ids=CIRCLES)
def test_a_circle_ends_and_its_code_is_looked_at(files: dict[str, str]) -> None:
    paths = {path for path, _ in found(review(files))}
    assert paths == {next(path for path, text in files.items() if OPEN_RULE in text)}


SOURCES = [
    "../outside",
    "../../etc",
    "/etc",
    "./../..",
    "./missing",
    "git::https://example.com/x",
    "${path}",
    "",
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_outside_of_the_repository_is_not_followed(source: str) -> None:
    result = review({"main.tf": call(source) + OPEN_RULE})
    assert found(result) == [("main.tf", "aws_vpc_security_group_ingress_rule.ssh")]


REPETITIONS = {
    "a billion": ("count = 1000000000", "aws_vpc_security_group_ingress_rule.ssh"),
    "more than 1,000": (
        "for_each = toset([for n in range(1001) : tostring(n)])",
        "aws_vpc_security_group_ingress_rule.ssh",
    ),
    "three": ("count = 3", "aws_vpc_security_group_ingress_rule.ssh[0]"),
    "itself": (
        "count = length(aws_vpc_security_group_ingress_rule.ssh)",
        "aws_vpc_security_group_ingress_rule.ssh",
    ),
    "a word": ('count = "many"', "aws_vpc_security_group_ingress_rule.ssh"),
}


@pytest.mark.parametrize(("repeat", "address"), REPETITIONS.values(), ids=REPETITIONS)
def test_however_often_a_block_is_repeated_its_problem_is_found(repeat: str, address: str) -> None:
    text = OPEN_RULE.replace("{\n", f"{{\n  {repeat}\n", 1)
    assert found(review({"main.tf": text})) == [("main.tf", address)]


@pytest.mark.parametrize("repeat", ["count = 0", "count = -5", "for_each = {}", "for_each = toset([])"])
def test_what_does_not_exist_has_no_problem(repeat: str) -> None:
    text = OPEN_RULE.replace("{\n", f"{{\n  {repeat}\n", 1)
    assert found(review({"main.tf": text})) == []


def test_repeated_blocks_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "MAX_INSTANCES", 5)
    text = OPEN_RULE.replace("{\n", "{\n  count = 4\n", 1)
    result = review({"main.tf": text + text.replace('"ssh"', '"more"')})
    assert found(result) == [
        ("main.tf", "aws_vpc_security_group_ingress_rule.ssh[0]"),
        ("main.tf", "aws_vpc_security_group_ingress_rule.more"),
    ]
