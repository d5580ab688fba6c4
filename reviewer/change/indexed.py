"""What all trees of files do alike: listing, reading and searching once, over an index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from reviewer.change.index import Entry, Index
from reviewer.change.search import Foreseen, Found
from reviewer.change.tree import MissingFileError, UnreadableFileError, contains_any, encoded, has_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

_FEW_FILES = 64  # reading and searching so many here takes less time than starting a process for it
_KEPT_BYTES = 65_536  # a larger file is read again for the next search


class IndexedTree(ABC):
    """What the trees have in common. A subclass lists entries, reads one and searches; all of it lazily."""

    _twin: tuple[IndexedTree, frozenset[str]] | None = None
    _foresee: Callable[[], Foreseen] = Foreseen

    @property
    @abstractmethod
    def revision(self) -> str | None:
        """Return the commit SHA; None for a working tree or a directory."""

    @abstractmethod
    def _entries(self) -> Iterable[tuple[str, Entry]]:
        """List the tree."""

    @abstractmethod
    def _read_link(self, entry: Entry) -> str:
        """Return the text of a symbolic link."""

    @abstractmethod
    def _read_file(self, path: str, entry: Entry) -> bytes:
        """Return the content of a regular file; ``path`` is what the errors name."""

    @abstractmethod
    def _id_of(self, path: str, entry: Entry) -> str:
        """Return the blob id of a regular file."""

    @abstractmethod
    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        """Return regular files that contain one of the strings; the caller adds symbolic links."""

    @cached_property
    def _index(self) -> Index:
        return Index(self._entries(), self._read_link)

    def paths(self) -> Sequence[str]:
        """Return every regular file, and every symbolic link to one inside the tree, sorted."""
        return self._index.paths

    def files_in(self, folder: str) -> Sequence[str]:
        """Return the paths directly in ``folder``, sorted; ``""`` is the root."""
        return self._index.files_in(folder)

    def read(self, path: str) -> bytes:
        """Return the content of one file; see ``Tree.read`` for the errors."""
        return self._read_file(path, self._index.resolve(path)[1])

    def blob_id(self, path: str) -> str:
        """Return git's blob SHA of the content."""
        return self._id_of(path, self._index.resolve(path)[1])

    def containing(self, needles: Sequence[str], suffixes: Sequence[str]) -> Sequence[str]:
        """Return the paths with one of ``suffixes`` whose text contains one of ``needles``, sorted."""
        key = (tuple(needles), tuple(suffixes))
        if key not in self._searches:
            self._searches[key] = tuple(sorted(self._find(*key)))
        return self._searches[key]

    def share_searches(self, twin: IndexedTree, differing: Collection[str]) -> None:
        """Let ``twin`` search for both: all files but the ``differing`` ones have the same content there."""
        self._twin = (twin, frozenset(differing))

    @cached_property
    def _searches(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]:
        """Return the answers so far: checks ask the same again, for the base as for the head."""
        return {}

    @cached_property
    def _texts(self) -> dict[str, bytes]:
        """Return the files read for searching."""
        return {}

    def foresee(self, foreseen: Callable[[], Foreseen]) -> None:
        """Let the first search that needs a process find all that is ``foreseen``; called no earlier."""
        self._foresee = foreseen

    @cached_property
    def _foreseen(self) -> Foreseen:
        return self._foresee()

    @cached_property
    def _found(self) -> Found | None:
        """Return the lines that hold what is foreseen."""
        return self._lines(self._foreseen)

    def _lines(self, foreseen: Foreseen) -> Found | None:
        """Return the lines that hold what is foreseen; None where no process searches."""
        del foreseen
        return None

    def _search_once(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        if self._foreseen.covers(needles, suffixes) and self._found is not None:
            return self._found.containing(needles, suffixes)
        return self._search(needles, suffixes)

    def _with(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths that end in one of ``suffixes``; with no suffixes, all."""
        if suffixes not in self._by_suffix:
            found = self._index.paths
            if suffixes:
                found = tuple(each for each in found if each.endswith(suffixes))
            self._by_suffix[suffixes] = found
        return self._by_suffix[suffixes]

    @cached_property
    def _by_suffix(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def _find(self, needles: tuple[str, ...], suffixes: tuple[str, ...]) -> Iterable[str]:
        """Search few files here, many with one process, and what the twin has as well only there."""
        files = self._with(suffixes) if needles else ()
        wanted = encoded(needles)
        if len(files) <= _FEW_FILES:
            return [path for path in files if self._contains(path, wanted)]
        if self._twin is not None:
            twin, differing = self._twin
            own = [path for path in files if path in differing or path in self._index.links]
            if len(own) <= _FEW_FILES:
                shared = set(twin.containing(needles, suffixes)).intersection(files).difference(own)
                return [*shared, *(path for path in own if self._contains(path, wanted))]
        links = [path for path in self._index.links if has_suffix(path, suffixes)]
        found = set(self._search_once(needles, suffixes)).intersection(files)
        return found.union(path for path in links if self._contains(path, wanted))

    def _contains(self, path: str, needles: Sequence[bytes]) -> bool:
        """Tell whether a file contains a needle; one that cannot be read says nothing to anybody."""
        content = self._texts.get(path)
        if content is None:
            try:
                content = self.read(path)
            except (MissingFileError, UnreadableFileError):
                content = b""
            if len(content) <= _KEPT_BYTES:
                self._texts[path] = content
        return contains_any(content, needles)
