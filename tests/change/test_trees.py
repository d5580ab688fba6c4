"""What every kind of tree promises: the same files are given to each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from reviewer.change import indexed
from reviewer.change.directory import DirectoryTree
from reviewer.change.git import GitRepository
from reviewer.change.tree import MAX_FILE_BYTES, MissingFileError, Tree, UnreadableFileError
from tests.change.repo import Repo, run_git

if TYPE_CHECKING:
    from pathlib import Path

MakeTree = Callable[[Repo], Tree]


@pytest.fixture(params=["commit", "staged", "untracked", "directory"])
def tree_of(request: pytest.FixtureRequest) -> Iterator[MakeTree]:
    """Return a function that makes a tree of the files in a repository's folder."""
    kind: str = request.param
    with ExitStack() as stack:

        def make(repo: Repo) -> Tree:
            if kind == "directory":
                return DirectoryTree(repo.root)
            if kind == "commit":
                commit = repo.commit()
                return stack.enter_context(GitRepository.open(repo.root)).tree(commit)
            if kind == "staged":
                repo.git("add", "--all", "--force")
            return stack.enter_context(GitRepository.open(repo.root)).working_tree()

        yield make


def test_paths_are_sorted_and_folders_hold_their_own_files(repo: Repo, tree_of: MakeTree) -> None:
    for path in ("z.tf", "a.tf", "modules/vpc/main.tf", "modules/vpc/sub/x.tf", "modules/b.tf"):
        repo.write(path, path)
    tree = tree_of(repo)
    assert list(tree.paths()) == [
        "a.tf",
        "modules/b.tf",
        "modules/vpc/main.tf",
        "modules/vpc/sub/x.tf",
        "z.tf",
    ]
    assert list(tree.files_in("")) == ["a.tf", "z.tf"]
    assert list(tree.files_in("modules/vpc")) == ["modules/vpc/main.tf"]
    assert list(tree.files_in("modules/none")) == []
    assert list(tree.files_in("modul")) == []


def test_content_is_read_byte_for_byte(repo: Repo, tree_of: MakeTree) -> None:
    content = b"\xef\xbb\xbfa\r\nb\x00\xff\x0c\n\n"
    repo.write("main.tf", content)
    repo.write("empty.tf", b"")
    tree = tree_of(repo)
    assert tree.read("main.tf") == content
    assert tree.read("empty.tf") == b""
    assert tree.read("main.tf") == content


def test_ids_are_those_of_git(repo: Repo, tree_of: MakeTree) -> None:
    repo.write("main.tf", "a = 1\n")
    repo.write("same.tf", "a = 1\n")
    repo.write("other.tf", "a = 2\n")
    tree = tree_of(repo)
    assert tree.blob_id("main.tf") == repo.git("hash-object", "main.tf")
    assert tree.blob_id("same.tf") == tree.blob_id("main.tf")
    assert tree.blob_id("other.tf") != tree.blob_id("main.tf")


@pytest.mark.parametrize(
    "path", ["none.tf", "main.tf/x", "folder", "", ".", "../repo/main.tf", "/etc/passwd", "./main.tf"]
)
@pytest.mark.parametrize("with_link", [False, True])
def test_a_missing_file_is_named(repo: Repo, tree_of: MakeTree, path: str, *, with_link: bool) -> None:
    repo.write("main.tf", "")
    repo.write("folder/main.tf", "")
    if with_link:
        repo.link("link.tf", "main.tf")
    tree = tree_of(repo)
    with pytest.raises(MissingFileError) as caught:
        tree.read(path)
    assert caught.value.path == path
    assert str(caught.value) == f"{path!r} does not exist in this revision"
    with pytest.raises(MissingFileError):
        tree.blob_id(path)


