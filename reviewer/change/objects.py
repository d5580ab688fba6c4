"""Asking git for objects: one process for all of a review."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING, Self

from reviewer.change.errors import GitFailedError, GitTimeoutError
from reviewer.change.process import TIMEOUT_SECONDS, Git
from reviewer.change.tree import MAX_FILE_BYTES, UnreadableFileError

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK_BYTES = 1 << 16


class ObjectReader:
    """One long-lived ``git cat-file --batch``: each question is answered before the next is asked."""

    def __init__(self, git: Git) -> None:
        self._process = git.start("cat-file", "--batch")
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        # It only ever reads: there is nothing it could be interrupted in.
        self._process.kill()
        self._process.wait()

    def blob(self, sha: str, path: str) -> bytes:
        """Return the content of a blob; ``path`` is what the errors name."""
        try:
            return self._blob(sha, path)
        except UnreadableFileError:
            raise
        except BaseException:
            # Whoever asks next would read the rest of this answer: better that nobody can.
            self.close()
            raise

    def _blob(self, sha: str, path: str) -> bytes:
        size = self._ask(sha)
        if size is None:
            raise UnreadableFileError(path, "its content is not in this clone (a partial clone?)")
        if size > MAX_FILE_BYTES:
            self._skip(size)
            raise UnreadableFileError.too_large(path, size)
        return self._take(size)

    def _ask(self, sha: str) -> int | None:
        """Send one id; return the size of the content that then follows, None if the object is missing."""
        if self._process.stdin is None:
            raise GitFailedError("cat-file", "it has no input")
        try:
            self._process.stdin.write(sha.encode("ascii") + b"\n")
        except (OSError, ValueError):
            raise GitFailedError("cat-file", "it ended unexpectedly") from None
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill()
        header = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return None if header.endswith(b" missing") else int(header.rpartition(b" ")[2])

    def _take(self, size: int) -> bytes:
        """Return the content, and drop the line end that follows it."""
        while len(self._buffer) <= size:
            self._fill()
        content = bytes(self._buffer[:size])
        del self._buffer[: size + 1]
        return content

    def _skip(self, size: int) -> None:
        remaining = size + 1
        while remaining:
            if not self._buffer:
                self._fill()
            dropped = min(remaining, len(self._buffer))
            del self._buffer[:dropped]
            remaining -= dropped

    def _fill(self) -> None:
        """Read what there is, waiting for it no longer than the timeout."""
        stream = self._process.stdout
        if stream is None:
            raise GitFailedError("cat-file", "it has no output")
        waiter = select.poll()
        waiter.register(stream, select.POLLIN)
        if not waiter.poll(TIMEOUT_SECONDS * 1000):
            raise GitTimeoutError("cat-file", TIMEOUT_SECONDS)
        chunk = os.read(stream.fileno(), _CHUNK_BYTES)
        if not chunk:
            raise GitFailedError("cat-file", "it ended unexpectedly")
        self._buffer += chunk
