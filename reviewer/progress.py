"""What the person at the terminal hears while a review is made, all of it on standard error."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewer.output import say
from reviewer.report.escape import clip, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.engine.in_time import Progress
    from reviewer.review import Review

DELAY = 1.0
"""Seconds before anything is shown: a short review needs no progress."""


@contextmanager
def listener(*, verbose: bool, quiet: bool) -> Iterator[Progress | None]:
    """Give what the pipeline shall report its progress to; None when nobody wants to hear.

    ``verbose`` prints a line for each root module with the time since the start, and the whole time at the
    end. Otherwise a terminal shows one line for work that takes more than a second, and removes it.
    """
    started = time.monotonic()
    if verbose:
        yield lambda what, done, total: say(
            f"reviewing {what} ({done + 1} of {total}, after {time.monotonic() - started:.2f} s)"
        )
        say(f"reviewed in {time.monotonic() - started:.2f} s")
    elif quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
    else:
        with _line(started) as show:
            yield show


@contextmanager
def _line(started: float) -> Iterator[Progress]:
    shown = False

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - started > DELAY:
            shown = True
            columns = shutil.get_terminal_size().columns
            text = clip(f"reviewing ({done + 1} of {total}): {visible(what)}", max(20, columns - 1))
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def explain(review: Review) -> Iterator[str]:
    """Yield what a report leaves out for shortness: each check that could not decide, and why."""
    coverage = review.coverage
    yield f"{coverage.evaluations} evaluations on {coverage.blocks_touched} touched blocks"
    for each in coverage.not_evaluated:
        yield f"{each.id} cannot decide about {each.address}: {each.reason}"
