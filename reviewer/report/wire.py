"""The shape of ``--format json``, schema 1: what is written, what is accepted, and its JSON schema.

Fields may be added here, never renamed, removed or given another meaning: names and types are a contract.
A test holds what is written to it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from reviewer.config.choices import Gate
from reviewer.finding import Pillar, Placement, Severity, Status
from reviewer.review import Conclusion, Mode

Line = Annotated[int, Meta(ge=1, description="A line, 1-based.")]
Count = Annotated[int, Meta(ge=0)]
Score = Annotated[int, Meta(ge=0, le=100)]
Text = Annotated[str, Meta(max_length=65_536)]
Path = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4096,
        pattern=r"^(?!/)(?!([\s\S]*/)?\.\.(/|$))",
        description="A path in the repository, POSIX, without leading slash.",
    ),
]
CheckId = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}$", description="Such as EKS-SEC-107.")
]
Sha = Annotated[str, Meta(pattern=r"^[0-9a-f]{7,64}$")]
Fingerprint = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Za-z]+([._:-][0-9A-Za-z]+)*$",
        max_length=256,
        description="Identifies the problem over line shifts, renames and changed messages.",
    ),
]
Url = Annotated[str, Meta(max_length=2048, pattern=r"^(https?://\S+)?$")]


class Tool(Struct, frozen=True):
    """Who wrote the report."""

    name: str
    version: str


class Verdict(Struct, frozen=True):
    """The conclusion, and the sentence that explains it."""

    conclusion: Conclusion
    reason: Text


class GatedVerdict(Verdict, frozen=True):
    """The verdict of one review."""

    gate: Annotated[
        Gate, Meta(description="What could fail the review: what it introduces, or all that it touches.")
    ] = Gate.INTRODUCED


class Location(Struct, frozen=True):
    """Lines of a file, both inclusive."""

    path: Path
    line: Line
    end_line: Line


class Suggestion(Struct, frozen=True):
    """A proven edit: the lines become `replacement`; an empty one deletes them."""

    path: Path
    line: Line
    end_line: Line
    replacement: Text
    note: Annotated[Text, Meta(description="What the edit does to a live cluster.")] = ""
    crlf: Annotated[bool, Meta(description="Lines of the file end in CRLF; `replacement` has LF alone.")] = (
        False
    )


class Acceptance(Struct, frozen=True):
    """The suppression comment that covers a finding."""

    reason: Text
    until: date
    path: Path
    line: Line


class Excerpt(Struct, frozen=True):
    """Source lines around a finding; never of secrets."""

    path: Path
    first_line: Line
    lines: Annotated[tuple[Text, ...], Meta(max_length=200)]


class Confirmation(Struct, frozen=True):
    """Another tool that says the same."""

    source: Annotated[str, Meta(max_length=256)]
    id: CheckId


class Instance(Struct, frozen=True):
    """A further address that has the same problem in the same place."""

    address: Text
    fingerprint: Fingerprint


class Finding(Struct, frozen=True):
    """One problem of one resource."""

    id: CheckId
    name: Annotated[str, Meta(max_length=256)]
    title: Text
    message: Annotated[Text, Meta(description="What is wrong, in Markdown.")]
    severity: Severity
    pillar: Pillar
    issue: Annotated[
        str, Meta(max_length=16, description="Section of the list of quality issues, such as 2.1.")
    ]
    path: Path
    line: Line
    end_line: Line
    address: Annotated[Text, Meta(description="Terraform address of the resource or module call.")]
    status: Status
    placement: Placement
    comment_line: Annotated[Line | None, Meta(description="Line of the inline comment; null in the summary.")]
    origins: Annotated[tuple[Location, ...], Meta(description="The lines that supply the value.")]
    suggestion: Suggestion | None
    suppressed: Acceptance | None
    fingerprint: Fingerprint
    docs: Url
    source: Annotated[
        str, Meta(max_length=256, description="`eks-review`, or the tool it was imported from.")
    ]
    hint: Annotated[Text, Meta(description="What to do, in Markdown.")] = ""
    excerpt: Excerpt | None = None
    confirmed_by: Annotated[
        tuple[Confirmation, ...], Meta(description="Other tools whose results say the same.")
    ] = ()
    also: Annotated[
        tuple[Instance, ...], Meta(description="Further addresses that the same line causes it at.")
    ] = ()
    baselined: Annotated[bool, Meta(description="The baseline accepts it.")] = False


class Contribution(Struct, frozen=True):
    """What one check takes from a score."""

    id: CheckId
    severity: Severity
    count: Annotated[int, Meta(ge=1)]
    penalty: Annotated[float, Meta(ge=0)]


class PillarScore(Struct, frozen=True):
    """One line of the scorecard. Scores are null for "not assessed"."""

    score: Score | None
    base: Score | None
    target: Score
    meets: bool | None
    penalty: Annotated[float, Meta(ge=0, description="score = floor(10000 / (100 + penalty))")]
    passed: Count
    findings: Count
    not_evaluated: Count
    accepted: Count
    drivers: Annotated[
        tuple[CheckId, ...], Meta(description="Checks that take from the score, heaviest first.")
    ]
    contributions: Annotated[
        tuple[Contribution, ...], Meta(description="The arithmetic behind `drivers`, in the same order.")
    ] = ()


class Scorecard(Struct, frozen=True, rename="kebab"):
    """The five pillars."""

    security: PillarScore
    reliability: PillarScore
    performance: PillarScore
    cost_optimization: PillarScore
    operational_excellence: PillarScore


class NotAnalysed(Struct, frozen=True):
    """A changed file that could not be read."""

    path: Path
    reason: Text


class NotEvaluated(Struct, frozen=True):
    """A check that could not decide about an address."""

    id: CheckId
    address: Text
    reason: Text


class Imported(Struct, frozen=True):
    """What became of the results of another tool."""

    source: Annotated[str, Meta(max_length=256)]
    results: Annotated[int, Meta(ge=0, description="All that its files hold.")]
    shown: Annotated[int, Meta(ge=0, description="Those on what the change touches.")]
    merged: Annotated[int, Meta(ge=0, description="Those that say the same as another finding.")]
    ignored: Annotated[int, Meta(ge=0, description="Those that the configuration or the tool leaves out.")]


class Coverage(Struct, frozen=True):
    """How much of the change the review has seen."""

    files_changed: Count
    files_analysed: Count
    files_not_analysed: tuple[NotAnalysed, ...]
    blocks_touched: Count
    evaluations: Count
    not_evaluated: tuple[NotEvaluated, ...]
    imported: tuple[Imported, ...] = ()
    decided: Annotated[
        tuple[CheckId, ...], Meta(description="The checks that came to a result, whichever it is.")
    ] = ()


class Notice(Struct, frozen=True):
    """Something the reader must know that is not a finding, in Markdown."""

    message: Text
    path: Path | None = None
    line: Line | None = None
    urgent: Annotated[bool, Meta(description="It is about the review itself and stands on top.")] = False


class NewSuppression(Struct, frozen=True):
    """A suppression comment that the change adds."""

    checks: tuple[Text, ...]
    acceptance: Acceptance


class BaselineEntry(Struct, frozen=True):
    """A problem that the baseline accepts."""

    fingerprint: Fingerprint
    id: CheckId
    address: Text
    path: Path
    line: Annotated[Line, Meta(description="Its line in the file of the baseline.")] = 1


class Baseline(Struct, frozen=True):
    """What the baseline did."""

    path: Path
    entries: Annotated[int, Meta(ge=0, description="How many problems it accepts in all.")]
    added: Annotated[tuple[BaselineEntry, ...], Meta(description="What this change adds to it.")] = ()
    stale: Annotated[tuple[BaselineEntry, ...], Meta(description="What is gone and can leave it.")] = ()


class Document(Struct, frozen=True):
    """A review by EKS Review, schema 1."""

    schema: Literal[1]
    tool: Tool
    mode: Mode
    base: Annotated[Sha | None, Meta(description="The merge base; null when there is none.")]
    head: Annotated[Sha | None, Meta(description="The reviewed commit; null for a working tree.")]
    today: Annotated[
        date, Meta(description="The date that ends of support and suppressions were compared with.")
    ]
    verdict: GatedVerdict
    findings: tuple[Finding, ...]
    scorecard: Scorecard
    coverage: Coverage
    notices: tuple[Notice, ...] = ()
    new_suppressions: tuple[NewSuppression, ...] = ()
    baseline: Baseline | None = None
