"""The time that a review may take: a pull request must not be able to make one that never ends."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

OUT_OF_TIME = (
    "the time was over before anything could be reported."
    " Give it more with `time-budget` in the configuration, or split the change"
)

_REPEAT_SECONDS = 5.0
"""Python drops an exception that is raised inside a destructor; the alarm then rings again."""

_LEAST_TO_FINISH = 10


class OutOfTimeError(BaseException):
    """The time is over. Like an interrupt it is raised anywhere, and no ``except Exception`` may keep it."""


class Deadline(Record):
    """When a review must end, on the monotonic clock, which no change of the date can move."""

    seconds: int
    ends: float

    @classmethod
    def after(cls, seconds: int) -> Deadline:
        """Return the deadline that is ``seconds`` away."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def is_over(self) -> bool:
        """Tell whether the time is over."""
        return time.monotonic() >= self.ends

    @property
    def reason(self) -> str:
        """Return why something was not analysed."""
        return f"not analysed: the review took longer than {self.seconds} seconds (`time-budget`)"

    def to_finish(self) -> Deadline:
        """Return the deadline for writing down what was found, which needs some time even now."""
        extra = max(self.seconds // 4, _LEAST_TO_FINISH)
        return replace(self, ends=max(self.ends, time.monotonic() + extra))

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Raise ``OutOfTimeError`` in what is inside once the time is over, at once if it already is.

        Signals reach the main thread alone; in another one only ``is_over`` tells.
        """
        if self.is_over:
            raise OutOfTimeError
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, _ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, max(self.ends - time.monotonic(), 0.001), _REPEAT_SECONDS)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _ring(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTimeError
