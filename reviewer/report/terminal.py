"""The review in a terminal: what, where, why and what to do, with the source beside it.

The text is made for a width and with or without colour, so that it can go to a terminal, a pipe or a file
alike. Nothing that comes from the repository gets there before :func:`reviewer.escape.visible`.
"""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from reviewer import escape
from reviewer.finding import Finding, Status
from reviewer.report.markdown_view import MarkdownView
from reviewer.report.terminal_finding import finding_lines, hanging, label, one_line, styled
from reviewer.report.terminal_style import Style
from reviewer.report.words import (
    count_sentence,
    coverage_sentence,
    groups,
    imported_sentences,
    score_text,
    verdict_words,
    why_parts,
)
from reviewer.review import Conclusion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.review import BaselineEntry, Review
    from reviewer.scorecard import PillarScore

_NARROW = 90
"""Below this width the scorecard explains itself under the table, not beside it."""
_SHOWN_REASONS = 5
_SHOWN_ENTRIES = 10
_VERDICT_STYLES = {
    Conclusion.SUCCESS: "bold green",
    Conclusion.FAILURE: "bold red",
    Conclusion.ERROR: "bold yellow",
}


def render(review: Review, style: Style | None = None, *, quiet: bool = False) -> str:
    """Return the review as text. ``quiet`` leaves what could not be read, the counts and the verdict."""
    console = _console(style or Style())
    parts = (*_unread(review, console), *_verdict(review, console)) if quiet else _parts(review, console)
    written = "".join(_written(part, console) for part in parts)
    return "\n".join(line.rstrip() for line in written.split("\n"))


def _written(part: RenderableType, console: Console) -> str:
    """Return a part as text. Printing each line of thousands of findings takes longer than the review."""
    if isinstance(part, Text):
        return styled(part, console)
    with console.capture() as capture:
        console.print(part, no_wrap=True, overflow="ignore", crop=False)
    return capture.get()