def test_a_large_file_is_listed_and_not_read(repo: Repo, tree_of: MakeTree) -> None:
    repo.write("limit.tf", b"#" * MAX_FILE_BYTES)
    repo.write("large.tf", b"#" * (MAX_FILE_BYTES + 1))
    repo.write("small.tf", b"# small")
    tree = tree_of(repo)
    assert list(tree.paths()) == ["large.tf", "limit.tf", "small.tf"]
    assert len(tree.read("limit.tf")) == MAX_FILE_BYTES
    with pytest.raises(UnreadableFileError) as caught:
        tree.read("large.tf")
    assert caught.value.reason == "it has 1,000,001 bytes, and the limit is 1,000,000"
    assert (
        str(caught.value) == "'large.tf' cannot be read: it has 1,000,001 bytes, and the limit is 1,000,000"
    )
    assert tree.read("small.tf") == b"# small"


def test_links_inside_the_tree_are_followed(repo: Repo, tree_of: MakeTree) -> None:
    repo.write("common/main.tf", "common")
    repo.link("a.tf", "common/main.tf")
    repo.link("chain.tf", "a.tf")
    repo.link("env/prod", "../common")
    repo.link("env/main.tf", "prod/main.tf")
    repo.link("env/up.tf", "../common/../env/prod/./main.tf")
    tree = tree_of(repo)
    assert list(tree.paths()) == ["a.tf", "chain.tf", "common/main.tf", "env/main.tf", "env/up.tf"]
    for path in tree.paths():
        assert tree.read(path) == b"common"
        assert tree.blob_id(path) == tree.blob_id("common/main.tf")


def test_a_linked_folder_can_be_listed_and_read(repo: Repo, tree_of: MakeTree) -> None:
    repo.write("common/main.tf", "common")
    repo.write("common/sub/deep.tf", "deep")
    repo.link("env/prod", "../common")
    tree = tree_of(repo)
    assert list(tree.files_in("env/prod")) == ["env/prod/main.tf"]
    assert list(tree.files_in("env/prod/sub")) == ["env/prod/sub/deep.tf"]
    assert list(tree.files_in("env/none")) == []
    assert tree.read("env/prod/sub/deep.tf") == b"deep"


OUT = "the symbolic link leads out of the repository"
NOTHING = "the symbolic link leads to nothing"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/etc/hostname", OUT),
        ("../outside.tf", OUT),
        ("folder/../../outside.tf", OUT),
        ("none.tf", NOTHING),
        ("main.tf/x", NOTHING),
        ("folder", "the symbolic link leads to a folder"),
        (".", "the symbolic link leads to a folder"),
        ("bad.tf", "the symbolic link leads to itself"),
        ("folder/back", "the symbolic link leads to itself"),
    ],
)
def test_other_links_are_refused(repo: Repo, tree_of: MakeTree, target: str, reason: str) -> None:
    (repo.root.parent / "outside.tf").write_text("secret")
    repo.write("main.tf", "")
    repo.write("folder/x.tf", "")
    repo.link("folder/back", "../bad.tf")
    repo.link("bad.tf", target)
    tree = tree_of(repo)
    assert "bad.tf" not in tree.paths()
    assert list(tree.files_in("")) == ["main.tf"]
    with pytest.raises(UnreadableFileError) as caught:
        tree.read("bad.tf")
    assert (caught.value.path, caught.value.reason) == ("bad.tf", reason)


