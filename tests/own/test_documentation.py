"""The examples of docs/own-checks.md are run: each finds the lines marked ``# fails`` and no other."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.command import ROOT, TODAY, run

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("regopy", reason="the Rego engine is not installed on this system")

TEXT = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
FENCE = re.compile(r'```(\w+) title="([^"]+)"\n(.*?)```', re.DOTALL)
SECTIONS = {
    section.partition("\n")[0]: {name: text for _, name, text in FENCE.findall(section)}
    for section in TEXT.split("\n### ")
    if "```rego" in section
}


def marked(text: str, mark: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if line.rstrip().endswith(mark)]


def test_there_are_examples() -> None:
    assert list(SECTIONS) == [
        "Names begin with a team",
        "Modules come from the company's registry, pinned",
        "A view instead of a type",
    ]


@pytest.mark.parametrize("title", SECTIONS)
def test_example_finds_what_it_says(title: str, tmp_path: Path) -> None:
    files = SECTIONS[title]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".eks-review.yml").write_text('policies: [".eks-review/*.rego"]\n', encoding="utf-8")
    done = run("audit", "--select", "OWN", "--format", "json", *TODAY, cwd=tmp_path)
    assert done.code in {0, 1}, done.err
    review = json.loads(done.out)
    found = sorted(each["line"] for each in review["findings"] if each["path"] == "main.tf")
    assert found == marked(files["main.tf"], "# fails")
    undecided = [each["address"] for each in review["coverage"]["not_evaluated"]]
    expected = re.findall(r'"(\w+)" "(\w+)" \{ # undecided', files["main.tf"])
    assert undecided == [f"{kind}.{name}" for kind, name in expected]
