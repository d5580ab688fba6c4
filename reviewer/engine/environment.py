"""Whether a root module is for production: some advice is not worth its cost elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.views.root import is_aside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.terraform.module_instance import ModuleInstance

_NAMES = ("environment", "env", "stage")


def is_production(root: ModuleInstance, words: Iterable[str]) -> bool:
    """Tell whether a root is production-like: no path, var file or environment value says otherwise.

    ``words`` name the other environments; ``pr-*`` is a prefix. An example or a test is never production.
    """
    if is_aside(root.folder):
        return False
    patterns = [re.compile(re.escape(word).replace(r"\*", ".*"), re.IGNORECASE) for word in words]
    return not any(pattern.fullmatch(name) for name in _environment_names(root) for pattern in patterns)


def _environment_names(root: ModuleInstance) -> set[str]:
    names = set(root.folder.split("/"))
    for path in root.configuration.variable_files(root.folder):
        *folders, file = path.split("/")
        names.update(folders, (file.split(".")[0],))
    for name in _NAMES:
        for declared, value in (
            (root.declarations.variables, root.variable),
            (root.declarations.locals, root.local),
        ):
            if name in declared:
                known = value(name).data
                names.add(known if isinstance(known, str) else "")
    return {part for name in names for part in (name, *re.split(r"[-_.]", name)) if part}
