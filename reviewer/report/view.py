"""What every report says in the same words: counts, groups, and the cells of the scorecard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer import PROJECT_URL, __version__, escape
from reviewer.finding import Finding, Location, Placement, Severity, Status
from reviewer.record import Record
from reviewer.review import BaselineEntry, Conclusion, Coverage, Mode, Review

if TYPE_CHECKING:
    from reviewer.scorecard import PillarScore

Link = Callable[[str, int], str | None]
"""Makes the web address of a path and a line in the head, ``None`` when there is none."""

SEVERITY_ICONS: Mapping[Severity, str] = MappingProxyType(
    {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
)
_VERDICTS: Mapping[Conclusion, tuple[str, str]] = MappingProxyType(
    {
        Conclusion.SUCCESS: ("✅", "passed"),
        Conclusion.FAILURE: ("❌", "changes needed"),
        Conclusion.ERROR: ("⚠️", "incomplete"),
    }
)
_SHOWN_DRIVERS = 3
_SHOWN_UNDECIDED = 5
_CELL_DRIVERS = 2
_NO_BREAK = "\u00a0"
BAR = 10
"""Blocks of the bar that draws a score."""
_SHORT_SHA = 7
_SHOWN_PLACES = 3
_VARIABLE_FILES = (".tfvars", ".tfvars.json")


class Group(Record):
    """Undecided checks with one reason: how many, the first as (check, address), how many more."""

    reason: str
    count: int
    shown: tuple[tuple[str, str], ...]
    rest: int


def groups(coverage: Coverage) -> tuple[Group, ...]:
    """Return the undecided checks by reason, the commonest reason first."""
    by_reason: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in coverage.not_evaluated:
        by_reason[each.reason].append((each.id, each.address))
    result = (
        Group(reason, len(each), tuple(each[:_SHOWN_UNDECIDED]), max(0, len(each) - _SHOWN_UNDECIDED))
        for reason, each in by_reason.items()
    )
    return tuple(sorted(result, key=lambda each: (-each.count, each.reason)))


def verdict_words(review: Review) -> tuple[str, str]:
    """Return the verdict as a picture and in words; what passed without being seen whole is not all well."""
    conclusion = review.verdict.conclusion
    if conclusion is Conclusion.SUCCESS and review.coverage.files_not_analysed:
        return "⚠️", "passed, but incomplete"
    return _VERDICTS[conclusion]


def plural(count: int, noun: str) -> str:
    """Return such as ``1 file`` or ``2 files``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def counts(review: Review) -> dict[str, int]:
    """Return how many findings are introduced, existing, fixed, gone unknown and accepted; none twice."""
    result = dict.fromkeys((*Status, "accepted", "in the baseline"), 0)
    for each in review.findings:
        key = "accepted" if each.suppressed else "in the baseline" if each.baselined else each.status
        result[key] += 1
    return {str(key): value for key, value in result.items()}


def count_sentence(review: Review) -> str:
    """Return such as ``5 introduced, 1 existing, 1 fixed``; empty without findings."""
    words = {Status.NOT_EVALUABLE: "no longer evaluable"}
    if review.mode is Mode.AUDIT:
        words |= {Status.INTRODUCED: "open", Status.EXISTING: "open"}
    merged: dict[str, int] = defaultdict(int)
    for key, number in counts(review).items():
        merged[words.get(Status(key), key) if key in set(Status) else key] += number
    return ", ".join(f"{number} {word}" for word, number in merged.items() if number)


def coverage_sentence(review: Review) -> str:
    """Return how much was seen and decided; an audit knows no changes."""
    coverage = review.coverage
    file, block = ("file", "block") if review.mode is Mode.AUDIT else ("changed file", "touched block")
    files = f"{coverage.files_analysed} of {plural(coverage.files_changed, file)} analysed"
    checks = f"{plural(coverage.evaluations, 'check')} on {plural(coverage.blocks_touched, block)}"
    return f"Coverage: {files}; {checks}, {len(coverage.not_evaluated)} undecided"


