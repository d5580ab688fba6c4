"""Fixtures: a repository with a pull request, and a fake GitHub that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.fake import FakeGitHub
from tests.github.world import Problem, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A pull request that puts the words ``open`` and ``logs`` on lines 10 and 30 of infra/eks.tf."""
    world = World(tmp_path)
    world.edit("infra/eks.tf", 10, "cidr = open")
    world.edit("infra/eks.tf", 30, "types = logs")
    world.commit({})
    world.problems = [Problem("open"), Problem("logs", fix="types = all")]
    return world


@pytest.fixture
def github(world: World) -> Iterator[FakeGitHub]:
    with FakeGitHub(world.pull()) as github:
        yield github
