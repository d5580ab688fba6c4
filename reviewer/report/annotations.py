"""``--format github``: workflow commands that show findings in the log and beside the changed lines.

Sources: the runner (a command starts with ``::`` after blanks on either stream, or with ``##[`` anywhere; ten
annotations of a level per step are kept, of 4,096 characters each) and the toolkit's way of escaping them.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.finding import Finding, Severity, Status
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.review import Notice, Review

LEVELS: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.CRITICAL: "error",
        Severity.HIGH: "error",
        Severity.MEDIUM: "warning",
        Severity.LOW: "notice",
    }
)
PER_LEVEL = 10
"""Annotations of a level that the runner keeps for one step."""
_MESSAGE_LIMIT = 3000
_TITLE_LIMIT = 200
_PATH_LIMIT = 4000
_COMMAND = re.compile(r"(^|[\r\n])([^\S\r\n]*):(?=:)")


def render(review: Review) -> str:
    """Return the commands for changed settings and the worst findings, the count of the others, the verdict.

    What the change introduces goes before what was there already, which says so in its title, and is only
    counted where it cannot fail the review: GitHub folds no annotations.
    """
    lines = [_warning(each) for each in review.notices if each.urgent]
    shown = [each for each in review.findings if each.counts and review.verdict.may_fail_by(each)]
    for level in dict.fromkeys(LEVELS.values()):
        found = [each for each in shown if LEVELS[each.severity] == level]
        found.sort(key=lambda each: (each.status is Status.EXISTING, each.severity.rank))
        room = PER_LEVEL - sum(line.startswith(f"::{level} ") for line in lines)
        lines += [_command(level, each) for each in found[:room]]
        rest = len(found) - room
        if rest > 0:
            lines.append(f"{plural(rest, 'finding')} of level {level} not shown here: see the job summary.")
    there = sum(each.counts for each in review.findings) - len(shown)
    if there:
        lines.append(f"{plural(there, 'finding')} that stood before not shown here: see the job summary.")
    verdict = escape.visible(escape.plain(review.verdict.reason))
    lines.append(neutralise(f"{review.verdict.conclusion}: {verdict}"))
    return "\n".join(lines) + "\n"


def neutralise(text: str) -> str:
    """Return a text that starts no workflow command, whatever it holds: for all other output on a runner."""
    return _COMMAND.sub(r"\1\2: ", text).replace("##[", "## [")


def _command(level: str, finding: Finding) -> str:
    message = "\n".join(
        filter(None, (escape.text(finding.message), escape.text(finding.hint), escape.visible(finding.docs)))
    )
    there = " (already there)" if finding.status is Status.EXISTING else ""
    properties = {
        # A log is shown on terminals, too: no character of a name may steer one.
        "file": escape.clip(escape.visible(finding.path), _PATH_LIMIT),
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "title": escape.clip(f"{finding.id}: {escape.text(finding.title)}{there}", _TITLE_LIMIT),
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_data(escape.clip(message, _MESSAGE_LIMIT))}"


def _warning(notice: Notice) -> str:
    """Show a notice that is about the review itself; it takes one of the places of its level."""
    place = f"file={_property(escape.clip(escape.visible(notice.path), _PATH_LIMIT))}," if notice.path else ""
    message = escape.clip(escape.text(notice.message), _MESSAGE_LIMIT)
    return f"::warning {place}title=EKS Review::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("##[", "## [")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
