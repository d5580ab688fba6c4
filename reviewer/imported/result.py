"""What every reader of another tool's file makes: one result, as far as the file tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.finding import Severity

MAX_TEXT = 2000
"""Characters of a title, message or hint: a tool that writes more is quoting code."""
_MAX_ID = 128
_MAX_URL = 2048
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN_ERRORS = 3
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_.:/-]+")


class InvalidResultsError(ValueError):
    """A file is not what it should be. ``str()`` is ``file:line:column: what is wrong``."""


class Place(Record):
    """Lines of a file, which may be at any of ``paths``, as in :class:`Result`."""

    paths: tuple[str, ...]
    line: int
    end_line: int


class Result(Record):
    """One result of another tool. Its texts are plain, not Markdown, and hostile.

    ``paths`` are where the file may be, relative to the root of the repository, the likeliest first: tools
    name files relative to where they ran. Where none is here, the file is of a module from elsewhere, and
    ``callers`` are the calls that lead there, the innermost first. ``arguments`` are those that the tool says
    it looked at, such as ``vpc_config.public_access_cidrs``. ``is_new`` is what the file itself says of the
    change, None when it says nothing. ``secret`` results must not show source.
    """

    tool: str
    id: str
    title: str
    message: str
    severity: Severity | None
    paths: tuple[str, ...]
    line: int
    end_line: int
    address: str = ""
    hint: str = ""
    docs: str = ""
    arguments: tuple[str, ...] = ()
    callers: tuple[Place, ...] = ()
    is_new: bool | None = None
    secret: bool = False


class Results(Record):
    """The results of one file; ``suppressed`` counts those that their tool was told to ignore.

    ``problems`` are what the tool says went wrong when it ran: what it did not see is not here.
    """

    path: str
    results: tuple[Result, ...] = ()
    tools: tuple[str, ...] = ()
    suppressed: int = 0
    problems: tuple[str, ...] = ()


def tidy_id(text: str) -> str:
    """Return an id as reports and configuration can carry it; ``unknown`` when nothing is left."""
    return _NOT_IN_IDS.sub("-", text).strip("-_.:/")[:_MAX_ID] or "unknown"


def one_line(text: str | None) -> str:
    """Return what a tool says to a terminal on one line, without its colours."""
    return " ".join(_COLOUR.sub("", tidy_text(text)).split())


def told(tool: str, errors: Sequence[str]) -> tuple[str, ...]:
    """Return what a tool says went wrong: a few errors, and how many more there are."""
    shown = [f"{tool} says: {one_line(each)}" for each in errors[:_SHOWN_ERRORS]]
    rest = len(errors) - _SHOWN_ERRORS
    return (*shown, f"{tool} says {rest} more errors") if rest > 0 else tuple(shown)


def tidy_text(text: str | None) -> str:
    """Return a text of bearable length; line breaks are kept."""
    return (text or "").strip()[:MAX_TEXT]


def tidy_url(text: str | None) -> str:
    """Return an address that may be shown, or nothing."""
    text = (text or "").strip()
    return text if re.fullmatch(r"https?://\S+", text) and len(text) <= _MAX_URL else ""


def lines(first: int | None, last: int | None) -> tuple[int, int]:
    """Return first and last line, 1-based; tools write 0 for "somewhere in the file", and less."""
    start = max(1, first or 1)
    return start, max(start, last or start)
