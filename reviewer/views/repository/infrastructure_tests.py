"""Automated tests of Terraform code: where they are, and which module they are about."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Self

from reviewer.views.declaration import declared
from reviewer.views.repository.pipeline import automation
from reviewer.views.root import ASIDE
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

TEST_SUFFIXES = (".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json")
_GO, _PYTHON = ("_test.go",), (".py",)
_SCRIPTS = (".sh", ".bash", ".bats", "Makefile")
_TESTS = frozenset({"test", "tests"})
_KITCHEN = (".kitchen.yml", "kitchen.yml")
MAX_UNTESTED_RESOURCES = 2
"""A module with no more resources than that needs no test of its own."""


def infrastructure_tests(context: Context) -> tuple[str, ...]:
    """Return the paths of tests of infrastructure, whichever tool runs them."""
    tree = context.tree
    return (
        *(path for path in tree.paths() if path.endswith(TEST_SUFFIXES)),
        *tree.containing(("terratest",), _GO),
        *tree.containing(("import tftest", "from tftest", "pytest_terraform"), _PYTHON),
        *(path for path in tree.containing(("terraform",), _KITCHEN)),
    )


def homemade_test(context: Context) -> str | None:
    """Return a script in a folder of tests that runs Terraform; None without any."""
    scripts = context.tree.containing(("terraform ", "tofu "), _SCRIPTS)
    return next((path for path in scripts if _TESTS.intersection(path.split("/")[:-1])), None)


class LocalModule(View):
    """A module of the repository that other folders call."""

    module: ModuleInstance

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield each module that the root calls, once; it stands at its first block."""
        seen = {context.root.folder}
        for module in context.root.walk():
            block = next((each for file in module.declarations.files for each in file.blocks), None)
            if module.folder in seen or block is None or not module.declarations.variables:
                continue
            seen.add(module.folder)
            if not module.declarations.is_root and not ASIDE.intersection(module.folder.split("/")):
                instance = declared(module, block, "module")
                yield cls(instance, module.folder or "the module at the top", module)

    @property
    def written(self) -> str:
        """Return the folder."""
        return self.module.folder

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether a file of the module changed."""
        return any(posixpath.dirname(path) == self.module.folder for path in changed.by_path)

    @property
    def is_small(self) -> bool:
        """Tell whether the module makes so little that a test would repeat it."""
        declared_ = self.module.declarations
        made = [name for name in declared_.resources if not name.startswith(("data.", "ephemeral."))]
        return len(made) + len(declared_.calls) <= MAX_UNTESTED_RESOURCES

    def is_tested(self, context: Context) -> bool:
        """Tell whether there is a test in the module's folder, or one elsewhere that names it."""
        folder, tree = self.module.folder, context.tree
        if not folder:
            return self._is_tested_at_the_top(context)
        inside = [path for path in tree.paths() if path.startswith(f"{folder}/")]
        if any(path.endswith((*TEST_SUFFIXES, *_GO)) or "/tests/" in path for path in inside):
            return True
        names = (f"{folder}", f'/{posixpath.basename(folder)}"')
        if tree.containing(names, (*TEST_SUFFIXES, *_GO, *_PYTHON, *_KITCHEN)):
            return True
        has_examples = any(path.startswith(f"{folder}/examples/") for path in inside)
        return has_examples and automation(context).runs("plan")

    def _is_tested_at_the_top(self, context: Context) -> bool:
        """Tell whether tests outside of the folders of other modules, which name none, are there."""
        paths = context.tree.paths()
        tests = (*infrastructure_tests(context), *(path for path in paths if path.startswith("tests/")))
        if any(not path.startswith("modules/") for path in tests):
            return True
        return any(path.startswith("examples/") for path in paths) and automation(context).runs("plan")
