"""Files that hold credentials or the whole state and must not be in a repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.globs import is_like
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.text import SourceText
from reviewer.views.declaration import whole_file
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.tree import Tree
    from reviewer.views.context import Context

STATE = ("*.tfstate", "*.tfstate.*")
PLAN = ("*.tfplan",)
KEYS = ("*.pem", "*.key")
CLUSTER = ("kubeconfig*", "*.kubeconfig")
LOG = ("crash.log", "crash.*.log")
_CREDENTIALS = re.compile(rb"\b(?:client-key-data|token|password):[ \t]*[\"']?(?![\s\"'$<{])\S")
"""Not the places where a template or a script fills them in: ``token: ${token}``."""
_PRIVATE = b"PRIVATE KEY-----"
_FOLDER = ".terraform/"
_TEMPLATES = (*CONFIGURATION_SUFFIXES, ".tpl", ".tftpl", ".md", ".sh")


class SensitiveFile(View):
    """``what`` the file holds, for people; None for harmless ones. A ``.terraform`` folder is one."""

    what: str | None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every file of the repository that may be one by its name."""
        for path, what in context.configuration.derived(_candidates, context.tree):
            head = SourceText(path, _head(path, context.tree))
            yield cls(whole_file(context.root, head), path, what)


def _candidates(tree: Tree) -> tuple[tuple[str, str | None], ...]:
    """Return the files that may be one by their names, and what each holds; the same for all root modules."""
    folders: set[str] = set()
    found: list[tuple[str, str | None]] = []
    for path in tree.paths():
        folder, is_inside, _ = path.partition(_FOLDER)
        if is_inside and (not folder or folder.endswith("/")):
            if folder not in folders:
                found.append((path, "providers, modules and a copy of the backend's settings"))
            folders.add(folder)
        elif _is_candidate(path):
            found.append((path, _content(path, tree)))
    return tuple(found)


def _is_candidate(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return _matches(name, (*STATE, *PLAN, *KEYS, *CLUSTER, *LOG)) and not name.endswith(_TEMPLATES)


def _content(path: str, tree: Tree) -> str | None:
    name = path.rpartition("/")[2].lower()
    if _matches(name, STATE):
        return "the full state, with every secret in it"
    if _matches(name, PLAN):
        return "a plan, with every secret in it"
    if _matches(name, LOG):
        return "a crash log, with the values Terraform worked on"
    if _matches(name, KEYS):
        return "a private key" if _PRIVATE in _read(path, tree) else None
    if _matches(name, CLUSTER):
        return "credentials of a cluster" if _CREDENTIALS.search(_read(path, tree)) else None
    return None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(is_like(name, pattern) for pattern in patterns)


def _read(path: str, tree: Tree) -> bytes:
    try:
        return tree.read(path)
    except (MissingFileError, UnreadableFileError):
        return b""


def _head(path: str, tree: Tree) -> str:
    """Return the first line as text: where a comment stands. The rest is never needed."""
    return _read(path, tree)[:200].decode("utf-8", "replace").split("\n")[0]
