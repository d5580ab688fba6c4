"""Expressions that need no grammar: literals, paths, calls, and lists and objects of such.

Most of the text of a configuration is that, the long type constraints of modules above all, and a parser for
the whole language takes many times as long for it. All else, down to one element of a list, is left to
python-hcl2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.terraform.conversion import WORDS
from reviewer.terraform.lexer import (
    COMMENT,
    TooDeepError,
    UnterminatedError,
    end_of_heredoc,
    end_of_piece,
    end_of_quoted,
)
from reviewer.terraform.nodes import Call, GetAttr, Index, Literal, Node, Object, Tuple, Variable
from reviewer.terraform.template import parse_heredoc, parse_quoted

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[^\W\d][\w-]*")
_WHOLE = re.compile(r"(?:0|[1-9]\d{0,99})(?![\w.])")
_BLANKS = re.compile(r"[ \t\r]+")
_FOR = re.compile(r"for\s")
_END = re.compile(r"[,)\]}\n]|\.\.\.|\Z")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MAX_DEPTH = 60


class NotPlainError(Exception):
    """The expression is more than this reader reads; it says nothing about whether it is valid."""


def parse_plain(text: str, parse_other: Callable[[str, int], Node]) -> Node | None:
    """Return the tree of an expression; None when it is not a plain one.

    ``parse_other`` parses a part that is not, given the part and its offset.
    """
    reader = _Reader(text, parse_other)
    try:
        node = reader.plain()
        return node if reader.position == len(text) else None
    except (NotPlainError, TooDeepError, UnterminatedError):
        return None


@dataclass(slots=True)
class _Reader:
    """Reads from ``position`` on. Raises ``NotPlainError`` for what it does not read."""

    text: str
    parse_other: Callable[[str, int], Node]
    position: int = 0
    depth: int = 0

    def plain(self) -> Node:
        """Read a plain expression."""
        match self.text[self.position : self.position + 1]:
            case '"':
                return self._quoted()
            case "<":
                return self._heredoc()
            case "[":
                return self._nested(self._tuple)
            case "{":
                return self._nested(self._object)
        return self._number() or self._named()

    def _quoted(self) -> Node:
        start = self.position
        self.position = end_of_quoted(self.text, start)
        return parse_quoted(self.text, start, self.position, self.parse_other)

    def _number(self) -> Node | None:
        match = _WHOLE.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return Literal(match.start(), match.end(), int(match[0]))

    def _named(self) -> Node:
        """Read what begins with a name: a word, a call or a path."""
        start = self.position
        name = self._name()
        if name in WORDS:
            return Literal(start, self.position, WORDS[name])
        if self.text.startswith("(", self.position):
            return self._steps(self._nested(lambda: self._call(start, name)))
        return self._steps(Variable(start, self.position, name))

    def _heredoc(self) -> Node:
        start, end = self.position, end_of_heredoc(self.text, self.position)
        if end is None:
            raise NotPlainError
        self.position = end
        return parse_heredoc(self.text, start, end, self.parse_other)

    def _name(self) -> str:
        match = _NAME.match(self.text, self.position)
        if match is None or match[0] == "for" or self.text.startswith("::", match.end()):
            raise NotPlainError
        self.position = match.end()
        return match[0]

    def _steps(self, source: Node) -> Node:
        """Read attributes and literal indices."""
        start, text = source.start, self.text
        while True:
            if text.startswith(".", self.position) and not text.startswith("...", self.position):
                self.position += 1
                name = self._name()
                source = GetAttr(start, self.position, source, name)
            elif text.startswith("[", self.position):
                self.position += 1
                key = self._key()
                self._expect("]")
                source = Index(start, self.position, source, key)
            else:
                return source

    def _key(self) -> Node:
        if self.text.startswith('"', self.position):
            return self._quoted()
        number = self._number()
        if number is None:
            raise NotPlainError
        return number

    def _nested(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TooDeepError  # of the whole expression: its parts would be as deep one after the other
        node = read()
        self.depth -= 1
        return node

    def _tuple(self) -> Node:
        start = self.position
        items, expand = self._items("]")
        if expand:
            raise NotPlainError
        return Tuple(start, self.position, items)

    def _call(self, start: int, name: str) -> Node:
        arguments, expand = self._items(")")
        return Call(start, self.position, name, arguments, expand)

    def _items(self, closing: str) -> tuple[tuple[Node, ...], bool]:
        """Read what stands between brackets, with commas; tell whether ``...`` follows the last."""
        self.position += 1
        items: list[Node] = []
        expand = False
        self._skip_lines()
        self._refuse_for()
        while not self.text.startswith(closing, self.position):
            items.append(self._element())
            if self.text.startswith("\n", self.position):
                self._skip_lines()
            expand = self.text.startswith("...", self.position)
            if expand:
                self.position += 3
                self._skip_lines()
                break
            if self.text.startswith(",", self.position):
                self.position += 1
                self._skip_lines()
            elif not self.text.startswith(closing, self.position):
                raise NotPlainError
        self._expect(closing)
        return tuple(items), expand

    def _object(self) -> Node:
        start = self.position
        self.position += 1
        items: list[tuple[Node, Node]] = []
        self._skip_lines()
        self._refuse_for()
        while not self.text.startswith("}", self.position):
            key = self._object_key()
            self._skip_blanks()
            self._expect("=" if self.text.startswith("=", self.position) else ":")
            self._skip_blanks()
            items.append((key, self._element()))
            if self.text.startswith(",", self.position):
                self.position += 1
            elif not self.text.startswith(("\n", "}"), self.position):
                raise NotPlainError
            self._skip_lines()
        self._expect("}")
        return Object(start, self.position, tuple(items))

    def _refuse_for(self) -> None:
        if _FOR.match(self.text, self.position):
            raise NotPlainError

    def _object_key(self) -> Node:
        start = self.position
        if self.text.startswith('"', start):
            return self._quoted()
        name = self._name()
        return Literal(start, self.position, name)

    def _element(self) -> Node:
        """Read an element up to what ends it: a plain one, or one that is left to python-hcl2."""
        start = self.position
        try:
            node = self.plain()
            self._skip_blanks()
            if _END.match(self.text, self.position):
                return node
        except NotPlainError:
            """It may still be an expression."""
        self.position = self._end_of_element(start)
        part = self.text[start : self.position].rstrip(" \t\r")
        if not part or "<<" in part:
            raise NotPlainError
        node = self.parse_other(part, start)
        self._skip_blanks()
        return node

    def _end_of_element(self, start: int) -> int:
        """Return where an element ends: before a comma, a bracket that closes, a newline or a comment."""
        position, open_brackets = start, list[str]()
        while position < len(self.text):
            character = self.text[position]
            if not open_brackets and (_END.match(self.text, position) or COMMENT.match(self.text, position)):
                return position
            if character in _CLOSING:
                open_brackets.append(_CLOSING[character])
            elif open_brackets and character == open_brackets[-1]:
                open_brackets.pop()
            position = end_of_piece(self.text, position) or position + 1
        raise NotPlainError

    def _expect(self, character: str) -> None:
        if not self.text.startswith(character, self.position):
            raise NotPlainError
        self.position += 1

    def _skip_blanks(self) -> None:
        """Skip blanks and a comment, up to the end of the line."""
        while match := _BLANKS.match(self.text, self.position) or COMMENT.match(self.text, self.position):
            self.position = match.end()

    def _skip_lines(self) -> None:
        """Skip blanks, comments and newlines."""
        self._skip_blanks()
        while self.text.startswith("\n", self.position):
            self.position += 1
            self._skip_blanks()
