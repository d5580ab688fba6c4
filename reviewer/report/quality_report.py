"""The living quality report: what an audit finds, in the order of the quality document.

It is made to be committed and compared week by week. So it holds nothing that changes by itself: no day, no
revision, no version, and no line numbers, which move with every edit above them. Everything is sorted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer import PROJECT_URL, escape
from reviewer.checks.check import issue_of
from reviewer.finding import Finding, Severity
from reviewer.issues import ISSUES, SECTIONS
from reviewer.order import priority
from reviewer.quality_document import DocumentIssue, document_issues
from reviewer.record import Record
from reviewer.report.words import groups, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.report.markdown_view import MarkdownView
    from reviewer.report.words import Group
    from reviewer.review import Review

SHOWN_PLACES = (None, 100, 20, 5, 1)
"""How many places of one check are listed: all, and fewer where the report would be too long."""


class Place(Record):
    """One thing that was found. ``times`` counts findings that differ in nothing but their line."""

    finding: Finding
    times: int


class Entry(Record):
    """What one check found. ``hints`` say what to do, each once; ``left_out`` is how many places are not."""

    first: Finding
    places: tuple[Place, ...]
    left_out: int

    @property
    def count(self) -> int:
        """Return how many findings there are."""
        return sum(each.times for each in self.places) + self.left_out

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the advice of the findings shown, each once, in the order of the places."""
        return tuple(dict.fromkeys(each.finding.hint for each in self.places if each.finding.hint))


class IssueReport(Record):
    """What was found for one issue of the document. ``decided`` counts its checks with a result."""

    about: DocumentIssue
    entries: tuple[Entry, ...]
    accepted: tuple[Finding, ...]
    decided: int
    undecided: int

    @property
    def heading(self) -> str:
        """Return number and title."""
        return f"{self.about.number} {self.about.title}"

    @property
    def anchor(self) -> str:
        """Return the fragment that GitHub gives the heading."""
        kept = "".join(each for each in self.heading.lower() if each.isalnum() or each in " -")
        return kept.replace(" ", "-")

    @property
    def result(self) -> str:
        """Return the counts by severity, or why there are none."""
        counts = _by_severity(self.entries)
        if counts:
            return counts
        if self.decided:
            return "✔ none"
        return "undecided" if self.undecided else "nothing to look at"

    @property
    def found(self) -> str:
        """Return a sentence that says what was found."""
        undecided = f" {self.undecided} evaluations could not be decided." if self.undecided > 1 else ""
        undecided = undecided or (" One evaluation could not be decided." if self.undecided else "")
        if self.entries:
            return f"{_by_severity(self.entries)}.{undecided}"
        if self.decided:
            return f"nothing; {plural(self.decided, 'check')} had something to look at.{undecided}"
        return undecided.strip() or "nothing to look at in this code, or only checks that are off."


class SectionReport(Record):
    """One section of the document."""

    number: str
    title: str
    issues: tuple[IssueReport, ...]


class QualityReport(Record, dict=True):
    """An audit, as the template of the report sees it. ``shown`` limits the places listed for one check."""

    view: MarkdownView
    shown: int | None = None

    @property
    def review(self) -> Review:
        """Return the audit."""
        return self.view.review

    @property
    def _found(self) -> tuple[Finding, ...]:
        """Return what is open; what the baseline accepts is, too."""
        return (*self.view.open, *self.view.baselined)

    @cached_property
    def issues(self) -> tuple[IssueReport, ...]:
        """Return every issue of the document, in its order."""
        decided = Counter(issue_of(each) for each in self.review.coverage.decided)
        undecided = Counter(issue_of(each.id) for each in self.review.coverage.not_evaluated)
        by_issue = _grouped(self._found)
        accepted = _grouped(self.view.accepted)
        return tuple(
            IssueReport(
                about,
                self._entries(by_issue[number]),
                tuple(sorted(accepted[number], key=_stable)),
                decided[number],
                undecided[number],
            )
            for number, about in document_issues().items()
        )

    @property
    def sections(self) -> Iterator[SectionReport]:
        """Yield the sections with their issues."""
        for number, title in SECTIONS.items():
            yield SectionReport(
                number, title, tuple(each for each in self.issues if each.about.section == number)
            )

    @property
    def others(self) -> tuple[Entry, ...]:
        """Return what other tools found that belongs to no issue of the document."""
        return self._entries([each for each in self._found if each.issue not in ISSUES])

    @property
    def by_priority(self) -> tuple[Entry, ...]:
        """Return everything found, the worst first."""
        entries = (*(entry for each in self.issues for entry in each.entries), *self.others)
        return tuple(sorted(entries, key=_urgency))

    @property
    def undecided(self) -> tuple[Group, ...]:
        """Return the undecided checks by reason."""
        return groups(self.review.coverage)

    @property
    def score_docs(self) -> str:
        """Return the address of the page about the score."""
        return f"{PROJECT_URL}/blob/main/docs/score.md"

    def gap(self, score: int | None, target: int) -> str:
        """Return how many points are missing to the target."""
        return "" if score is None or score >= target else str(target - score)

    def place(self, finding: Finding) -> str:
        """Return the file; where there are links, it leads to the line."""
        text = escape.code(finding.path, 300)
        address = self.view.link(finding.path, finding.line) if self.view.link is not None else None
        url = escape.url(address) if address else None
        return f"[{text}]({url})" if url else text

    def _entries(self, findings: Sequence[Finding]) -> tuple[Entry, ...]:
        by_check: defaultdict[tuple[int, str, str], list[Finding]] = defaultdict(list)
        for each in findings:
            by_check[each.severity.rank, each.id, each.title].append(each)
        return tuple(self._entry(sorted(by_check[key], key=_stable)) for key in sorted(by_check))

    def _entry(self, findings: list[Finding]) -> Entry:
        times = Counter(map(_same, findings))
        firsts = {_same(each): each for each in reversed(findings)}
        places = [Place(firsts[key], number) for key, number in times.items()][: self.shown]
        return Entry(findings[0], tuple(places), len(findings) - sum(each.times for each in places))


def _urgency(entry: Entry) -> tuple[int, int, str]:
    return entry.first.severity.rank, priority(entry.first.id), entry.first.id


def _by_severity(entries: Iterable[Entry]) -> str:
    counts: Counter[Severity] = Counter()
    for each in entries:
        counts[each.first.severity] += each.count
    return ", ".join(f"{counts[each]} {each}" for each in Severity if counts[each])


def _grouped(findings: Iterable[Finding]) -> defaultdict[str, list[Finding]]:
    grouped: defaultdict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        grouped[each.issue].append(each)
    return grouped


def _same(finding: Finding) -> tuple[str, str, str, bool]:
    return finding.path, finding.address, finding.message, finding.baselined


def _stable(finding: Finding) -> tuple[str, str, str, str]:
    return finding.id, finding.path, finding.address, finding.message
