"""The exit codes, and the errors that everything around the review shares."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How the program ends: what a required check and a script go by."""

    PASSED = 0
    """The gate is passed."""
    FAILED = 1
    """Findings fail the gate."""
    USAGE = 2
    """Wrong use or configuration."""
    INCOMPLETE = 3
    """The review is incomplete or failed: never to be taken for a success."""


INTERRUPTED = "interrupted before the review was complete"
"""What is said when somebody stops the program, however early."""


class UsageError(Exception):
    """The program was used or set up in a way that cannot work; the message says what to do."""


class LostReportError(Exception):
    """A report could not be written where it was wanted; whoever waits for it must not take it for read."""
