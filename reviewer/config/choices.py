"""The keys of the configuration that take one of a few words."""

from __future__ import annotations

from enum import StrEnum

from reviewer.finding import Severity


class FailOn(StrEnum):
    """The mildest severity that fails a review."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEVER = "never"

    def includes(self, severity: Severity) -> bool:
        """Tell whether a finding of ``severity`` is bad enough."""
        return self is not FailOn.NEVER and severity.rank <= Severity(self.value).rank


class Gate(StrEnum):
    """Which findings can fail a review: those the change introduces, or all on what it touches."""

    INTRODUCED = "introduced"
    TOUCHED = "touched"


class Incomplete(StrEnum):
    """What an incomplete review means for the check."""

    FAIL = "fail"
    NEUTRAL = "neutral"


class NewSuppressions(StrEnum):
    """When a suppression comment that the change itself adds begins to count."""

    AFTER_MERGE = "after-merge"
    AT_ONCE = "at-once"


class ImportedResults(StrEnum):
    """What results of other tools count for."""

    SHOWN = "shown"
    GATE = "gate"
    GATE_AND_SCORE = "gate-and-score"
