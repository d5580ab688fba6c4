"""What the person at the terminal hears while a review is made, all of it on standard error."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewer.escape import visible
from reviewer.output import say
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bar

    from reviewer.engine.in_time import Progress
    from reviewer.review import Review

DELAY = 1.0
"""Seconds before anything is shown: a short review needs no progress."""


@contextmanager
def listener(*, verbose: bool, quiet: bool, no_color: bool = False) -> Iterator[Progress | None]:
    """Give what the pipeline shall report its progress to; None when nobody wants to hear.

    ``verbose`` prints a line for each root module with the time since the start, and the whole time at the
    end. Otherwise a terminal shows a bar for work that takes more than a second, and loses it at the end.
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
        with _bar(started, no_color=no_color) as show:
            yield show


@contextmanager
def _bar(started: float, *, no_color: bool) -> Iterator[Progress]:
    """Show a bar once the work takes long, and remove it at the end. Its libraries are loaded only then."""
    bar: Bar | None = None

    def show(what: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - started > DELAY:
            bar = _new_bar(no_color=no_color)
            bar.add_task(visible(what), total=total)
            bar.start()
        if bar is not None:
            bar.update(bar.task_ids[0], description=visible(what), completed=done, total=total, refresh=True)

    try:
        yield show
    finally:
        if bar is not None:
            bar.stop()


def _new_bar(*, no_color: bool) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    # Names of folders come from the repository: they are no markup.
    columns = (
        TextColumn("reviewing"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    return Progress(*columns, console=Console(stderr=True, no_color=no_color or None), transient=True)


def explain(review: Review) -> Iterator[str]:
    """Yield what a report leaves out for shortness: each check that could not decide, and why."""
    coverage = review.coverage
    blocks = plural(coverage.blocks_touched, "touched block")
    yield f"{plural(coverage.evaluations, 'evaluation')} on {blocks}"
    for each in coverage.not_evaluated:
        yield f"{each.id} cannot decide about {each.address}: {each.reason}"
