"""What a repository can hold that is not as it should be: one clear message, and never a false success."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.cli.main import main
from tests.change.repo import Repo, run_git
from tests.command import TODAY

if TYPE_CHECKING:
    from pathlib import Path

CLOSED = """\
resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["10.0.0.0/8"]
  security_group_id = "sg-1"
}
"""
OPEN = CLOSED.replace("10.0.0.0/8", "0.0.0.0/0").replace('"ssh"', '"open"')
FOUND = ("EKS-SEC-101", "introduced")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"main.tf": CLOSED})
    return repo


class Outcome:
    """How a review ended: exit code, report, and everything that was said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.err = err
        self.report: dict[str, Any] = json.loads(out) if out.startswith("{") else {}

    @property
    def conclusion(self) -> str:
        return str(self.report["verdict"]["conclusion"])

    @property
    def found(self) -> list[tuple[str, str, str, int]]:
        return [(each["id"], each["status"], each["path"], each["line"]) for each in self.report["findings"]]

    @property
    def unread(self) -> list[tuple[str, str]]:
        return [(each["path"], each["reason"]) for each in self.report["coverage"]["files_not_analysed"]]


Review = Callable[..., Outcome]
"""Reviews the working tree with further options of the command."""


@pytest.fixture
def review(repo: Repo, capsys: pytest.CaptureFixture[str]) -> Review:
    def run(*options: str) -> Outcome:
        arguments = ["review", "--repo", str(repo.root), "--format", "json", "--select", "EKS-SEC-101"]
        code = main([*arguments, *TODAY, *options])
        return Outcome(code, *capsys.readouterr())

    return run


UNREADABLE = [
    pytest.param(
        "syntax.tf",
        b'locals {\n  a = 1\n}\n\nresource "aws_eks_cluster" "x" {\n  name = \n}\n',
        "line 6: syntax error: Terraform cannot read this block; the rest was reviewed",
        id="syntax error",
    ),
    pytest.param("open.tf", b'resource "a" "b" {\n', "line 2: syntax error", id="no closing brace"),
    pytest.param(
        "bad.tf.json", b'{\n  "resource": [\n', "line 3: syntax error: Expecting value", id="broken JSON"
    ),
    pytest.param("terraform.tfvars", b"a = 1\nb = = 2\n", "line 2: syntax error", id="broken tfvars"),
    pytest.param("binary.tf", b"\0" * 99, "line 1: not analysed: the file is binary", id="binary"),
    pytest.param(
        "large.tf",
        b"# a line\n" * 250_000,
        "line 1: not analysed: it has 2,250,000 bytes, and the limit is 1,000,000",
        id="2 MB",
    ),
    pytest.param(
        "latin.tf",
        b'locals {\n  name = "Z\xfcrich"\n}\n',
        "line 2: not analysed: the file is not valid UTF-8",
        id="invalid UTF-8",
    ),
    pytest.param(
        "long.tf",
        b'locals {\n  a = "' + b"x" * 30_000 + b'"\n}\n',
        "line 2: not analysed: line is longer than 20,000 characters",
        id="long line",
    ),
]


@pytest.mark.parametrize(("path", "content", "reason"), UNREADABLE)
def test_a_changed_file_that_cannot_be_read_is_named_and_no_success(
    repo: Repo, review: Review, path: str, content: bytes, reason: str
) -> None:
    repo.write(path, content)
    result = review()
    assert (result.code, result.conclusion) == (3, "error")
    ((named, why),) = result.unread
    assert named == path
    assert why.startswith(reason)


def test_findings_beside_an_error_are_not_lost(repo: Repo, review: Review) -> None:
    repo.write("main.tf", f'{CLOSED}\nresource "a" "b" {{\n  x = \n}}\n\n{OPEN}')
    result = review()
    assert result.code == 1
    assert result.found == [(*FOUND, "main.tf", 19)]
    assert result.report["verdict"]["reason"] == (
        "1 new finding is high or worse. "
        "The review is incomplete: 1 changed file could not be read completely."
    )


def test_a_finding_inside_the_broken_block_is_not_called_fixed(repo: Repo, review: Review) -> None:
    repo.commit({"main.tf": OPEN})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("main.tf", OPEN.replace('= "tcp"', "="))
    result = review()
    assert result.code == 3
    assert result.found == [("EKS-SEC-101", "not-evaluable", "main.tf", 6)]


