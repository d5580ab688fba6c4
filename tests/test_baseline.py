"""The baseline: what stood when a team began is accepted, and nothing that a change brings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reviewer import baseline, pipeline
from reviewer.baseline import parse, text_of
from reviewer.change.directory import DirectoryTree
from reviewer.config.choices import FailOn, Gate, NewSuppressions
from reviewer.config.config import Config
from reviewer.engine.settings import Given
from reviewer.errors import UsageError
from reviewer.finding import Pillar, Status
from reviewer.report import Format, render
from reviewer.report import json as json_report
from reviewer.review import BaselineEntry, Conclusion
from tests.change.repo import Repo
from tests.command import TODAY, run
from tests.imported.world import TODAY as DAY
from tests.imported.world import change, of, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reviewer.review import Review

NAME = ".eks-review-baseline.json"
LOGS = 'resource "aws_cloudwatch_log_group" "{name}" {{\n  name = "/{name}"\n}}\n'
OLD = {"a/logs.tf": LOGS.format(name="api"), "b/logs.tf": LOGS.format(name="jobs")}

MEDIUM = Config(select=("EKS-OBS-102",), fail_on=FailOn.MEDIUM)


def audit(root: Path, files: Mapping[str, str], config: Config = MEDIUM, **more: Any) -> Review:
    return pipeline.audit(DirectoryTree(write(root, dict(files))), config, today=DAY, **more)


def written(root: Path, files: Mapping[str, str] = OLD) -> str:
    """Return the baseline that accepts what an audit of ``files`` finds."""
    return baseline.renewed(audit(root, files), parse(b'{"schema": 1, "findings": []}', NAME))


def review(root: Path, base: Mapping[str, str], head: Mapping[str, str], config: Config) -> Review:
    return pipeline.review(change(root, dict(base), dict(head)), config, today=DAY)


def by_path(review: Review) -> dict[str, tuple[Status, bool]]:
    return {each.path: (each.status, each.baselined) for each in review.findings}


# --- the file -------------------------------------------------------------------------------------


def test_the_file_is_sorted_has_no_lines_and_a_problem_a_line(tmp_path: Path) -> None:
    text = written(tmp_path / "a")
    rows = [json.loads(row.strip().rstrip(",")) for row in text.split("\n") if "fingerprint" in row]
    assert [(each["path"], each["id"], each["address"]) for each in rows] == [
        ("a/logs.tf", "EKS-OBS-102", "aws_cloudwatch_log_group.api"),
        ("b/logs.tf", "EKS-OBS-102", "aws_cloudwatch_log_group.jobs"),
    ]
    assert all(set(each) == {"path", "id", "address", "fingerprint"} for each in rows)
    shifted = {path: f"\n\n{code}" for path, code in OLD.items()}
    assert written(tmp_path / "b", shifted) == text


def test_entries_know_their_lines(tmp_path: Path) -> None:
    entries = parse(written(tmp_path).encode(), NAME).entries
    assert [(each.path, each.line) for each in entries] == [("a/logs.tf", 5), ("b/logs.tf", 6)]
    assert parse(text_of(entries).encode(), NAME).entries == entries


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'{"schema": 1,\n "findings": [',
            f"{NAME}:2:15: the baseline is not valid JSON: Input data was truncated",
        ),
        (
            b'{"schema": 2, "findings": []}',
            f"{NAME}: the baseline is not as it should be: Invalid enum value 2",
        ),
        (
            b'{"schema": 1}',
            f"{NAME}: the baseline is not as it should be: Object missing required field `findings`",
        ),
        (b'{"schema": 1, "findings": [{"id": "x"}]}', "missing required field `path` - at `$.findings[0]`"),
        (
            b'{"schema": 1, "findings": [{"path": "a", "id": "b", "address": "c", "fingerprint": "", "x": 1}]}',
            "Object contains unknown field `x` - at `$.findings[0]`",
        ),
        (
            b'{"schema": 1, "findings": [{"path": "a", "id": "b", "address": "c", "fingerprint": "<!--"}]}',
            f"{NAME}: entry 1 has '<!--' for a fingerprint, which is none",
        ),
        (b'{"schema": 1, "x": ' + b"[" * 100_000, f"{NAME}: the baseline is nested too deeply"),
    ],
)
def test_what_is_wrong_with_it_is_named(content: bytes, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(content, NAME)
    assert message in str(raised.value)


# --- audits ---------------------------------------------------------------------------------------


def test_an_audit_passes_with_what_is_accepted_and_shows_it(tmp_path: Path) -> None:
    assert audit(tmp_path / "a", OLD).verdict.conclusion is Conclusion.FAILURE
    result = audit(tmp_path / "b", {**OLD, NAME: written(tmp_path / "w")})
    assert result.verdict.conclusion is Conclusion.SUCCESS
    assert result.verdict.reason == "Every finding is in the baseline, 2 in all."
    assert by_path(result) == {
        "a/logs.tf": (Status.EXISTING, True),
        "b/logs.tf": (Status.EXISTING, True),
    }
    assert "In the baseline (2)" in render(Format.TEXT, result)
    assert render(Format.MARKDOWN, result).count(" (in the baseline):") == 2


def test_the_score_tells_the_truth_all_the_same(tmp_path: Path) -> None:
    plain = audit(tmp_path / "a", OLD).scorecard
    assert audit(tmp_path / "b", {**OLD, NAME: written(tmp_path / "w")}).scorecard == plain
    assert (plain[Pillar.OPERATIONAL_EXCELLENCE].score or 100) < 100


def test_what_is_new_fails_an_audit(tmp_path: Path) -> None:
    files = {**OLD, "c/logs.tf": LOGS.format(name="more"), NAME: written(tmp_path / "w")}
    result = audit(tmp_path / "a", files)
    assert result.verdict.reason == "1 finding is medium or worse."
    assert by_path(result)["c/logs.tf"] == (Status.EXISTING, False)


def test_entries_whose_problem_is_gone_are_told(tmp_path: Path) -> None:
    fixed = OLD["b/logs.tf"].replace("\n}", "\n  retention_in_days = 30\n}")
    result = audit(tmp_path / "a", {**OLD, "b/logs.tf": fixed, NAME: written(tmp_path / "w")})
    assert result.baseline is not None
    assert [each.path for each in result.baseline.stale] == ["b/logs.tf"]
    assert "No longer in need of the baseline (1)" in render(Format.TEXT, result)
    assert "## No longer in need of the baseline" in render(Format.MARKDOWN, result)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (Config(select=("EKS-OBS-101",)), ""),  # the check did not run
        (MEDIUM, "a"),  # the audit was of another folder
    ],
)
def test_what_was_not_looked_at_is_not_called_gone(tmp_path: Path, config: Config, path: str) -> None:
    files = {"a/logs.tf": OLD["a/logs.tf"], "b/logs.tf": "locals {}\n", NAME: written(tmp_path / "w")}
    result = audit(tmp_path / "a", files, config, path=path)
    assert result.baseline is not None
    assert result.baseline.stale == ()


def test_a_value_that_nobody_knows_is_not_called_gone(tmp_path: Path) -> None:
    unknown = LOGS.format(name="jobs").replace("\n}", "\n  retention_in_days = var.days\n}")
    files = {"b/logs.tf": unknown + 'variable "days" {\n  type = number\n}\n', NAME: written(tmp_path / "w")}
    result = audit(tmp_path / "a", files, path="b")
    assert result.baseline is not None
    assert [each.id for each in result.coverage.not_evaluated] == ["EKS-OBS-102"]
    assert result.baseline.stale == ()


def test_every_address_of_a_line_must_be_accepted(tmp_path: Path) -> None:
    """One line makes the problem at each address of a ``for_each``: one more address is one more problem."""
    many = 'resource "aws_cloudwatch_log_group" "all" {\n  for_each = toset(%s)\n  name     = each.key\n}\n'
    text = written(tmp_path / "w", {"logs.tf": many % '["a", "b"]'})
    assert text.count("fingerprint") == 2
    fewer = audit(tmp_path / "a", {"logs.tf": many % '["b"]', NAME: text})
    assert by_path(fewer) == {"logs.tf": (Status.EXISTING, True)}
    more = audit(tmp_path / "b", {"logs.tf": many % '["a", "b", "c"]', NAME: text})
    assert by_path(more) == {"logs.tf": (Status.EXISTING, False)}


# --- reviews --------------------------------------------------------------------------------------

TOUCHED = Config(select=("EKS-OBS-102",), fail_on=MEDIUM.fail_on, gate=Gate.TOUCHED)


def test_old_problems_do_not_fail_a_gate_on_all_that_is_touched(tmp_path: Path) -> None:
    base = {**OLD, NAME: written(tmp_path / "w")}
    head = {**base, "a/logs.tf": OLD["a/logs.tf"].replace('"/api"', '"/apis"')}
    assert (
        review(tmp_path / "a", OLD, {**OLD, "a/logs.tf": head["a/logs.tf"]}, TOUCHED).verdict.exit_code == 1
    )
    result = review(tmp_path / "b", base, head, TOUCHED)
    assert result.verdict.exit_code == 0
    assert by_path(result) == {"a/logs.tf": (Status.EXISTING, True)}


def test_what_a_change_brings_is_never_accepted(tmp_path: Path) -> None:
    """Not even when its line is in the baseline: it was fixed once, and comes back."""
    base = {"b/logs.tf": OLD["b/logs.tf"], NAME: written(tmp_path / "w")}
    result = review(tmp_path / "a", base, {**base, **OLD}, MEDIUM)
    assert by_path(result) == {"a/logs.tf": (Status.INTRODUCED, False)}
    assert result.verdict.exit_code == 1


def test_a_change_that_extends_the_baseline_is_called_out_and_gains_nothing(tmp_path: Path) -> None:
    edited = {**OLD, "a/logs.tf": OLD["a/logs.tf"].replace('"/api"', '"/apis"')}
    head = {**edited, NAME: written(tmp_path / "w")}
    result = review(tmp_path / "a", OLD, head, TOUCHED)
    assert result.verdict.exit_code == 1
    assert result.baseline is not None
    assert [each.path for each in result.baseline.added] == ["a/logs.tf", "b/logs.tf"]
    assert "Added to the baseline by this change (2)" in render(Format.TEXT, result)
    markdown = render(Format.MARKDOWN, result)
    assert "### ⚠️ Baseline extended by this change (2)" in markdown
    assert f"`aws_cloudwatch_log_group.api` · `{NAME}:5`" in markdown
    assert "Baseline extended by this change" in render(Format.HTML, result)


def test_it_counts_at_once_where_suppressions_do(tmp_path: Path) -> None:
    edited = {**OLD, "a/logs.tf": OLD["a/logs.tf"].replace('"/api"', '"/apis"')}
    head = {**edited, NAME: written(tmp_path / "w")}
    config = Config(
        select=("EKS-OBS-102",),
        fail_on=MEDIUM.fail_on,
        gate=Gate.TOUCHED,
        new_suppressions=NewSuppressions.AT_ONCE,
    )
    assert review(tmp_path / "a", OLD, head, config).verdict.exit_code == 0


def test_a_fix_shows_which_line_can_go(tmp_path: Path) -> None:
    base = {**OLD, NAME: written(tmp_path / "w")}
    fixed = {**base, "a/logs.tf": OLD["a/logs.tf"].replace("\n}", "\n  retention_in_days = 30\n}")}
    result = review(tmp_path / "a", base, fixed, MEDIUM)
    assert result.baseline is not None
    assert [each.path for each in result.baseline.stale] == ["a/logs.tf"]


def test_a_baseline_that_a_change_breaks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"{NAME}:1:1: the baseline is not valid JSON"):
        review(tmp_path, OLD, {**OLD, NAME: "oops"}, MEDIUM)


def test_without_it_everything_counts(tmp_path: Path) -> None:
    files = {**OLD, NAME: written(tmp_path / "w")}
    result = audit(tmp_path / "a", files, given=Given(with_baseline=False))
    assert result.verdict.exit_code == 1
    assert result.baseline is None


def test_results_of_other_tools_can_be_in_it(tmp_path: Path) -> None:
    issue = {"rule": {"name": "some_rule", "severity": "error"}, "range": {"filename": "a/logs.tf"}}
    given = Given((of(json.dumps({"issues": [issue]})),))
    config = Config(select=("EKS-OBS-102", "some_rule"), fail_on=FailOn.MEDIUM)
    first = audit(tmp_path / "a", OLD, config, given=given)
    text = baseline.renewed(first, parse(b'{"schema": 1, "findings": []}', NAME))
    again = audit(tmp_path / "b", {**OLD, NAME: text}, config, given=given)
    assert {each.id for each in again.findings if each.baselined} == {"EKS-OBS-102", "some_rule"}


def test_reports_carry_it(tmp_path: Path) -> None:
    result = audit(tmp_path / "a", {**OLD, "c/x.tf": "locals {}\n", NAME: written(tmp_path / "w")})
    assert json_report.load(json_report.dump(result)) == result
    sarif = json.loads(render(Format.SARIF, result))["runs"][0]["results"]
    assert [each["suppressions"][0]["kind"] for each in sarif] == ["external", "external"]
    assert 'data-group="baseline"' in render(Format.HTML, result)


def test_hostile_entries_do_no_harm(tmp_path: Path) -> None:
    entry = BaselineEntry("f1", "</details><script>x</script>", "`@octocat`\x1b[2J", "a\n# b")
    result = review(tmp_path, OLD, {**OLD, NAME: text_of([entry])}, MEDIUM)
    for form in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        shown = render(form, result)
        assert "\x1b" not in shown
        assert form is not Format.HTML or "<script>x" not in shown


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({**OLD, ".eks-review.yml": "select: [EKS-OBS-102]\nfail-on: medium\n"})
    return repo


def test_a_platform_begins_with_one_command(repo: Repo) -> None:
    assert run("audit", *TODAY, cwd=repo.root).code == 1
    done = run("audit", "--write-baseline", *TODAY, cwd=repo.root)
    assert done.code == 0
    assert f"wrote {NAME}: 2 problems, 2 new, 0 gone." in done.err
    assert run("audit", *TODAY, cwd=repo.root).code == 0
    assert run("audit", "--no-baseline", *TODAY, cwd=repo.root).code == 1


def test_writing_it_again_keeps_what_was_not_looked_at(repo: Repo) -> None:
    run("audit", "--write-baseline", *TODAY, cwd=repo.root)
    before = (repo.root / NAME).read_text()
    repo.write("a/logs.tf", OLD["a/logs.tf"].replace("\n}", "\n  retention_in_days = 30\n}"))
    run("audit", "b", "--write-baseline", *TODAY, cwd=repo.root)
    assert (repo.root / NAME).read_text() == before
    done = run("audit", "--write-baseline", *TODAY, cwd=repo.root)
    assert "1 problem, 0 new, 1 gone." in done.err
    assert "aws_cloudwatch_log_group.jobs" in (repo.root / NAME).read_text()


def test_it_may_lie_elsewhere(repo: Repo) -> None:
    repo.write(".eks-review.yml", "select: [EKS-OBS-102]\nfail-on: medium\nbaseline: ops/accepted.json\n")
    done = run("audit", "--write-baseline", *TODAY, cwd=repo.root)
    assert "wrote ops/accepted.json: 2 problems" in done.err
    assert run("audit", *TODAY, cwd=repo.root).code == 0


def test_both_options_at_once_are_wrong_use(repo: Repo) -> None:
    done = run("audit", "--write-baseline", "--no-baseline", *TODAY, cwd=repo.root)
    assert done.code == 2
    assert "--write-baseline and --no-baseline contradict each other." in done.err
