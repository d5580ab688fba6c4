from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.change import objects, process
from reviewer.change.change import from_git
from reviewer.change.diff import FileStatus
from reviewer.change.errors import (
    ChangeError,
    GitFailedError,
    GitNotInstalledError,
    GitTimeoutError,
    IncompleteCloneError,
    MissingDirectoryError,
    NoDefaultBranchError,
    NoMergeBaseError,
    NotARepositoryError,
    NoWorkingTreeError,
    ShallowCloneError,
    UnknownRevisionError,
)
from reviewer.change.git import GitRepository
from tests.change.repo import Repo, run_git

if TYPE_CHECKING:
    from pathlib import Path


def branched(repo: Repo) -> tuple[str, str]:
    """Return the SHAs of a fork and of the tip of ``feature``; main has moved on since."""
    fork = repo.commit({"main.tf": "a\n", "base.tf": "b\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    head = repo.commit({"main.tf": "a\nfeature\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"base.tf": "b\nmoved on\n"})
    repo.git("checkout", "--quiet", "feature")
    return fork, head


def test_a_change_leads_from_the_merge_base_to_the_head(repo: Repo) -> None:
    fork, head = branched(repo)
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository, "main", "feature")
        assert (change.base.revision, change.head.revision) == (fork, head)
        [file] = change.files
        assert (file.path, file.status) == ("main.tf", FileStatus.MODIFIED)
        assert file.hunks[0].added_lines == {2}
        assert change.base.read("main.tf") == b"a\n"
        assert change.head.read("main.tf") == b"a\nfeature\n"


def test_names_of_every_kind_lead_to_commits(repo: Repo) -> None:
    fork, head = branched(repo)
    repo.git("tag", "--annotate", "--message=x", "v1", "feature")
    with GitRepository.open(repo.root / ".") as repository:
        for name in (
            "feature",
            "refs/heads/feature",
            "HEAD",
            head,
            head[:12],
            "v1",
            "@",
        ):
            assert repository.resolve(name) == head
        assert repository.resolve("feature~1") == fork


@pytest.mark.parametrize("inside", ["", "modules/x", ".git"])
def test_any_folder_of_the_repository_will_do(repo: Repo, inside: str) -> None:
    _, head = branched(repo)
    (repo.root / "modules/x").mkdir(parents=True)
    with GitRepository.open(repo.root / inside) as repository:
        change = from_git(repository, "main", "feature")
        assert [file.path for file in change.files] == ["main.tf"]
        assert change.head.revision == head


def test_a_linked_working_tree_and_a_bare_clone_work(repo: Repo, tmp_path: Path) -> None:
    _, head = branched(repo)
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "feature")
    (tmp_path / "linked/new.tf").write_text("new\n")
    with GitRepository.open(tmp_path / "linked") as repository:
        assert repository.root == tmp_path / "linked"
        change = from_git(repository, "main", None)
        assert [file.path for file in change.files] == ["main.tf", "new.tf"]
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), "bare.git")
    with GitRepository.open(tmp_path / "bare.git") as repository:
        assert repository.root is None
        assert [file.path for file in from_git(repository, "main", head).files] == ["main.tf"]
        with pytest.raises(NoWorkingTreeError, match="name the commit to review with --head"):
            from_git(repository, "main", None)


def test_objects_may_be_borrowed_from_another_repository(repo: Repo, tmp_path: Path) -> None:
    branched(repo)
    run_git(tmp_path, "clone", "--quiet", "--shared", str(repo.root), "shared")
    with GitRepository.open(tmp_path / "shared") as repository:
        assert [file.path for file in from_git(repository, "origin/main", "HEAD").files] == ["main.tf"]


def test_sha256_repositories_work(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    run_git(tmp_path / "repo", "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    _, head = branched(Repo(tmp_path / "repo"))
    assert len(head) == 64
    with GitRepository.open(tmp_path / "repo") as repository:
        change = from_git(repository, "main", "feature")
        assert [file.path for file in change.files] == ["main.tf"]
        assert change.head.read("main.tf") == b"a\nfeature\n"
        assert [file.path for file in from_git(repository).files] == ["main.tf"]


def test_a_split_index_works(repo: Repo) -> None:
    branched(repo)
    repo.git("update-index", "--split-index")
    repo.write("main.tf", "a\nfeature\nmore\n")
    with GitRepository.open(repo.root) as repository:
        [file] = from_git(repository).files
        assert file.hunks[0].added_lines == {2, 3}


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        (["refs/remotes/origin/dev", "refs/remotes/origin/main"], "refs/remotes/origin/dev"),
        (["refs/remotes/origin/main", "refs/remotes/origin/master"], "refs/remotes/origin/main"),
        (["refs/remotes/origin/master", "refs/heads/main"], "refs/remotes/origin/master"),
        (["refs/heads/main", "refs/heads/master"], "refs/heads/main"),
        (["refs/heads/master"], "refs/heads/master"),
    ],
)
def test_the_default_branch_is_the_remotes_first(repo: Repo, branches: list[str], expected: str) -> None:
    commit = repo.commit({"main.tf": ""})
    repo.git("checkout", "--quiet", "--detach")
    repo.git("branch", "--quiet", "-D", "main")
    for name in branches:
        repo.git("update-ref", name, commit)
    if expected == "refs/remotes/origin/dev":
        repo.git("symbolic-ref", "refs/remotes/origin/HEAD", expected)
    with GitRepository.open(repo.root) as repository:
        assert repository.default_branch() == expected


