"""What is written into variables: their defaults, and the assignments of variable files."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from typing import TYPE_CHECKING, Self

from reviewer.terraform.instance import Instance
from reviewer.terraform.module import CONFIGURATION_SUFFIXES, VARIABLES_SUFFIXES
from reviewer.terraform.syntax import Attribute, Block
from reviewer.views.declaration import declared
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.tree import Tree
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class InputValue(View):
    """``at`` is the whole assignment or default of the variable ``name``, ``attribute`` which of the two."""

    name: str
    value: Value
    attribute: str
    at: Range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the assignment itself is changed: whoever uses the variable does not matter."""
        return changed.meet(self.at)

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield all defaults and assignments, those of files that need ``-var-file`` included.

        A run that names such a file adds none: each would look at all of them again.
        """
        if context.root.folder in context.configuration.named:
            return
        modules = {each.folder: each for each in reversed(tuple(context.root.walk()))}
        for module in modules.values():
            for name, block in module.declarations.variables.items():
                default = block.attributes.get("default")
                if default is not None:
                    instance = declared(module, block, f"var.{name}")
                    value = module.value_of(default)
                    yield cls(instance, instance.address, name, value, "default", default.range)
            for path in variable_files(context.tree, module.folder):
                for assignment in context.configuration.file(path).attributes.values():
                    yield cls._assigned(module, assignment)

    @classmethod
    def _assigned(cls, module: ModuleInstance, assignment: Attribute) -> Self:
        name, at = assignment.name, assignment.range
        block = Block("assignment", (name,), at, at, {}, ())
        address = module.full(f"var.{name}")
        instance = Instance(module, address, "assignment", "assignment", name, block, module.body(block))
        return cls(instance, address, name, module.value_of(assignment), at.path, at)


def variable_files(tree: Tree, folder: str) -> Iterator[str]:
    """Yield the variable files in a module's folder and those below that belong to no other module."""
    paths = tree.paths()
    prefix = f"{folder}/" if folder else ""
    for index in range(bisect_left(paths, prefix), len(paths)):
        path = paths[index]
        if not path.startswith(prefix):
            return
        if path.endswith(VARIABLES_SUFFIXES) and _module_of(tree, path) == folder:
            yield path


def _module_of(tree: Tree, path: str) -> str:
    """Return the nearest folder at or above a file that holds configuration."""
    folder = posixpath.dirname(path)
    while folder and not any(each.endswith(CONFIGURATION_SUFFIXES) for each in tree.files_in(folder)):
        folder = posixpath.dirname(folder)
    return folder
