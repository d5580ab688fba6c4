"""Documents of the repository, by their path and their headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.views.repository_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

SUFFIXES = (".md", ".mdx", ".rst", ".adoc", ".txt")
MAX_FILES = 300
"""Documents whose headings are read."""

SHORT = 3
"""Letters up to which a word stands for itself only."""

_HEADING = re.compile(r"^(?:#{1,6}|=+)\s+(.+)$", re.MULTILINE)
_PARTS = re.compile(r"[^a-z0-9]+")


def documents_about(context: Context, *words: str) -> Iterator[str]:
    """Yield the documents that have one of the words in their path or a heading.

    A word of four letters or more stands for those that begin with it: ``recover`` finds ``recovery``.
    """
    paths = [path for path in context.tree.paths() if path.lower().endswith(SUFFIXES)]
    yield from (path for path in paths if _mentions(path, words))
    for path in paths[:MAX_FILES]:
        source = None if _mentions(path, words) else read_text(context.root, path)
        if source is not None and any(_mentions(each, words) for each in _HEADING.findall(source.text)):
            yield path


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    parts = _PARTS.split(text.lower())
    return any(
        part == word or (len(word) > SHORT and part.startswith(word)) for part in parts for word in words
    )
