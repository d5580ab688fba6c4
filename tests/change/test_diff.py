from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.change.change import from_git
from reviewer.change.diff import (
    ChangedFile,
    FileStatus,
    Hunk,
    added_file,
    parse_diff,
    parse_hunks,
)
from reviewer.change.directory import diff_directories
from reviewer.change.errors import MalformedDiffError
from reviewer.change.git import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.change.repo import Repo


def change(repo: Repo, before: dict[str, str | bytes], after: dict[str, str | bytes]) -> list[ChangedFile]:
    """Commit ``before`` on main and ``after`` (its files and no other) on a branch; return the difference."""
    repo.commit(before)
    repo.git("checkout", "--quiet", "-b", "feature")
    for path in before:
        (repo.root / path).unlink()
    repo.commit(after)
    return files_of(repo)


def files_of(repo: Repo) -> list[ChangedFile]:
    with GitRepository.open(repo.root) as repository:
        return list(from_git(repository, "main", "HEAD").files)


def test_a_changed_line_has_its_numbers_on_both_sides() -> None:
    text = (
        b"diff --git a/main.tf b/main.tf\n"
        b"index 1234567..89abcde 100644\n"
        b"--- a/main.tf\n"
        b"+++ b/main.tf\n"
        b"@@ -9,4 +10,5 @@ resource a\n"
        b" nine\n"
        b"-ten\n"
        b"+TEN\n"
        b"+and a half\n"
        b" eleven\n"
        b" twelve\n"
    )
    [file] = parse_diff([text])
    assert file == ChangedFile(
        path="main.tf",
        old_path="main.tf",
        status=FileStatus.MODIFIED,
        binary=False,
        hunks=(
            Hunk(
                source_start=9,
                source_length=4,
                target_start=10,
                target_length=5,
                added_lines=frozenset({11, 12}),
                removed_lines=frozenset({10}),
            ),
        ),
        changed_lines=3,
    )
    assert file.hunks[0].target_lines == range(10, 15)


def test_an_empty_diff_changes_nothing() -> None:
    assert parse_diff([]) == ()
    assert parse_diff([b""]) == ()
    assert parse_diff([b"\n"]) == ()


def test_pieces_may_end_anywhere() -> None:
    text = "".join(
        f"diff --git a/{name}.tf b/{name}.tf\n--- a/{name}.tf\n+++ b/{name}.tf\n@@ -1 +1,2 @@\n a\n+diff --git\n"
        for name in "xyz"
    ).encode()
    whole = parse_diff([text])
    assert [(each.path, set(each.hunks[0].added_lines)) for each in whole] == [
        ("x.tf", {2}),
        ("y.tf", {2}),
        ("z.tf", {2}),
    ]
    for size in range(1, 60):
        assert parse_diff(text[at : at + size] for at in range(0, len(text), size)) == whole


def test_hunks_come_from_a_patch_as_the_api_gives_it() -> None:
    [first, second] = parse_hunks("@@ -1,2 +1 @@\n a\n-b\n@@ -10 +9,2 @@ locals {\n c\n+d")
    assert first.target_lines == range(1, 2)
    assert first.removed_lines == {2}
    assert second.target_lines == range(9, 11)
    assert second.added_lines == {10}


def test_content_that_looks_like_a_diff_is_content(repo: Repo) -> None:
    before = "-- a/fake\n++ b/fake\ndiff --git a/x b/x\n@@ -1 +1 @@\nend\n"
    after = "++ b/other\ndiff --git a/x b/x\n@@ -1 +1 @@\nend\n\\ No newline at end of file\n"
    [file] = change(repo, {"main.tf": before}, {"main.tf": after})
    [hunk] = file.hunks
    assert (hunk.source_start, hunk.source_length, hunk.target_lines) == (1, 5, range(1, 6))
    assert hunk.removed_lines == {1, 2}
    assert hunk.added_lines == {1, 5}


@pytest.mark.parametrize(
    "separator",
    ["\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r", "\r\r"],
    ids=lambda separator: ascii(separator).strip("'"),
)
def test_only_a_newline_ends_a_line(repo: Repo, separator: str) -> None:
    before = f"one{separator}still one\ntwo\n"
    after = f"one{separator}still one\ntwo{separator}b\nthree\n"
    [file] = change(repo, {"main.tf": before}, {"main.tf": after})
    [hunk] = file.hunks
    assert hunk.target_lines == range(1, 4)
    assert hunk.added_lines == {2, 3}


def test_crlf_ends_one_line(repo: Repo) -> None:
    [file] = change(repo, {"main.tf": "a\r\nb\r\n"}, {"main.tf": "a\r\nB\r\n\r\n"})
    [hunk] = file.hunks
    assert hunk.target_lines == range(1, 4)
    assert hunk.added_lines == {2, 3}