def test_text_says_file_line_and_reason(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write("broken.tf", 'resource "a" "b" {\n  x =\n}\n')
    assert main(["review", "--repo", str(repo.root), "--quiet", *TODAY]) == 3
    assert capsys.readouterr().out == (
        "warning: broken.tf: line 2: syntax error: Terraform cannot read this block; the rest was reviewed\n"
        "incomplete: The review is incomplete: 1 changed file could not be read completely.\n"
    )


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside.tf", "nowhere.tf", "link.tf"])
def test_a_link_that_leads_nowhere_good_is_not_followed(
    repo: Repo, review: Review, tmp_path: Path, target: str
) -> None:
    (tmp_path / "outside.tf").write_text(OPEN)
    repo.link("link.tf", target)
    result = review()
    assert result.code == 3
    ((path, reason),) = result.unread
    assert path == "link.tf"
    assert "the symbolic link leads" in reason


def test_a_file_that_becomes_a_link_is_reviewed_as_what_it_leads_to(repo: Repo, review: Review) -> None:
    repo.commit({"shared/rules.txt": OPEN})
    (repo.root / "main.tf").unlink()
    repo.link("main.tf", "shared/rules.txt")
    repo.git("add", "main.tf")
    result = review()
    assert (result.code, result.found) == (1, [(*FOUND, "main.tf", 6)])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + OPEN.encode(), id="byte order mark"),
        pytest.param(OPEN.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + OPEN.replace("\n", "\r\n").encode(), id="both"),
        pytest.param(OPEN.rstrip("\n").encode(), id="no final newline"),
    ],
)
def test_harmless_oddities_change_nothing(repo: Repo, review: Review, content: bytes) -> None:
    repo.write("added.tf", content)
    result = review()
    assert (result.code, result.unread) == (1, [])
    assert result.found == [(*FOUND, "added.tf", 6)]


def test_an_empty_change_passes(review: Review) -> None:
    result = review()
    assert (result.code, result.found) == (0, [])
    assert result.report["coverage"]["files_changed"] == 0


def test_an_empty_file_passes(repo: Repo, review: Review) -> None:
    repo.write("empty.tf", "")
    assert (review().code, review().unread) == (0, [])


