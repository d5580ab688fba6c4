"""Which names of a module the change may alter: a cheap look at the text before anything is evaluated.

This only rules blocks out. Whether a block really is touched is decided by the origins of its values (see
:mod:`reviewer.engine.touched`); without this, every expression of every affected module would have to be
evaluated to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.engine.loaded import may_load
from reviewer.terraform.module import is_terraform
from reviewer.terraform.syntax import Attribute, Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range
    from reviewer.views.changed_lines import ChangedLines

_REFERENCE = re.compile(r"\b(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*")


@lru_cache(maxsize=20_000)
def references(text: str) -> frozenset[str]:
    """Return what looks like a reference in a text: ``var.x``, ``aws_vpc.main``, ``data.aws_ami.node``."""
    return frozenset(_REFERENCE.findall(text))


@dataclass(slots=True)
class Suppliers:
    """Answers for one revision; ``changed`` are its changed lines."""

    changed: ChangedLines
    _names: dict[int, frozenset[str]] = field(default_factory=dict)
    _loaded: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the changed files that are not Terraform's: the configuration may load them."""
        self._loaded = frozenset(each for each in self.changed.by_path if not is_terraform(each))

    def may_touch(self, module: ModuleInstance, block: Block) -> bool:
        """Tell whether the change may touch a block: by its lines, or through a name it uses."""
        if any(map(self.changed.meet, block.ranges)) or self._may_load(block):
            return True
        return not self.names(module).isdisjoint(_references_of(block))

    def names(self, module: ModuleInstance) -> frozenset[str]:
        """Return the names whose value may have changed in a module instance."""
        key = id(module)
        if key not in self._names:
            self._names[key] = frozenset()  # a module that calls itself ends here
            self._names[key] = self._closure(module)
        return self._names[key]

    def _closure(self, module: ModuleInstance) -> frozenset[str]:
        definitions = dict(_definitions(module))
        found = {
            f"var.{name}" for name in module.declarations.variables if self._variable_changed(module, name)
        }
        found |= {
            name
            for name, part in definitions.items()
            if any(map(self.changed.meet, _ranges_of(part))) or self._may_load(part)
        }
        found |= {
            f"module.{name}" for name in module.declarations.calls if self._called_changed(module, name)
        }
        pending = True
        while pending:
            more = {
                name
                for name, part in definitions.items()
                if name not in found and not found.isdisjoint(_references_of(part))
            }
            found |= more
            pending = bool(more)
        return frozenset(found)

    def _variable_changed(self, module: ModuleInstance, name: str) -> bool:
        if self.changed.meet(module.declarations.variables[name].range):
            return True
        if module.parent is None:
            assigned = module.assignments.get(name)
            return assigned is not None and self.changed.meet(assigned.range)
        call = module.call_block
        argument = call.attributes.get(name) if call else None
        if call is None or argument is None:
            return False
        names = self.names(module.parent)
        if self._may_load(argument):
            return True
        if self.changed.meet(argument.range) or not names.isdisjoint(_references_of(argument)):
            return True
        repeated = [each for key in ("for_each", "count") if (each := call.attributes.get(key)) is not None]
        depends = "each." in argument.expression.text or "count." in argument.expression.text
        return depends and any(
            self.changed.meet(each.range) or not names.isdisjoint(_references_of(each)) for each in repeated
        )

    def _may_load(self, part: Block | Attribute) -> bool:
        """Tell whether a part of the code may load a changed file."""
        return bool(self._loaded) and any(may_load(each.text, self._loaded) for each in _ranges_of(part))

    def _called_changed(self, module: ModuleInstance, name: str) -> bool:
        """Tell whether a line changed in the code of a called module, or of a module below it."""
        folder = module.local_source(module.declarations.calls[name])
        if folder is None:
            return False
        prefix = f"{folder}/" if folder else ""
        return any(path.startswith(prefix) for path in self.changed.by_path)


def _definitions(module: ModuleInstance) -> Iterator[tuple[str, Block | Attribute]]:
    declared = module.declarations
    yield from ((f"local.{name}", attribute) for name, attribute in declared.locals.items())
    yield from declared.resources.items()
    yield from ((f"module.{name}", block) for name, block in declared.calls.items())


def _references_of(part: Block | Attribute) -> frozenset[str]:
    return frozenset[str]().union(*(references(each.text) for each in _ranges_of(part)))


def _ranges_of(part: Block | Attribute) -> tuple[Range, ...]:
    return part.ranges if isinstance(part, Block) else (part.range,)
