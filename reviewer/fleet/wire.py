"""The files of a fleet: what a shard writes, and what the merge of all shards writes. Schema 1 of each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from reviewer.finding import Severity
from reviewer.report import wire
from reviewer.review import Conclusion

Name = Annotated[str, Meta(min_length=1, max_length=1024)]
Scores = dict[str, wire.Score | None]
"""The score of each pillar by its name, null when it was not assessed."""


class Repository(Struct, frozen=True, omit_defaults=True):
    """One audited repository: its report, or why there is none."""

    name: Name
    review: wire.Document | None = None
    error: wire.Text = ""


class Shard(Struct, frozen=True):
    """What ``eks-review audit --shard`` writes."""

    schema: Literal[1]
    kind: Literal["fleet-shard"]
    tool: wire.Tool
    today: date
    shard: Annotated[int, Meta(ge=1)]
    shards: Annotated[int, Meta(ge=1)]
    repositories: tuple[Repository, ...]


class Counts(Struct, frozen=True):
    """Open findings by severity."""

    critical: wire.Count = 0
    high: wire.Count = 0
    medium: wire.Count = 0
    low: wire.Count = 0

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Return what ranks a repository: the fewer of the worst, the better."""
        return self.critical, self.high, self.medium, self.low

    @property
    def total(self) -> int:
        """Return all of them."""
        return sum(self.key)


class Standing(Struct, frozen=True):
    """A row of the league table. ``before`` are the counts of the report before this one, if it had any."""

    rank: Annotated[int, Meta(ge=1)]
    name: Name
    conclusion: Conclusion
    reason: wire.Text
    open: Counts | None
    accepted: wire.Count
    scores: Scores
    before: Counts | None = None


class CheckRow(Struct, frozen=True):
    """How often a check found something. ``severity`` is the worst that its findings have."""

    id: wire.CheckId
    title: wire.Text
    severity: Severity
    repositories: wire.Count
    findings: wire.Count


class Moment(Struct, frozen=True):
    """The whole fleet on one day. ``medians`` are over the repositories whose pillar was assessed."""

    today: date
    repositories: wire.Count
    failing: wire.Count
    incomplete: wire.Count
    open: Counts
    medians: Scores


class Fleet(Struct, frozen=True):
    """What ``eks-review merge --format json`` writes."""

    schema: Literal[1]
    kind: Literal["fleet"]
    tool: wire.Tool
    today: date
    verdict: wire.Verdict
    repositories: tuple[Standing, ...]
    checks: tuple[CheckRow, ...]
    history: Annotated[tuple[Moment, ...], Meta(description="Oldest first; the last one is this report.")]
    gone: Annotated[
        tuple[Name, ...], Meta(description="In the report before this one, and not in this.")
    ] = ()
