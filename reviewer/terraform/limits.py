"""How large a value may become: everything in a pull request is hostile input."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.terraform.value import Value

MAX_ELEMENTS = 100_000
MAX_CHARACTERS = 1024 * 1024
MAX_DEPTH = 64
"""How deeply a decoded document may nest."""


class UnsupportedError(Exception):
    """This evaluator cannot compute a value; it becomes an ``Unknown`` with ``reason``, never an error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def too_large() -> UnsupportedError:
    """Return the error for a result that would use too much memory or time."""
    return UnsupportedError("too large to evaluate")


def check_length(characters: int) -> None:
    """Refuse a string of more than ``MAX_CHARACTERS`` before it is built."""
    if characters > MAX_CHARACTERS:
        raise too_large()


def check_count(elements: int) -> None:
    """Refuse a collection of more than ``MAX_ELEMENTS`` before it is built."""
    if elements > MAX_ELEMENTS:
        raise too_large()


def is_too_large(value: Value) -> bool:
    """Tell whether a value holds more than ``MAX_ELEMENTS`` values, those that it shares counted each time.

    ``[local.a, local.a]``, thirty times over, takes a screen to write and all memory to walk through.
    """
    left = MAX_ELEMENTS
    pending = [value]
    while pending:
        data = pending.pop().data
        # Outputs of a module are a mapping, too, and are not evaluated before somebody asks for them.
        if type(data) is dict:
            inner = tuple(data.values())
        elif isinstance(data, tuple):
            inner = data
        else:
            inner = getattr(data, "alternatives", ())
        left -= len(inner)
        if left < 0:
            return True
        pending.extend(inner)
    return False
