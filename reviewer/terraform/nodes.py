"""The expression tree: what python-hcl2 parsed, in the shape that evaluation needs.

``start`` and ``end`` are character offsets into the text that was parsed; the evaluator adds where that text
lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, bool, null, or a string with nothing to interpolate."""

    value: str | int | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Template(Node):
    """Literal text and expressions, joined to a string.

    A quoted template that is one interpolation and nothing else is ``bare``: it has the value of its
    expression.
    """

    parts: tuple[Node, ...]
    bare: bool


@dataclass(frozen=True, slots=True)
class TemplateIf(Node):
    """``%{ if condition } … %{ else } … %{ endif }``."""

    condition: Node
    then: Template
    otherwise: Template


@dataclass(frozen=True, slots=True)
class TemplateFor(Node):
    """``%{ for key, value in collection } … %{ endfor }``."""

    key: str | None
    value: str
    collection: Node
    body: Template


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Object(Node):
    """``{ key = value }``; a bare identifier as key is a :class:`Literal`."""

    items: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    """``[for …]`` when ``result_key`` is None, else ``{for … => …}``; ``grouping`` is the ``...`` mode."""

    key: str | None
    value: str
    collection: Node
    result_key: Node | None
    result: Node
    condition: Node | None
    grouping: bool


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """``condition ? then : otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``name(arguments)``; ``expand`` when the last argument is followed by ``...``."""

    name: str
    arguments: tuple[Node, ...]
    expand: bool


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """The root of a traversal: ``var``, ``local``, ``aws_vpc``, or a name bound by ``for``."""

    name: str


@dataclass(frozen=True, slots=True)
class GetAttr(Node):
    """``source.name``."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``source[key]``."""

    source: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Splat(Node):
    """``source[*]…`` or ``source.*…``; ``each`` is what is taken of every :class:`SplatItem`."""

    source: Node
    each: Node


@dataclass(frozen=True, slots=True)
class SplatItem(Node):
    """The element that the enclosing splat is looking at."""


@dataclass(frozen=True, slots=True)
class Parentheses(Node):
    """``(inner)``; kept because ``{ (key) = … }`` differs from ``{ key = … }``."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Unsupported(Node):
    """Text that could not be parsed as an expression; evaluates to unknown with this reason."""

    reason: str
