"""The merged report: JSON for the next one and for other tools, Markdown and text for people."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from reviewer import escape
from reviewer.finding import Pillar, Severity
from reviewer.fleet.merge import number_of
from reviewer.report.indented import indented
from reviewer.review import Conclusion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.fleet.wire import Fleet, Moment, Standing

MAX_ROWS = 500
"""Of the league table in Markdown: a job summary takes a mebibyte. JSON has all."""

LEAST_COLUMNS = 120
"""A narrower table says nothing; a terminal wraps its lines."""

MAX_CHECKS = 20
MAX_MOMENTS = 12

NONE = "-"
"""What stands for a number that there is not."""

_SIGNS = {Conclusion.SUCCESS: "✅", Conclusion.FAILURE: "❌", Conclusion.ERROR: "⚠️"}
_SHORT = {"cost-optimization": "Cost", "operational-excellence": "Operations"}


class Form(StrEnum):
    """The forms of a merged report."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def render(form: Form, fleet: Fleet, width: int = 120) -> str:
    """Return the report, ending in a newline. ``width`` is that of text, in columns."""
    match form:
        case Form.JSON:
            return indented(msgspec.to_builtins(fleet), 1)
        case Form.MARKDOWN:
            return _markdown(fleet)
        case Form.TEXT:
            return _text(fleet, width)


def _markdown(fleet: Fleet) -> str:
    verdict = fleet.verdict
    parts = [
        f"# {_SIGNS[verdict.conclusion]} EKS Review of {number_of(len(fleet.repositories))}",
        f"{escape.markdown(verdict.reason)} {_since(fleet)}".strip(),
        "## League table",
        _table(_league_head(), (_league_row(each) for each in fleet.repositories[:MAX_ROWS])),
    ]
    if len(fleet.repositories) > MAX_ROWS:
        parts.append(f"{len(fleet.repositories) - MAX_ROWS} more stand in the JSON report.")
    broken = [each for each in fleet.repositories if each.conclusion is Conclusion.ERROR]
    if broken:
        rows = ([escape.code(each.name), escape.cell(each.reason)] for each in broken[:MAX_ROWS])
        parts += ["## Not audited completely", _table(["Repository", "Why"], rows)]
    if fleet.gone:
        named = ", ".join(escape.code(each) for each in fleet.gone[:MAX_CHECKS])
        more = f" and {len(fleet.gone) - MAX_CHECKS} more" if len(fleet.gone) > MAX_CHECKS else ""
        parts.append(f"No longer there: {named}{more}.")
    if fleet.checks:
        parts += ["## What is found most", _table(*_check_table(fleet))]
    parts += [
        "## Trend (scores are medians)",
        _table(_trend_head(), (_trend_row(each) for each in fleet.history[-MAX_MOMENTS:])),
    ]
    return "\n\n".join(parts) + "\n"


def _since(fleet: Fleet) -> str:
    if len(fleet.history) < len(("before", "now")):
        return ""
    before, now = fleet.history[-2:]
    return f"Open findings since {before.today}: {_signed(now.open.total - before.open.total)}."


def _league_head() -> list[str]:
    pillars = [_SHORT.get(each.value, each.title) for each in Pillar]
    return ["#", "Repository", *(each.value.capitalize() for each in Severity), "Change", *pillars]


def _league_row(standing: Standing) -> list[str]:
    sign = _SIGNS[standing.conclusion]
    counts = [str(each) for each in standing.open.key] if standing.open else [NONE] * len(Severity)
    scores = [_shown(standing.scores.get(each.value)) for each in Pillar]
    return [str(standing.rank), f"{sign} {escape.code(standing.name)}", *counts, _change(standing), *scores]


def _change(standing: Standing) -> str:
    """Return how many more findings are open than before; a repository without a report before is new."""
    if standing.open is None:
        return NONE
    return "new" if standing.before is None else _signed(standing.open.total - standing.before.total)


def _check_table(fleet: Fleet) -> tuple[list[str], list[list[str]]]:
    head = ["Check", "What is wrong", "Severity", "Repositories", "Findings"]
    rows = [
        [each.id, escape.cell(each.title), each.severity.value, str(each.repositories), str(each.findings)]
        for each in fleet.checks[:MAX_CHECKS]
    ]
    return head, rows


def _trend_head() -> list[str]:
    pillars = [_SHORT.get(each.value, each.title) for each in Pillar]
    return [
        "Day",
        "Repositories",
        "Failing",
        "Incomplete",
        *(each.value.capitalize() for each in Severity),
        *pillars,
    ]


def _trend_row(moment: Moment) -> list[str]:
    numbers = (moment.repositories, moment.failing, moment.incomplete, *moment.open.key)
    medians = (moment.medians.get(each.value) for each in Pillar)
    return [str(moment.today), *map(str, numbers), *map(_shown, medians)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
    return "\n".join(lines)


def _text(fleet: Fleet, width: int) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, width=max(width, LEAST_COLUMNS), color_system=None, highlight=False)
    tables = [("League table", _league_head(), [_league_row(each) for each in fleet.repositories])]
    if fleet.checks:
        tables.append(("What is found most", *_check_table(fleet)))
    tables.append(
        (
            "Trend (scores are medians)",
            _trend_head(),
            [_trend_row(each) for each in fleet.history[-MAX_MOMENTS:]],
        )
    )
    for title, head, rows in tables:
        # The columns of the trend fit only side by side; without room, days and headings would be cut.
        padding = (0, 0 if head == _trend_head() else 1)
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=padding)
        for name in head:
            table.add_column(name)
        for row in rows:
            table.add_row(*(Text(escape.text(cell)) for cell in row))
        console.print(table)
    for each in fleet.repositories:
        if each.conclusion is Conclusion.ERROR:
            console.print(Text(f"incomplete: {escape.visible(each.name)}: {escape.text(each.reason)}"))
    console.print(
        Text(f"{fleet.verdict.conclusion.value}: {escape.text(fleet.verdict.reason)} {_since(fleet)}".strip())
    )
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _shown(score: int | None) -> str:
    return NONE if score is None else str(score)


def _signed(difference: int) -> str:
    return f"{difference:+d}" if difference else "0"
