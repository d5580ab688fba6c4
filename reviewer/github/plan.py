"""What a run will write on the pull request, decided before the first write. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewer.config.config import Config
from reviewer.escape import code, markdown
from reviewer.finding import Finding, Severity, Status
from reviewer.github import markers
from reviewer.github.carried import carried
from reviewer.github.changes import Change, DeleteSummary, EditSummary
from reviewer.github.lifecycle import Situation, changes_of, first_of_each
from reviewer.github.remarks import Remark, placed, remarks_of
from reviewer.github.state import CommitStatus
from reviewer.record import Record
from reviewer.report.markdown import SUMMARY_LIMIT
from reviewer.report.words import adds_to_title
from reviewer.review import Conclusion, Review

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.github.state import OwnSummary, PullState

MAX_DESCRIPTION = 140
"""Characters of a commit status' description; GitHub refuses more."""


_DEFAULTS = Config()


class Rendering(Record):
    """How texts are made, in Markdown with their markers: a review's summary, a finding's comment.

    A summary has at most the given number of characters.
    """

    summary: Callable[[Review, int], str]
    comment: Callable[[Finding], str]


class Options(Record):
    """What the workflow wants written."""

    max_comments: int = _DEFAULTS.max_comments
    comment: bool = True
    comment_on_drafts: bool = _DEFAULTS.comment_on_drafts
    status_context: str = ""
    resolve_threads: bool = False


class InlineComment(Record):
    """One comment of a review, on lines ``start_line`` to ``line`` of the head file."""

    fingerprint: str
    path: str
    start_line: int
    line: int
    body: str

    @property
    def request(self) -> dict[str, str | int]:
        """Return the comment as GitHub takes it: a single line has no start, and nothing is ever null."""
        comment: dict[str, str | int] = {
            "path": self.path,
            "body": self.body,
            "side": "RIGHT",
            "line": self.line,
        }
        if self.start_line < self.line:
            comment |= {"start_line": self.start_line, "start_side": "RIGHT"}
        return comment


class NewReview(Record):
    """The one review of this run. ``marker`` finds it again when the answer to posting it was lost."""

    body: str
    marker: str
    comments: tuple[InlineComment, ...]


