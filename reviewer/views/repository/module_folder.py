"""Folders of modules, and whether somebody says what they are for."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Self

from reviewer.views.declaration import declared
from reviewer.views.repository.interface import modules
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.tree import Tree
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class ModuleFolder(View):
    """A folder of Terraform code; it stands at its first block."""

    module: ModuleInstance

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the folders of the root module and of the modules it calls, each once.

        Hidden folders, such as ``.workshop``, are for tools and have no readers.
        """
        for module in modules(context):
            block = next((each for file in module.declarations.files for each in file.blocks), None)
            if block is not None and not re.search(r"(?:^|/)\.", module.folder):
                instance = declared(module, block, "module")
                yield cls(instance, module.folder or "root module", module)

    @property
    def written(self) -> str:
        """Return the folder."""
        return self.module.folder

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether a variable changed: what the folder is for may have changed with it."""
        return any(changed.meet(block.range) for block in self.module.declarations.variables.values())

    @property
    def label(self) -> str:
        """Return the folder."""
        return self.module.folder or "."

    def has_readme(self, tree: Tree) -> bool:
        """Tell whether there is a README in the folder or the one above it.

        A root module, one of several environments say, may have it further up, below the repository's own.
        """
        folder = self.module.folder
        if _has_readme(tree, folder) or (folder and _has_readme(tree, posixpath.dirname(folder))):
            return True
        while self.module.declarations.is_root and folder:
            if _has_readme(tree, folder):
                return True
            folder = posixpath.dirname(folder)
        return False


def _has_readme(tree: Tree, folder: str) -> bool:
    return any(posixpath.basename(path).lower().startswith("readme") for path in tree.files_in(folder))
