"""What every view has."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Self, cast

from reviewer.record import Record
from reviewer.views.found import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class NotApplicableError(Exception):
    """The check has nothing to say about this subject: neither a pass nor a finding."""


class View(Record, eq=False):
    """A subject of checks: one resource or module call, seen as what it means.

    ``address`` identifies the subject across revisions. ``instance`` is the block that makes it: when the
    change touches that block, or a value it uses, the subject is touched.
    """

    instance: Instance
    address: str

    @property
    def written(self) -> str | None:
        """Return what identifies the subject whoever calls its module; None where it is what a caller makes.

        A problem of such a subject is one of the code as it is written: further callers bring nothing new.
        """
        return None

    @property
    def part_of(self) -> View | None:
        """Return the subject that this one is but a part of: it stands there, and is touched with it."""
        return None

    @property
    def header(self) -> Range:
        """Return the first line of the block: where a problem stands that is about something absent."""
        return self.instance.range if self.part_of is None else self.part_of.header

    @property
    def extent(self) -> Range:
        """Return all that is written for the subject alone: its block, or its entry in an argument of one."""
        return self.instance.block.range if self.part_of is None else self.part_of.extent

    def __init_subclass__(cls) -> None:
        """Have each root module searched once for the subjects of a view, however many checks want them."""
        own = cls.__dict__.get("find")
        if isinstance(own, classmethod) and not hasattr(own.__func__, "__wrapped__"):
            setattr(cls, "find", classmethod(_remembering(own.__func__)))  # noqa: B010 - mypy knows no such change

    def name_or_address(self, name: Value) -> str:
        """Return a name that is known and says something, else the address: one of the two tells people."""
        return name.data if isinstance(name.data, str) and name.data else self.address

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether changed lines touch this subject; None when it is touched as its block is.

        A view overrides this when it is less than its block, or is not made by a resource or module call.
        """
        return None if self.part_of is None else self.part_of.is_touched(changed)

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every subject of this kind in the root module and the local modules it calls."""
        raise NotImplementedError


def _remembering(find: Callable[[type[View], Context], Iterator[View]]) -> Callable[..., Iterator[View]]:
    """Return ``find`` with its results kept in the context."""

    @wraps(find)
    def remembered(cls: type[View], context: Context) -> Iterator[View]:
        found = context.found.get(cls)
        if found is None:
            found = context.found[cls] = Found(lambda: find(cls, context))
        return iter(cast("Found[View]", found))

    return remembered
