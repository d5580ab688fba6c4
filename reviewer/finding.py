"""What a review says about one problem: the vocabulary that every report and the GitHub side share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from datetime import date


OWN_SOURCE = "eks-review"
"""The source of what our own checks find."""


class Severity(StrEnum):
    """How bad a problem is. Defined from worst to mildest, which is also the sort order."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return 0 for critical up to 3 for low."""
        return list(Severity).index(self)


class Pillar(StrEnum):
    """The five quality scores."""

    SECURITY = "security"
    RELIABILITY = "reliability"
    PERFORMANCE = "performance"
    COST_OPTIMIZATION = "cost-optimization"
    OPERATIONAL_EXCELLENCE = "operational-excellence"

    @property
    def title(self) -> str:  # type: ignore[override] # a name, where str has a method
        """Return the pillar as people write it, such as ``Cost Optimization``."""
        return self.value.replace("-", " ").title()


class Status(StrEnum):
    """How a finding relates to the change."""

    INTRODUCED = "introduced"
    EXISTING = "existing"
    FIXED = "fixed"
    NOT_EVALUABLE = "not-evaluable"
    """It was a finding at the base, and its value can no longer be known at the head."""


class Placement(StrEnum):
    """Where a finding is shown on the pull request."""

    INLINE = "inline"
    SUMMARY = "summary"


class Location(Record):
    """Lines ``line`` to ``end_line`` (1-based, inclusive) of a file."""

    path: str
    line: int
    end_line: int


MASK = "••••••"
"""What stands in reports in place of a secret; it does not tell how long that is."""


class Excerpt(Record):
    """Source lines around a finding, the first of them numbered ``first_line``.

    Never made for findings about secrets; secrets of others in the lines are replaced by ``MASK``.
    """

    path: str
    first_line: int
    lines: tuple[str, ...]


class Suggestion(Record):
    """A proven edit: lines ``line`` to ``end_line`` of the head file become ``replacement``.

    ``replacement`` is whole lines without the last line's end; an empty string deletes the lines.
    ``note`` says what the edit does to a live cluster, or is empty. ``crlf`` tells that the lines of the file
    end in a carriage return as well, which ``replacement`` leaves out.
    """

    path: str
    line: int
    end_line: int
    replacement: str
    note: str = ""
    crlf: bool = False

    @property
    def written(self) -> str:
        """Return the replacement with the line ends of the file."""
        return self.replacement.replace("\n", "\r\n") if self.crlf else self.replacement


class Acceptance(Record):
    """A suppression comment that covers a finding: who reads the code sees why and until when."""

    reason: str
    until: date
    path: str
    line: int


class Instance(Record):
    """A further address that has a finding's problem in the same place, and the problem's identity there."""

    address: str
    fingerprint: str


class Confirmation(Record):
    """Another tool that says the same: its name, and the id of its rule."""

    source: str
    id: str


class Finding(Record):
    """One problem of one resource, with all that a report needs.

    ``path``, ``line``, ``end_line`` are the lines of the problem in the head (in the base for a fixed one).
    ``comment_line`` is the line the inline comment stands on (``None`` when it is in the summary); with a
    suggestion the comment spans the suggestion's lines. ``message`` says what is wrong, ``hint`` what to do,
    both in Markdown with every value from the code in a code span. ``fingerprint`` is stable over line
    shifts, renames and message changes. ``source`` is who found it, ``confirmed_by`` who else did.
    ``is_prompt`` ones never fail the review, whatever their severity.
    ``also`` are further addresses that the same line causes it at; ``baselined`` tells that the baseline
    accepts it.
    """

    id: str
    name: str
    title: str
    message: str
    hint: str
    severity: Severity
    pillar: Pillar
    issue: str
    path: str
    line: int
    end_line: int
    address: str
    status: Status
    placement: Placement
    comment_line: int | None
    origins: tuple[Location, ...]
    suggestion: Suggestion | None
    suppressed: Acceptance | None
    fingerprint: str
    docs: str
    source: str = OWN_SOURCE
    excerpt: Excerpt | None = None
    confirmed_by: tuple[Confirmation, ...] = ()
    is_prompt: bool = False
    also: tuple[Instance, ...] = ()
    baselined: bool = False

    @property
    def is_accepted(self) -> bool:
        """Tell whether a suppression or the baseline accepts it."""
        return self.suppressed is not None or self.baselined

    @property
    def counts(self) -> bool:
        """Tell whether the finding is open in the head: neither fixed, gone unknown, nor accepted."""
        return not self.is_accepted and self.status in {Status.INTRODUCED, Status.EXISTING}

    @property
    def is_imported(self) -> bool:
        """Tell whether another tool found it, and no check of ours."""
        return self.source != OWN_SOURCE