def imported_sentences(review: Review) -> tuple[str, ...]:
    """Return what became of the results of each other tool, in plain words."""
    place = "in what was audited" if review.mode is Mode.AUDIT else "on what this change touches"
    sentences = []
    for each in review.coverage.imported:
        parts = [
            f"{plural(each.results, 'result')} of {escape.visible(each.source)}",
            f"{each.shown} {place}",
        ]
        if each.merged:
            parts.append(f"{each.merged} said by another finding, too")
        if each.ignored:
            parts.append(f"{each.ignored} ignored")
        sentences.append(", ".join(parts))
    return tuple(sentences)


def score_text(score: PillarScore) -> str:
    """Return such as ``83 → 41 (-42)``, ``≈97`` or ``not assessed``; the base only when it differs."""
    head = "not assessed" if score.score is None else f"{'≈' if score.is_approximate else ''}{score.score}"
    if score.base is None or score.base == score.score:
        return head
    delta = "" if score.score is None else f" ({score.score - score.base:+d})"
    return f"{score.base} → {head}{delta}".replace("(-", "(−")


def drivers_text(score: PillarScore) -> str:
    """Return what makes up the penalty, such as ``2 × high EKS-SEC-202`` and its like."""
    shown = [f"{each.count} × {each.severity} {each.id}" for each in score.drivers[:_SHOWN_DRIVERS]]
    rest = len(score.drivers) - len(shown)
    return ", ".join([*shown, *([f"{plural(rest, 'more check')}"] if rest else [])])


def adds_to_title(finding: Finding) -> bool:
    """Tell whether the message says more than the title does."""
    title, message = (escape.plain(each).strip().rstrip(".") for each in (finding.title, finding.message))
    return bool(message) and message != title


def confirmations(finding: Finding) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the other tools that say the same, each with the ids of its rules, ready to print."""
    found: dict[str, list[str]] = {}
    for each in finding.confirmed_by:
        found.setdefault(escape.visible(each.source), []).append(escape.visible(each.id))
    return tuple((source, tuple(ids)) for source, ids in found.items())


def other_places(finding: Finding, shown: int) -> tuple[bool, tuple[Location, ...]]:
    """Return the places involved besides the finding's own and line ``shown`` of its file, at most three.

    The first of the pair tells whether the value is known to come from there: variable files only supply.
    """
    by_line = {(each.path, each.line): each for each in reversed(finding.origins)}
    others = [
        each
        for each in dict.fromkeys(by_line[each.path, each.line] for each in finding.origins)
        if each.path != finding.path
        or not any(each.line <= line <= each.end_line for line in (finding.line, shown))
    ]
    suppliers = [each for each in others if each.path.endswith(_VARIABLE_FILES)]
    if suppliers and not finding.path.endswith(_VARIABLE_FILES):
        return True, tuple(suppliers[:_SHOWN_PLACES])
    return False, tuple(others[:_SHOWN_PLACES])


def arithmetic(score: PillarScore) -> str:
    """Return the formula with its numbers, such as ``10000/(100+40)``."""
    penalty = score.penalty
    number = str(int(penalty)) if penalty.denominator == 1 else str(float(penalty))
    return f"10000/(100+{number})"


def why_parts(score: PillarScore) -> tuple[str, ...]:
    """Return what explains a score, in plain words: arithmetic and drivers, best fix, undecided, accepted."""
    parts = []
    if score.drivers:
        parts.append(f"{arithmetic(score)}: {drivers_text(score)}")
    if score.best_fix is not None:
        driver, without = score.best_fix
        parts.append(f"fixing {driver.id} alone gives {without}")
    elif score.score is not None:
        parts.append(f"{plural(score.passed, 'check')} passed")
    if score.not_evaluated:
        parts.append(f"{score.not_evaluated} undecided")
    if score.accepted:
        parts.append(f"{score.accepted} accepted")
    return tuple(parts)


class View(Record):
    """A review as the Markdown templates see it. Every method returns Markdown that is safe to print."""

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
