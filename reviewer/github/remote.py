"""A change read through the API alone, with no checkout: safe beside a token that can write.

Two listings tell which files differ, their contents are fetched, and git compares them here: no list of files
that GitHub cuts off, and no patch that it leaves out, can hide a part of the change.
"""

from __future__ import annotations

import base64
import tempfile
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from reviewer.change.change import Change
from reviewer.change.diff import ChangedFile, FileStatus, join_type_changes
from reviewer.change.directory import diff_directories
from reviewer.change.index import Entry, EntryKind
from reviewer.change.indexed import IndexedTree
from reviewer.change.tree import (
    MAX_FILE_BYTES,
    UnreadableFileError,
    contains_any,
    decode_path,
    encoded,
    has_suffix,
)
from reviewer.github.blobs import BATCH, BlobStore
from reviewer.github.errors import NotFoundError, TruncatedListingError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.github.gateway import Gateway

_KINDS = {"100644": EntryKind.FILE, "100755": EntryKind.FILE, "120000": EntryKind.LINK}
_ASKED_FOR = (".tf", ".tofu", ".tfvars", ".hcl", ".json", ".yaml", ".yml", ".tpl", ".md")
_SMALL = 32 << 10
"""Bytes of a file that is read before anything asks for it."""
_FORBIDDEN_PARTS = frozenset({"", ".", "..", ".git"})


class _Commit(msgspec.Struct):
    sha: str


class _Comparison(msgspec.Struct):
    merge_base_commit: _Commit


class _Item(msgspec.Struct):
    path: str
    mode: str
    type: str
    sha: str
    size: int = 0


class _Content(msgspec.Struct):
    content: str
    encoding: str


class _Listing(msgspec.Struct):
    tree: list[_Item]
    truncated: bool = False


class RemoteTree(IndexedTree):
    """The files of one commit, listed with one request and read through ``store``."""

    def __init__(self, gateway: Gateway, repository: str, commit: str, store: BlobStore) -> None:
        self._gateway = gateway
        self._repository = repository
        self._commit = commit
        self._store = store
        self._sizes: dict[str, int] = {}

    @property
    def revision(self) -> str:
        """Return the commit SHA."""
        return self._commit

    @property
    def entries(self) -> dict[str, Entry]:
        """Return everything the listing has, links included, by path."""
        return self._index.entries

    def is_readable(self, entry: Entry) -> bool:
        """Tell whether an entry is a file of a size that is read."""
        return entry.kind is EntryKind.FILE and self._sizes.get(entry.blob, 0) <= MAX_FILE_BYTES

    def _entries(self) -> Iterable[tuple[str, Entry]]:
        path = f"/repos/{self._repository}/git/trees/{self._commit}"
        listing = self._gateway.get(path, _Listing, recursive="1")
        if listing.truncated:
            raise TruncatedListingError(
                f"GitHub cut the list of files of {self._commit} short: the repository is too large to read"
                " through the API. Check it out with `fetch-depth: 0` before this action."
            )
        for item in listing.tree:
            if item.type != "tree":
                self._sizes[item.sha] = item.size
                raw = item.path.encode("utf-8", "surrogatepass")
                yield decode_path(raw), Entry(_KINDS.get(item.mode, EntryKind.SUBMODULE), raw, item.sha)

    def _read_link(self, entry: Entry) -> str:
        return decode_path(self._store.get(entry.blob))

    # A file is seldom read without the others of its folder, so they come in one request.
    def _read_file(self, path: str, entry: Entry) -> bytes:
        size = self._sizes.get(entry.blob, 0)
        if size > MAX_FILE_BYTES:
            raise UnreadableFileError.too_large(path, size)
        if entry.blob not in self._store:
            folder = decode_path(entry.raw).rpartition("/")[0]
            siblings = (self._index.entries.get(each) for each in self.files_in(folder))
            self.fetch(each.blob for each in siblings if each and self.is_readable(each))
        return self._store.get(entry.blob)

    def fetch(self, blobs: Iterable[str]) -> None:
        """Read contents, and small files that may be asked for next: a request costs the same half empty."""
        wanted = [each for each in dict.fromkeys(blobs) if each not in self._store]
        others = (
            each.blob
            for path, each in self.entries.items()
            if has_suffix(path, _ASKED_FOR)
            and each.kind is EntryKind.FILE
            and self._sizes.get(each.blob, 0) <= _SMALL
            and each.blob not in self._store
        )
        self._store.fetch([*wanted, *islice(others, -len(wanted) % BATCH)])

    def _id_of(self, path: str, entry: Entry) -> str:
        del path  # a working tree has to read it
        return entry.blob

    def _search(self, needles: Sequence[str], suffixes: Sequence[str]) -> Iterable[str]:
        found = [
            (path, entry)
            for path, entry in self.entries.items()
            if has_suffix(path, suffixes) and self.is_readable(entry)
        ]
        self._store.fetch(entry.blob for _, entry in found)
        wanted = encoded(needles)
        return [path for path, entry in found if contains_any(self._store.get(entry.blob), wanted)]