@pytest.mark.parametrize("few", [0, 64])
def test_search_finds_literal_text(
    repo: Repo, tree_of: MakeTree, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(indexed, "_FEW_FILES", few)
    repo.write("a.tf", 'module "eks" {}\n')
    repo.write("b/c.tf", "x = var.region\n")
    repo.write("b/regex.tf", "x = varxregion\n")
    repo.write("b/values.tfvars", "var.region")
    repo.write("b/other.txt", "var.region")
    repo.write("AWS_REGION", "var.region")
    repo.write("bytes.tf", b"\x00\xff var.region")
    repo.write("ü ö.tf", "var.region")
    repo.link("link.tf", "b/other.txt")
    tree = tree_of(repo)
    assert list(tree.containing(["var.region"], [".tf"])) == ["b/c.tf", "bytes.tf", "link.tf", "ü ö.tf"]
    assert list(tree.containing(['module "eks"', "var.region"], [".tfvars", "a.tf", "AWS_REGION"])) == [
        "AWS_REGION",
        "a.tf",
        "b/values.tfvars",
    ]
    assert list(tree.containing(["var.region"], ["*.txt"])) == []
    assert "b/other.txt" in tree.containing(["var.region"], [])
    assert list(tree.containing(["nowhere"], [".tf"])) == []
    assert list(tree.containing([], [".tf"])) == []
    assert list(tree.containing(["-e", "--all"], [".tf"])) == []


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=python", "filter=x", "export-ignore"])
def test_attributes_do_not_hide_files_from_a_search(repo: Repo, tree_of: MakeTree, attribute: str) -> None:
    repo.write(".gitattributes", f"*.tf {attribute}\n")
    repo.write("main.tf", "needle")
    assert list(tree_of(repo).containing(["needle"], [".tf"])) == ["main.tf"]


def test_names_that_differ_only_in_bytes_are_not_taken_for_each_other(repo: Repo, tree_of: MakeTree) -> None:
    repo.write(b"\xff.tf", "a")
    repo.write("\\xff.tf", "b")
    tree = tree_of(repo)
    assert list(tree.paths()) == []
    with pytest.raises(UnreadableFileError, match="another file has the same name"):
        tree.read("\\xff.tf")


def test_a_pipe_is_not_waited_for(repo: Repo) -> None:
    repo.write("main.tf", "")
    os.mkfifo(repo.root / "pipe.tf")
    tree = DirectoryTree(repo.root)
    assert list(tree.paths()) == ["main.tf"]
    with pytest.raises(UnreadableFileError, match="it is not a regular file"):
        tree.read("pipe.tf")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(repo: Repo) -> None:
    repo.write("main.tf", "")
    (repo.root / "main.tf").chmod(0)
    with pytest.raises(UnreadableFileError, match="Permission denied"):
        DirectoryTree(repo.root).read("main.tf")


@pytest.mark.parametrize("became", ["link", "pipe", "nothing"])
def test_a_file_that_changed_its_kind_after_listing_is_not_followed(repo: Repo, became: str) -> None:
    repo.write("main.tf", "harmless")
    (repo.root.parent / "outside.tf").write_text("secret")
    tree = DirectoryTree(repo.root)
    assert list(tree.paths()) == ["main.tf"]
    (repo.root / "main.tf").unlink()
    if became == "link":
        repo.link("main.tf", "../outside.tf")
    elif became == "pipe":
        os.mkfifo(repo.root / "main.tf")
    with pytest.raises((UnreadableFileError, MissingFileError)):
        tree.read("main.tf")


def test_submodules_are_not_read(repo: Repo) -> None:
    repo.commit({"main.tf": ""})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("commit", "--quiet", "--message=submodule")
    with GitRepository.open(repo.root) as repository:
        for tree in (repository.tree(repository.resolve("HEAD")), repository.working_tree()):
            assert list(tree.paths()) == ["main.tf"]
            assert list(tree.files_in("module")) == []


def test_a_committed_submodule_says_so(repo: Repo) -> None:
    repo.commit({"main.tf": ""})
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("commit", "--quiet", "--message=submodule")
    with GitRepository.open(repo.root) as repository:
        tree = repository.tree(repository.resolve("HEAD"))
        with pytest.raises(UnreadableFileError, match="it is a submodule"):
            tree.read("module")
        with pytest.raises(MissingFileError):
            tree.read("module/main.tf")


def test_content_that_a_partial_clone_lacks_is_named(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"main.tf": "a\n"})
    repo.config("uploadpack.allowFilter", "true")
    run_git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repo.root}", "partial")
    with GitRepository.open(tmp_path / "partial") as repository:
        tree = repository.tree(repository.resolve("HEAD"))
        assert list(tree.paths()) == ["main.tf"]
        with pytest.raises(UnreadableFileError, match=r"not in this clone \(a partial clone\?\)"):
            tree.read("main.tf")
