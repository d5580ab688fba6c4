"""Everything git can be made to run by a repository leaves a marker; no review may leave one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from reviewer.change import process
from reviewer.change.change import from_directories, from_git
from reviewer.change.errors import ChangeError
from reviewer.change.git import GitRepository
from tests.change.repo import Repo, run_git

if TYPE_CHECKING:
    from pathlib import Path

HOOKS = ["post-index-change", "post-checkout", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman"]


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def trap(tmp_path: Path, marker: Path) -> str:
    """Return a program that leaves the marker, whatever it is called for."""
    place = tmp_path / "trap"
    place.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    place.chmod(0o755)
    return str(place)


@pytest.fixture
def changed(repo: Repo) -> Repo:
    """Return a repository with a change on a branch and another one in the working tree."""
    repo.commit({"main.tf": "a\n", "kept.tf": "k\n", ".gitattributes": "*.tf filter=x diff=x\n* merge=x\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"main.tf": "a\nb\n"})
    repo.write("main.tf", "a\nb\nc\n")
    repo.write("kept.tf", "k\n")
    repo.write("new.tf", "n\n")
    return repo


def review(repo: Repo) -> list[str]:
    """Do all that a review can do with both kinds of head; return the changed paths."""
    paths = []
    with GitRepository.open(repo.root) as repository:
        for head in (None, "feature"):
            change = from_git(repository, "main", head)
            for tree in (change.base, change.head):
                for path in tree.paths():
                    tree.read(path)
                    tree.blob_id(path)
                tree.containing(["a"], [".tf"])
            paths += [file.path for file in change.files]
    return paths


@pytest.mark.parametrize(
    "key",
    [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "core.hooksPath",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "merge.x.driver",
        "pager.diff",
        "pager.rev-parse",
        "pager.grep",
        "credential.helper",
        "gpg.program",
        "uploadpack.packObjectsHook",
        "alias.diff",
        "alias.ls-tree",
    ],
)
def test_no_configured_command_is_run(changed: Repo, marker: Path, trap: str, key: str) -> None:
    changed.config("filter.x.required", "true")
    changed.config("core.untrackedCache", "true")
    value = trap
    if key == "core.hooksPath":
        hooks = marker.parent / "hooks"
        hooks.mkdir()
        for name in HOOKS:
            (hooks / name).symlink_to(trap)
        value = str(hooks)
    if key.startswith("alias."):
        value = f"!{trap}"
    changed.config(key, value)
    assert review(changed) == ["main.tf", "new.tf", "main.tf"]
    assert not marker.exists()


def test_the_traps_are_real(changed: Repo, marker: Path, trap: str) -> None:
    """Git itself does run these: without this the test above would prove nothing."""
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "filter.x.clean"):
        changed.config(key, trap)
        changed.git("diff", "main", check=False)
        assert marker.exists(), key
        marker.unlink()
        changed.git("config", "--unset", key)


def test_no_hook_of_the_repository_is_run(changed: Repo, marker: Path, trap: str) -> None:
    for name in HOOKS:
        (changed.root / ".git/hooks").mkdir(exist_ok=True)
        (changed.root / ".git/hooks" / name).unlink(missing_ok=True)
        (changed.root / ".git/hooks" / name).symlink_to(trap)
    assert review(changed) == ["main.tf", "new.tf", "main.tf"]
    assert not marker.exists()


def test_included_configuration_is_no_way_in(changed: Repo, marker: Path, trap: str) -> None:
    (changed.root / "config.txt").write_text(f'[diff]\nexternal = {trap}\n[filter "x"]\nclean = {trap}\n')
    changed.config("include.path", "../config.txt")
    assert review(changed) == ["config.txt", "main.tf", "new.tf", "main.tf"]
    assert not marker.exists()


def test_attributes_inside_git_are_no_way_in(changed: Repo, marker: Path, trap: str) -> None:
    (changed.root / ".git/info").mkdir(exist_ok=True)
    (changed.root / ".git/info/attributes").write_text("*.tf -diff filter=y\n")
    changed.config("filter.y.clean", trap)
    assert review(changed) == ["main.tf", "new.tf", "main.tf"]
    assert not marker.exists()


@pytest.mark.parametrize("inside", [".", "folder"])
def test_a_git_program_in_the_checkout_is_not_taken_for_git(
    changed: Repo, marker: Path, trap: str, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    (changed.root / "folder").mkdir()
    for place in (changed.root / "git", changed.root / "folder/git"):
        place.symlink_to(trap)
    monkeypatch.chdir(changed.root)
    monkeypatch.setenv("PATH", f"{inside}::{os.environ['PATH']}")
    review(changed)
    assert not marker.exists()


@pytest.mark.parametrize("protocol", ["ext", "file", "ssh"])
@pytest.mark.parametrize("variable", ["GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"])
def test_a_partial_clone_fetches_nothing(
    *,
    changed: Repo,
    tmp_path: Path,
    marker: Path,
    trap: str,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
    variable: str,
) -> None:
    """Older versions of git do not know the first variable; each of the two is enough."""
    original = process.clean_environment
    environment = {name: value for name, value in original().items() if name != variable}
    monkeypatch.setattr(process, "clean_environment", lambda: environment)
    changed.config("uploadpack.allowFilter", "true")
    run_git(
        tmp_path,
        "clone",
        "--quiet",
        "--no-checkout",
        "--filter=blob:none",
        f"file://{changed.root}",
        "partial",
    )
    partial = Repo(tmp_path / "partial")
    partial.config("protocol.allow", "always")
    partial.config(f"protocol.{protocol}.allow", "always")
    partial.config("core.sshCommand", trap)
    partial.config("remote.origin.uploadpack", trap)
    url = {"ext": f"ext::{trap}", "file": f"file://{changed.root}", "ssh": "ssh://nowhere.invalid/x"}[
        protocol
    ]
    partial.config("remote.origin.url", url)
    with GitRepository.open(partial.root) as repository:
        with pytest.raises(ChangeError):
            repository.resolve("1" * 40)
        with pytest.raises(ChangeError, match="lacks the content of changed files"):
            from_git(repository, "origin/main", "origin/feature")
        with pytest.raises(ChangeError, match="a partial clone"):
            repository.tree(repository.resolve("origin/main")).read("main.tf")
    assert not marker.exists()
    if protocol == "file":
        partial.git("rev-parse", "--verify", "1" * 40 + "^{commit}", check=False)
        assert marker.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.srcPrefix", "x/"),
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.algorithm", "patience"),
        ("diff.orderFile", "order"),
        ("diff.wordRegex", "."),
        ("diff.x.binary", "true"),
        ("diff.x.xfuncname", "a"),
        ("diff.autoRefreshIndex", "false"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.quotePath", "true"),
        ("core.attributesFile", "attributes"),
        ("core.excludesFile", "excludes"),
        ("core.bigFileThreshold", "1"),
        ("core.fileMode", "true"),
        ("grep.patternType", "perl"),
        ("grep.lineNumber", "true"),
        ("grep.fullName", "false"),
        ("log.showSignature", "true"),
        ("status.showUntrackedFiles", "no"),
        ("core.untrackedCache", "true"),
    ],
)
def test_no_setting_changes_the_answer(changed: Repo, key: str, value: str) -> None:
    (changed.root / "attributes").write_text("*.tf -diff\n")
    (changed.root / "excludes").write_text("*.tf\n")
    (changed.root / "order").write_text("z*\n")
    changed.commit({"a ä.tf": "x\n\ny\n"})
    changed.git("mv", "a ä.tf", "b ä.tf")

    def answer() -> object:
        with GitRepository.open(changed.root) as repository:
            change = from_git(repository, "main")
            found = change.head.containing(["a."], [".tf"]), change.head.containing(["b"], [".tf"])
            return change.files, found, change.head.paths()

    before = answer()
    changed.config(key, value)
    assert answer() == before


@pytest.mark.parametrize(
    "attributes", ["*.tf -diff", "*.tf binary", "* -text -diff", "[attr]none -diff\n*.tf none", "*.tf diff=x"]
)
@pytest.mark.parametrize("head", ["feature", None])
def test_attributes_of_the_change_cannot_hide_lines(repo: Repo, attributes: str, head: str | None) -> None:
    repo.commit({"main.tf": "a\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit(
        {"main.tf": "a\nb\n", ".gitattributes": f"{attributes}\n", "sub/.gitattributes": f"{attributes}\n"}
    )
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository, "main", head)
    [file] = [file for file in change.files if file.path == "main.tf"]
    assert not file.binary
    assert file.hunks[0].added_lines == {2}


def test_replaced_objects_do_not_deceive(changed: Repo) -> None:
    changed.git(
        "replace", changed.git("rev-parse", "feature:main.tf"), changed.git("rev-parse", "main:kept.tf")
    )
    changed.git("replace", changed.git("rev-parse", "feature"), changed.git("rev-parse", "main"))
    with GitRepository.open(changed.root) as repository:
        change = from_git(repository, "main", "feature")
        assert [file.path for file in change.files] == ["main.tf"]
        assert change.head.read("main.tf") == b"a\nb\n"


def test_a_foreign_owner_is_accepted(changed: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container action, where the process is root and the workspace belongs to the runner's user."""
    original = process.clean_environment
    monkeypatch.setattr(
        process, "clean_environment", lambda: {**original(), "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    )
    assert review(changed) == ["main.tf", "new.tf", "main.tf"]


def test_compared_directories_run_and_hide_nothing(tmp_path: Path, marker: Path, trap: str) -> None:
    for name, content in (("base", "a\n"), ("head", "a\nb\n")):
        inner = Repo.create(tmp_path / name)
        inner.write("main.tf", content)
        inner.write(".gitattributes", "*.tf filter=x diff=x -diff\n")
        for key in ("filter.x.clean", "diff.x.textconv", "diff.external", "core.fsmonitor"):
            inner.config(key, trap)
    [file] = from_directories(tmp_path / "base", tmp_path / "head").files
    assert file.hunks[0].added_lines == {2}
    assert not marker.exists()