def test_a_missing_final_newline_is_no_line(repo: Repo) -> None:
    [file] = change(repo, {"main.tf": "a\nb"}, {"main.tf": "a\nb\nc"})
    [hunk] = file.hunks
    assert (hunk.source_length, hunk.target_lines) == (2, range(1, 4))
    assert hunk.removed_lines == {2}
    assert hunk.added_lines == {2, 3}


def test_bytes_that_are_not_utf_8_do_not_shift_lines(repo: Repo) -> None:
    [file] = change(repo, {"main.tf": b"\xff\xfe\na\n"}, {"main.tf": b"\xff\xfe\na\n\xc3(\n"})
    assert file.hunks[0].added_lines == {3}


PATHS = [
    "plain.tf",
    "with blank/a b.tf",
    " leading and trailing ",
    "tab\there.tf",
    'quo"te.tf',
    "back\\slash.tf",
    "new\nline.tf",
    "new\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n.tf",
    "umlaut-ä-日本.tf",
    "a/b/a.tf",
    "b/a/b.tf",
    "x b/x.tf",
    "x.tf b/x.tf",
    "a/x.tf b/a/x.tf",
    "\x01\x7f\b.tf",
    "-rf.tf",
    ":(top)x.tf",
    "dev/null",
]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_every_path_survives(repo: Repo, path: str) -> None:
    repo.commit({path: "one\ntwo\n", "other.tf": ""})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({path: "one\nTWO\n"})
    [file] = files_of(repo)
    assert (file.path, file.old_path, file.status) == (path, path, FileStatus.MODIFIED)
    assert file.hunks[0].added_lines == {2}


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_every_path_survives_without_lines(repo: Repo, path: str) -> None:
    """An added empty file, a removed one, a binary one and a changed mode name the file in one place only."""
    repo.commit({f"removed/{path}": "", f"binary/{path}": b"\0a", f"mode/{path}": "x\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    (repo.root / f"removed/{path}").unlink()
    (repo.root / f"mode/{path}").chmod(0o755)
    repo.commit({f"added/{path}": "", f"binary/{path}": b"\0b"})
    assert [(file.path, file.old_path, file.status, file.binary, file.hunks) for file in files_of(repo)] == [
        (f"added/{path}", None, FileStatus.ADDED, False, ()),
        (f"binary/{path}", f"binary/{path}", FileStatus.MODIFIED, True, ()),
        (f"mode/{path}", f"mode/{path}", FileStatus.MODIFIED, False, ()),
        (f"removed/{path}", f"removed/{path}", FileStatus.REMOVED, False, ()),
    ]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_every_path_survives_a_rename(repo: Repo, path: str) -> None:
    text = "".join(f"line {number}\n" for number in range(20))
    files = change(
        repo, {f"old/{path}": text, "b": "x\n" * 9}, {f"new/{path}": f"{text}more\n", path: "x\n" * 9}
    )
    assert {(file.old_path, file.path, file.status) for file in files} == {
        (f"old/{path}", f"new/{path}", FileStatus.RENAMED),
        ("b", path, FileStatus.RENAMED),
    }
    changed = next(file for file in files if file.hunks)
    assert changed.path == f"new/{path}"
    assert changed.hunks[0].added_lines == {21}


def test_a_path_that_is_not_utf_8_can_be_printed(repo: Repo) -> None:
    repo.commit({})
    repo.write(b"caf\xe9.tf", "a\n")
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit()
    [file] = files_of(repo)
    assert file.path == "caf\\xe9.tf"
    with GitRepository.open(repo.root) as repository:
        assert repository.tree(repository.resolve("HEAD")).read(file.path) == b"a\n"


def test_a_pure_rename_has_no_hunks(repo: Repo) -> None:
    [file] = change(repo, {"old.tf": "a\nb\nc\n"}, {"new.tf": "a\nb\nc\n"})
    assert file == ChangedFile("new.tf", "old.tf", FileStatus.RENAMED, binary=False, hunks=())


def test_only_deletions(repo: Repo) -> None:
    files = change(repo, {"gone.tf": "a\nb\n", "less.tf": "a\nb\nc\n"}, {"less.tf": "a\nc\n"})
    gone, less = files
    assert (gone.path, gone.old_path, gone.status) == ("gone.tf", "gone.tf", FileStatus.REMOVED)
    assert gone.hunks[0].removed_lines == {1, 2}
    assert gone.hunks[0].target_lines == range(0)
    assert less.hunks[0].removed_lines == {2}
    assert less.hunks[0].added_lines == frozenset()
    assert less.hunks[0].target_lines == range(1, 3)


def test_two_distant_changes_are_two_hunks_with_three_lines_of_context(repo: Repo) -> None:
    lines = [f"{number}\n" for number in range(1, 31)]
    before = "".join(lines)
    lines[4], lines[24] = "five\n", "twenty-five\n"
    repo.config("diff.context", "9")
    repo.config("diff.interHunkContext", "30")
    [file] = change(repo, {"main.tf": before}, {"main.tf": "".join(lines)})
    assert [hunk.target_lines for hunk in file.hunks] == [range(2, 9), range(22, 29)]


def test_a_file_of_another_kind_is_a_change_of_all_its_content(repo: Repo) -> None:
    repo.commit({"main.tf": "a\n", "other.tf": "b\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    (repo.root / "main.tf").unlink()
    repo.link("main.tf", "other.tf")
    repo.commit()
    [file] = files_of(repo)
    assert file == ChangedFile("main.tf", "main.tf", FileStatus.MODIFIED, binary=True, hunks=())


def test_a_link_shows_no_lines_because_its_text_is_not_its_content(repo: Repo) -> None:
    repo.link("main.tf", "one.tf")
    repo.commit({"one.tf": "1\n", "two.tf": "2\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    (repo.root / "main.tf").unlink()
    repo.link("main.tf", "two.tf")
    repo.link("new.tf", "two.tf")
    repo.commit()
    assert files_of(repo) == [
        ChangedFile("main.tf", "main.tf", FileStatus.MODIFIED, binary=True, hunks=()),
        ChangedFile("new.tf", None, FileStatus.ADDED, binary=True, hunks=()),
    ]


def test_a_huge_file_shows_no_lines(repo: Repo) -> None:
    [file] = change(repo, {"main.tf": "a\n"}, {"main.tf": "a\n" * 1_500_000})
    assert (file.status, file.binary, file.hunks) == (FileStatus.MODIFIED, True, ())


def test_submodules_are_left_out(repo: Repo) -> None:
    repo.commit({"main.tf": ""})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("commit", "--quiet", "--message=submodule")
    assert files_of(repo) == []
    text = (
        b"diff --git a/m b/m\nnew file mode 160000\nindex 0000000..1111111\n"
        b"--- /dev/null\n+++ b/m\n@@ -0,0 +1 @@\n+Subproject commit 1\n"
    )
    assert parse_diff([text]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "this is no diff\n",
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n",
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\nwithout a sign\n",
        "diff --git a/x\nindex 1..2\n",
        'diff --git "a/x\nindex 1..2\n',
        "diff --git a/x b/y\nindex 1..2\n",
    ],
)
def test_a_malformed_diff_is_refused(text: str) -> None:
    with pytest.raises(MalformedDiffError, match=r"^the diff cannot be read: .+"):
        _ = [list(file.hunks) for file in parse_diff([text.encode()])]


def test_an_added_file_is_all_added_lines() -> None:
    file = added_file("u.tf", b"a\r\n\n")
    assert file.hunks == (Hunk(0, 0, 1, 2, frozenset({1, 2}), frozenset()),)
    assert file.changed_lines == 2
    assert added_file("u.tf", b"a").hunks[0].added_lines == {1}
    assert added_file("u.tf", b"") == ChangedFile("u.tf", None, FileStatus.ADDED, binary=False, hunks=())
    assert added_file("u.tf", None).binary


LINES = st.lists(
    st.sampled_from(["", "a", "b\r", "-- c", "++ d", "\f", "\u2028e", "\\ No newline", " "]), max_size=12
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=LINES, after=LINES, newline=st.booleans())
def test_hunks_hold_the_lines_of_both_files(
    tmp_path: Path, before: list[str], after: list[str], *, newline: bool
) -> None:
    texts = {}
    for name, lines in (("base", before), ("head", after)):
        texts[name] = "\n".join(lines) + ("\n" if newline and lines else "")
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "main.tf").write_bytes(texts[name].encode())
    files = diff_directories(tmp_path / "base", tmp_path / "head")
    assert bool(files) == (texts["base"] != texts["head"])
    hunks = [hunk for file in files for hunk in file.hunks]
    assert sum(each.changed_lines for each in files) == sum(
        len(hunk.added_lines) + len(hunk.removed_lines) for hunk in hunks
    )
    kept = without(texts["base"], {line for hunk in hunks for line in hunk.removed_lines})
    assert without(texts["head"], {line for hunk in hunks for line in hunk.added_lines}) == kept
    for hunk in hunks:
        assert hunk.added_lines <= set(hunk.target_lines)


def without(text: str, numbers: set[int]) -> list[str]:
    """Return the lines of a text but those of the given numbers."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return [line for number, line in enumerate(lines, 1) if number not in numbers]
