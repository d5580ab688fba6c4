"""Where the strings of a document are written that ``jsonencode`` or ``yamlencode`` makes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.terraform.text import Range


class Literals:
    """The literals among the ``origins`` of a document, each given once as long as there are others.

    An encoded object has its keys sorted, so that the order of the code tells only equal texts apart.
    """

    def __init__(self, origins: Iterable[Range]) -> None:
        """Index the origins by their text."""
        self._found: dict[str, deque[Range]] = {}
        for each in origins:
            self._found.setdefault(each.text, deque()).append(each)

    def take(self, text: str) -> Range | None:
        """Return the literal that supplies the next string of this text; None when there is none."""
        found = self._found.get(f'"{text}"')
        if found is None:
            return None
        return found.popleft() if len(found) > 1 else found[0]
