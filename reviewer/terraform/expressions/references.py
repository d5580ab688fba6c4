"""The references in an expression, as Terraform lists them in the JSON form of a configuration.

Source: ``marshalExpression`` of Terraform's internal/command/jsonconfig/expression.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reviewer.terraform.expressions.nodes import (
    Call,
    For,
    GetAttr,
    Index,
    Literal,
    Node,
    Parentheses,
    TemplateFor,
    Unsupported,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
"""One reference step by step: ``("aws_eks_cluster", ".main", "[0]", ".arn")``."""


class UnreadableError(Exception):
    """A part of the expression could not be read, so its references are not known."""


def references(node: Node, bound: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Yield every reference in full; names that ``for`` binds are none. Raises ``UnreadableError``."""
    match node:
        case Unsupported():
            raise UnreadableError
        case Variable(name=name):
            if name not in bound:
                yield (name,)
        case GetAttr() | Index():
            yield from _of_traversal(node, bound)
        case For():
            inner = bound.union(each for each in (node.key, node.value) if each is not None)
            yield from references(node.collection, bound)
            for each in (node.result_key, node.result, node.condition):
                if each is not None:
                    yield from references(each, inner)
        case TemplateFor():
            inner = bound.union(each for each in (node.key, node.value) if each is not None)
            yield from references(node.collection, bound)
            yield from references(node.body, inner)
        case _:
            for child in _children(node):
                yield from references(child, bound)


def is_constant(node: Node) -> bool:
    """Tell whether an expression has no reference and calls no function."""
    if isinstance(node, Variable | Call | Unsupported):
        return isinstance(node, Variable) and node.name in {"true", "false", "null"}
    if isinstance(node, For | TemplateFor):
        return False  # names that it binds look like references; comparing what it is worth would not pay
    return all(map(is_constant, _children(node)))


def _of_traversal(node: Node, bound: frozenset[str]) -> Iterator[Path]:
    """Yield the reference up to the first step that is not a literal, and those in what follows."""
    steps: list[str | Node] = []
    root = node
    while isinstance(root, GetAttr | Index):
        steps.append(f".{root.name}" if isinstance(root, GetAttr) else _key(root.key))
        root = root.source
    steps.reverse()
    for each in steps:
        if isinstance(each, Node):
            yield from references(each, bound)
    if not isinstance(root, Variable):
        yield from references(root, bound)
    elif root.name not in bound:
        literal = next((at for at, each in enumerate(steps) if isinstance(each, Node)), len(steps))
        yield (root.name, *(str(each) for each in steps[:literal]))


def _key(node: Node) -> str | Node:
    is_whole = isinstance(node, Literal) and type(node.value) is int and node.value >= 0
    if isinstance(node, Literal) and (is_whole or isinstance(node.value, str)):
        return f"[{json.dumps(node.value, ensure_ascii=False)}]"
    return node


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, Parentheses):
        yield node.inner
        return
    for name in node.__struct_fields__:
        yield from _nodes_in(getattr(node, name))


def _nodes_in(part: object) -> Iterator[Node]:
    if isinstance(part, Node):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _nodes_in(each)
