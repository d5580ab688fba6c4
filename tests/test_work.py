"""How much work a review does, in files, expressions and evaluations: what makes it slow shows here, not on a clock."""

from __future__ import annotations

import sys
from collections import Counter as Counts
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import inputs, terraform
from reviewer import pipeline
from reviewer.change.change import Change
from reviewer.change.directory import diff_directories
from reviewer.cli.main import main
from reviewer.config.config import Config
from reviewer.terraform.configuration import Sources
from reviewer.terraform.module_instance import ModuleInstance
from reviewer.views.iam.iam_statement import IamStatement
from tests.change.test_search import processes
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from reviewer.review import Review


class Work:
    """What one review did."""

    def __init__(self, review: Review, files: int, expressions: int, attributes: int, searches: int) -> None:
        self.review = review
        self.files = files
        self.expressions = expressions
        self.attributes = attributes
        self.searches = searches


class Counter:
    """Reviews changes and counts the work; ``folder`` is where they are written for git to compare."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.number = 0

    def review(self, base: Mapping[str, str], changed: Mapping[str, str]) -> Work:
        self.number += 1
        head = {**base, **changed}
        folders = {"base": base, "head": head}
        for name, texts in folders.items():
            for path, text in texts.items():
                place = self.folder / str(self.number) / name / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
        files = diff_directories(*(self.folder / str(self.number) / name for name in folders))
        sources, attributes, searches = Sources(), 0, 0
        evaluate, search = ModuleInstance.value_of, IamStatement._of

        def counted_attribute(*arguments: Any, **named: Any) -> Any:
            nonlocal attributes
            attributes += 1
            return evaluate(*arguments, **named)

        def counted_search(*arguments: Any) -> Any:
            nonlocal searches
            searches += 1
            return search(*arguments)

        with self.monkeypatch.context() as patched:
            patched.setattr(pipeline, "Sources", lambda: sources)
            patched.setattr(ModuleInstance, "value_of", counted_attribute)
            patched.setattr(IamStatement, "_of", counted_search)
            review = pipeline.review(
                Change(tree(base), tree(head), files), Config(), today=date(2026, 11, 23)
            )
        return Work(review, sources.parsed, sources.expressions.parsed, attributes, searches)


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(tmp_path, monkeypatch)


def test_what_base_and_head_share_is_parsed_once(counter: Counter) -> None:
    base, changed = inputs.small()
    work = counter.review(base, changed)
    assert work.files == len(base) + len(changed)
    assert work.review.coverage.blocks_touched == 5


def test_other_root_modules_are_not_read(counter: Counter) -> None:
    base, changed = inputs.small()
    alone = counter.review(base, changed)
    others = {
        f"teams/{team}/{path}": text
        for team in range(20)
        for path, text in terraform.module(20, 1, start=team * 20).items()
    }
    among = counter.review({**base, **others}, changed)
    assert (among.files, among.expressions, among.attributes) == (
        alone.files,
        alone.expressions,
        alone.attributes,
    )


def test_a_large_repository_is_listed_twice_and_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {
        f"teams/{team}/{path}": text
        for team in range(10)
        for path, text in terraform.module(20, 1, start=team * 20).items()
    }
    base, changed = inputs.small()
    case = inputs.Case("many", "", lambda: ({**base, **others}, changed))
    inputs.make(case, tmp_path / "repository")
    commands = processes(monkeypatch)
    main(["review", "--base", "main", "--repo", str(tmp_path / "repository")])
    listed = ["rev-parse", "rev-parse", "diff", "ls-files", "ls-tree"]
    # One search for all that Terraform code may say, and one in files of any kind.
    assert sorted(commands) == sorted([*listed, "cat-file", "grep", "grep"])


def test_a_change_of_comments_and_layout_evaluates_nothing(counter: Counter) -> None:
    base, _ = inputs.small()
    path = "rules_0007.tf"
    work = counter.review(base, {path: f"# note\n\n{base[path]}"})
    assert work.review.coverage.blocks_touched == 0
    assert work.review.coverage.decided == ("EKS-DOC-101",)  # it is about the repository as a whole


def test_work_grows_with_the_change_and_no_faster(counter: Counter) -> None:
    sizes = (20, 40, 80)
    works = [counter.review(*inputs.large(size)) for size in sizes]
    for less, more in pairwise(works):
        assert more.files <= 2.2 * less.files
        assert more.expressions <= 2.2 * less.expressions
        assert more.attributes <= 2.2 * less.attributes
        assert more.searches <= 2.3 * less.searches


def test_work_grows_with_the_instances_of_a_block_and_no_faster(counter: Counter) -> None:
    calls = []
    for teams in (40, 80):
        base, changed = ({path: _of(teams, text) for path, text in each.items()} for each in inputs.values())
        with counted_calls() as counts:
            counter.review(base, changed)
        calls.append(counts.total())
    assert calls[1] <= 2.1 * calls[0]


def _of(teams: int, text: str) -> str:
    return text.replace("range(200)", f"range({teams})")


@contextmanager
def counted_calls() -> Iterator[Counts[str]]:
    """Count the calls of our own functions, by name."""
    counts: Counts[str] = Counts()

    def profile(frame: FrameType, event: str, argument: object) -> None:
        del argument
        if event == "call" and "/reviewer/" in frame.f_code.co_filename:
            counts[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def test_equal_expressions_are_parsed_once(counter: Counter) -> None:
    base, changed = inputs.findings()
    work = counter.review(base, changed)
    assert len(work.review.findings) == 2_000
    assert work.expressions < 4_500
