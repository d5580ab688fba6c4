"""Where a result may be: tools name files as they saw them, on other machines and from other folders."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

_DOWNLOADED = ".terraform"
_UPWARDS = re.compile(r"(?:\.\./)+")
_DRIVE = re.compile(r"(?<![A-Za-z])[A-Za-z]:(?=/)")


def candidates(*names: str, folder: str = "") -> tuple[str, ...]:
    """Return the paths that the given names may stand for, the likeliest first; never one outside the tree.

    A relative name is relative to the root of the repository, else to ``folder``, which holds the results.
    Of an absolute one the longest end comes first: ``/builds/a/infra/eks.tf`` may be ``infra/eks.tf`` here. A
    file of a downloaded module is none of ours, even where one has the same name.
    """
    found: dict[str, None] = {}
    for name in names:
        for path in _readings(name, folder):
            found.setdefault(path)
    return tuple(found)


def below(base: str, name: str) -> tuple[str, ...]:
    """Return what a name below an absolute folder may stand for: some end of the folder, and the name.

    No end of the name alone: ``vpc/main.tf`` below the root of a repository is not its ``main.tf``.
    """
    parts = [each for each in posixpath.normpath(base).split("/") if each]
    return tuple("/".join((*parts[index:], name)) for index in range(len(parts) + 1))


def of_uri(uri: str) -> str:
    """Return the path in an artifact's URI; empty for what is no file."""
    parts = urlsplit(uri)
    if parts.scheme not in {"", "file"}:
        return ""
    return unquote(parts.path)


def _readings(name: str, folder: str) -> list[str]:
    path = _DRIVE.sub("", name.replace("\\", "/"))
    if not path or "\0" in path:
        return []
    if path.startswith("/"):
        parts = [each for each in posixpath.normpath(path).split("/") if each]
        last = parts.index(_DOWNLOADED) + 1 if _DOWNLOADED in parts else len(parts)
        return ["/".join(parts[index:]) for index in range(last)]
    plain = posixpath.normpath(path)
    found = [plain, posixpath.normpath(posixpath.join(folder, plain))]
    if plain.startswith("../"):
        # The tool ran in a folder that nobody named, and the way up most likely ends at the root.
        found.append(_UPWARDS.sub("", plain))
    return [each for each in found if each != "." and not each.startswith("../") and each != ".."]
