"""Quoted templates and heredocs: literal text, interpolations and directives.

Source: the HCL native syntax specification, "Template Sub-language"; differences are settled by the terraform
binary.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reviewer.terraform.expressions.lexer import (
    HEREDOC_START,
    TooDeepError,
    end_of_expression,
    is_escaped_marker,
    is_marker,
)
from reviewer.terraform.expressions.nodes import Literal, Node, Template, TemplateFor, TemplateIf, Unsupported

ParseInner = Callable[[str, int], Node]
"""Parses expression text that starts at an offset of the enclosing text."""

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_MAX_DIRECTIVES = 60
"""Inside each other."""
_FOR = re.compile(r"for\s+([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\s+(.*)\Z", re.DOTALL)


@dataclass(slots=True)
class _Piece:
    """A token of a template: literal text, or the inside of ``${ }`` / ``%{ }`` with its strip markers."""

    kind: str  # "text", "$" or "%"
    text: str
    start: int
    end: int
    strip_left: bool = False
    strip_right: bool = False


def parse_quoted(text: str, start: int, end: int, parse_inner: ParseInner) -> Node:
    """Parse the quoted template at ``text[start:end]``, quotes included."""
    pieces = _stripped(_pieces(text, start + 1, end - 1, quoted=True))
    return _assemble(pieces, start, end, parse_inner, quoted=True)


def parse_heredoc(text: str, start: int, end: int, parse_inner: ParseInner) -> Node:
    """Parse the heredoc at ``text[start:end]``, markers included."""
    opening = HEREDOC_START.match(text, start)
    if opening is None:
        return Unsupported(start, end, "the heredoc has no start marker")
    body_end = text.rfind("\n", opening.end() - 1, end) + 1
    found = _pieces(text, opening.end(), body_end, quoted=False)
    pieces = _stripped(line for piece in found for line in _by_line(piece))
    if opening[1]:
        _unindent(pieces)
    return _assemble(pieces, start, end, parse_inner, quoted=False)


def parse_bare(text: str, parse_inner: ParseInner) -> Node:
    """Parse a template with nothing around it: a template file, or a string of JSON syntax."""
    pieces = _stripped(_pieces(text, 0, len(text), quoted=False))
    return _assemble(pieces, 0, len(text), parse_inner, quoted=True)


def unescape(text: str) -> str:
    """Return the text of a quoted string with its backslash escapes resolved."""
    if "\\" not in text:
        return text

    def resolve(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else "\ufffd"
        return _ESCAPED.get(match[3], match[0])

    return _ESCAPE.sub(resolve, text)


def _pieces(text: str, start: int, end: int, *, quoted: bool) -> Iterator[_Piece]:
    position = begin = start
    literal: list[str] = []
    while position < end:
        if quoted and text[position] == "\\":
            position += 2
        elif is_escaped_marker(text, position):
            literal.append(_plain(text[begin:position], quoted=quoted) + text[position] + "{")
            position += 3
            begin = position
        elif is_marker(text, position):
            literal.append(_plain(text[begin:position], quoted=quoted))
            if "".join(literal):
                yield _Piece("text", "".join(literal), begin, position)
            literal = []
            close = end_of_expression(text, position + 2)
            yield _marked(text, position, close)
            position = begin = close + 1
        else:
            position += 1
    literal.append(_plain(text[begin:end], quoted=quoted))
    if "".join(literal):
        yield _Piece("text", "".join(literal), begin, end)


def _plain(text: str, *, quoted: bool) -> str:
    return unescape(text) if quoted else text


def _marked(text: str, start: int, close: int) -> _Piece:
    inner_start, inner_end = start + 2, close
    strip_left = text.startswith("~", inner_start)
    strip_right = inner_end - 1 > inner_start and text[inner_end - 1] == "~"
    inner_start += strip_left
    inner_end -= strip_right
    return _Piece(text[start], text[inner_start:inner_end], inner_start, close + 1, strip_left, strip_right)


def _by_line(piece: _Piece) -> Iterator[_Piece]:
    """Split literal text of a heredoc into lines: Terraform unindents and strips line by line."""
    if piece.kind != "text":
        yield piece
        return
    for line in piece.text.splitlines(keepends=True) if "\r" not in piece.text else _lines(piece.text):
        yield _Piece("text", line, piece.start, piece.end)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _unindent(pieces: list[_Piece]) -> None:
    """Remove the indentation common to all lines, blank ones aside (``<<-``)."""
    smallest: int | None = None
    adjust: list[_Piece] = []
    at_line_start = True
    for piece in pieces:
        if at_line_start:
            spaces = 0
            if piece.kind == "text":
                stripped = piece.text.lstrip()
                if not stripped and piece.text.endswith("\n"):
                    spaces = -1
                else:
                    spaces = len(piece.text) - len(stripped)
                    adjust.append(piece)
            if spaces >= 0:
                smallest = spaces if smallest is None else min(smallest, spaces)
        at_line_start = piece.kind == "text" and piece.text.endswith("\n")
    for piece in adjust:
        piece.text = piece.text[smallest or 0 :]


def _stripped(found: Iterable[_Piece]) -> list[_Piece]:
    """Return the pieces with the ``~`` markers applied to the literal text beside them."""
    pieces = list(found)
    for index, piece in enumerate(pieces):
        if piece.strip_left and index and pieces[index - 1].kind == "text":
            pieces[index - 1].text = pieces[index - 1].text.rstrip()
        if piece.strip_right and index + 1 < len(pieces) and pieces[index + 1].kind == "text":
            pieces[index + 1].text = pieces[index + 1].text.lstrip()
    return pieces


class _UnbalancedError(Exception):
    """A template directive has no partner."""


def _assemble(pieces: list[_Piece], start: int, end: int, parse_inner: ParseInner, *, quoted: bool) -> Node:
    if all(piece.kind == "text" for piece in pieces):
        return Literal(start, end, "".join(piece.text for piece in pieces))
    try:
        builder = _Builder(pieces, parse_inner, start, end)
        parts = builder.parts(until=())
    except _UnbalancedError as error:
        return Unsupported(start, end, f"the template directive {error} has no partner")
    return Template(start, end, parts, bare=quoted and len(pieces) == 1 and pieces[0].kind == "$")


@dataclass(slots=True)
class _Builder:
    """Nests directives: a recursive descent over the pieces."""

    pieces: list[_Piece]
    parse_inner: ParseInner
    start: int
    end: int
    position: int = 0
    depth: int = 0

    def parts(self, until: tuple[str, ...]) -> tuple[Node, ...]:
        """Return the parts up to a directive named in ``until`` (left unread) or to the end."""
        found: list[Node] = []
        while self.position < len(self.pieces):
            piece = self.pieces[self.position]
            if piece.kind == "%":
                keyword = _keyword(piece)
                if keyword in until:
                    return tuple(found)
                found.append(self._directive(piece, keyword))
            else:
                found.append(self._simple(piece))
            self.position += 1
        if until:
            raise _UnbalancedError(until[-1])
        return tuple(found)

    def _simple(self, piece: _Piece) -> Node:
        if piece.kind == "text":
            return Literal(piece.start, piece.end, piece.text)
        return self.parse_inner(piece.text, piece.start)

    def _directive(self, piece: _Piece, keyword: str) -> Node:
        if self.depth >= _MAX_DIRECTIVES:
            raise TooDeepError
        if keyword not in {"if", "for"}:
            raise _UnbalancedError(keyword)
        self.position += 1
        self.depth += 1
        directive = self._if(piece) if keyword == "if" else self._for(piece)
        self.depth -= 1
        return directive

    def _if(self, piece: _Piece) -> Node:
        offset = piece.text.index("if") + 2
        condition = self.parse_inner(piece.text[offset:], piece.start + offset)
        then = self._template(("else", "endif"))
        otherwise = Template(piece.end, piece.end, (), bare=False)
        if _keyword(self.pieces[self.position]) == "else":
            self.position += 1
            otherwise = self._template(("endif",))
        return TemplateIf(piece.start, piece.end, condition, then, otherwise)

    def _for(self, piece: _Piece) -> Node:
        match = _FOR.search(piece.text)
        if match is None:
            raise _UnbalancedError("for")
        key, value = (match[1], match[2]) if match[2] else (None, match[1])
        collection = self.parse_inner(match[3], piece.start + match.start(3))
        return TemplateFor(piece.start, piece.end, key, value, collection, self._template(("endfor",)))

    def _template(self, until: tuple[str, ...]) -> Template:
        return Template(self.start, self.end, self.parts(until), bare=False)


def _keyword(piece: _Piece) -> str:
    words = piece.text.split(None, 1)
    return words[0] if words else ""
