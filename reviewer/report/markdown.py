"""The review in Markdown: the sticky summary, an inline comment, the job summary.

GitHub refuses comments above 65,536 characters, so a summary is made of whole sections within a budget. What
does not fit is left out from the least important up, and the summary says so. Nothing is ever cut inside a
fence or a ``<details>``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from msgspec.structs import replace

from reviewer import PROJECT_URL, escape
from reviewer.finding import Finding, Location, Severity, Status
from reviewer.record import Record
from reviewer.report.markdown_view import MarkdownView
from reviewer.report.source import diff_lines
from reviewer.report.words import SEVERITY_ICONS, adds_to_title, groups, other_places, plural
from reviewer.review import Mode
from reviewer.terraform.module import is_terraform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.report.words import Link
    from reviewer.review import Review

SUMMARY_MARKER = "<!-- eks-review:summary -->"
SUMMARY_LIMIT = 60_000
"""Characters of the sticky summary; GitHub's own limit is 65,536."""
JOB_SUMMARY_LIMIT = 1_000_000
"""Bytes of the job summary; GitHub's own limit is 1 MiB for a step."""
SUGGESTION_LIMIT = 40_000
"""Characters of a suggestion; a longer one would not leave room for the comment, and nobody would read it."""
_DIFF_LINES = 40
_RESERVE = 700
"""Room for the sentence that says what was left out."""


class _Section(Record):
    """A part of the summary. ``items`` is what it lists, ``None`` for a whole; ``name`` is one of them.

    ``share`` is the part of the budget that it may take, in percent, so that a long one leaves room for
    others.
    """

    macro: str
    importance: int
    name: str = ""
    items: Sequence[object] | None = None
    share: int = 100


class _Budget(Record):
    """How long a text may be, and how its length is counted."""

    limit: int
    size: Callable[[str], int]


def summary(review: Review, link: Link | None = None, limit: int = SUMMARY_LIMIT) -> str:
    """Return the sticky summary in at most ``limit`` characters, its marker on the first line.

    ``link`` makes an address of a path and a line in the head; without it, or when it returns ``None``,
    places are plain.
    """
    budget = _Budget(limit - len(SUMMARY_MARKER) - 1, len)
    view = MarkdownView(review, link)
    return f"{SUMMARY_MARKER}\n{_assembled(view, budget, 'The job summary has all of it.')}"


def job_summary(review: Review, link: Link | None = None, limit: int = JOB_SUMMARY_LIMIT) -> str:
    """Return the summary of the workflow run: every finding in full, in at most ``limit`` bytes."""
    budget = _Budget(limit, lambda text: len(text.encode()))
    return _assembled(MarkdownView(review, link, full=True), budget, "`--format json` has all of it.")


def whole(review: Review, link: Link | None = None) -> str:
    """Return everything: a change as the summary of its run, an audit as the living quality report."""
    return quality_report(review, link) if review.mode is Mode.AUDIT else job_summary(review, link)


def quality_report(review: Review, link: Link | None = None, limit: int = JOB_SUMMARY_LIMIT) -> str:
    """Return an audit in the order of the quality document, in at most ``limit`` bytes."""
    from reviewer.report.quality_report import SHOWN_PLACES, QualityReport

    template = environment().get_template("quality.md.j2")
    text = ""
    for shown in SHOWN_PLACES:
        text = template.render(report=QualityReport(MarkdownView(review, link, full=True), shown)) + "\n"
        if len(text.encode()) <= limit:
            break
    return text


def comment(finding: Finding, link: Link | None = None) -> str:
    """Return the body of an inline comment, its marker on the first line, with its suggestion if any."""
    template = environment().get_template("comment.md.j2")
    suggestion = finding.suggestion
    # GitHub does not say which line ends its button would write into a file that has those of Windows.
    if suggestion is not None and (suggestion.crlf or len(suggestion.replacement) > SUGGESTION_LIMIT):
        finding = replace(finding, suggestion=None)
    return template.render(
        view=MarkdownView(None, link),
        finding=finding,
        marker=finding_marker(finding.fingerprint),
        elsewhere=_elsewhere(finding, MarkdownView(None, link)),
        waiting=f"{PROJECT_URL}/blob/main/docs/suppressions.md#in-the-open",
        suppressible=_suppressible(finding, MarkdownView(None, link)),
    )


def finding_marker(fingerprint: str) -> str:
    """Return the hidden line by which a later run knows the comment again."""
    return f"<!-- eks-review:finding {fingerprint} -->"


