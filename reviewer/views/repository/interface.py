"""Variables and outputs of a module."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.views.declaration import declared
from reviewer.views.root import ASIDE
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class Declared(Record, eq=False):
    """A variable or an output; ``kind`` is which."""

    kind: str
    name: str
    instance: Instance

    @property
    def local(self) -> str:
        """Return the address in the module itself."""
        return _address(self.kind, self.name)

    @property
    def is_described(self) -> bool:
        """Tell whether it says what it is; raises :class:`UndecidedError`."""
        return self.instance.body.attr("description").test(lambda data: bool(str(data or "").strip()))


class InterfaceFile(View):
    """The variables and outputs that one file declares."""

    members: tuple[Declared, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the files of each module of the repository, once; examples and tests are left out."""
        for module in modules(context):
            by_file: dict[str, list[Declared]] = {}
            for member in members(module):
                by_file.setdefault(posixpath.basename(member.instance.block.range.path), []).append(member)
            for name, found in by_file.items():
                yield cls(found[0].instance, module.full(f"interface of {name}"), tuple(found))

    @property
    def written(self) -> str:
        """Return the path of the file."""
        return self.instance.block.range.path

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether one of the blocks changed."""
        return any(changed.meet(each.instance.block.range) for each in self.members)

    def undocumented(self) -> tuple[Declared, ...]:
        """Return those that nobody describes."""
        return tuple(each for each in self.members if not each.is_described)


def modules(context: Context) -> Iterator[ModuleInstance]:
    """Yield each module of the root, once for each folder; examples and tests are left out."""
    seen: set[str] = set()
    for module in context.root.walk():
        if module.folder not in seen and not ASIDE.intersection(module.folder.split("/")):
            seen.add(module.folder)
            yield module


def members(module: ModuleInstance) -> Iterator[Declared]:
    """Yield the variables and outputs of a module."""
    for kind, block in _blocks(module):
        yield Declared(kind, block.labels[0], declared(module, block, _address(kind, block.labels[0])))


def _blocks(module: ModuleInstance) -> Iterator[tuple[str, Block]]:
    groups: Mapping[str, Mapping[str, Block]] = {
        "variable": module.declarations.variables,
        "output": module.declarations.outputs,
    }
    for kind, blocks in groups.items():
        yield from ((kind, block) for block in blocks.values())


def _address(kind: str, name: str) -> str:
    return f"var.{name}" if kind == "variable" else f"output.{name}"