@pytest.mark.parametrize("how", ["file", "block"])
def test_deleting_what_is_bad_fixes_it(repo: Repo, review: Review, how: str) -> None:
    repo.commit({"open.tf": f"{OPEN}\nlocals {{}}\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    if how == "file":
        (repo.root / "open.tf").unlink()
    else:
        repo.write("open.tf", "locals {}\n")
    result = review()
    assert (result.code, result.found) == (0, [("EKS-SEC-101", "fixed", "open.tf", 6)])


def test_deleting_a_line_can_introduce(repo: Repo, review: Review) -> None:
    group = 'resource "aws_cloudwatch_log_group" "a" {\n  name = "a"\n  retention_in_days = 90\n}\n'
    repo.commit({"logs.tf": group})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("logs.tf", group.replace("  retention_in_days = 90\n", ""))
    result = review("--select", "EKS-OBS-102", "--fail-on", "medium")
    assert (result.code, result.found) == (1, [("EKS-OBS-102", "introduced", "logs.tf", 1)])


def test_a_pure_rename_introduces_nothing(repo: Repo, review: Review) -> None:
    repo.commit({"open.tf": OPEN})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("mv", "open.tf", "rules.tf")
    result = review()
    assert (result.code, result.found) == (0, [])


@pytest.mark.parametrize("hidden", ["open.tf.disabled", "open.txt"])
def test_a_rename_out_of_terraforms_sight_takes_the_resources_away(
    repo: Repo, review: Review, hidden: str
) -> None:
    repo.commit({"open.tf": OPEN})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("mv", "open.tf", hidden)
    result = review()
    assert (result.code, result.found) == (0, [("EKS-SEC-101", "fixed", "open.tf", 6)])


def test_a_file_that_moves_into_another_module_brings_its_resources(repo: Repo, review: Review) -> None:
    repo.commit({"attic/open.tf": OPEN, "attic/other.tf": "locals {}\n", "live/main.tf": CLOSED})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("mv", "attic/open.tf", "live/open.tf")
    result = review()
    assert (result.code, result.found) == (
        1,
        [("EKS-SEC-101", "fixed", "attic/open.tf", 6), (*FOUND, "live/open.tf", 6)],
    )


def test_a_module_whose_folder_is_renamed_stays_the_same(repo: Repo, review: Review) -> None:
    repo.commit({"infra/open.tf": OPEN, "infra/main.tf": CLOSED})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("mv", "infra", "platform")
    result = review()
    assert (result.code, result.found) == (0, [])


def test_a_rename_into_terraforms_sight_brings_them(repo: Repo, review: Review) -> None:
    repo.commit({"open.tf.disabled": OPEN})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("mv", "open.tf.disabled", "open.tf")
    result = review()
    assert (result.code, result.found) == (1, [(*FOUND, "open.tf", 6)])


def test_an_unchanged_broken_file_is_told_and_does_not_block(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"old.tf": 'resource "a" "b" {\n  x =\n}\n'})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("main.tf", CLOSED.replace('"sg-1"', '"sg-2"'))
    assert main(["review", "--repo", str(repo.root), "--select", "EKS-SEC-101", *TODAY]) == 0
    warning = " ".join(capsys.readouterr().out.partition("warning: ")[2].partition("Scorecard")[0].split())
    assert warning == (
        "old.tf:2: This unchanged file could not be read completely, so findings may be missing: "
        "syntax error: Terraform cannot read this block; the rest was reviewed."
    )


def test_excluded_files_are_named(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.commit({".eks-review.yml": "exclude: [vendor/]\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("vendor/open.tf", OPEN)
    assert main(["review", "--repo", str(repo.root), *TODAY]) == 0
    assert (
        "warning: Not reviewed, as exclude in the configuration says: vendor/open.tf."
        in capsys.readouterr().out
    )


def test_a_variables_file_that_the_change_takes_away_is_told(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.commit({".eks-review.yml": "var-files: [prod.tfvars]\n", "prod.tfvars": "a = 1\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    (repo.root / "prod.tfvars").unlink()
    assert main(["review", "--repo", str(repo.root), *TODAY]) == 0
    assert "warning: var-files names prod.tfvars, and there is no such file." in capsys.readouterr().out


# --- revisions -------------------------------------------------------------------------------------


def test_an_unknown_name_is_wrong_use(review: Review) -> None:
    for option in ("--base", "--head"):
        result = review(option, "nope")
        assert result.code == 2
        assert result.err == (
            "eks-review: 'nope' is not a commit in this repository; check the spelling, or fetch it first\n"
        )


def test_histories_without_a_common_ancestor_have_no_change(repo: Repo, review: Review) -> None:
    repo.git("checkout", "--quiet", "--orphan", "stranger")
    repo.commit({"main.tf": OPEN})
    result = review("--head", "stranger")
    assert result.code == 3
    assert "have no common ancestor" in result.err
    assert "choose a --base that the head was branched from" in result.err


def test_a_shallow_clone_says_how_to_get_the_rest(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"open.tf": OPEN})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"more.tf": CLOSED.replace('"ssh"', '"more"')})
    clone = tmp_path / "clone"
    run_git(
        tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.root}", str(clone)
    )
    code = main(["review", "--repo", str(clone), "--head", "origin/feature", *TODAY])
    assert code == 3
    assert "is not in this shallow clone: use fetch-depth: 0 with actions/checkout" in capsys.readouterr().err


def test_a_repository_without_a_commit_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Repo.create(tmp_path / "empty")
    assert main(["review", "--repo", str(empty.root)]) == 2
    assert "name it with --base" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["review", "--repo"], ["audit"]])
def test_a_bare_repository_has_nothing_to_look_at(
    repo: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    bare = tmp_path / "bare.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), str(bare))
    assert main([*command, str(bare)]) == 2
    assert "bare" in capsys.readouterr().err


def test_no_repository_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--repo", str(tmp_path)]) == 2
    assert "is not inside a git repository: run this in a checkout, or name one with --repo" in (
        capsys.readouterr().err
    )


def test_conflicts_are_resolved_first(repo: Repo, review: Review) -> None:
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"main.tf": CLOSED.replace("22", "23")})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main.tf": CLOSED.replace("22", "24")})
    repo.git("merge", "feature", check=False)
    result = review()
    assert result.code == 3
    assert result.err == (
        "eks-review: 'main.tf' has unresolved merge conflicts: resolve them, then review the result\n"
    )


# --- an audit --------------------------------------------------------------------------------------


def test_an_audit_needs_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(OPEN)
    (tmp_path / "broken.tf").write_text("locals {\n")
    assert main(["audit", str(tmp_path), "--format", "json", "--select", "EKS-SEC-101", *TODAY]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(each["id"], each["status"]) for each in report["findings"]] == [("EKS-SEC-101", "existing")]
    assert [each["path"] for each in report["coverage"]["files_not_analysed"]] == ["broken.tf"]


def test_an_audit_of_nothing_is_no_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path), "--format", "json", *TODAY]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {each["score"] for each in report["scorecard"].values()} == {None}


@pytest.mark.parametrize("path", ["nowhere", "main.tf"])
def test_an_audit_wants_a_folder(repo: Repo, capsys: pytest.CaptureFixture[str], path: str) -> None:
    assert main(["audit", str(repo.root / path)]) == 2
    assert capsys.readouterr().err == f"eks-review: {str(repo.root / path)!r} is not a directory\n"
