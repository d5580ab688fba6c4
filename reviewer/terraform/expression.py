"""Expression text to expression tree, with python-hcl2 as the parser. The only user of python-hcl2.

Text is prepared so that python-hcl2 sees only what it reads as Terraform does: templates and comments are
cut out first (see :mod:`reviewer.terraform.lexer`), and newlines that mean nothing are removed. Every change
keeps offsets, so the tree's positions are positions in the original text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from reviewer.terraform.lexer import MAX_NESTING, TooDeepError, UnterminatedError, end_of_piece
from reviewer.terraform.nodes import (
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
    Unary,
    Unsupported,
    Variable,
)
from reviewer.terraform.template import parse_heredoc, parse_quoted
from reviewer.terraform.value import normal_number

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_EXPONENT = 1_000
"""A number beyond ten to this power is not evaluated."""

_PREFIX = "x = "
_PLAIN_STRING = re.compile(r'"[^"\\$%\n]*"')
_NUMBER = re.compile(r"-?\d+")
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_WORDS = {"true": True, "false": False, "null": None}
_OPERAND_END = re.compile(r"[\w\"\])}]")
_OBJECT_FOR = re.compile(r"\{\s*for\s")
_WORD = re.compile(r"[^\W\d][\w-]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SIGN = re.compile(r"\s*(?:-|!(?!=))")


@dataclass(slots=True)
class ExpressionParser:
    """Parses each distinct expression text once; one parser serves base and head."""

    _known: dict[str, Node] = field(default_factory=dict)
    parsed: int = 0
    """How many distinct texts were parsed: the work a benchmark counts."""

    def parse(self, text: str) -> Node:
        """Return the tree of an expression; what cannot be read is :class:`Unsupported`, never an error."""
        node = self._known.get(text)
        if node is None:
            node = self._known[text] = _parse_simple(text) or self._parse_full(text)
            self.parsed += 1
        return node

    def _parse_full(self, text: str) -> Node:
        try:
            prepared = _Preparation(text).run()
            tree = _hcl2_parser()(_PREFIX + prepared.text)
            return _Converter(text, prepared, self.parse_inner).attribute(tree)
        except TooDeepError:
            return Unsupported(0, len(text), "the expression is nested too deeply to read")
        except UnterminatedError:
            return Unsupported(0, len(text), "a string or bracket does not end")
        except RecursionError:
            return Unsupported(0, len(text), "the expression is too long to read")
        except _syntax_errors():
            return Unsupported(0, len(text), "the expression uses syntax that cannot be read")

    def parse_inner(self, text: str, offset: int) -> Node:
        """Parse an interpolation, whose text starts at ``offset`` of the enclosing text."""
        stripped = text.strip()
        if not stripped:
            return Unsupported(offset, offset, "the interpolation is empty")
        return shift(self.parse(stripped), offset + text.index(stripped))


@cache
def _hcl2_parser() -> Callable[[str], object]:
    """Import late: a review that touches no Terraform does not pay for the grammar."""
    from hcl2.api import parses_to_tree

    return parses_to_tree


@cache
def _syntax_errors() -> type[Exception]:
    from lark.exceptions import LarkError

    return LarkError


def _parse_simple(text: str) -> Node | None:
    """Parse what most expressions are: a plain literal, or a path of names."""
    if _PLAIN_STRING.fullmatch(text):
        return Literal(0, len(text), text[1:-1])
    if text in _WORDS:
        return Literal(0, len(text), _WORDS[text])
    if _NUMBER.fullmatch(text):
        return Literal(0, len(text), int(text))
    if not _PATH.fullmatch(text):
        return None
    names = text.split(".")
    node: Node = Variable(0, len(names[0]), names[0])
    for name in names[1:]:
        node = GetAttr(0, node.end + 1 + len(name), node, name)
    return node


def shift(node: Node, offset: int) -> Node:
    """Return the tree with every position moved by ``offset``."""
    if not offset:
        return node
    return _shift(node, offset)


def _shift(node: Node, offset: int) -> Node:
    changes: dict[str, object] = {}
    for name in type(node).__dataclass_fields__:
        value = getattr(node, name)
        if name in {"start", "end"}:
            changes[name] = value + offset
        elif isinstance(value, (Node, tuple)):
            changes[name] = _shift_field(value, offset)
        else:
            changes[name] = value
    return type(node)(**changes)  # type: ignore[arg-type]


def _shift_field(value: object, offset: int) -> object:
    if isinstance(value, Node):
        return _shift(value, offset)
    if isinstance(value, tuple):
        return tuple(_shift_field(each, offset) for each in value)
    return value


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Text for python-hcl2, how its offsets map back, and what was kept from it.

    ``strings`` are the ends of strings by their starts. ``signs`` are the operators that stand directly before
    another unary one, by the position of that one: python-hcl2 does not read ``!!x`` and ``- -x``.
    """

    text: str
    strings: dict[int, int]
    inserted: list[int]
    signs: dict[int, str]

    def original(self, position: int) -> int:
        """Return the offset in the original text for a position python-hcl2 reports."""
        position -= len(_PREFIX)
        return position - bisect_right(self.inserted, position)


