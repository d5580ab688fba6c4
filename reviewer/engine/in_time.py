"""Reviewing root modules one after the other until the time is over; what is left is named, never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewer.deadline import OutOfTimeError
from reviewer.record import Record
from reviewer.review import NotAnalysed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.deadline import Deadline
    from reviewer.engine.root import RootReview
    from reviewer.terraform.configuration import Configuration

Progress = Callable[[str, int, int], None]
"""Called with what is being looked at, how many are done, and how many there are."""


class Roots(Record):
    """The root modules that were reviewed, and what of the rest the reader must know."""

    reviewed: tuple[RootReview, ...]
    left_out: tuple[NotAnalysed, ...]


def review_in_time(
    folders: Sequence[str],
    review: Callable[[int], RootReview],
    deadline: Deadline,
    configurations: Iterable[Configuration],
    progress: Progress | None,
) -> Roots:
    """Call ``review`` with the number of each folder, as long as there is time.

    A root module that is under way when the time ends counts as not analysed, whatever was found in it.
    """
    reviewed: list[RootReview] = []
    left_out: list[NotAnalysed] = []
    for number, folder in enumerate(folders):
        if progress:
            progress(folder or ".", number, len(folders))
        try:
            with deadline.enforced():
                reviewed.append(review(number))
        except OutOfTimeError:
            left_out.append(NotAnalysed(folder or ".", deadline.reason, is_module=True))
    modules = {path: reason for each in configurations for path, reason in each.left_out.items()}
    left_out += [NotAnalysed(path, reason, is_module=True) for path, reason in sorted(modules.items())]
    return Roots(tuple(reviewed), tuple(left_out))
