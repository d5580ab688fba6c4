"""Proving an edit: the root module is evaluated again with the edited file in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.change.tree import OverlayTree
from reviewer.engine.delta import Hit, Key, hits
from reviewer.finding import Status

if TYPE_CHECKING:
    from reviewer.checks.check import Check
    from reviewer.deadline import Deadline
    from reviewer.engine.review_set import Everything, ReviewSet
    from reviewer.engine.side import Side
    from reviewer.terraform.text import SourceText


@dataclass(slots=True, eq=False)
class Prover:
    """Evaluates one root module with edits. ``before`` are the problems without any."""

    head: Side
    scope: ReviewSet | Everything
    checks: tuple[Check, ...]
    before: frozenset[Key]
    root: str
    deadline: Deadline
    _proven: dict[tuple[str, str], frozenset[Key] | None] = field(default_factory=dict)

    def proves(self, hit: Hit, source: SourceText, text: str) -> bool:
        """Tell whether replacing ``source`` by ``text`` removes the problem and causes no other.

        Once the time is over nothing is proven any more: findings matter more than suggestions.
        """
        if self.deadline.is_over:
            return False
        key = (source.path, text)
        if key not in self._proven:
            self._proven[key] = self._problems(source, text)
        after = self._proven[key]
        return after is not None and hit.key not in after and after <= self.before

    def _problems(self, source: SourceText, text: str) -> frozenset[Key] | None:
        """Return the problems with the edit made; None when the file does not parse."""
        context = self.head.context
        tree = OverlayTree(context.tree, {source.path: text.encode()})
        configuration = context.configuration.on(tree)
        if configuration.file(source.path).diagnostics:
            return None
        side = self.head.rerooted(configuration)
        outcomes = list(side.run(self.checks, self.scope))
        return frozenset(hits(outcomes, side, self.root, Status.INTRODUCED))