@dataclass(slots=True)
class _Preparation:
    """One pass over the text of an expression."""

    text: str
    output: list[str] = field(default_factory=list)
    strings: dict[int, int] = field(default_factory=dict)
    inserted: list[int] = field(default_factory=list)
    signs: dict[int, str] = field(default_factory=dict)
    brackets: list[str] = field(default_factory=list)
    previous: str = ""

    def run(self) -> _Prepared:
        """Return the prepared text."""
        position = 0
        while position < len(self.text):
            end = end_of_piece(self.text, position)
            word = _WORD.match(self.text, position) if end is None else None
            if end is not None:
                self._piece(position, end)
            elif word is not None:
                end = word.end()
                # python-hcl2 reads identifiers of ASCII letters alone; names are taken from the original text.
                self.output.append(word[0] if word[0].isascii() else _NOT_ASCII.sub("u", word[0]))
                self.previous = "w"
            else:
                end = position + 1
                self._character(position)
            position = end
        return _Prepared("".join(self.output), self.strings, self.inserted, self.signs)

    def _piece(self, start: int, end: int) -> None:
        """Put a string of the same length for a template, blanks for a comment."""
        piece = self.text[start:end]
        if piece[0] in '"<':
            self.strings[start] = end
            self.output.append('"' + "s" * (len(piece) - 2) + '"')
            self.previous = '"'
        else:
            self.output.append(_blank(piece, keep_newlines=not _ignores_newlines(self.brackets)))

    def _character(self, position: int) -> None:
        character = self.text[position]
        if character in "([{":
            self.brackets.append("for" if _OBJECT_FOR.match(self.text, position) else character)
            if len(self.brackets) > MAX_NESTING:
                raise TooDeepError
        elif character in ")]}" and self.brackets:
            self.brackets.pop()
        if character in "\r\n":
            self.output.append(" " if character == "\r" or _ignores_newlines(self.brackets) else "\n")
        elif character in "-!":
            self._sign(character, position)
        else:
            self.output.append(character)
        if character not in " \t":
            self.previous = character

    def _sign(self, character: str, position: int) -> None:
        is_binary = _OPERAND_END.match(self.previous)
        follower = _SIGN.match(self.text, position + 1)
        if follower and not is_binary:
            self.signs[follower.end() - 1] = self.signs.pop(position, "") + character
            self.output.append(" ")
            return
        self.output.append(character)
        if is_binary and self.text[position + 1 : position + 2].isdigit():
            # python-hcl2 reads "x -12" as two terms; a blank after the sign makes it one subtraction.
            self.output.append(" ")
            self.inserted.append(position + 1 + len(self.inserted))


def _ignores_newlines(brackets: list[str]) -> bool:
    return bool(brackets) and brackets[-1] != "{"


def _blank(comment: str, *, keep_newlines: bool) -> str:
    return "".join("\n" if each == "\n" and keep_newlines else " " for each in comment)


