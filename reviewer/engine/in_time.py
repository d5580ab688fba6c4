"""Reviewing root modules one after the other until the time is over; what is left is named, never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewer.deadline import OutOfTimeError
from reviewer.engine.runs import together
from reviewer.record import Record
from reviewer.review import NotAnalysed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.deadline import Deadline
    from reviewer.engine.root import RootReview
    from reviewer.engine.runs import Run
    from reviewer.terraform.configuration import Configuration

Progress = Callable[[str, int, int], None]
"""Called with what is being looked at, how many are done, and how many there are."""


class Roots(Record):
    """The root modules that were reviewed, and what of the rest the reader must know."""

    reviewed: tuple[RootReview, ...]
    left_out: tuple[NotAnalysed, ...]


def review_in_time(
    runs: Sequence[Run],
    review: Callable[[Run], RootReview],
    deadline: Deadline,
    configurations: Iterable[Configuration],
    progress: Progress | None,
) -> Roots:
    """Call ``review`` with each run, as long as there is time, and take the results together.

    A root module that is under way when the time ends counts as not analysed, whatever was found in it.
    """
    reviewed: list[RootReview] = []
    missed: list[str] = []
    for number, run in enumerate(runs):
        if progress:
            progress(run.label, number, len(runs))
        try:
            with deadline.enforced():
                reviewed.append(review(run))
        except OutOfTimeError:
            missed.append(run.folders[0] or ".")
    left_out = [NotAnalysed(each, deadline.reason, is_module=True) for each in dict.fromkeys(missed)]
    modules = {path: reason for each in configurations for path, reason in each.left_out.items()}
    left_out += [NotAnalysed(path, reason, is_module=True) for path, reason in sorted(modules.items())]
    return Roots(together(reviewed), tuple(left_out))
