"""What the HTML report shows, in the order of reading; the template only lays it out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.finding import Pillar, Severity, Status
from reviewer.issues import ISSUES, SECTIONS
from reviewer.record import Record
from reviewer.report.markdown_view import MarkdownView
from reviewer.report.words import Group, count_sentence, groups, other_places, score_text, verdict_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewer.checks.check import Check
    from reviewer.finding import Finding
    from reviewer.report.words import Link
    from reviewer.review import Review
    from reviewer.scorecard import PillarScore

    _Key = Callable[[Finding], str]
    _Label = Callable[[str], str]

_OWN = frozenset({"introduced", "open"})
"""The groups of what a change brings, and of what an audit finds."""
_UNFOLDED = 10
_SHORT_SHA = 7


class Option(Record):
    """A choice of a filter: its value, how it is called, and how many findings have it."""

    value: str
    label: str
    count: int


class FindingGroup(Record):
    """Findings under one heading. ``key`` is their status for the filter."""

    key: str
    title: str
    note: str
    findings: tuple[Finding, ...]

    @property
    def unfolded(self) -> int:
        """Return how many are unfolded from the start: the worst of those that count for the change."""
        return _UNFOLDED if self.key in _OWN else 0


class Bar(Record):
    """A pillar as a bar: ``low`` is what base and head both have, ``high`` the better of the two."""

    score: PillarScore
    low: int
    high: int

    @property
    def is_worse(self) -> bool:
        """Tell whether the change takes from the score."""
        return None not in (self.score.base, self.score.score) and self.score.score == self.low < self.high

    @property
    def text(self) -> str:
        """Return such as ``83 → 41 (−42)``."""
        return score_text(self.score)

    @property
    def label(self) -> str:
        """Return the bar in words, for those who do not see it."""
        met = {True: ", met", False: ", not met", None: ""}[self.score.meets]
        return f"{self.score.pillar.title}: {self.text}, target {self.score.target}{met}"


class Issue(Record):
    """An issue of the quality document: open findings by severity, and how many are of another kind."""

    number: str
    title: str
    severities: tuple[tuple[Severity, int], ...]
    existing: int
    fixed: int
    accepted: int
    is_checked: bool


class Section(Record):
    """A section of the quality document."""

    number: str
    title: str
    issues: tuple[Issue, ...]


class Page(Record):
    """A review as the HTML template sees it. ``bare`` is the same view without addresses."""

    view: MarkdownView
    bare: MarkdownView
    groups: tuple[FindingGroup, ...]

    @classmethod
    def of(cls, review: Review, link: Link | None) -> Page:
        """Return the page of ``review``; ``link`` makes a web address of a path and a line in the head."""
        view = MarkdownView(review, link, full=True)
        return cls(view, MarkdownView(review, None, full=True), tuple(_groups(view)))

    @property
    def review(self) -> Review:
        """Return the review."""
        return self.view.review

    @property
    def is_audit(self) -> bool:
        """Tell whether everything was looked at, not a change."""
        return self.view.is_audit

    @property
    def verdict(self) -> str:
        """Return the verdict in words, such as ``Changes needed``."""
        return verdict_words(self.review)[1].capitalize()

    @property
    def tone(self) -> str:
        """Return the class of the verdict."""
        return {"✅": "good", "❌": "bad", "⚠️": "warn"}[verdict_words(self.review)[0]]

    @property
    def revisions(self) -> tuple[str, ...]:
        """Return base and head, shortened; empty when there are none."""
        base, head = self.review.base, self.review.head
        if base:
            return base[:_SHORT_SHA], head[:_SHORT_SHA] if head else "working tree"
        return (head[:_SHORT_SHA],) if head else ()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Return the five pillars."""
        return tuple(_bar(each) for each in self.review.scorecard.pillars)

    @property
    def tally(self) -> tuple[tuple[Severity, int], ...]:
        """Return how many open findings of each severity count for the change, or in an audit at all."""
        counts = Counter(each.severity for each in self.view.open)
        return tuple((each, counts[each]) for each in Severity)

    @property
    def counts(self) -> str:
        """Return such as ``5 introduced, 1 fixed``; empty without findings."""
        return count_sentence(self.review)

    @property
    def total(self) -> int:
        """Return the number of findings on the page."""
        return sum(len(each.findings) for each in self.groups)

    @property
    def severities(self) -> tuple[Option, ...]:
        """Return the severities that occur, worst first."""
        return self._options(Severity, lambda each: each.severity, lambda value: value.capitalize())

    @property
    def statuses(self) -> tuple[Option, ...]:
        """Return the groups as choices."""
        return tuple(Option(each.key, each.title, len(each.findings)) for each in self.groups)

    @property
    def pillars(self) -> tuple[Option, ...]:
        """Return the pillars that occur, in their order."""
        return self._options(Pillar, lambda each: each.pillar, lambda value: Pillar(value).title)

    @property
    def issues(self) -> tuple[Option, ...]:
        """Return the issues that occur, in the order of the document; unknown ones last."""
        order = [*ISSUES, *sorted({each.issue for each in self.review.findings} - set(ISSUES))]
        return self._options(
            order, lambda each: each.issue, lambda value: f"{value} {ISSUES.get(value, '')}".strip()
        )

    @property
    def paths(self) -> tuple[Option, ...]:
        """Return the files that occur."""
        order = sorted({each.path for each in self.review.findings})
        return self._options(order, lambda each: each.path, str)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the ten sections with what was found for their issues."""
        by_issue: dict[str, list[tuple[str, Finding]]] = {}
        for group in self.groups:
            for each in group.findings:
                by_issue.setdefault(each.issue, []).append((group.key, each))
        checked = {each.issue for each in CHECKS.values()}
        return tuple(
            Section(
                number,
                title,
                tuple(
                    _issue(issue, by_issue.get(issue, []), is_checked=issue in checked)
                    for issue in ISSUES
                    if issue.split(".")[0] == number
                ),
            )
            for number, title in SECTIONS.items()
        )

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return the checks that found something, by id: what they are about is told once."""
        found = sorted({each.id for each in self.review.findings} & set(CHECKS))
        return tuple(CHECKS[each] for each in found)

    @property
    def undecided(self) -> tuple[Group, ...]:
        """Return the undecided checks by reason."""
        return groups(self.review.coverage)

    def place(self, finding: Finding) -> str:
        """Return where the finding is, as Markdown; what is gone from the head has no address there."""
        view = self.view if finding.status in {Status.INTRODUCED, Status.EXISTING} else self.bare
        return view.where(finding.path, finding.line)

    def others(self, finding: Finding) -> str:
        """Return where else to look, as a sentence in Markdown; empty when there is nothing."""
        supplies, places = other_places(finding, finding.line)
        if not places:
            return ""
        listed = ", ".join(self.view.where(each.path, each.line) for each in places)
        return f"{'The value comes from' if supplies else 'See also'} {listed}."

    def issue(self, finding: Finding) -> str:
        """Return the number and the name of the finding's issue."""
        return f"{finding.issue} {ISSUES.get(finding.issue, '')}".strip()

    def has_page(self, finding: Finding) -> bool:
        """Tell whether this page says what the finding's check is about."""
        return finding.id in CHECKS

    def _options(
        self, order: Iterable[str], key: Callable[[Finding], str], label: Callable[[str], str]
    ) -> tuple[Option, ...]:
        counts = Counter(str(key(each)) for each in self.review.findings)
        return tuple(
            Option(str(each), label(str(each)), counts[str(each)]) for each in order if counts[str(each)]
        )


