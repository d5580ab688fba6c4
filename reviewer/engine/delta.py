"""What is new: problems of base and head matched by what they are about, never by where they stand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.checks.check import Surface
from reviewer.checks.runner import Outcome, State
from reviewer.finding import Status
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewer.checks.check import Check
    from reviewer.checks.problem import Problem
    from reviewer.engine.side import Side
    from reviewer.finding import Acceptance
    from reviewer.views.view import View


class Key(Record):
    """The identity of a problem across revisions. ``root`` is the name of the root module."""

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


class Hit(Record, eq=False):
    """A problem with its identity and its place in the change.

    ``side`` is the revision it was seen at; ``also`` are further ones that have it in the same place.
    """

    key: Key
    check: Check
    subject: View
    problem: Problem
    side: Side
    status: Status
    also: tuple[Key, ...] = ()

    @property
    def is_head(self) -> bool:
        """Tell whether the problem is there at the head."""
        return self.status in {Status.INTRODUCED, Status.EXISTING}


def hits(outcomes: Iterable[Outcome], side: Side, root: str, status: Status) -> dict[Key, Hit]:
    """Return the problems of one side by their keys; shadowed ones are left out."""
    outcomes = list(outcomes)
    shadowed = {(shadow, each.address) for each in outcomes if each.problems for shadow in each.check.shadows}
    found: dict[Key, Hit] = {}
    for outcome in outcomes:
        if (outcome.check.id, outcome.address) in shadowed:
            continue
        for problem in outcome.problems:
            address, attribute = _named(side, outcome.address, problem.attribute)
            key = Key(outcome.check.id, root, address, attribute, problem.evidence)
            found.setdefault(key, Hit(key, outcome.check, outcome.subject, problem, side, status))
    return found


def _named(side: Side, address: str, attribute: str) -> tuple[str, str]:
    """Return an address and an argument path as the head names them: upgrades rename arguments, too."""
    name = side.name(address)
    return name, side.name(f"{address}.{attribute}").removeprefix(f"{name}.")


class Compared(Record, eq=False):
    """What is compared of one side: its problems by key, and what its checks could not decide.

    ``complete`` is false when a file could not be read, and then nothing in it can be called gone.
    """

    hits: dict[Key, Hit]
    side: Side
    outcomes: Sequence[Outcome]
    complete: bool = True

    def undecided(self) -> Callable[[Key], bool]:
        """Return what tells whether a problem may be there unseen."""
        unknown = [each for each in self.outcomes if each.state is State.NOT_EVALUATED]
        subjects = {(each.check.id, self.side.name(each.address)) for each in unknown}
        checks = {each.check.id for each in self.outcomes if each.is_partial}
        return lambda key: not self.complete or key.check in checks or (key.check, key.address) in subjects


def compare(head: Compared, base: Compared, is_touched: Callable[[Hit], bool]) -> Iterator[Hit]:
    """Yield every problem of either side with its status.

    A problem that is gone is fixed, unless its check could not be evaluated at the head. One that came is
    introduced, unless its check could not be evaluated at the base and the change leaves its subject alone,
    or the check is about something that is nowhere: then something else was cleared up, and what shows now
    may have been there all along.
    """
    hidden = base.undecided()

    def was_hidden(hit: Hit) -> bool:
        if hit.problem.is_new or not hidden(hit.key):
            return False
        return hit.check.surface is Surface.SUMMARY or not is_touched(hit)

    for key, hit in head.hits.items():
        yield replace(hit, status=Status.EXISTING) if key in base.hits or was_hidden(hit) else hit
    unknown = head.undecided()
    for key, hit in base.hits.items():
        if key not in head.hits:
            yield replace(hit, status=Status.NOT_EVALUABLE if unknown(key) else Status.FIXED)


def merge_places(found: Iterable[Hit], accepting: Callable[[Hit], Acceptance | None]) -> list[Hit]:
    """Return the hits with those merged that one line, or one thing elsewhere, causes.

    A shared module seen from several root modules, or a block that ``for_each`` repeats, has its problem many
    times in the same place. The worst status stands: introduced anywhere is introduced. What a suppression
    accepts (``accepting``) stays apart from what it does not: one resource cannot speak for another. Nor are
    the same words said twice of one line, where it supplies several arguments.
    """

    def source(hit: Hit) -> tuple[object, ...]:
        place, cause = hit.problem.at, hit.problem.cause
        where = (cause, hit.status) if cause else (place.path, place.start)
        return (hit.key.attribute, hit.key.evidence, where, accepting(hit))

    def words(hit: Hit) -> tuple[object, ...]:
        return (hit.problem.message, hit.problem.at.path, hit.problem.at.start, hit.status, accepting(hit))

    return _merged(_merged(found, source), words)


def _merged(found: Iterable[Hit], key: Callable[[Hit], tuple[object, ...]]) -> list[Hit]:
    """Return one hit for all of a check that have the same key, with the others as its further ones."""
    order = [Status.INTRODUCED, Status.EXISTING, Status.NOT_EVALUABLE, Status.FIXED]
    groups: dict[tuple[object, ...], list[Hit]] = {}
    for hit in found:
        groups.setdefault((hit.check.id, hit.is_head, *key(hit)), []).append(hit)
    merged = []
    for group in groups.values():
        first = min(group, key=lambda each: (order.index(each.status), each.key.root, each.key.address))
        alike = [each for each in group if each.status is first.status]
        others = {known.address: known for each in alike for known in (*each.also, each.key)}
        others.pop(first.key.address, None)
        if first.subject.written is not None:
            others.clear()
        merged.append(replace(first, also=tuple(others[address] for address in sorted(others))))
    return merged
