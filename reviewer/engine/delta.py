"""What is new: problems of base and head matched by what they are about, never by where they stand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.checks.runner import Outcome, State
from reviewer.finding import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.checks.check import Check
    from reviewer.checks.problem import Problem
    from reviewer.engine.side import Side
    from reviewer.views.view import View


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a problem across revisions. ``root`` is the root module's folder at the head."""

    check: str
    root: str
    address: str
    attribute: str
    evidence: str

    @property
    def fingerprint(self) -> str:
        """Return the key as 16 hexadecimal digits, for markers and for SARIF."""
        parts = f"{self.check}\0{self.root}\0{self.address}\0{self.attribute}\0{self.evidence}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A problem with its identity and its place in the change. ``side`` is the revision it was seen at."""

    key: Key
    check: Check
    subject: View
    problem: Problem
    side: Side
    status: Status


def hits(outcomes: Iterable[Outcome], side: Side, root: str, status: Status) -> dict[Key, Hit]:
    """Return the problems of one side by their keys; shadowed ones are left out."""
    outcomes = list(outcomes)
    shadowed = {(shadow, each.address) for each in outcomes if each.problems for shadow in each.check.shadows}
    found: dict[Key, Hit] = {}
    for outcome in outcomes:
        if (outcome.check.id, outcome.address) in shadowed:
            continue
        for problem in outcome.problems:
            key = Key(outcome.check.id, root, side.name(outcome.address), problem.attribute, problem.evidence)
            found.setdefault(key, Hit(key, outcome.check, outcome.subject, problem, side, status))
    return found


def compare(
    head: dict[Key, Hit],
    base: dict[Key, Hit],
    head_outcomes: Iterable[Outcome],
    head_side: Side,
    *,
    complete: bool,
) -> Iterator[Hit]:
    """Yield every problem of either side with its status.

    A problem that is gone is fixed, unless its check could not be evaluated at the head; ``complete`` is
    false when a file of the head could not be read, and then nothing in it can be called fixed.
    """
    for key, hit in head.items():
        yield hit if key not in base else _with_status(hit, Status.EXISTING)
    undecided = {
        (each.check.id, head_side.name(each.address))
        for each in head_outcomes
        if each.state is State.NOT_EVALUATED
    }
    for key, hit in base.items():
        if key in head:
            continue
        unknown = not complete or (key.check, key.address) in undecided
        yield _with_status(hit, Status.NOT_EVALUABLE if unknown else Status.FIXED)


def _with_status(hit: Hit, status: Status) -> Hit:
    return Hit(hit.key, hit.check, hit.subject, hit.problem, hit.side, status)


def merge_roots(found: Iterable[Hit]) -> list[Hit]:
    """Return the hits with those merged that several root modules see in the same lines of a shared module.

    The worst status stands: introduced in one root is introduced.
    """
    order = [Status.INTRODUCED, Status.EXISTING, Status.NOT_EVALUABLE, Status.FIXED]
    merged: dict[object, Hit] = {}
    for hit in found:
        place = hit.problem.at
        where = (
            hit.check.id,
            place.path,
            place.start,
            hit.subject.header.path,
            hit.subject.header.start,
            hit.key.evidence,
        )
        known = merged.get(where)
        if known is None or (
            known.key.root != hit.key.root and order.index(hit.status) < order.index(known.status)
        ):
            merged[where] = hit
        elif known.key.root == hit.key.root and known.key != hit.key:
            merged[(*where, hit.key)] = hit
    return list(merged.values())