class _Converter:
    """Turns python-hcl2's parse tree into nodes. One method per rule of its grammar."""

    def __init__(self, text: str, prepared: _Prepared, parse_inner: Callable[[str, int], Node]) -> None:
        self.text = text
        self.prepared = prepared
        self.parse_inner = parse_inner

    def attribute(self, tree: object) -> Node:
        """Convert ``x = <expression>``."""
        statements = [each for each in tree.children[0].children if _rule(each) == "attribute"]  # type: ignore[attr-defined]
        if len(statements) != 1 or len(_trees(tree.children[0])) != 1:  # type: ignore[attr-defined]
            return Unsupported(0, len(self.text), "the expression uses syntax that cannot be read")
        return self.node(_trees(statements[0])[-1])

    def node(self, tree: object) -> Node:
        """Convert any expression."""
        rule = _rule(tree)
        method = getattr(self, f"_{rule}", None)
        start, end = self._span(tree)
        if method is None:
            return Unsupported(start, end, f"the expression uses syntax that cannot be read ({rule})")
        result: Node = method(tree, start, end)
        for sign in reversed(self.prepared.signs.pop(start, "")):
            result = _signed(result.start, result.end, sign, result)
        return result

    def _span(self, tree: object) -> tuple[int, int]:
        meta = tree.meta  # type: ignore[attr-defined]
        return self.prepared.original(meta.start_pos), self.prepared.original(meta.end_pos)

    def _name(self, tree: object) -> str:
        start, end = self._span(tree)
        return self.text[start:end]

    def _expr_term(self, tree: object, start: int, end: int) -> Node:
        if _tokens(tree)[:1] == ["LPAR"]:
            return Parentheses(start, end, self.node(_trees(tree)[0]))
        return self.node(_trees(tree)[0])

    def _identifier(self, tree: object, start: int, end: int) -> Node:
        return Variable(start, end, self.text[start:end])

    def _literal_value(self, tree: object, start: int, end: int) -> Node:
        return Literal(start, end, _WORDS[_name(tree)])

    def _int_lit(self, tree: object, start: int, end: int) -> Node:
        return Literal(start, end, int(_name(tree)))

    def _float_lit(self, tree: object, start: int, end: int) -> Node:
        amount = Decimal(_name(tree))
        if abs(amount.adjusted()) > MAX_EXPONENT:
            return Unsupported(start, end, "the number is too large to read")
        return Literal(start, end, normal_number(amount))

    def _string(self, tree: object, start: int, end: int) -> Node:
        del end  # python-hcl2 saw a stand-in of the same length
        stop = self.prepared.strings[start]
        parse = parse_heredoc if self.text[start] == "<" else parse_quoted
        return parse(self.text, start, stop, self.parse_inner)

    def _tuple(self, tree: object, start: int, end: int) -> Node:
        return Tuple(start, end, tuple(map(self.node, _trees(tree))))

    def _object(self, tree: object, start: int, end: int) -> Node:
        items = []
        for element in _trees(tree):
            key, value = _trees(element)
            items.append((self._object_key(key), self.node(value)))
        return Object(start, end, tuple(items))

    def _object_key(self, tree: object) -> Node:
        inner = _trees(tree)[0]
        start, end = self._span(inner)
        if _rule(inner) == "keyword":
            return Literal(start, end, self.text[start:end])
        node = self.node(inner)
        if isinstance(node, Variable):
            return Literal(start, end, node.name)
        if isinstance(node, Literal) and not isinstance(node.value, str):
            return Literal(start, end, self.text[start:end])
        return node

    def _unary_op(self, tree: object, start: int, end: int) -> Node:
        operator = str(tree.children[0])  # type: ignore[attr-defined]
        return _signed(start, end, operator, self.node(_trees(tree)[0]))

    def _binary_op(self, tree: object, start: int, end: int) -> Node:
        left, term = _trees(tree)[:2]
        operator, right = _trees(term)[:2]
        left_node, right_node = self.node(left), self.node(right)
        return Binary(left_node.start, right_node.end, _name(operator), left_node, right_node)

    def _conditional(self, tree: object, start: int, end: int) -> Node:
        condition, then, otherwise = map(self.node, _trees(tree))
        return Conditional(condition.start, otherwise.end, condition, then, otherwise)

    def _function_call(self, tree: object, start: int, end: int) -> Node:
        parts = _trees(tree)
        names = [self._name(each) for each in parts if _rule(each) == "identifier"]
        arguments = next((each for each in parts if _rule(each) == "arguments"), None)
        if arguments is None:
            return Call(start, end, "::".join(names), (), expand=False)
        expand = "ELLIPSIS" in _tokens(arguments)
        return Call(start, end, "::".join(names), tuple(map(self.node, _trees(arguments))), expand)

    def _for_tuple_expr(self, tree: object, start: int, end: int) -> Node:
        intro, *rest = _trees(tree)
        condition = self.node(_trees(rest.pop())[0]) if _rule(rest[-1]) == "for_cond" else None
        key, value, collection = self._for_intro(intro)
        return For(start, end, key, value, collection, None, self.node(rest[0]), condition, grouping=False)

    def _for_object_expr(self, tree: object, start: int, end: int) -> Node:
        intro, *rest = _trees(tree)
        condition = self.node(_trees(rest.pop())[0]) if _rule(rest[-1]) == "for_cond" else None
        key, value, collection = self._for_intro(intro)
        result_key, result = map(self.node, rest)
        grouping = "ELLIPSIS" in _tokens(tree)
        return For(start, end, key, value, collection, result_key, result, condition, grouping)

    def _for_intro(self, tree: object) -> tuple[str | None, str, Node]:
        *names, collection = _trees(tree)
        if len(names) == 1:
            return None, self._name(names[0]), self.node(collection)
        return self._name(names[0]), self._name(names[1]), self.node(collection)

    def _get_attr_expr_term(self, tree: object, start: int, end: int) -> Node:
        return self._postfix(tree, start, end)

    _index_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _get_attr_expr_term

    def _postfix(self, tree: object, start: int, end: int) -> Node:
        """Convert a chain such as ``a.b[0][*].c``; what follows a splat belongs to its elements."""
        steps: list[object] = []
        base = tree
        while _rule(base).endswith(_POSTFIX) or (_rule(base) == "expr_term" and _is_chain(base)):
            if _rule(base) == "expr_term":
                base = _trees(base)[0]
                continue
            base, step = _trees(base)
            steps.append(step)
        return self._apply(self.node(base), _flatten(reversed(steps)), start)

    def _apply(self, source: Node, steps: list[object], start: int) -> Node:
        while steps:
            step, steps = steps[0], steps[1:]
            rule = _rule(step)
            end = self._span(step)[1]
            if rule == "get_attr":
                source = GetAttr(start, end, source, self._name(_trees(step)[0]))
            elif rule == "short_index":
                source = Index(start, end, source, Literal(end, end, int(_name(step, -1))))
            elif rule == "braces_index":
                source = Index(start, end, source, self.node(_trees(step)[0]))
            else:
                taken = len(steps) if rule == "full_splat" else _leading_attributes(steps)
                each = self._apply(SplatItem(start, end), steps[:taken], start)
                source, steps = Splat(start, max(end, each.end), source, each), steps[taken:]
        return source


