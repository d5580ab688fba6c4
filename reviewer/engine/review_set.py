"""What of a root module is reviewed: the same at base and head, so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.checks.check import Check, Scope
from reviewer.engine.labels import labels_of_block, labels_of_instance, triggers

if TYPE_CHECKING:
    from reviewer.engine.side import Side
    from reviewer.views.view import View


@dataclass(slots=True, eq=False)
class ReviewSet:
    """What of a root module is reviewed: the same on both sides, so that base and head can be compared.

    ``addresses`` are touched in either revision. ``labels`` name the kinds of the touched blocks, ``paths``
    the changed files.
    """

    head: Side
    base: Side
    paths: tuple[str, ...]
    addresses: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    _subjects: dict[type[View], set[str]] = field(default_factory=dict)
    _met: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, head: Side, base: Side, paths: tuple[str, ...]) -> ReviewSet:
        """Return what the change touches in a root module, at either revision."""
        touched = (head.touched(base), base.touched(head))
        addresses = frozenset(address for found in touched for address in found)
        labels: set[str] = set()
        for side, found in zip((head, base), touched, strict=True):
            for instance in found.values():
                labels |= labels_of_instance(instance)
            for block in side.settings():
                labels |= labels_of_block(block)
        return cls(head, base, paths, addresses, frozenset(labels))

    def is_triggered(self, check: Check) -> bool:
        """Tell whether a check may run at all; else its subjects are not even looked for."""
        return check.scope is Scope.RESOURCE or any(map(self._is_met, check.resources))

    def _is_met(self, resource: str) -> bool:
        """Tell whether one of the things that checks look at is touched; many checks look at the same."""
        if resource not in self._met:
            self._met[resource] = triggers(resource, self.labels, self.paths)
        return self._met[resource]

    def includes(self, check: Check, address: str) -> bool:
        """Tell whether a check that is triggered runs on the subject of an address."""
        return check.scope is not Scope.RESOURCE or address in self.touched(check.on)

    def touched(self, kind: type[View]) -> set[str]:
        """Return the addresses of the subjects of a kind that the change touches, at either revision."""
        if kind not in self._subjects:
            head, base = self.head, self.base
            self._subjects[kind] = head.touched_subjects(kind, base) | base.touched_subjects(kind, head)
        return self._subjects[kind]


class Everything:
    """The review set of an audit."""

    addresses: frozenset[str] = frozenset()

    def is_triggered(self, check: Check) -> bool:
        """Trigger every check."""
        del check
        return True

    def includes(self, check: Check, address: str) -> bool:
        """Include every subject."""
        del check, address
        return True
