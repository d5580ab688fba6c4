"""Running a whole process and telling what it cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MEBIBYTE = 1024 * 1024
LIMIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: seconds on the clock and of processors, and its largest resident memory in MiB.

    On a machine that others use, too, only the seconds of processors can be compared between runs.
    """

    seconds: float
    processor: float
    mebibytes: float
    code: int
    timed_out: bool = False


def run(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], limit: float = LIMIT_SECONDS
) -> Cost:
    """Run a command to its end, what it prints thrown away. A crash raises ``RuntimeError`` with its words.

    The kernel counts the memory of the starting process, too: keep it small (nothing heavy is imported here).
    """
    with tempfile.TemporaryFile() as complaints:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        timed_out = not _ends(process.pid, started + limit)
        if timed_out:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1} and not timed_out:
            complaints.seek(0)
            text = complaints.read().decode(errors="replace").strip()
            message = f"{' '.join(command[:4])} … ended with {process.returncode}: {text[-2000:]}"
            raise RuntimeError(message)
    processor = usage.ru_utime + usage.ru_stime
    return Cost(seconds, processor, usage.ru_maxrss * 1024 / MEBIBYTE, process.returncode, timed_out)


def _ends(pid: int, deadline: float) -> bool:
    """Wait until a process has ended or its time is over, without reaping it."""
    handle = os.pidfd_open(pid)
    try:
        import select

        ready, _, _ = select.select([handle], [], [], max(0.0, deadline - time.perf_counter()))
    finally:
        os.close(handle)
    return bool(ready)


@dataclass(frozen=True, slots=True)
class Summary:
    """The medians of several runs, with the fastest and the slowest."""

    seconds: float
    fastest: float
    slowest: float
    processor: float
    mebibytes: float
    runs: int
    timed_out: bool

    @classmethod
    def of(cls, costs: Sequence[Cost]) -> Summary:
        """Return the summary of some runs."""
        seconds = [each.seconds for each in costs]
        return cls(
            statistics.median(seconds),
            min(seconds),
            max(seconds),
            statistics.median(each.processor for each in costs),
            statistics.median(each.mebibytes for each in costs),
            len(costs),
            any(each.timed_out for each in costs),
        )