def _groups(view: MarkdownView) -> Iterator[FindingGroup]:
    """Yield every finding once, under the heading of its status."""
    found = (
        ("open", "Findings", "Everything open in what was audited.", view.open)
        if view.is_audit
        else ("introduced", "Introduced by this change", "", view.open),
        ("existing", "Already there", "On what this change touches, but not of its making.", view.existing),
        ("fixed", "Fixed by this change", "", view.with_status(Status.FIXED)),
        (
            "not-evaluable",
            "No longer evaluable",
            "Found before this change, and now their values cannot be known: neither fixed nor open.",
            view.with_status(Status.NOT_EVALUABLE),
        ),
        ("accepted", "Accepted by a suppression", "", view.accepted),
        (
            "baseline",
            "In the baseline",
            "They were there when EKS Review was adopted, and are accepted until somebody fixes them.",
            view.baselined,
        ),
    )
    return (FindingGroup(*each) for each in found if each[-1])


def _bar(score: PillarScore) -> Bar:
    values = (
        [each for each in (score.base, score.score) if each is not None] if score.score is not None else [0]
    )
    return Bar(score, min(values), max(values))


def _issue(number: str, found: list[tuple[str, Finding]], *, is_checked: bool) -> Issue:
    keys = Counter(key for key, _ in found)
    own = Counter(each.severity for key, each in found if key in _OWN)
    return Issue(
        number=number,
        title=ISSUES[number],
        severities=tuple((each, own[each]) for each in Severity if own[each]),
        existing=keys["existing"],
        fixed=keys["fixed"],
        accepted=keys["accepted"] + keys["baseline"],
        is_checked=is_checked,
    )
