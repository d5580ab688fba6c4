from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import from_directories
from reviewer.change.diff import FileStatus
from reviewer.change.directory import DirectoryTree, diff_directories
from reviewer.change.errors import MissingDirectoryError

if TYPE_CHECKING:
    from pathlib import Path

PATHS = [
    "main.tf",
    "with blank/a b.tf",
    'quo"te.tf',
    "new\nline.tf",
    "umlaut-ä.tf",
    "base/base.tf",
    "head b/head.tf",
]
FOLDERS = [("base", "head"), ("b a s e", "h\te"), ('"a', "b"), ("a", '"b'), ("x", "x b/y"), ("ä", "longer/ö")]


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.mark.parametrize("path", PATHS, ids=ascii)
@pytest.mark.parametrize(("base", "head"), FOLDERS, ids=ascii)
def test_paths_are_relative_to_the_directories(tmp_path: Path, base: str, head: str, path: str) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    source = fill(
        tmp_path / base,
        {
            path: "a\nb\n",
            f"gone/{path}": "gone\n",
            f"old/{path}": text,
            f"binary/{path}": b"\0",
            "same.tf": "x\n",
        },
    )
    target = fill(
        tmp_path / head,
        {
            path: "a\nB\n",
            f"come/{path}": "",
            f"new/{path}": text,
            f"binary/{path}": b"\0\1",
            "same.tf": "x\n",
        },
    )
    (source / "same.tf").chmod(0o755)
    change = from_directories(source, target)
    assert {(file.old_path, file.path, file.status, file.binary) for file in change.files} == {
        (path, path, FileStatus.MODIFIED, False),
        (f"gone/{path}", f"gone/{path}", FileStatus.REMOVED, False),
        (None, f"come/{path}", FileStatus.ADDED, False),
        (f"old/{path}", f"new/{path}", FileStatus.RENAMED, False),
        (f"binary/{path}", f"binary/{path}", FileStatus.MODIFIED, True),
        ("same.tf", "same.tf", FileStatus.MODIFIED, False),
    }
    [hunk] = next(file.hunks for file in change.files if file.path == path)
    assert hunk.added_lines == {2}
    assert (change.base.read(path), change.head.read(path)) == (b"a\nb\n", b"a\nB\n")


def test_directories_have_no_revision(tmp_path: Path) -> None:
    change = from_directories(fill(tmp_path / "base", {"a.tf": ""}), fill(tmp_path / "head", {"a.tf": ""}))
    assert (change.base.revision, change.head.revision, change.files) == (None, None, ())


def test_git_and_terraform_folders_are_skipped(tmp_path: Path) -> None:
    base = fill(tmp_path / "base", {"main.tf": "", ".terraform/modules/x.tf": "a", ".git/config": "a"})
    head = fill(tmp_path / "head", {"main.tf": "", "x/.terraform/x.tf": "b", ".git/x": "b", ".git.tf": ""})
    assert list(DirectoryTree(head).paths()) == [".git.tf", "main.tf"]
    assert list(DirectoryTree(head).containing(["b"], [])) == []
    assert [file.path for file in diff_directories(base, head)] == [".git.tf"]


def test_a_linked_directory_is_the_directory(tmp_path: Path) -> None:
    fill(tmp_path / "real", {"main.tf": "a\n"})
    (tmp_path / "link").symlink_to("real")
    fill(tmp_path / "other", {"main.tf": "b\n"})
    [file] = from_directories(tmp_path / "link", tmp_path / "other").files
    assert (file.path, file.status) == ("main.tf", FileStatus.MODIFIED)
    assert DirectoryTree(tmp_path / "link").read("main.tf") == b"a\n"


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    fill(tmp_path, {"file": ""})
    for place in ("none", "file"):
        with pytest.raises(MissingDirectoryError, match=f"{place}' is not a directory"):
            DirectoryTree(tmp_path / place)
        with pytest.raises(MissingDirectoryError, match=f"{place}' is not a directory"):
            diff_directories(tmp_path, tmp_path / place)
