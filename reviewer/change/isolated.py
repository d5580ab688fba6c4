"""A git directory of our own that borrows another repository's objects.

Comparing, listing and searching run in it. None of the repository's configuration, hooks, attribute files in
``.git``, replacements or filter drivers exist there, so there is nothing to switch off and nothing to forget.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CONFIGURATION = """\
[core]
\trepositoryFormatVersion = {version}
\tbare = true
\tfileMode = false
\tquotePath = false
\tbigFileThreshold = 2m
{extensions}"""

_SHA256 = """\
[extensions]
\tobjectFormat = sha256
"""

# Beats every .gitattributes of the change: "*.tf -diff" would hide all lines from the review, and a filter or
# an encoding would show other lines than the file has. text and eol stay: they decide what counts as changed.
_ATTRIBUTES = "* !diff -filter -ident !working-tree-encoding\n"


def make_git_directory(place: Path, object_format: str = "sha1") -> None:
    """Make the git directory ``place``; ``object_format`` is that of the objects it will be used with."""
    sha256 = object_format == "sha256"
    for folder in ("objects", "refs", "info"):
        (place / folder).mkdir(parents=True)
    (place / "HEAD").write_text("ref: refs/heads/none\n")
    (place / "config").write_text(
        _CONFIGURATION.format(version=int(sha256), extensions=_SHA256 if sha256 else "")
    )
    (place / "info" / "attributes").write_text(_ATTRIBUTES)


def borrow_working_tree(place: Path, git_directory: Path, index: Path, exclude: Path) -> Path:
    """Copy what tells a working tree's state into ``place``; return the copied index.

    The copy keeps its time stamp, from which git tells which entries it may trust without reading the file.
    """
    own = place / "index"
    if index.exists():
        shutil.copy2(index, own)
    if exclude.exists():
        shutil.copyfile(exclude, place / "info" / "exclude")
    for part in git_directory.glob("sharedindex.*"):
        shutil.copy2(part, place / part.name)
    return own
