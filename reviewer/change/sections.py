"""The output of ``git diff``, cut into files while it comes in, and how much of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.errors import MalformedDiffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_FILE_LINES = 100_000
"""Added and removed lines of one file. It is read up to a megabyte: nobody writes so many lines into that."""

MAX_DIFF_BYTES = 64 * 1024 * 1024
"""Of the hunks of all files. GitHub shows no more than a megabyte of a pull request."""

_NEXT = b"\ndiff --git "
"""No line of a file looks like this: each has a sign before it."""


class Budget:
    """What may still be kept of one diff."""

    def __init__(self) -> None:
        self._bytes = MAX_DIFF_BYTES

    def refuse(self, changed_lines: int, size: int) -> str:
        """Return why the ``size`` bytes of one file's hunks are not kept; an empty string when they are."""
        if changed_lines > MAX_FILE_LINES:
            return f"the diff has {changed_lines:,} changed lines, and the limit is {MAX_FILE_LINES:,}"
        if size > self._bytes:
            return f"the diff of the whole change is larger than {MAX_DIFF_BYTES // 1024**2} MiB"
        self._bytes -= size
        return ""


def sections(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a diff says of each file, holding one at a time. Raises ``MalformedDiffError``."""
    buffer = bytearray()
    for piece in pieces:
        searched = max(0, len(buffer) - len(_NEXT) + 1)
        buffer += piece
        start = 0
        while (end := buffer.find(_NEXT, max(start, searched)) + 1) > 0:
            yield from _section(bytes(buffer[start:end]))
            start = end
        del buffer[:start]
    yield from _section(bytes(buffer))


def _section(text: bytes) -> Iterator[bytes]:
    if text.startswith(_NEXT[1:]):
        yield text
    elif text.strip():
        raise MalformedDiffError("it has no 'diff --git' line")
