"""The blocks of the head that a review is about, by where they stand: results of other tools name lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.engine.foreign import KnownBlock
from reviewer.engine.review_set import ReviewSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.engine.root import RootReview
    from reviewer.terraform.syntax import Block


def known_blocks(roots: Iterable[RootReview]) -> Mapping[tuple[str, int], KnownBlock]:
    """Return the touched resources and calls by file and first line; in an audit, all of them.

    A block that was made anew in one root module and is old in another counts as old.
    """
    found: dict[tuple[str, int], KnownBlock] = {}
    for root in roots:
        for address, block, before in _touched(root):
            key = (block.range.path, block.range.line)
            known = found.get(key)
            addresses = (address,) if known is None else (*known.addresses, address)
            earlier = known.before if known is not None and known.before is not None else before
            found[key] = KnownBlock(addresses, block, earlier)
    return found


def homes(roots: Iterable[RootReview]) -> Mapping[str, tuple[str, int]]:
    """Return file and first line of the block that each problem at the head is about, by its fingerprint."""
    problems = (
        (each.key, each.subject.instance.block) for root in roots for each in root.found if each.is_head
    )
    return {key.fingerprint: (block.range.path, block.range.line) for key, block in problems}


def _touched(root: RootReview) -> Iterator[tuple[str, Block, Block | None]]:
    """Yield address, block at the head, and block at the base."""
    scope, head = root.prover.scope, root.prover.head
    if not isinstance(scope, ReviewSet):
        for address, instance in head.instances().items():
            yield address, instance.block, None
        return
    touched = scope.head.touched(scope.base)
    for address in sorted(scope.addresses):
        now = touched.get(address) or scope.head.counterpart(address)
        if now is not None:
            before = scope.base.counterpart(address)
            yield address, now.block, before.block if before is not None else None
