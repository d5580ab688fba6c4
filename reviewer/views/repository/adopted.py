"""Modules that were there before a change, and that a root module calls only since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.tree import UnreadableFileError
from reviewer.terraform.module import CONFIGURATION_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.change.tree import Tree
    from reviewer.views.context import Context


def is_adopted(folder: str, context: Context) -> bool:
    """Tell whether the root module calls ``folder`` since the change, and its code is as it was.

    What such a module lacks, it lacked before: who uses it has not brought that about.
    """
    if context.base is None or folder in {module.folder for module in context.base.root.walk()}:
        return False
    try:
        before = _code(context.base.tree, folder)
        return bool(before) and before == _code(context.tree, folder)
    except UnreadableFileError:
        return False


def _code(tree: Tree, folder: str) -> Mapping[str, str]:
    paths = (path for path in tree.files_in(folder) if path.endswith(CONFIGURATION_SUFFIXES))
    return {path: tree.blob_id(path) for path in paths}
