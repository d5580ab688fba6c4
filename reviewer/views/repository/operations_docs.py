"""Documents for those who operate the platform: pictures of the architecture, and runbooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.views.context import Context

_DIAGRAMS = re.compile(
    r"(?:^|/)(?:docs?|documentation|diagrams?|architecture|images?|assets)/.*\.(?:png|svg|jpe?g|gif|webp)$"
    r"|\.(?:drawio|d2|puml|plantuml|mmd|excalidraw|dot|vsdx)$|\.drawio\.(?:png|svg)$"
    r"|(?:^|/)(?:architecture|diagram)[\w-]*\.(?:png|svg|jpe?g|pdf)$",
    re.IGNORECASE,
)
_IN_TEXT = ("```mermaid", "```plantuml", "```d2", "@startuml")
_RUNBOOKS = re.compile(
    r"(?:^|/)(?:run-?books?|playbooks?|operations?|ops|sop)(?:/.*|[\w-]*)\.(?:md|rst|adoc|txt)$",
    re.IGNORECASE,
)


def has_diagram(context: Context) -> bool:
    """Tell whether the repository holds a picture of the architecture, as a file or inside a document."""
    tree = context.tree
    if any(_DIAGRAMS.search(path) for path in tree.paths()):
        return True
    return bool(tree.containing(_IN_TEXT, (".md", ".adoc", ".rst")))


def has_runbook(context: Context) -> bool:
    """Tell whether the repository holds a runbook."""
    return any(_RUNBOOKS.search(path) for path in context.tree.paths())
