"""What a person hears of ``--fix``, all of it on standard error."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from reviewer.output import say
from reviewer.report.terminal_style import style_for
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.finding import Finding
    from reviewer.fix.rounds import Outcome

_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_RESET = "\x1b[0m"


def tell(outcome: Outcome, lines: Iterable[str], options: Mapping[str, Any]) -> None:
    """Show the diff, unless ``--quiet``, and say what was fixed and what was left."""
    if not options["quiet"]:
        _show(lines, no_color=options["no_color"])
    for line in summary(outcome):
        say(line)


def summary(outcome: Outcome) -> Iterator[str]:
    """Yield a line for each suggestion that could not be made, and one for all that were."""
    for each in outcome.left:
        yield (
            f"left out: {_named(each)}: its suggestion does not hold together with the others that were made;"
            " look at it by hand"
        )
    if outcome.made:
        files = plural(len(outcome.files), "file")
        yield f"fixed {plural(len(outcome.made), 'problem')} in {files}: {_all_named(outcome.made)}"
    else:
        yield "there is no suggestion to apply: nothing was changed"


def _all_named(findings: Iterable[Finding]) -> str:
    return ", ".join(dict.fromkeys(each.id for each in findings))


def _named(finding: Finding) -> str:
    return f"{finding.id} at {finding.path}:{finding.line}"


def _show(lines: Iterable[str], *, no_color: bool) -> None:
    if sys.stderr is None:
        return
    colored = style_for(sys.stderr, os.environ, no_color=no_color).color
    for line in lines:
        color = _COLORS.get(line[:1]) if colored else None
        sys.stderr.write(f"{color}{line}{_RESET}\n" if color else f"{line}\n")
    sys.stderr.flush()
