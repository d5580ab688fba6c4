"""Writes the generated documentation, or tells whether it is fresh.

What is generated comes from the checks, the typed configuration and the JSON schema, so that pages cannot
drift from code.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.cli import starter
from reviewer.config import pages as configuration
from reviewer.config.file import json_schema
from reviewer.docs import action, quality_document
from reviewer.fleet.wire import Fleet
from reviewer.issues import ISSUES
from reviewer.report import catalogue
from reviewer.report import json as json_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.checks.check import Check

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- begin generated: checks -->", "<!-- end generated: checks -->"

_ABOUT = "Why these, bullet by bullet: [from the quality document to the checks](../quality-document.md)."
_HEADER = "| check | severity | pillar | suggests | what it finds |\n|---|---|---|---|---|"


def pages(root: Path = ROOT) -> Mapping[Path, str]:
    """Return every generated file with its content."""
    docs = root / "docs"
    found = {docs / "checks" / f"{each.id}.md": catalogue.page(each) + "\n" for each in CHECKS.values()}
    found[docs / "checks" / "README.md"] = f"# Checks\n\n{_ABOUT}\n\n{table('')}\n"
    found[docs / "quality-document.md"] = quality_document.page()
    found[docs / "configuration.md"] = configuration.page()
    found[docs / "action.md"] = action.page(root / "action.yml")
    found[docs / "config.schema.json"] = json.dumps(json_schema(), indent=2) + "\n"
    found[docs / "review.schema.json"] = json.dumps(json_report.schema(), indent=2) + "\n"
    fleet = json_report.schema(Fleet, "fleet.schema.json")
    found[docs / "fleet.schema.json"] = json.dumps(fleet, indent=2) + "\n"
    found[root / "examples" / "workflows" / "review.yml"] = starter.workflow()
    readme = root / "README.md"
    found[readme] = with_table(readme.read_text(encoding="utf-8"))
    return found


def with_table(readme: str) -> str:
    """Return the README with its table of checks renewed."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table('docs/checks/')}\n\n{END}{after}"


def table(folder: str) -> str:
    """Return the checks as Markdown, a table for each issue; links start with ``folder``."""
    by_issue: defaultdict[str, list[Check]] = defaultdict(list)
    for each in CHECKS.values():
        by_issue[each.issue].append(each)
    parts = []
    for issue, title in ISSUES.items():
        if by_issue[issue]:
            rows = "\n".join(
                _row(each, folder) for each in sorted(by_issue[issue], key=lambda check: check.id)
            )
            parts.append(f"**{issue} {title}**\n\n{_HEADER}\n{rows}")
    return "\n\n".join(parts)


def _row(check: Check, folder: str) -> str:
    fix = "✔" if catalogue.as_json(check)["fixable"] else ""
    name = f"[{check.id}]({folder}{check.id}.md)" + ("" if check.default_on else " (opt-in)")
    return f"| {name} | {check.severity.value} | {check.pillar.title} | {fix} | {check.title} |"


def stale(root: Path = ROOT) -> Iterator[str]:
    """Yield one line for each generated file that is missing, out of date or left over."""
    wanted = pages(root)
    for path, text in wanted.items():
        if not path.exists():
            yield f"{path.relative_to(root)} is missing"
        elif path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(root)} is out of date"
    for path in sorted((root / "docs" / "checks").glob("*.md")):
        if path not in wanted:
            yield f"{path.relative_to(root)} belongs to no check"


def write(root: Path = ROOT) -> None:
    """Write every generated file, and remove pages of checks that are no more."""
    wanted = pages(root)
    for path in (root / "docs" / "checks").glob("*.md"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write the documentation, or with ``--check`` tell what is stale and return 1."""
    if arguments != ["--check"]:
        write()
        return 0
    lines = list(stale())
    for line in lines:
        sys.stderr.write(f"{line}: run `make docs`\n")
    return 1 if lines else 0
