"""The result of a review: findings, scorecard, coverage and verdict. Decided before anything is posted."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from reviewer.config.choices import Gate
from reviewer.errors import ExitCode
from reviewer.finding import Status
from reviewer.record import Record

if TYPE_CHECKING:
    from datetime import date

    from reviewer.finding import Acceptance, Finding
    from reviewer.scorecard import Scorecard


class Mode(StrEnum):
    """A review of a change, or an audit of everything."""

    REVIEW = "review"
    AUDIT = "audit"


class Conclusion(StrEnum):
    """The verdict in one word. ``ERROR`` means incomplete: never a success."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def exit_code(self) -> ExitCode:
        """Return the code with which a run that comes to this conclusion ends."""
        return {
            Conclusion.SUCCESS: ExitCode.PASSED,
            Conclusion.FAILURE: ExitCode.FAILED,
            Conclusion.ERROR: ExitCode.INCOMPLETE,
        }[self]


class Verdict(Record):
    """The conclusion, the sentence that explains it, and which findings could fail the review."""

    conclusion: Conclusion
    reason: str
    gate: Gate = Gate.INTRODUCED

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of the conclusion."""
        return self.conclusion.exit_code

    def may_fail_by(self, finding: Finding) -> bool:
        """Tell whether a finding of this status could fail the review."""
        gated = {Status.INTRODUCED} if self.gate is Gate.INTRODUCED else {Status.INTRODUCED, Status.EXISTING}
        return finding.status in gated


class Notice(Record):
    """Something the reader must know that is not a finding: a malformed suppression, stale data.

    ``message`` is Markdown with every value from the code in a code span, as in a finding. An ``urgent`` one
    is about the review itself, such as an edited configuration: it stands on top, and is worth a comment.
    """

    message: str
    path: str | None = None
    line: int | None = None
    urgent: bool = False


EVERYTHING = "."
"""The path that stands for the whole repository in :class:`NotAnalysed`."""


class NotAnalysed(Record):
    """A changed file that could not be read, or the folder of a module that was not looked into, and why."""

    path: str
    reason: str
    is_module: bool = False


class NotEvaluated(Record):
    """A check that could not decide about an address, and what blocks it."""

    id: str
    address: str
    reason: str


class Imported(Record):
    """What became of the results of another tool.

    ``results`` are all that its files hold, ``shown`` those on what the change touches, ``merged`` those that
    say the same as another finding, ``ignored`` those that the configuration or the tool itself leaves out.
    The others are about code that the change leaves alone.
    """

    source: str
    results: int
    shown: int
    merged: int
    ignored: int


class Coverage(Record):
    """How much of the change the review has seen. ``decided`` are the ids of checks that came to a result."""

    files_changed: int
    files_analysed: int
    files_not_analysed: tuple[NotAnalysed, ...]
    blocks_touched: int
    evaluations: int
    not_evaluated: tuple[NotEvaluated, ...]
    imported: tuple[Imported, ...] = ()
    decided: tuple[str, ...] = ()


class NewSuppression(Record):
    """A suppression comment that this change adds; shown on top of the summary."""

    checks: tuple[str, ...]
    acceptance: Acceptance


class BaselineEntry(Record):
    """A problem that the baseline accepts, and the line of the baseline file on which it stands."""

    fingerprint: str
    id: str
    address: str
    path: str
    line: int = 1


class BaselineUse(Record):
    """What the baseline did in a review.

    ``path`` is that of its file, ``entries`` how many problems it accepts in all. ``added`` are those that
    this change adds to it, ``stale`` those that are gone: an audit looked for them in vain, or this change
    fixes them.
    """

    path: str
    entries: int
    added: tuple[BaselineEntry, ...] = ()
    stale: tuple[BaselineEntry, ...] = ()


class Review(Record):
    """Everything a report or the GitHub side needs. ``findings`` are in display order."""

    mode: Mode
    base: str | None
    head: str | None
    today: date
    verdict: Verdict
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    coverage: Coverage
    notices: tuple[Notice, ...] = ()
    new_suppressions: tuple[NewSuppression, ...] = ()
    baseline: BaselineUse | None = None