def read_file(gateway: Gateway, repository: str, revision: str, path: str) -> str | None:
    """Return a small text file at a branch or commit, ``None`` when it is not there."""
    try:
        found = gateway.get(f"/repos/{repository}/contents/{quote(path)}", _Content, ref=revision)
    except NotFoundError:
        return None
    if found.encoding != "base64":
        raise UnavailableError(f"`{path}` is too large to be a configuration file.")
    return base64.b64decode(found.content).decode("utf-8", "replace")


def merge_base(gateway: Gateway, repository: str, base: str, head: str) -> str:
    """Return the SHA where two commits went separate ways."""
    # The second page of a comparison has no files in it, which the first has many of.
    path = f"/repos/{repository}/compare/{base}...{head}"
    return gateway.get(path, _Comparison, per_page="1", page="2").merge_base_commit.sha


def remote_change(gateway: Gateway, repository: str, base: str, head: str) -> Change:
    """Return the change from the merge base of two commits (SHAs) to ``head``, as a pull request shows it."""
    store = BlobStore(gateway, repository)
    fork = merge_base(gateway, repository, base, head)
    trees = [RemoteTree(gateway, repository, commit, store) for commit in (fork, head)]
    return Change(trees[0], trees[1], _changed_files(trees[0], trees[1], store))


def _changed_files(base: RemoteTree, head: RemoteTree, store: BlobStore) -> tuple[ChangedFile, ...]:
    paths = sorted({*base.entries, *head.entries})
    changed = [path for path in paths if base.entries.get(path) != head.entries.get(path)]
    shown = [path for path in changed if _is_shown(path, base) and _is_shown(path, head)]
    rest = [_opaque(path, base, head) for path in changed if path not in set(shown)]
    head.fetch(tree.entries[path].blob for tree in (base, head) for path in shown if path in tree.entries)
    with _written(base, shown, store) as old, _written(head, shown, store) as new:
        return join_type_changes([*diff_directories(old, new), *rest])


def _is_shown(path: str, tree: RemoteTree) -> bool:
    """Tell whether lines can be shown: not for links, submodules and what is too large."""
    entry = tree.entries.get(path)
    return _FORBIDDEN_PARTS.isdisjoint(path.split("/")) and (entry is None or tree.is_readable(entry))


def _opaque(path: str, base: RemoteTree, head: RemoteTree) -> ChangedFile:
    in_base, in_head = path in base.entries, path in head.entries
    status = (
        FileStatus.MODIFIED if in_base and in_head else FileStatus.ADDED if in_head else FileStatus.REMOVED
    )
    return ChangedFile(path, path if in_base else None, status, binary=True, hunks=())


@contextmanager
def _written(tree: RemoteTree, paths: Iterable[str], store: BlobStore) -> Iterator[Path]:
    """Write files into an empty folder of our own. Regular files only: nothing in it leads anywhere."""
    with tempfile.TemporaryDirectory(prefix="eks-review-", ignore_cleanup_errors=True) as place:
        folder = Path(place).resolve()
        for path in paths:
            entry = tree.entries.get(path)
            if entry is not None:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(store.get(entry.blob))
        yield folder
