"""Blocks that are no resource or module call, and whole files, as subjects of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.instance import Instance
from reviewer.terraform.syntax import Block
from reviewer.terraform.text import Range
from reviewer.views.view import View

if TYPE_CHECKING:
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import SourceText
    from reviewer.views.changed_lines import ChangedLines


class Declared(View):
    """A subject whose block may be any top-level block."""

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of the block changed, or one that supplies a value of it."""
        if self.instance.kind in _TRACKED:
            return None
        if changed.meet(self.instance.block.range):
            return True
        attributes = self.instance.block.attributes
        values = (self.instance.body.attr(name) for name in attributes)
        return any(map(changed.supply, values))


_TRACKED = frozenset({"resource", "data", "ephemeral", "module"})
"""Blocks whose changes are followed for every view alike."""


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
