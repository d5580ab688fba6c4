"""Whether something is installed anywhere in the repository, however it is declared.

An answer is certain or it is none: what may or may not be there raises ``UndecidedError``.
"""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError
from reviewer.views.component.component_in_files import in_files
from reviewer.views.component.component_in_terraform import in_module
from reviewer.views.component.other_installer import other_installer
from reviewer.views.component.signature import Signature, signature
from reviewer.views.kubernetes.kubernetes_object import kubernetes_objects
from reviewer.views.repository_files import YAML_SUFFIXES
from reviewer.views.root import ASIDE, is_aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.component.evidence import Evidence
    from reviewer.views.context import Context

MAX_FOLDERS = 40
"""Other folders of Terraform that are read to find a component."""

_NOT_HERE = ASIDE | {".terraform"}
"""Folders whose code shows something, or is downloaded: what it installs is not installed here."""
_APPLICATIONS = tuple(
    f"kind: {kind}"
    for kind in ("Application", "ApplicationSet", "HelmRelease", "Kustomization", "Deployment", "StatefulSet")
)
PLACES = "Helm releases, EKS add-ons, modules, manifests, Argo CD and Flux objects of this repository"
"""Where it was looked, for messages."""


class _Answer(Record):
    evidence: Evidence | None = None
    reason: str | None = None


def find_component(context: Context, name: str) -> Evidence | None:
    """Return what shows that a component of ``data/components.yaml`` is installed; None when nothing does.

    Raises :class:`UndecidedError` when it may be: a value is unknown, something hints at it, or add-ons are
    managed by GitOps from another repository.
    """
    evidence = find_here(context, name)
    if evidence is None and name != "gitops":
        require_no_other_owner(context)
    return evidence


def require_no_other_owner(context: Context) -> None:
    """Raise :class:`UndecidedError` when what runs on the cluster may be managed elsewhere.

    That is in another repository, or nowhere: an example need not be a whole platform.
    """
    reason = context.configuration.derived(_other_owner, context)
    if reason is not None:
        raise UndecidedError(reason)


def find_here(context: Context, name: str) -> Evidence | None:
    """Return what :func:`find_component` does, without regard to who else may install things."""
    return _decided(context.configuration.derived(_search, context.root, _wanted(context, name)))


def find_in_root(context: Context, name: str) -> Evidence | None:
    """Return what :func:`find_here` does, looking only at the root module and the modules that it calls."""
    return _decided(context.configuration.derived(_search_root, context.root, _wanted(context, name)))


def title(name: str) -> str:
    """Return what a component is called in a message."""
    return signature(name).title


def _decided(answer: _Answer) -> Evidence | None:
    if answer.evidence is None and answer.reason is not None:
        raise UndecidedError(answer.reason)
    return answer.evidence


def _wanted(context: Context, name: str) -> Signature:
    return signature(name, context.config.components)


def _search(root: ModuleInstance, wanted: Signature) -> _Answer:
    return _answer(_evidence(root, wanted))


def _search_root(root: ModuleInstance, wanted: Signature) -> _Answer:
    return _answer(_in_root(root, wanted))


def _answer(evidence: Iterable[Evidence]) -> _Answer:
    """Return the first certain evidence, else why there may be some."""
    reason = None
    for each in evidence:
        if each.is_certain:
            return _Answer(each)
        reason = reason or each.what
    return _Answer(reason=reason)


def _in_root(root: ModuleInstance, wanted: Signature) -> Iterator[Evidence]:
    for module in root.walk():
        yield from in_module(module, wanted)


def _evidence(root: ModuleInstance, wanted: Signature) -> Iterator[Evidence]:
    """Yield all evidence, the cheapest to find first."""
    yield from _in_root(root, wanted)
    walked = {module.folder for module in root.walk()}
    for module in _other_modules(root, wanted, walked):
        yield from module.configuration.derived(_in_other, module, wanted)
    yield from in_files(root, wanted)


def _in_other(module: ModuleInstance, wanted: Signature) -> tuple[Evidence, ...]:
    """Return the evidence in a module that is not under review, up to what is certain."""
    found: list[Evidence] = []
    for each in in_module(module, wanted):
        found.append(each)
        if each.is_certain:
            break
    return tuple(found)


def _other_modules(root: ModuleInstance, wanted: Signature, walked: set[str]) -> Iterator[ModuleInstance]:
    """Yield the other folders of the repository whose code mentions the component."""
    paths = root.configuration.tree.containing(wanted.needles(), CONFIGURATION_SUFFIXES)
    folders = dict.fromkeys(path.rpartition("/")[0] for path in paths)
    read = [each for each in folders if each not in walked and not _NOT_HERE.intersection(each.split("/"))]
    return (root.configuration.root(each) for each in read[:MAX_FOLDERS])


def _other_owner(context: Context) -> str | None:
    """Return why add-ons may be managed elsewhere; None when nothing says so."""
    if is_aside(context.root.folder):
        return "an example or a test shows one thing, and not all that its cluster runs"
    answer = _search(context.root, signature("gitops", context.config.components))
    if answer.evidence is None:
        return answer.reason or other_installer(context)
    tree = context.tree
    paths = tree.containing(_APPLICATIONS, YAML_SUFFIXES)
    if all(_NOT_HERE.intersection(path.split("/")) for path in paths) or _points_elsewhere(context):
        return "a GitOps controller is installed, and add-ons are managed in another repository"
    return None


def _points_elsewhere(context: Context) -> bool:
    """Tell whether an Argo CD application takes its manifests from a folder that is not here."""
    paths = context.tree.paths()
    for each in kubernetes_objects(context, "Application"):
        source = each.root.part("spec", "source")
        folder = source.attr("path").data if source is not None and not source.has("chart") else None
        if isinstance(folder, str) and "{{" not in folder and folder not in {"", "."}:
            prefix = folder.removeprefix("./").rstrip("/")
            if not any(path.startswith(f"{prefix}/") for path in paths):
                return True
    return False


def files_named(context: Context, *patterns: str) -> tuple[str, ...]:
    """Return the paths whose file name matches one of the patterns."""
    expression = re.compile("|".join(map(translate, patterns)))
    return tuple(path for path in context.tree.paths() if expression.match(path.rpartition("/")[2]))
