"""How text is printed. It stands apart from the printing, whose library no other report has a use for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_WIDTH = 60
MAX_WIDTH = 140
PLAIN_WIDTH = 100
"""Columns of a report that does not go to a terminal."""


class Style(Record):
    """How to print: the width in columns, and whether colours may be used."""

    width: int = PLAIN_WIDTH
    color: bool = False


def style_for(stream: TextIO, environment: Mapping[str, str], *, no_color: bool = False) -> Style:
    """Return the style for a stream: colours on a terminal that wants them, else plain text of a fixed width.

    ``NO_COLOR`` (any value but an empty one) and ``TERM=dumb`` turn colours off.
    """
    if not stream.isatty():
        return Style()
    wanted = not (no_color or environment.get("NO_COLOR") or environment.get("TERM") == "dumb")
    columns = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    return Style(max(MIN_WIDTH, min(columns, MAX_WIDTH)), wanted)
