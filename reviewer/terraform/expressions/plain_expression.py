"""Expressions as people write them, read without the grammar.

To load python-hcl2's grammar takes a quarter of a small review, and it reads an expression many times more
slowly than this. What is not read here, down to one element of a list, is left to python-hcl2: numbers with
fractions, ``.*`` and ``.0``, functions of providers, signs after signs. A test holds both to the same trees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.terraform.expressions.cursor import Cursor, NotPlainError
from reviewer.terraform.expressions.hcl2_tree import WORDS, signed
from reviewer.terraform.expressions.lexer import (
    COMMENT,
    TooDeepError,
    UnterminatedError,
    end_of_heredoc,
    end_of_piece,
    end_of_quoted,
)
from reviewer.terraform.expressions.nodes import (
    Binary,
    Call,
    Conditional,
    For,
    GetAttr,
    Index,
    Literal,
    Node,
    Object,
    Parentheses,
    Splat,
    SplatItem,
    Tuple,
    Variable,
)
from reviewer.terraform.expressions.template import parse_heredoc, parse_quoted

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_LEVELS |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
"""Operators that bind more tightly have a higher level (Terraform, Arithmetic and Logical Operators)."""

_NAME = re.compile(r"[^\W\d][\w-]*")
_WHOLE = re.compile(r"(?:0|[1-9]\d{0,99})(?![\w.])")
_OPERATOR = re.compile(r"\|\||&&|[=!]=|[<>]=|<(?!<)|>|[+*%-]|/(?![/*])")
_SIGN_AFTER_SIGN = re.compile(r"\s*[!-]")
_FOR = re.compile(r"for\s")
_OBJECT_FOR = re.compile(r"\{\s*for\s")
_WORD_END = r"(?![\w-])"
_IN, _IF = re.compile("in" + _WORD_END), re.compile("if" + _WORD_END)
_END = re.compile(r"[,)\]}\n]|\.\.\.|\Z")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def parse_plain(text: str, parse_other: Callable[[str, int], Node]) -> Node | None:
    """Return the tree of an expression; None when it is not a plain one.

    ``parse_other`` parses a part that is not, given the part and its offset.
    """
    reader = _Reader(text, parse_other=parse_other)
    try:
        node = reader.expression()
        return node if reader.position == len(text) else None
    except (NotPlainError, TooDeepError, UnterminatedError):
        return None


@dataclass(slots=True)
class _Reader(Cursor):
    """Each method reads from the position on. Raises ``NotPlainError`` for what it does not read."""

    parse_other: Callable[[str, int], Node] = field(kw_only=True)

    def expression(self) -> Node:
        """Read a condition with its two results, or an operation."""
        condition = self._operation(1)
        if not self.takes("?"):
            return condition
        then = self.nested(self.expression, over_lines=self.over_lines)
        if not self.takes(":"):
            raise NotPlainError
        otherwise = self.nested(self.expression, over_lines=self.over_lines)
        return Conditional(condition.start, otherwise.end, condition, then, otherwise)

    def _operation(self, level: int) -> Node:
        """Read terms joined by operators of ``level`` and more; those of one level group from the left."""
        left, outer = self._term(), self.depth
        while operator := self._operator(level):
            self.deeper()
            right = self._operation(_LEVELS[operator] + 1)
            left = Binary(left.start, right.end, operator, left, right)
        self.depth = outer
        return left

    def _operator(self, level: int) -> str:
        before = self.position
        self.skip()
        operator = self.match(_OPERATOR)
        if _LEVELS.get(operator, 0) >= level:
            self.skip()
            return operator
        self.position = before
        return ""

    def _term(self) -> Node:
        match self.text[self.position : self.position + 1]:
            case '"':
                return self._quoted()
            case "<":
                return self._heredoc()
            case "-" | "!" as sign:
                return self._signed(sign)
            case "(" | "[" | "{" as bracket:
                return self._steps(self._bracketed(bracket))
        return self._number() or self._named()

    def _bracketed(self, bracket: str) -> Node:
        if bracket == "(":
            return self.nested(self._parentheses, over_lines=True)
        if bracket == "[":
            return self.nested(self._list, over_lines=True)
        is_for = _OBJECT_FOR.match(self.text, self.position) is not None
        return self.nested(self._object, over_lines=is_for)

    def _quoted(self) -> Node:
        start = self.position
        self.position = end_of_quoted(self.text, start)
        return parse_quoted(self.text, start, self.position, self.parse_other)

    def _heredoc(self) -> Node:
        start, end = self.position, end_of_heredoc(self.text, self.position)
        if end is None:
            raise NotPlainError
        self.position = end
        return parse_heredoc(self.text, start, end, self.parse_other)

    def _signed(self, sign: str) -> Node:
        start = self.position
        self.position += 1
        if _SIGN_AFTER_SIGN.match(self.text, self.position):
            raise NotPlainError
        self.skip_blanks()
        operand = self._term()
        return signed(start, operand.end, sign, operand)

    def _number(self) -> Node | None:
        start = self.position
        digits = self.match(_WHOLE)
        return Literal(start, self.position, int(digits)) if digits else None

    def _named(self) -> Node:
        """Read what begins with a name: a word, a call or a path."""
        start = self.position
        name = self._name()
        if name in WORDS:
            return Literal(start, self.position, WORDS[name])
        if self.sees("("):
            return self._steps(self.nested(lambda: self._call(start, name), over_lines=True))
        return self._steps(Variable(start, self.position, name))

    def _name(self) -> str:
        name = self.match(_NAME)
        if not name or name == "for" or self.sees("::"):
            raise NotPlainError
        return name

    def _steps(self, source: Node) -> Node:
        """Read attributes, indices and ``[*]``; what follows a splat belongs to its elements."""
        start = source.start
        while True:
            if self.sees(".") and not self.sees("..."):
                self.position += 1
                name = self._name()
                source = GetAttr(start, self.position, source, name)
            elif self.sees("[*]"):
                self.position += 3
                each = self._steps(SplatItem(start, start))
                return Splat(start, self.position, source, each)
            elif self.sees("["):
                key = self.nested(self._key, over_lines=True)
                source = Index(start, self.position, source, key)
            else:
                return source

    def _key(self) -> Node:
        key, _ = self._between("]")
        return key

    def _parentheses(self) -> Node:
        inner, start = self._between(")")
        return Parentheses(start, self.position, inner)

    def _between(self, closing: str) -> tuple[Node, int]:
        """Read one expression between brackets; return it and where the brackets start."""
        start = self._open()
        inner = self.expression()
        self.skip_lines()
        self.expect(closing)
        return inner, start

    def _list(self) -> Node:
        start = self._open()
        if self.match(_FOR):
            return self._for(start, "]")
        items, expand = self._items("]")
        if expand:
            raise NotPlainError
        return Tuple(start, self.position, items)

    def _open(self) -> int:
        """Move to the first element of the brackets here; return where they start."""
        start = self.position
        self.position += 1
        self.skip_lines()
        return start

    def _call(self, start: int, name: str) -> Node:
        self._open()
        arguments, expand = self._items(")")
        return Call(start, self.position, name, arguments, expand)

    def _items(self, closing: str) -> tuple[tuple[Node, ...], bool]:
        """Read the elements of open brackets, with commas; tell whether ``...`` follows the last."""
        items: list[Node] = []
        expand = False
        while not self.sees(closing):
            items.append(self._element())
            self.skip_lines()
            expand = self.sees("...")
            if expand:
                self.position += 3
                self.skip_lines()
                break
            if self.sees(","):
                self.position += 1
                self.skip_lines()
            elif not self.sees(closing):
                raise NotPlainError
        self.expect(closing)
        return tuple(items), expand

    def _object(self) -> Node:
        start = self._open()
        if self.match(_FOR):
            return self._for(start, "}")
        items: list[tuple[Node, Node]] = []
        while not self.sees("}"):
            key = self._object_key()
            self.skip_blanks()
            self.expect("=" if self.sees("=") else ":")
            self.skip_blanks()
            items.append((key, self._element()))
            if self.sees(","):
                self.position += 1
            elif not self.sees("\n") and not self.sees("}"):
                raise NotPlainError
            self.skip_lines()
        self.expect("}")
        return Object(start, self.position, tuple(items))

    def _object_key(self) -> Node:
        start = self.position
        if self.sees('"'):
            return self._quoted()
        if self.sees("("):
            return self.nested(self._parentheses, over_lines=True)
        name = self._name()
        return Literal(start, self.position, name)

    def _for(self, start: int, closing: str) -> Node:
        if not self.over_lines:
            raise NotPlainError
        self.skip()
        key, value = self._for_names()
        self.skip()
        if not self.match(_IN):
            raise NotPlainError
        self.skip()
        collection = self.expression()
        if not self.takes(":"):
            raise NotPlainError
        result = self.expression()
        result_key = None
        if closing == "}":
            if not self.takes("=>"):
                raise NotPlainError
            result_key, result = result, self.expression()
        grouping = closing == "}" and self.takes("...")
        self.skip()
        condition = self._condition()
        self.skip()
        self.expect(closing)
        return For(start, self.position, key, value, collection, result_key, result, condition, grouping)

    def _for_names(self) -> tuple[str | None, str]:
        name = self._name()
        return (name, self._name()) if self.takes(",") else (None, name)

    def _condition(self) -> Node | None:
        if not self.match(_IF):
            return None
        self.skip()
        return self.expression()

    def _element(self) -> Node:
        """Read an element up to what ends it: a plain one, or one that is left to python-hcl2."""
        start, depth, over_lines = self.position, self.depth, self.over_lines
        try:
            node = self.expression()
            self.skip_blanks()
            if _END.match(self.text, self.position):
                return node
        except NotPlainError:
            self.depth, self.over_lines = depth, over_lines
        self.position = self._end_of_element(start)
        part = self.text[start : self.position].rstrip(" \t\r")
        if not part or "<<" in part:
            raise NotPlainError
        node = self.parse_other(part, start)
        self.skip_blanks()
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
