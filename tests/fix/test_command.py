"""``eks-review review --fix`` on real repositories."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import from_git
from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.errors import UsageError
from reviewer.fix import rounds
from reviewer.fix.write import write
from reviewer.pipeline import review
from tests.change.repo import Repo
from tests.command import TODAY, Result, run, run_on_terminal
from tests.imported.world import TODAY as DAY

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.change.change import Change
    from reviewer.finding import Finding
    from reviewer.review import Review

CLUSTER = """\
# The platform.
resource "aws_eks_cluster" "main" {
  name     = "platform"
  role_arn = aws_iam_role.cluster.arn
  version  = "1.34"

  enabled_cluster_log_types = ["api"]   # more costs money

  vpc_config {
    subnet_ids             = aws_subnet.private[*].id
    endpoint_public_access = false
  }
}

resource "aws_cloudwatch_log_group" "cluster" {
  name = "/aws/eks/platform/cluster"
}
"""
SELECT = ("--select", "EKS-SEC-108,EKS-OBS-101,EKS-OBS-102")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository with a branch that adds a cluster with three problems, everything committed."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README.md": "hello\n"})
    repo.git("checkout", "-q", "-b", "change")
    repo.commit({"infra/eks.tf": CLUSTER, "infra/other.tf": "locals {\n  a=1\n}\n"})
    return repo


def fix(repo: Repo, *options: str, select: tuple[str, ...] = SELECT) -> Result:
    return run("review", "--fix", "--base", "main", *select, *TODAY, *options, cwd=repo.root)


def content(repo: Repo) -> bytes:
    return (repo.root / "infra/eks.tf").read_bytes()


FIXED = CLUSTER.replace(
    '["api"]', '["api", "audit", "authenticator", "controllerManager", "scheduler"]'
).replace(
    'resource "aws_cloudwatch_log_group" "cluster" {\n  name = "/aws/eks/platform/cluster"\n',
    'resource "aws_cloudwatch_log_group" "cluster" {\n  name              = "/aws/eks/platform/cluster"\n'
    "  retention_in_days = 90\n",
)


def test_every_suggestion_of_a_file_is_applied_and_nothing_else(repo: Repo) -> None:
    offered = run("review", "--base", "main", *SELECT, *TODAY, "--format", "json", cwd=repo.root)
    assert offered.out.count('"replacement"') == 3
    done = fix(repo)
    assert done.code == 0, done.err
    assert "fixed 3 problems in 1 file" in done.err
    text = content(repo).decode()
    assert '["api", "audit", "authenticator", "controllerManager", "scheduler"]   # more costs money' in text
    assert "    endpoint_private_access = true\n" in text
    assert "retention_in_days" in text
    assert repo.git("status", "--porcelain") == "M infra/eks.tf"
    assert "passed: The change introduces no findings." in done.out


def test_the_diff_is_shown_on_standard_error(repo: Repo) -> None:
    done = fix(repo)
    assert "--- a/infra/eks.tf\n+++ b/infra/eks.tf\n" in done.err
    assert '-  enabled_cluster_log_types = ["api"]   # more costs money\n' in done.err
    body = done.err.partition("+++ b/infra/eks.tf\n")[2].partition("eks-review: ")[0]
    assert (
        body
        == repo.git("diff", "--no-color")
        .partition("+++ b/infra/eks.tf\n")[2]
        .replace('@@ resource "aws_eks_cluster" "main" {', "@@")
        + "\n"
    )
    assert "---" not in done.out


def test_a_second_run_changes_nothing(repo: Repo) -> None:
    fix(repo)
    once = content(repo)
    again = fix(repo)  # the file is not committed now, but nothing is left to write
    assert (again.code, content(repo)) == (0, once)
    assert "there is no suggestion to apply: nothing was changed" in again.err


def test_what_is_not_committed_is_left_alone_unless_told(repo: Repo) -> None:
    repo.write("infra/eks.tf", CLUSTER + "\n# a thought\n")
    before = content(repo)
    refused = fix(repo)
    assert (refused.code, refused.out, content(repo)) == (2, "", before)
    assert refused.err == (
        "eks-review: --fix would edit what is not committed yet: infra/eks.tf. Commit it first, or add"
        " --allow-dirty; nothing was changed.\n"
    )
    allowed = fix(repo, "--allow-dirty")
    assert allowed.code == 0
    assert content(repo).endswith(b"\n# a thought\n")


def test_untracked_and_staged_files_are_not_committed_either(repo: Repo) -> None:
    repo.write("infra/new.tf", CLUSTER.replace("main", "second"))
    assert "infra/new.tf" in fix(repo).err
    repo.git("add", "infra/new.tf")
    assert "infra/new.tf" in fix(repo).err


def test_dirt_elsewhere_is_no_matter(repo: Repo) -> None:
    repo.write("README.md", "edited\n")
    assert fix(repo).code == 0
    assert (repo.root / "README.md").read_text() == "edited\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\r\n")),
        (lambda text: "\ufeff" + text, lambda text: "\ufeff" + text),
        (lambda text: text.removesuffix("\n"), lambda text: text.removesuffix("\n")),
        (
            lambda text: "\ufeff" + text.replace("\n", "\r\n").removesuffix("\r\n"),
            lambda text: "\ufeff" + text.replace("\n", "\r\n").removesuffix("\r\n"),
        ),
    ],
    ids=["crlf", "bom", "no-final-newline", "all-three"],
)
def test_bytes_that_no_suggestion_names_stay(repo: Repo, before: object, after: object) -> None:
    assert callable(before)
    assert callable(after)
    fix(repo)
    plain = content(repo).decode()
    repo.git("checkout", "-q", ".")
    repo.commit({"infra/eks.tf": before(CLUSTER).encode()})
    done = fix(repo)
    assert done.code == 0, done.err
    assert content(repo) == after(plain).encode()


def test_who_may_do_what_with_the_file_stays(repo: Repo) -> None:
    (repo.root / "infra/eks.tf").chmod(0o640)
    fix(repo)
    assert stat.S_IMODE((repo.root / "infra/eks.tf").stat().st_mode) == 0o640
    assert sorted(each.name for each in (repo.root / "infra").iterdir()) == ["eks.tf", "other.tf"]


def test_findings_without_a_suggestion_still_fail(repo: Repo) -> None:
    text = CLUSTER.replace("endpoint_public_access = false", 'public_access_cidrs    = ["0.0.0.0/0"]')
    repo.commit({"infra/eks.tf": text})
    done = fix(repo, select=("--select", "EKS-SEC-107,EKS-SEC-108"))
    assert done.code == 1
    assert "EKS-SEC-107" in done.out
    assert b"endpoint_private_access = true" in content(repo)


def test_other_reports_are_of_the_fixed_tree(repo: Repo, tmp_path: Path) -> None:
    done = fix(repo, "--format", "json", "--output", str(tmp_path / "review.json"), "--quiet")
    assert '"findings": []' in (tmp_path / "review.json").read_text()
    assert (done.out, "+++" in done.err) == ("", False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--head", "HEAD"), "--fix edits the working tree, so it cannot have a --head."),
        (("--import-sarif", "x.json"), "--fix moves lines that imported results name"),
        (("--plan", "x.json"), "--fix edits the code that a plan was made of"),
    ],
)
def test_what_makes_no_sense_together_is_wrong_use(
    repo: Repo, options: tuple[str, ...], message: str
) -> None:
    done = fix(repo, *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_allow_dirty_alone_is_wrong_use(repo: Repo) -> None:
    done = run("review", "--allow-dirty", *TODAY, cwd=repo.root)
    assert done.code == 2
    assert "--allow-dirty is for --fix, which is not given." in done.err


def test_a_link_is_not_written_through(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "eks.tf").write_text(CLUSTER)
    with GitRepository.open(repo.root) as repository:
        tree = repository.working_tree()
        tree.blob_id("infra/eks.tf")
        (repo.root / "infra/eks.tf").unlink()
        (repo.root / "infra/eks.tf").symlink_to(tmp_path / "elsewhere" / "eks.tf")
        with pytest.raises(UsageError, match=r"does not write through the symbolic link infra/eks\.tf"):
            write(repo.root, tree, {"infra/eks.tf": b""})
    assert (tmp_path / "elsewhere" / "eks.tf").read_text() == CLUSTER


def test_a_file_that_was_edited_meanwhile_is_not_overwritten(repo: Repo) -> None:
    with GitRepository.open(repo.root) as repository:
        tree = repository.working_tree()
        tree.blob_id("infra/eks.tf")
        tree.blob_id("infra/other.tf")
        repo.write("infra/eks.tf", "# all new\n")
        with pytest.raises(UsageError, match=r"infra/eks\.tf was edited while it was reviewed"):
            write(repo.root, tree, {"infra/other.tf": b"x", "infra/eks.tf": b"x"})
    assert (content(repo), (repo.root / "infra/other.tf").read_bytes()) == (
        b"# all new\n",
        b"locals {\n  a=1\n}\n",
    )


def test_what_does_not_hold_together_is_made_alone_or_left(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the first is made, another problem appears with each of the others: they are left, and named."""
    select = ("EKS-SEC-108", "EKS-OBS-101", "EKS-OBS-102")
    calls: list[int] = []

    def make(change: Change) -> Review:
        calls.append(1)
        return review(change, Config(select=select), today=DAY)

    real = rounds._is_better

    def strict(before: Review, after: Review, batch: list[Finding]) -> bool:
        alone = len(batch) == 1 and batch[0].id == "EKS-SEC-108"
        return alone and real(before, after, batch)

    monkeypatch.setattr(rounds, "_is_better", strict)
    with GitRepository.open(repo.root) as repository:
        outcome = rounds.fix(from_git(repository, "main", None), make)
    assert [each.id for each in outcome.made] == ["EKS-SEC-108"]
    assert {each.id for each in outcome.left} == {"EKS-OBS-101", "EKS-OBS-102"}
    assert set(outcome.files) == {"infra/eks.tf"}


def test_colours_on_a_terminal(repo: Repo) -> None:
    arguments = ("review", "--repo", str(repo.root), "--base", "main", "--fix", *SELECT, *TODAY)
    shown = run_on_terminal(*arguments)
    assert "\x1b[32m+    endpoint_private_access" in shown
    repo.git("checkout", "-q", ".")
    assert "\x1b[32m+" not in run_on_terminal(*arguments, NO_COLOR="1")