def test_without_a_default_branch_one_must_be_named(repo: Repo) -> None:
    repo.commit({"main.tf": ""})
    repo.git("branch", "--quiet", "-m", "trunk")
    with GitRepository.open(repo.root) as repository:
        with pytest.raises(NoDefaultBranchError, match="name it with --base"):
            from_git(repository)
        assert from_git(repository, "trunk").files == ()


HOSTILE_NAMES = [
    "--output=written",
    "-h",
    "--upload-pack=touch written",
    "",
    "two words",
    "main\nfeature",
    "main\0",
    "$(touch written)",
    "HEAD:main.tf",
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "0" * 40,
    "main..feature",
    "^main",
    "\udcff",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_a_name_is_never_an_option(repo: Repo, name: str) -> None:
    branched(repo)
    with GitRepository.open(repo.root) as repository:
        with pytest.raises(UnknownRevisionError) as caught:
            repository.resolve(name)
        assert str(caught.value) == (
            f"{name!r} is not a commit in this repository; check the spelling, or fetch it first"
        )
        assert "\n" not in str(caught.value)
    assert not (repo.root / "written").exists()
    assert repo.git("status", "--porcelain") == ""


def test_unknown_names_leave_the_repository_usable(repo: Repo) -> None:
    _, head = branched(repo)
    with GitRepository.open(repo.root) as repository:
        for base, unknown in (("nope", "nope"), ("main", "nope too")):
            with pytest.raises(UnknownRevisionError, match=f"'{unknown}'"):
                from_git(repository, base, "nope too" if base == "main" else None)
        assert repository.resolve("feature") == head


def test_a_repository_without_commits_has_nothing_to_compare(repo: Repo) -> None:
    with GitRepository.open(repo.root) as repository:
        with pytest.raises(NoDefaultBranchError):
            from_git(repository)
        with pytest.raises(UnknownRevisionError, match="'HEAD'"):
            from_git(repository, "HEAD")


def test_unrelated_histories_have_no_merge_base(repo: Repo) -> None:
    repo.commit({"main.tf": ""})
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"other.tf": ""})
    with GitRepository.open(repo.root) as repository, pytest.raises(NoMergeBaseError) as caught:
        from_git(repository, "main", "other")
    assert str(caught.value).startswith("main and other have no common ancestor")


def test_a_shallow_clone_says_what_to_do(repo: Repo, tmp_path: Path) -> None:
    fork, _ = branched(repo)
    run_git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.root}", "shallow")
    with GitRepository.open(tmp_path / "shallow") as repository:
        with pytest.raises(ShallowCloneError, match="use fetch-depth: 0 with actions/checkout"):
            from_git(repository, "origin/main", "origin/feature")
        with pytest.raises(UnknownRevisionError, match="use fetch-depth: 0 with actions/checkout"):
            from_git(repository, fork, "origin/feature")


def test_no_repository_no_folder_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotARepositoryError, match="is not inside a git repository"):
        GitRepository.open(tmp_path)
    with pytest.raises(MissingDirectoryError, match="none' is not a directory"):
        GitRepository.open(tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitNotInstalledError, match="git was not found on PATH"):
        GitRepository.open(tmp_path)


def test_a_broken_configuration_is_one_message(repo: Repo) -> None:
    branched(repo)
    (repo.root / ".git/config").write_text("[core\n\x1b[31m::error::x\n")
    with pytest.raises(GitFailedError, match=r"^git rev-parse failed: .*bad config line 1"):
        GitRepository.open(repo.root)


def test_a_damaged_repository_is_an_error_and_not_an_empty_change(repo: Repo) -> None:
    branched(repo)
    blob = repo.git("rev-parse", "feature:main.tf")
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with (
        GitRepository.open(repo.root) as repository,
        pytest.raises(IncompleteCloneError, match="or run git fetch --refetch"),
    ):
        from_git(repository, "main", "feature")


def put_git(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)


