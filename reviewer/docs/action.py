"""The page about the action: its inputs and outputs, written from ``action.yml`` itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_INTRODUCTION = """\
# The action: inputs and outputs

How to set the action up stands in [GitHub](github.md); what it reviews, in [configuration](configuration.md).
An input that is given beats the configuration file. The exit code of the step is the check: 0 passed, 1 the
findings fail the gate, 2 wrong use or configuration, 3 the review is incomplete or failed.
"""


def page(action: Path) -> str:
    """Return the page for an ``action.yml``."""
    described = yaml.safe_load(action.read_text(encoding="utf-8"))
    inputs = [
        (name, f"`{each['default']}`" if each.get("default") else "none", each["description"])
        for name, each in described["inputs"].items()
    ]
    outputs = [(name, each["description"]) for name, each in described["outputs"].items()]
    return (
        f"{_INTRODUCTION}\n## Inputs\n\n{_table(('input', 'default', 'meaning'), inputs)}"
        f"\n## Outputs\n\n{_table(('output', 'meaning'), outputs)}"
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, *cells in rows:
        lines.append(f"| `{name}` | {' | '.join(' '.join(cell.split()) for cell in cells)} |")
    return "\n".join(lines) + "\n"
