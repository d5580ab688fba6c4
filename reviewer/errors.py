"""The error that everything around the review shares."""

from __future__ import annotations


class UsageError(Exception):
    """The program was used or set up in a way that cannot work; the message says what to do. Exit code 2."""


class LostReportError(Exception):
    """A report could not be written where it was wanted; whoever waits for it must not take it for read."""
