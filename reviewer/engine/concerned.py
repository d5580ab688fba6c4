"""What a change concerns: which of its files are reviewed, and the root modules that they belong to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewer import globs
from reviewer.engine.loaded import loading
from reviewer.engine.roots import affected_roots, folder_of, has_configuration
from reviewer.engine.variable_files import declaring, readers
from reviewer.terraform.module import CONFIGURATION_SUFFIXES, VARIABLES_SUFFIXES, is_terraform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.change.diff import ChangedFile
    from reviewer.checks.check import Check
    from reviewer.engine.settings import Settings
    from reviewer.terraform.configuration import Configuration


def is_relevant(path: str, settings: Settings, revisions: Iterable[Configuration]) -> bool:
    """Tell whether a changed file is reviewed: Terraform, what it loads, or a companion file of a check."""
    if settings.config.excludes(path):
        return False
    if is_terraform(path) or _is_companion(path, settings):
        return True
    return any(loading(path, each) for each in revisions)


def companions(checks: Iterable[Check]) -> frozenset[str]:
    """Return the patterns of the files besides Terraform that the checks look at."""
    triggers = (each for check in checks for each in check.resources)
    return frozenset(each.removeprefix("file:") for each in triggers if each.startswith("file:"))


def _is_companion(path: str, settings: Settings) -> bool:
    return any(globs.matches(pattern, path) for pattern in settings.companions)


def is_under(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies in it; the empty folder is the whole tree."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def root_pairs(
    head: Configuration, base: Configuration, files: Iterable[ChangedFile], settings: Settings
) -> list[tuple[str, str]]:
    """Return the affected root modules, each with its folder at the head and at the base.

    A folder that was renamed keeps its identity: most of its files came from the other folder.
    """
    files = list(files)
    renamed = _renamed(files)
    head_roots = affected_roots(head, _folders((each.path for each in files), head, settings))
    base_roots = affected_roots(
        base, _folders((each.old_path for each in files if each.old_path), base, settings)
    )
    pairs = {root: root if has_configuration(base, root) else renamed.get(root, root) for root in head_roots}
    seen = set(pairs.values())
    return sorted({**{root: root for root in base_roots if root not in seen}, **pairs}.items())


def _renamed(files: Iterable[ChangedFile]) -> dict[str, str]:
    """Return for each folder the one that most of its files came from.

    A single file proves little: git pairs files that are alike across folders, such as empty ones.
    """
    sources: dict[str, Counter[str]] = {}
    for each in files:
        if each.old_path:
            sources.setdefault(folder_of(each.path), Counter())[folder_of(each.old_path)] += 1
    return {folder: counts.most_common(1)[0][0] for folder, counts in sources.items()}


def _folders(paths: Iterable[str], configuration: Configuration, settings: Settings) -> set[str]:
    """Return the folders a changed file concerns.

    They are its own, those that take a variable from it or load it, or those of the roots that a companion
    file is for.
    """
    folders: set[str] = set()
    for path in paths:
        if path in configuration.var_files:
            folders |= declaring(path, configuration)
        elif path.endswith(VARIABLES_SUFFIXES):
            folders |= readers(path, configuration)
        if is_terraform(path):
            folders.add(folder_of(path))
            continue
        folders |= loading(path, configuration)
        if _is_companion(path, settings):
            folders |= _roots_near(path, configuration)
    return folders


def _roots_near(path: str, configuration: Configuration) -> set[str]:
    """Return the candidates below a file's folder, or else below the nearest folder above it."""
    folders, with_providers = configuration.derived(_candidates, configuration)
    above = "" if path.startswith(".") else folder_of(path)
    while True:
        found = {each for each in folders if is_under(each, above)}
        if found or not above:
            return {above} if not with_providers and above in found else found
        above = folder_of(above)


def _candidates(configuration: Configuration) -> tuple[frozenset[str], bool]:
    """Return the folders with providers, and whether there are any.

    Where no file has a provider, as in a repository of modules, any configuration will do: a key that is
    committed beside it must be found.
    """
    tree = configuration.tree
    providers = tree.containing(('provider "aws"',), CONFIGURATION_SUFFIXES)
    files = providers or [each for each in tree.paths() if each.endswith(CONFIGURATION_SUFFIXES)]
    return frozenset(map(folder_of, files)), bool(providers)
