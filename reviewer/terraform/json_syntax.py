"""Terraform's JSON syntax, with the result of :mod:`reviewer.terraform.syntax`; alone uses tree-sitter-json.

Source: Terraform language documentation, "JSON Configuration Syntax".
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_json
from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.expressions.hcl2_tree import MAX_EXPONENT
from reviewer.terraform.expressions.lexer import TooDeepError, UnterminatedError
from reviewer.terraform.expressions.nodes import Literal, Node, Object, Tuple, Unsupported
from reviewer.terraform.expressions.parser import ExpressionParser, shift
from reviewer.terraform.expressions.template import parse_bare
from reviewer.terraform.syntax import Attribute, Block, Diagnostic, SourceFile
from reviewer.terraform.text import Range, SourceText, character_offsets
from reviewer.terraform.value import normal_number

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}
_NESTED = re.compile(
    r"required_providers|lifecycle|provisioner|connection|backend|cloud|validation|precondition|postcondition"
)
MAX_DEPTH = 60
MAX_NESTING = 100
"""Of brackets in a file. Beyond it, whether Python itself can go on depends on its version."""

_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|(?P<opening>[\[{])|(?P<closing>[\]}])')


class _Member(Record):
    """One ``"key": value`` of a JSON object."""

    key: str
    range: Range
    key_range: Range
    value: tree_sitter.Node


def parse(source: SourceText) -> SourceFile:
    """Parse a ``.tf.json`` or ``.tfvars.json`` file."""
    if _is_too_deep(source.text):
        message = f"not analysed: nested deeper than {MAX_NESTING}"
        return SourceFile(source, {}, (), diagnostics=(Diagnostic(source.path, 1, message),))
    try:
        # Numbers are only looked at: Python refuses to convert one of thousands of digits.
        json.loads(source.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        diagnostic = Diagnostic(source.path, error.lineno, f"syntax error: {error.msg}")
        return SourceFile(source, {}, (), diagnostics=(diagnostic,))
    return _Reader(source).read()


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += (match["opening"] is not None) - (match["closing"] is not None)
        if depth > MAX_NESTING:
            return True
    return False


class _Reader:
    """Turns a JSON syntax tree into blocks and attributes."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        content = source.text.encode()
        self.offsets = None if len(content) == len(source.text) else character_offsets(source.text)
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_json.language()))
        self.root = parser.parse(content).root_node
        self.expressions = ExpressionParser()
        self.literal = source.path.endswith(".tfvars.json")

    def read(self) -> SourceFile:
        """Return the file."""
        top = next((child for child in self.root.children if child.type in {"object", "array"}), None)
        if top is None:
            return SourceFile(
                self.source, {}, (), diagnostics=(Diagnostic(self.source.path, 1, "not a JSON object"),)
            )
        if self.literal:
            return SourceFile(
                self.source, {each.key: self._attribute(each) for each in self._members(top)}, ()
            )
        blocks = [block for member in self._members(top) for block in self._blocks(member)]
        return SourceFile(self.source, {}, tuple(blocks))

    def _blocks(self, member: _Member) -> Iterator[Block]:
        if member.key == "//":
            return
        if member.key == "locals":
            for body in self._objects(member.value):
                yield self._block("locals", (), member, body)
            return
        yield from self._labelled(member.key, (), member, _LABELS.get(member.key, 0))

    def _labelled(self, kind: str, labels: tuple[str, ...], member: _Member, missing: int) -> Iterator[Block]:
        for body in self._objects(member.value):
            if not missing:
                yield self._block(kind, labels, member, body)
                continue
            for inner in self._members(body):
                if inner.key != "//":
                    yield from self._labelled(kind, (*labels, inner.key), inner, missing - 1)

    def _block(self, kind: str, labels: tuple[str, ...], member: _Member, body: tree_sitter.Node) -> Block:
        members = [each for each in self._members(body) if each.key != "//"]
        nested = tuple(block for each in members for block in self._nested(each))
        attributes = {each.key: self._attribute(each) for each in members if not _NESTED.fullmatch(each.key)}
        attributes.pop("dynamic", None)
        return Block(kind, labels, member.range, member.key_range, attributes, nested)

    def _nested(self, member: _Member) -> Iterator[Block]:
        """Yield blocks of the language itself; a provider's nested blocks are read from their attribute."""
        if member.key == "dynamic":
            yield from self._labelled("dynamic", (), member, 1)
        elif member.key == "content" or _NESTED.fullmatch(member.key):
            for body in self._objects(member.value):
                yield self._block(member.key, (), member, body)

    def _attribute(self, member: _Member) -> Attribute:
        expression = self._range(member.value)
        parsed = self._expression(member.value, expression.start, 0)
        return Attribute(member.key, member.range, expression, parsed)

    def _expression(self, node: tree_sitter.Node, base: int, depth: int) -> Node:
        where = self._range(node)
        start, end = where.start - base, where.end - base
        if depth > MAX_DEPTH:
            return Unsupported(start, end, "the value is nested too deeply to read")
        match node.type:
            case "string":
                return self._string(json.loads(where.text, strict=False), start, end)
            case "object":
                items = tuple(
                    (
                        self._string(each.key, *self._relative(each.key_range, base)),
                        self._expression(each.value, base, depth + 1),
                    )
                    for each in self._members(node)
                )
                return Object(start, end, items)
            case "array":
                return Tuple(
                    start, end, tuple(self._expression(each, base, depth + 1) for each in node.named_children)
                )
            case "number":
                return _number(where.text, start, end)
        return Literal(start, end, {"true": True, "false": False}.get(node.type))

    def _string(self, text: str, start: int, end: int) -> Node:
        """Strings of JSON syntax are templates, except in variable files."""
        if self.literal or ("${" not in text and "%{" not in text):
            return Literal(start, end, text)
        try:
            return _placed(parse_bare(text, self._parse_inner), start, end)
        except TooDeepError:
            return Unsupported(start, end, "the template is nested too deeply to read")
        except UnterminatedError:
            return Unsupported(start, end, "an interpolation does not end")

    def _parse_inner(self, text: str, offset: int) -> Node:
        return shift(self.expressions.parse(text.strip()), offset)

    def _relative(self, where: Range, base: int) -> tuple[int, int]:
        return where.start - base, where.end - base

    def _objects(self, node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
        """Yield the objects of a body that may be one object or an array of them."""
        if node.type == "object":
            yield node
        elif node.type == "array":
            yield from (each for each in node.named_children if each.type == "object")

    def _members(self, node: tree_sitter.Node) -> Iterator[_Member]:
        for pair in node.named_children:
            if pair.type == "pair":
                key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
                if key is not None and value is not None:
                    name = json.loads(self._range(key).text, strict=False)
                    yield _Member(name, self._range(pair), self._range(key), value)

    def _range(self, node: tree_sitter.Node) -> Range:
        start, end = node.start_byte, node.end_byte
        if self.offsets is not None:
            start, end = self.offsets[start], self.offsets[end]
        return Range(self.source, start, end)


def _number(text: str, start: int, end: int) -> Node:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return Unsupported(start, end, "the number cannot be read")
    if amount and abs(amount.adjusted()) > MAX_EXPONENT:
        return Unsupported(start, end, "the number is too large to read")
    return Literal(start, end, normal_number(amount))


def _placed(node: Node, start: int, end: int) -> Node:
    """Put every part of a template on the whole string: escapes make offsets inside it meaningless."""
    fields = {name: _placed_field(getattr(node, name), start, end) for name in node.__struct_fields__}
    return replace(node, **{**fields, "start": start, "end": end})


def _placed_field(value: object, start: int, end: int) -> object:
    if isinstance(value, Node):
        return _placed(value, start, end)
    if isinstance(value, tuple):
        return tuple(_placed_field(each, start, end) for each in value)
    return value
