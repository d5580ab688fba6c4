"""The messages that the documentation explains are those that the code says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (.+?) \| .+ \|$", re.MULTILINE)
CODE = re.compile(r"(`+) ?(.+?) ?\1(?!`)")
SECTIONS = (
    "The change cannot be read",
    "A file was not analysed",
    "Nothing is posted, or not everything",
    "The review could not be made",
)


@cache
def said() -> str:
    """Return every text in the code, one per line; what is filled in ends one."""
    texts = [
        node.value
        for path in sorted((ROOT / "reviewer").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return "\n".join(texts)


def messages() -> list[str]:
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    found = []
    for section in SECTIONS:
        rows = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        cells = [cell for cell in ROW.findall(rows) if "`" in cell]
        assert cells, section
        found += [span for cell in cells for _, span in CODE.findall(cell)]
    return found


@pytest.mark.parametrize("message", messages())
def test_message_is_said(message: str) -> None:
    pieces = [piece.strip() for piece in re.split(r"…|\d+|(?<=[:.])\s", message)]
    assert [piece for piece in pieces if piece and piece not in said()] == []
