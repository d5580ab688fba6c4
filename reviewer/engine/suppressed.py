"""Which problems a comment in the code accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.engine.loaded import loading
from reviewer.escape import code
from reviewer.finding import Acceptance, Location
from reviewer.review import Notice
from reviewer.suppression import Comment, Rules, SourceLines, Suppression, match, parse
from reviewer.terraform.loaded_text import is_loaded
from reviewer.terraform.module import is_terraform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.change.diff import ChangedFile
    from reviewer.engine.delta import Hit
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.syntax import Block, SourceFile
    from reviewer.terraform.text import Range


_WHERE_INSTEAD = (
    "A suppression does not count: only Terraform files are read for them. Put it where this file is loaded,"
    " or on the resource; where nothing loads it, `paths` in the configuration turns a check off for it."
)
_UNHEARD = re.compile(r"(?:#|//)\s*eks-review:\s*ignore\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Suppressions:
    """The suppression comments of one revision, read file by file when asked for.

    ``waiting`` are valid ones that do not count yet, because the change itself adds them.
    """

    configuration: Configuration
    rules: Rules
    waiting: frozenset[Suppression] = frozenset()
    _files: dict[str, tuple[tuple[Suppression, ...], tuple[Notice, ...]]] = field(default_factory=dict)

    def of_file(self, path: str) -> tuple[tuple[Suppression, ...], tuple[Notice, ...]]:
        """Return the valid suppressions of a file, and a notice for each that does not count."""
        if path not in self._files:
            file = self.configuration.file(path)
            comments = tuple(_comments(file))
            extents = _extents(file) if comments else {}
            lines = SourceLines(path, file.code_lines, extents.get)
            self._files[path] = parse(comments, lines, self.rules)
        return self._files[path]

    def accepting(self, hit: Hit) -> Acceptance | None:
        """Return the suppression of a problem: on its line, its block, its value's way, its module's call."""
        header, instance = hit.subject.header, hit.subject.instance
        # A manifest in a file of its own belongs to the resource that loads it.
        resource = (instance.range,) if is_loaded(header) else ()
        places = (hit.problem.at, header, *resource, *hit.problem.related, *instance.calls())
        return self.accepting_at(hit.check.id, hit.check.name, places)

    def accepting_at(self, check_id: str, name: str, places: Iterable[Range]) -> Acceptance | None:
        """Return the suppression of a check's problem that stands at the first of ``places`` to have one."""
        for place in places:
            suppressions = [each for each in self.of_file(place.path)[0] if each not in self.waiting]
            found = match(check_id, name, location(place), suppressions)
            if found is not None:
                return found.acceptance
        return None


def accepting(head: Suppressions, base: Suppressions, hit: Hit) -> Acceptance | None:
    """Return the suppression of a problem at the revision that has it."""
    return (head if hit.is_head else base).accepting(hit)


def added_suppressions(
    head: Suppressions, base: Suppressions, files: Iterable[ChangedFile]
) -> list[Suppression]:
    """Return the valid suppressions on lines that the change adds and that its base does not have."""
    added: list[Suppression] = []
    for file in files:
        if not is_terraform(file.path):
            continue
        lines = {line for hunk in file.hunks for line in hunk.added_lines}
        known = {_terms(each) for each in base.of_file(file.old_path)[0]} if file.old_path else set()
        added.extend(
            each
            for each in head.of_file(file.path)[0]
            if (each.line in lines or not file.shows_lines) and _terms(each) not in known
        )
    return added


def waiting(suppressions: Suppressions) -> Iterator[Notice]:
    """Yield why suppressions that the change adds do not count yet."""
    for each in sorted(suppressions.waiting, key=lambda each: (each.path, each.line)):
        message = (
            f"The suppression of {', '.join(map(code, each.checks))} counts once it is on the base branch."
            " To let new ones count at once, set `new-suppressions: at-once` there."
        )
        yield Notice(message, each.path, each.line)


def unheard(files: Iterable[ChangedFile], configuration: Configuration) -> Iterator[Notice]:
    """Yield a notice for each suppression in a changed manifest or in what Terraform loads: none is read."""
    for path in (each.path for each in files if not is_terraform(each.path)):
        if not path.endswith((".yaml", ".yml")) and not loading(path, configuration):
            continue
        text = configuration.sources.text(configuration.tree, path)
        for number, line in enumerate(text.text.splitlines() if text else (), 1):
            if _UNHEARD.search(line):
                yield Notice(_WHERE_INSTEAD, path, number)


def _terms(suppression: Suppression) -> tuple[object, ...]:
    """Return what a suppression says, wherever it stands: moving it along adds nothing."""
    return suppression.checks, suppression.reason, suppression.until


def location(place: Range) -> Location:
    """Return a range as the lines it covers."""
    return Location(place.path, place.line, place.end_line)


def _comments(file: SourceFile) -> Iterator[Comment]:
    for comment in file.comments:
        if "eks-review:" in comment.text:
            before = file.source.text[file.source.line_starts[comment.line - 1] : comment.start]
            yield Comment(comment.line, comment.end_line, comment.text, bool(before.strip()))


def _extents(file: SourceFile) -> dict[int, tuple[int, int]]:
    """Return, for each line on which a block, attribute or entry starts, the lines of the largest of them."""
    found: dict[int, tuple[int, int]] = {}
    for place in _ranges(file.blocks):
        found.setdefault(place.line, (place.line, place.end_line))
    for attribute in file.attributes.values():
        found.setdefault(attribute.range.line, (attribute.range.line, attribute.range.end_line))
    for place in file.entries:
        found.setdefault(place.line, (place.line, place.end_line))
    return found


def _ranges(blocks: Iterable[Block]) -> Iterator[Range]:
    for block in blocks:
        yield block.range
        yield from (each.range for each in block.attributes.values())
        yield from _ranges(block.blocks)
