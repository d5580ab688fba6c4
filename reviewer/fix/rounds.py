"""Applies suggestions until none is left, in memory: nothing is written before everything is proven together.

Each suggestion was proven alone. Those that do not overlap are made at once, and the result is reviewed
again: what was found must be gone, nothing may be new, and the verdict of that review is the verdict of the
fixed tree. Where several fail together, they are made one by one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from reviewer.change.change import Change
from reviewer.change.directory import diff_directories
from reviewer.change.tree import OverlayTree
from reviewer.fix.lines import applied, without_overlap
from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.change.diff import ChangedFile
    from reviewer.finding import Finding
    from reviewer.review import Review

MAX_ROUNDS = 50
"""Rounds come from suggestions that overlap, or that appear only once others are made: there are few."""

MakeReview = Callable[[Change], "Review"]


class Outcome(Record):
    """What came of it. ``files`` are the new contents by path, ``review`` is that of the tree with them.

    ``made`` are the findings whose suggestions were made; ``left`` those that were offered one and still
    stand.
    """

    review: Review
    files: Mapping[str, bytes] = field(default_factory=dict)
    made: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


def fix(change: Change, make_review: MakeReview) -> Outcome:
    """Return the change's head with every suggestion made that holds together with the others."""
    review = make_review(change)
    files: dict[str, bytes] = {}
    made: dict[str, Finding] = {}
    offered: dict[str, Finding] = {}
    barred: set[str] = set()
    for _ in range(MAX_ROUNDS):
        candidates = [
            each for each in review.findings if _is_offered(each) and each.fingerprint not in barred
        ]
        offered |= {each.fingerprint: each for each in candidates}
        if not candidates:
            break
        batch = without_overlap(candidates)
        attempt = _attempt(change, files, review, batch, make_review)
        if attempt is None and len(batch) > 1:
            batch = batch[:1]
            attempt = _attempt(change, files, review, batch, make_review)
        if attempt is None:
            barred.add(batch[0].fingerprint)
            continue
        files, review = attempt
        made |= {each.fingerprint: each for each in batch}
    open_now = {each.fingerprint for each in review.findings if each.counts}
    left = tuple(each for key, each in offered.items() if key in open_now)
    return Outcome(review, files, tuple(made.values()), left)


def _is_offered(finding: Finding) -> bool:
    return finding.suggestion is not None and finding.counts


def _attempt(
    change: Change,
    files: Mapping[str, bytes],
    review: Review,
    batch: Sequence[Finding],
    make_review: MakeReview,
) -> tuple[dict[str, bytes], Review] | None:
    """Return the files with the suggestions of ``batch`` made and their review; None when that is no good."""
    head = OverlayTree(change.head, files)
    edited = dict(files)
    for path in {each.suggestion.path for each in batch if each.suggestion}:
        suggestions = [each.suggestion for each in batch if each.suggestion and each.suggestion.path == path]
        edited[path] = applied(head.read(path), suggestions)
    after = make_review(overlaid(change, edited))
    return (edited, after) if _is_better(review, after, batch) else None


def _is_better(before: Review, after: Review, batch: Sequence[Finding]) -> bool:
    """Tell whether the problems of ``batch`` are gone and nothing else came, be it a file nobody can read."""
    was, now = ({each.fingerprint for each in one.findings if each.counts} for one in (before, after))
    unread, still_unread = (
        {each.path for each in one.coverage.files_not_analysed} for one in (before, after)
    )
    return now < was and now.isdisjoint(each.fingerprint for each in batch) and still_unread <= unread


def overlaid(change: Change, files: Mapping[str, bytes]) -> Change:
    """Return the change whose head has other contents for some of its files, with their diffs."""
    diffs = _diffs(change, files)
    shown = (diffs.get(each.path, each) for each in change.files)
    kept = tuple(each for each in shown if each is not None)
    return Change(change.base, OverlayTree(change.head, files), kept)


def _diffs(change: Change, files: Mapping[str, bytes]) -> dict[str, ChangedFile | None]:
    """Return the diff of each edited file, by git; None for one that is now as it was at the base."""
    known = {each.path: each for each in change.files}
    with tempfile.TemporaryDirectory(prefix="eks-review-", ignore_cleanup_errors=True) as scratch:
        base, head = Path(scratch, "base"), Path(scratch, "head")
        for folder in (base, head):
            folder.mkdir()
        for number, (path, content) in enumerate(files.items()):
            old_path = known[path].old_path
            if old_path is not None:
                (base / str(number)).write_bytes(change.base.read(old_path))
            (head / str(number)).write_bytes(content)
        found = {each.path: each for each in diff_directories(base, head)}
    return {path: _named(found.get(str(number)), known[path]) for number, path in enumerate(files)}


def _named(found: ChangedFile | None, known: ChangedFile) -> ChangedFile | None:
    """Return the diff of a file under its own names; a file that was renamed differs, whatever is in it."""
    if found is not None:
        return replace(found, path=known.path, old_path=known.old_path, status=known.status)
    return None if known.old_path == known.path else replace(known, hunks=())
