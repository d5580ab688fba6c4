"""Which findings get an inline comment, worst first, at most so many.

One comment speaks of all findings of one check in one block or on one line, and of findings of several checks
that the same edit settles: two suggestions for the same lines could not both be taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.finding import Finding, Placement, Severity
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from reviewer.review import Review


class Remark(Record):
    """One inline comment: the finding it stands for, and others that it speaks of.

    Those are of the same check in the same block or on the same line, or of other checks that the same edit
    settles.
    """

    finding: Finding
    others: tuple[Finding, ...] = ()

    @property
    def lines(self) -> tuple[int, int]:
        """Return the first and last line of the head file that the comment spans."""
        suggestion = self.finding.suggestion
        if suggestion is not None:
            return suggestion.line, suggestion.end_line
        line = self.finding.comment_line or self.finding.line
        return line, line

    @property
    def members(self) -> tuple[Finding, ...]:
        """Return all findings that the comment speaks of."""
        return (self.finding, *self.others)

    @property
    def severity(self) -> Severity:
        """Return the severity of the worst of them."""
        return min((each.severity for each in self.members), key=lambda each: each.rank)


def remarks_of(review: Review, standing: Collection[str], barred: Collection[str]) -> tuple[Remark, ...]:
    """Return a remark for every finding that may stand inline, worst first.

    ``standing`` are fingerprints that have a comment already, which goes on standing for its finding.
    ``barred`` are fingerprints that GitHub does not take inline.
    """
    inline = [each for each in review.findings if is_inline(each) and each.fingerprint not in barred]
    remarks = [_remark(block, standing) for block in _together(_of_one_check(inline))]
    return tuple(sorted(remarks, key=lambda each: _urgency(each, standing)))


def _of_one_check(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    """Put findings of one check together that are in one block or stand on one line.

    A call that a change adds is the line for all that the called module does the same way many times.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        block = (each.id, each.path, each.address)
        line = (each.id, each.path, each.comment_line)
        group = groups.get(block) or groups.get(line) or []
        group.append(each)
        groups[block] = groups[line] = group
    return {id(each): each for each in groups.values()}.values()


def _together(blocks: Iterable[list[Finding]]) -> Iterable[list[Finding]]:
    """Put single findings of different checks together that have one place and one advice."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for block in blocks:
        first = block[0]
        advice = (first.address, first.path, first.comment_line, first.hint)
        groups.setdefault(advice if len(block) == 1 else (first.fingerprint,), []).extend(block)
    return groups.values()


def placed(review: Review, remarks: Iterable[Remark], standing: Collection[str]) -> Review:
    """Return the review with every finding marked where it is really shown."""
    inline = {finding.fingerprint for remark in remarks for finding in remark.members} | set(standing)
    return replace(review, findings=tuple(_placed(finding, inline) for finding in review.findings))


def is_inline(finding: Finding) -> bool:
    """Tell whether a finding is open and may be commented on its line."""
    return finding.counts and finding.placement is Placement.INLINE and finding.comment_line is not None


def _remark(block: list[Finding], standing: Collection[str]) -> Remark:
    """The comment stands for a finding that has one already, else for one that can be fixed with a click.

    Among several checks it stands for the worst.
    """
    leader = min(
        block,
        key=lambda each: (each.fingerprint not in standing, each.suggestion is None, each.severity.rank),
    )
    others = (each for each in block if each is not leader and each.fingerprint not in standing)
    return Remark(leader, tuple(others))


def _urgency(remark: Remark, standing: Collection[str]) -> tuple[int, bool]:
    """Among equals those that stand already go first, so that a later run does not swap them."""
    return remark.severity.rank, remark.finding.fingerprint not in standing


def _placed(finding: Finding, inline: Collection[str]) -> Finding:
    if finding.placement is Placement.SUMMARY or (is_inline(finding) and finding.fingerprint in inline):
        return finding
    return replace(finding, placement=Placement.SUMMARY, comment_line=None)