def test_git_that_hangs_is_ended(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_git(tmp_path / "bin", "exec sleep 60")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(process, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(objects, "TIMEOUT_SECONDS", 0.2)
    with pytest.raises(GitTimeoutError, match=r"git rev-parse did not finish within 0\.2 seconds"):
        GitRepository.open(repo.root)
    git = process.Git(process.find_git(), repo.root, {})
    with (
        objects.ObjectReader(git) as reader,
        pytest.raises(GitTimeoutError, match=r"git cat-file did not finish within 0\.2 seconds"),
    ):
        reader.blob("0" * 40, "main.tf")
    with (
        pytest.raises(GitTimeoutError, match=r"git diff did not finish within 0\.2 seconds"),
        git.stream("diff") as output,
    ):
        list(output)


def test_git_that_fails_after_some_output_is_an_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_git(tmp_path / "bin", "echo 'diff --git a/x b/x'; echo 'fatal: no space' >&2; exit 128")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    git = process.Git(process.find_git(), repo.root, {})
    seen: list[bytes] = []
    with (
        pytest.raises(GitFailedError, match="git diff failed: fatal: no space"),
        git.stream("diff") as output,
    ):
        seen.extend(output)
    assert b"".join(seen) == b"diff --git a/x b/x\n"


def test_complaints_without_end_do_not_block_what_is_read(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_git(tmp_path / "bin", "head -c 1000000 /dev/zero >&2; echo done")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with process.Git(process.find_git(), repo.root, {}).stream("diff") as output:
        assert b"".join(output) == b"done\n"


@pytest.mark.parametrize("script", ["exit 3", "read name; echo 'abc blob 10'; echo short"])
def test_git_that_ends_early_is_an_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    put_git(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    git = process.Git(process.find_git(), repo.root, {})
    with (
        objects.ObjectReader(git) as reader,
        pytest.raises(GitFailedError, match="git cat-file failed: it ended unexpectedly"),
    ):
        reader.blob("0" * 40, "main.tf")


def test_much_output_does_not_block(repo: Repo) -> None:
    """Listing, difference and search each print far more than a pipe holds."""
    repo.commit({"main.tf": ""})
    repo.git("checkout", "--quiet", "-b", "feature")
    text = "resource {}\n" * 20
    repo.commit({f"{'folder' * 8}/{number:04}-{'name' * 10}.tf": text for number in range(1500)})
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository, "main", "feature")
        assert [file.hunks[0].target_length for file in change.files] == [20] * 1500
        assert len(change.head.paths()) == 1501
        assert len(change.head.containing(["resource"], [".tf"])) == 1500
        assert all(change.head.read(file.path) == text.encode() for file in change.files)


class Children:
    """Records which git commands are started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[str] = []
        self.environments: list[dict[str, str]] = []
        original = subprocess.Popen.__init__

        def start(popen: subprocess.Popen[bytes], arguments: list[str], **options: Any) -> None:
            self.commands.append(arguments[1])
            self.environments.append(options["env"])
            original(popen, arguments, **options)

        monkeypatch.setattr(subprocess.Popen, "__init__", start)


@pytest.mark.parametrize(
    ("head", "listing"), [("feature", ["ls-tree", "ls-tree"]), (None, ["ls-files", "ls-tree"])]
)
def test_a_review_starts_six_processes(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, head: str | None, listing: list[str]
) -> None:
    branched(repo)
    children = Children(monkeypatch)
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository, None, head)
        for _ in range(3):
            for tree in (change.base, change.head):
                for path in tree.paths():
                    tree.read(path)
                tree.files_in("")
    assert sorted(children.commands) == sorted(["rev-parse", "rev-parse", "cat-file", "diff", *listing])


def test_nothing_is_started_before_it_is_needed(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    branched(repo)
    children = Children(monkeypatch)
    with GitRepository.open(repo.root) as repository:
        repository.tree("HEAD")
        repository.working_tree()
    assert children.commands == ["rev-parse"]


def test_git_learns_no_secret_and_no_foreign_setting(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    branched(repo)
    for name in ("GITHUB_TOKEN", "INPUT_GITHUB-TOKEN", "AWS_SECRET_ACCESS_KEY", "HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "hidden-value")
    for name in (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_EXTERNAL_DIFF",
        "GIT_TRACE",
        "GIT_SSH_COMMAND",
    ):
        monkeypatch.setenv(name, "/nowhere/hidden-value")
    children = Children(monkeypatch)
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository)
        assert change.head.containing(["feature"], [".tf"]) == ("main.tf",)
    for environment in children.environments:
        assert "hidden-value" not in str(environment)
        assert not any(name.startswith(("INPUT_", "GITHUB_", "AWS_")) for name in environment)
        assert environment["GIT_CONFIG_NOSYSTEM"] == "1"
        assert environment["GIT_CONFIG_GLOBAL"] == "/dev/null"
        assert environment["GIT_TERMINAL_PROMPT"] == "0"


def test_everything_is_cleaned_up(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    branched(repo)
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    with GitRepository.open(repo.root) as repository:
        from_git(repository).head.paths()
        reader = repository.objects()
        assert list((tmp_path / "scratch").iterdir()) != []
    assert list((tmp_path / "scratch").iterdir()) == []
    assert reader._process.returncode is not None
    repository.close()


def test_every_error_is_a_change_error() -> None:
    for kind in (GitFailedError, GitTimeoutError, NoMergeBaseError, UnknownRevisionError, ShallowCloneError):
        assert issubclass(kind, ChangeError)
