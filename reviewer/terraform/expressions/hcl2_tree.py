"""python-hcl2's parse tree to expression tree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

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
    Unary,
    Unsupported,
    Variable,
)
from reviewer.terraform.expressions.template import parse_heredoc, parse_quoted
from reviewer.terraform.value import normal_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewer.terraform.expressions.hcl2_text import Prepared

MAX_EXPONENT = 1_000
"""A number beyond ten to this power is not evaluated."""

WORDS = {"true": True, "false": False, "null": None}


class _Meta(Protocol):
    start_pos: int
    end_pos: int


class Tree(Protocol):
    """What we use of a ``lark.Tree``: its rule, its trees and tokens, and where it stands in the text."""

    data: str
    children: list[Any]

    @property
    def meta(self) -> _Meta:
        """Return where the tree stands."""


class Converter:
    """Turns python-hcl2's parse tree into nodes. One method per rule of its grammar."""

    def __init__(self, text: str, prepared: Prepared, parse_inner: Callable[[str, int], Node]) -> None:
        self.text = text
        self.prepared = prepared
        self.parse_inner = parse_inner

    def attribute(self, tree: Tree) -> Node:
        """Convert ``x = <expression>``."""
        statements = _trees(tree.children[0])
        if len(statements) != 1 or _rule(statements[0]) != "attribute":
            return Unsupported(0, len(self.text), "the expression uses syntax that cannot be read")
        return self.node(_trees(statements[0])[-1])

    def node(self, tree: Tree) -> Node:
        """Convert any expression."""
        rule = _rule(tree)
        method = getattr(self, f"_{rule}", None)
        start, end = self._span(tree)
        if method is None:
            return Unsupported(start, end, f"the expression uses syntax that cannot be read ({rule})")
        result: Node = method(tree, start, end)
        for sign in reversed(self.prepared.signs.pop(start, "")):
            result = signed(result.start, result.end, sign, result)
        return result

    def _span(self, tree: Tree) -> tuple[int, int]:
        meta = tree.meta
        return self.prepared.original(meta.start_pos), self.prepared.original(meta.end_pos)

    def _name(self, tree: Tree) -> str:
        start, end = self._span(tree)
        return self.text[start:end]

    def _expr_term(self, tree: Tree, start: int, end: int) -> Node:
        if _tokens(tree)[:1] == ["LPAR"]:
            return Parentheses(start, end, self.node(_trees(tree)[0]))
        return self.node(_trees(tree)[0])

    def _identifier(self, tree: Tree, start: int, end: int) -> Node:
        del tree
        return Variable(start, end, self.text[start:end])

    def _literal_value(self, tree: Tree, start: int, end: int) -> Node:
        return Literal(start, end, WORDS[_name(tree)])

    def _int_lit(self, tree: Tree, start: int, end: int) -> Node:
        if end - start > MAX_EXPONENT:
            return Unsupported(start, end, "the number is too large to read")
        return Literal(start, end, int(_name(tree)))

    def _float_lit(self, tree: Tree, start: int, end: int) -> Node:
        amount = Decimal(_name(tree))
        if abs(amount.adjusted()) > MAX_EXPONENT:
            return Unsupported(start, end, "the number is too large to read")
        return Literal(start, end, normal_number(amount))

    def _string(self, tree: Tree, start: int, end: int) -> Node:
        del tree, end  # python-hcl2 saw a stand-in of the same length
        stop = self.prepared.strings[start]
        parse = parse_heredoc if self.text[start] == "<" else parse_quoted
        return parse(self.text, start, stop, self.parse_inner)

    def _tuple(self, tree: Tree, start: int, end: int) -> Node:
        return Tuple(start, end, tuple(map(self.node, _trees(tree))))

    def _object(self, tree: Tree, start: int, end: int) -> Node:
        items = []
        for element in _trees(tree):
            key, value = _trees(element)
            items.append((self._object_key(key), self.node(value)))
        return Object(start, end, tuple(items))

    def _object_key(self, tree: Tree) -> Node:
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

    def _unary_op(self, tree: Tree, start: int, end: int) -> Node:
        operator = str(tree.children[0])
        return signed(start, end, operator, self.node(_trees(tree)[0]))

    def _binary_op(self, tree: Tree, start: int, end: int) -> Node:
        del start, end  # python-hcl2 lets an operation begin with the last of its left operands
        left, term = _trees(tree)[:2]
        operator, right = _trees(term)[:2]
        left_node, right_node = self.node(left), self.node(right)
        return Binary(left_node.start, right_node.end, _name(operator), left_node, right_node)

    def _conditional(self, tree: Tree, start: int, end: int) -> Node:
        del start, end
        condition, then, otherwise = map(self.node, _trees(tree))
        return Conditional(condition.start, otherwise.end, condition, then, otherwise)

    def _function_call(self, tree: Tree, start: int, end: int) -> Node:
        parts = _trees(tree)
        names = [self._name(each) for each in parts if _rule(each) == "identifier"]
        arguments = next((each for each in parts if _rule(each) == "arguments"), None)
        if arguments is None:
            return Call(start, end, "::".join(names), (), expand=False)
        expand = "ELLIPSIS" in _tokens(arguments)
        return Call(start, end, "::".join(names), tuple(map(self.node, _trees(arguments))), expand)

    def _for_tuple_expr(self, tree: Tree, start: int, end: int) -> Node:
        intro, *rest = _trees(tree)
        condition = self.node(_trees(rest.pop())[0]) if _rule(rest[-1]) == "for_cond" else None
        key, value, collection = self._for_intro(intro)
        return For(start, end, key, value, collection, None, self.node(rest[0]), condition, grouping=False)

    def _for_object_expr(self, tree: Tree, start: int, end: int) -> Node:
        intro, *rest = _trees(tree)
        condition = self.node(_trees(rest.pop())[0]) if _rule(rest[-1]) == "for_cond" else None
        key, value, collection = self._for_intro(intro)
        result_key, result = map(self.node, rest)
        grouping = "ELLIPSIS" in _tokens(tree)
        return For(start, end, key, value, collection, result_key, result, condition, grouping)

    def _for_intro(self, tree: Tree) -> tuple[str | None, str, Node]:
        *names, collection = _trees(tree)
        if len(names) == 1:
            return None, self._name(names[0]), self.node(collection)
        return self._name(names[0]), self._name(names[1]), self.node(collection)

    def _get_attr_expr_term(self, tree: Tree, start: int, end: int) -> Node:
        return self._postfix(tree, start, end)

    _index_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _get_attr_expr_term

    def _postfix(self, tree: Tree, start: int, end: int) -> Node:
        """Convert a chain such as ``a.b[0][*].c``; what follows a splat belongs to its elements."""
        del end
        steps: list[Tree] = []
        base = tree
        while _rule(base).endswith(_POSTFIX) or (_rule(base) == "expr_term" and _is_chain(base)):
            if _rule(base) == "expr_term":
                base = _trees(base)[0]
                continue
            base, step = _trees(base)
            steps.append(step)
        return self._apply(self.node(base), _flatten(reversed(steps)), start)

    def _apply(self, source: Node, steps: list[Tree], start: int) -> Node:
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
                each = self._apply(SplatItem(start, start), steps[:taken], start)
                source, steps = Splat(start, max(end, each.end), source, each), steps[taken:]
        return source