def _assembled(view: MarkdownView, budget: _Budget, rest: str) -> str:
    """Give room to the sections by importance, then join those that got some in the order of reading."""
    sections = [each for each in _sections(view) if each.items is None or each.items]
    room = budget.limit - _RESERVE
    texts: dict[str, str] = {}
    missing: list[str] = []
    for section in sorted(sections, key=lambda each: each.importance):
        text, left_out = _fitted(section, view, min(room, budget.limit * section.share // 100), budget.size)
        room -= budget.size(text) + 2
        texts[section.macro] = text
        if left_out:
            missing.append(plural(left_out, section.name))
    if missing:
        texts["footer"] = f"_Left out for length: {', '.join(missing)}. {rest}_\n\n{texts['footer']}"
    return "\n\n".join(text for each in sections if (text := texts[each.macro])) + "\n"


def _sections(view: MarkdownView) -> tuple[_Section, ...]:
    """Return all sections in the order of reading; the least important are the first to go."""
    review = view.review
    scores = review.scorecard.pillars
    return (
        _Section("verdict", 0),
        _Section("settings", 3, "notice", [each for each in review.notices if each.urgent], 10),
        _Section("suppressions", 3, "new suppression", review.new_suppressions, 15),
        _Section("baseline", 3, "new baseline entry", view.new_in_baseline, 15),
        _Section("scorecard", 2),
        _Section("not_analysed", 4, "unread file", review.coverage.files_not_analysed, 10),
        _Section("open", 7, "finding", view.open),
        _Section("fixed", 8, "fixed finding", view.with_status(Status.FIXED)),
        _Section("notices", 5, "notice", [each for each in review.notices if not each.urgent], 10),
        _Section("existing", 11, "existing finding", view.existing),
        _Section("gone", 9, "no longer evaluable finding", view.with_status(Status.NOT_EVALUABLE)),
        _Section("accepted", 10, "accepted finding", view.accepted),
        _Section("baselined", 10, "finding in the baseline", view.baselined),
        _Section("stale", 10, "stale baseline entry", view.stale_in_baseline, 10),
        _Section("coverage", 6, "undecided group", groups(review.coverage) or None, 10),
        _Section("scores", 12, "explained score", [each for each in scores if view.why(each)]),
        _Section("footer", 1),
    )


def _fitted(section: _Section, view: MarkdownView, room: int, size: Callable[[str], int]) -> tuple[str, int]:
    """Return the section with as many whole items as there is room for, and how many are missing."""
    if section.items is None:
        return _render(section.macro, view), 0
    total = len(section.items)
    whole = _render(section.macro, view, section.items, 0)
    if size(whole) <= room:
        return whole, 0
    low, high = 0, total - 1
    while low < high:
        middle = (low + high + 1) // 2
        if size(_render(section.macro, view, section.items[:middle], total - middle)) <= room:
            low = middle
        else:
            high = middle - 1
    return (_render(section.macro, view, section.items[:low], total - low) if low else ""), total - low


def _render(macro: str, *arguments: object) -> str:
    module: Any = environment().get_template("summary.md.j2").module
    return str(getattr(module, macro)(*arguments)).strip()


def _elsewhere(finding: Finding, view: MarkdownView) -> str:
    """Say where the problem is when the comment cannot stand there, and where its value came from."""
    stands = finding.comment_line or finding.line
    sentences = []
    if not finding.line <= stands <= finding.end_line:
        sentences.append(f"This is about {view.where(finding.path, finding.line)}.")
    supplies, others = other_places(finding, stands)
    if others:
        places = ", ".join(view.where(each.path, each.line) for each in others)
        sentences.append(f"{'The value comes from' if supplies else 'See also'} {places}.")
    return " ".join(sentences)


def _suppressible(finding: Finding, view: MarkdownView) -> str:
    """Say above what a suppression counts: JSON has no comments, and those of other files are not read."""
    if finding.comment_line == finding.line and _has_suppressions(finding.path):
        return "the line"
    places = (Location(finding.path, finding.line, finding.end_line), *finding.origins)
    place = next((each for each in places if _has_suppressions(each.path)), None)
    return "" if place is None else view.where(place.path, place.line)


def _has_suppressions(path: str) -> bool:
    return is_terraform(path) and not path.endswith(".json")


@cache
def environment() -> jinja2.Environment:
    """Return the environment of our own templates. Markdown is escaped by the filters, HTML by autoescape."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(("html", "html.j2")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=False,
    )
    environment.filters |= {
        "cell": escape.cell,
        "code": escape.code,
        "diff": _diff,
        "icon": _icon,
        "line": escape.line,
        "markdown": escape.markdown,
        "suggestion": _suggestion,
    }
    environment.tests["telling"] = adds_to_title
    return environment


def _icon(severity: Severity) -> str:
    return SEVERITY_ICONS[severity]


def _diff(finding: Finding) -> str:
    """Return the suggestion for where GitHub offers no button; a long one is only counted."""
    lines = [f"{sign} {text}".rstrip() for sign, text in diff_lines(finding)]
    if len(lines) > _DIFF_LINES:
        return f"_The suggestion has {len(lines)} lines._"
    return escape.fenced("\n".join(lines), "diff")


def _suggestion(replacement: str) -> str:
    return escape.fenced(replacement, "suggestion")
