"""Searching a tree: the same answer however it is found, and as few processes as possible."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from reviewer.change import index
from reviewer.change.change import from_git
from reviewer.change.git import GitRepository

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
    monkeypatch.setattr(index, "_FEW_FILES", few)
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
    started: list[str] = []
    original = subprocess.run

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        started.append(command[1])
        return original(command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "run", run)
    with GitRepository.open(changed.root) as repository:
        change = from_git(repository, "main", "feature")
        for _ in range(3):
            assert "kept.tf" in change.base.containing(["needle"], [".tf"])
            assert "kept.tf" not in change.head.containing(["needle"], [".tf"])
            assert change.base.containing(["other"], [".yml"]) == ("values.yml",)
    assert started.count("grep") == 1
