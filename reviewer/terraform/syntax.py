"""Where things are: blocks, attributes and comments with exact ranges. The only user of tree-sitter-hcl.

A broken file yields what can be read and one diagnostic.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_hcl

from reviewer.record import Record
from reviewer.terraform.text import Range, SourceText, character_offsets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.expressions.nodes import Node

MAX_LINE_LENGTH = 20_000
"""Characters in a line. tree-sitter is quadratic in long runs of blanks, and no person reads such a line."""

MAX_DEPTH = 100
"""Blocks inside blocks."""

MAX_PARSE_SECONDS = 3.0
"""Of processor time, for one file. What people write takes a tenth of it at the largest size; some rubbish
makes tree-sitter quadratic, such as thousands of arguments without a value."""

_PIECE = 1 << 16
_ENTRIES = {"object": "object_elem", "tuple": "expression"}
_BLANKS = " \t\r\n"
_BLANK_LINES = re.compile(rb"\n(\s{64,})(?=\n)")
_ENDLESS = 2**32 - 1
_HARMLESS = 8_000
"""Bytes that are parsed in a moment even where it is quadratic: most files, which then need no watch."""

_BLOCK_START = re.compile(
    r"^[A-Za-z_][\w-]*(?:[ \t]+(?:\"[^\"\n]*\"|[A-Za-z_][\w-]*))*[ \t]*\{", re.MULTILINE
)


class Attribute(Record, eq=False):
    """``name = expression``. ``parsed`` is set where the file's format gives the tree itself (JSON)."""

    name: str
    range: Range
    expression: Range
    parsed: Node | None = None

    def locate(self, start: int, end: int) -> Range:
        """Return where characters ``start`` to ``end`` of the expression stand in the file."""
        offset = self.expression.start
        return Range(self.expression.source, offset + start, offset + end)


class Block(Record, eq=False):
    """``type "label" { … }``. ``header`` ends with the opening brace."""

    type: str
    labels: tuple[str, ...]
    range: Range
    header: Range
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Return where the block is written: one range, and those of override files that add to it."""
        parts = [each.range for each in self.attributes.values()] + [each.range for each in self.blocks]
        return (self.range, *(each for each in parts if each.source is not self.range.source))

    def nested(self, *types: str) -> Iterator[Block]:
        """Yield the blocks directly inside this one that have one of the given types."""
        return (each for each in self.blocks if each.type in types)


def signature(block: Block) -> str:
    """Return the block's code without comments and layout: equal signatures mean that nothing changed."""
    arguments = (
        f"{name}={' '.join(block.attributes[name].expression.text.split())}"
        for name in sorted(block.attributes)
    )
    nested = (f"{{{signature(each)}}}" for each in block.blocks)
    return "\n".join((block.type, *block.labels, *arguments, *nested))


class Diagnostic(Record):
    """What could not be read, and where."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the diagnostic as one line."""
        return f"{self.path}:{self.line}: {self.message}"


class SourceFile(Record, eq=False, dict=True):
    """One parsed file. ``attributes`` are those outside any block, as in a ``.tfvars`` file.

    ``entries`` are those of the objects and lists that hold comments, outer ones first.
    """

    source: SourceText
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    comments: tuple[Range, ...] = ()
    entries: tuple[Range, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def path(self) -> str:
        """Return the path of the file."""
        return self.source.path

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """Return the lines that hold more than blanks and comments; no other line touches anything."""
        pieces: list[str] = []
        position = 0
        for comment in self.comments:
            pieces.append(self.source.text[position : comment.start])
            pieces.append("\n" * comment.text.count("\n"))
            position = comment.end
        pieces.append(self.source.text[position:])
        lines = "".join(pieces).split("\n")
        return frozenset(number for number, line in enumerate(lines, start=1) if line.strip())


def decode(content: bytes, path: str) -> SourceText | Diagnostic:
    """Decode a file; a byte order mark is dropped, anything that is not UTF-8 text is a diagnostic."""
    if b"\0" in content:
        return Diagnostic(path, 1, "not analysed: the file is binary")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Diagnostic(path, line, "not analysed: the file is not valid UTF-8")
    return SourceText(path, text)


class _TooSlowError(Exception):
    """Parsing takes longer than for anything that people write."""


def parse(source: SourceText) -> SourceFile:
    """Parse HCL native syntax."""
    lengths = [len(line) for line in source.text.split("\n")]
    if max(lengths) > MAX_LINE_LENGTH:
        number = next(number for number, length in enumerate(lengths, start=1) if length > MAX_LINE_LENGTH)
        return _refused(source, number, f"line is longer than {MAX_LINE_LENGTH:,} characters")
    reader = _Reader(source)
    try:
        root = reader.tree(0, len(source.text))
        if not root.has_error:
            reader.read_file(root)
        else:
            reader.read_chunks()
    except _TooSlowError:
        return _refused(source, 1, f"reading it takes more than {MAX_PARSE_SECONDS:g} seconds")
    return reader.result()


@cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_hcl.language())


