"""Searching a tree: the same answer however it is found, and as few processes as possible."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.change import indexed, search
from reviewer.change.change import from_git
from reviewer.change.git import GitRepository
from reviewer.change.search import Foreseen

if TYPE_CHECKING:
    from tests.change.repo import Repo

QUERIES = [
    (("needle",), (".tf",)),
    (("needle", "other"), (".tf", ".yml")),
    (("needle",), ()),
    (("nowhere",), (".tf",)),
    (("needle",), (".sh",)),
    ((), (".tf",)),
]


@pytest.fixture
def changed(repo: Repo) -> Repo:
    """Return a repository in which every kind of change may bring or take away a needle."""
    repo.commit(
        {
            "kept.tf": "needle\n",
            "plain.tf": "hay\n",
            "brought.tf": "hay\n",
            "taken.tf": "needle\n",
            "removed.tf": "needle\n",
            "old name.tf": "a needle in a haystack\n" * 9,
            "becomes-link.tf": "needle\n",
            "values.yml": "other: 1\n",
            "notes.txt": "needle\n",
        }
    )
    repo.link("link.tf", "kept.tf")
    repo.link("changing-link.tf", "plain.tf")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.write("brought.tf", "needle\n")
    repo.write("taken.tf", "hay\n")
    repo.write("added.tf", "needle\n")
    for gone in ("removed.tf", "becomes-link.tf", "changing-link.tf"):
        (repo.root / gone).unlink()
    repo.git("mv", "old name.tf", "new name.tf")
    repo.link("becomes-link.tf", "plain.tf")
    repo.link("changing-link.tf", "kept.tf")
    repo.commit()
    return repo


@pytest.mark.parametrize("head", ["feature", None])
@pytest.mark.parametrize("few", [0, 1, 5, 64])
def test_every_way_of_searching_finds_the_same(
    changed: Repo, monkeypatch: pytest.MonkeyPatch, few: int, head: str | None
) -> None:
    if head is None:
        changed.write("untracked.tf", "needle\n")
        changed.write("kept.tf", "edited needle\n")
    monkeypatch.setattr(indexed, "_FEW_FILES", few)
    with GitRepository.open(changed.root) as repository:
        change = from_git(repository, "main", head)
        for tree in (change.base, change.head):
            for needles, suffixes in QUERIES:
                expected = [
                    path
                    for path in tree.paths()
                    if path.endswith(suffixes or ("",))
                    and any(each.encode() in tree.read(path) for each in needles)
                ]
                assert list(tree.containing(needles, suffixes)) == expected


def test_base_and_head_are_searched_by_one_process_and_once(
    changed: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.commit({f"more/{number}.tf": "hay\n" for number in range(80)})
    changed.git("branch", "--force", "main", "feature")
    changed.commit({"kept.tf": "hay\n"})
    started = processes(monkeypatch)
    with GitRepository.open(changed.root) as repository:
        change = from_git(repository, "main", "feature")
        for _ in range(3):
            assert "kept.tf" in change.base.containing(["needle"], [".tf"])
            assert "kept.tf" not in change.head.containing(["needle"], [".tf"])
            assert change.base.containing(["other"], [".yml"]) == ("values.yml",)
    assert started.count("grep") == 1


ODD = ['provider "', "a.c", "[x]", "f(", "a|b", "x*y+", "^$", "{1}", "back\\slash", "ä", "n?"]


@pytest.mark.parametrize("head", ["feature", None])
def test_what_is_foreseen_is_found_by_one_process_and_no_differently(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, head: str | None
) -> None:
    """Needles that mean something in a pattern, lines with a NUL, paths with a line end."""
    repo.commit({"hay.tf": "abc fx xxy 1 backslash\n", "old.tf": "a.c\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit(
        {
            **{f"{number}.tf": f"hay {needle}\n" for number, needle in enumerate(ODD)},
            "two\nlines/a.b.tf": "a.c on a line\nand f( on the next",
            "nul.tf": "x\0y [x]\nz\0 n?\n",
            "values.tfvars": "a|b\n",
            "a|b.tf": "the name alone\n",
            "other.md": "a.c\n",
        }
    )
    repo.link("link.tf", "0.tf")
    repo.commit()
    monkeypatch.setattr(indexed, "_FEW_FILES", 0)
    foreseen = Foreseen(frozenset(ODD), frozenset({".tf", ".tfvars"}))
    commands = processes(monkeypatch)
    with GitRepository.open(repo.root) as repository:
        change = from_git(repository, "main", head, foreseen=lambda: foreseen)
        for suffixes in ((".tf",), (".tf", ".tfvars")):
            for needles in (*((each,) for each in ODD), ("a.c", "f("), tuple(ODD)):
                expected = [
                    path
                    for path in change.head.paths()
                    if path.endswith(suffixes)
                    and any(each.encode() in change.head.read(path) for each in needles)
                ]
                assert list(change.head.containing(needles, suffixes)) == expected
        assert commands.count("grep") == 1
        assert "other.md" in change.head.containing(("a.c",), (".md",))
        assert change.head.containing(("haystack",), (".tf",)) == ()
        assert commands.count("grep") == 3


def test_where_too_many_lines_match_the_names_alone_are_asked_for(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"hay.tf": "hay\n"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"a.tf": "needle\n" * 300_000, "b.tf": "needle\n"})
    monkeypatch.setattr(indexed, "_FEW_FILES", 0)
    monkeypatch.setattr(search, "MAX_BYTES", 1_000_000)
    with GitRepository.open(repo.root) as repository:
        change = from_git(
            repository, "main", foreseen=lambda: Foreseen(frozenset({"needle"}), frozenset({".tf"}))
        )
        assert change.head.containing(("needle",), (".tf",)) == ("a.tf", "b.tf")


def processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the git commands that are started from now on, as they are."""
    commands: list[str] = []
    original: Any = subprocess.Popen.__init__

    def started(self: object, command: list[str], *arguments: object, **options: object) -> None:
        commands.append(command[1])
        original(self, command, *arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", started)
    return commands
