"""Dependencies point one way: a folder uses those above it in this list, for types alone, too."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parents[1] / "reviewer"

LAYERS = (
    {"record", "errors", "files", "globs", "json_faults", "yaml_nodes", "data", "issues"},
    {"escape", "deadline", "finding", "change"},
    {"scorecard", "order", "terraform", "config"},
    {"review", "plan_files", "quality_document", "views"},
    {"suppression", "baseline", "checks"},
    {"imported", "own", "report"},
    {"engine", "output"},
    {"pipeline", "fix", "fleet"},
    {"github"},
    {"action"},
    {"cli"},
    {"docs", "__main__"},
)
"""The folders and modules of ``reviewer/``, the lowest first. Those of one layer know nothing of each other."""

LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}


def modules() -> Iterator[Path]:
    return PACKAGE.rglob("*.py")


def part_of(path: Path) -> str:
    """Return the folder or the module of ``reviewer/`` that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each import of something in ``reviewer/``, with its line: those in functions, too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} is relative"
            names = [f"{node.module}.{each.name}" for each in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            part = rest.partition(".")[0]
            if package == "reviewer" and part not in {"PROJECT_URL", "__version__"}:
                yield node.lineno, part


def test_every_part_has_its_layer() -> None:
    assert {part_of(each) for each in modules()} - {"__init__"} == set(LEVELS)


@pytest.mark.parametrize("part", sorted(LEVELS))
def test_a_part_uses_only_what_is_below_it(part: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE.parent)}:{line} uses {other}, which is not below {part}"
        for path in modules()
        if part_of(path) == part
        for line, other in imported_parts(path)
        if other != part and LEVELS[other] >= LEVELS[part]
    ]
    assert wrong == []
