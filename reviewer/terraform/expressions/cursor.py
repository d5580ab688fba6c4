"""A place in an expression's text, and what moves it on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from reviewer.terraform.expressions.lexer import COMMENT, TooDeepError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_BLANKS = re.compile(r"[ \t\r]+")
_MAX_DEPTH = 60


class NotPlainError(Exception):
    """The expression is more than the plain reader reads; it says nothing about whether it is valid."""


@dataclass(slots=True)
class Cursor:
    """Reads ``text`` from ``position`` on.

    With ``over_lines`` newlines mean nothing, as between round brackets.
    """

    text: str
    position: int = 0
    depth: int = 0
    over_lines: bool = False

    def sees(self, what: str) -> bool:
        """Tell whether ``what`` comes next."""
        return self.text.startswith(what, self.position)

    def takes(self, what: str) -> bool:
        """Move behind ``what`` and what may follow it; without it, stay."""
        before = self.position
        self.skip()
        if self.sees(what):
            self.position += len(what)
            self.skip()
            return True
        self.position = before
        return False

    def match(self, pattern: re.Pattern[str]) -> str:
        """Move behind what ``pattern`` matches here and return it; empty without a match."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match[0]

    def expect(self, what: str) -> None:
        """Move behind ``what``."""
        if not self.sees(what):
            raise NotPlainError
        self.position += len(what)

    def skip(self) -> None:
        """Skip what has no meaning here."""
        if self.over_lines:
            self.skip_lines()
        else:
            self.skip_blanks()

    def skip_blanks(self) -> None:
        """Skip blanks and comments, up to the end of the line."""
        while self.match(_BLANKS) or self.match(COMMENT):
            pass

    def skip_lines(self) -> None:
        """Skip blanks, comments and newlines."""
        self.skip_blanks()
        while self.sees("\n"):
            self.position += 1
            self.skip_blanks()

    def nested(self, read: Callable[[], T], *, over_lines: bool = False) -> T:
        """Read one level deeper."""
        outer = self.over_lines
        self.deeper()
        self.over_lines = over_lines
        found = read()
        self.over_lines = outer
        self.depth -= 1
        return found

    def deeper(self) -> None:
        """Count a level: the parts of what is too deep would be as deep one after the other."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TooDeepError
