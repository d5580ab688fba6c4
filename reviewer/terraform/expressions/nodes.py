"""The expression tree: what python-hcl2 parsed, in the shape that evaluation needs.

``start`` and ``end`` are character offsets into the text that was parsed; the evaluator adds where that text
lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from decimal import Decimal


class Node(Record):
    """Any expression."""

    start: int
    end: int


class Literal(Node):
    """A number, bool, null, or a string with nothing to interpolate."""

    value: str | int | Decimal | bool | None


class Template(Node):
    """Literal text and expressions, joined to a string.

    A quoted template that is one interpolation and nothing else is ``bare``: it has the value of its
    expression.
    """

    parts: tuple[Node, ...]
    bare: bool


class TemplateIf(Node):
    """``%{ if condition } … %{ else } … %{ endif }``."""

    condition: Node
    then: Template
    otherwise: Template


class TemplateFor(Node):
    """``%{ for key, value in collection } … %{ endfor }``."""

    key: str | None
    value: str
    collection: Node
    body: Template


class Tuple(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


class Object(Node):
    """``{ key = value }``; a bare identifier as key is a :class:`Literal`."""

    items: tuple[tuple[Node, Node], ...]


class For(Node):
    """``[for …]`` when ``result_key`` is None, else ``{for … => …}``; ``grouping`` is the ``...`` mode."""

    key: str | None
    value: str
    collection: Node
    result_key: Node | None
    result: Node
    condition: Node | None
    grouping: bool


class Conditional(Node):
    """``condition ? then : otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


class Binary(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


class Unary(Node):
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Node


class Call(Node):
    """``name(arguments)``; ``expand`` when the last argument is followed by ``...``."""

    name: str
    arguments: tuple[Node, ...]
    expand: bool


class Variable(Node):
    """The root of a traversal: ``var``, ``local``, ``aws_vpc``, or a name bound by ``for``."""

    name: str


class GetAttr(Node):
    """``source.name``."""

    source: Node
    name: str


class Index(Node):
    """``source[key]``."""

    source: Node
    key: Node


class Splat(Node):
    """``source[*]…`` or ``source.*…``; ``each`` is what is taken of every :class:`SplatItem`."""

    source: Node
    each: Node


class SplatItem(Node):
    """The element that the enclosing splat is looking at."""


class Parentheses(Node):
    """``(inner)``; kept because ``{ (key) = … }`` differs from ``{ key = … }``."""

    inner: Node


class Unsupported(Node):
    """Text that could not be parsed as an expression; evaluates to unknown with this reason."""

    reason: str
