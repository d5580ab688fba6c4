"""Which root modules a change concerns.

A changed folder that other folders call as a local module is reviewed through its callers, with their
arguments; a folder that nobody calls is a root itself.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

from reviewer.terraform.module import CONFIGURATION_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.terraform.configuration import Configuration

RELATIVE_SOURCES = ('"./', '"../')


def folder_of(path: str) -> str:
    """Return the folder of a path; ``""`` is the repository itself."""
    return path.rpartition("/")[0]


def affected_roots(configuration: Configuration, folders: Iterable[str]) -> tuple[str, ...]:
    """Return the folders of the root modules that contain or reach one of ``folders``, sorted.

    Only files whose text holds a relative module source are read to find callers.
    """
    wanted = {folder for folder in folders if has_configuration(configuration, folder)}
    if not wanted:
        return ()
    callers = _callers(configuration)
    return tuple(sorted({root for folder in wanted for root in _top_callers(folder, callers)}))


def has_configuration(configuration: Configuration, folder: str) -> bool:
    """Tell whether a folder holds configuration at a revision."""
    return any(path.endswith(CONFIGURATION_SUFFIXES) for path in configuration.tree.files_in(folder))


def _top_callers(folder: str, callers: Mapping[str, set[str]]) -> set[str]:
    """Return the callers that nobody calls; the folder itself when it has none, or all call each other."""
    tops, seen, pending = set[str](), {folder}, [folder]
    while pending:
        current = pending.pop()
        above = callers.get(current, set()) - {current}
        if not above:
            tops.add(current)
        pending.extend(above - seen)
        seen |= above
    return tops or {folder}


def _callers(configuration: Configuration) -> Mapping[str, set[str]]:
    """Return, for each folder called as a local module, the folders that call it."""
    callers: defaultdict[str, set[str]] = defaultdict(set)
    for path in configuration.tree.containing(RELATIVE_SOURCES, CONFIGURATION_SUFFIXES):
        folder = folder_of(path)
        for block in configuration.file(path).blocks:
            source = block.attributes.get("source") if block.type == "module" else None
            if source is None:
                continue
            called = _joined(folder, source.expression.text.strip('"'))
            if called is not None:
                callers[called].add(folder)
    return callers


def _joined(folder: str, source: str) -> str | None:
    if not source.startswith(("./", "../")):
        return None
    path = posixpath.normpath(posixpath.join(folder, source))
    if path.startswith(".."):
        return None
    return "" if path == "." else path
