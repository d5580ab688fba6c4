"""What of the reviewed root modules could not be read although the change leaves it alone, or was left out.

None of it makes a review incomplete, since the change is not its cause; but it may hide findings, so the
reader is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change.diff import FileStatus
from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.engine.roots import folder_of
from reviewer.engine.variable_files import must_be_named, readers
from reviewer.escape import code
from reviewer.review import Notice
from reviewer.terraform.module import replaced_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from reviewer.change.diff import ChangedFile
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.syntax import Diagnostic

_NAMED = 3
"""So many excluded files are named; the rest is counted."""


def unread(configuration: Configuration, roots: Iterable[str], told: Collection[str]) -> Iterator[Notice]:
    """Yield a notice for each file outside of ``told`` that could not be read completely."""
    missing = {each for each in configuration.var_files if not _exists(configuration, each)}
    for path in configuration.var_files:
        if path in missing:
            yield Notice(f"{code('var-files')} names {code(path)}, and there is no such file.")
    seen = {*told, *missing}
    for each in _diagnostics(configuration, roots):
        if each.path not in seen:
            seen.add(each.path)
            what = "This unchanged file could not be read completely, so findings may be missing"
            yield Notice(f"{what}: {each.message}.", each.path, each.line)


def without_reader(files: Iterable[ChangedFile], configuration: Configuration) -> Iterator[Notice]:
    """Yield a notice for each changed file of variables of which nobody can tell what it is for."""
    for path in (each.path for each in files if each.status is not FileStatus.REMOVED):
        if not must_be_named(path, configuration) or not configuration.file(path).attributes:
            continue
        if not readers(path, configuration):
            yield Notice(
                "Nothing was reviewed with this file: Terraform reads it only where a run names it, and no "
                f"module declares most of its variables. If it is in use, name it in {code('var-files')}.",
                path,
            )


def replaced(files: Iterable[ChangedFile], configuration: Configuration) -> Iterator[Notice]:
    """Yield a notice for each changed file that OpenTofu does not read, as another takes its place."""
    for path in (each.path for each in files if each.status is not FileStatus.REMOVED):
        instead = replaced_by(path, configuration.tree.files_in(folder_of(path)))
        if instead is not None:
            yield Notice(f"Not reviewed: OpenTofu reads {code(instead)} in place of this file.", path)


def excluded(paths: Collection[str]) -> Iterator[Notice]:
    """Yield a notice that names the changed files that the configuration excludes."""
    if paths:
        named = ", ".join(code(path) for path in sorted(paths)[:_NAMED])
        rest = len(paths) - _NAMED
        more = f" and {rest} more" if rest > 0 else ""
        yield Notice(f"Not reviewed, as {code('exclude')} in the configuration says: {named}{more}.")


def _diagnostics(configuration: Configuration, roots: Iterable[str]) -> Iterator[Diagnostic]:
    for folder in roots:
        for module in configuration.root(folder).walk():
            yield from module.declarations.diagnostics
        for path in configuration.variable_files(folder):
            yield from configuration.file(path).diagnostics


def _exists(configuration: Configuration, path: str) -> bool:
    try:
        configuration.tree.blob_id(path)
    except MissingFileError:
        return False
    except UnreadableFileError:
        return True
    return True
