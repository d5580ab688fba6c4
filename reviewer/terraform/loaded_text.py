"""Where parts of a text stand that a function loads from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewer.terraform.module import is_terraform
from reviewer.terraform.text import Range

if TYPE_CHECKING:
    from reviewer.terraform.value import Value

MAX_CHARACTERS = 262_144
"""In longer texts nothing is located: each part would carry a place of its own through every function."""

Locate = Callable[[int, int], tuple[Range, ...]]
"""Returns the origins of what stands between two positions of a text."""


def is_loaded(place: Range) -> bool:
    """Tell whether a range is in a file that the configuration loads: one that is not Terraform's own."""
    return place.path != "" and not is_terraform(place.path)


def file_of(value: Value) -> Range | None:
    """Return the file, or the part of one, that a value was loaded from; None for one that the code holds.

    What a template is given may come from files, too: the file that was loaded last is the text's own.
    """
    return next((each for each in reversed(value.origins) if is_loaded(each)), None)


def places(value: Value, text: str) -> Locate | None:
    """Return what finds parts of ``text`` in the file that ``value`` was loaded from.

    None when it was not, or when the file does not hold the text as it is, as that of a template.
    """
    file = file_of(value) if len(text) <= MAX_CHARACTERS else None
    start = -1 if file is None else file.source.text.find(text, file.start, file.end)
    if file is None or start < 0:
        return None
    source, hops = file.source, tuple(each for each in value.origins if each != file)

    def locate(first: int, last: int) -> tuple[Range, ...]:
        end = first + len(text[first:last].rstrip())
        return (Range(source, start + first, start + max(first, end)), *hops)

    return locate
