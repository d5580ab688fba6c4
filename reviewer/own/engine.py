"""The policy engine: a process of its own that may do nothing but compute, and not for long.

It is started with the first policy that is asked. When a policy takes too long, or too much memory, the
process is gone; that policy has failed, and the others go on in a new one.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reviewer.errors import UsageError

if TYPE_CHECKING:
    from reviewer.own.policy import Policy

START_SECONDS = 20.0
"""Starting Python, loading the engine and compiling a policy, on a busy machine."""

ANSWER_SECONDS = 5.0
"""One policy on one subject; a thousandth of it is usual."""

WATCH_SECONDS = 0.05
MAX_MEMORY_BYTES = 512 * 1024**2
MAX_ANSWER_BYTES = 1_000_000
WORKER = Path(__file__).with_name("worker.py")


class PolicyFailedError(Exception):
    """A policy gave no answer; the message says why. The review is then incomplete."""


class Engine:
    """Asks policies. Use it as a context manager, so that its process does not outlive it."""

    def __init__(self, *, seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._loaded: set[str] = set()
        self._failed: dict[str, str] = {}
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def load(self, policy: Policy) -> None:
        """Compile a policy. Raises :class:`UsageError` with file and line when that fails."""
        try:
            request = {"policy": policy.path, "text": policy.text, "query": policy.query}
            answer = self._exchange(request, START_SECONDS)
        except PolicyFailedError as error:
            raise UsageError(f"{policy.path}:1: cannot be compiled: {error}") from None
        if "error" in answer:
            raise UsageError(f"{policy.path}:{answer.get('line', 1)}: not valid Rego: {answer['error']}")
        self._loaded.add(policy.path)

    def ask(self, policy: Policy, document: dict[str, Any]) -> object:
        """Return the value of the policy's rule ``deny``. Raises :class:`PolicyFailedError`."""
        if policy.path in self._failed:
            raise PolicyFailedError(self._failed[policy.path])
        try:
            if policy.path not in self._loaded:
                self.load(policy)
            answer = self._exchange({"policy": policy.path, "input": document}, self._seconds)
        except PolicyFailedError as error:
            self._failed[policy.path] = str(error)
            raise
        if "error" in answer:
            raise PolicyFailedError(f"`{policy.path}`: {answer['error']}")
        return answer["ok"]

    def _exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        process = self._process or self._start()
        try:
            answer = self._answer(process, request, seconds)
        except (OSError, MemoryError, ValueError) as error:
            self._stop()
            raise PolicyFailedError(f"`{request['policy']}`: {_explained(error, seconds)}") from None
        except BaseException:
            self._stop()  # interrupted, or out of time: a late answer must not be taken for that of the next
            raise
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        if find_spec("regopy") is None:
            raise UsageError(
                "`policies` in the configuration needs the Rego engine, which is not installed here:"
                " `pip install regopy` adds it"
            )
        # No environment and no working directory of ours: a policy may ask the engine for them.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        return self._process

    def _answer(
        self, process: subprocess.Popen[bytes], request: dict[str, Any], seconds: float
    ) -> dict[str, Any]:
        """Send a request and return the answer, a line of JSON."""
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(WATCH_SECONDS):
                    if time.monotonic() > deadline:
                        raise TimeoutError
                    if _memory_of(process.pid) > MAX_MEMORY_BYTES:
                        raise MemoryError
                    continue
                piece = os.read(process.stdout.fileno(), 65_536)
                if not piece:
                    raise BrokenPipeError
                self._buffer += piece
                if len(self._buffer) > MAX_ANSWER_BYTES:
                    raise ValueError
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise TypeError
        return answer

    def _stop(self) -> None:
        process, self._process = self._process, None
        self._loaded.clear()
        self._buffer = b""
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        process.wait()


def _explained(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"the policy took longer than {seconds:g} seconds"
    if isinstance(error, MemoryError):
        return f"the policy needed more than {MAX_MEMORY_BYTES // 1024**2} MiB of memory"
    if isinstance(error, OSError):
        return "the engine ended while it evaluated the policy"
    return "the policy's answer is too large"


def _memory_of(pid: int) -> int:
    """Return the memory that a process has in use, in bytes; 0 where the system does not tell (not Linux)."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
