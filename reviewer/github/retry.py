"""When a request is tried again, and how long to wait: pure arithmetic and one budget per run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_BUDGET = 120.0
"""Seconds a whole run may spend on waiting and on attempts that failed."""
MAX_ATTEMPTS = 4
FORBIDDEN = 403
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
BETWEEN_WRITES = 1.0
"""Seconds between writes when there are many: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""
SECONDARY_WAIT = 60.0
"""What GitHub asks for after a secondary limit that names no time."""


class Fault(Record):
    """One failed attempt. ``wait`` is what the server asks for in seconds, ``None`` when it asks for nothing.

    ``acted`` is false when the server certainly did nothing, as with a rate limit: repeating is then always
    safe. ``doubles`` marks a wait that GitHub wants to grow with every attempt.
    """

    wait: float | None
    acted: bool
    doubles: bool = False


class Patience:
    """The waiting budget that all requests of a run share, so that no run hangs."""

    def __init__(
        self,
        budget: float = DEFAULT_BUDGET,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.left = budget
        self._clock = clock
        self._sleep = sleep

    def now(self) -> float:
        """Return the clock's seconds."""
        return self._clock()

    def lose(self, since: float) -> None:
        """Take the time of a failed attempt out of the budget: a timeout costs like a pause."""
        self.left -= self._clock() - since

    def rest(self) -> None:
        """Sleep as long as GitHub asks for between many writes; that is no fault, and costs no patience."""
        self._sleep(BETWEEN_WRITES)

    def wait(self, fault: Fault, attempt: int) -> bool:
        """Sleep before attempt ``attempt + 1`` (1-based); return whether there is another attempt at all."""
        seconds = pause(fault, attempt)
        if attempt >= MAX_ATTEMPTS or seconds > self.left:
            return False
        self.left -= seconds
        self._sleep(seconds)
        return True


def pause(fault: Fault, attempt: int) -> float:
    """Return the seconds to wait after failed attempt ``attempt``: what GitHub asks for, else 1, 2, 4."""
    growth = float(2 ** (attempt - 1))
    if fault.wait is None:
        return growth
    return fault.wait * growth if fault.doubles else fault.wait


def rate_limit(status: int, headers: Mapping[str, str], message: str, now: float) -> Fault | None:
    """Return the fault of a rate-limit answer, ``None`` for any other.

    Both limits come as 403 or 429. ``retry-after`` is in seconds, ``x-ratelimit-reset`` in seconds since 1970
    like ``now``; one second is added because the reset happens somewhere within that second.
    """
    if status not in {FORBIDDEN, TOO_MANY_REQUESTS}:
        return None
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return Fault(float(after), acted=False)
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return Fault(max(float(reset) - now, 0.0) + 1, acted=False)
    text = message.lower()
    if status == TOO_MANY_REQUESTS or "rate limit" in text or "abuse detection" in text:
        return Fault(SECONDARY_WAIT, acted=False, doubles=True)
    return None


def server_fault(headers: Mapping[str, str]) -> Fault:
    """Return the fault of a 5xx answer, which may ask for a pause, too."""
    after = headers.get("retry-after", "")
    return Fault(float(after) if after.isdecimal() else None, acted=True)
