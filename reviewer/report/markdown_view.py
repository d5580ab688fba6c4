"""A review as the Markdown templates see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import PROJECT_URL, __version__, escape
from reviewer.finding import Finding, Placement, Status
from reviewer.record import Record
from reviewer.report.words import (
    confirmations,
    count_sentence,
    coverage_sentence,
    imported_sentences,
    score_text,
    verdict_words,
    why_parts,
)
from reviewer.review import BaselineEntry, Mode, Review

if TYPE_CHECKING:
    from reviewer.report.words import Link
    from reviewer.scorecard import PillarScore

_CELL_DRIVERS = 2
_NO_BREAK = "\u00a0"
BAR = 10
"""Blocks of the bar that draws a score."""
_SHORT_SHA = 7


class MarkdownView(Record):
    """A review, or one comment. Every method returns Markdown that is safe to print."""

    given: Review | None
    link: Link | None
    full: bool = False

    @property
    def review(self) -> Review:
        """Return the review; a single comment has none."""
        if self.given is None:
            raise ValueError("a comment is about a finding, not about a review")
        return self.given

    @property
    def is_audit(self) -> bool:
        """Tell whether everything was looked at, not a change."""
        return self.review.mode is Mode.AUDIT

    @property
    def emblem(self) -> str:
        """Return the verdict as a picture."""
        return verdict_words(self.review)[0]

    @property
    def verdict(self) -> str:
        """Return the verdict in two words."""
        return verdict_words(self.review)[1]

    @property
    def counts(self) -> str:
        """Return the counts in bold."""
        sentence = count_sentence(self.review)
        return f"**{sentence}**" if sentence else ""

    @property
    def open(self) -> tuple[Finding, ...]:
        """Return what the change introduces; in an audit, everything open."""
        return tuple(each for each in self.review.findings if each.counts and self._is_own(each))

    @property
    def overflow(self) -> str:
        """Say how many findings have no inline comment, when others have one; empty otherwise."""
        without = sum(1 for each in self.open if each.placement is Placement.SUMMARY)
        if self.full or not without or without == len(self.open):
            return ""
        verb = "has" if without == 1 else "have"
        return f"{without} of these {verb} no comment on a line, and the whole text here."

    @property
    def existing(self) -> tuple[Finding, ...]:
        """Return open findings that were there before."""
        return tuple(each for each in self.review.findings if each.counts and not self._is_own(each))

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """Return the suppressed findings."""
        return tuple(each for each in self.review.findings if each.suppressed)

    @property
    def baselined(self) -> tuple[Finding, ...]:
        """Return the findings that the baseline accepts."""
        return tuple(each for each in self.review.findings if each.baselined)

    @property
    def new_in_baseline(self) -> tuple[BaselineEntry, ...]:
        """Return what the change adds to the baseline."""
        return self.review.baseline.added if self.review.baseline is not None else ()

    @property
    def stale_in_baseline(self) -> tuple[BaselineEntry, ...]:
        """Return what can leave the baseline."""
        return self.review.baseline.stale if self.review.baseline is not None else ()

    def with_status(self, status: Status) -> tuple[Finding, ...]:
        """Return the findings of one status that nobody suppressed."""
        return tuple(each for each in self.review.findings if each.status is status and not each.is_accepted)

    @property
    def has_approximate(self) -> bool:
        """Tell whether any score carries the sign of approximation."""
        return any(each.score is not None and each.is_approximate for each in self.review.scorecard.pillars)

    @property
    def coverage(self) -> str:
        """Return how much was seen."""
        return coverage_sentence(self.review)

    @property
    def imported(self) -> tuple[str, ...]:
        """Return what became of the results of other tools."""
        return tuple(map(escape.line, imported_sentences(self.review)))

    @property
    def footer(self) -> str:
        """Return tool, version, and the two revisions."""
        parts = [f"[EKS Review]({PROJECT_URL}) {__version__}"]
        if self.review.base:
            parts.append(f"{_short(self.review.base)} → {_short(self.review.head) or 'working tree'}")
        elif self.review.head:
            parts.append(_short(self.review.head))
        parts.append(f"[How the score works]({PROJECT_URL}/blob/main/docs/score.md)")
        return " · ".join(parts)

    def is_detailed(self, finding: Finding) -> bool:
        """Tell whether the finding is told in full: it is, unless an inline comment does so."""
        return self.full or finding.placement is Placement.SUMMARY

    def where(self, path: str, line: int | None) -> str:
        """Return a place, linked when there is an address for it."""
        text = escape.code(path if line is None else f"{path}:{line}", 300)
        address = self.link(path, line or 1) if self.link is not None else None
        url = escape.url(address) if address else None
        return f"[{text}]({url})" if url else text

    def check(self, finding: Finding) -> str:
        """Return the check's id, linked to its page."""
        url = escape.url(finding.docs)
        return f"[{escape.code(finding.id)}]({url})" if url else escape.code(finding.id)

    def source(self, finding: Finding) -> str:
        """Return who found it, when it was another tool, and who says the same."""
        parts = [f" · found by {escape.code(finding.source)}"] if finding.is_imported else []
        if finding.confirmed_by:
            tools = (
                f"{escape.code(source)} ({', '.join(map(escape.code, ids))})"
                for source, ids in confirmations(finding)
            )
            parts.append(f" · also found by {', '.join(tools)}")
        return "".join(parts)

    def score(self, score: PillarScore) -> str:
        """Return the score with its change."""
        return f"**{score_text(score)}**" if score.score is not None else f"_{score_text(score)}_"

    def mark(self, score: PillarScore) -> str:
        """Return whether the target is met."""
        return {True: " ✔", False: " ✘", None: ""}[score.meets]

    def result(self, score: PillarScore) -> str:
        """Return score, base and target in two short lines: the scorecard's columns share a phone."""
        text = score_text(score)
        if score.score is None:
            return f"_{text}_<br>target{_NO_BREAK}{score.target}"
        before, arrow, after = text.partition(" (")[0].rpartition(" → ")
        lines = f"{before}{arrow}**{after}**{self.mark(score)}<br>target {score.target}"
        return lines.replace(" ", _NO_BREAK)

    def bar(self, score: PillarScore) -> str:
        """Return the score drawn on a line of its own, a tenth to a block; nothing where there is none."""
        if score.score is None:
            return ""
        blocks = score.score * BAR // 100
        return f"<br>`{'█' * blocks}{'░' * (BAR - blocks)}`"

    def drivers(self, score: PillarScore) -> str:
        """Return the checks that take most, one on a line, and how many more there are."""
        shown = "<br>".join(escape.code(each.id) for each in score.drivers[:_CELL_DRIVERS])
        rest = len(score.drivers) - _CELL_DRIVERS
        return f"{shown} +{rest}" if rest > 0 else shown

    def why(self, score: PillarScore) -> str:
        """Return what explains the score."""
        return escape.line(" · ".join(why_parts(score)))

    def _is_own(self, finding: Finding) -> bool:
        return self.is_audit or finding.status is Status.INTRODUCED


def _short(sha: str | None) -> str:
    return escape.code(sha[:_SHORT_SHA]) if sha else ""
