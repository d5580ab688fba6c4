"""Expression text to expression tree, with python-hcl2 as the parser. The only user of python-hcl2.

Text is prepared in ``hcl2_text.py`` so that python-hcl2 sees only what it reads as Terraform does; its tree
becomes ours in ``hcl2_tree.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.expressions.hcl2_text import PREFIX, Preparation
from reviewer.terraform.expressions.hcl2_tree import Converter, Tree
from reviewer.terraform.expressions.lexer import TooDeepError, UnterminatedError
from reviewer.terraform.expressions.nodes import Node, Unsupported
from reviewer.terraform.expressions.plain_expression import parse_plain
from reviewer.terraform.expressions.template import parse_bare

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class ExpressionParser:
    """Parses each distinct expression text once; one parser serves base and head."""

    _known: dict[str, Node] = field(default_factory=dict)
    _templates: dict[str, Node] = field(default_factory=dict)
    parsed: int = 0
    """How many distinct texts were parsed: the work a benchmark counts."""

    def parse(self, text: str) -> Node:
        """Return the tree of an expression; what cannot be read is :class:`Unsupported`, never an error."""
        node = self._known.get(text)
        if node is None:
            node = parse_plain(text, self.parse_inner) or self.parse_full(text)
            self._known[text] = node
            self.parsed += 1
        return node

    def parse_template(self, text: str) -> Node:
        """Return the tree of a template file. Raises ``TooDeepError`` or ``UnterminatedError``."""
        if text not in self._templates:
            self._templates[text] = parse_bare(text, self.parse_inner)
        return self._templates[text]

    def parse_full(self, text: str) -> Node:
        """Return the tree with python-hcl2 as the parser, whatever the expression is."""
        try:
            prepared = Preparation(text).run()
            tree = _hcl2_parser()(PREFIX + prepared.text)
            return Converter(text, prepared, self.parse_inner).attribute(tree)
        except TooDeepError:
            return Unsupported(0, len(text), "the expression is nested too deeply to read")
        except UnterminatedError:
            return Unsupported(0, len(text), "a string or bracket does not end")
        except RecursionError:
            return Unsupported(0, len(text), "the expression is too long to read")
        except (ValueError, _syntax_errors()):
            return Unsupported(0, len(text), "the expression uses syntax that cannot be read")

    def parse_inner(self, text: str, offset: int) -> Node:
        """Parse an interpolation, whose text starts at ``offset`` of the enclosing text."""
        stripped = text.strip()
        if not stripped:
            return Unsupported(offset, offset, "the interpolation is empty")
        return shift(self.parse(stripped), offset + text.index(stripped))


@cache
def _hcl2_parser() -> Callable[[str], Tree]:
    """Import late: a review that touches no Terraform does not pay for the grammar."""
    from hcl2.api import parses_to_tree

    return parses_to_tree


@cache
def _syntax_errors() -> type[Exception]:
    from lark.exceptions import LarkError

    return LarkError


def shift(node: Node, offset: int) -> Node:
    """Return the tree with every position moved by ``offset``."""
    if not offset:
        return node
    return _shift(node, offset)


def _shift(node: Node, offset: int) -> Node:
    changes: dict[str, object] = {"start": node.start + offset, "end": node.end + offset}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, (Node, tuple)):
            changes[name] = _shift_field(value, offset)
    return replace(node, **changes)


def _shift_field(value: object, offset: int) -> object:
    if isinstance(value, Node):
        return _shift(value, offset)
    if isinstance(value, tuple):
        return tuple(_shift_field(each, offset) for each in value)
    return value
