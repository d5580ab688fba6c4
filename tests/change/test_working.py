from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import Change, from_git
from reviewer.change.diff import ChangedFile, FileStatus
from reviewer.change.errors import UnmergedError
from reviewer.change.git import GitRepository
from reviewer.change.tree import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.change.repo import Repo


@pytest.fixture
def repository(repo: Repo) -> Iterator[GitRepository]:
    repo.commit({"main.tf": "a\n", "other.tf": "b\n", ".gitignore": "ignored/\n*.tfstate\n"})
    with GitRepository.open(repo.root) as opened:
        yield opened


def summary(change: Change) -> list[tuple[str, str, list[int]]]:
    return [
        (file.path, file.status.value, sorted(line for hunk in file.hunks for line in hunk.added_lines))
        for file in change.files
    ]


def test_a_clean_working_tree_changes_nothing(repository: GitRepository) -> None:
    change = from_git(repository)
    assert change.files == ()
    assert change.head.revision is None
    assert list(change.head.paths()) == list(change.base.paths()) == [".gitignore", "main.tf", "other.tf"]


def test_uncommitted_staged_untracked_and_deleted_files_count(repo: Repo, repository: GitRepository) -> None:
    repo.write("main.tf", "a\nunstaged\n")
    repo.write("staged.tf", "staged\n")
    repo.git("add", "staged.tf")
    repo.write("new/untracked.tf", "one\ntwo")
    (repo.root / "other.tf").unlink()
    change = from_git(repository)
    assert summary(change) == [
        ("main.tf", "modified", [2]),
        ("new/untracked.tf", "added", [1, 2]),
        ("other.tf", "removed", []),
        ("staged.tf", "added", [1]),
    ]
    assert list(change.head.paths()) == [".gitignore", "main.tf", "new/untracked.tf", "staged.tf"]
    assert change.head.read("main.tf") == b"a\nunstaged\n"


def test_commits_of_the_branch_count_too(repo: Repo, repository: GitRepository) -> None:
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"committed.tf": "c\n"})
    repo.write("main.tf", "a\nb\n")
    assert summary(from_git(repository)) == [("committed.tf", "added", [1]), ("main.tf", "modified", [2])]
    assert summary(from_git(repository, None, "HEAD")) == [("committed.tf", "added", [1])]


def test_what_is_staged_and_then_edited_is_seen_as_edited(repo: Repo, repository: GitRepository) -> None:
    repo.write("main.tf", "staged\n")
    repo.git("add", "main.tf")
    repo.write("main.tf", "a\nedited\n")
    change = from_git(repository)
    assert summary(change) == [("main.tf", "modified", [2])]
    assert change.head.read("main.tf") == b"a\nedited\n"


def test_ignored_files_and_downloads_do_not_count(repo: Repo, repository: GitRepository) -> None:
    repo.write("ignored/x.tf", "x\n")
    repo.write("terraform.tfstate", "{}")
    repo.write("prod/.terraform/modules/eks/main.tf", "x\n")
    repo.write(".git/info/exclude", "local.tf\n")
    repo.write("local.tf", "x\n")
    change = from_git(repository)
    assert change.files == ()
    assert list(change.head.paths()) == [".gitignore", "main.tf", "other.tf"]
    assert list(change.head.containing(["x"], [".tf"])) == []


def test_a_nested_repository_is_not_part_of_this_one(repo: Repo, repository: GitRepository) -> None:
    nested = type(repo).create(repo.root / "nested")
    nested.commit({"main.tf": "x\n"})
    assert from_git(repository).files == ()


def test_untracked_files_without_lines(repo: Repo, repository: GitRepository) -> None:
    repo.write("binary.tf", b"a\0b")
    repo.write("empty.tf", b"")
    repo.write("huge.tf", b"#" * 3_000_000)
    repo.link("link.tf", "main.tf")
    os.mkfifo(repo.root / "pipe.tf")
    change = from_git(repository)
    assert change.files == (
        ChangedFile("binary.tf", None, FileStatus.ADDED, binary=True, hunks=()),
        ChangedFile("empty.tf", None, FileStatus.ADDED, binary=False, hunks=()),
        ChangedFile("huge.tf", None, FileStatus.ADDED, binary=True, hunks=()),
        ChangedFile("link.tf", None, FileStatus.ADDED, binary=True, hunks=()),
    )
    assert change.head.read("link.tf") == b"a\n"


def test_a_file_only_git_forgot_is_a_change_of_all_its_content(repo: Repo, repository: GitRepository) -> None:
    repo.git("rm", "--quiet", "--cached", "main.tf")
    assert from_git(repository).files == (
        ChangedFile("main.tf", "main.tf", FileStatus.MODIFIED, binary=True, hunks=()),
    )


def test_a_touched_file_is_no_change(repo: Repo, repository: GitRepository) -> None:
    os.utime(repo.root / "main.tf", (1_000_000_000, 1_000_000_000))
    assert from_git(repository).files == ()


def test_an_edit_within_the_same_second_and_size_is_a_change(repo: Repo) -> None:
    """Git must not trust the copied index where it would not trust the index itself."""
    for number in range(20):
        repo.commit({"main.tf": f"{number:02}\n"})
        repo.write("main.tf", f"{number:02x}"[::-1] + "!")
        with GitRepository.open(repo.root) as repository:
            assert summary(from_git(repository)) == [("main.tf", "modified", [1])]


def test_the_repository_is_left_as_it_was(repo: Repo, repository: GitRepository) -> None:
    repo.write("main.tf", "a\nb\n")
    os.utime(repo.root / "other.tf", (1_000_000_000, 1_000_000_000))

    def state() -> dict[str, tuple[int, bytes]]:
        files = (path for path in repo.root.rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = state()
    change = from_git(repository)
    change.head.paths()
    change.head.containing(["a"], [".tf"])
    assert state() == before


def test_conflicts_are_refused_with_the_path(repo: Repo, repository: GitRepository) -> None:
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"main.tf": "feature\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main.tf": "main\n"})
    repo.git("merge", "--quiet", "feature", check=False)
    with pytest.raises(UnmergedError, match=r"^'main\.tf' has unresolved merge conflicts"):
        from_git(repository)


def test_a_sparse_checkout_is_completed_from_git(repo: Repo, repository: GitRepository) -> None:
    repo.link("away/link.tf", "far.tf")
    repo.commit({"near/a.tf": "near\n", "away/far.tf": "far\n", "away/large.tf": "#" * 1_000_001})
    repo.git("sparse-checkout", "set", "near")
    assert not (repo.root / "away").exists()
    head = from_git(repository).head
    assert list(head.files_in("away")) == ["away/far.tf", "away/large.tf", "away/link.tf"]
    assert head.read("away/far.tf") == head.read("away/link.tf") == b"far\n"
    assert head.blob_id("away/far.tf") == repo.git("rev-parse", "HEAD:away/far.tf")
    with pytest.raises(UnreadableFileError, match="1,000,001 bytes"):
        head.read("away/large.tf")
    assert from_git(repository).files == ()


def test_line_ends_that_git_converts_are_no_change(repo: Repo, repository: GitRepository) -> None:
    repo.commit({".gitattributes": "*.tf text eol=crlf\n", "crlf.tf": "a\r\nb\r\n"})
    repo.write("crlf.tf", "a\r\nB\r\n")
    change = from_git(repository)
    assert summary(change) == [("crlf.tf", "modified", [2])]
    assert change.head.read("crlf.tf") == b"a\r\nB\r\n"
    assert change.base.read("crlf.tf") == b"a\nb\n"
