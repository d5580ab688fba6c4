"""Progress on standard error, for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.pipeline import Progress

DELAY = 1.0
"""Seconds before anything is shown: a short review needs no progress."""


@contextmanager
def progress(*, enabled: bool) -> Iterator[Progress | None]:
    """Give a function that shows progress; None when it is not wanted. The line is removed at the end."""
    if not enabled:
        yield None
        return
    started = time.monotonic()
    shown = False

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - started > DELAY:
            shown = True
            sys.stderr.write(f"\r\x1b[2Kreviewing {what!r} ({done + 1} of {total})")
            sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