def _refused(source: SourceText, line: int, reason: str) -> SourceFile:
    diagnostic = Diagnostic(source.path, line, f"not analysed: {reason}")
    return SourceFile(source, {}, (), diagnostics=(diagnostic,))


@dataclass
class _Reader:
    """Turns syntax trees of one file into blocks and attributes."""

    source: SourceText
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    comments: list[Range] = field(default_factory=list)
    entries: list[Range] = field(default_factory=list)
    error: Diagnostic | None = None
    offset: int = 0
    deadline: float = field(default_factory=lambda: time.process_time() + MAX_PARSE_SECONDS)
    _characters: list[int] | None = None

    def tree(self, start: int, end: int) -> tree_sitter.Node:
        """Parse characters ``start`` to ``end``; ranges read from the tree are of the whole file."""
        text = self.source.text[start:end]
        content = text.encode()
        self.offset = start
        self._characters = None if len(content) == len(text) else character_offsets(text)
        parser = tree_sitter.Parser(_language())
        parser.included_ranges = without_blank_runs(content)
        if len(content) <= _HARMLESS:
            return parser.parse(content).root_node
        try:
            # Only a source that is read piece by piece can be given up half-way.
            return parser.parse(
                lambda at, _: content[at : at + _PIECE], progress_callback=self._is_late
            ).root_node
        except ValueError:
            raise _TooSlowError from None

    def _is_late(self, _offset: int, _has_error: bool) -> bool:  # noqa: FBT001 - as tree-sitter calls it
        return time.process_time() > self.deadline

    def result(self) -> SourceFile:
        """Return what was read."""
        self.comments.sort(key=lambda each: each.start)
        self.entries.sort(key=lambda each: (each.start, -each.end))
        return SourceFile(
            self.source,
            self.attributes,
            tuple(self.blocks),
            tuple(self.comments),
            tuple(self.entries),
            (self.error,) if self.error else (),
        )

    def read_chunks(self) -> None:
        """Read a broken file block by block, so that one error costs no more than the block it is in."""
        starts = [0, *(match.start() for match in _BLOCK_START.finditer(self.source.text))]
        ends = [*starts[1:], len(self.source.text)]
        for start, end in zip(starts, ends, strict=True):
            if not self.source.text[start:end].strip():
                continue
            root = self.tree(start, end)
            if root.has_error:
                self._record_error(root)
            self.read_file(root)

    def _record_error(self, root: tree_sitter.Node) -> None:
        self._note(
            _first_error(root), "syntax error: Terraform cannot read this block; the rest was reviewed"
        )

    def _note(self, node: tree_sitter.Node, message: str) -> None:
        if self.error is None:
            line = self.source.line_of(self._position(node.start_byte))
            self.error = Diagnostic(self.source.path, line, message)

    def read_file(self, root: tree_sitter.Node) -> None:
        """Read the top level of a tree."""
        for child in root.children:
            if child.type == "comment":
                self.comments.append(self._range(child))
            elif child.type == "body":
                attributes, blocks = self._body(child, 0)
                for name, attribute in attributes.items():
                    self.attributes.setdefault(name, attribute)
                self.blocks.extend(blocks)
            elif child.type == "object":
                self._note(child, "syntax error: an object stands where blocks belong")

    def _body(self, body: tree_sitter.Node, depth: int) -> tuple[dict[str, Attribute], list[Block]]:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for child in body.children:
            match child.type:
                case "attribute":
                    attribute = self._attribute(child)
                    if attribute is not None:
                        attributes.setdefault(attribute.name, attribute)
                case "block" if depth >= MAX_DEPTH:
                    self._note(child, f"not analysed: blocks are nested deeper than {MAX_DEPTH}")
                case "block":
                    block = self._block(child, depth)
                    if block is not None:
                        blocks.append(block)
                case "comment":
                    self.comments.append(self._range(child))
        return attributes, blocks

    def _attribute(self, node: tree_sitter.Node) -> Attribute | None:
        if node.has_error:
            return None
        name = expression = None
        for child in node.children:
            if child.type == "identifier" and name is None:
                name = child
            elif child.type == "expression":
                expression = child
            elif child.type == "comment":
                self.comments.append(self._range(child))
        if name is None or expression is None:
            return None
        self._collect_comments(expression)
        return Attribute(self._name(name), self._range(node), self._range(expression))

    def _block(self, node: tree_sitter.Node, depth: int) -> Block | None:
        if node.has_error:
            return None  # half a block would look as if its other half were absent
        names: list[str] = []
        start = None
        body: tuple[dict[str, Attribute], list[Block]] = ({}, [])
        for child in node.children:
            match child.type:
                case "identifier" | "string_lit":
                    names.append(self._name(child).strip('"'))
                case "block_start":
                    start = child
                case "body":
                    body = self._body(child, depth + 1)
                case "comment":
                    self.comments.append(self._range(child))
        if not names or start is None:
            return None
        whole = self._range(node)
        header = Range(self.source, whole.start, self._position(start.end_byte))
        return Block(names[0], tuple(names[1:]), whole, header, body[0], tuple(body[1]))

    def _collect_comments(self, node: tree_sitter.Node) -> None:
        """Find comments inside a multi-line expression, and then what they can be about."""
        if node.start_point[0] == node.end_point[0]:
            return
        pending, entries, without = list(node.children), [], len(self.comments)
        while pending:
            child = pending.pop()
            if child.type == "comment":
                self.comments.append(self._range(child))
            elif child.start_point[0] != child.end_point[0]:
                pending.extend(child.children)
                if child.type in _ENTRIES:
                    entries += [each for each in child.children if each.type == _ENTRIES[child.type]]
        if len(self.comments) > without:
            self.entries += map(self._range, entries)

    def _position(self, byte: int) -> int:
        return self.offset + (byte if self._characters is None else self._characters[byte])

    def _name(self, node: tree_sitter.Node) -> str:
        return self.source.text[self._position(node.start_byte) : self._position(node.end_byte)].rstrip(
            _BLANKS
        )

    def _range(self, node: tree_sitter.Node) -> Range:
        start, end = self._position(node.start_byte), self._position(node.end_byte)
        # tree-sitter lets some nodes run over the blanks that follow them; a range ends with its last
        # character.
        text = self.source.text
        if end > start and text[end - 1] in _BLANKS:
            end = start + len(text[start:end].rstrip(_BLANKS))
        return Range(self.source, start, end)


def without_blank_runs(content: bytes) -> list[tree_sitter.Range]:
    """Return what of a text is parsed: all but what is between the first and the last line end of long runs.

    tree-sitter makes a node of every blank, 300 bytes each, and is quadratic in them inside of lists.
    """
    found: list[tree_sitter.Range] = []
    start, point = 0, (0, 0)
    for match in _BLANK_LINES.finditer(content):
        first, last = match.span(1)
        row = point[0] + content.count(b"\n", start, first)
        found.append(tree_sitter.Range(point, (row, 0), start, first))
        column = last - content.rfind(b"\n", 0, last) - 1
        start, point = last, (row + content.count(b"\n", first, last), column)
    found.append(tree_sitter.Range(point, (_ENDLESS, _ENDLESS), start, _ENDLESS))
    return found


def _first_error(root: tree_sitter.Node) -> tree_sitter.Node:
    """Return the first node that is an error or missing, in document order."""
    node = root
    while True:
        if node.is_missing or node.type == "ERROR":
            return node
        following = next((child for child in node.children if child.has_error or child.is_missing), None)
        if following is None:
            return node
        node = following
