"""What becomes of the comments of earlier runs: kept, edited, marked as gone, reopened. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.finding import Finding, Status
from reviewer.github import markers
from reviewer.github.changes import Change, Classifier, EditComment, Hide, Resolve, Show, Unresolve
from reviewer.github.markers import Gone
from reviewer.record import Record
from reviewer.review import EVERYTHING, Conclusion, Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reviewer.github.remarks import Remark
    from reviewer.github.state import OwnComment

SHORT_SHA = 7


class Situation(Record):
    """What decides about a comment: the review, its remarks by fingerprint, and how a text is rendered."""

    review: Review
    remarks: Mapping[str, Remark]
    body: Callable[[Finding, tuple[Finding, ...]], str]
    resolve_threads: bool

    @property
    def findings(self) -> Mapping[str, Finding]:
        """Return the findings by fingerprint."""
        return {finding.fingerprint: finding for finding in self.review.findings}


def first_of_each(comments: tuple[OwnComment, ...]) -> dict[str, OwnComment]:
    """Return one comment per fingerprint: an answered one, else a visible one, else the oldest."""
    ranked = sorted(comments, key=lambda each: (not each.is_answered, each.is_hidden))
    return {comment.fingerprint: comment for comment in reversed(ranked)}


def changes_of(comments: tuple[OwnComment, ...], situation: Situation) -> Iterator[Change]:
    """Yield what must change on the comments of earlier runs; nothing when all of them are right."""
    keepers = first_of_each(comments)
    findings = situation.findings
    for comment in comments:
        if comment is not keepers[comment.fingerprint]:
            if not comment.is_hidden and not comment.is_answered:
                yield Hide(comment.id, Classifier.DUPLICATE)
            continue
        finding = findings.get(comment.fingerprint)
        if finding is not None and finding.counts:
            yield from _stand(comment, finding, situation)
        else:
            yield from _go(comment, finding, situation)


def _stand(comment: OwnComment, finding: Finding, situation: Situation) -> Iterator[Change]:
    """Keep the comment of an open finding. A person who hid, resolved or answered it has the last word."""
    remark = situation.remarks.get(finding.fingerprint)
    body = situation.body(_anchored(finding, comment), remark.others if remark else ())
    if markers.gone(comment.body) is not None:
        yield EditComment(comment.id, body)
        if comment.is_hidden:
            yield Show(comment.id)
        if comment.is_resolved and comment.can_unresolve and situation.resolve_threads:
            yield Unresolve(comment.thread)
    elif not comment.is_answered and markers.digest(body) != markers.digest(comment.body):
        yield EditComment(comment.id, body)


def _anchored(finding: Finding, comment: OwnComment) -> Finding:
    """Drop the suggestion when the thread no longer stands on its lines: a click would replace others."""
    suggestion = finding.suggestion
    if suggestion is None:
        return finding
    first = comment.line if comment.start_line is None else comment.start_line
    is_on_its_lines = (first, comment.line) == (suggestion.line, suggestion.end_line)
    return (
        finding if is_on_its_lines and comment.path == suggestion.path else replace(finding, suggestion=None)
    )


def _go(comment: OwnComment, finding: Finding | None, situation: Situation) -> Iterator[Change]:
    """Mark the comment of a finding that is no longer open, once; an answered thread gets only the mark."""
    if _is_unknown(comment, situation.review):
        return
    why = _why(comment, finding, situation.review)
    if markers.gone(comment.body) is why:
        return
    yield EditComment(
        comment.id, markers.marked_gone(comment.body, why, _sentence(why, finding, situation.review))
    )
    if comment.is_answered:
        return
    if situation.resolve_threads and comment.can_resolve and not comment.is_resolved:
        yield Resolve(comment.thread, comment.id)
    elif not comment.is_hidden and not comment.is_resolved:
        yield Hide(comment.id, Classifier.RESOLVED if why is Gone.FIXED else Classifier.OUTDATED)


def _is_unknown(comment: OwnComment, review: Review) -> bool:
    """A review that failed, or has not seen the file, cannot say that something was fixed."""
    unseen = {each.path for each in review.coverage.files_not_analysed}
    is_unseen = comment.path in unseen or EVERYTHING in unseen
    return review.verdict.conclusion is Conclusion.ERROR or is_unseen


def _why(comment: OwnComment, finding: Finding | None, review: Review) -> Gone:
    if finding is not None and finding.suppressed is not None:
        return Gone.ACCEPTED
    if finding is not None and finding.status is Status.NOT_EVALUABLE:
        return Gone.UNDECIDED
    about = markers.about(comment.body)
    undecided = {(each.id, each.address) for each in review.coverage.not_evaluated}
    if finding is None and about is not None and (about.id, about.address) in undecided:
        return Gone.UNDECIDED
    return Gone.FIXED


def _sentence(why: Gone, finding: Finding | None, review: Review) -> str:
    commit = f"`{(review.head or 'this commit')[:SHORT_SHA]}`"
    if why is Gone.ACCEPTED and finding is not None and finding.suppressed is not None:
        return (
            f"🔕 **Accepted as of {commit}** by a suppression until {finding.suppressed.until.isoformat()}."
        )
    if why is Gone.UNDECIDED:
        return f"❔ **No longer decidable as of {commit}**: it depends on a value not known before apply."
    return f"✅ **Fixed in {commit}.**"
