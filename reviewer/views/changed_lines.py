"""Where a change differs from what was there, for views that know best what of it concerns them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value


@dataclass(frozen=True, slots=True, eq=False)
class ChangedLines:
    """The lines that the change adds (at the head) or removes (at the base), by path.

    ``by_path`` are lines of code; ``texts`` are all lines, comments and blank ones included.
    """

    by_path: Mapping[str, frozenset[int]] = field(default_factory=dict)
    texts: Mapping[str, frozenset[int]] = field(default_factory=dict)
    _met: dict[Range, bool] = field(default_factory=dict)

    def meet(self, place: Range) -> bool:
        """Tell whether a changed line of code lies in ``place``.

        The instances of a block take their values from the same places, so each answer is kept.
        """
        found = self._met.get(place)
        if found is None:
            found = self._met[place] = _meet(self.by_path.get(place.path), place)
        return found

    def supply(self, value: Value) -> bool:
        """Tell whether a changed line supplies a value, or a part of it."""
        return any(self.meet(place) for each in value.walk() for place in each.origins)

    def meet_text(self, place: Range) -> bool:
        """Tell whether any changed line lies in ``place``."""
        return _meet(self.texts.get(place.path), place)


def _meet(lines: frozenset[int] | None, place: Range) -> bool:
    if not lines:
        return False
    first, last = place.line, place.end_line
    if last - first < len(lines):
        return any(line in lines for line in range(first, last + 1))
    return any(first <= line <= last for line in lines)
