"""Writing files: whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8; folders are made, and a reader never sees half a file. Raises ``OSError``.

    What is there and is no regular file, such as ``/dev/null`` or a pipe, is written to and stays what it is.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    # A symbolic link stays one: the file it leads to is replaced.
    target = path.resolve()
    _make_folder(target.parent)
    _replace(target, text.encode("utf-8"), 0o644)


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace what is in a file, whole or not at all; who may do what with it stays. Raises ``OSError``."""
    _replace(path, content, stat.S_IMODE(path.stat().st_mode))


def _replace(target: Path, content: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None
