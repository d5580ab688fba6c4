"""Reviews of small real repositories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.change.change import from_git
from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.pipeline import review
from reviewer.review import Review
from tests.change.repo import Repo

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 23)

Files = Mapping[str, str | bytes | None]
"""Files by path; None removes one at the head."""

ReviewChange = Callable[..., Review]


@pytest.fixture
def review_change(tmp_path: Path) -> ReviewChange:
    """Commit ``base``, then ``head`` on top, and review what lies between."""

    def run(base: Files, head: Files, **config: Any) -> Review:
        repo = Repo.create(tmp_path / "repo")
        first = repo.commit(_dedented(base))
        for path, content in head.items():
            if content is None:
                (repo.root / path).unlink()
        second = repo.commit(_dedented(head))
        with GitRepository.open(repo.root) as opened:
            return review(from_git(opened, first, second), Config(**config), today=TODAY)

    return run


def _dedented(files: Files) -> dict[str, str | bytes]:
    return {
        path: dedent(content) if isinstance(content, str) else content
        for path, content in files.items()
        if content is not None
    }
