"""Where reports go: standard output, which carries nothing else, and files."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import LostReportError
from reviewer.escape import visible
from reviewer.files import write_atomically
from reviewer.report import Format, Look, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.review import Review

STDOUT = "-"

Target = tuple[Format, str]
"""The form of a report and where it goes: a path, or ``-`` for standard output."""


def say(message: str) -> None:
    """Tell the person at the terminal something that is no part of the report, on standard error.

    Names of files and branches come from the repository: what could steer a terminal is made visible.
    """
    if sys.stderr is not None:
        lines = "\n".join(visible(line) for line in message.split("\n"))
        sys.stderr.write(f"eks-review: {lines}\n")
        sys.stderr.flush()


def silent(_message: str) -> None:
    """Say nothing: nobody asked."""


def prepare_stdout() -> None:
    """Let standard output take every character: UTF-8 for files and pipes, the terminal's own else."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def print_out(text: str) -> None:
    """Write to standard output. Raises ``LostReportError`` when nobody reads it or it is full."""
    if sys.stdout is None:
        raise LostReportError("standard output is closed: the report cannot be written")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _abandon_stdout()
        reason = "it was closed" if isinstance(error, BrokenPipeError) else error.strerror or str(error)
        message = f"the report could not be written to standard output: {reason}"
        raise LostReportError(message) from None


def deliver(review: Review, targets: Sequence[Target], look: Look) -> None:
    """Write every report, however the others fare; then raise ``LostReportError`` if one was lost."""
    problems = [problem for form, place in targets for problem in _delivered(review, form, place, look)]
    if problems:
        raise LostReportError("\n".join(problems))


def put(text: str, place: str) -> None:
    """Write ``text`` to a file, or to standard output for ``-``. Raises ``LostReportError``."""
    if place == STDOUT:
        print_out(text)
        return
    try:
        write_atomically(Path(place), text)
    except OSError as error:
        raise LostReportError(f"{place}: the report cannot be written: {error.strerror or error}") from None


def _delivered(review: Review, form: Format, place: str, look: Look) -> Iterable[str]:
    try:
        put(render(form, review, look if place == STDOUT else None), place)
    except LostReportError as error:
        yield str(error)


def _abandon_stdout() -> None:
    """Python writes what is left in its buffer at exit: let it go nowhere, and not fail a second time."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        sys.stdout = None
