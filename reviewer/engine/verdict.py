"""The verdict: whether the review passes, and the sentence that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.runner import CRASHED, Outcome
from reviewer.config.choices import FailOn, Gate, ImportedResults, Incomplete
from reviewer.finding import Finding, Status
from reviewer.record import Record
from reviewer.review import Conclusion, Coverage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.config.config import Config


def decide(
    findings: Sequence[Finding], coverage: Coverage, outcomes: Iterable[Outcome], config: Config, gate: Gate
) -> Verdict:
    """Return the verdict. Findings that fail the gate come first; what is incomplete is never a success."""
    bad = [each for each in findings if _is_severe(each, gate, config.fail_on)]
    failing = [each for each in bad if _is_gated(each, config)]
    incomplete = _incomplete(coverage, outcomes)
    if failing:
        because = _because(failing, config.fail_on, gate) + (f" {incomplete}" if incomplete else "")
        return Verdict(Conclusion.FAILURE, because, gate)
    if incomplete and config.incomplete is Incomplete.FAIL:
        return Verdict(Conclusion.ERROR, incomplete, gate)
    own = [each for each in findings if each.is_prompt or _is_gated(each, config)]
    reason = incomplete or _all_clear(own, coverage, config.fail_on, gate)
    beside = _beside_the_gate(sum(each.is_imported for each in bad))
    return Verdict(Conclusion.SUCCESS, reason + beside, gate)


def _is_gated(finding: Finding, config: Config) -> bool:
    """Tell whether a finding can fail the review: no prompt, and of a source that counts."""
    if finding.is_prompt:
        return False
    return not finding.is_imported or config.imported_results is not ImportedResults.SHOWN


def _beside_the_gate(count: int) -> str:
    """Say how many results of other tools would have failed the review if they counted."""
    if not count:
        return ""
    noun, verb = ("result", "does") if count == 1 else ("results", "do")
    return f" {count} {noun} of other tools at that level {verb} not count for this check."


def _is_severe(finding: Finding, gate: Gate, fail_on: FailOn) -> bool:
    """Tell whether a finding is of those that can fail the review, and bad enough."""
    return finding.status in _gated(gate) and not finding.is_accepted and fail_on.includes(finding.severity)


def _gated(gate: Gate) -> frozenset[Status]:
    """Return which findings can fail the review."""
    return frozenset({Status.INTRODUCED} if gate is Gate.INTRODUCED else {Status.INTRODUCED, Status.EXISTING})


class _Words(Record):
    """How the verdict speaks about findings."""

    gate: Gate
    fail_on: FailOn

    @property
    def adjective(self) -> str:
        """Return ``new`` where only introduced findings count."""
        return "new " if self.gate is Gate.INTRODUCED else ""

    @property
    def level(self) -> str:
        """Return the severity from which findings fail."""
        return "critical" if self.fail_on is FailOn.CRITICAL else f"{self.fail_on.value} or worse"


def _because(failing: list[Finding], fail_on: FailOn, gate: Gate) -> str:
    words = _Words(gate, fail_on)
    noun = "finding" if len(failing) == 1 else "findings"
    verb = "is" if len(failing) == 1 else "are"
    return f"{len(failing)} {words.adjective}{noun} {verb} {words.level}."


def _incomplete(coverage: Coverage, outcomes: Iterable[Outcome]) -> str:
    modules = len({each.path for each in coverage.files_not_analysed if each.is_module})
    files = len({each.path for each in coverage.files_not_analysed if not each.is_module})
    broken = {each.check.id: each.reason for each in outcomes if each.failed}
    crashed = [check for check in sorted(broken) if broken[check].startswith(CRASHED)]
    parts = [f"{check} failed: {broken[check]}" for check in sorted(broken) if check not in crashed]
    if files:
        parts.append(f"{files} changed {'file' if files == 1 else 'files'} could not be read completely")
    if modules:
        parts.append(f"{modules} {'module' if modules == 1 else 'modules'} could not be analysed")
    if crashed:
        parts.append(f"{', '.join(crashed)} failed with an internal error")
    return f"The review is incomplete: {' and '.join(parts)}." if parts else ""


def _all_clear(findings: Iterable[Finding], coverage: Coverage, fail_on: FailOn, gate: Gate) -> str:
    if not coverage.files_changed:
        return "The change touches no Terraform code: nothing to review."
    words = _Words(gate, fail_on)
    if fail_on is FailOn.NEVER:
        return "Findings are reported and never fail this check."
    if any(_is_severe(each, gate, fail_on) for each in findings):
        return f"No {words.adjective}finding that counts is {words.level}; those about cost are only prompts."
    if any(each.status in _gated(gate) and not each.is_accepted for each in findings):
        return f"No {words.adjective}finding is {words.level}."
    baselined = sum(1 for each in findings if each.baselined)
    if baselined and gate is Gate.TOUCHED:
        return f"Every finding is in the baseline, {baselined} in all."
    return "The change introduces no findings." if gate is Gate.INTRODUCED else "There are no findings."
