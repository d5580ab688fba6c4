"""The results of other tools that earlier steps of the job left in the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.errors import UsageError
from reviewer.imported.load import load
from reviewer.imported.result import InvalidResultsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from reviewer.imported.result import Results

MAX_FILES = 100
"""A glob that matches more was not meant so."""


def read_imports(workspace: Path, patterns: Iterable[str]) -> tuple[Results, ...]:
    """Return the results in the files that ``patterns`` name, each file once.

    Raises :class:`UsageError` for a pattern that matches nothing, a file outside of the workspace, and a file
    that holds no results: a gate that silently saw nothing would be worse.
    """
    root = workspace.resolve()
    files: dict[Path, None] = {}
    for pattern in patterns:
        found = _matching(root, pattern)
        if not found:
            raise UsageError(f"Input `import-sarif`: no file in the workspace matches {pattern!r}.")
        files.update(dict.fromkeys(found))
    if len(files) > MAX_FILES:
        raise UsageError(f"Input `import-sarif` matches {len(files)} files; {MAX_FILES} are read at most.")
    return tuple(_read(root, each) for each in files)


def _matching(root: Path, pattern: str) -> list[Path]:
    if pattern.startswith(("/", "\\")) or ".." in pattern.replace("\\", "/").split("/"):
        message = f"Input `import-sarif` is {pattern!r}; expected a path or glob inside the workspace."
        raise UsageError(message)
    found = sorted(each for each in root.glob(pattern) if each.is_file())
    for each in found:
        if not each.resolve().is_relative_to(root):
            name = each.relative_to(root)
            raise UsageError(f"Input `import-sarif`: {str(name)!r} leads out of the workspace.")
    return found


def _read(root: Path, file: Path) -> Results:
    inside = file.relative_to(root)
    folder = inside.parent.as_posix()
    try:
        return load(file, inside.as_posix(), "" if folder == "." else folder)
    except InvalidResultsError as error:
        raise UsageError(f"Input `import-sarif`: {error}") from None
