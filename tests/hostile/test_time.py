"""A review ends when its time is over: with what it has found, and never as a success."""

from __future__ import annotations

import threading
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from reviewer import pipeline
from reviewer.change.change import from_git
from reviewer.change.errors import GitFailedError
from reviewer.change.git import GitRepository
from reviewer.checks import CHECKS
from reviewer.cli.main import main
from reviewer.config.config import Config
from reviewer.deadline import Deadline, OutOfTimeError
from reviewer.review import Conclusion
from tests.change.repo import Repo
from tests.hostile.changes import change_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewer.checks.problem import Problem

RULE = """\
resource "aws_vpc_security_group_ingress_rule" "{name}" {{
  security_group_id = "sg-1"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}}
"""
OUT_OF_TIME = "not analysed: the review took longer than 1 seconds (`time-budget`)"


def endless(*_arguments: object) -> Iterator[Problem]:
    for _ in count():
        try:
            pass
        except Exception:  # noqa: BLE001, S112 - the alarm must get through this, too
            continue
    yield from ()


def test_a_root_that_takes_too_long_is_named_and_the_review_incomplete() -> None:
    endless_in_b = replace(
        CHECKS["EKS-SEC-101"],
        function=lambda subject, context: (
            endless() if context.root.folder == "b" else CHECKS["EKS-SEC-101"].function(subject, context)
        ),
    )
    change = change_of({f"{folder}/main.tf": RULE.format(name="x") for folder in "abc"})
    review = pipeline.review(
        change, Config(time_budget=1), today=date(2026, 11, 23), checks={"EKS-SEC-101": endless_in_b}
    )
    assert [(each.id, each.path) for each in review.findings] == [("EKS-SEC-101", "a/main.tf")]
    assert [(each.path, each.reason) for each in review.coverage.files_not_analysed] == [
        ("b", OUT_OF_TIME),
        ("c", OUT_OF_TIME),
    ]
    assert review.verdict.conclusion is Conclusion.FAILURE
    assert review.verdict.reason == (
        "1 new finding is high or worse. The review is incomplete: 2 modules could not be analysed."
    )


def test_a_root_module_with_many_environments_is_named_once() -> None:
    checks = {"EKS-SEC-101": replace(CHECKS["EKS-SEC-101"], function=endless)}
    files = {"b/main.tf": 'variable "region" {}\n' + RULE.format(name="x")}
    environments = {f"b/{name}.tfvars": 'region = "eu-west-1"\n' for name in ("dev", "prod", "staging")}
    change = change_of({**files, **environments})
    review = pipeline.review(change, Config(time_budget=1), today=date(2026, 11, 23), checks=checks)
    assert [each.path for each in review.coverage.files_not_analysed] == ["b"]


def test_without_a_finding_the_verdict_is_an_error_and_so_is_an_audit() -> None:
    checks = {"EKS-SEC-101": replace(CHECKS["EKS-SEC-101"], function=endless)}
    change = change_of({"main.tf": RULE.format(name="x")})
    config, today = Config(time_budget=1), date(2026, 11, 23)
    for review in (
        pipeline.review(change, config, today=today, checks=checks),
        pipeline.audit(change.head, config, today=today, checks=checks),
    ):
        assert review.verdict.exit_code == 3
        assert review.verdict.reason == "The review is incomplete: 1 module could not be analysed."
        assert [each.path for each in review.coverage.files_not_analysed] == ["."]


def test_time_that_ends_before_anything_is_known_is_one_message_and_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({".eks-review.yml": "time-budget: 1\n"})
    repo.write("main.tf", RULE.format(name="x"))
    monkeypatch.setattr(pipeline, "sides", endless_sides)
    assert main(["review", "--repo", str(repo.root)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "eks-review: the time was over before anything could be reported."
        " Give it more with `time-budget` in the configuration, or split the change\n"
    )


def endless_sides(*_arguments: object) -> None:
    next(endless(), None)


def test_a_reading_that_was_cut_short_is_not_taken_for_the_answer_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo.create(tmp_path / "repo")
    first = repo.commit({"a.tf": "a\n", "b.tf": "b\n"})
    with GitRepository.open(repo.root) as repository:
        tree_of_commit = repository.tree(first)
        reader = repository.objects()

        def interrupted(_size: int) -> bytes:
            raise OutOfTimeError

        with monkeypatch.context() as patched:
            patched.setattr(reader, "_take", interrupted)
            with pytest.raises(OutOfTimeError):
                tree_of_commit.read("a.tf")
        with pytest.raises(GitFailedError, match="ended unexpectedly"):
            tree_of_commit.read("b.tf")


def test_outside_the_main_thread_time_is_only_told() -> None:
    deadline = Deadline.after(1000)
    entered: list[bool] = []

    def work() -> None:
        with deadline.enforced():
            entered.append(deadline.is_over)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered == [False]


def test_what_starts_too_late_does_not_start() -> None:
    with pytest.raises(OutOfTimeError), Deadline.after(0).enforced():
        pytest.fail("it started")


def test_a_review_in_time_leaves_no_alarm_behind(tmp_path: Path) -> None:
    import signal

    repo = Repo.create(tmp_path / "repo")
    first = repo.commit({"main.tf": "\n"})
    second = repo.commit({"main.tf": RULE.format(name="x")})
    before = signal.getsignal(signal.SIGALRM)
    with GitRepository.open(repo.root) as repository:
        pipeline.review(from_git(repository, first, second), Config(), today=date(2026, 11, 23))
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
