"""What every report says in the same words: counts, groups, and the cells of the scorecard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.finding import Finding, Location, Severity, Status
from reviewer.record import Record
from reviewer.review import Conclusion, Coverage, Mode, Review

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