def _signed(start: int, end: int, operator: str, operand: Node) -> Node:
    value = operand.value if isinstance(operand, Literal) else None
    if operator == "-" and value and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Literal(start, end, -value)
    return Unary(start, end, operator, operand)


_POSTFIX = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")


def _is_chain(tree: object) -> bool:
    trees = _trees(tree)
    return len(trees) == 1 and _rule(trees[0]) in _POSTFIX and "LPAR" not in _tokens(tree)


def _flatten(steps: object) -> list[object]:
    """Put what python-hcl2 nests inside a splat behind it, as one list of steps."""
    flat: list[object] = []
    for step in steps:  # type: ignore[attr-defined]
        flat.append(step)
        if _rule(step) in {"attr_splat", "full_splat"}:
            flat.extend(_trees(step))
    return flat


def _leading_attributes(steps: list[object]) -> int:
    """Count the steps that an attribute-only splat (``.*``) takes for each element."""
    return next((index for index, step in enumerate(steps) if _rule(step) != "get_attr"), len(steps))


def _rule(tree: object) -> str:
    return str(getattr(tree, "data", ""))


def _trees(tree: object) -> list[object]:
    """Return the child trees, newlines left out."""
    children = tree.children  # type: ignore[attr-defined]
    return [each for each in children if hasattr(each, "data") and each.data != "new_line_or_comment"]


def _tokens(tree: object) -> list[str]:
    return [each.type for each in tree.children if hasattr(each, "type")]  # type: ignore[attr-defined]


def _name(tree: object, index: int = 0) -> str:
    return str(tree.children[index])  # type: ignore[attr-defined]