class Plan(Record):
    """All writes of a run. ``review`` is the review as it will be shown, with every finding's final place."""

    review: Review
    new_review: NewReview | None
    new_summary: str | None
    changes: tuple[Change, ...]
    status: CommitStatus | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has to be written."""
        return not (self.new_review or self.new_summary or self.changes or self.status)


class Limits(Record):
    """What GitHub has refused so far.

    ``barred`` are fingerprints of findings that it does not take inline: they go to the summary. ``summary``
    is how many characters of a summary it may take.
    """

    barred: frozenset[str] = frozenset()
    summary: int = SUMMARY_LIMIT


_NOTHING_REFUSED = Limits()


def plan(
    review: Review,
    state: PullState,
    options: Options,
    rendering: Rendering,
    limits: Limits = _NOTHING_REFUSED,
) -> Plan:
    """Return what to write for ``review`` on a pull request in ``state``."""
    comments = carried(state.comments, review)
    keepers = first_of_each(comments)
    remarks = remarks_of(review, keepers.keys(), limits.barred)[: options.max_comments]
    shown = placed(review, remarks, keepers.keys())
    status = status_of(shown) if options.status_context else None
    status = None if status == state.status else status
    if not options.comment:
        return Plan(shown, None, None, (), status)
    situation = Situation(
        review=shown,
        remarks={each.finding.fingerprint: each for each in remarks},
        body=lambda finding, others: comment_body(finding, others, rendering),
        resolve_threads=options.resolve_threads,
    )
    new_summary, summary_changes = _summary(
        shown, state.summaries, lambda: _summary_body(shown, rendering, limits)
    )
    return Plan(
        review=shown,
        new_review=_new_review(
            shown, [each for each in remarks if each.finding.fingerprint not in keepers], rendering
        ),
        new_summary=new_summary,
        changes=(*changes_of(comments, situation), *summary_changes),
        status=status,
    )


def status_of(review: Review) -> CommitStatus:
    """Return the verdict as a commit status; its states have the names of the conclusions."""
    reason = " ".join(review.verdict.reason.replace("`", "").split())
    if len(reason) > MAX_DESCRIPTION:
        reason = reason[: MAX_DESCRIPTION - 1] + "…"
    return CommitStatus(review.verdict.conclusion.value, reason)


_TOLD = 10
"""How many further findings on one line are told; the rest is counted."""


def comment_body(finding: Finding, others: Sequence[Finding], rendering: Rendering) -> str:
    """Return the text of an inline comment, sealed with its digest."""
    body = rendering.comment(finding)
    same = [each for each in others if each.id == finding.id and each.address == finding.address]
    further = [each for each in others if each.id == finding.id and each.address != finding.address]
    beside = [each for each in others if each.id != finding.id and not each.hint]
    if same:
        lines = sorted({each.line for each in same})
        noun = "line" if len(lines) == 1 else "lines"
        body += f"\n\nThe same problem stands in this block on {noun} {', '.join(map(str, lines))}."
    if further:
        body += _list("The same check, here too:", [markdown(each.message) for each in further])
    if beside:
        body += _list("Found on the same line:", [_named(each) for each in beside])
    for each in others:
        if each.id != finding.id and each not in beside:
            body += (
                f"\n\nThis settles {code(each.id)}, too. {each.severity.title()}: {markdown(each.message)}"
            )
    return markers.sealed(body, finding)


def _list(heading: str, items: Sequence[str]) -> str:
    told = [f"- {each}" for each in items[:_TOLD]]
    told += [f"- and {len(items) - _TOLD} more"] if items[_TOLD:] else []
    return "\n\n".join(("", heading, "\n".join(dict.fromkeys(told))))


def _named(finding: Finding) -> str:
    """Name a finding of another tool: it comes without advice, and its message is often its title."""
    told = f" {markdown(finding.message)}" if adds_to_title(finding) else ""
    return f"{finding.severity.title()}: {code(finding.id)} {markdown(finding.title)}.{told}"


def _new_review(review: Review, remarks: Sequence[Remark], rendering: Rendering) -> NewReview | None:
    if not remarks:
        return None
    marker = markers.review(review.head or "", (each.finding.fingerprint for each in remarks))
    comments = tuple(
        InlineComment(
            fingerprint=each.finding.fingerprint,
            path=each.finding.path,
            start_line=each.lines[0],
            line=each.lines[1],
            body=comment_body(each.finding, each.others, rendering),
        )
        for each in remarks
    )
    return NewReview(f"{_headline(remarks)}\n\n{marker}", marker, comments)


def _headline(remarks: Sequence[Remark]) -> str:
    """A review must have a body; this one leads to the summary instead of repeating it."""
    counts = Counter(member.severity for remark in remarks for member in remark.members)
    parts = ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity])
    noun = "finding" if counts.total() == 1 else "findings"
    return f"**EKS Review:** {parts} {noun} on the lines below. The summary comment has the scorecard."


def _summary_body(review: Review, rendering: Rendering, limits: Limits) -> str:
    """Return the summary. A shortened one is known by the whole one, so that the next run leaves it alone."""
    full = rendering.summary(review, SUMMARY_LIMIT)
    text = full if limits.summary == SUMMARY_LIMIT else rendering.summary(review, limits.summary)
    return markers.sealed(text, stands_for=full)


def _summary(
    review: Review, summaries: Sequence[OwnSummary], rendered: Callable[[], str]
) -> tuple[str | None, tuple[Change, ...]]:
    """A clean pull request gets no summary, but one that stands is kept true; a second one is removed."""
    if not summaries:
        return (rendered() if _is_worth_a_comment(review) else None), ()
    body = rendered()
    first, *others = summaries
    changes: list[Change] = [DeleteSummary(each.id) for each in others]
    if markers.digest(body) != markers.digest(first.body):
        changes.insert(0, EditSummary(first.id, body))
    return None, tuple(changes)


def _is_worth_a_comment(review: Review) -> bool:
    has_news = any(
        each.suppressed is None and each.status in {Status.INTRODUCED, Status.NOT_EVALUABLE}
        for each in review.findings
    )
    is_passed = review.verdict.conclusion is Conclusion.SUCCESS
    extended = review.baseline is not None and bool(review.baseline.added)
    is_loosened = extended or bool(review.new_suppressions) or any(each.urgent for each in review.notices)
    return has_news or not is_passed or is_loosened or bool(review.coverage.files_not_analysed)
