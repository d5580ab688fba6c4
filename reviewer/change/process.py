"""Running git so that nothing of a hostile repository, and nothing of this machine's settings, has a say."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from reviewer.change.errors import GitFailedError, GitNotInstalledError, GitTimeoutError
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TIMEOUT_SECONDS = 60.0
"""No git command of a review takes a second; one that takes a minute never ends."""

_REASON_CHARACTERS = 300
_COMPLAINT_BYTES = 1 << 16
_PIECE_BYTES = 1 << 16

_CONFIGURATION = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("diff.external", ""),
    # A partial clone fetches what it lacks by running whatever its remote's configuration names.
    ("protocol.allow", "never"),
    # In a container action the workspace belongs to another user. Git asks for trust because a repository's
    # configuration can run commands; everything here exists to make that untrue, so the question is moot.
    ("safe.directory", "*"),
)


def find_git() -> str:
    """Return the absolute path of git. Relative entries of PATH do not count: they may be in the checkout."""
    folders = [entry for entry in os.get_exec_path() if Path(entry).is_absolute()]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if found is None:
        raise GitNotInstalledError
    return found


def clean_environment() -> dict[str, str]:
    """Return all that a git child may know: no token, no HOME, no GIT_* variable of the caller."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        # Unlike protocol.allow this beats protocol.<name>.allow of the repository's own configuration.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_COUNT": str(len(_CONFIGURATION)),
    }
    for number, (key, value) in enumerate(_CONFIGURATION):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment


class Git(Record):
    """Git in one directory, with the variables ``extra`` on top of the clean environment."""

    executable: str
    directory: Path
    extra: Mapping[str, str]

    def run(
        self, command: str, *arguments: str, accept: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one command to its end. An exit code outside ``accept`` raises ``GitFailedError``."""
        try:
            result = subprocess.run(
                [self.executable, command, *arguments],
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitTimeoutError(command, TIMEOUT_SECONDS) from None
        except OSError as error:
            raise GitFailedError(command, error.strerror or str(error)) from None
        if result.returncode not in accept:
            raise GitFailedError(command, first_complaint(result.stderr, result.returncode))
        return result

    @contextmanager
    def stream(
        self, command: str, *arguments: str, accept: Sequence[int] = (0,)
    ) -> Iterator[Iterator[bytes]]:
        """Run one command and give its output in pieces, so that nobody needs room for all of it.

        What is wrong is raised as :meth:`run` does, after the last piece.
        """
        with tempfile.TemporaryFile() as complaints:
            process = self._open(command, arguments, subprocess.DEVNULL, complaints)
            try:
                yield _pieces(process, command)
                code = process.wait()
            finally:
                # After the last piece it has ended; before it, it only reads: nothing could be interrupted.
                process.kill()
                process.wait()
                _output_of(process).close()
            if code not in accept:
                complaints.seek(0)
                raise GitFailedError(command, first_complaint(complaints.read(_COMPLAINT_BYTES), code))

    def start(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command that is asked through its input and answers on its output, both unbuffered."""
        return self._open(command, arguments, subprocess.PIPE, subprocess.DEVNULL)

    def _open(
        self, command: str, arguments: Sequence[str], stdin: int, stderr: int | IO[bytes]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [self.executable, command, *arguments],
                cwd=self.directory,
                env=self._environment(),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                bufsize=0,
            )
        except OSError as error:
            raise GitFailedError(command, error.strerror or str(error)) from None

    def _environment(self) -> dict[str, str]:
        return {**clean_environment(), **self.extra}


def _pieces(process: subprocess.Popen[bytes], command: str) -> Iterator[bytes]:
    """Yield what a process writes until it closes its output, or raise ``GitTimeoutError``."""
    output = _output_of(process)
    ends = time.monotonic() + TIMEOUT_SECONDS
    while True:
        ready, _, _ = select.select([output], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            raise GitTimeoutError(command, TIMEOUT_SECONDS)
        piece = output.read(_PIECE_BYTES)
        if not piece:
            return
        yield piece


def _output_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdout)


def first_complaint(stderr: bytes, code: int) -> str:
    """Return git's own words on one line, shortened and without control characters."""
    text = stderr.decode("utf-8", "replace")
    lines = [line for line in text.split("\n") if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    reason = (fatal or lines or [f"exit code {code}"])[0]
    return "".join(character if character.isprintable() else " " for character in reason)[:_REASON_CHARACTERS]
