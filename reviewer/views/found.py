"""Subjects that were looked for once: checks ask the same of a root module again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


@dataclass(slots=True)
class Found(Generic[T]):
    """What an iterator yields, kept for whoever asks next; nothing is looked for before somebody wants it.

    An iterator that ends with an exception ends with the same one for everybody.
    """

    make: Callable[[], Iterator[T]]
    _items: list[T] = field(default_factory=list)
    _source: Iterator[T] | None = None
    _running: bool = False
    _error: Exception | None = None

    def __iter__(self) -> Iterator[T]:
        """Yield what is known, and go on looking when that is not enough."""
        if self._running:
            yield from self.make()  # it needs itself to go on: that one looks on its own
            return
        position = 0
        while position < len(self._items) or self._more():
            yield self._items[position]
            position += 1
        if self._error is not None:
            raise self._error

    def _more(self) -> bool:
        """Look for one more; tell whether there is one."""
        if self._error is not None:
            return False
        if self._source is None:
            self._source = self.make()
        self._running = True
        try:
            self._items.append(next(self._source))
        except StopIteration:
            return False
        except Exception as error:  # noqa: BLE001 - whoever asks is told
            self._error = error
            return False
        finally:
            self._running = False
        return True
