"""Making edits that look as if the author had written them: indentation and alignment of the block around."""

from __future__ import annotations

from reviewer.checks.problem import Edit
from reviewer.terraform.syntax import Block
from reviewer.terraform.text import Range


def replace_expression(where: Range, expression: str) -> Edit:
    """Replace a whole expression."""
    return Edit(where, expression)


def set_argument(block: Block, name: str, expression: str) -> Edit:
    """Write ``name = expression`` in a block: over the old expression, or as a new line below the header."""
    attribute = block.attributes.get(name)
    if attribute is not None:
        return Edit(attribute.expression, expression)
    return insert_lines(block, (f"{_aligned(block, name)} = {expression}",))


def insert_lines(block: Block, lines: tuple[str, ...]) -> Edit:
    """Insert lines, indented relative to the block's contents, below the block's header."""
    source = block.range.source
    indent = _indentation(block)
    text = "".join(f"\n{indent}{line}" if line else "\n" for line in lines)
    newline = "\r\n" if source.text[block.header.end : block.header.end + 2] == "\r\n" else "\n"
    if block.range.line == block.range.end_line:
        return _opened(block, text, indent, newline)
    if _needs_gap(block, lines):
        text += "\n"
    end_of_line = source.text.find("\n", block.header.end)
    place = end_of_line - 1 if newline == "\r\n" else end_of_line
    return Edit(Range(source, place, place), text.replace("\n", newline))


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
    """Return the names of the arguments that directly follow the header, which ``terraform fmt`` aligns together."""
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
    following = block.range.source.line(block.header.line + 1).strip() if block.header.line < block.range.end_line else ""
    if following in {"", "}"}:
        return False
    group = _first_group(block)
    single = len(lines) == 1 and bool(group)
    return not (single and len(lines[0].partition(" =")[0].rstrip()) <= max(map(len, group)))
