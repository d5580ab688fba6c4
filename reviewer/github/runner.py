"""The runner's side of a job: the log, workflow commands, outputs, the job summary, files in the workspace.

Whatever stands in the log may come from a pull request. A line that looks like a workflow command would be
run as one, so every text is made harmless before it is printed (``ActionCommand.cs`` of the runner says what
it takes).
"""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from reviewer.errors import LostReportError, UsageError
from reviewer.escape import visible
from reviewer.report.annotations import neutralise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePosixPath

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a job summary; a larger one is not shown at all."""
MESSAGE_LIMIT = 4000
"""Characters of one annotation; the runner keeps 4,096."""

Level = Literal["error", "warning", "notice"]

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}

_CUT = "\n\n*The rest is left out: a job summary holds 1 MiB.*\n"


class Runner:
    """One step of a job. ``out`` is the step's log; the files are those that the environment names."""

    def __init__(self, environment: Mapping[str, str], out: TextIO) -> None:
        self._out = out
        self._output = environment.get("GITHUB_OUTPUT", "")
        self._summary = environment.get("GITHUB_STEP_SUMMARY", "")
        self.has_summary = False

    def say(self, text: str) -> None:
        """Print text into the log, with nothing in it that the runner could take for a command."""
        self._write(neutralise(_printable(text)))

    def annotate(self, level: Level, message: str) -> None:
        """Show a message on the run's page and in the log, escaped as the runner's toolkit does it."""
        text = neutralise(_printable(message[:MESSAGE_LIMIT]))
        self._write(f"::{level} title=EKS Review::" + text.replace("%", "%25").replace("\n", "%0A"))

    def commands(self, text: str) -> None:
        """Print finished workflow commands, such as annotations."""
        self._write(text.rstrip("\n"))

    def output(self, name: str, value: str) -> None:
        """Set an output of the step. The random delimiter keeps a value from setting others."""
        if self._output:
            delimiter = f"ghadelimiter_{uuid.uuid4()}"
            _append(self._output, f"{name}<<{delimiter}\n{value}\n{delimiter}\n")

    def summary(self, markdown: str) -> None:
        """Write the job summary, in place of what this step has written before."""
        self.has_summary = True
        if self._summary:
            _replace(self._summary, _fitting(markdown, SUMMARY_LIMIT))

    def _write(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()


def write_report(workspace: Path, path: PurePosixPath, text: str) -> None:
    """Write a report into the workspace, whole or not at all, owned by the workspace's owner.

    The workspace holds the pull request's files, and the process is root: a symbolic link in it must not lead
    the report to another place. Raises :class:`UsageError`; ``LostReportError`` when there is no room.
    """
    root = workspace.resolve()
    target = root / path
    try:
        if not target.parent.resolve().is_relative_to(root):
            raise UsageError(f"`{path}` leads out of the workspace.")
        made = [folder for folder in target.parents if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink() or target.is_dir():
            raise UsageError(f"`{path}` cannot be written: there is a link or a folder of that name.")
        _write_whole(target, text.encode("utf-8", "replace"))
        # The container is root; what it leaves behind, the next step of the job must be able to remove.
        if os.geteuid() == 0:
            owner = root.stat()
            for each in (target, *made):
                os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
    except OSError as error:
        message = f"`{path}` cannot be written: {error.strerror or error}."
        raise (LostReportError if error.errno in _NO_ROOM else UsageError)(message) from None


def _write_whole(target: Path, content: bytes) -> None:
    """Write a file beside its place and move it there: nobody ever reads half of it."""
    beside = target.parent / f".{target.name}.{uuid.uuid4().hex}"
    # A name that nobody can guess, and no link is followed: what stands there already is an error.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(beside, flags, 0o644), "wb") as file:
            file.write(content)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _printable(text: str) -> str:
    return "\n".join(visible(line) for line in text.splitlines())


def _fitting(text: str, limit: int) -> bytes:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return encoded
    note = _CUT.encode()
    return encoded[: limit - len(note)].decode("utf-8", "ignore").encode() + note


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"The runner's file {path} cannot be written: {error.strerror or error}.") from None


def _replace(path: str, content: bytes) -> None:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise UsageError(f"The runner's file {path} cannot be written: {error.strerror or error}.") from None
