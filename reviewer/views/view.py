"""What every view has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.engine.touched import ChangedLines
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A subject of checks: one resource or module call, seen as what it means.

    ``address`` identifies the subject across revisions. ``instance`` is the block that makes it: when the
    change touches that block, or a value it uses, the subject is touched.
    """

    instance: Instance
    address: str

    @property
    def header(self) -> Range:
        """Return the first line of the block: where a problem stands that is about something absent."""
        return self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether changed lines touch this subject; None when it is touched as its block is.

        A view overrides this when it is less than its block, or is not made by a resource or module call.
        """
        del changed
        return None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every subject of this kind in the root module and the local modules it calls."""
        raise NotImplementedError
