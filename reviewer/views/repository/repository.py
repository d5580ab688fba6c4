"""The repository as a subject: what holds for all of its Terraform code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.module import CONFIGURATION_SUFFIXES, is_terraform
from reviewer.views.declaration import whole_file
from reviewer.views.repository_files import read_text
from reviewer.views.root import ASIDE
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.tree import Tree
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

PROVIDERS = ('provider "', "backend ")
_PROSE = (".md", ".rst", ".txt")


class Repository(View):
    """All Terraform code of the repository; it stands at the first file of the first root module.

    The place is the same whichever root module is looked at, so that what is missing is said once. A new root
    module in a repository that lacked it before brings nothing new.
    """

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the repository when it holds any Terraform code."""
        path = context.configuration.derived(_first_file, context.tree)
        source = read_text(context.root, path) if path is not None else None
        if source is not None:
            yield cls(whole_file(context.root, source), "repository")

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether a file changed that runs or configures tools."""
        return any(not is_terraform(path) and not path.endswith(_PROSE) for path in changed.by_path)


def _first_file(tree: Tree) -> str | None:
    """Return the file nearest to the top that configures a provider or a backend, else any other."""
    for paths in (tree.containing(PROVIDERS, CONFIGURATION_SUFFIXES), tree.paths()):
        found = [each for each in paths if each.endswith(CONFIGURATION_SUFFIXES)]
        real = [each for each in found if not ASIDE.intersection(each.split("/"))]
        if real or found:
            return min(real or found, key=lambda each: (each.count("/"), each))
    return None
