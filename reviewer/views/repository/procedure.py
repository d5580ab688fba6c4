"""What a repository says about how the platform is upgraded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.repository.documents import documents_about
from reviewer.views.repository_files import read_text

if TYPE_CHECKING:
    from reviewer.views.context import Context

_DOCUMENTS = (".md", ".adoc", ".rst")
_UPGRADE = re.compile(r"upgrad", re.IGNORECASE)
_ASSIGNED = (" = {", ": {", " = [")
_ROLLBACK = re.compile(r"roll(?:ing)?[ -]?back", re.IGNORECASE)


def upgrade_document(context: Context) -> tuple[bool, bool]:
    """Tell whether there is a document on upgrades, and whether it says how to go back."""
    named = (path for path in context.tree.paths() if path.endswith(_DOCUMENTS) and _UPGRADE.search(path))
    found = rollback = False
    for path in {*named, *context.tree.containing(("upgrad", "Upgrad", "UPGRAD"), _DOCUMENTS)}:
        source = read_text(context.root, path)
        text = source.text if source is not None else ""
        headings = [line for line in text.splitlines() if line.startswith(("#", "="))]
        if _UPGRADE.search(path) or any(map(_UPGRADE.search, headings)):
            found = True
            rollback = rollback or _ROLLBACK.search(text) is not None
    return found, rollback


def has_version_matrix(context: Context) -> bool:
    """Tell whether something says which versions fit together: a document, or a map by Kubernetes version."""
    about_versions = set(documents_about(context, "version", "kubernetes", "addon", "add-on"))
    if any(each in about_versions for each in documents_about(context, "matrix", "compatib")):
        return True
    needles = [f'"{version}"{sign}' for version in table("eks_versions")["versions"] for sign in _ASSIGNED]
    return bool(context.tree.containing(needles, (*CONFIGURATION_SUFFIXES, ".tfvars", ".yaml", ".yml")))
