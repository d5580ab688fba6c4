"""Where a result may be: tools name files as they saw them, on other machines and from other folders."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"[A-Za-z]:(?=/)")


def candidates(*names: str, folder: str = "") -> tuple[str, ...]:
    """Return the paths that the given names may stand for, the likeliest first; never one outside the tree.

    A relative name is relative to the root of the repository, else to ``folder``, which holds the results.
    Of an absolute one the longest end comes first: ``/builds/a/infra/eks.tf`` may be ``infra/eks.tf`` here.
    """
    found: dict[str, None] = {}
    for name in names:
        for path in _readings(name, folder):
            found.setdefault(path)
    return tuple(found)


def of_uri(uri: str) -> str:
    """Return the path in an artifact's URI; empty for what is no file."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"}:
        return ""
    return unquote(parts.path)


def _readings(name: str, folder: str) -> list[str]:
    path = _DRIVE.sub("", name.replace("\\", "/"))
    if "\0" in path:
        return []
    if path.startswith("/"):
        parts = [each for each in posixpath.normpath(path).split("/") if each]
        return ["/".join(parts[index:]) for index in range(len(parts))]
    both = (posixpath.normpath(path), posixpath.normpath(posixpath.join(folder, path)))
    return [each for each in both if each != "." and not each.startswith("../") and each != ".."]
