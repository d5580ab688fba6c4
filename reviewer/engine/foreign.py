"""Where a result of another tool stands, whether the change brought it, and the finding it becomes."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.engine.findings import excerpt
from reviewer.engine.placement import Diff, Spot, place
from reviewer.finding import MASK, Confirmation, Finding, Pillar, Placement, Severity, Status
from reviewer.imported.peers import canonical, checks_like, spellings
from reviewer.record import Record
from reviewer.terraform.configuration import is_terraform
from reviewer.terraform.text import Range, SourceText
from reviewer.views.secrets.credential import without_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.config.config import Config
    from reviewer.engine.redact import Redactor
    from reviewer.engine.suppressed import Suppressions
    from reviewer.finding import Acceptance
    from reviewer.imported.result import Result
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.syntax import Block
    from reviewer.views.changed_lines import ChangedLines

    _Arguments = Mapping[str, tuple[Range, ...]]

_SECURITY_TOOLS = frozenset({"checkov", "tfsec", "trivy"})
_NO_ISSUE = "other"
"""What no check of ours says belongs to no issue of the list of quality issues."""
_MARKS = re.compile(r"([*\[\]~\\]|(?<!\w)_|_(?!\w))")


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
    def _known_arguments(self) -> dict[Block, _Arguments]:
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
            return foreign if self._adds(foreign.at) else None
        known = (foreign.path, foreign.block.range.line) in self.blocks
        return foreign if known or self._adds(foreign.block.range) else None

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

    def finding(self, group: Sequence[Foreign], number: int) -> Finding:
        """Return the finding for results that mean the same; ``number`` tells it from its like."""
        foreign = group[0]
        result = foreign.result
        checks = checks_like(result.id)
        status = Status.INTRODUCED if self._is_introduced(foreign) else Status.EXISTING
        accepted = self._accepted(foreign)
        spot = self._spot(foreign, status, accepted)
        security = bool(checks) or result.tool in _SECURITY_TOOLS
        given = result.severity or (checks[0].severity if checks else Severity.MEDIUM)
        return Finding(
            id=result.id,
            name=result.id,
            title=as_markdown(result.title),
            message=as_markdown(without_shapes(result.message, MASK)),
            hint=as_markdown(result.hint),
            severity=self.config.severity_of(result.id, canonical(result.id), foreign.path, given),
            pillar=checks[0].pillar
            if checks
            else (Pillar.SECURITY if security else Pillar.OPERATIONAL_EXCELLENCE),
            issue=checks[0].issue if checks else _NO_ISSUE,
            path=foreign.path,
            line=foreign.at.line,
            end_line=foreign.at.end_line,
            address=foreign.address,
            status=status,
            placement=Placement.SUMMARY if spot is None else Placement.INLINE,
            comment_line=None if spot is None else spot.line,
            origins=(),
            suggestion=None,
            suppressed=accepted,
            fingerprint=_fingerprint(foreign, number),
            docs=result.docs,
            source=result.tool,
            excerpt=None if _is_secret(result) else excerpt(foreign.at, self.redactor),
            confirmed_by=tuple(Confirmation(each.result.tool, each.result.id) for each in group[1:]),
        )

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
        written = self._arguments_of(block) if result.arguments else {}
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

    def _arguments_of(self, block: Block) -> _Arguments:
        if block not in self._known_arguments:
            self._known_arguments[block] = arguments(block)
        return self._known_arguments[block]

    def _adds(self, at: Range) -> bool:
        """Tell whether the change adds a line of a place; in Terraform, one that holds code."""
        if self.changed is not None and is_terraform(at.path):
            return self.changed.meet(at)
        return self.diff is not None and self.diff.adds_some(at)

    def _is_introduced(self, foreign: Foreign) -> bool:
        """Tell whether the change brought a result, as far as the code can tell without one of the base.

        In this order: what the file itself says; a block that is new; an argument that the tool names, if it
        is written differently now; a changed line in a result that is narrower than its block; and for one
        that is about the whole block, an argument that the change removed.
        """
        if self.diff is None:
            return False
        if foreign.result.is_new is not None:
            return foreign.result.is_new
        if foreign.block is None:
            return True
        if foreign.before is None:
            return self._is_new_block(foreign)
        return self._is_brought_about(
            foreign, self._arguments_of(foreign.block), self._arguments_of(foreign.before)
        )

    def _is_brought_about(self, foreign: Foreign, now: _Arguments, before: _Arguments) -> bool:
        """Tell whether what a result is about is written differently in a block that was there before."""
        if foreign.result.arguments:
            return any(_written(now, name) != _written(before, name) for name in foreign.result.arguments)
        if not foreign.is_whole_block:
            return self._adds(foreign.at)
        return bool(before.keys() - now.keys())

    def _is_new_block(self, foreign: Foreign) -> bool:
        """A block that the base does not have is new; of one without address, the header tells."""
        return bool(foreign.addresses) or self._adds(foreign.at)

    def _accepted(self, foreign: Foreign) -> Acceptance | None:
        places = (foreign.at, *((foreign.block.header,) if foreign.block else ()))
        if not is_terraform(foreign.path):
            return None
        short = canonical(foreign.result.id)
        names = [(each, short) for each in spellings(foreign.result.id)]
        names += [(each.id, each.name) for each in checks_like(foreign.result.id)]
        found = (self.suppressions.accepting_at(rule, name, places) for rule, name in names)
        return next((each for each in found if each is not None), None)

    def _spot(self, foreign: Foreign, status: Status, accepted: Acceptance | None) -> Spot | None:
        if self.diff is None or accepted is not None or status is not Status.INTRODUCED:
            return None
        return place(self.diff, foreign.at, (), foreign.block.range if foreign.block else foreign.at)


def arguments(block: Block) -> _Arguments:
    """Return where each argument of a block is written, by its path such as ``vpc_config.subnet_ids``."""
    found: dict[str, tuple[Range, ...]] = {}
    for path, at in _arguments(block, ""):
        found[path] = (*found.get(path, ()), at)
    return found


def as_markdown(text: str) -> str:
    """Return plain text as a message: its marks mean nothing, except that backticks go on marking code."""
    return "".join(
        escape.code(each.text) if each.kind != "prose" else _MARKS.sub(r"\\\1", each.text)
        for each in escape.segments(text)
    )


def _arguments(block: Block, prefix: str) -> Iterator[tuple[str, Range]]:
    for name, attribute in block.attributes.items():
        yield f"{prefix}{name}", attribute.range
    for nested in block.blocks:
        yield f"{prefix}{nested.type}", nested.range
        yield from _arguments(nested, f"{prefix}{nested.type}.")


def _written(found: _Arguments, name: str) -> tuple[str, ...]:
    return tuple(" ".join(each.text.split()) for each in found.get(name, ()))


def _lines(source: SourceText, first: int, last: int) -> Range:
    """Return whole lines, from their first character that is no blank to their last."""
    last = max(first, min(last, source.line_count))
    start = source.line_starts[first - 1]
    end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    text = source.text[start:end]
    return Range(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _fingerprint(foreign: Foreign, number: int) -> str:
    """Identify a problem by tool, rule, block and argument: no line, no text."""
    where = foreign.address or foreign.path
    argument = ",".join(foreign.result.arguments)
    parts = f"{foreign.result.tool}\0{canonical(foreign.result.id)}\0{where}\0{argument}\0{number}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _is_secret(result: Result) -> bool:
    return result.secret or any(each.secret for each in checks_like(result.id))
