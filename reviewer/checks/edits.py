"""Making edits that look as if the author had written them: indentation and alignment of the block around."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.problem import Edit
from reviewer.terraform.body import BlockBody
from reviewer.terraform.meta_arguments import REPETITION
from reviewer.terraform.text import Range

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.syntax import Attribute, Block
    from reviewer.terraform.text import SourceText
    from reviewer.views.fact import Fact

_LITERAL = re.compile(r"\"[^\"$%\\]*\"|true|false|null|[\d.]+|\[[^\[\]{}()?$]*\]")
"""An expression that says its own value, so that another literal can stand in its place."""

_ENTRY = re.compile(r"(?P<indent>[ \t]*)(?P<key>[\w-]+|\"[^\"]*\")(?P<gap>[ \t]*)[=:](?P<value>.*)")
"""The first line of an entry of an object that is written over several lines."""


def replace_expression(where: Range, expression: str) -> Edit:
    """Replace a whole expression."""
    return Edit(where, expression)


def set_argument(block: Block, name: str, expression: str) -> Edit:
    """Write ``name = expression`` in a block: over the old expression, or as a new line below the header."""
    attribute = block.attributes.get(name)
    if attribute is not None:
        return Edit(attribute.expression, expression)
    aligned = _aligned(block, name) if _end_of_source(block) is None else name
    return insert_lines(block, (f"{aligned} = {expression}",))


def write(fact: Fact, expression: str) -> Edit | None:
    """Make a fact true: replace the literal that supplies it, or write the argument that is absent.

    Returns None when the value is computed or has no block of HCL to stand in: then no edit is surely right.
    """
    if fact.written:
        supplier = fact.value.supplier
        plain = supplier is not None and _LITERAL.fullmatch(supplier.text) is not None
        return Edit(supplier, expression) if supplier is not None and plain else None
    return write_in(fact.body, fact.name, expression) if fact.certain else None


def write_in(holder: Body, name: str, expression: str) -> Edit | None:
    """Write an argument that is absent: into a block, or into an object where one is written out."""
    if isinstance(holder, BlockBody):
        return None if is_json(holder.block) else set_argument(holder.block, name, expression)
    return insert_entry(holder.range, name, expression) if holder.range is not None else None


def is_json(block: Block) -> bool:
    """Tell whether a block is written in JSON, where lines of HCL cannot be inserted."""
    return block.range.path.endswith(".json")


def insert_entry(where: Range, name: str, expression: str) -> Edit | None:
    """Write ``name = expression`` as the first entry of an object, such as a module takes as its argument.

    ``where`` is the object from brace to brace. Returns None when it is not written out there, one entry a
    line or all on one line.
    """
    text, source = where.text, where.source
    is_object = text.startswith("{") and text.endswith("}") and not text[1:].lstrip().startswith("for ")
    if not is_object or where.path.endswith(".json"):
        return None
    if where.line == where.end_line:
        place, inside = Range(source, where.start + 1, where.start + 1), text[1:-1]
        return Edit(place, f" {name} = {expression}" + ("," if inside.strip() else "" if inside else " "))
    end_of_line = source.text.find("\n", where.start)
    newline = "\r\n" if source.text[end_of_line - 1] == "\r" else "\n"
    place = Range(source, end_of_line - len(newline) + 1, end_of_line - len(newline) + 1)
    if source.text[where.start + 1 : place.start].strip()[:1] not in {"", "#"}:
        return None
    return Edit(place, _entry(source, where, f"{name} = {expression}").replace("\n", newline))


def _entry(source: SourceText, where: Range, written: str) -> str:
    """Return the line of a new first entry, aligned with the next, and set apart where it is the longer."""
    following = source.line(where.line + 1)
    entry = _ENTRY.match(following)
    if entry is None:
        closing = source.line(where.end_line)
        indent = closing[: len(closing) - len(closing.lstrip())] + "  "
        return f"\n{indent}{written}"
    value = entry["value"].partition("#")[0].rstrip()
    comma = "," if value.endswith(",") else ""
    if value.endswith(("{", "[", "(")):
        return f"\n{entry['indent']}{written}{comma}"
    name, _, expression = written.partition(" = ")
    width = len(entry["key"]) + len(entry["gap"]) - 1
    gap = "" if len(name) <= width else "\n"
    return f"\n{entry['indent']}{name.ljust(width)} = {expression}{comma}{gap}"


def only_reference(instance: Instance, kind: str, attribute: str) -> str | None:
    """Return ``kind.name.attribute`` when exactly one such resource exists in the instance's module."""
    declared = instance.module.declarations.resources
    found = [address for address in declared if address.startswith(f"{kind}.")]
    if len(found) != 1 or not REPETITION.isdisjoint(declared[found[0]].attributes):
        return None
    return f"{found[0]}.{attribute}"


