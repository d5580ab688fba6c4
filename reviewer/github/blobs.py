"""File contents through the API: many per request, each proven to be what git has."""

from __future__ import annotations

import base64
import binascii
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from reviewer.change.tree import blob_sha
from reviewer.github.errors import UnavailableError
from reviewer.github.queries import blobs_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.github.gateway import Gateway

BATCH = 100
"""Files per request: GitHub ends a request after ten seconds."""
MAX_BLOBS = 20_000
MAX_BYTES = 256 << 20
"""Both are far more than a platform repository has; beyond them the review is better made from a checkout."""


class _Blob(msgspec.Struct):
    text: str | None = None


class _Answer(msgspec.Struct):
    data: dict[str, dict[str, _Blob | None] | None] | None = None


class _RestBlob(msgspec.Struct):
    content: str
    encoding: str


class BlobStore:
    """The contents of one repository's files by their git ids, read once each.

    GraphQL gives a text, which may have been cut or decoded: what does not hash to its id is read again,
    alone and as bytes, through REST. ``capacity`` is how many bytes it holds; whoever asks for more gets
    :class:`UnavailableError`.
    """

    def __init__(self, gateway: Gateway, repository: str, capacity: int = MAX_BYTES) -> None:
        self._gateway = gateway
        self._repository = repository
        self._capacity = capacity
        self._held = 0
        self._contents: dict[str, bytes] = {}

    def __contains__(self, blob: str) -> bool:
        """Tell whether a content has been read."""
        return blob in self._contents

    def fetch(self, ids: Iterable[str]) -> None:
        """Read all that is missing, a hundred per request."""
        missing = [each for each in dict.fromkeys(ids) if each not in self._contents]
        if len(missing) + len(self._contents) > MAX_BLOBS:
            raise _too_much(f"{MAX_BLOBS:,} files")
        queue = iter(missing)
        while batch := list(islice(queue, BATCH)):
            self._fetch(batch)

    def get(self, blob: str) -> bytes:
        """Return one content."""
        if blob not in self._contents:
            self._keep(blob, self._one(blob))
        return self._contents[blob]

    def _fetch(self, ids: list[str]) -> None:
        owner, name = self._repository.split("/")
        variables = {"owner": owner, "name": name} | {f"b{number}": each for number, each in enumerate(ids)}
        answer = self._gateway.graphql(blobs_query(len(ids)), variables, _Answer)
        found = (answer.data or {}).get("repository") or {}
        for number, each in enumerate(ids):
            blob = found.get(f"b{number}")
            content = b"" if blob is None or blob.text is None else blob.text.encode("utf-8", "replace")
            if blob_sha(content) == each:
                self._keep(each, content)

    def _keep(self, blob: str, content: bytes) -> None:
        self._held += len(content)
        if self._held > self._capacity:
            raise _too_much(f"{self._capacity / (1 << 20):g} MiB of files")
        self._contents[blob] = content

    def _one(self, blob: str) -> bytes:
        answer = self._gateway.get(f"/repos/{self._repository}/git/blobs/{blob}", _RestBlob)
        try:
            content = base64.b64decode(answer.content)
        except binascii.Error:
            content = b""
        if blob_sha(content) != blob:
            raise UnavailableError(f"GitHub's answer for the file {blob} is not that file.")
        return content


def _too_much(amount: str) -> UnavailableError:
    return UnavailableError(
        f"The repository has more than {amount} to read through the API."
        " Check it out with `fetch-depth: 0` before this action."
    )
