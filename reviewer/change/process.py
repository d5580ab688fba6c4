"""Running git so that nothing of a hostile repository, and nothing of this machine's settings, has a say."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change.errors import GitFailedError, GitNotInstalledError, GitTimeoutError
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_SECONDS = 60.0
"""No git command of a review takes a second; one that takes a minute never ends."""

_REASON_CHARACTERS = 300

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

    def start(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command that is asked through its input and answers on its output, both unbuffered."""
        try:
            return subprocess.Popen(
                [self.executable, command, *arguments],
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError as error:
            raise GitFailedError(command, error.strerror or str(error)) from None

    def _environment(self) -> dict[str, str]:
        return {**clean_environment(), **self.extra}


def first_complaint(stderr: bytes, code: int) -> str:
    """Return git's own words on one line, shortened and without control characters."""
    text = stderr.decode("utf-8", "replace")
    lines = [line for line in text.split("\n") if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    reason = (fatal or lines or [f"exit code {code}"])[0]
    return "".join(character if character.isprintable() else " " for character in reason)[:_REASON_CHARACTERS]
