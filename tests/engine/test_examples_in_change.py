"""What a check finds in its own example it also finds when a pull request adds that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import from_directories
from reviewer.checks import CHECKS
from reviewer.config.config import Config
from reviewer.finding import Status
from reviewer.pipeline import review
from tests.checks.harness import TODAY
from tests.checks.test_examples import marked_lines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reviewer.checks.check import Check

SECTIONS = ("EKS-CFG", "EKS-SEC")


def save(files: Iterable[tuple[str, str]], folder: Path) -> Path:
    for path, text in (("versions.tf", "terraform {\n}\n"), *files):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "check", [pytest.param(each, id=each.id) for each in CHECKS.values() if each.id.startswith(SECTIONS)]
)
def test_the_bad_example_is_introduced_where_it_is_marked(check: Check, tmp_path: Path) -> None:
    bad = check.documentation.bad
    change = from_directories(save((), tmp_path / "base"), save(bad.files, tmp_path / "head"))
    found = review(change, Config(select=(check.id,)), today=TODAY).findings
    assert {(each.path, each.line) for each in found if each.status is Status.INTRODUCED} == set(
        marked_lines(bad)
    )


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('provider "grafana" {\n  auth = "S3cr3t-Pa55"\n}\n', 2),
        ('output "admin_password" {\n  value = "S3cr3t-Pa55"\n}\n', 2),
        ('locals {\n  db_password = "S3cr3t-Pa55"\n}\n', 2),
    ],
)
def test_a_secret_outside_of_resources_is_introduced_and_left_alone_afterwards(
    code: str, line: int, tmp_path: Path
) -> None:
    base, head = save((), tmp_path / "base"), save((("main.tf", code),), tmp_path / "head")
    config = Config(select=("EKS-SEC-302",))
    found = review(from_directories(base, head), config, today=TODAY).findings
    assert [(each.path, each.comment_line, each.status) for each in found] == [
        ("main.tf", line, Status.INTRODUCED)
    ]
    later = save((("main.tf", code), ("other.tf", 'resource "aws_vpc" "x" {\n}\n')), tmp_path / "later")
    assert review(from_directories(head, later), config, today=TODAY).findings == ()
