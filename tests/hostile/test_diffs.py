"""Diffs that are huge: what is too much is named and the review incomplete, and the rest is reviewed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from reviewer import pipeline
from reviewer.change import sections
from reviewer.change.change import from_git
from reviewer.change.diff import parse_diff
from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.review import Conclusion
from tests.change.repo import Repo
from tests.hostile.changes import OPEN_RULE, change_of

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review

IGNORE = '# eks-review:ignore EKS-SEC-101 reason="trust me" until=2027-01-01\n'


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README.md": "x\n", "large.tf": "", "notes.txt": ""})
    repo.git("checkout", "--quiet", "-b", "change")
    return repo


def reviewed(repo: Repo) -> Review:
    with GitRepository.open(repo.root) as repository:
        return pipeline.review(from_git(repository, "main"), Config(), today=date(2026, 11, 23))


def found(review: Review) -> list[tuple[str, str, int]]:
    wanted = (each for each in review.findings if each.id == "EKS-SEC-101" and each.suppressed is None)
    return [(each.id, each.path, each.line) for each in wanted]


def unread(review: Review) -> list[tuple[str, str]]:
    return [(each.path, each.reason) for each in review.coverage.files_not_analysed]


def too_many(lines: str) -> str:
    return f"not analysed: the diff has {lines} changed lines, and the limit is 100,000"


HUGE: dict[str, tuple[str, str]] = {
    "blank lines": ("\n" * 999_990, "999,990"),
    "blank lines of Windows": ("\r\n" * 400_000, "400,000"),
    "lines that look like a diff": ("+\n" * 200_000, "200,000"),
    "lines that look like files of a diff": ("diff --git a/x b/x\n" * 45_000 + "-\n" * 55_001, "100,001"),
    "lines that look like hunks": ("@@ -1 +1 @@\n" * 80_000 + "\n" * 20_001, "100,001"),
    "no last line end": ("\n" * 100_000 + "#", "100,001"),
}


@pytest.mark.parametrize(("content", "lines"), HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("path", ["large.tf", "new.tf"])
def test_a_file_with_too_many_changed_lines_is_named_and_the_rest_reviewed(
    repo: Repo, path: str, content: str, lines: str
) -> None:
    repo.write(path, content)
    repo.write("main.tf", OPEN_RULE)
    for place in ("untracked", "committed"):
        if place == "committed":
            repo.commit()
        review = reviewed(repo)
        assert (path, too_many(lines)) in unread(review)
        assert found(review) == [("EKS-SEC-101", "main.tf", 3)]
        assert review.verdict.conclusion is Conclusion.FAILURE


def test_as_many_changed_lines_as_are_allowed_are_reviewed(repo: Repo) -> None:
    repo.commit({"main.tf": "\n" * (100_000 - OPEN_RULE.count("\n")) + OPEN_RULE})
    review = reviewed(repo)
    assert unread(review) == []
    assert found(review) == [("EKS-SEC-101", "main.tf", 99_996)]


def test_added_and_removed_lines_count_together(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"large.tf": "# a\n" * 60_000, "gone.tf": "\n" * 100_001})
    repo.git("checkout", "--quiet", "-B", "change")
    (repo.root / "gone.tf").unlink()
    repo.commit({"large.tf": "# b\n" * 60_000})
    review = reviewed(repo)
    assert unread(review) == [("gone.tf", too_many("100,001")), ("large.tf", too_many("120,000"))]
    assert review.verdict.conclusion is Conclusion.ERROR


def test_what_is_not_reviewed_may_have_any_number_of_lines(repo: Repo) -> None:
    repo.commit({"notes.txt": "x\n" * 300_000, "main.tf": OPEN_RULE})
    review = reviewed(repo)
    assert unread(review) == []
    assert found(review) == [("EKS-SEC-101", "main.tf", 3)]


def test_the_lines_of_all_files_are_limited_too() -> None:
    files = {f"{name}.tf": "\n" * 99_000 for name in "abcde"} | {"f.tf": "\n" * 5_001, "g.tf": OPEN_RULE}
    review = pipeline.review(change_of(files), Config(), today=date(2026, 11, 23))
    reason = "not analysed: the reviewed files have more than 500,000 changed lines"
    assert unread(review) == [("f.tf", reason), ("g.tf", reason)]
    assert review.verdict.conclusion is Conclusion.ERROR
    assert review.verdict.reason == "The review is incomplete: 2 changed files could not be read completely."


def test_no_more_than_some_megabytes_of_a_diff_are_kept() -> None:
    text = f"diff --git a/{{}} b/{{}}\n--- a/{{}}\n+++ b/{{}}\n@@ -0,0 +1 @@\n+{'x' * 2_000_000}\n"
    names = [f"{number:02}.tf" for number in range(40)]
    files = parse_diff(text.replace("{}", name).encode() for name in names)
    reason = "the diff of the whole change is larger than 64 MiB"
    assert [each.path for each in files] == names
    assert [each.left_out for each in files] == [""] * 33 + [reason] * 7
    assert all(each.changed_lines == 1 for each in files)
    assert not any(each.hunks for each in files[33:])


def test_a_line_end_in_the_middle_of_a_piece_is_found_in_linear_time() -> None:
    whole = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+" + b"x" * 3_000_000 + b"\n+y\n"
    pieces = (whole[at : at + 7] for at in range(0, len(whole), 7))
    assert list(sections.sections(pieces)) == [whole]


def test_a_suppression_that_nobody_sees_in_the_diff_does_not_count_yet(repo: Repo) -> None:
    repo.commit({"main.tf": IGNORE + OPEN_RULE + "\n" * 100_000})
    review = reviewed(repo)
    assert unread(review) == [("main.tf", too_many("100,008"))]
    assert [each.checks for each in review.new_suppressions] == [("EKS-SEC-101",)]


def test_a_file_that_becomes_a_link_brings_no_suppression_in(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main.tf": OPEN_RULE.replace("0.0.0.0/0", "10.0.0.0/8")})
    repo.git("checkout", "--quiet", "-B", "change")
    (repo.root / "main.tf").unlink()
    repo.link("main.tf", "rules.txt")
    repo.commit({"rules.txt": IGNORE + OPEN_RULE})
    review = reviewed(repo)
    assert found(review) == [("EKS-SEC-101", "main.tf", 4)]
    assert [each.checks for each in review.new_suppressions] == [("EKS-SEC-101",)]
    assert review.verdict.conclusion is Conclusion.FAILURE
