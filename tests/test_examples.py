"""The examples say what their README says: the platform nothing, the pull request exactly its story."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reviewer.change.directory import DirectoryTree
from reviewer.checks import CHECKS
from reviewer.cli.demo import EXAMPLE, TODAY
from reviewer.cli.local import Request, review_directories
from reviewer.config.config import Config
from reviewer.finding import Finding, Status
from reviewer.pipeline import audit

if TYPE_CHECKING:
    from reviewer.review import Review

PLATFORM = Path(__file__).parent.parent / "examples" / "platform"
ROW = re.compile(r"^\| `([^`]+)` \| (EKS-[A-Z]+-\d+) \| (\w+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def platform() -> Review:
    opt_in = tuple(each.id for each in CHECKS.values() if not each.default_on)
    return audit(DirectoryTree(PLATFORM), Config(enable=opt_in), today=date(2026, 11, 23))


def test_every_check_is_silent_on_the_platform(platform: Review) -> None:
    assert [f"{each.path}:{each.line} {each.id} {each.message}" for each in platform.findings] == []


def test_the_platform_is_read_completely(platform: Review) -> None:
    assert platform.coverage.files_not_analysed == ()
    assert platform.notices == ()


@pytest.fixture(scope="module")
def demo() -> Review:
    return review_directories(EXAMPLE / "base", EXAMPLE / "head", Request(EXAMPLE, None, {}, (), TODAY))


def told(title: str) -> set[tuple[str, str, str]]:
    """Return place, id and severity of the rows below a heading of the example's README."""
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    section = text.split(f"### {title}\n", 1)[1].split("\n##", 1)[0]
    return {(match[1], match[2], match[3]) for match in ROW.finditer(section)}


def seen(findings: list[Finding]) -> set[tuple[str, str, str]]:
    return {(f"{each.path}:{each.line}", each.id, each.severity.value) for each in findings}


@pytest.mark.parametrize(
    ("title", "status"),
    [("Introduced", Status.INTRODUCED), ("Already there", Status.EXISTING), ("Fixed", Status.FIXED)],
)
def test_the_demo_tells_its_story(demo: Review, title: str, status: Status) -> None:
    found = [each for each in demo.findings if each.status is status and each.suppressed is None]
    assert seen(found) == told(title)


def test_the_demo_shows_what_is_accepted(demo: Review) -> None:
    assert seen([each for each in demo.findings if each.suppressed]) == told("Accepted")


def test_the_demo_repeats_no_secret(demo: Review) -> None:
    (secret,) = [each for each in demo.findings if each.id == "EKS-SEC-301"]
    line = (EXAMPLE / "head" / secret.path).read_text(encoding="utf-8").splitlines()[secret.line - 1]
    value = line.split('"')[1]
    assert value
    assert secret.excerpt is None
    assert value not in repr(demo)
