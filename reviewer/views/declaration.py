"""Blocks that are no resource or module call, and whole files, as subjects of checks."""

from __future__ import annotations

from reviewer.terraform.instance import Instance, ModuleInstance
from reviewer.terraform.syntax import Block
from reviewer.terraform.text import Range, SourceText


def declared(module: ModuleInstance, block: Block, address: str) -> Instance:
    """Return any block of a module as an instance; ``address`` is relative to the module."""
    name = block.labels[-1] if block.labels else block.type
    kind = block.labels[0] if block.labels else block.type
    return Instance(module, module.full(address), block.type, kind, name, block, module.body(block))


def whole_file(module: ModuleInstance, source: SourceText) -> Instance:
    """Return a file that is not Terraform as an instance; its header is its first line."""
    end = len(source.text)
    first = source.text.find("\n")
    whole = Range(source, 0, end)
    block = Block("file", (source.path,), whole, Range(source, 0, end if first < 0 else first), {}, ())
    return Instance(module, source.path, "file", "file", source.path, block, module.body(block))
