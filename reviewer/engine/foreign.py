"""Where a result of another tool stands, and what of the change it is held against."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.record import Record
from reviewer.terraform.module import is_terraform
from reviewer.terraform.text import Range, SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.config.config import Config
    from reviewer.engine.placement import Diff
    from reviewer.engine.redact import Redactor
    from reviewer.engine.suppressed import Suppressions
    from reviewer.finding import Finding
    from reviewer.imported.result import Result
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.syntax import Block
    from reviewer.views.changed_lines import ChangedLines

    Arguments = Mapping[str, tuple[Range, ...]]


class KnownBlock(Record):
    """A block of the head that the change touches: what it is called, and what it was before, if anything."""

    addresses: tuple[str, ...]
    block: Block
    before: Block | None


class Foreign(Record, eq=False):
    """A result and its place at the head. ``block`` is None outside of blocks; ``at`` is what is shown."""

    result: Result
    path: str
    at: Range
    block: Block | None
    addresses: tuple[str, ...]
    before: Block | None
    is_whole_block: bool

    @property
    def where(self) -> tuple[str, int]:
        """Return what identifies the block; outside of blocks, the line."""
        return (self.path, self.at.line if self.block is None else self.block.range.line)

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding of ours stands on a line of the result."""
        return finding.path == self.path and self.at.line <= finding.line <= self.at.end_line

    @property
    def address(self) -> str:
        """Return what the place is called."""
        if self.addresses:
            return self.addresses[0]
        if self.block is not None:
            return ".".join((self.block.type, *self.block.labels)).removeprefix("resource.")
        return self.result.address


class _Blocks(Record, eq=False, dict=True):
    """A file and its blocks in the order in which they are written."""

    source: SourceText
    blocks: tuple[Block, ...]

    @cached_property
    def _lines(self) -> list[int]:
        return [each.range.line for each in self.blocks]

    def at(self, line: int) -> Block | None:
        """Return the block that holds a line."""
        index = bisect_right(self._lines, line) - 1
        return self.blocks[index] if index >= 0 and line <= self.blocks[index].range.end_line else None


class Scene(Record, eq=False, dict=True):
    """What results are held against. ``diff`` and ``changed`` are None for an audit: all is touched.

    ``homes`` are the blocks of our own problems, each as file and first line, by fingerprint.
    """

    config: Config
    head: Configuration
    diff: Diff | None
    changed: ChangedLines | None
    suppressions: Suppressions
    blocks: Mapping[tuple[str, int], KnownBlock]
    homes: Mapping[str, tuple[str, int]]
    redactor: Redactor

    @cached_property
    def _sources(self) -> dict[str, _Blocks | None]:
        """Return the files that were read for results, by path."""
        return {}

    @cached_property
    def _known_arguments(self) -> dict[Block, Arguments]:
        """Return the arguments of blocks that were looked at: many results may be about one."""
        return {}

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self.head.tree.paths())

    def path_of(self, candidates: Iterable[str]) -> str | None:
        """Return the first path that this revision has a file at; None when it has none of them."""
        return next((each for each in candidates if each in self._paths), None)

    def touched(self, result: Result, path: str) -> Foreign | None:
        """Return a result with its place, if the change touches what it is about."""
        foreign = self._located(result, path)
        if foreign is None or self.diff is None:
            return foreign
        if foreign.block is None:
            return foreign if self.adds(foreign.at) else None
        known = (foreign.path, foreign.block.range.line) in self.blocks
        return foreign if known or self.adds(foreign.block.range) else None

    def is_same_place(self, finding: Finding, foreign: Foreign) -> bool:
        """Tell whether one of our findings is about the block of a result, or stands in it."""
        place = foreign.at if foreign.block is None else foreign.block.range
        if foreign.block is not None:
            # Not by the address: blocks of two root modules may have the same one.
            home = (place.path, place.line)
            prints = (finding.fingerprint, *(each.fingerprint for each in finding.also))
            if any(self.homes.get(each) == home for each in prints):
                return True
        return finding.path == place.path and place.line <= finding.line <= place.end_line

    def _located(self, result: Result, path: str) -> Foreign | None:
        if path not in self._sources:
            self._sources[path] = self._read(path)
        file = self._sources[path]
        if file is None or result.line > max(1, file.source.line_count):
            return None
        source, block = file.source, file.at(result.line)
        if block is None:
            at = _lines(source, result.line, min(result.end_line, source.line_count))
            return Foreign(result, path, at, None, (), None, is_whole_block=False)
        known = self.blocks.get((path, block.range.line))
        written = self.arguments_of(block) if result.arguments else {}
        named = next((each for name in result.arguments for each in written.get(name, ())), None)
        whole = named is None and result.line <= block.header.end_line
        at = named or (block.header if whole else _lines(source, result.line, result.end_line))
        addresses, before = (known.addresses, known.before) if known else ((), None)
        return Foreign(result, path, at, block, addresses, before, whole)

    def _read(self, path: str) -> _Blocks | None:
        if is_terraform(path):
            file = self.head.file(path)
            return _Blocks(file.source, tuple(sorted(file.blocks, key=lambda each: each.range.start)))
        try:
            text = self.head.tree.read(path).decode("utf-8-sig")
        except (MissingFileError, UnreadableFileError, UnicodeDecodeError):
            return None
        return _Blocks(SourceText(path, text), ())

    def arguments_of(self, block: Block) -> Arguments:
        """Return the arguments of a block, looked for once."""
        if block not in self._known_arguments:
            self._known_arguments[block] = arguments(block)
        return self._known_arguments[block]

    def adds(self, at: Range) -> bool:
        """Tell whether the change adds a line of a place; in Terraform, one that holds code."""
        if self.changed is not None and is_terraform(at.path):
            return self.changed.meet(at)
        return self.diff is not None and self.diff.adds_some(at)


def arguments(block: Block) -> Arguments:
    """Return where each argument of a block is written, by its path such as ``vpc_config.subnet_ids``."""
    found: dict[str, tuple[Range, ...]] = {}
    for path, at in _arguments(block, ""):
        found[path] = (*found.get(path, ()), at)
    return found


def _arguments(block: Block, prefix: str) -> Iterator[tuple[str, Range]]:
    for name, attribute in block.attributes.items():
        yield f"{prefix}{name}", attribute.range
    for nested in block.blocks:
        yield f"{prefix}{nested.type}", nested.range
        yield from _arguments(nested, f"{prefix}{nested.type}.")


def _lines(source: SourceText, first: int, last: int) -> Range:
    """Return whole lines, from their first character that is no blank to their last."""
    last = max(first, min(last, source.line_count))
    start = source.line_starts[first - 1]
    end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    text = source.text[start:end]
    return Range(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))
