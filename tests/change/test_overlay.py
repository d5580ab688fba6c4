from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change.directory import DirectoryTree
from reviewer.change.tree import MissingFileError, OverlayTree, blob_sha

if TYPE_CHECKING:
    from tests.change.repo import Repo


@pytest.fixture
def overlay(repo: Repo) -> OverlayTree:
    repo.write("main.tf", "before")
    repo.write("other.tf", "before too")
    repo.write("modules/x/main.tf", "x")
    return OverlayTree(DirectoryTree(repo.root), {"main.tf": b"after", "modules/x/new.tf": b"after as well"})


def test_replaced_files_are_read_and_the_others_stay(overlay: OverlayTree) -> None:
    assert overlay.read("main.tf") == b"after"
    assert overlay.read("modules/x/new.tf") == b"after as well"
    assert overlay.read("other.tf") == b"before too"
    with pytest.raises(MissingFileError):
        overlay.read("none.tf")


def test_it_lists_both(overlay: OverlayTree) -> None:
    assert overlay.revision is None
    assert overlay.paths() == ["main.tf", "modules/x/main.tf", "modules/x/new.tf", "other.tf"]
    assert overlay.files_in("") == ["main.tf", "other.tf"]
    assert overlay.files_in("modules/x") == ["modules/x/main.tf", "modules/x/new.tf"]


def test_ids_follow_the_content(overlay: OverlayTree) -> None:
    assert overlay.blob_id("main.tf") == blob_sha(b"after")
    assert overlay.blob_id("other.tf") == blob_sha(b"before too")


def test_a_search_sees_the_replaced_text_only(overlay: OverlayTree) -> None:
    assert overlay.containing(["before"], [".tf"]) == ["other.tf"]
    assert overlay.containing(["after"], [".tf"]) == ["main.tf", "modules/x/new.tf"]
    assert overlay.containing(["after"], ["main.tf"]) == ["main.tf"]