def insert_after(block: Block, name: str, expression: str, new: str, new_expression: str) -> tuple[Edit, ...]:
    """Write ``name = expression`` over the old one and ``new = new_expression`` on the next line, aligned.

    ``name`` is written in the block. When the longer new name widens the column of its group, every line of
    it moves.
    """
    if new in block.attributes:
        return (set_argument(block, name, expression), set_argument(block, new, new_expression))
    source = block.range.source
    group = _group_of(block, block.attributes[name])
    width = max(len(new), *(len(each.name) for each in group))
    column = block.attributes[name].range.column - 1
    indent = source.line(block.attributes[name].range.line)[:column]
    newline = "\r\n" if source.text[block.header.end : block.header.end + 2] == "\r\n" else "\n"
    added = f"{newline}{indent}{new.ljust(width)} = {new_expression}"
    edits = []
    for each in group:
        gap = Range(source, each.range.start + len(each.name), each.expression.start)
        padding = " " * (width - len(each.name))
        if gap.text != f"{padding} = ":
            edits.append(Edit(gap, f"{padding} = "))
    end_of_line = source.text.find("\n", block.attributes[name].range.end)
    place = end_of_line - (newline == "\r\n")
    edits.append(Edit(block.attributes[name].expression, expression))
    return (*edits, Edit(Range(source, place, place), added))


def rename_argument(block: Block, name: str, new: str) -> tuple[Edit, ...]:
    """Give an argument another name, and align the equals signs of its group as ``terraform fmt`` does."""
    source = block.range.source
    group = _group_of(block, block.attributes[name])
    width = max(len(new if each.name == name else each.name) for each in group)
    edits = []
    for each in group:
        written = new if each.name == name else each.name
        before = Range(source, each.range.start, each.expression.start)
        after = f"{written.ljust(width)} = "
        if before.text != after:
            edits.append(Edit(before, after))
    return tuple(edits)


def _group_of(block: Block, attribute: Attribute) -> list[Attribute]:
    """Return the arguments on the lines around one, which ``terraform fmt`` aligns together."""
    group: list[Attribute] = []
    for each in sorted(block.attributes.values(), key=lambda each: each.range.start):
        if group and (
            each.range.line != group[-1].range.line + 1 or group[-1].range.end_line != group[-1].range.line
        ):
            if attribute in group:
                break
            group = []
        group.append(each)
    return group


def insert_lines(block: Block, lines: tuple[str, ...]) -> Edit:
    """Insert lines, indented relative to the block's contents, below the block's header.

    In a module call they go below ``source`` and ``version``, which come first by convention.
    """
    source = block.range.source
    indent = _indentation(block)
    text = "".join(f"\n{indent}{line}" if line else "\n" for line in lines)
    newline = "\r\n" if source.text[block.header.end : block.header.end + 2] == "\r\n" else "\n"
    if block.range.line == block.range.end_line:
        return _opened(block, text, indent, newline)
    below = _end_of_source(block)
    if below is not None:
        text = f"\n{text}" + ("" if source.line(below + 1).strip() in {"", "}"} else "\n")
    elif _needs_gap(block, lines):
        text += "\n"
    start = block.header.end if below is None else source.line_starts[below - 1]
    end_of_line = source.text.find("\n", start)
    place = end_of_line - 1 if newline == "\r\n" else end_of_line
    return Edit(Range(source, place, place), text.replace("\n", newline))


def _end_of_source(block: Block) -> int | None:
    """Return the last of the lines on top of a module call that say which module; None without any."""
    line = block.header.line
    for attribute in sorted(block.attributes.values(), key=lambda each: each.range.start):
        if block.type != "module" or attribute.name not in {"source", "version"}:
            break
        if attribute.range.line != line + 1 or attribute.range.end_line != attribute.range.line:
            break
        line = attribute.range.line
    return line if line > block.header.line else None


def _opened(block: Block, text: str, indent: str, newline: str) -> Edit:
    """Spread a block that is written on one line over several, and insert there."""
    source = block.range.source
    inside = source.text[block.header.end : block.range.end - 1].strip()
    outer = source.line(block.range.line)
    outer = outer[: len(outer) - len(outer.lstrip())]
    body = f"\n{indent}{inside}" if inside else ""
    whole = Range(source, block.header.end, block.range.end)
    return Edit(whole, f"{text}{body}\n{outer}}}".replace("\n", newline))


def _indentation(block: Block) -> str:
    source = block.range.source
    inner = [each.range for each in block.attributes.values()] + [each.range for each in block.blocks]
    for place in inner:
        if place.line != block.range.line:
            line = source.line(place.line)
            return line[: len(line) - len(line.lstrip())]
    header = source.line(block.range.line)
    return header[: len(header) - len(header.lstrip())] + "  "


def _first_group(block: Block) -> list[str]:
    """Return the names of the arguments that directly follow the header; they are aligned together."""
    names: list[str] = []
    expected = block.header.line + 1
    for attribute in sorted(block.attributes.values(), key=lambda each: each.range.start):
        if attribute.range.line != expected:
            break
        names.append(attribute.name)
        if attribute.range.end_line != attribute.range.line:
            break
        expected += 1
    return names


def _aligned(block: Block, name: str) -> str:
    group = _first_group(block)
    width = max(map(len, group), default=0)
    return name.ljust(width) if len(name) <= width else name


def _needs_gap(block: Block, lines: tuple[str, ...]) -> bool:
    """Tell whether a blank line must follow, because what follows is not aligned with what is inserted."""
    following = (
        block.range.source.line(block.header.line + 1).strip()
        if block.header.line < block.range.end_line
        else ""
    )
    if following in {"", "}"}:
        return False
    group = _first_group(block)
    single = len(lines) == 1 and bool(group)
    return not (single and len(lines[0].partition(" =")[0].rstrip()) <= max(map(len, group)))
