"""The catalogue for people and for other tools, rendered from the checks: nothing can drift."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.checks.check import Check, FixKind
from reviewer.config.reader import is_prefix_of
from reviewer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def selected(ids: Iterable[str], checks: Mapping[str, Check] = CHECKS) -> list[Check]:
    """Return the checks of these ids, names or sections; all without any.

    Raises ``UsageError`` for an unknown one.
    """
    names = {each.name: each for each in checks.values()}
    found = []
    for wanted in ids:
        check = checks.get(wanted.upper()) or names.get(wanted.lower())
        section = [each for each in checks.values() if is_prefix_of(wanted.upper(), each.id)]
        if check is None and not section:
            near = [
                *difflib.get_close_matches(wanted.upper(), checks, n=1),
                *difflib.get_close_matches(wanted.lower(), names, n=1),
            ]
            message = f"There is no check {wanted!r}." + (f" Did you mean {near[0]}?" if near else "")
            raise UsageError(message)
        found += section if check is None else [check]
    return found or list(checks.values())


def as_json(check: Check) -> dict[str, object]:
    """Return a check as ``eks-review checks --format json`` prints it."""
    return {
        "id": check.id,
        "name": check.name,
        "title": check.title,
        "severity": check.severity.value,
        "pillar": check.pillar.value,
        "issue": check.issue,
        "scope": check.scope.value,
        "default": "on" if check.default_on else "opt-in",
        "resources": list(check.resources),
        "fixable": check.fix is not FixKind.NONE,
        "peers": list(check.peers),
        "docs": check.docs,
    }


def listing(checks: Iterable[Check]) -> str:
    """Return one line for each check."""
    return "\n".join(
        f"{each.id:<14} {each.severity.value:<9} {each.name:<38} {each.title}" for each in checks
    )


def page(check: Check) -> str:
    """Return a check's page in Markdown."""
    facts = [
        (
            "Severity",
            check.severity.value + ("; a prompt, which never fails a review" if check.is_prompt else ""),
        ),
        ("Pillar", check.pillar.title),
        ("Issue", check.issue),
        ("Scope", check.scope.value + (", production only" if check.production_only else "")),
        ("Default", "on" if check.default_on else "opt-in"),
        ("Shown", "inline" if check.surface.value == "inline" else "in the summary"),
        ("Suggestion", _suggestion(check)),
        ("Looks at", ", ".join(f"`{each}`" for each in check.resources)),
        ("Similar checks elsewhere", ", ".join(check.peers) or "none known"),
    ]
    text = check.documentation
    lines = [f"# {check.id}: {text.title}", "", f"`{check.name}`", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in facts]
    lines += ["", "## Why it matters", "", text.why, "", "## What to do", "", text.fix, ""]
    for title, example in (("Bad", text.bad), ("Good", text.good)):
        lines += [f"## {title}", ""]
        for name, code in example.files:
            lines += [f'```hcl title="{name}"', code.rstrip("\n"), "```", ""]
    lines += ["## References", "", *(f"- {each}" for each in text.references), ""]
    lines += ["## Accepting it", "", *_suppression(check)]
    return "\n".join(lines)


def _suggestion(check: Check) -> str:
    return {
        FixKind.NONE: "none: the right change needs a decision",
        FixKind.REPLACE: "yes, replaces the line",
        FixKind.INSERT: "yes, inserts what is missing",
        FixKind.IF_REF: "yes, when the name it needs exists once in the module",
        FixKind.NEW_ONLY: "yes, on blocks that the change adds",
    }[check.fix]


def _suppression(check: Check) -> list[str]:
    return [
        "With a reason and an end, on the line or above the block:",
        "",
        "```hcl",
        f'# eks-review:ignore {check.id} reason="why this is fine here" until=2027-06-30',
        "```",
    ]