def signed(start: int, end: int, operator: str, operand: Node) -> Node:
    """Return the operand with a sign before it; a number with a minus is a number."""
    value = operand.value if isinstance(operand, Literal) else None
    if operator == "-" and value and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Literal(start, end, -value)
    return Unary(start, end, operator, operand)


_POSTFIX = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")


def _is_chain(tree: Tree) -> bool:
    trees = _trees(tree)
    return len(trees) == 1 and _rule(trees[0]) in _POSTFIX and "LPAR" not in _tokens(tree)


def _flatten(steps: Iterable[Tree]) -> list[Tree]:
    """Put what python-hcl2 nests inside a splat behind it, as one list of steps."""
    flat: list[Tree] = []
    for step in steps:
        flat.append(step)
        if _rule(step) in {"attr_splat", "full_splat"}:
            flat.extend(_trees(step))
    return flat


def _leading_attributes(steps: list[Tree]) -> int:
    """Count the steps that an attribute-only splat (``.*``) takes for each element."""
    return next((index for index, step in enumerate(steps) if _rule(step) != "get_attr"), len(steps))


def _rule(tree: Tree) -> str:
    return str(tree.data)


def _trees(tree: Tree) -> list[Tree]:
    """Return the child trees, newlines left out."""
    children = tree.children
    return [each for each in children if hasattr(each, "data") and each.data != "new_line_or_comment"]


def _tokens(tree: Tree) -> list[str]:
    return [each.type for each in tree.children if hasattr(each, "type")]


def _name(tree: Tree, index: int = 0) -> str:
    return str(tree.children[index])
