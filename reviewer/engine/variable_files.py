"""Variable files that Terraform reads only where a run names them, such as ``envs/prod.tfvars``.

Each stands for one environment, so the root modules that it is for are reviewed with it, apart from others.
One that is called ``common.tfvars`` stands for none: a run names it before one of those beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.engine.roots import folder_of, has_configuration
from reviewer.terraform.module import CONFIGURATION_SUFFIXES, VARIABLES_SUFFIXES
from reviewer.views.root import ASIDE

if TYPE_CHECKING:
    from reviewer.terraform.configuration import Configuration

_COMMON = ("common.tfvars", "common.tfvars.json")
_PATTERNS = frozenset({"example", "examples", "sample", "template"})


def must_be_named(path: str, configuration: Configuration) -> bool:
    """Tell whether a file is one of variables, and neither Terraform nor ``var-files`` reads it by itself."""
    folder = folder_of(path)
    if not path.endswith(VARIABLES_SUFFIXES) or path in configuration.var_files or _is_pattern(path):
        return False
    return not has_configuration(configuration, folder) or path not in configuration.variable_files(folder)


def _is_pattern(path: str) -> bool:
    """Tell whether a file is there to be copied or for tests: no platform is run with what it says."""
    *folders, file = path.lower().split("/")
    words = re.split(r"[-_.]", file.partition(".tfvars")[0])
    return not (_PATTERNS.isdisjoint(words) and ASIDE.isdisjoint(folders))


def with_common(path: str, configuration: Configuration) -> tuple[str, ...]:
    """Return the files that a run with one names: what is common to those beside it, then itself."""
    beside = configuration.tree.files_in(folder_of(path))
    common = (each for each in beside if _is_common(each) and must_be_named(each, configuration))
    return (path,) if _is_common(path) else (*common, path)


def sharing(path: str, root: str, configuration: Configuration) -> tuple[str, ...]:
    """Return the environments of a root module that share a file; none for one that stands for itself."""
    beside = configuration.tree.files_in(folder_of(path)) if _is_common(path) else ()
    others = (each for each in beside if must_be_named(each, configuration) and not _is_common(each))
    return tuple(each for each in others if root in readers(each, configuration))


def _is_common(path: str) -> bool:
    return path.rpartition("/")[2] in _COMMON


def readers(path: str, configuration: Configuration) -> frozenset[str]:
    """Return the folders of the modules that a variable file is for; none when that cannot be told.

    That is the module whose folder it lies in or below, when that declares one of its variables; else those
    that declare most of them, nearest to the file. A variable that is gone keeps its value for a while:
    Terraform only warns.
    """
    return configuration.derived(_readers, path, configuration)


def _readers(path: str, configuration: Configuration) -> frozenset[str]:
    names = configuration.file(path).attributes.keys()
    home = _home(path, configuration)
    if home is not None and not names.isdisjoint(configuration.declarations(home).variables):
        return frozenset({home})
    known = {each: len(names & _variables(each, configuration)) for each in declaring(path, configuration)}
    most = max(known.values(), default=0)
    takers = {each for each, count in known.items() if count == most and 2 * count > len(names)}
    above = folder_of(path)
    while takers:
        prefix = f"{above}/" if above else ""
        near = frozenset(each for each in takers if each == above or each.startswith(prefix))
        if near:
            return near
        above = folder_of(above)
    return frozenset()


def declaring(path: str, configuration: Configuration) -> frozenset[str]:
    """Return the folders that declare a variable which a file assigns, wherever they are."""
    names = configuration.file(path).attributes.keys()
    files = configuration.tree.containing([f'"{name}"' for name in names], CONFIGURATION_SUFFIXES)
    folders = set(map(folder_of, files))
    return frozenset(each for each in folders if not names.isdisjoint(_variables(each, configuration)))


def _variables(folder: str, configuration: Configuration) -> frozenset[str]:
    return frozenset(configuration.declarations(folder).variables)


def _home(path: str, configuration: Configuration) -> str | None:
    """Return the nearest folder with configuration at or above a file."""
    folder = folder_of(path)
    while not has_configuration(configuration, folder):
        if not folder:
            return None
        folder = folder_of(folder)
    return folder
