"""Running the command as people and pipelines do: as a process of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "reviewer")
TODAY = ("--today", "2026-11-23")


@dataclass(frozen=True)
class Result:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    """Return a plain environment in which ``python -m reviewer`` is found from any folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "LC_ALL": "C.UTF-8", **variables}


def run(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Result:
    """Run the command to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=env or environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Open a pseudo terminal: the end to give to a process, and the end to read what it shows."""
    shown, given = pty.openpty()
    try:
        yield given, shown
    finally:
        os.close(shown)


def run_on_terminal(*arguments: str, **variables: str) -> str:
    """Return what the command shows on a terminal, standard error included."""
    with terminal() as (given, shown):
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment(**{"TERM": "xterm-256color", **variables}),
            stdin=subprocess.DEVNULL,
            stdout=given,
            stderr=given,
        )
        os.close(given)
        parts = []
        while True:
            try:
                part = os.read(shown, 65_536)
            except OSError:  # Linux says EIO when the other end is closed
                break
            if not part:
                break
            parts.append(part)
        process.wait(60)
    return b"".join(parts).decode()
