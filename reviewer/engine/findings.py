"""From a problem to a finding: severity, place, suggestion and acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.checks.check import Surface
from reviewer.engine.placement import Diff, Spot, place
from reviewer.engine.suggestion import suggest
from reviewer.engine.suppressed import Suppressions, accepting, location
from reviewer.escape import code
from reviewer.finding import (
    MASK,
    Acceptance,
    Excerpt,
    Finding,
    Instance,
    Location,
    Placement,
    Severity,
    Status,
    Suggestion,
)
from reviewer.record import Record
from reviewer.views.secrets.credential import without_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.checks.problem import Problem
    from reviewer.config.config import Config
    from reviewer.engine.delta import Hit
    from reviewer.engine.prove import Prover
    from reviewer.engine.redact import Redactor
    from reviewer.terraform.text import Range

EXCERPT_MARGIN = 1
"""Lines of context above and below a problem."""

EXCERPT_LINES = 12
"""A longer problem shows its first lines."""


class Assembler(Record, eq=False):
    """Makes findings. ``diff`` is None for an audit, where nothing is inline."""

    config: Config
    diff: Diff | None
    head: Suppressions
    base: Suppressions
    redactor: Redactor

    def finding(self, hit: Hit, prover: Prover) -> Finding:
        """Return the finding for a problem."""
        accepted = accepting(self.head, self.base, hit)
        spot = self._spot(hit, accepted)
        suggestion = self._suggestion(hit, spot, prover)
        if suggestion is not None:
            spot = Spot(suggestion.path, suggestion.end_line, exact=True)
        at = location(hit.problem.at)
        # A comment that stands in another file than the problem is about that place; the problem's is where
        # it comes from.
        shown = at if spot is None or spot.path == at.path else Location(spot.path, spot.line, spot.line)
        return Finding(
            id=hit.check.id,
            name=hit.check.name,
            title=hit.check.title,
            message=without_shapes(_message(hit), MASK),
            hint=hit.problem.hint or hit.check.documentation.fix,
            severity=self.severity(hit),
            pillar=hit.check.pillar,
            issue=hit.check.issue,
            path=shown.path,
            line=shown.line,
            end_line=shown.end_line,
            address=hit.key.address,
            status=hit.status,
            placement=Placement.SUMMARY if spot is None else Placement.INLINE,
            comment_line=None if spot is None else spot.line,
            origins=_origins(hit.problem, shown),
            suggestion=suggestion,
            suppressed=accepted,
            fingerprint=hit.key.fingerprint,
            docs=hit.check.docs,
            also=tuple(Instance(each.address, each.fingerprint) for each in hit.also),
            excerpt=None if hit.check.secret else excerpt(hit.problem.at, self.redactor),
            is_prompt=hit.check.is_prompt and not self._is_weighed(hit),
        )

    def severity(self, hit: Hit) -> Severity:
        """Return the severity, as the configuration sets it for the file."""
        return self.config.severity_of(hit.check.id, hit.check.name, hit.problem.at.path, hit.check.severity)

    def _is_weighed(self, hit: Hit) -> bool:
        """Tell whether the configuration says how severe the check is for the file."""
        return self.config.weighs(hit.check.id, hit.check.name, hit.problem.at.path)

    def _spot(self, hit: Hit, accepted: Acceptance | None) -> Spot | None:
        """Return where to comment: only on what the change introduces, and only where it is of use."""
        if self.diff is None or accepted is not None or hit.status is not Status.INTRODUCED:
            return None
        if hit.check.surface is Surface.SUMMARY:
            return None
        instance, at, extent = hit.subject.instance, hit.problem.at, hit.subject.extent
        related = (*hit.problem.related, extent, *instance.elements())
        is_changed = self.diff.nearest_changed_line(extent, at.line) is not None
        block = extent if is_changed else instance.block.range
        return place(self.diff, at, related, block, instance.calls())

    def _suggestion(self, hit: Hit, spot: Spot | None, prover: Prover) -> Suggestion | None:
        if self.diff is None or spot is None:
            return None
        suggestion = suggest(hit, self.diff, prover)
        is_secret = suggestion is not None and self._holds_secret(hit, suggestion)
        return None if is_secret else suggestion

    def _holds_secret(self, hit: Hit, suggestion: Suggestion) -> bool:
        """Tell whether a suggestion would repeat a secret that stands in the lines it replaces."""
        source = hit.problem.fix.edits[0].range.source if hit.problem.fix is not None else None
        lines = range(suggestion.line, suggestion.end_line + 1)
        return self.redactor.text(suggestion.replacement) != suggestion.replacement or (
            source is not None
            and any(self.redactor.line(source, each) != source.line(each) for each in lines)
        )


NAMED_INSTANCES = 3
"""How many further instances a message names; the rest is counted."""


def excerpt(at: Range, redactor: Redactor) -> Excerpt:
    """Return the lines of a problem with a little context, without the secrets in them."""
    source = at.source
    first = max(1, at.line - EXCERPT_MARGIN)
    last = min(source.line_count, at.end_line + EXCERPT_MARGIN, first + EXCERPT_LINES - 1)
    return Excerpt(
        source.path, first, tuple(redactor.line(source, number) for number in range(first, last + 1))
    )


def _message(hit: Hit) -> str:
    """Return the message, naming the other instances that the same line concerns."""
    if not hit.also:
        return hit.problem.message
    named = ", ".join(code(each.address) for each in hit.also[:NAMED_INSTANCES])
    more = len(hit.also) - NAMED_INSTANCES
    return f"{hit.problem.message} The same holds for {named}" + (f" and {more} more." if more > 0 else ".")


def _origins(problem: Problem, shown: Location) -> tuple[Location, ...]:
    """Return the further places on the way of the value, the supplier first, each once."""
    places = dict.fromkeys(location(each) for each in (problem.at, *problem.related))
    places.pop(shown, None)
    return tuple(places)


def limit_low(findings: Iterable[Finding], limit: int) -> list[Finding]:
    """Move all but ``limit`` inline findings of low severity to the summary."""
    result: list[Finding] = []
    left = limit
    for finding in findings:
        if finding.severity is Severity.LOW and finding.placement is Placement.INLINE:
            left -= 1
            if left < 0:
                result.append(
                    replace(finding, placement=Placement.SUMMARY, comment_line=None, suggestion=None)
                )
                continue
        result.append(finding)
    return result