def _console(style: Style) -> Console:
    return Console(
        file=io.StringIO(),
        width=style.width,
        height=100,
        force_terminal=style.color,
        force_jupyter=False,
        color_system="standard" if style.color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _parts(review: Review, console: Console) -> Iterator[RenderableType]:
    view = MarkdownView(review, None)
    yield from _open(view, console)
    yield from _short_list("Already there, on what this change touches", view.existing, console)
    yield from _short_list("Fixed by this change", view.with_status(Status.FIXED), console)
    yield from _short_list("No longer evaluable", view.with_status(Status.NOT_EVALUABLE), console)
    yield from _short_list("Accepted by a suppression", view.accepted, console)
    yield from _short_list("In the baseline", view.baselined, console)
    yield from _suppressions(review, console)
    yield from _entries("Added to the baseline by this change", view.new_in_baseline, console, "bold yellow")
    yield from _entries("No longer in need of the baseline", view.stale_in_baseline, console, "bold")
    yield from _notices(review, console)
    yield Text("Scorecard (full score of everything)" if view.is_audit else "Scorecard", "bold")
    yield from _scorecard(review, console)
    yield Text()
    yield from _coverage(review, console)
    yield Text()
    yield from _verdict(review, console)


def _verdict(review: Review, console: Console) -> Iterator[Text]:
    sentence = count_sentence(review)
    if sentence:
        yield from Text(sentence).wrap(console, console.width)
    conclusion = review.verdict.conclusion
    verdict = Text(verdict_words(review)[1], _VERDICT_STYLES[conclusion])
    yield from (verdict + Text(f": {one_line(review.verdict.reason)}", "default")).wrap(
        console, console.width
    )


def _open(view: MarkdownView, console: Console) -> Iterator[RenderableType]:
    by_path = sorted(view.open, key=lambda each: each.path)
    for path, findings in groupby(by_path, key=lambda each: each.path):
        yield Rule(Text(escape.visible(path), "bold"), align="left", style="dim", characters="─")
        for finding in findings:
            yield Text()
            yield from finding_lines(finding, console)
        yield Text()


def _short_list(title: str, findings: tuple[Finding, ...], console: Console) -> Iterator[Text]:
    if not findings:
        return
    yield Text(f"{title} ({len(findings)})", "bold")
    for each in findings:
        line = Text.assemble(one_line(each.title), (f"  {escape.visible(each.path)}:{each.line}", "dim"))
        if each.suppressed is not None:
            line.append(f"  until {each.suppressed.until}: {one_line(each.suppressed.reason)}", "dim")
        yield from hanging(Text.assemble("  ", label(each), " "), line, console)
    yield Text()


def _suppressions(review: Review, console: Console) -> Iterator[Text]:
    if not review.new_suppressions:
        return
    yield Text("Suppressions added by this change", "bold yellow")
    for each in review.new_suppressions:
        accepted = each.acceptance
        place = f"  {escape.visible(accepted.path)}:{accepted.line}: "
        checks = ", ".join(one_line(check) for check in each.checks)
        line = Text(f"{checks} until {accepted.until}: {one_line(accepted.reason)}")
        yield from hanging(Text(escape.clip(place, console.width // 2)), line, console)
    yield Text()


def _entries(title: str, entries: tuple[BaselineEntry, ...], console: Console, style: str) -> Iterator[Text]:
    if not entries:
        return
    yield Text(f"{title} ({len(entries)})", style)
    for each in entries[:_SHOWN_ENTRIES]:
        line = Text.assemble(one_line(each.address), (f"  {escape.visible(each.path)}", "dim"))
        yield from hanging(Text(f"  {one_line(each.id)} "), line, console)
    if len(entries) > _SHOWN_ENTRIES:
        yield Text(f"  and {len(entries) - _SHOWN_ENTRIES} more", "dim")
    yield Text()


def _notices(review: Review, console: Console) -> Iterator[Text]:
    yield from _unread(review, console)
    for each in review.notices:
        place = "" if each.path is None else f"{escape.visible(each.path)}:{each.line or 1}: "
        yield from _warning(place + one_line(each.message), console)
    if review.coverage.files_not_analysed or review.notices:
        yield Text()


def _unread(review: Review, console: Console) -> Iterator[Text]:
    for each in review.coverage.files_not_analysed:
        yield from _warning(f"{escape.visible(each.path)}: {one_line(each.reason)}", console)


def _warning(text: str, console: Console) -> Iterator[Text]:
    return hanging(Text("warning: ", "bold yellow"), Text(text), console)


def _scorecard(review: Review, console: Console) -> Iterator[RenderableType]:
    narrow = console.width < _NARROW
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("  pillar", "score", "target"):
        table.add_column(name, no_wrap=True)
    if not narrow:
        table.add_column("why", ratio=1)
    for each in review.scorecard.pillars:
        table.add_row(*_cells(each), *([] if narrow else [_why(each)]))
    yield table
    if narrow:
        for each in review.scorecard.pillars:
            yield from hanging(Text(f"  {each.pillar.title}: "), _why(each), console)
    yield Text(f"  {review.scorecard.headline}")


def _cells(score: PillarScore) -> tuple[Text, Text, Text]:
    mark, style = {True: ("✔", "green"), False: ("✘", "red"), None: (" ", "dim")}[score.meets]
    return (
        Text(f"  {score.pillar.title}"),
        Text(score_text(score), style),
        Text.assemble(f"{score.target} ", (mark, style)),
    )


def _why(score: PillarScore) -> Text:
    return Text(one_line("; ".join(why_parts(score))) or "nothing to assess", "dim")


def _coverage(review: Review, console: Console) -> Iterator[Text]:
    yield from Text(coverage_sentence(review), "dim").wrap(console, console.width)
    for sentence in imported_sentences(review):
        yield from hanging(Text("  imported: ", "dim"), Text(sentence, "dim"), console)
    reasons = groups(review.coverage)
    for each in reasons[:_SHOWN_REASONS]:
        yield from hanging(
            Text(f"  {each.count} undecided: ", "dim"), Text(one_line(each.reason), "dim"), console
        )
    more = len(reasons) - _SHOWN_REASONS
    if more > 0:
        yield Text(f"  {more} more {'reason' if more == 1 else 'reasons'}: see --format json", "dim")
