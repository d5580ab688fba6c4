"""Which blocks a change touches, and through what.

A block is touched when a line of its code changed (comments, blanks and layout aside), or when a line changed
that supplies one of its values: a variable's default, a tfvars line, a local, a module argument. That is
known exactly, since every value carries its origins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.record import Record
from reviewer.terraform.body import BlockBody, Blocks, Body
from reviewer.terraform.meta_arguments import OF_CALLS_ALONE, WIRING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import SourceFile
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines


_LITERAL = re.compile(r"(?:to(?:set|map)\(\s*)?[\[{](?!\s*for\b)")
"""The start of a list, set, map or object; a ``for`` expression decides about each element, all over."""


class Touch(Record):
    """Why an instance is touched: ``through`` supplies a value; None means the block itself."""

    through: Range | None = None


def code_lines(file: SourceFile, lines: Iterable[int]) -> frozenset[int]:
    """Return those of ``lines`` that hold code."""
    return file.code_lines.intersection(lines)


def touch(instance: Instance, changed: ChangedLines) -> Touch | None:
    """Return why the change touches ``instance``; None when it does not."""
    if not changed.by_path:
        return None
    if any(map(changed.meet, instance.block.ranges)):
        return Touch()
    supplier = next((each for each in origins(instance) if changed.meet(each)), None)
    return Touch(supplier) if supplier is not None else None


def origins(instance: Instance) -> Iterator[Range]:
    """Yield every range that contributes to a value of the instance."""
    for value in values(instance.body):
        for each in value.walk():
            yield from each.origins


def values(body: Body) -> Iterator[Value]:
    """Yield the values of all arguments of a block and of the blocks in it."""
    if not isinstance(body, BlockBody):
        return
    skipped = WIRING if body.block.type == "module" else WIRING - OF_CALLS_ALONE
    for name in body.block.attributes:
        if name == "for_each" and "each" in body.bindings:
            yield from _own_element(body.attr(name), body.bindings["each"])
        elif name not in skipped:
            yield body.attr(name)
    for block_type in body.block_types():
        blocks: Blocks = body.blocks(block_type)
        for nested in blocks:
            yield from values(nested)
    for nested_block in body.block.nested("dynamic"):
        if "for_each" in nested_block.attributes:
            yield body.evaluate(nested_block.attributes["for_each"], body.bindings)


def _own_element(collection: Value, element: Value) -> tuple[Value, Value]:
    """Return the collection without its elements, since the others are other instances', and the element.

    Nor does the literal count in which the element is written: every line of the others is in it.
    """
    origins = tuple(each for each in collection.origins if not _is_written_in(each, element))
    return replace(collection, data=None, origins=origins), element


def _is_written_in(place: Range, element: Value) -> bool:
    if _LITERAL.match(place.source.text, place.start, place.end) is None:
        return False
    return any(place.contains(each) for value in element.walk() for each in value.origins)


def instances(root: ModuleInstance) -> Iterator[Instance]:
    """Yield every resource, data source and module call under a root module."""
    for module in root.walk():
        yield from module.resources()
        yield from module.calls()
