"""What a check reports, and the edits that would repair it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.terraform.text import Range


class CheckFailedError(Exception):
    """The check gave no answer; the message, in Markdown, says why. The review is then incomplete."""


class Edit(Record):
    """Replace the characters of ``range`` by ``text``; an empty range inserts."""

    range: Range
    text: str


class Fix(Record):
    """Edits that repair a problem wholly. They are offered only after they are proven on the file.

    ``note`` says what applying does to a live cluster. ``new_only`` edits replace a live object and are
    offered only when the change adds the whole block; ``changed_only`` ones only where the change itself
    wrote the edited lines.
    """

    edits: tuple[Edit, ...]
    note: str = ""
    new_only: bool = False
    changed_only: bool = False


class Problem(Record):
    """One thing that is wrong.

    ``at`` is the place a reader would edit: the range that supplies the bad value, or a block header.
    ``attribute`` is the argument path (``vpc_config.public_access_cidrs``) and, with ``evidence``, the
    identity of the problem across revisions: neither may hold a line number. ``message`` is Markdown with
    each value in a code span.
    ``hint`` overrides the check's own advice. ``related`` are further places on the way of the value.
    ``cause`` is set where one thing elsewhere brings the problem about for many subjects: it is told once.
    ``is_new`` is set by a check that has seen at the base what is gone now: whatever else was undecided
    there, the change brought the problem.
    """

    message: str
    at: Range
    attribute: str
    evidence: str = ""
    hint: str = ""
    fix: Fix | None = None
    related: tuple[Range, ...] = ()
    cause: str = ""
    is_new: bool = False
